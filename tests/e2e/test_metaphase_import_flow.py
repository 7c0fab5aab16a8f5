"""From a dropped folder of photographs to cells of slides, each analysed and reported."""

from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from karyogui.export import EXPORTERS
from karyogui.services.workspace import Workspace
from karyogui.ui.case_browser.model import CELL_ROLE, Column
from karyogui.ui.centre import CASES_PAGE, KARYOGRAM_PAGE, METAPHASE_PAGE
from karyogui.ui.main_window import MainWindow
from tests.unit.services.fakes import encoded
from tests.unit.services.photographs import MetaphaseAnalyser, karyogram, make_case_folder
from tests.unit.ui.windows import drop, open_window, wait_until_quiet


@pytest.fixture
def window(qtbot: QtBot, workspace: Workspace, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, workspace, tmp_path / "config", MetaphaseAnalyser()) as opened:
        yield opened


def test_a_click_on_a_tab_gives_its_page_the_keys(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    drop(window, make_case_folder(tmp_path / "24-0173", "1.png"))
    wait_until_quiet(qtbot, window)
    tabs, metaphase = window.centre.tabs, window.metaphase
    pages = {
        CASES_PAGE: window.cases.panel.table,
        KARYOGRAM_PAGE: window.board.view,
        METAPHASE_PAGE: metaphase.panel.view,
    }
    for page, keys in pages.items():
        qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(page).center())
        assert tabs.currentIndex() == page
        assert window.focusWidget() is keys


@pytest.mark.parametrize("page", [METAPHASE_PAGE, KARYOGRAM_PAGE])
def test_a_cell_that_is_opened_by_a_click_gets_the_keys(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, page: int
) -> None:
    drop(window, make_case_folder(tmp_path / "24-0173", "1.png", "2.png"))
    wait_until_quiet(qtbot, window)
    window.centre.show_page(page)
    cells = window.navigator.cell_list
    cells.setFocus()
    at = cells.visualRect(cells.model().index(1, 0)).center()
    qtbot.mouseClick(cells.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert window.centre.page == page
    view = window.board.view if page == KARYOGRAM_PAGE else window.metaphase.panel.view
    assert window.focusWidget() is view


def test_a_dropped_folder_of_photographs_becomes_cells_of_slides(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, tmp_path: Path
) -> None:
    folder = make_case_folder(
        tmp_path / "24-0173", "slide A/1.png", "slide A/2.png", "slide B/1.png"
    )
    (folder / "slide A" / "filed.png").write_bytes(encoded(karyogram()))
    drop(window, folder)
    wait_until_quiet(qtbot, window)
    assert window.centre.notices.text.startswith("3 metaphases imported; 1 problem")
    (summary,) = window.cases.summaries
    assert [(c.slide, c.name) for c in summary.cells] == [
        ("slide A", "1"),
        ("slide A", "2"),
        ("slide B", "1"),
    ]
    window.cases.refresh()
    cells = window.cases.summaries[0].cells
    assert all(cell.quality is not None and cell.chromosome_count == 19 for cell in cells)

    window.centre.show_page(CASES_PAGE)
    panel = window.cases.panel
    case = panel.model.index(0, 0)
    assert panel.table.isExpanded(case)
    other = panel.model.index(0, Column.CASE, panel.model.index(1, 0, case))
    assert other.data(CELL_ROLE) == cells[2].id
    panel.table.scrollTo(other)
    at = panel.table.visualRect(other).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert window.open_cell.cell is not None
    assert window.open_cell.cell.id == cells[2].id

    data = workspace.reports.report_data(summary.id)
    path = workspace.reports.export(data, EXPORTERS[0], tmp_path / "report.pdf")
    pages = [page.extract_text() for page in pypdf.PdfReader(path).pages]
    assert sum("Metaphase of cell" in page for page in pages) == 3


def test_a_person_overrules_what_was_recognised(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    folder = tmp_path / "24-0173"
    folder.mkdir()
    (folder / "rows.png").write_bytes(encoded(karyogram()))
    choice = window.cases.panel.kind_choice
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert choice.currentText() == "Pictures are metaphases"
    drop(window, folder)
    wait_until_quiet(qtbot, window)
    (summary,) = window.cases.summaries
    assert summary.cells[0].has_photograph
    assert window.centre.notices.text == "1 metaphase imported."


def test_more_cells_come_into_a_case_that_is_there(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_case_folder(tmp_path / "24-0173", "1.png", "2.png")
    window.cases.import_paths([folder / "1.png"])
    wait_until_quiet(qtbot, window)
    window.centre.show_page(CASES_PAGE)
    action = window.actions_["file.import_into"]
    panel = window.cases.panel
    panel.table.clearSelection()
    assert not action.isEnabled()
    panel.select([window.cases.summaries[0].id])
    chosen = ([str(folder / "2.png")], "")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: chosen)
    action.trigger()
    wait_until_quiet(qtbot, window)
    (summary,) = window.cases.summaries
    assert [cell.name for cell in summary.cells] == ["1", "2"]
