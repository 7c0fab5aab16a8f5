"""The report that the dialog of a case shows is printed."""

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from karyogui.ui.main_window import MainWindow
from karyogui.ui.report import case_report_controller
from karyogui.ui.report.case_report_dialog import CaseReportDialog
from tests.unit.ui.printer import Person, alike
from tests.unit.ui.report.test_case_report_dialog import fill as fill
from tests.unit.ui.report.test_case_report_dialog import has_pages
from tests.unit.ui.windows import answering

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_the_pages_that_are_seen_are_printed(
    qtbot: QtBot, window: MainWindow, case_id: int, person: Person
) -> None:
    window.cases.panel.select([case_id])
    shown: list[bytes] = []

    def print_it(dialog: CaseReportDialog) -> None:
        qtbot.waitUntil(lambda: has_pages(dialog))
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)  # only then are its keys its own
        qtbot.keyClicks(dialog.form.texts["interpretation"], "Typed and not left. ")
        qtbot.keyClick(dialog.form.texts["interpretation"], Qt.Key.Key_P, CONTROL)
        qtbot.waitUntil(lambda: dialog.note.text() == f"Printed to {person.file}")
        shown.append(dialog.pdf(dialog.report, dialog.template, None))
        qtbot.waitUntil(lambda: has_pages(dialog) and not dialog._timer.isActive())
        assert dialog.note.text().startswith("Printed")  # also when the pages were made again
        dialog.reject()

    with answering(qtbot, print_it):
        window.actions_["file.case_report"].trigger()
    assert person.titles == ["Print the report"]
    document = pypdfium2.PdfDocument(shown[0])
    try:
        text = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    assert "PRELIMINARY" in text.upper()
    assert "Typed and not left." in text
    assert alike(person.file.read_bytes(), shown[0])


@pytest.mark.qt_log_ignore("QPainter::begin", extend=True)  # Qt's own words for it
def test_a_printer_that_is_gone_is_told_over_the_report(
    qtbot: QtBot,
    window: MainWindow,
    case_id: int,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window.cases.panel.select([case_id])
    person.file = person.file.parent / "no such folder" / "printed.pdf"
    told: list[tuple[object, str]] = []
    monkeypatch.setattr(
        case_report_controller, "show_error", lambda over, error: told.append((over, str(error)))
    )

    def refuse(dialog: CaseReportDialog) -> None:
        qtbot.waitUntil(lambda: has_pages(dialog))
        qtbot.mouseClick(dialog.print, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: bool(told))
        assert told[0][0] is dialog
        dialog.reject()

    with answering(qtbot, refuse):
        window.actions_["file.case_report"].trigger()
    assert f"The file {person.file} does not take the pages." in told[0][1]
