"""The separation check in the findings: what to look at in the photograph, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QWidget,
)

from karyogui.ui.boxes import column_of, filling, placed, row_of
from karyogui.ui.review.rows import PICTURE, FindingDelegate, FittedList
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import IconLabel, act_button, button, text_label

ID_ROLE = Qt.ItemDataRole.UserRole
ROWS_SHOWN = 4
"""Rows that a list is high at most; it scrolls for more, so that 100 stay usable."""
COLUMNS = 6
"""Of the grid of acts: three buttons in the first row, two in the second."""


@dataclass(frozen=True, eq=False)
class CheckRow:
    """A line of the list: an object, its reason or what was decided, its picture."""

    object_id: str
    text: str
    tip: str
    picture: QIcon | None = None
    can_take_back: bool = False


class CheckList(QWidget):
    """Open entries with a key each; when all are settled, one line. Decides nothing itself."""

    chosen = Signal(str)
    """The object of an entry that was clicked, or walked to by keys."""
    marked = Signal()
    """An entry is being looked at: the list should be in sight."""
    take_back_requested = Signal(str)
    """A person takes back that an object is right as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.caption = text_label("", "caption", wrap=True)
        self.list, self.decided = _Rows(), _Rows()
        self.acts = QWidget()
        self._done = IconLabel("saved", 16, "muted")
        self.more = button("", self._toggle, "link")
        self.take_back = button("Take back", self._take_back)
        self._acts = QGridLayout(self.acts)
        self._acts.setContentsMargins(0, 0, 0, 0)
        self._acts.setSpacing(GRID)
        head = row_of(self._done, filling(self.caption), self.more, gap=2)
        self.setLayout(
            column_of(
                head,
                self.list,
                self.acts,
                self.decided,
                placed(self.take_back, Qt.AlignmentFlag.AlignLeft),
                gap=2,
                margins=0,
            )
        )
        for rows in (self.list, self.decided):
            rows.currentItemChanged.connect(lambda item, _: self._on_current(item))
            rows.itemClicked.connect(self._on_current)
        self.list.setAccessibleName("Separation check")
        self.decided.setAccessibleName("What was decided in the separation check")
        self.decided.hide()
        self.take_back.hide()
        self.hide()

    def set_acts(self, actions: Sequence[QAction]) -> None:
        """Put a button for each act below the list; its key stands on it."""
        for n, action in enumerate(actions):
            each = act_button(action)
            each.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            in_row = 3 if n < 3 else len(actions) - 3
            span = COLUMNS // in_row
            self._acts.addWidget(each, int(n >= 3), (n % 3) * span, 1, span)

    def show_rows(
        self, caption: str, rows: Sequence[CheckRow], decided: Sequence[CheckRow], done: bool
    ) -> None:
        """Show the open entries and the settled ones; `done` when none is left."""
        self.show()
        self.caption.setText(caption)
        self._done.setVisible(done)
        self.list.show_rows(rows)
        self.decided.show_rows(decided)
        self.list.setVisible(bool(rows))
        self.acts.setVisible(bool(rows))
        self._show_more()

    def mark(self, object_id: str | None) -> None:
        """Mark the entry that is being looked at."""
        self.list.mark(object_id)
        if object_id is not None:
            self.marked.emit()

    def _toggle(self) -> None:
        self.decided.setVisible(self.decided.isHidden())
        self._show_more()

    def _show_more(self) -> None:
        count = self.decided.count()
        if not count:
            self.decided.hide()
        is_shown = not self.decided.isHidden()
        self.more.setVisible(bool(count))
        self.more.setText("Hide" if is_shown else f"{count} decided")
        item = self.decided.currentItem()
        self.take_back.setVisible(is_shown)
        self.take_back.setEnabled(item is not None and bool(item.data(ID_ROLE + 1)))

    def _take_back(self) -> None:
        item = self.decided.currentItem()
        if item is not None and item.data(ID_ROLE + 1):
            self.take_back_requested.emit(item.data(ID_ROLE))

    def _on_current(self, item: QListWidgetItem | None) -> None:
        self._show_more()
        if item is not None:
            self.chosen.emit(item.data(ID_ROLE))


class _Rows(FittedList):
    """Rows with pictures, as high as they need up to `ROWS_SHOWN`."""

    def __init__(self) -> None:
        super().__init__(ROWS_SHOWN)
        self.setIconSize(PICTURE)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(FindingDelegate(self))

    def show_rows(self, rows: Sequence[CheckRow]) -> None:
        """Show these rows; what is shown already stays, so that nothing jumps."""
        self.blockSignals(True)
        wanted = [row.object_id for row in rows]
        for n in reversed(range(self.count())):
            if self.item(n).data(ID_ROLE) not in wanted:
                self.takeItem(n)
        if [self.item(n).data(ID_ROLE) for n in range(self.count())] != wanted:
            self.clear()
            for _ in rows:
                self.addItem(QListWidgetItem())
        for n, row in enumerate(rows):
            item = self.item(n)
            item.setText(row.text)
            item.setToolTip(row.tip)
            item.setData(ID_ROLE, row.object_id)
            item.setData(ID_ROLE + 1, row.can_take_back)
            if row.picture is not None:
                item.setIcon(row.picture)
        self.blockSignals(False)
        self.fit()

    def mark(self, object_id: str | None) -> None:
        """Make the row of an object the current one, without a signal."""
        self.blockSignals(True)
        found = [n for n in range(self.count()) if self.item(n).data(ID_ROLE) == object_id]
        self.setCurrentRow(found[0] if found else -1)
        if found:
            self.scrollToItem(self.item(found[0]))
        self.blockSignals(False)

    def sizeHint(self) -> QSize:
        return QSize(0, self.maximumHeight())
