"""Drawing the course with mouse and keys; and other tools by keys alone."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from karyogui.domain.sitting import ActionKind
from karyogui.ui.metaphase.tools.base import MetaphaseTool
from karyogui.ui.metaphase.tools.brush import BrushTool
from karyogui.ui.metaphase.tools.course import CourseTool
from karyogui.ui.metaphase.tools.cut import CutTool
from karyogui.ui.metaphase.tools.join import JoinTool
from karyogui.ui.metaphase.tools.lasso import LassoTool
from tests.unit.ui.metaphase.conftest import CONTROL, LEFT, NO_KEY, STORED, Desk
from tests.unit.ui.metaphase.generated import rod
from tests.unit.ui.metaphase.test_tools import (
    BAR,
    CROSS,
    FAR,
    NEAR,
    SIZE,
    Bench,
    bench,
    with_tool,
)

__all__ = ["bench"]
ALONG = [(330 + 55 * s * np.cos(np.deg2rad(20)), 100 + 55 * s * np.sin(np.deg2rad(20)))
         for s in (-1.0, -0.5, 0.0, 0.5, 1.0)]  # fmt: skip
"""Along the first rod of the crossing."""
ONE, OTHER = (rod(SIZE, (330, 100), *each)[0] for each in ((130, 14, 20), (120, 14, 100)))


def assert_first_rod_is_outlined(bench: Bench) -> None:
    (repair,) = bench.repairs
    assert repair.kind is ActionKind.COURSE
    assert [o.id for o in repair.before] == [CROSS]
    for made, truth in zip(repair.after, (ONE, OTHER), strict=True):
        x, y = made.origin
        page = np.zeros(SIZE, bool)
        page[y : y + made.mask.shape[0], x : x + made.mask.shape[1]] = made.mask
        assert (page & truth).sum() / (page | truth).sum() > 0.85


def cross_at(bench: Bench, tool: MetaphaseTool) -> QPointF:
    place = tool.cursor_keys.place  # type: ignore[attr-defined]
    assert place is not None
    return QPointF(place)


def go_to(bench: Bench, tool: MetaphaseTool, x: float, y: float) -> None:
    """With arrow keys alone."""
    bench.press(Qt.Key.Key_Left)
    for _ in range(2000):
        at = cross_at(bench, tool)
        right, down = x - at.x(), y - at.y()
        if max(abs(right), abs(down)) <= 1.01 / bench.view.zoom:
            return
        if abs(right) > abs(down):
            key = Qt.Key.Key_Right if right > 0 else Qt.Key.Key_Left
        else:
            key = Qt.Key.Key_Down if down > 0 else Qt.Key.Key_Up
        far = max(abs(right), abs(down)) * bench.view.zoom > 10
        bench.qtbot.keyClick(bench.view, key, NO_KEY if far else Qt.KeyboardModifier.ShiftModifier)
    raise AssertionError("the cross does not get there")


def test_one_stroke_along_a_chromosome_outlines_it(bench: Bench) -> None:
    tool = with_tool(bench, CourseTool)
    bench.drag(*ALONG)
    assert_first_rod_is_outlined(bench)
    assert bench.view.tool is tool
    assert bench.drawn == 0
    assert bench.said[-1].startswith("Draw the course of a chromosome, 1 piece left")


@pytest.mark.parametrize("by_key", [True, False])
def test_clicks_along_it_do_the_same(bench: Bench, by_key: bool) -> None:
    with_tool(bench, CourseTool)
    for each in ALONG:
        bench.click(*each)
        bench.qtbot.wait(1)
    assert not bench.repairs
    assert bench.drawn > 0
    if by_key:
        bench.press(Qt.Key.Key_Return)
    else:
        at = bench.at(*ALONG[-1])
        bench.qtbot.mouseDClick(bench.view.viewport(), LEFT, NO_KEY, at)
    assert_first_rod_is_outlined(bench)
    assert bench.drawn == 0


def test_arrow_keys_space_and_enter_do_the_same(bench: Bench) -> None:
    tool = with_tool(bench, CourseTool)
    for each in ALONG[:-1]:
        go_to(bench, tool, *each)
        bench.press(Qt.Key.Key_Space)
    go_to(bench, tool, *ALONG[-1])
    assert not bench.repairs
    bench.press(Qt.Key.Key_Return)
    assert_first_rod_is_outlined(bench)


def test_esc_forgets_the_line_and_then_the_tool(bench: Bench) -> None:
    tool = with_tool(bench, CourseTool)
    for each in ALONG[:2]:
        bench.click(*each)
    bench.press(Qt.Key.Key_Escape)
    assert bench.drawn == 0
    assert bench.view.tool is tool
    bench.press(Qt.Key.Key_Escape)
    assert bench.view.tool.id == "select"
    assert not bench.repairs


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ([(520, 100), (560, 200), (570, 300)], "This line is outside the picture."),
        ([(230, 330), (230, 390)], "There is no chromosome under this line."),
    ],
)
def test_a_line_that_is_no_course_says_why_and_nothing_happens(
    bench: Bench, line: list[tuple[float, float]], sentence: str
) -> None:
    tool = with_tool(bench, CourseTool)
    bench.drag(*line)
    assert bench.said[-1].startswith(sentence)
    assert not bench.repairs
    assert bench.drawn == 0
    assert bench.view.tool is tool


def test_two_clicks_in_one_place_are_too_short(bench: Bench) -> None:
    with_tool(bench, CourseTool)
    bench.click(330, 100)
    bench.press(Qt.Key.Key_Return)
    assert bench.said[-1].startswith("This line is too short for a chromosome.")
    assert not bench.repairs


# -- other tools without a mouse -------------------------------------------------------------------


def test_a_cut_needs_no_mouse(bench: Bench) -> None:
    tool = with_tool(bench, CutTool)
    go_to(bench, tool, 100, 66)
    bench.press(Qt.Key.Key_Space)
    go_to(bench, tool, 100, 94)
    bench.press(Qt.Key.Key_Return)
    (repair,) = bench.repairs
    assert repair.kind is ActionKind.CUT
    assert [o.id for o in repair.before] == [BAR]
    assert len(repair.after) == 2
    assert "Enter finishes" not in bench.said[-1]


def test_a_join_needs_no_mouse(bench: Bench) -> None:
    tool = with_tool(bench, JoinTool)
    go_to(bench, tool, 80, 250)
    assert bench.scene.hovered == NEAR
    bench.press(Qt.Key.Key_Space)
    go_to(bench, tool, 150, 250)
    bench.press(Qt.Key.Key_Return)
    (repair,) = bench.repairs
    assert {o.id for o in repair.before} == {NEAR, FAR}


def test_brush_and_lasso_need_no_mouse_either(bench: Bench) -> None:
    tool = with_tool(bench, BrushTool)
    go_to(bench, tool, 150, 80)
    bench.press(Qt.Key.Key_Space)
    go_to(bench, tool, 175, 80)
    bench.press(Qt.Key.Key_Return)
    assert bench.repairs[-1].kind is ActionKind.BRUSH
    lasso = with_tool(bench, LassoTool)
    for corner in ((310, 255), (395, 255), (395, 350), (310, 350)):
        go_to(bench, lasso, *corner)
        bench.press(Qt.Key.Key_Space)
    bench.press(Qt.Key.Key_Return)
    assert bench.repairs[-1].kind is ActionKind.LASSO
    bench.view.set_tool(None)
    assert bench.drawn == 0


def test_the_cross_begins_on_the_selection_and_goes_with_the_mouse(bench: Bench) -> None:
    bench.scene.set_selected_ids([BAR])
    tool = with_tool(bench, CutTool)
    bench.press(Qt.Key.Key_Right)
    assert cross_at(bench, tool) == bench.scene.rectangle_of([BAR]).center()
    bench.drag((100, 50), (101, 80), (99, 110))
    assert tool.cursor_keys.place is None  # type: ignore[attr-defined]
    assert len(bench.repairs) == 1


def test_the_cross_does_not_leave_the_picture(bench: Bench) -> None:
    tool = with_tool(bench, CutTool)
    for _ in range(80):
        bench.press(Qt.Key.Key_Up)
    assert cross_at(bench, tool).y() == 0


def test_without_a_tool_arrows_and_space_move_the_picture(bench: Bench) -> None:
    bench.view.zoom_by(3)
    before = bench.view.mapToScene(QPoint(0, 0))
    bench.press(Qt.Key.Key_Right)
    assert bench.view.mapToScene(QPoint(0, 0)) != before
    assert bench.drawn == 0


# -- in the window ---------------------------------------------------------------------------------


def test_a_course_is_stored_at_once_answered_later_and_undone(desk: Desk) -> None:
    before = set(desk.stored.placements)
    desk.reader.go.clear()
    desk.key(Qt.Key.Key_W)
    assert desk.view.tool.id == "course"
    area = desk.scene.rectangle_of(["c01"])
    middle, half = area.center(), QPointF(22, 18)
    desk.drag(middle - half, middle, middle + half)
    assert "c01" not in desk.shown_ids
    made = desk.shown_ids - STORED
    assert len(made) == 2
    desk.assert_in_step()
    assert desk.stored.awaits_answer
    desk.settle()
    assert set(desk.reader.looked_at[0]) == made
    desk.assert_in_step()
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert desk.shown_ids == STORED
    desk.settle()
    desk.assert_in_step()
    assert set(desk.stored.placements) == before


def test_h_on_a_nucleus_is_done_and_doubted_and_undone(desk: Desk) -> None:
    desk.click("n01")
    desk.key(Qt.Key.Key_H)
    assert "It is larger than any chromosome" in desk.panel.hint.text()
    desk.settle()
    assert "n01" in desk.board_ids
    desk.assert_in_step()
    desk.key(Qt.Key.Key_Z, CONTROL)
    desk.settle()
    assert "n01" not in desk.board_ids
    desk.assert_in_step()


def test_the_brush_over_everything_is_stored_answered_and_undone(desk: Desk) -> None:
    desk.click("c10")
    desk.key(Qt.Key.Key_B)
    tool = desk.view.tool
    assert isinstance(tool, BrushTool)
    tool.radius = 64.0
    start = desk.scene.rectangle_of(["c10"]).center()
    rows = [QPointF(x, y) for y in range(-20, 620, 80) for x in (-30, 670)]
    desk.drag(start, *rows)
    mask = desk.scene.objects["c10"].mask
    assert mask.shape == desk.scene.pixels.shape
    assert mask.all()
    assert "It is larger than any chromosome" in desk.panel.hint.text()
    desk.settle()
    desk.assert_in_step()
    desk.key(Qt.Key.Key_Escape)
    desk.key(Qt.Key.Key_Z, CONTROL)
    desk.settle()
    assert desk.scene.objects["c10"].mask.shape != desk.scene.pixels.shape
    desk.assert_in_step()
