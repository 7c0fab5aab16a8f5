"""Choose an assignment, assign a cell again, see what it changed, take it back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace
from karyogui.settings import load
from karyogui.ui.main_window import MainWindow
from tests.unit.ui.windows import NORMAL, NamesAnalyser, answering, make_cell, open_window

KINDS = tuple("4" if n == 26 else kind for n, kind in enumerate(NORMAL))
"""A normal cell whose second 5 looks like a third 4, though not surely."""
ODD = "c27"
ANALYSER = NamesAnalyser(doubtful=["26-4.png"])


def fill(workspace: Workspace, folder: Path) -> None:
    cell = make_cell(folder / "24-0173", KINDS)
    (cell_id,) = workspace.importer.import_paths([cell], SilentMonitor()).cell_ids
    workspace.analysis.analyse(cell_id, ANALYSER, SilentMonitor())


@pytest.fixture
def window(qtbot: QtBot, workspace: Workspace, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, workspace, tmp_path / "config", ANALYSER) as opened:
        opened.cases.panel.open_requested.emit(opened.cases.summaries[0].id)
        yield opened


def assign_again(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not window.jobs.is_busy)


def slot_of(window: MainWindow, chromosome_id: str = ODD) -> str:
    assert window.board.karyogram is not None
    return window.board.karyogram.placement(chromosome_id).slot


def submenu(window: MainWindow) -> QMenu:
    return next(m for m in window.menuBar().findChildren(QMenu) if m.title() == "Assignment")


def test_assigning_again_is_seen_explained_stored_and_undone(
    qtbot: QtBot, window: MainWindow, workspace: Workspace
) -> None:
    review = window.review
    assert "Three chromosomes 4 in this cell." in review.findings.finding_texts
    assign_again(qtbot, window)
    assert slot_of(window) == "5"
    assert review.findings.iscn.text() == "46,XY"
    assert window.board.view.board_scene.item(ODD).looks_like == "4"
    window.board.select([ODD])
    told = review.inspector.reasons.text() or review.inspector.note.text()
    sentence = "Looks most like 4 (50 %); placed at 5 because two surer ones are at 4; margin "
    assert sentence in told.replace("\N{NO-BREAK SPACE}", " ")
    assert review.inspector.facts["Margin"].text() in ("clear", "close: next best 4")
    assert window.open_cell.cell is not None
    stored = workspace.library.cell(window.open_cell.cell.id)
    assert stored.assignment is not None
    assert stored.assignment.method == "map"
    assert [edit.change.by_program for edit in stored.edits] == [True]
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert slot_of(window) == "4"
    assert "Three chromosomes 4 in this cell." in review.findings.finding_texts
    assert ODD in window.open_cell.needs_review
    assert not window.board.undo_stack.canUndo()


def test_what_a_person_decided_stays(qtbot: QtBot, window: MainWindow) -> None:
    window.board.select([ODD])
    qtbot.keyClick(window.board.view, Qt.Key.Key_Return)
    assign_again(qtbot, window)
    assert slot_of(window) == "4"
    assert window.board.undo_stack.count() == 1


def test_the_choice_in_the_menu_is_kept_and_used(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, tmp_path: Path
) -> None:
    lines = submenu(window).actions()
    assert [line.text() for line in lines] == [
        "Best overall (maximum a posteriori)",
        "Algorithm 1 (paper)",
    ]
    assert [line.isChecked() for line in lines] == [True, False]
    lines[1].trigger()
    assert load(tmp_path / "config" / "settings.toml").assignment == "dispatch"
    assign_again(qtbot, window)
    assert window.open_cell.cell is not None
    stored = workspace.library.cell(window.open_cell.cell.id)
    assert stored.assignment is not None
    assert stored.assignment.method == "dispatch"
    submenu(window).aboutToShow.emit()
    assert [line.isChecked() for line in lines] == [False, True]


def test_a_signed_cell_is_not_assigned_again(
    qtbot: QtBot, window: MainWindow, workspace: Workspace
) -> None:
    assert window.open_cell.cell is not None
    workspace.reviews.sign_off(window.open_cell.cell.id, "ann")
    with answering(qtbot, lambda box: box.reject()) as seen:
        qtbot.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda: bool(seen))
    assert "signed off" in seen[0]
    assert slot_of(window) == "4"
    qtbot.waitUntil(lambda: not window.jobs.is_busy)


def test_another_cell_opened_meanwhile_is_left_alone(
    qtbot: QtBot, window: MainWindow, workspace: Workspace
) -> None:
    assert window.open_cell.cell is not None
    cell_id = window.open_cell.cell.id
    window.assigning.assign_again()
    window.open_cell.close()
    qtbot.waitUntil(lambda: not window.jobs.is_busy)
    stored = workspace.library.cell(cell_id)
    assert stored.assignment is None
    assert stored.edits == ()
