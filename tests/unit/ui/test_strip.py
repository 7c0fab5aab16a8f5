"""One type across all cells of a case: seen, sorted, moved in its cell, opened."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QProgressDialog
from pytestqt.qtbot import QtBot

from karyogui.domain.strip import StripOrder
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace
from karyogui.ui.centre import KARYOGRAM_PAGE, STRIP_PAGE
from karyogui.ui.main_window import MainWindow
from karyogui.ui.strip import controller
from tests.unit.ui.windows import (
    NORMAL,
    TRISOMY,
    NamesAnalyser,
    answering,
    make_cell,
    open_window,
    press,
    store_case,
)

CELLS = 4


def fill(workspace: Workspace, folder: Path) -> None:
    """A case of four analysed cells; the last one has a third 21."""
    kinds = {f"cell-{n}": TRISOMY if n == CELLS - 1 else NORMAL for n in range(CELLS)}
    store_case(workspace, folder / "24-0173", kinds)


@pytest.fixture
def cells(workspace: Workspace) -> tuple[int, ...]:
    ids = tuple(cell.id for cell in workspace.library.case(1).cells)
    assert len(ids) == CELLS
    return ids


@pytest.fixture
def window(
    qtbot: QtBot, look: None, workspace: Workspace, cells: tuple[int, ...], tmp_path: Path
) -> Iterator[MainWindow]:
    with open_window(qtbot, workspace, tmp_path / "config") as opened:
        opened.open_cell.open(cells[0])
        yield opened


def show(qtbot: QtBot, window: MainWindow, slot: str, beside: str = "", count: int = 8) -> None:
    qtbot.keyClick(window.board.view, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    assert window.centre.page == STRIP_PAGE
    window.strip.panel.want(slot, beside)
    settled(qtbot, window, count)


def settled(qtbot: QtBot, window: MainWindow, count: int) -> None:
    qtbot.waitUntil(
        lambda: not window.strip._reading.is_busy and len(window.strip.panel.strip) == count
    )


def click(qtbot: QtBot, window: MainWindow, key: str, control: bool = False) -> None:
    view = window.strip.panel.view
    at = view.spot_of(key).center().toPoint()
    modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifier, QPoint(at))


def of_cell(window: MainWindow, cell_id: int) -> list[str]:
    return [s.key for s in window.strip.panel.strip if s.cell_id == cell_id]


def test_every_18_of_the_case_is_there_and_a_false_one_is_marked(
    qtbot: QtBot, window: MainWindow, cells: tuple[int, ...]
) -> None:
    show(qtbot, window, "17")
    key = of_cell(window, cells[2])[0]
    click(qtbot, window, key)
    for digit in (Qt.Key.Key_1, Qt.Key.Key_8):
        qtbot.keyClick(window.strip.panel.view, digit)
    settled(qtbot, window, 7)
    window.strip.panel.want("18")
    settled(qtbot, window, 9)
    marked = [s for s in window.strip.panel.strip if s.is_marked]
    assert [s.key for s in marked] == [key]
    qtbot.keyClick(window.strip.panel.view, Qt.Key.Key_N)
    assert window.strip.panel.view.selected == (key,)
    assert "different from the others" in window.strip.panel.selected_note.text()


def test_a_move_is_recorded_in_its_cell_and_undone_there(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, cells: tuple[int, ...]
) -> None:
    show(qtbot, window, "21", count=9)
    key = of_cell(window, cells[3])[0]
    click(qtbot, window, key)
    qtbot.keyClick(window.strip.panel.view, Qt.Key.Key_M)
    settled(qtbot, window, 8)
    stored = workspace.cells.outline(cells[3])
    assert stored.edits[-1].change.text == "Move chromosome to markers"
    assert [p.slot for p in stored.placements].count("mar") == 1
    assert not workspace.cells.outline(cells[0]).edits
    assert window.centre.page == STRIP_PAGE
    assert window.open_cell.cell is not None
    assert window.open_cell.cell.id == cells[3]
    qtbot.keyClick(window.strip.panel.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, window, 9)
    assert [p.slot for p in workspace.cells.outline(cells[3]).placements].count("mar") == 0


def test_several_cells_are_moved_at_once_each_with_its_own_trail(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, cells: tuple[int, ...]
) -> None:
    show(qtbot, window, "5")
    for number, cell_id in enumerate(cells[:3]):
        click(qtbot, window, of_cell(window, cell_id)[0], control=number > 0)
    qtbot.keyClick(window.strip.panel.view, Qt.Key.Key_4)
    settled(qtbot, window, 5)
    assert [len(workspace.cells.outline(i).edits) for i in cells] == [1, 1, 1, 0]


def test_a_signed_cell_is_refused_and_the_others_are_not_lost(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, cells: tuple[int, ...]
) -> None:
    workspace.reviews.sign_off(cells[1], "A")
    show(qtbot, window, "5")
    for number, cell_id in enumerate(cells[:3]):
        click(qtbot, window, of_cell(window, cell_id)[0], control=number > 0)
    assert next(s for s in window.strip.panel.strip if s.cell_id == cells[1]).is_signed
    with answering(qtbot, lambda dialog: dialog.accept()) as said:
        qtbot.keyClick(window.strip.panel.view, Qt.Key.Key_4)
    assert "signed off" in said[0]
    assert window.strip.panel.hint.text().startswith("2 of 3 moved to 4.")
    settled(qtbot, window, 6)
    assert [len(workspace.cells.outline(i).edits) for i in cells] == [1, 0, 1, 0]


def test_acting_in_many_cells_shows_how_far_it_is_and_can_be_stopped(
    qtbot: QtBot,
    window: MainWindow,
    workspace: Workspace,
    cells: tuple[int, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(controller, "PROGRESS_AFTER_MS", 0)
    show(qtbot, window, "5")
    for number, cell_id in enumerate(cells[:3]):
        click(qtbot, window, of_cell(window, cell_id)[0], control=number > 0)
    told = []
    move_selection = window.board.move_selection

    def slowly(slot: str) -> None:
        move_selection(slot)
        qtbot.wait(80)
        (shown,) = window.findChildren(QProgressDialog)
        told.append((shown.isVisible(), shown.labelText()))
        if len(told) == 2:
            press(qtbot, shown, "Stop")

    monkeypatch.setattr(window.board, "move_selection", slowly)
    qtbot.keyClick(window.strip.panel.view, Qt.Key.Key_4)
    settled(qtbot, window, 6)
    assert told == [(True, "Cell 1 of 3"), (True, "Cell 2 of 3")]
    assert sum(len(workspace.cells.outline(i).edits) for i in cells) == 2
    assert window.strip.panel.hint.text().startswith("2 of 3 moved to 4.")
    qtbot.waitUntil(lambda: not window.findChildren(QProgressDialog))


def test_enter_and_a_double_click_open_the_cell_at_the_chromosome(
    qtbot: QtBot, window: MainWindow, cells: tuple[int, ...]
) -> None:
    show(qtbot, window, "7")
    key = of_cell(window, cells[2])[1]
    click(qtbot, window, key)
    qtbot.keyClick(window.strip.panel.view, Qt.Key.Key_Return)
    assert window.centre.page == KARYOGRAM_PAGE
    assert window.open_cell.cell is not None
    assert window.open_cell.cell.id == cells[2]
    assert f"{cells[2]}/{window.open_cell.selection[0]}" == key
    show(qtbot, window, "7")
    other = of_cell(window, cells[1])[0]
    at = window.strip.panel.view.spot_of(other).center().toPoint()
    viewport = window.strip.panel.view.viewport()
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=at)
    assert window.open_cell.cell.id == cells[1]


def test_two_types_stand_side_by_side_and_arrows_walk_over_all(
    qtbot: QtBot, window: MainWindow, cells: tuple[int, ...]
) -> None:
    show(qtbot, window, "21", "22", count=17)
    panel = window.strip.panel
    assert panel.note.text() == "9 of 21 and 8 of 22 in 4 cells."
    seen = []
    for _ in range(17):
        qtbot.keyClick(panel.view, Qt.Key.Key_Right)
        seen.append(panel.view.current)
    assert sorted(seen) == sorted(s.key for s in panel.strip)
    panel.order.setCurrentIndex(panel.order.findData(StripOrder.LENGTH))
    qtbot.waitUntil(lambda: not window.strip._reading.is_busy and panel.strip[0].length > 0)
    lengths = [panel.view.item(k).length for k in panel.view.keys]
    assert lengths[:9] == sorted(lengths[:9])


def test_straightened_and_back_by_one_key(qtbot: QtBot, window: MainWindow) -> None:
    show(qtbot, window, "1")
    view = window.strip.panel.view
    for straightened in (True, False):
        qtbot.keyClick(view, Qt.Key.Key_O)
        qtbot.waitUntil(lambda wanted=straightened: view.is_straightened is wanted)
        assert window.actions_["view.straight"].isChecked() is straightened
        assert len(view.keys) == 8


def test_it_begins_with_what_is_selected_on_the_board(qtbot: QtBot, window: MainWindow) -> None:
    window.show_karyogram()
    karyogram = window.open_cell.karyogram
    assert karyogram is not None
    window.board.select([karyogram.in_slot("9")[0], karyogram.in_slot("22")[0]])
    window.strip.show()
    assert window.strip.panel.slots_ == ("9", "22")
    settled(qtbot, window, 16)


def test_an_excluded_cell_is_shown_as_such(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, cells: tuple[int, ...]
) -> None:
    workspace.library.exclude([cells[1]], "Bands too poor", "A")
    show(qtbot, window, "3")
    assert {s.cell_id for s in window.strip.panel.strip if s.is_excluded} == {cells[1]}


def test_what_becomes_of_other_cells_is_shown_while_the_page_is_open(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, cells: tuple[int, ...], tmp_path: Path
) -> None:
    show(qtbot, window, "3")
    more = make_cell(tmp_path / "cell-more")
    new = workspace.importer.import_paths([more], SilentMonitor(), 1).cell_ids
    workspace.analysis.analyse(new[0], NamesAnalyser(), SilentMonitor())
    window.cases.refresh_soon()
    settled(qtbot, window, 10)
    workspace.library.exclude([cells[1]], "Bands too poor", "A")
    window.cases.refresh_soon()
    strip = window.strip.panel
    qtbot.waitUntil(lambda: {s.cell_id for s in strip.strip if s.is_excluded} == {cells[1]})
