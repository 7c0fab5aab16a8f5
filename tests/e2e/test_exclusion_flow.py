"""Cells are excluded and taken back in the case browser; Delete never reaches more than that."""

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFont
from pytestqt.qtbot import QtBot

from karyogui.services.workspace import Workspace
from karyogui.ui.case_browser.exclusion import ReasonDialog
from karyogui.ui.case_browser.model import CELL_ROLE, Column
from karyogui.ui.frame import case_menu
from karyogui.ui.main_window import MainWindow
from tests.unit.ui.windows import (
    NORMAL,
    answering,
    press,
    store_case,
)


def fill(workspace: Workspace, folder: Path) -> None:
    store_case(workspace, folder / "24-0173", dict.fromkeys("12", NORMAL[:4]))


def row_of(window: MainWindow, cell_id: int | None) -> QModelIndex:
    """The row of a cell; of the case for None."""
    panel = window.cases.panel
    if cell_id is None:
        return panel.model.index(0, Column.CASE)
    flags = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
    start = panel.model.index(0, Column.CASE)
    return panel.model.match(start, CELL_ROLE, cell_id, 1, flags)[0]


def click(qtbot: QtBot, window: MainWindow, cell_id: int | None) -> None:
    panel = window.cases.panel
    panel.table.expandAll()
    at = panel.table.visualRect(row_of(window, cell_id)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)


def give_reason(qtbot: QtBot, dialog: ReasonDialog) -> None:
    assert not dialog.exclude.isEnabled()
    qtbot.keyClicks(dialog.reason, "Bands too poor")
    press(qtbot, dialog, "Exclude")


def ids(window: MainWindow) -> tuple[int, int]:
    first, second = window.cases.summaries[0].cells
    return first.id, second.id


def test_delete_on_a_cell_excludes_it_and_its_case_stays(
    qtbot: QtBot, window: MainWindow, workspace: Workspace
) -> None:
    first, second = ids(window)
    click(qtbot, window, second)
    assert not window.actions_["edit.delete"].isEnabled()
    with answering(qtbot, lambda dialog: give_reason(qtbot, dialog)):
        qtbot.keyClick(window.cases.panel.table, Qt.Key.Key_Delete)
    assert [c.id for c in workspace.library.summaries()[0].counted_cells] == [first]
    row = row_of(window, second)
    assert row.siblingAtColumn(Column.STATE).data() == "excluded"
    assert row.siblingAtColumn(Column.FINDINGS).data().startswith("Excluded: Bands too poor (")
    font = row.data(Qt.ItemDataRole.FontRole)
    assert isinstance(font, QFont)
    assert font.strikeOut()
    assert row_of(window, None).siblingAtColumn(Column.CELLS).data() == "1 of 2"
    press(qtbot, window.centre.notices, "Undo")
    assert len(workspace.library.summaries()[0].counted_cells) == 2


def test_delete_on_a_case_asks_for_the_case(
    qtbot: QtBot, window: MainWindow, workspace: Workspace
) -> None:
    click(qtbot, window, None)
    assert window.exclusion.counted == ()
    with answering(qtbot, lambda box: press(qtbot, box, "Move to bin")) as seen:
        qtbot.keyClick(window.cases.panel.table, Qt.Key.Key_Delete)
    assert seen == ["Move case 24-0173 to the bin?"]
    assert workspace.library.summaries() == ()


def test_the_open_cell_says_that_it_is_excluded_and_can_be_taken_back(
    qtbot: QtBot, window: MainWindow, workspace: Workspace
) -> None:
    first, _ = ids(window)
    window.cases.panel.cell_open_requested.emit(first)
    with answering(qtbot, lambda dialog: give_reason(qtbot, dialog)):
        window.actions_["cell.exclude"].trigger()
    assert "excluded from the case: Bands too poor" in window.centre._cell.toolTip()
    assert workspace.library.cell(first).is_excluded
    window.actions_["cell.take_back"].trigger()
    assert "excluded" not in window.centre._cell.toolTip()
    assert not window.actions_["cell.take_back"].isEnabled()


def test_giving_up_excludes_nothing(qtbot: QtBot, window: MainWindow, workspace: Workspace) -> None:
    click(qtbot, window, ids(window)[0])
    with answering(qtbot, lambda dialog: dialog.reject()):
        qtbot.keyClick(window.cases.panel.table, Qt.Key.Key_Delete)
    assert len(workspace.library.summaries()[0].counted_cells) == 2


def menu_of(window: MainWindow) -> list[str]:
    """What the context menu offers for the rows selected."""
    menu = case_menu(window.actions_, window.export_menu, window.cases.panel)
    told = [action.text() for action in menu.actions() if action.text()]
    menu.deleteLater()
    return told


def test_a_cell_has_a_menu_of_its_own(qtbot: QtBot, window: MainWindow) -> None:
    click(qtbot, window, ids(window)[0])
    of_cell = menu_of(window)
    assert of_cell[0] == "Open"
    assert "Exclude from case…" in of_cell
    assert "Move case to the bin" not in of_cell
    click(qtbot, window, None)
    of_case = menu_of(window)
    assert "Move case to the bin" in of_case
    assert "Exclude from case…" not in of_case


def test_the_highlighted_row_is_the_open_cell(qtbot: QtBot, window: MainWindow) -> None:
    first, second = ids(window)
    window.cases.panel.cell_open_requested.emit(first)
    window.actions_["cell.next"].trigger()
    window.show_cases()
    table = window.cases.panel.table
    (selected,) = table.selectionModel().selectedRows(Column.CASE)
    assert selected.data(CELL_ROLE) == second
    assert selected.data(Qt.ItemDataRole.FontRole).bold()
    assert window.navigator.cell_list.currentIndex().data(Qt.ItemDataRole.UserRole) == second
