"""The labelled changes of the open cell in the findings, a row each, with what is to be settled."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QListWidgetItem, QSizePolicy, QWidget

from karyogui.domain.labelled_changes import LabelledChange, Trouble
from karyogui.ui import theme
from karyogui.ui.boxes import column_of
from karyogui.ui.review.rows import FittedList
from karyogui.ui.widgets import text_label

ID_ROLE = Qt.ItemDataRole.UserRole


class _Rows(FittedList):
    removed = Signal(str)
    altered = Signal(str)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes the change of the row, Return alters it."""
        item = self.currentItem()
        if item is not None and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(item.data(ID_ROLE))
        elif item is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.altered.emit(item.data(ID_ROLE))
        else:
            super().keyPressEvent(event)


class ChangeList(QWidget):
    """Decides nothing itself; hidden while there is nothing to show."""

    chosen = Signal(str)
    alter_requested = Signal(str)
    remove_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.rows = _Rows()
        self.rows.setAccessibleName("Structural changes")
        self.rows.setFrameShape(QFrame.Shape.NoFrame)
        self.rows.setWordWrap(True)
        self.rows.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setLayout(
            column_of(text_label("Structural changes (A)", "caption"), self.rows, gap=1, margins=0)
        )
        self.rows.itemClicked.connect(lambda item: self.chosen.emit(item.data(ID_ROLE)))
        self.rows.itemDoubleClicked.connect(
            lambda item: self.alter_requested.emit(item.data(ID_ROLE))
        )
        self.rows.altered.connect(self.alter_requested)
        self.rows.removed.connect(self.remove_requested)
        # What is left belongs to the whole column, and not between the caption and its rows.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    @property
    def texts(self) -> tuple[str, ...]:
        """What the rows say."""
        return tuple(self.rows.item(n).text() for n in range(self.rows.count()))

    def show_changes(
        self, changes: Sequence[LabelledChange], asked: Sequence[Trouble], where: dict[str, str]
    ) -> None:
        """Show changes with where their chromosomes stand, and what has to be settled."""
        self.rows.clear()
        told = {trouble.change_id: trouble.text for trouble in reversed(asked)}
        for change in changes:
            places = ", ".join(where.get(i, "gone") for i in change.chromosome_ids)
            item = QListWidgetItem(change.text)
            tip = f"On {places}" if places else "On no chromosome"
            if change.id in told:
                item.setText(f"{change.text}\n{told[change.id]}")
                item.setIcon(theme.icon("alert", theme.current().amber_mark))
                tip = f"{told[change.id]}\n{tip}"
            else:
                item.setIcon(theme.icon("change"))
            item.setToolTip(f"{tip}\nBy {change.who}. Return alters it, Delete removes it.")
            item.setData(ID_ROLE, change.id)
            self.rows.addItem(item)
        self.setVisible(bool(changes))
        self.rows.fit()
