"""Keys, menus and cost of repairs in the window."""

from PySide6.QtCore import QPoint, Qt

from karyogui.domain.separation import ObjectKind
from karyogui.domain.sitting import ActionKind, CorrectionCost
from karyogui.services.workspace import Workspace
from karyogui.ui.dialogs.command_palette import CommandPalette
from karyogui.ui.dialogs.shortcuts import shortcut_groups
from tests.unit.ui.metaphase.conftest import Desk
from tests.unit.ui.metaphase.readers import OBJECTS
from tests.unit.ui.metaphase.test_view import middle

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
STORED = {each.id for each in OBJECTS}
BAR = "c10"


def test_a_key_in_the_middle_of_a_gesture_is_not_another_tool(desk: Desk) -> None:
    desk.key(Qt.Key.Key_C)
    at = middle(desk.view, BAR)
    desk.qtbot.mousePress(desk.view.viewport(), LEFT, NO_KEY, at)
    desk.qtbot.mouseMove(desk.view.viewport(), at + QPoint(5, 5))
    for key in (Qt.Key.Key_B, Qt.Key.Key_Delete, Qt.Key.Key_J):
        desk.key(key)
    assert desk.view.tool.id == "cut"
    desk.key(Qt.Key.Key_Escape)
    assert desk.shown_ids == STORED


def test_brackets_size_the_brush_and_turn_without_it(desk: Desk) -> None:
    desk.click(BAR)
    desk.key(Qt.Key.Key_B)
    desk.key(Qt.Key.Key_BracketRight)
    assert desk.scene.objects[BAR].turn == 0.0
    assert "pixels wide" in desk.panel.hint.text()
    desk.key(Qt.Key.Key_Escape)
    desk.key(Qt.Key.Key_BracketRight)
    desk.settle()
    assert desk.scene.objects[BAR].turn == 1.0


def test_the_boards_keys_stay_the_boards(desk: Desk) -> None:
    desk.window.show_karyogram()
    desk.board.select([BAR])
    desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_R)
    desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_Delete)
    desk.settle()
    assert desk.scene.objects[BAR].kind is ObjectKind.CHROMOSOME
    assert desk.board.karyogram is not None
    assert desk.board.karyogram.placement(BAR).slot == "tray"


def test_a_tool_that_is_chosen_elsewhere_is_used_in_the_photograph(desk: Desk) -> None:
    for chosen in ("repair.split", "metaphase.region", "metaphase.count"):
        desk.window.show_karyogram()
        desk.board.select(["c01"])
        assert not desk.view.isVisible()
        desk.window.actions_[chosen].trigger()
        assert desk.view.isVisible()
        assert desk.view.has_tool
        assert chosen != "repair.split" or desk.view.tool.proposals  # type: ignore[attr-defined]
        desk.panel.set_tool(None)


def test_every_repair_is_in_the_overview_and_the_palette(desk: Desk) -> None:
    desk.click(BAR)
    groups = dict(shortcut_groups(desk.window.actions_))
    texts = {text for _, text in groups["Repair"]}
    assert texts == {spec.text for spec in desk.window.repair_tools.specs}
    palette = CommandPalette(desk.window, desk.window.actions_)
    offered = {text for text, *_ in palette._entries}
    palette.deleteLater()
    assert {f"Repair: {spec.text}" for spec in desk.window.repair_tools.specs} <= offered


def test_the_cost_of_a_sitting_is_counted_by_kind(desk: Desk, photographed: Workspace) -> None:
    cell = desk.window.open_cell.cell
    assert cell is not None
    desk.cut()
    desk.key(Qt.Key.Key_Z, CONTROL)
    desk.settle()
    desk.key(Qt.Key.Key_Escape)
    desk.click(BAR)
    for _ in range(3):
        desk.key(Qt.Key.Key_BracketLeft)
    desk.settle()
    desk.window.show_karyogram()
    desk.board.select(["c20"])
    desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_7)
    desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_Z, CONTROL)
    desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_Y, CONTROL)
    desk.window.close()
    (sitting,) = photographed.library.cell(cell.id).sittings
    assert sitting.who == "Ann"
    assert dict(sitting.actions) == {
        ActionKind.CUT: 1,
        ActionKind.ROTATE: 1,
        ActionKind.MOVE: 1,
        ActionKind.UNDO: 2,
        ActionKind.REDO: 1,
    }
    assert CorrectionCost.of([sitting]).corrections == 3


def test_a_nucleus_that_becomes_a_chromosome_is_selected_on_the_board_too(desk: Desk) -> None:
    desk.click("n01")
    assert desk.board.selection == ()
    desk.key(Qt.Key.Key_J)
    assert "Nothing lies near enough" in desk.panel.hint.text()
    desk.key(Qt.Key.Key_Escape)
    desk.key(Qt.Key.Key_H)
    desk.settle()
    assert desk.panel.selection == desk.board.selection == ("n01",)
    assert desk.window.actions_["review.confirm"].isEnabled()
    desk.qtbot.keyClick(desk.view, Qt.Key.Key_Z, CONTROL)
    desk.settle()
    assert desk.panel.selection == ("n01",)
    assert desk.board.selection == ()
