"""Dialogs about a case: its karyotype by hand, cells to a culture, when cultures were set up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from karyogui.domain.cultures import Culture
from karyogui.domain.notes import LONGEST_TEXT, CellField, CultureTimes
from karyogui.errors import KaryoError
from karyogui.services.case_work import CaseView
from karyogui.ui.boxes import grid_of
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


_FORMAT = "year-month-day"


class CultureDialog(QDialog):
    """A row for each culture, and one for a culture that no cell comes from yet.

    `check` raises `KaryoError` for dates that cannot be; then the dialog says so and stays.
    """

    def __init__(
        self,
        parent: QWidget | None,
        cultures: Sequence[Culture],
        check: Callable[[dict[str, CultureTimes]], object],
    ) -> None:
        super().__init__(parent)
        self._check = check
        self.setWindowTitle("Cultures of the case")
        self.rows: list[tuple[str, QLineEdit, QLineEdit]] = []
        grid = grid_of(across=3, down=2, stretch={1: 1, 2: 1})
        for column, words in enumerate(("Culture", "Set up", "Harvested")):
            grid.addWidget(text_label(words, "caption"), 0, column)
        for number, culture in enumerate(cultures, start=1):
            label = text_label(culture.name)
            label.setMaximumWidth(160)
            label.setToolTip(culture.name)
            grid.addWidget(label, number, 0)
            edits = _edits(culture.name, culture.set_up, culture.harvested)
            self.rows.append((culture.name, *edits))
            for column, edit in enumerate(edits, start=1):
                grid.addWidget(edit, number, column)
        self.name = QLineEdit()
        self.name.setMaxLength(LONGEST_TEXT)
        self.name.setPlaceholderText("another one")
        self.name.setAccessibleName("Name of another culture")
        self.name.setMaximumWidth(160)
        self.other = _edits("another one", "", "")
        for column, edit in enumerate((self.name, *self.other)):
            grid.addWidget(edit, len(cultures) + 1, column)
        self.problem = text_label("", "error", wrap=True)
        self.problem.hide()
        buttons = button_row(self, Button.Save | Button.Cancel)
        told = "Cells get their culture by Edit notes (G). An empty date is not known."
        stacked(self, grid, text_label(told, "note", wrap=True), self.problem, buttons)
        self.resize(480, self.sizeHint().height())
        first = self.rows[0][1] if self.rows else self.name
        first.setFocus()

    @property
    def times(self) -> dict[str, CultureTimes]:
        """The dates as typed, by culture."""
        typed = [*self.rows, (self.name.text().strip(), *self.other)]
        return {
            name: CultureTimes(set_up.text().strip(), harvested.text().strip())
            for name, set_up, harvested in typed
            if name
        }

    def accept(self) -> None:
        """Be left with dates that can be; else say what cannot, and stay."""
        try:
            self._refuse_unnamed()
            self._check(self.times)
        except KaryoError as error:
            self.problem.setText(str(error))
            self.problem.show()
            self.adjustSize()
            return
        super().accept()

    def _refuse_unnamed(self) -> None:
        name = self.name.text().strip()
        if not name and any(edit.text().strip() for edit in self.other):
            raise KaryoError("The other culture has dates and no name.")
        if name in [known for known, *_ in self.rows]:
            raise KaryoError(f"Culture {name} stands above already.")


def _edits(name: str, set_up: str, harvested: str) -> tuple[QLineEdit, QLineEdit]:
    edits = QLineEdit(set_up), QLineEdit(harvested)
    for edit, words in zip(edits, ("set up", "harvested"), strict=True):
        edit.setPlaceholderText(_FORMAT)
        edit.setAccessibleName(f"Culture {name}, {words}")
    return edits
