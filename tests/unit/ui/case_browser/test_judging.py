"""Every new photograph tells what it is worth by itself; what a person asks for goes first."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult, MetaphasePicture
from karyogui.domain.case import CaseState, CellSummary
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import Quality
from karyogui.services.progress import Monitor, Progress
from karyogui.services.workspace import Workspace
from karyogui.ui.case_browser.model import CELL_ROLE
from karyogui.ui.case_browser.rows import Column
from karyogui.ui.main_window import MainWindow
from tests.unit.services.photographs import MetaphaseAnalyser, make_case_folder
from tests.unit.ui.windows import open_window

SCORES = {"1.png": 0.4, "2.png": 0.9, "3.png": 0.6}
BAD = "No chromosome can be seen in the picture."


class Eye(MetaphaseAnalyser):
    """Judges by the picture's name, when `go` is set; notes what is done in which order."""

    def __init__(self) -> None:
        super().__init__()
        self.go = Event()
        self.bad = ""
        self.done: list[str] = []

    def assess(self, picture: MetaphasePicture, monitor: Monitor) -> Quality:
        while not self.go.wait(0.01):
            monitor.report(Progress(0, 1, "Looking"))
        self.done.append(f"judge {picture.name}")
        if picture.name == self.bad:
            return Quality.refused(BAD)
        score = SCORES[picture.name]
        return Quality(44, 2, 1, score, 500, True, "44 objects, 2 crossings.", score)

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        assert request.metaphase is not None
        self.done.append(f"analyse {request.metaphase.name}")
        return super().analyse(request, monitor)


class Desk:
    def __init__(self, qtbot: QtBot, window: MainWindow, eye: Eye, folder: Path) -> None:
        self.qtbot, self.window, self.eye = qtbot, window, eye
        self._folder = folder

    def change(self, **settings: bool) -> None:
        values = self.window._settings.values
        self.window._settings.change(replace(values, **settings))

    def bring_in(self) -> None:
        self.window.cases.import_paths([make_case_folder(self._folder / "24-0173", *SCORES)])
        self.qtbot.waitUntil(lambda: self.window.open_cell.cell is not None, timeout=15_000)

    @property
    def cells(self) -> tuple[CellSummary, ...]:
        self.window.cases.refresh()
        (case,) = self.window.cases.summaries
        return case.cells

    def settle(self) -> None:
        window, judge = self.window, self.window.cases.judge
        self.qtbot.waitUntil(
            lambda: not (judge.count or window.jobs.is_busy or window.analyses.waiting),
            timeout=20_000,
        )
        QApplication.processEvents()


@pytest.fixture
def eye() -> Eye:
    return Eye()


@pytest.fixture
def desk(
    qtbot: QtBot, look: None, workspace: Workspace, tmp_path: Path, eye: Eye
) -> Iterator[Desk]:
    with open_window(qtbot, workspace, tmp_path / "config", eye) as window:
        made = Desk(qtbot, window, eye, tmp_path)
        made.change(analyse_after_import=False)
        yield made
        eye.go.set()


def test_quality_appears_by_itself_and_ranks_the_cells(qtbot: QtBot, desk: Desk) -> None:
    desk.eye.go.set()
    desk.bring_in()
    desk.settle()
    assert desk.eye.done == ["judge 1.png", "judge 2.png", "judge 3.png"]
    assert [cell.state for cell in desk.cells] == [CaseState.NEW] * 3
    assert [cell.quality.score for cell in desk.cells if cell.quality] == [*SCORES.values()]

    navigator = desk.window.navigator
    assert [row.name for row in navigator.cells.rows] == ["1", "2", "3"]
    qtbot.mouseClick(navigator.best_first, Qt.MouseButton.LeftButton)
    assert [row.name for row in navigator.cells.rows] == ["2", "3", "1"]

    panel = desk.window.cases.panel
    assert not panel.table.isColumnHidden(Column.QUALITY)
    panel.table.sortByColumn(Column.QUALITY, Qt.SortOrder.AscendingOrder)
    case = panel.model.index(0, 0)
    shown = [panel.model.index(n, Column.CASE, case).data(CELL_ROLE) for n in range(3)]
    by_id = {cell.id: cell.name for cell in desk.cells}
    assert [by_id[i] for i in shown] == ["2", "3", "1"]


def test_the_open_cell_tells_its_quality_before_it_is_analysed(desk: Desk) -> None:
    desk.bring_in()
    line = desk.window.metaphase.panel.quality
    assert line.verdict.text() == "Press F5 to separate and analyse."
    desk.eye.go.set()
    desk.settle()
    assert line.verdict.text() == "Worth karyotyping: 44 objects, 2 crossings."
    assert line.facts.text().startswith("44 objects  ·  2 crossings  ·  1 touching group")
    assert line.facts.text().endswith("Press F5 to separate and analyse.")


def test_an_enhanced_photograph_is_judged_again(desk: Desk) -> None:
    desk.eye.go.set()
    desk.bring_in()
    desk.settle()
    window = desk.window
    assert window.open_cell.cell is not None
    window.metaphase.change_recipe(Recipe(gamma=2.0))
    desk.qtbot.waitUntil(lambda: len(desk.eye.done) == 4, timeout=15_000)
    desk.settle()
    assert desk.eye.done[3] == f"judge {window.open_cell.cell.name}.png"
    assert window.open_cell.cell.quality is not None
    assert window.metaphase.panel.quality.verdict.text().startswith("Worth karyotyping")


def test_what_a_person_asks_for_goes_first(qtbot: QtBot, desk: Desk) -> None:
    desk.bring_in()
    queue = desk.window.queue
    qtbot.waitUntil(lambda: queue.running is not None)
    assert desk.window.jobs.is_busy
    qtbot.keyClick(desk.window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: desk.window.open_cell.cell.is_analysed, timeout=15_000)  # type: ignore[union-attr]
    assert desk.eye.done == ["analyse 1.png"]
    desk.eye.go.set()
    desk.settle()
    assert desk.eye.done == ["analyse 1.png", "judge 2.png", "judge 3.png"]
    assert [cell.quality.reason for cell in desk.cells if cell.quality] == [
        "Few chromosomes touch.", *["44 objects, 2 crossings."] * 2,
    ]  # fmt: skip


def test_analyses_that_nobody_asked_for_wait_for_the_quality(desk: Desk) -> None:
    desk.change(analyse_after_import=True)
    desk.eye.go.set()
    desk.bring_in()
    desk.settle()
    # The first cell opens: a person looks at it.
    assert desk.eye.done == [
        "analyse 1.png", "judge 2.png", "judge 3.png", "analyse 2.png", "analyse 3.png",
    ]  # fmt: skip


def test_a_bad_picture_tells_why_and_stops_nothing(desk: Desk) -> None:
    desk.eye.bad = "1.png"
    desk.eye.go.set()
    desk.bring_in()
    desk.settle()
    first, second, third = desk.cells
    assert first.quality == Quality.refused(BAD)
    assert (second.quality is None, third.quality is None) == (False, False)
    line = desk.window.metaphase.panel.quality
    assert line.verdict.text() == f"Hardly worth karyotyping: {BAD[0].lower()}{BAD[1:]}"
    assert line.facts.text() == "Press F5 to separate and analyse."
    assert QApplication.activeModalWidget() is None


def test_a_closed_window_goes_on_at_the_next_start(
    qtbot: QtBot, look: None, workspace: Workspace, tmp_path: Path, eye: Eye
) -> None:
    with open_window(qtbot, workspace, tmp_path / "config", eye) as window:
        desk = Desk(qtbot, window, eye, tmp_path)
        desk.change(analyse_after_import=False)
        desk.bring_in()
        qtbot.waitUntil(lambda: window.queue.running is not None)
    assert eye.done == []
    eye.go.set()
    with open_window(qtbot, workspace, tmp_path / "config", eye) as window:
        desk = Desk(qtbot, window, eye, tmp_path)
        desk.settle()
        assert all(cell.quality is not None for cell in desk.cells)


def test_cancelling_leaves_the_cells_as_they_were(qtbot: QtBot, desk: Desk) -> None:
    desk.bring_in()
    queue = desk.window.queue
    qtbot.waitUntil(lambda: queue.running is not None)
    qtbot.keyClick(desk.window, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert [cell.quality for cell in desk.cells] == [None] * 3
    assert not desk.window.cases.judge.count


def test_the_setting_switches_it_off_and_on(qtbot: QtBot, desk: Desk) -> None:
    desk.change(judge_quality=False)
    desk.eye.go.set()
    desk.bring_in()
    desk.settle()
    assert [cell.quality for cell in desk.cells] == [None] * 3
    desk.change(judge_quality=True)
    desk.settle()
    assert [cell.quality is None for cell in desk.cells] == [False] * 3
