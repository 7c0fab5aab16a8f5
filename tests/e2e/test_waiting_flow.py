"""Cells that waited for their analysis when the program ended are offered at the next start."""

import shutil
import time
from pathlib import Path

from pytestqt.qtbot import QtBot

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult
from karyogui.services.progress import Monitor, Progress, SilentMonitor
from karyogui.services.waiting import WAITING_FILE
from karyogui.services.workspace import open_workspace
from tests.unit.ui.windows import NORMAL, NamesAnalyser, make_cell, open_window, press


class Endless:
    """Never comes to an end by itself."""

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        while True:
            monitor.report(Progress(0, 1, "Waiting"))
            time.sleep(0.01)


def test_they_are_offered_after_a_crash_and_analysed(qtbot: QtBot, tmp_path: Path) -> None:
    folder, crashed = tmp_path / "data", tmp_path / "crashed"
    workspace = open_workspace(folder)
    for name in "123":
        make_cell(tmp_path / "24-0173" / name, NORMAL[:3])
    cells = workspace.importer.import_paths([tmp_path / "24-0173"], SilentMonitor()).cell_ids
    with open_window(qtbot, workspace, tmp_path / "config", Endless()) as window:
        window.analyses.add(cells[:2])
        qtbot.waitUntil((folder / WAITING_FILE).exists)
        shutil.copytree(folder, crashed)  # as it lies there when the program is killed
    workspace.close()
    (crashed / ".lock").unlink(missing_ok=True)
    workspace = open_workspace(crashed)
    try:
        with open_window(qtbot, workspace, tmp_path / "config", NamesAnalyser()) as window:
            told = "2 cells were waiting to be analysed when the program ended."
            assert window.centre.notices.text == told
            press(qtbot, window.centre.notices, "Analyse now")
            qtbot.waitUntil(lambda: not window.analyses.waiting, timeout=15_000)
            qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=15_000)
            (case,) = workspace.library.summaries()
            assert [cell.state.value for cell in case.cells] == ["analysed", "analysed", "new"]
            assert not (crashed / WAITING_FILE).exists()
    finally:
        workspace.close()


def test_nothing_is_offered_where_nothing_waited(qtbot: QtBot, tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path / "data")
    workspace.importer.import_paths([make_cell(tmp_path / "a", NORMAL[:3])], SilentMonitor())
    try:
        with open_window(qtbot, workspace, tmp_path / "config") as window:
            assert window.centre.notices.text == ""
    finally:
        workspace.close()
