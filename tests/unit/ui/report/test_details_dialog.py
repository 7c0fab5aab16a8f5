from dataclasses import fields, replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from karyogui.domain.case import CaseDetails
from karyogui.domain.case_result import CellStatus
from karyogui.domain.details import proposed, questions
from karyogui.domain.notes import CellNote
from karyogui.ui.report.controller import file_name
from karyogui.ui.report.details_dialog import DetailsDialog
from tests.unit.ui.windows import answering, press


def test_every_field_comes_back(qtbot: QtBot, look: None) -> None:
    details = CaseDetails(**{field.name: f"of {field.name}" for field in fields(CaseDetails)})
    dialog = DetailsDialog(None, "24-0173", details)
    qtbot.addWidget(dialog)
    assert dialog.details == details


def test_what_is_typed_is_taken_without_blanks(qtbot: QtBot, look: None) -> None:
    dialog = DetailsDialog(None, "24-0173", CaseDetails())
    qtbot.addWidget(dialog)
    qtbot.keyClicks(dialog.editors["patient_name"], "  Example ")
    qtbot.keyClicks(dialog.comment, "seen twice")
    assert dialog.details == CaseDetails(patient_name="Example", comment="seen twice")


def save(qtbot: QtBot, dialog: DetailsDialog) -> None:
    buttons = dialog.findChild(QDialogButtonBox)
    button = buttons.button(QDialogButtonBox.StandardButton.Save)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_an_impossible_date_is_told_and_nothing_typed_is_lost(qtbot: QtBot, look: None) -> None:
    dialog = DetailsDialog(None, "24-0173", CaseDetails())
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.keyClicks(dialog.editors["sampled"], "2026-02-31")
    save(qtbot, dialog)
    assert dialog.isVisible()
    assert dialog.problem.text() == "There is no 2026-02-31: February 2026 has 28 days."
    assert dialog.details.sampled == "2026-02-31"
    dialog.editors["sampled"].clear()
    qtbot.keyClicks(dialog.editors["sampled"], "28.02.2026")
    save(qtbot, dialog)
    assert dialog.result() == DetailsDialog.DialogCode.Accepted


def test_what_is_odd_is_asked_about_once(
    qtbot: QtBot, look: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answers = [], [False, True]

    def answer(_: object, question: str, detail: str, **__: str) -> bool:
        asked.append(detail)
        return answers[len(asked) - 1]

    monkeypatch.setattr("karyogui.ui.report.details_dialog.ask", answer)
    dialog = DetailsDialog(None, "24-0173", CaseDetails(), lambda d: questions(d, [400]))
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.keyClicks(dialog.editors["band_level"], "850")
    save(qtbot, dialog)
    assert dialog.isVisible()
    save(qtbot, dialog)
    assert dialog.result() == DetailsDialog.DialogCode.Accepted
    far = "A band level of 850 is far from what the photograph shows by estimate: about 400."
    assert asked == [far, far]
    again = DetailsDialog(None, "24-0173", dialog.details, lambda d: questions(d, [400]))
    qtbot.addWidget(again)
    again.open()
    save(qtbot, again)
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("case", "name"),
    [("24-0173", "24-0173.pdf"), ("a/b\\c:d", "a-b-c-d.pdf"), (" .. ", "case.pdf")],
)
def test_file_names_hold_everywhere(case: str, name: str) -> None:
    assert file_name(case, ".pdf") == name


def test_what_is_noted_of_the_cells_is_proposed_and_asked_about_like_what_is_typed(
    qtbot: QtBot, look: None
) -> None:
    notes = [
        CellNote(CellStatus.ANALYSED, culture="B", bands=550),
        CellNote(CellStatus.COUNTED, culture="A", bands=400),
        CellNote(None, culture="C", bands=850),
    ]
    stored = CaseDetails(method="72 h")
    known = proposed(stored, notes)
    assert (known.culture, known.band_level, known.method) == ("A, B", "400–550", "72 h")
    typed = replace(stored, culture="three", band_level="below requirement")
    assert proposed(typed, notes) == typed
    assert proposed(stored, ()) == stored
    dialog = DetailsDialog(None, "24-0173", stored, lambda d: questions(d, [900]), known)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.editors["culture"].text() == "A, B"
    with answering(qtbot, lambda box: press(qtbot, box, "Change it")) as said:
        press(qtbot, dialog, "Save")
    assert said == ["Is this right?"]
    assert dialog.isVisible()
