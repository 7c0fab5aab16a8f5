"""From the page of a case to its report: what the cells say together stands in it already."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from karyogui.domain.chromosome import AUTOSOMES
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace
from karyogui.ui.centre import CASE_PAGE
from karyogui.ui.main_window import MainWindow
from karyogui.ui.report.case_report_dialog import CaseReportDialog
from tests.unit.ui.windows import NamesAnalyser, answering, make_cell

FEMALE = (*AUTOSOMES, *AUTOSOMES, "X", "X")


def test_the_report_opens_with_the_karyotype_of_the_page(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, tmp_path: Path
) -> None:
    for number, kinds in enumerate((FEMALE[:-1],) * 3 + (FEMALE,) * 2, start=1):
        make_cell(tmp_path / "24-0173" / f"cell {number}", kinds)
    outcome = workspace.importer.import_paths([tmp_path / "24-0173"], SilentMonitor())
    for cell_id in outcome.cell_ids:
        workspace.analysis.analyse(cell_id, NamesAnalyser(), SilentMonitor())
    window.cases.refresh()
    window.open_cell_page(outcome.cell_ids[0])
    window.centre.show_page(CASE_PAGE)
    panel = window.case_work.panel
    panel.table.choose(list(outcome.cell_ids))
    qtbot.keyClick(panel.table, Qt.Key.Key_V)
    qtbot.waitUntil(lambda: panel.head.karyotype.text() == "mos 45,X[3]/46,XX[2]")
    seen: list[object] = []

    def look(dialog: CaseReportDialog) -> None:
        assert isinstance(dialog, CaseReportDialog)
        seen.append(dialog.form.iscn.text())
        seen.extend(f"{a.iscn}[{a.cells}]" for a in dialog.report.result.lines)
        seen.append("cell 1, cell 4" in " ".join(dialog.report.missing))
        qtbot.waitUntil(lambda: bool(dialog.preview.pages), timeout=20_000)
        dialog.reject()

    with answering(qtbot, look):
        qtbot.mouseClick(panel.head.report, Qt.MouseButton.LeftButton)
    assert seen == ["mos 45,X[3]/46,XX[2]", "45,X[3]", "46,XX[2]", True]
