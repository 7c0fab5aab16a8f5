"""The browser reads pages: what is shown grows as one scrolls, and news change only their rows."""

import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from karyogui.domain.case import CaseState, CaseSummary
from karyogui.domain.case_list import CasePage, CaseQuery
from karyogui.errors import KaryoError
from karyogui.services.library import PAGE
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.ui.case_browser import controller
from karyogui.ui.case_browser.model import CaseTreeModel, Column
from karyogui.ui.case_browser.navigator import NavigatorPanel
from karyogui.ui.case_browser.panel import CaseBrowserPanel
from karyogui.ui.dialogs import errors
from tests.unit.services.fakes import FakeAnalyser
from tests.unit.ui.windows import Listed, case_summary, cell_summary, open_window

MANY = tuple(
    replace(case_summary(1, f"24-{n:04}", cells=(cell_summary(n, case_id=n),)), id=n)
    for n in range(1, 5 * PAGE + 1)
)


class Counting(Listed):
    """Counts what is read."""

    def __init__(self, summaries: tuple[CaseSummary, ...]) -> None:
        super().__init__(summaries)
        self.read = 0
        self.is_broken = False

    def page(self, query: CaseQuery, start: int, count: int) -> CasePage:
        if self.is_broken:
            raise KaryoError("The database is busy.")
        self.read += count
        return super().page(query, start, count)


@pytest.fixture
def source() -> Counting:
    return Counting(MANY)


@pytest.fixture
def panel(qtbot: QtBot, look: None, source: Counting) -> CaseBrowserPanel:
    panel = CaseBrowserPanel(CaseTreeModel(source))
    panel.model.reload()
    qtbot.addWidget(panel)
    panel.resize(1000, 600)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def test_only_what_is_scrolled_to_is_read(
    panel: CaseBrowserPanel, source: Counting, qtbot: QtBot
) -> None:
    assert panel._count.text() == f"{len(MANY)} cases"
    first = panel.model.rowCount()
    assert first == PAGE
    bar = panel.table.verticalScrollBar()
    for _ in range(10):
        bar.setValue(bar.maximum())
        qtbot.wait(10)
    assert panel.model.rowCount() == len(MANY)
    assert panel.shown_ids() == tuple(s.id for s in MANY)
    assert not panel.model.has_more


def test_a_case_far_down_is_read_until_it_can_be_selected(panel: CaseBrowserPanel) -> None:
    panel.select([4 * PAGE])
    assert panel.selected_ids() == (4 * PAGE,)


def test_the_search_is_one_of_the_whole_library(
    panel: CaseBrowserPanel, source: Counting, qtbot: QtBot
) -> None:
    before = source.read
    qtbot.keyClicks(panel.search, "24-0499")
    assert panel.shown_ids() == (499,)
    assert panel._count.text() == "1 of 500 cases"
    assert source.read - before <= 20 * PAGE
    panel.show_all()
    assert panel.model.matching == 500


def test_selection_place_and_what_is_open_stay_when_the_order_changes(
    panel: CaseBrowserPanel, source: Counting
) -> None:
    panel.table.expand(panel.model.index(3, 0))
    panel.select([20])
    panel.table.sortByColumn(Column.CASE, Qt.SortOrder.AscendingOrder)
    assert panel.selected_ids() == (20,)
    assert panel.table.isExpanded(panel.model.index(3, 0))
    new = replace(case_summary(1, "newest"), id=1000)
    source.summaries = (new, *MANY)
    panel.model.ask(CaseQuery())
    panel.model.reload()
    assert panel.selected_ids() == (20,)
    assert panel.model.total == 501


def test_news_about_one_case_tell_of_its_rows_alone(panel: CaseBrowserPanel, qtbot: QtBot) -> None:
    told: list[tuple[QModelIndex, QModelIndex]] = []
    resets: list[int] = []
    panel.model.dataChanged.connect(lambda first, last, _: told.append((first, last)))
    panel.model.modelReset.connect(lambda: resets.append(1))
    changed = replace(MANY[7], state=CaseState.REVIEWED)
    ids = [summary.id for summary in panel.model.summaries]
    panel.model.take_news(ids, {changed.id: changed}, 500, 500)
    assert not resets
    assert {first.row() for first, _ in told if not first.parent().isValid()} == {7}
    assert panel.model.index(7, Column.STATE).data() == "reviewed"


def test_what_cannot_be_read_leaves_the_rows_and_is_told_once(
    panel: CaseBrowserPanel, source: Counting, qtbot: QtBot
) -> None:
    told: list[KaryoError] = []
    panel.model.failed.connect(told.append)
    source.is_broken = True
    before = panel.shown_ids()
    qtbot.keyClicks(panel.search, "x")
    assert panel.shown_ids() == before
    bar = panel.table.verticalScrollBar()
    for _ in range(5):
        bar.setValue(bar.maximum())
        qtbot.wait(5)
    assert 1 <= len(told) <= 2


def test_the_navigator_reads_on_and_shows_an_open_case_it_has_not_read(
    qtbot: QtBot, look: None
) -> None:
    panel = NavigatorPanel()
    qtbot.addWidget(panel)
    panel.resize(220, 500)
    panel.cases.more = lambda start: MANY[start : start + PAGE]
    panel.find_case = lambda case_id: MANY[case_id - 1]
    panel.set_summaries(MANY[:PAGE])
    panel.show_open(450, 450)
    assert panel.cells.rowCount() == 1
    assert panel._cells_title.toolTip() == "24-0450"
    panel.show()
    bar = panel.case_list.verticalScrollBar()
    for _ in range(10):
        bar.setValue(bar.maximum())
        qtbot.wait(5)
    assert panel.cases.rowCount() == len(MANY)
    panel.set_summaries(MANY[:PAGE])  # news of the first page do not lose the others
    assert panel.cases.rowCount() == len(MANY)


class TestLocked:
    @pytest.fixture
    def workspace(self, tmp_path: Path) -> Workspace:
        made = open_workspace(tmp_path / "data")
        (tmp_path / "pictures").mkdir()
        return made

    def test_a_locked_database_never_holds_the_window(
        self,
        qtbot: QtBot,
        look: None,
        workspace: Workspace,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(controller, "AGAIN_MS", 300)
        refused: list[Exception] = []
        monkeypatch.setattr(errors, "show_error", lambda _, error: refused.append(error))
        from tests.unit.services.fakes import make_cell_folder

        folder = make_cell_folder(tmp_path / "24-0173", 3)
        from karyogui.services.progress import SilentMonitor

        (case_id,) = workspace.importer.import_paths([folder], SilentMonitor()).case_ids
        with open_window(qtbot, workspace, tmp_path / "config", FakeAnalyser()) as window:
            workspace.hurry()
            path = workspace.folder / "karyogui.db"
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                began = time.perf_counter()
                window.cases.rename(case_id, "another")
                window.cases.refresh_soon()
                qtbot.wait(600)
                assert time.perf_counter() - began < 3.0
                assert "busy" in str(refused[0])
                other.execute("ROLLBACK")
            window.cases.rename(case_id, "another")
            qtbot.waitUntil(lambda: window.cases.summaries[0].name == "another", timeout=5000)

    def test_its_own_threads_wait_for_one_another(self, workspace: Workspace) -> None:
        workspace.hurry()
        database = workspace._database
        began, go = threading.Event(), threading.Event()

        def slowly() -> None:
            with database.write():
                began.set()
                go.wait(5)

        thread = threading.Thread(target=slowly)
        thread.start()
        began.wait(5)
        threading.Timer(0.6, go.set).start()  # longer than one waits for another program
        with database.write():
            pass
        thread.join()
        workspace.close()


def test_the_mark_of_the_keys_stays(panel: CaseBrowserPanel) -> None:
    flags = QItemSelectionModel.SelectionFlag
    index = panel.model.index(5, Column.CASE)
    panel.table.selectionModel().setCurrentIndex(index, flags.NoUpdate)
    panel.model.ask(CaseQuery(descending=False))
    assert panel.table.currentIndex().siblingAtColumn(Column.CASE).data() == "24-0006"


def test_the_count_stays_away_where_it_has_no_room_after_a_search_too(
    panel: CaseBrowserPanel, qtbot: QtBot
) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    panel.setParent(around)
    needed = panel._first_row.minimumSize().width()
    around.resize(2000, 600)
    around.show()
    panel.show()
    panel.resize(needed - 20, 500)
    qtbot.waitUntil(lambda: not panel._count.isVisible())
    qtbot.keyClicks(panel.search, "24")
    assert not panel._count.isVisible()
    assert panel.search.geometry().right() < panel.state.geometry().left()
    panel.setParent(None)
