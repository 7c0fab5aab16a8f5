"""Counting in the photograph: numbered marks by mouse and keys, kept, undone, finished."""

from PySide6.QtCore import QPointF, Qt

from karyogui.domain.case_result import CellStatus
from karyogui.services.workspace import open_workspace
from karyogui.ui.metaphase.tools.count import MarkItem
from tests.unit.ui.metaphase.conftest import CONTROL, LEFT, NO_KEY, Desk


def click_at(desk: Desk, x: float, y: float) -> None:
    at = desk.view.mapFromScene(QPointF(x, y))
    desk.qtbot.mouseClick(desk.view.viewport(), LEFT, NO_KEY, at)


def numbers(desk: Desk) -> list[int]:
    shown = [item for item in desk.scene.items() if isinstance(item, MarkItem)]
    return sorted(item._number for item in shown)


def test_clicks_set_numbered_marks_that_are_kept(desk: Desk) -> None:
    desk.key(Qt.Key.Key_T)
    assert desk.window.actions_["metaphase.count"].isChecked()
    for x in (40.0, 80.0, 120.0):
        click_at(desk, x, 60.0)
    assert numbers(desk) == [1, 2, 3]
    assert [round(x) for x, _ in desk.stored.note.marks] == [40, 80, 120]
    assert desk.panel.hint.text().startswith("3 counted.")
    # No object is selected, and nothing of the separation is touched.
    assert desk.panel.selection == ()
    desk.assert_in_step()


def test_a_click_on_a_mark_takes_it_away_and_the_others_are_numbered_again(desk: Desk) -> None:
    desk.key(Qt.Key.Key_T)
    for x in (40.0, 80.0, 120.0):
        click_at(desk, x, 60.0)
    click_at(desk, 40.0, 60.0)
    assert numbers(desk) == [1, 2]
    assert [round(x) for x, _ in desk.stored.note.marks] == [80, 120]
    desk.key(Qt.Key.Key_Backspace)
    assert [round(x) for x, _ in desk.stored.note.marks] == [80]
    assert set(desk.scene.objects) == set(desk.shown_ids)


def test_every_mark_is_a_step_of_the_history(desk: Desk) -> None:
    desk.key(Qt.Key.Key_T)
    click_at(desk, 40.0, 60.0)
    click_at(desk, 80.0, 60.0)
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert numbers(desk) == [1]
    assert len(desk.stored.note.marks) == 1
    desk.key(Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert numbers(desk) == [1, 2]


def test_without_a_mouse(desk: Desk) -> None:
    desk.key(Qt.Key.Key_T)
    desk.key(Qt.Key.Key_Right)
    desk.key(Qt.Key.Key_Space)
    for _ in range(3):
        desk.key(Qt.Key.Key_Right)
    desk.key(Qt.Key.Key_Space)
    assert numbers(desk) == [1, 2]
    desk.key(Qt.Key.Key_Return)
    assert desk.stored.note.status is CellStatus.COUNTED
    assert not desk.view.has_tool
    assert numbers(desk) == []


def test_enter_leaves_a_status_that_a_person_gave(desk: Desk) -> None:
    from karyogui.services import case_work

    cell = desk.stored
    change = case_work.set_status(cell, "analysed")
    desk.window._workspace.case_work.record(change, "Ann")
    desk.window.open_cell.take(desk.window._workspace.library.cell(cell.id, cell))
    desk.key(Qt.Key.Key_T)
    click_at(desk, 40.0, 60.0)
    desk.key(Qt.Key.Key_Return)
    assert desk.stored.note.status is CellStatus.ANALYSED


def test_marks_are_there_again_after_the_tool_was_laid_down_and_after_a_restart(
    desk: Desk,
) -> None:
    desk.key(Qt.Key.Key_T)
    click_at(desk, 40.0, 60.0)
    desk.key(Qt.Key.Key_Escape)
    assert numbers(desk) == []
    desk.key(Qt.Key.Key_T)
    assert numbers(desk) == [1]
    cell_id = desk.stored.id
    folder = desk.window._workspace.folder
    desk.window._workspace.close()
    again = open_workspace(folder)
    try:
        assert len(again.library.cell(cell_id).note.marks) == 1
    finally:
        again.close()


def test_marks_outside_the_picture_are_none(desk: Desk) -> None:
    desk.key(Qt.Key.Key_T)
    click_at(desk, -20.0, 60.0)
    assert numbers(desk) == []
