"""Patient, specimen and laboratory fields of a case, as far as they are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from karyogui.domain.case import CaseDetails
from karyogui.domain.details import DATES, questions, with_plain_dates
from karyogui.errors import KaryoError
from karyogui.ui.boxes import grid_of
from karyogui.ui.dialogs.about import DISCLAIMER
from karyogui.ui.dialogs.parts import Button, ask, button_row, stacked
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import text_label

GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Patient",
        (
            ("patient_name", "Name"),
            ("patient_identifier", "Identifier"),
            ("date_of_birth", "Date of birth"),
            ("sex_as_given", "Sex as given"),
        ),
    ),
    (
        "Request",
        (
            ("requester", "Requester"),
            ("reason", "Reason"),
            ("gestational_age", "Gestational age"),
            ("laboratory", "Laboratory"),
            ("report_number", "Report number"),
        ),
    ),
    (
        "Specimen",
        (
            ("specimen", "Specimen"),
            ("sampled", "Sampled"),
            ("received", "Received"),
            ("reported", "Reported"),
            ("culture", "Cultures"),
            ("slide", "Slide"),
            ("method", "Method"),
            ("banding", "Banding"),
            ("band_level", "Band level"),
        ),
    ),
)


EMPTY = (
    "Empty fields are left out of the reports of cells; the report of the case names what it needs."
)


class DetailsDialog(QDialog):
    """Two columns of fields and a comment; empty ones are left out of the report.

    It is not left with a date that cannot be true, nor with what one should be asked about
    (`questions`) without an answer.
    """

    def __init__(
        self,
        parent: QWidget | None,
        case_name: str,
        details: CaseDetails,
        questions: Callable[[CaseDetails], Sequence[str]] = questions,
        proposed: CaseDetails | None = None,
    ) -> None:
        """`details` are stored; those `proposed` stand in the fields at first, where there are."""
        super().__init__(parent)
        self._questions, self._before = questions, details
        self.problem = text_label("", "error", wrap=True)
        self.problem.hide()
        self.setWindowTitle(f"Details of case {case_name}")
        self.editors: dict[str, QLineEdit] = {}
        self.comment = QPlainTextEdit(details.comment)
        self.comment.setTabChangesFocus(True)
        self.comment.setFixedHeight(72)
        grid = grid_of(across=3, down=2, stretch={1: 1, 4: 1})
        grid.setColumnMinimumWidth(2, 4 * GRID)
        rows = [0, 0]
        for number, (title, lines) in enumerate(GROUPS):
            side = 0 if number < 2 else 1
            if rows[side]:
                grid.setRowMinimumHeight(rows[side], 6 * GRID)
            grid.addWidget(text_label(title, "caption"), rows[side], 3 * side, 1, 2)
            for name, label in lines:
                rows[side] += 1
                editor = QLineEdit(getattr(proposed or details, name))
                editor.setMinimumWidth(180)
                editor.setPlaceholderText("year-month-day" if name in DATES else "")
                self.editors[name] = editor
                grid.addWidget(text_label(label), rows[side], 3 * side)
                grid.addWidget(editor, rows[side], 3 * side + 1)
            rows[side] += 1
        buttons = button_row(self, Button.Save | Button.Cancel)
        stacked(
            self,
            grid,
            text_label("Comment", "caption"),
            self.comment,
            text_label(f"{EMPTY} {DISCLAIMER}", "note", wrap=True),
            self.problem,
            buttons,
        )
        self.resize(640, self.sizeHint().height())

    def accept(self) -> None:
        """Be left with details that can be true; else say what cannot, and stay."""
        try:
            with_plain_dates(self.details)
        except KaryoError as error:
            self.problem.setText(str(error))
            self.problem.show()
            return
        self.problem.hide()
        asked = self._asked()
        if asked and not ask(
            self, "Is this right?", " ".join(asked), yes="It is right", no="Change it"
        ):
            return
        super().accept()

    def _asked(self) -> list[str]:
        """What is asked about the details as typed, and was not true of them before."""
        try:
            answered = self._questions(self._before)
        except KaryoError:  # dates of an older version, which took any text
            answered = ()
        return [each for each in self._questions(self.details) if each not in answered]

    @property
    def details(self) -> CaseDetails:
        """The fields as typed; what is typed elsewhere (in the report) is as it was."""
        values = {name: editor.text().strip() for name, editor in self.editors.items()}
        values["comment"] = self.comment.toPlainText().strip()
        return replace(self._before, **values)
