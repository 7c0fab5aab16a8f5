from dataclasses import fields

import pytest
from pytestqt.qtbot import QtBot

from karyogui.domain.case import CaseDetails
from karyogui.ui.report.controller import file_name
from karyogui.ui.report.details_dialog import DetailsDialog


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


@pytest.mark.parametrize(
    ("case", "name"),
    [("24-0173", "24-0173.pdf"), ("a/b\\c:d", "a-b-c-d.pdf"), (" .. ", "case.pdf")],
)
def test_file_names_hold_everywhere(case: str, name: str) -> None:
    assert file_name(case, ".pdf") == name
