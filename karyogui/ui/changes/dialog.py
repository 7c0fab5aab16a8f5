"""A change entered on chromosomes that are marked: kind, breakpoints, checked while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QPushButton,
    QWidget,
)

from karyogui.domain.iscn import Severity
from karyogui.domain.iscn.items import KINDS, Item, read_item, template
from karyogui.ui.boxes import REST, rest, row_of, space
from karyogui.ui.changes.field import ChangeField
from karyogui.ui.dialogs.parts import Role, answer_row, stacked
from karyogui.ui.widgets import set_role, text_label

PAUSE_MS = 120
REPAIRS = 3
REMOVE = 2
"""Result of the dialog: the change is to be removed."""


class ChangeDialog(QDialog):
    """Asks what is changed; `fits` says in a sentence what does not go with what is marked."""

    def __init__(
        self,
        parent: QWidget | None,
        marked: str,
        types: Sequence[str],
        text: str,
        beside: Sequence[str],
        fits: Callable[[str], str],
        can_remove: bool = False,
    ) -> None:
        super().__init__(parent)
        self._types, self._beside, self._fits = tuple(types), tuple(beside), fits
        self.setWindowTitle("Structural change")
        self.kind = QComboBox()
        self.kind.setAccessibleName("Kind of change")
        self.kind.addItem("Choose a kind, or type it below", "")
        for symbol, words in KINDS.items():
            self.kind.addItem(f"{symbol}   {words}", symbol)
        self.field = ChangeField(types)
        self.field.offers.setParent(self)
        self.field.setText(text)
        self.state = text_label("", "note", wrap=True)
        self.note = text_label("", "amber", wrap=True)
        self.repairs = [QPushButton() for _ in range(REPAIRS)]
        for repair in self.repairs:
            repair.setAutoDefault(False)
            repair.clicked.connect(lambda _=False, b=repair: self._write(b))
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self.check_now)
        self.field.textChanged.connect(lambda _: self._timer.start())
        # Return clicks the default button next, which must know by then what was typed.
        self.field.returnPressed.connect(self.check_now)
        self.kind.activated.connect(self._on_kind)
        self._lay_out(marked, can_remove)
        self.check_now()
        self.field.setFocus()

    def _lay_out(self, marked: str, can_remove: bool) -> None:
        buttons, self.enter = answer_row(self, "Enter change")
        self.remove: QPushButton | None = None
        if can_remove:
            self.enter.setText("Alter change")
            self.remove = buttons.addButton("Remove change", Role.DestructiveRole)
            self.remove.setAutoDefault(False)
            self.remove.clicked.connect(lambda: self.done(REMOVE))
        row = row_of(*self.repairs, REST, gap=2)
        stacked(
            self,
            text_label(marked, wrap=True),
            space(1),
            text_label("Kind", "caption"),
            self.kind,
            text_label("Change in ISCN, without a sign", "caption"),
            self.field,
            self.state,
            row,
            self.note,
            rest(1),
            buttons,
            gap=2,
        )
        self.resize(460, 400)

    @property
    def item(self) -> Item:
        """What stands in the field, read and checked."""
        return read_item(self.field.text(), self._beside)

    @property
    def text(self) -> str:
        """The change in ISCN's characters."""
        return self.item.text

    def check_now(self) -> None:
        """Check what stands in the field and say what was found."""
        self._timer.stop()
        item = self.item
        is_empty = not self.field.text().strip()
        wrong = [p for p in item.problems if p.severity is not Severity.WARNING]
        told = wrong or list(item.problems)
        words = "Type a change; breakpoints are offered as you type." if is_empty else "Valid."
        if told and not is_empty:
            words = told[0].message
            words += f" ({len(told) - 1} more.)" if len(told) > 1 else ""
        elif item.is_unknown:
            words = "Marked as changed; the cell keeps asking until you say how."
        self.state.setText(words)
        set_role(self.state, "error" if wrong and not is_empty else "note")
        set_role(self.field, "wrong" if wrong and not is_empty else "")
        repairs = [] if is_empty else list(dict.fromkeys(r for p in told for r in p.repairs))
        for number, button in enumerate(self.repairs):
            is_there = number < len(repairs)
            button.setVisible(is_there)
            button.setText(f"Write {repairs[number]}" if is_there else "")
            button.setProperty("repair", repairs[number] if is_there else "")
        note = self._fits(item.text) if item.is_valid else ""
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.enter.setEnabled(item.is_valid)

    def _on_kind(self, _index: int) -> None:
        kind = str(self.kind.currentData())
        if not kind:
            return
        text, cursor = template(kind, self._types)
        self.field.setText(text)
        self.field.setFocus()
        self.field.setCursorPosition(cursor)
        self.check_now()
        self.field.offer()

    def _write(self, button: QPushButton) -> None:
        self.field.setText(str(button.property("repair")))
        self.field.setFocus()
        self.check_now()

    def accept(self) -> None:
        """Enter the change, unless what was typed last is wrong."""
        self.check_now()
        if self.enter.isEnabled():
            super().accept()
