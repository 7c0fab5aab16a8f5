"""When the cultures of a case were set up and harvested."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QWidget,
)

from karyogui.domain.cultures import Culture
from karyogui.domain.notes import LONGEST_TEXT, CultureTimes
from karyogui.errors import KaryoError
from karyogui.ui.boxes import grid_of
from karyogui.ui.dialogs.parts import Button, button_row, stacked
from karyogui.ui.widgets import text_label

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
