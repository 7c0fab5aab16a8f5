"""Repairs in the window: at once in the picture, then on the board; undone, refused, in a row."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from karyogui.domain.karyogram import TRAY
from karyogui.domain.review import NOT_RENEWED, RENEWING
from karyogui.domain.separation import ObjectKind
from karyogui.errors import KaryoError
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace
from karyogui.ui.metaphase.repair_controller import SIGNED
from karyogui.ui.review.checking import LOOKED_AT
from tests.unit.ui.metaphase.conftest import Desk
from tests.unit.ui.metaphase.readers import NEW_TYPE, OBJECTS, HeldReader
from tests.unit.ui.windows import NORMAL, answering, make_cell, open_window

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
STORED = {each.id for each in OBJECTS}
BAR = "c10"


# -- one repair ------------------------------------------------------------------------------------


def test_a_cut_is_shown_at_once_and_the_board_follows(desk: Desk) -> None:
    before = desk.stored.placements
    desk.reader.go.clear()
    desk.cut()
    assert desk.shown_ids == STORED - {BAR} | {"c47", "c48"}
    assert desk.panel.selection == ("c47", "c48")
    desk.assert_in_step()  # it is stored, and on the board, before anybody has looked
    assert desk.board.karyogram is not None
    assert desk.board.karyogram.in_slot(TRAY) == ("c47", "c48")
    assert all(p.slot != TRAY for p in before if p.chromosome_id != BAR)
    assert desk.stored.awaits_answer
    assert desk.window.jobs.is_busy
    desk.settle()
    assert desk.reader.looked_at == [("c47", "c48")]
    assert {i for i in ("c47", "c48") if i in desk.board_ids} == {"c47", "c48"}
    assert desk.board.karyogram is not None
    assert desk.board.karyogram.placement("c47").slot == NEW_TYPE
    assert set(desk.board.selection) == {"c47", "c48"}
    assert desk.scene.labels["c47"] == NEW_TYPE
    desk.assert_in_step()


def test_undo_and_redo_take_it_back_and_do_it_again_without_a_look(desk: Desk) -> None:
    before = set(desk.stored.placements)
    desk.cut()
    desk.settle()
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert desk.shown_ids == STORED
    desk.settle()
    desk.assert_in_step()
    assert set(desk.stored.placements) == before
    desk.key(Qt.Key.Key_Y, CONTROL)
    desk.settle()
    desk.assert_in_step()
    assert {"c47", "c48"} <= desk.board_ids
    assert len(desk.reader.looked_at) == 1


def test_a_repair_is_undone_after_another_cell_was_open(
    desk: Desk, photographed: Workspace, tmp_path: Path
) -> None:
    before = set(desk.stored.placements)
    other = photographed.importer.import_paths(
        [make_cell(tmp_path / "other", NORMAL[:3])], SilentMonitor()
    )
    repaired = desk.stored.id
    desk.reader.go.clear()
    desk.cut()  # its answer comes while the other one is open
    desk.window.open_cell.open(other.cell_ids[0])
    assert not desk.board.undo_stack.canUndo()
    desk.settle()
    desk.window.open_cell.open(repaired)
    desk.window.show_metaphase()
    desk.settle()
    assert desk.shown_ids == STORED - {BAR} | {"c47", "c48"}
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert desk.shown_ids == STORED
    desk.settle()
    desk.assert_in_step()
    assert set(desk.stored.placements) == before


def test_a_crossing_is_split_with_the_shared_pixels_in_both(desk: Desk) -> None:
    desk.key(Qt.Key.Key_S)
    desk.click("c01")
    desk.key(Qt.Key.Key_2)
    desk.key(Qt.Key.Key_1)
    desk.key(Qt.Key.Key_Return)
    desk.settle()
    desk.assert_in_step()
    first, second = (desk.scene.objects[i] for i in ("c47", "c48"))
    assert int(first.mask.sum() + second.mask.sum()) > int(OBJECTS[0].mask.sum())
    assert "c01" not in desk.board_ids


def test_j_joins_what_is_selected_and_takes_up_the_tool_otherwise(desk: Desk) -> None:
    desk.key(Qt.Key.Key_J)
    assert desk.view.tool.id == "join"
    assert desk.window.actions_["repair.join"].isChecked()
    desk.key(Qt.Key.Key_J)
    assert desk.view.tool.id == "select"
    desk.cut()
    desk.key(Qt.Key.Key_Escape)
    desk.scene.set_selected_ids(["c47", "c48"])
    desk.key(Qt.Key.Key_J)
    assert desk.view.tool.id == "select"
    desk.settle()
    desk.assert_in_step()
    assert (desk.scene.objects["c49"].mask == OBJECTS[8].mask).all()


def test_deleted_objects_stay_in_the_picture_and_come_back(desk: Desk) -> None:
    desk.click(BAR)
    desk.key(Qt.Key.Key_Delete)
    assert desk.scene.objects[BAR].kind is ObjectKind.DELETED
    desk.settle()
    desk.assert_in_step()
    assert BAR not in desk.board_ids
    desk.click(BAR)
    desk.key(Qt.Key.Key_Delete, SHIFT)
    desk.settle()
    desk.assert_in_step()
    assert BAR in desk.board_ids
    assert not desk.reader.looked_at


@pytest.mark.parametrize(
    ("key", "kind"),
    [(Qt.Key.Key_U, ObjectKind.NUCLEUS), (Qt.Key.Key_D, ObjectKind.DEBRIS)],
)
def test_marks_take_from_the_board_and_h_brings_back(
    desk: Desk, key: Qt.Key, kind: ObjectKind
) -> None:
    desk.click(BAR)
    desk.key(key)  # without Shift it takes nothing off the board
    assert desk.scene.objects[BAR].kind is ObjectKind.CHROMOSOME
    desk.key(key, SHIFT)
    desk.settle()
    assert desk.scene.objects[BAR].kind is kind
    assert BAR not in desk.board_ids
    desk.key(key, SHIFT)
    assert "already" in desk.panel.hint.text()
    desk.key(Qt.Key.Key_H)
    desk.settle()
    desk.assert_in_step()
    assert BAR in desk.board_ids


def test_a_nucleus_that_is_a_chromosome_is_looked_at(desk: Desk) -> None:
    desk.click("n01")
    desk.key(Qt.Key.Key_H)
    desk.settle()
    assert desk.reader.looked_at == [("n01",)]
    assert "n01" in desk.board_ids
    desk.assert_in_step()


# -- several in a row ------------------------------------------------------------------------------


def test_repairs_queue_up_while_one_is_looked_at(desk: Desk) -> None:
    desk.reader.go.clear()
    desk.cut()
    desk.cut("c12")
    desk.cut("c47")
    assert desk.shown_ids == STORED - {BAR, "c12"} | {"c48", "c49", "c50", "c51", "c52"}
    desk.settle()
    desk.assert_in_step()
    assert not desk.stored.awaits_answer
    # What was cut again while it was being looked at need not be known; the rest is looked at once.
    assert desk.reader.looked_at == [("c47", "c48"), ("c49", "c50", "c51", "c52")]


def test_undo_works_while_repairs_are_under_way(desk: Desk) -> None:
    desk.reader.go.clear()
    desk.cut()
    desk.cut("c12")
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert desk.shown_ids == STORED - {BAR} | {"c47", "c48"}
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert desk.shown_ids == STORED
    desk.key(Qt.Key.Key_Y, CONTROL)
    assert desk.shown_ids == STORED - {BAR} | {"c47", "c48"}
    desk.settle()
    desk.assert_in_step()
    # The second one was taken back before anybody had begun with it.
    assert desk.reader.looked_at == [("c47", "c48")]
    assert not desk.stored.awaits_answer
    desk.key(Qt.Key.Key_Y, CONTROL)
    desk.settle()
    desk.assert_in_step()
    assert desk.shown_ids == STORED - {BAR, "c12"} | {"c47", "c48", "c49", "c50"}


def test_a_gesture_goes_on_when_the_repair_before_it_comes_back(desk: Desk) -> None:
    desk.reader.go.clear()
    desk.cut()
    area = desk.scene.rectangle_of(["c12"])
    start = desk.view.mapFromScene(area.topLeft() - QPointF(3, 3))
    desk.qtbot.mousePress(desk.view.viewport(), LEFT, NO_KEY, start)
    desk.qtbot.mouseMove(desk.view.viewport(), desk.view.mapFromScene(area.center()))
    desk.settle()
    end = desk.view.mapFromScene(area.bottomRight() + QPointF(3, 3))
    desk.qtbot.mouseMove(desk.view.viewport(), end)
    desk.qtbot.mouseRelease(desk.view.viewport(), LEFT, NO_KEY, end)
    if "c12" in desk.shown_ids:  # along its length: what counts is that the line was judged
        assert "does not separate" in desk.panel.hint.text()
    desk.settle()
    desk.assert_in_step()


def test_turns_in_a_row_are_one_step_and_few_looks(desk: Desk) -> None:
    desk.click(BAR)
    desk.reader.go.clear()
    for _ in range(6):
        desk.key(Qt.Key.Key_BracketRight)
    assert desk.scene.objects[BAR].turn == 6.0
    assert desk.board.undo_stack.count() == 1
    assert desk.board.undo_stack.undoText() == "Turn a chromosome by 6°"
    desk.settle()
    desk.assert_in_step()
    assert len(desk.reader.looked_at) <= 2
    desk.key(Qt.Key.Key_Z, CONTROL)
    desk.settle()
    desk.assert_in_step()
    assert desk.scene.objects[BAR].turn == 0.0


def test_edits_of_the_board_between_repairs_are_undone_in_their_order(desk: Desk) -> None:
    before = set(desk.stored.placements)
    desk.window.show_karyogram()
    desk.board.select(["c20"])
    desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_7)
    desk.window.show_metaphase()
    desk.cut()
    desk.settle()
    desk.board.select(["c47"])
    desk.window.show_karyogram()
    desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_X)
    assert desk.board.karyogram is not None
    assert desk.board.karyogram.placement("c47").slot == "X"
    desk.assert_in_step()
    for _ in range(3):
        desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_Z, CONTROL)
    desk.settle()
    desk.assert_in_step()
    assert set(desk.stored.placements) == before
    for _ in range(3):
        desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_Y, CONTROL)
        desk.settle()
    desk.assert_in_step()
    assert desk.board.karyogram.placement("c47").slot == "X"
    assert desk.board.karyogram.placement("c20").slot == "7"


def test_an_edit_of_the_board_is_undone_at_once_after_the_repair_before_it(desk: Desk) -> None:
    desk.window.show_karyogram()
    desk.board.select(["c20"])
    desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_7)
    desk.window.show_metaphase()
    desk.reader.go.clear()
    desk.cut()
    desk.key(Qt.Key.Key_Z, CONTROL)
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert desk.shown_ids == STORED
    assert desk.board.karyogram is not None
    assert desk.board.karyogram.placement("c20").slot != "7"
    desk.assert_in_step()
    desk.settle()
    desk.assert_in_step()
    assert desk.board.karyogram.placement("c20").slot != "7"


def test_the_board_can_be_edited_while_a_repair_is_looked_at(desk: Desk) -> None:
    desk.reader.go.clear()
    desk.cut()
    desk.window.show_karyogram()
    desk.board.select(["c20"])
    desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_7)
    desk.settle()
    desk.assert_in_step()
    assert desk.board.karyogram is not None
    assert desk.board.karyogram.placement("c20").slot == "7"
    for _ in range(2):
        desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_Z, CONTROL)
    desk.settle()
    desk.assert_in_step()
    assert desk.shown_ids == STORED


# -- what cannot be --------------------------------------------------------------------------------


def test_a_look_that_fails_is_told_once_and_the_repairs_stay(desk: Desk) -> None:
    desk.cut("c15")
    desk.settle()
    desk.reader.go.clear()
    desk.reader.refusal = KaryoError("Not enough memory.", "Close other programs.")
    desk.cut()
    desk.cut("c12")
    cut = {"c47", "c48", "c49", "c50", "c51", "c52"}
    with answering(desk.qtbot, lambda box: box.reject()) as said:
        desk.reader.go.set()
        desk.qtbot.waitUntil(lambda: not desk.window.queue.running, timeout=15_000)
    assert "Not enough memory" in said[0]
    desk.settle()
    desk.assert_in_step()
    assert desk.shown_ids == STORED - {"c15", BAR, "c12"} | cut
    assert desk.board.undo_stack.count() == 3
    assert desk.stored.awaits_answer
    desk.reader.refusal = None
    desk.window.open_cell.undo()
    desk.settle()
    desk.assert_in_step()
    assert not desk.stored.awaits_answer
    for _ in range(2):
        desk.window.open_cell.undo()
    desk.settle()
    desk.assert_in_step()
    assert desk.shown_ids == STORED


def test_a_look_that_is_cancelled_leaves_the_repair_and_can_be_had_later(desk: Desk) -> None:
    desk.reader.go.clear()
    desk.cut()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Period, CONTROL)
    desk.qtbot.waitUntil(lambda: not desk.window.queue.running, timeout=15_000)
    desk.settle()
    desk.assert_in_step()
    assert desk.shown_ids == STORED - {BAR} | {"c47", "c48"}
    assert desk.board.undo_stack.canUndo()
    assert desk.stored.awaits_answer
    assert desk.window.review.findings.check.caption.text() == LOOKED_AT
    desk.window.repairs.go_on()
    desk.settle()
    desk.assert_in_step()
    assert not desk.stored.awaits_answer


def test_findings_that_were_not_renewed_say_so_and_are_renewed_by_a_click(desk: Desk) -> None:
    findings = desk.window.review.findings
    desk.reader.go.clear()
    desk.cut()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Period, CONTROL)
    desk.settle()
    assert desk.stored.awaits_answer
    desk.qtbot.waitUntil(lambda: NOT_RENEWED in findings.reason.text())
    assert not findings.renewing.isVisibleTo(findings)
    assert not findings.sign_off.isEnabled()
    desk.reader.go.clear()
    desk.qtbot.mouseClick(findings.renew, Qt.MouseButton.LeftButton)
    desk.qtbot.waitUntil(lambda: RENEWING in findings.reason.text())
    assert not findings.renew.isVisibleTo(findings)
    desk.settle()
    desk.assert_in_step()
    assert not desk.stored.awaits_answer
    assert not any(said in findings.reason.text() for said in (RENEWING, NOT_RENEWED))
    assert not findings.renew.isVisibleTo(findings)


def test_a_failed_undo_leaves_the_repair_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.cut()
    desk.settle()

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise KaryoError("The disk is full.", "Free some space.")

    with monkeypatch.context() as patch:
        patch.setattr(type(desk.window._workspace.repairs), "apply", refuse)
        with answering(desk.qtbot, lambda box: box.reject()):
            desk.key(Qt.Key.Key_Z, CONTROL)
        desk.settle()
    assert desk.shown_ids == STORED - {BAR} | {"c47", "c48"}
    assert desk.board.undo_stack.canUndo()
    assert not desk.board.undo_stack.canRedo()
    desk.window.open_cell.undo()
    desk.settle()
    desk.assert_in_step()
    assert desk.shown_ids == STORED


def test_a_signed_off_cell_says_why_it_cannot_be_repaired(
    desk: Desk, photographed: Workspace
) -> None:
    desk.key(Qt.Key.Key_C)
    cell = desk.window.open_cell.cell
    assert cell is not None
    desk.window.review.obstacle = ""
    desk.window.review.sign_off()
    assert desk.view.tool.id == "select"
    for spec in desk.window.repair_tools.specs:
        action = desk.window.actions_[spec.id]
        assert not action.isEnabled()
        assert action.toolTip() == SIGNED
    desk.click(BAR)
    for key in (Qt.Key.Key_C, Qt.Key.Key_Delete):
        desk.panel.hint.say("")
        desk.key(key)
        assert desk.panel.hint.text() == SIGNED
    assert desk.shown_ids == STORED
    desk.window.review.withdraw()
    assert desk.window.actions_["repair.cut"].isEnabled()
    assert desk.window.actions_["repair.cut"].toolTip().endswith("(C)")


def test_a_cell_is_not_signed_off_over_a_repair(desk: Desk) -> None:
    findings = desk.window.review.findings
    desk.reader.go.clear()
    desk.cut()
    assert not findings.sign_off.isEnabled()
    assert RENEWING in findings.reason.text()
    assert findings.renewing.isVisibleTo(findings)
    assert not findings.iscn.isEnabled()
    desk.window.review.obstacle = ""
    desk.window.review.sign_off()
    assert desk.window.open_cell.cell is not None
    assert desk.window.open_cell.cell.reviewed_at is None
    assert RENEWING in desk.panel.hint.text()
    desk.settle()
    desk.assert_in_step()
    assert not findings.renewing.isVisibleTo(findings)
    assert findings.iscn.isEnabled()
    assert RENEWING not in findings.reason.text()


def test_closing_the_window_loses_no_repair(desk: Desk, photographed: Workspace) -> None:
    cell = desk.window.open_cell.cell
    assert cell is not None
    desk.reader.go.clear()
    desk.cut()
    desk.cut("c12")
    desk.reader.go.set()
    desk.window.close()
    stored = {each.id for each in photographed.library.cell(cell.id).objects}
    assert stored == STORED - {BAR, "c12"} | {"c47", "c48", "c49", "c50"}


def test_what_was_left_without_an_answer_is_looked_at_at_the_next_start(
    desk: Desk, photographed: Workspace, tmp_path: Path, qtbot: QtBot, reader: HeldReader
) -> None:
    cell = desk.window.open_cell.cell
    assert cell is not None
    desk.reader.go.clear()
    desk.cut()
    desk.window.close()
    assert photographed.library.cell(cell.id).awaits_answer
    reader.go.set()
    with open_window(qtbot, photographed, tmp_path / "config", reader) as window:
        again = Desk(qtbot, window, reader)
        again.settle()
        assert not photographed.library.cell(cell.id).awaits_answer
        assert window.open_cell.cell is not None
        assert not window.open_cell.cell.awaits_answer
        again.assert_in_step()
