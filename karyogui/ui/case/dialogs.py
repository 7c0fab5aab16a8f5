"""Dialogs about cells and lines: notes, rulings with a reason, the karyotype of the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from karyogui.domain.case_result import RulingKind
from karyogui.domain.notes import LONGEST_TEXT, CellField
from karyogui.services.case_work import CaseView
from karyogui.ui.dialogs.parts import Button, Role, answer_row, button_row, stacked
from karyogui.ui.review.iscn_dialog import IscnDialog
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import set_role, text_label

NOTED: tuple[tuple[CellField, str, str], ...] = (
    (CellField.CULTURE, "Culture", "A"),
    (CellField.SLIDE, "Slide", "A1"),
    (CellField.COLONY, "Colony", "7 (in situ)"),
    (CellField.STAGE, "Stage coordinates", "103.4 / 12.7"),
    (CellField.BANDS, "Band level", "550"),
)
"""What can be typed of cells: the field, its words, an example."""
SEVERAL = "several; left as they are"
NO_LINES = "The lines make no karyotype yet: no cell is analysed, or a question is open."


class NoteDialog(QDialog):
    """Edits what is noted of one cell, or of several at once."""

    def __init__(
        self, parent: QWidget | None, what: str, values: Mapping[CellField, Sequence[str]]
    ) -> None:
        """`values` are those that the cells have, each once."""
        super().__init__(parent)
        self.setWindowTitle(f"Notes of {what}")
        self.fields: dict[CellField, QLineEdit] = {}
        self._touched: set[CellField] = set()
        form = QFormLayout()
        form.setHorizontalSpacing(4 * GRID)
        form.setVerticalSpacing(2 * GRID)
        for field, words, example in NOTED:
            known = values.get(field, ())
            edit = QLineEdit(known[0] if len(known) == 1 else "")
            edit.setMaxLength(LONGEST_TEXT)
            edit.setPlaceholderText(SEVERAL if len(known) > 1 else f"such as {example}")
            edit.textEdited.connect(lambda _, field=field: self._touched.add(field))
            self.fields[field] = edit
            form.addRow(words, edit)
        buttons = button_row(self, Button.Ok | Button.Cancel)
        stacked(self, form, buttons)
        self.resize(440, self.sizeHint().height())

    @property
    def typed(self) -> dict[CellField, str]:
        """What a person has changed, by field."""
        return {field: self.fields[field].text().strip() for field, *_ in NOTED
                if field in self._touched}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """One way to overrule: what it says, what is recorded; of each of `cells` where there are."""

    words: str
    kind: RulingKind
    subject: str = ""
    changes: tuple[str, ...] = ()
    cells: tuple[int, ...] = ()


class RulingDialog(QDialog):
    """Asks what is to hold instead of the rule, and why."""

    def __init__(self, parent: QWidget | None, rule: str, choices: Sequence[Choice]) -> None:
        """`rule` is what the rules say, in a sentence."""
        super().__init__(parent)
        self.setWindowTitle("Overrule")
        self._choices = [*choices]
        self.choice = QComboBox()
        self.choice.addItems([choice.words for choice in choices])
        self.reason = QLineEdit()
        self.reason.setMaxLength(LONGEST_TEXT)
        self.reason.setPlaceholderText("Why the rule does not hold here")
        buttons, self.overrule = answer_row(self, "Overrule")
        self.overrule.setEnabled(False)
        self.reason.textChanged.connect(lambda text: self.overrule.setEnabled(bool(text.strip())))
        told = "It is recorded in the trail under your name and can be withdrawn."
        stacked(
            self,
            text_label(rule, wrap=True),
            self.choice,
            self.reason,
            text_label(told, "note", wrap=True),
            buttons,
        )
        self.resize(480, self.sizeHint().height())
        self.reason.setFocus()

    @property
    def chosen(self) -> Choice:
        """What is to hold."""
        return self._choices[self.choice.currentIndex()]


class KaryotypeDialog(IscnDialog):
    """The karyotype of a case, checked while it is typed; one that differs needs a reason."""

    def __init__(self, parent: QWidget | None, view: CaseView) -> None:
        super().__init__(parent, view.iscn, None)
        self.setWindowTitle("Karyotype of the case")
        self._made = view.result.text
        self.reason = QLineEdit(view.case.note.iscn_reason)
        self.reason.setMaxLength(LONGEST_TEXT)
        self.reason.setPlaceholderText("Why it is not what the lines make")
        told = f"The lines make {self._made}." if self._made else NO_LINES
        self.made = text_label(told, "note", wrap=True)
        box = self.findChildren(QDialogButtonBox)[0]
        self.keep = box.addButton("Keep", Role.AcceptRole)
        self.back = box.addButton("Use what the lines make",
                                  Role.ResetRole)  # fmt: skip
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(layout.count() - 1, self.made)
        layout.insertWidget(layout.count() - 1, self.reason)
        self.back.clicked.connect(lambda: self.field.setText(self._made))
        self.field.textChanged.connect(lambda _: self._judge())
        self.reason.textChanged.connect(lambda _: self._judge())
        self._judge()

    @property
    def text(self) -> str:
        """The karyotype as typed."""
        return self.field.text().strip()

    def _judge(self) -> None:
        is_own = bool(self.text) and self.text != self._made
        self.reason.setEnabled(is_own)
        self.keep.setEnabled(not is_own or bool(self.reason.text().strip()))
        self.back.setEnabled(is_own and bool(self._made))
        set_role(self.made, "amber" if is_own else "note")
