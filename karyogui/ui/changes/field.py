"""A field for one change: what may stand next is offered while it is typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QListWidget

from karyogui.domain.iscn.items import complete

_MOST = 60
_ROWS = 7
_KEYS = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Tab, Qt.Key.Key_Escape)


class ChangeField(QLineEdit):
    """Symbols, chromosomes and bands from the band table, offered below the cursor.

    Tab takes the first or the chosen one, Return one that was chosen by an arrow key; until then
    Return is the dialog's. Esc hides the list, and a second one is the dialog's.
    """

    def __init__(self, types: Sequence[str]) -> None:
        super().__init__()
        self._types = tuple(types)
        self._start = self._end = 0
        self.offers = QListWidget()
        self.offers.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.offers.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.offers.setAccessibleName("What may come next")
        self.offers.itemClicked.connect(lambda item: self._take(item.text()))
        self.offers.hide()
        self.textEdited.connect(lambda _: self.offer())
        self.setAccessibleName("Change in ISCN")
        self.setPlaceholderText("del(5)(q31)")

    @property
    def offered(self) -> tuple[str, ...]:
        """What is offered at the cursor now."""
        if self.offers.isHidden():
            return ()
        return tuple(self.offers.item(n).text() for n in range(self.offers.count()))

    def offer(self) -> None:
        """Offer what may stand at the cursor; nothing where it stands there already."""
        told = complete(self.text(), self.cursorPosition(), self._types)
        self._start, self._end = told.start, told.end
        typed = self.text()[told.start : told.end]
        options = told.options[:_MOST]
        self.offers.clear()
        if not options or options == (typed,):
            self.offers.hide()
            return
        self.offers.addItems(list(options))
        self._place()
        self.offers.show()
        self.offers.raise_()

    def _place(self) -> None:
        """Below the cursor, over whatever else the dialog has."""
        window = self.window()
        self.offers.setParent(window)
        rows = min(_ROWS, self.offers.count())
        height = rows * self.offers.sizeHintForRow(0) + 2 * self.offers.frameWidth() + 2
        width = self.offers.sizeHintForColumn(0) + 40
        at = self.mapTo(window, QPoint(self.cursorRect().left(), self.height() + 2))
        self.offers.setGeometry(min(at.x(), window.width() - width - 4), at.y(), width, height)

    def _take(self, word: str) -> None:
        text = self.text()
        self.offers.hide()
        self.setText(text[: self._start] + word + text[self._end :])
        self.setCursorPosition(self._start + len(word))
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        """The list's keys, while there is one."""
        if isinstance(event, QKeyEvent) and not self.offers.isHidden():
            row, key = self.offers.currentRow(), event.key()
            is_return = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and row >= 0
            if event.type() is QEvent.Type.ShortcutOverride and (key in _KEYS or is_return):
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress:
                if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                    step = 1 if key == Qt.Key.Key_Down else -1
                    self.offers.setCurrentRow(min(max(row + step, 0), self.offers.count() - 1))
                    return True
                if key == Qt.Key.Key_Tab or is_return:
                    self._take(self.offers.item(max(row, 0)).text())
                    return True
                if key == Qt.Key.Key_Escape:
                    self.offers.hide()
                    return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Offer nothing to who types elsewhere."""
        if not self.offers.underMouse():
            self.offers.hide()
        super().focusOutEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The list stays at the cursor."""
        super().resizeEvent(event)
        if not self.offers.isHidden():
            self._place()
