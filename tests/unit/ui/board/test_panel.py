"""The panel as the window uses it: its methods, its signals, its keys."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import MARKER, TRAY
from karyogui.ui.board import texts
from karyogui.ui.board.colours import SHEET
from karyogui.ui.board.keyboard import DIGIT_PAUSE_MS
from karyogui.ui.board.panel import BoardPanel
from karyogui.ui.theme import DARK
from tests.unit.ui.board.panels import hint, notice, press, slot, turn

Make = Callable[..., Cell]
Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


# -- showing ---------------------------------------------------------------------------------------


def test_an_empty_board_says_what_to_do(panel: BoardPanel, cell: Make) -> None:
    assert panel.karyogram is None
    assert notice(panel) == texts.EMPTY_BOARD
    panel.show_cell(cell())
    assert notice(panel) == ""
    panel.clear()
    assert panel.karyogram is None
    assert notice(panel) == texts.EMPTY_BOARD


def test_a_cell_without_chromosomes_asks_to_be_analysed(panel: BoardPanel) -> None:
    panel.show_cell(Cell(1, 1, "cell", ()))
    assert notice(panel) == texts.NOT_ANALYSED


def test_without_stored_placements_the_analysis_decides(panel: BoardPanel, cell: Make) -> None:
    panel.show_cell(replace(cell(), placements=()))
    assert slot(panel, "7a") == "7"


def test_another_cell_forgets_selection_and_history(full: BoardPanel, cell: Make) -> None:
    full.select(["7a"])
    full.move_selection("8")
    full.show_cell(cell(("1", "1")))
    assert full.selection == ()
    assert full.undo_stack.count() == 0


def test_the_history_of_a_cell_goes_on_when_it_is_opened_again(
    full: BoardPanel, cell: Make
) -> None:
    full.select(["7a"])
    full.move_selection("8")
    assert full.karyogram is not None
    first = replace(cell(), placements=full.karyogram.placements)
    full.show_cell(replace(cell(("1", "1")), id=2))
    assert not full.undo_stack.canUndo()
    full.select(["1a"])
    full.move_selection("2")
    full.show_cell(first)
    assert full.undo_stack.undoText() == "Move chromosome to 8"
    full.undo_stack.undo()
    assert slot(full, "7a") == "7"
    assert full.undo_stack.canRedo()
    full.clear()
    assert not full.undo_stack.canRedo()


def test_another_analysis_begins_the_history_anew(full: BoardPanel, cell: Make) -> None:
    full.select(["7a"])
    full.move_selection("8")
    full.show_cell(replace(cell(), analysed_at=datetime(2026, 3, 4, tzinfo=UTC)))
    assert full.undo_stack.count() == 0


def test_every_way_of_editing_without_a_cell_is_harmless(panel: BoardPanel) -> None:
    panel.move_selection("7")
    panel.turn_selection(180)
    panel.mirror_selection()
    panel.confirm_selection()
    panel.next_to_review()
    panel.select_all()
    panel.zoom_in()
    panel.zoom_out()
    panel.zoom_fit()
    press(panel, Key.Key_Right)
    assert panel.undo_stack.count() == 0


# -- edits, undo, saving ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "edit",
    [
        lambda p: p.move_selection("12"),
        lambda p: p.move_selection(TRAY),
        lambda p: p.turn_selection(180),
        lambda p: p.turn_selection(-1),
        lambda p: p.mirror_selection(),
        lambda p: p.confirm_selection(),
    ],
)
def test_every_edit_is_recorded_undone_and_redone(
    full: BoardPanel, records: object, edit: Callable[[BoardPanel], None]
) -> None:
    assert full.karyogram is not None
    full.select(["7a", "9b"])
    before = full.karyogram.placements
    edit(full)
    after = full.karyogram.placements
    assert after != before
    full.undo_stack.undo()
    assert full.karyogram.placements == before
    full.undo_stack.redo()
    assert full.karyogram.placements == after
    assert len(records.changes) == 3
    assert full.undo_stack.count() == 1


def test_a_refused_edit_is_told_and_not_kept(
    qtbot: QtBot, full: BoardPanel, records: object
) -> None:
    full.select(["7a"])
    records.is_full = True
    with qtbot.waitSignal(full.edit_failed) as failed:
        full.move_selection("8")
    assert failed.args == ["The disk is full. Free some space."]
    assert slot(full, "7a") == "7"
    assert full.undo_stack.count() == 0
    scene = full.view.board_scene
    assert "7a" in scene.board.members["7"]
    scene.finish_glide()
    spot = scene.board.spots["7a"]
    assert scene.item("7a").pos().x() == spot.centre_x


def test_a_refused_edit_keeps_what_could_be_redone(full: BoardPanel, records: object) -> None:
    full.select(["7a"])
    full.move_selection("8")
    full.undo_stack.undo()
    records.is_full = True
    full.move_selection("9")
    records.is_full = False
    full.undo_stack.redo()
    assert slot(full, "7a") == "8"


def test_moving_to_where_it_stands_confirms(full: BoardPanel) -> None:
    assert full.karyogram is not None
    full.select(["7a"])
    full.move_selection("7")
    assert full.karyogram.placement("7a").confirmed
    assert full.karyogram.in_slot("7") == ("7a", "7b")


def test_an_edit_that_changes_nothing_is_no_step(full: BoardPanel, records: object) -> None:
    full.select([])
    full.turn_selection(180)
    full.select(["7a"])
    full.turn_selection(0)
    assert full.undo_stack.count() == 0
    assert not records.changes


def test_listeners_hear_of_edits_made_elsewhere(qtbot: QtBot, full: BoardPanel) -> None:
    assert full.karyogram is not None
    with qtbot.waitSignal(full.karyogram_changed):
        full.karyogram.apply(full.karyogram.move(["7a"], "X"))
    assert full.view.board_scene.board.members["X"] == ("Xa", "7a")


# -- signs -----------------------------------------------------------------------------------------


def brackets(panel: BoardPanel) -> list[int]:
    return [bracket.count for bracket in panel.view.board_scene.brackets]


def test_findings_are_bracketed_and_follow_the_edits(full: BoardPanel) -> None:
    assert brackets(full) == []
    full.select(["20a"])
    full.move_selection("21")
    assert sorted(brackets(full)) == [1, 3]
    full.undo_stack.undo()
    assert brackets(full) == []


def test_doubt_shows_until_confirmed(panel: BoardPanel, cell: Make) -> None:
    panel.show_cell(cell(doubtful=("7a", "9b")))
    scene = panel.view.board_scene
    assert 0 < scene.item("7a").doubt <= scene.item("9b").doubt <= 1
    assert scene.item("8a").doubt == 0
    panel.select(["7a"])
    panel.confirm_selection()
    assert scene.item("7a").doubt == 0
    panel.undo_stack.undo()
    assert scene.item("7a").doubt > 0


def test_the_order_for_review_follows_the_margins(panel: BoardPanel, cell: Make) -> None:
    shown = cell(("3", "4", "5"))
    margins = dict(zip(("3a", "4a", "5a"), (2.0, 0.5, 20.0), strict=True))
    chromosomes = tuple(
        replace(c, assigned=replace(c.assigned, margin=margins[c.id]))
        for c in shown.chromosomes
        if c.assigned
    )
    panel.show_cell(replace(shown, chromosomes=chromosomes))
    assert list(panel.needs_review) == ["4a", "3a"]
    panel.next_to_review()
    assert panel.selection == ("4a",)
    panel.next_to_review()
    assert panel.selection == ("3a",)


def test_another_assignment_is_one_step_of_the_history(
    panel: BoardPanel, cell: Make, records: Any
) -> None:
    shown = cell(("3", "4", "5"))
    panel.show_cell(shown)
    panel.select(["5a"])
    panel.turn_selection(180)
    assert panel.karyogram is not None
    chromosomes = tuple(
        replace(c, assigned=replace(c.assigned, type="X", margin=1.0))
        for c in shown.chromosomes
        if c.assigned
    )
    change = panel.karyogram.assign({c.id: "X" for c in chromosomes}, "Assign again: …")
    panel.assign_again(replace(shown, chromosomes=chromosomes), change)
    assert panel.karyogram.counts["X"] == 3
    assert set(panel.needs_review) == {"3a", "4a", "5a"}
    assert panel.undo_stack.undoText() == "Assign again: …"
    panel.undo_stack.undo()
    assert panel.karyogram.counts["X"] == 0
    panel.undo_stack.undo()
    assert panel.karyogram.placement("5a").turn == 0
    assert [change.by_program for change in records.changes] == [False, True, True, False]


def test_what_is_selected_is_told_to_a_screen_reader(full: BoardPanel) -> None:
    full.select(["7a"])
    assert full.view.accessibleName() == "Karyogram board"
    assert full.view.accessibleDescription().startswith("Chromosome 7, 1 of 2")
    full.select(["7a", "7b"])
    assert full.view.accessibleDescription() == "2 chromosomes selected."


def test_colours_change_at_once(full: BoardPanel) -> None:
    full.select(["21a"])
    full.move_selection("22")
    full.set_colours(DARK)
    image = full.grab().toImage()
    assert image.pixelColor(2, 2).name() == DARK.canvas
    assert image.pixelColor(image.width() // 2, 20).name() == SHEET


# -- keys ------------------------------------------------------------------------------------------


def test_arrows_walk_and_shift_extends(full: BoardPanel) -> None:
    press(full, Key.Key_Right)
    assert full.selection == ("1a",)
    press(full, Key.Key_Right)
    press(full, Key.Key_Right, SHIFT)
    press(full, Key.Key_Right, SHIFT)
    assert full.selection == ("1b", "2a", "2b")
    press(full, Key.Key_Left, SHIFT)
    assert full.selection == ("1b", "2a")
    press(full, Key.Key_Down)
    assert slot(full, full.selection[0]) in {"6", "7"}


def test_home_end_and_select_all(full: BoardPanel) -> None:
    full.select(["8a"])
    press(full, Key.Key_Home)
    assert full.selection == ("6a",)
    press(full, Key.Key_End)
    assert full.selection == ("12b",)
    press(full, Key.Key_Home, CONTROL)
    assert full.selection == ("1a",)
    press(full, Key.Key_End, CONTROL)
    assert full.selection == ("Ya",)
    press(full, Key.Key_A, CONTROL)
    assert len(full.selection) == 46
    press(full, Key.Key_Escape)
    assert full.selection == ()


@pytest.mark.parametrize(
    ("typed", "target"),
    [("3", "3"), ("9", "9"), ("12", "12"), ("20", "20"), ("22", "22"), ("x", "X"), ("Y", "Y")],
)
def test_typing_a_slot_moves_there(full: BoardPanel, typed: str, target: str) -> None:
    full.select(["7a", "8a"])
    press(full, typed)
    assert (slot(full, "7a"), slot(full, "8a")) == (target, target)
    assert full.undo_stack.count() == 1
    assert full.selection != ()


def test_m_makes_a_marker(full: BoardPanel) -> None:
    full.select(["7a"])
    press(full, "m")
    assert slot(full, "7a") == MARKER


def test_a_first_digit_waits_visibly_then_counts(qtbot: QtBot, full: BoardPanel) -> None:
    full.select(["7a"])
    press(full, "1")
    assert "1" in hint(full)
    assert slot(full, "7a") == "7"
    qtbot.waitUntil(lambda: slot(full, "7a") == "1", timeout=DIGIT_PAUSE_MS + 2000)
    assert hint(full) == ""


@pytest.mark.parametrize(("key", "expected"), [(Key.Key_Return, "2"), (Key.Key_Right, "2")])
def test_another_key_settles_a_waiting_digit(full: BoardPanel, key: Key, expected: str) -> None:
    full.select(["7a"])
    press(full, "2")
    press(full, key)
    assert slot(full, "7a") == expected


@pytest.mark.parametrize("key", [Key.Key_Escape, Key.Key_Backspace])
def test_a_waiting_digit_can_be_taken_back(full: BoardPanel, key: Key) -> None:
    full.select(["7a"])
    press(full, "1")
    press(full, key)
    press(full, "3")
    assert slot(full, "7a") == "3"


def test_there_is_no_chromosome_25(full: BoardPanel) -> None:
    full.select(["7a"])
    press(full, "25")
    assert slot(full, "7a") == "7"
    assert "25" in hint(full)


def test_a_slot_typed_without_a_selection_says_what_is_missing(full: BoardPanel) -> None:
    press(full, "7")
    assert hint(full) == texts.NOTHING_SELECTED
    press(full, "x")
    assert full.undo_stack.count() == 0


def test_turning_by_keys(full: BoardPanel) -> None:
    full.select(["7a"])
    press(full, "r")
    assert turn(full, "7a") == 180
    press(full, "]]]")
    press(full, "[")
    press(full, "}")
    assert turn(full, "7a") == 187
    press(full, "{")
    assert turn(full, "7a") == 182
    assert full.undo_stack.count() == 2
    full.undo_stack.undo()
    assert turn(full, "7a") == 180


@pytest.mark.parametrize("key", [Key.Key_Delete, Key.Key_Backspace])
def test_delete_brings_to_the_tray(full: BoardPanel, key: Key) -> None:
    full.select(["7a"])
    press(full, key)
    assert slot(full, "7a") == TRAY


def test_reviewing_by_keys_goes_from_the_least_certain_on(panel: BoardPanel, cell: Make) -> None:
    panel.show_cell(cell(doubtful=("7a", "9b", "3a")))
    press(panel, "n")
    assert panel.selection == ("3a",)
    press(panel, "n")
    assert panel.selection == ("9b",)
    press(panel, Key.Key_Return)  # confirms and goes on
    assert panel.selection == ("7a",)
    press(panel, "N", SHIFT)
    assert panel.selection == ("3a",)
    press(panel, Key.Key_Return)
    assert panel.selection == ("7a",)
    press(panel, Key.Key_Return)
    assert panel.selection == ("Ya",)
    press(panel, Key.Key_Return)
    assert panel.selection == ("Ya",)
    press(panel, "n")
    assert hint(panel) == texts.NOTHING_TO_REVIEW


def test_the_board_has_its_keys_before_the_windows_shortcuts(
    qtbot: QtBot, full: BoardPanel
) -> None:
    taken = []
    for keys in ("R", "7", "Right", "Ctrl+Z"):
        action = QAction(full)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _=False, keys=keys: taken.append(keys))
        full.addAction(action)
    qtbot.waitUntil(full.view.hasFocus)
    full.select(["9a"])
    window = full.window().windowHandle()
    for key in (Key.Key_R, Key.Key_7):
        QTest.keyClick(window, key)
    QTest.keyClick(window, Key.Key_Z, CONTROL)
    assert turn(full, "9a") == 180
    assert slot(full, "9a") == "7"
    assert taken == ["Ctrl+Z"]


def test_a_key_that_qt_has_no_name_for_is_left_to_the_window(full: BoardPanel) -> None:
    press(full, "7")
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
        event = QKeyEvent(kind, 0x416, Qt.KeyboardModifier.NoModifier, "ж")
        QApplication.sendEvent(full.view, event)
        assert not event.isAccepted()


def test_tab_is_left_to_the_window(full: BoardPanel) -> None:
    full.select(["9a"])
    press(full, Key.Key_Tab)
    assert full.selection == ("9a",)
