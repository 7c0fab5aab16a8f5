"""The repair tools with real mouse and key events: at most one repair a gesture, Esc gives up."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.domain.sitting import ActionKind
from karyogui.ui.metaphase.items import halves
from karyogui.ui.metaphase.scene import MetaphaseScene
from karyogui.ui.metaphase.tools import TOOLS
from karyogui.ui.metaphase.tools.base import MetaphaseTool
from karyogui.ui.metaphase.tools.brush import BrushTool, EraserTool
from karyogui.ui.metaphase.tools.cut import CutTool
from karyogui.ui.metaphase.tools.join import JoinTool
from karyogui.ui.metaphase.tools.lasso import LassoTool
from karyogui.ui.metaphase.tools.split import SplitTool
from karyogui.ui.metaphase.view import MetaphaseView
from tests.unit.ui.metaphase.generated import as_object, rod

LEFT = Qt.MouseButton.LeftButton
NO_KEY, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
SIZE = (400, 500)
BAR, CROSS, NEAR, FAR = "c01", "c02", "c03", "c04"


def scene_with_objects() -> tuple[np.ndarray, list[SeparatedObject]]:
    """The picture (400, 500) and: a bar, a crossing, two bars in a row; one bar was not found."""
    light = np.ones(SIZE, np.float32)
    masks = []
    for rods in (
        [((100, 80), 120, 14, 0)],
        [((330, 100), 130, 14, 20), ((330, 100), 120, 14, 100)],
        [((80, 250), 60, 14, 0)],
        [((150, 250), 60, 14, 0)],
        [((350, 300), 70, 14, 60)],
    ):
        mask = np.zeros(SIZE, bool)
        for each in rods:
            part, through = rod(SIZE, *each)
            light *= through
            mask |= part
        masks.append(mask)
    pixels = np.clip(light * 225, 0, 255).astype(np.uint8)
    kind = ObjectKind.CHROMOSOME
    return pixels, [as_object(f"c{n + 1:02d}", kind, mask) for n, mask in enumerate(masks[:4])]


PIXELS, OBJECTS = scene_with_objects()


class Bench:
    """A view with objects, what its tools asked for, and what they said."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.scene = MetaphaseScene()
        self.view = MetaphaseView(self.scene)
        qtbot.addWidget(self.view)
        self.view.resize(900, 720)
        self.view.show()
        qtbot.waitExposed(self.view)
        self.scene.set_levels(halves(PIXELS), PIXELS.shape[::-1])
        self.scene.pixels = PIXELS
        self.scene.set_objects(OBJECTS)
        self.view.fit()
        self.view.setFocus()
        self.repairs: list[Repair] = []
        self.said: list[str] = []
        self.view.repair_requested.connect(self.repairs.append)
        self.view.hint_changed.connect(self.said.append)

    def at(self, x: float, y: float) -> QPoint:
        return self.view.mapFromScene(QPointF(x, y))

    def drag(self, *points: tuple[float, float], keys: Qt.KeyboardModifier = NO_KEY) -> None:
        viewport = self.view.viewport()
        self.qtbot.mousePress(viewport, LEFT, keys, self.at(*points[0]))
        for point in points[1:]:
            self.qtbot.mouseMove(viewport, self.at(*point))
        self.qtbot.mouseRelease(viewport, LEFT, keys, self.at(*points[-1]))

    def click(self, x: float, y: float) -> None:
        self.qtbot.mouseClick(self.view.viewport(), LEFT, NO_KEY, self.at(x, y))

    def press(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(self.view, key)

    @property
    def drawn(self) -> int:
        """How many things lie on the overlay."""
        return len(self.scene.overlay.childItems())


@pytest.fixture
def bench(qtbot: QtBot, look: None) -> Bench:
    return Bench(qtbot)


def with_tool(bench: Bench, kind: type[MetaphaseTool]) -> MetaphaseTool:
    tool = kind(bench.view)
    bench.view.set_tool(tool)
    return tool


# -- cut -------------------------------------------------------------------------------------------


def test_a_line_across_cuts_and_the_tool_stays(bench: Bench) -> None:
    tool = with_tool(bench, CutTool)
    bench.drag((100, 50), (101, 80), (99, 110))
    (repair,) = bench.repairs
    assert repair.kind is ActionKind.CUT
    assert [each.id for each in repair.before] == [BAR]
    assert sorted(each.origin[0] for each in repair.after)[0] == OBJECTS[0].origin[0]
    assert [each.id for each in repair.after] == ["c05", "c06"]
    assert bench.view.tool is tool
    assert bench.drawn == 0


def test_with_shift_the_cut_is_straight(bench: Bench) -> None:
    with_tool(bench, CutTool)
    # Freehand this would run along the bar and come back; straight it goes across.
    bench.drag((70, 50), (140, 78), (140, 82), (71, 110), keys=SHIFT)
    left, right = sorted(bench.repairs[0].after, key=lambda each: each.origin[0])
    assert len(bench.repairs[0].after) == 2
    assert abs(left.mask.shape[1] - (70 - OBJECTS[0].origin[0])) <= 3
    assert right.mask.shape[1] > left.mask.shape[1]


def test_the_object_that_the_line_separates_is_cut_of_several_under_it(bench: Bench) -> None:
    with_tool(bench, CutTool)
    # Along the first bar from its middle, and only across the second one.
    bench.drag((80, 250), (140, 250), (141, 225), (142, 250), (141, 290))
    assert [each.id for each in bench.repairs[0].before] == [FAR]


def test_a_line_that_cuts_nothing_says_why_and_nothing_happens(bench: Bench) -> None:
    tool = with_tool(bench, CutTool)
    bench.drag((60, 81), (120, 81))
    assert bench.said[-1].startswith("The line does not separate")
    bench.drag((200, 350), (260, 380))
    assert bench.said[-1].startswith("There is no object under this line.")
    assert not bench.repairs
    bench.drag((100, 50), (100, 110))
    assert len(bench.repairs) == 1
    assert tool.hint in bench.said


def test_ids_of_objects_that_were_there_are_not_given_again(bench: Bench) -> None:
    bench.scene.used_ids = frozenset({"c01", "c61"})
    with_tool(bench, CutTool)
    bench.drag((100, 50), (100, 110))
    assert [each.id for each in bench.repairs[0].after] == ["c62", "c63"]


@pytest.mark.parametrize("kind", [t for t in TOOLS if t is not SplitTool])
def test_esc_gives_up_the_gesture_then_the_tool(bench: Bench, kind: type[MetaphaseTool]) -> None:
    tool = with_tool(bench, kind)
    viewport = bench.view.viewport()
    bench.qtbot.mousePress(viewport, LEFT, NO_KEY, bench.at(100, 50))
    bench.qtbot.mouseMove(viewport, bench.at(100, 80))
    assert bench.drawn
    bench.press(Qt.Key.Key_Escape)
    bench.qtbot.mouseMove(viewport, bench.at(100, 110))
    bench.qtbot.mouseRelease(viewport, LEFT, NO_KEY, bench.at(100, 110))
    assert not bench.repairs
    assert bench.view.tool is tool
    bench.press(Qt.Key.Key_Escape)
    assert bench.view.tool.id == "select"
    assert bench.drawn == 0
    assert bench.said[-1] == ""


# -- split -----------------------------------------------------------------------------------------


def split(bench: Bench) -> SplitTool:
    tool = with_tool(bench, SplitTool)
    assert isinstance(tool, SplitTool)
    return tool


def test_a_click_on_a_crossing_proposes_and_enter_takes_the_straightest(bench: Bench) -> None:
    tool = split(bench)
    bench.click(330, 100)
    assert len(tool.proposals) == 6
    assert all(pairing.shared.any() for pairing in tool.proposals[:3])
    assert not any(pairing.shared.any() for pairing in tool.proposals[3:])  # cut, not crossed
    assert bench.drawn
    assert "Proposal 1 of 6" in bench.said[-1]
    assert not bench.repairs
    bench.press(Qt.Key.Key_Return)
    (repair,) = bench.repairs
    assert repair.kind is ActionKind.SPLIT
    assert [each.id for each in repair.before] == [CROSS]
    assert len(repair.after) == 2
    assert bench.drawn == 0
    tall = max(repair.after, key=lambda each: each.mask.shape[0])
    assert tall.mask.shape[0] > 100
    assert tall.mask.shape[1] < 50


def test_numbers_and_clicks_choose_another_pairing(bench: Bench) -> None:
    tool = split(bench)
    bench.click(331, 101)
    bench.press(Qt.Key.Key_3)
    assert tool.chosen == 2
    bench.press(Qt.Key.Key_1)
    assert tool.chosen == 0
    bench.click(331, 101)
    assert tool.chosen == 1
    pairing = tool.proposals[1]
    bench.press(Qt.Key.Key_Enter)
    masks = [each.mask for each in bench.repairs[0].after]
    assert sorted(int(m.sum()) for m in masks) == sorted(
        (int(pairing.masks[0].sum()), int(pairing.masks[1].sum()))
    )


def test_esc_forgets_the_proposals_first(bench: Bench) -> None:
    tool = split(bench)
    bench.click(330, 100)
    bench.press(Qt.Key.Key_Escape)
    assert not tool.proposals
    assert bench.drawn == 0
    assert bench.view.tool is tool
    bench.press(Qt.Key.Key_Return)
    assert not bench.repairs
    bench.press(Qt.Key.Key_Escape)
    assert bench.view.tool.id == "select"


def test_what_is_selected_is_looked_at_when_the_tool_is_taken_up(bench: Bench) -> None:
    bench.scene.set_selected_ids([CROSS])
    assert len(split(bench).proposals) == 6


def test_a_bar_is_no_crossing(bench: Bench) -> None:
    tool = split(bench)
    bench.click(100, 80)
    assert not tool.proposals
    assert bench.said[-1].startswith("No crossing is seen")


def test_a_double_click_is_two_clicks(bench: Bench) -> None:
    tool = split(bench)
    at = bench.at(330, 100)
    bench.qtbot.mouseClick(bench.view.viewport(), LEFT, NO_KEY, at)
    bench.qtbot.mouseDClick(bench.view.viewport(), LEFT, NO_KEY, at)
    assert tool.chosen == 1
    assert not bench.repairs


# -- join ------------------------------------------------------------------------------------------


def test_dragging_from_one_to_the_other_joins(bench: Bench) -> None:
    with_tool(bench, JoinTool)
    bench.drag((80, 250), (120, 240), (150, 250))
    (repair,) = bench.repairs
    assert repair.kind is ActionKind.JOIN
    assert [each.id for each in repair.before] == [NEAR, FAR]
    (joined,) = repair.after
    assert joined.mask[:, joined.mask.shape[1] // 2].any()
    assert bench.scene.hovered is None


def test_a_drag_that_ends_nowhere_joins_nothing(bench: Bench) -> None:
    with_tool(bench, JoinTool)
    bench.drag((80, 250), (80, 330))
    bench.drag((80, 250), (85, 250))
    assert not bench.repairs
    assert bench.said[-1].startswith("Joining takes two objects")


def test_several_that_are_selected_are_joined_at_once(bench: Bench) -> None:
    tool = JoinTool(bench.view)
    assert not tool.at_once()
    bench.scene.set_selected_ids([NEAR, FAR])
    assert tool.at_once()
    assert len(bench.repairs[0].before) == 2


def test_of_one_part_enter_joins_what_lies_nearest(bench: Bench) -> None:
    bench.scene.set_selected_ids([NEAR])
    tool = with_tool(bench, JoinTool)
    assert isinstance(tool, JoinTool)
    assert tool.part is not None
    assert [other.id for other in tool.partners] == [FAR]
    assert bench.scene.hovered == FAR
    assert bench.said[-1].startswith("Join with the outlined object, 1 of 1?")
    bench.press(Qt.Key.Key_2)  # there is no second one
    assert tool.chosen == 0
    bench.press(Qt.Key.Key_Return)
    (repair,) = bench.repairs
    assert [each.id for each in repair.before] == [NEAR, FAR]
    assert tool.part is None
    assert bench.scene.hovered is None


def test_esc_or_a_drag_forgets_what_was_proposed_to_join(bench: Bench) -> None:
    bench.scene.set_selected_ids([NEAR])
    tool = with_tool(bench, JoinTool)
    assert isinstance(tool, JoinTool)
    bench.press(Qt.Key.Key_Escape)
    assert tool.partners == ()
    assert bench.view.tool is tool
    bench.press(Qt.Key.Key_Return)
    bench.drag((80, 250), (85, 250))
    assert not bench.repairs


def test_far_from_everything_there_is_nothing_to_join(bench: Bench) -> None:
    bench.scene.set_selected_ids([BAR])
    tool = with_tool(bench, JoinTool)
    assert isinstance(tool, JoinTool)
    assert tool.partners == ()
    assert bench.said[-1].startswith("Nothing lies near enough to join this with")


# -- brush and eraser ------------------------------------------------------------------------------


def brush(bench: Bench, kind: type[BrushTool]) -> BrushTool:
    tool = with_tool(bench, kind)
    assert isinstance(tool, BrushTool)
    return tool


def test_a_stroke_from_an_object_outwards_extends_it(bench: Bench) -> None:
    brush(bench, BrushTool)
    bench.drag((100, 80), (100, 100), (100, 110))
    (repair,) = bench.repairs
    assert repair.kind is ActionKind.BRUSH
    (after,) = repair.after
    assert after.id == BAR
    assert after.mask.shape[0] > OBJECTS[0].mask.shape[0] + 15
    assert after.mask.sum() > OBJECTS[0].mask.sum()


def test_the_eraser_takes_away(bench: Bench) -> None:
    brush(bench, EraserTool)
    bench.drag((45, 80), (30, 80))
    (after,) = bench.repairs[0].after
    assert after.origin[0] > OBJECTS[0].origin[0]
    assert after.mask.sum() < OBJECTS[0].mask.sum()


def test_the_selected_object_is_painted_wherever_the_stroke_begins(bench: Bench) -> None:
    brush(bench, BrushTool)
    bench.scene.set_selected_ids([FAR])
    bench.drag((100, 250), (125, 250))  # from the other bar over the gap
    assert [each.id for each in bench.repairs[0].before] == [FAR]


def test_keys_and_wheel_change_the_size_and_the_circle_shows_it(bench: Bench) -> None:
    tool = brush(bench, BrushTool)
    bench.qtbot.mouseMove(bench.view.viewport(), bench.at(200, 200))
    width = bench.scene.overlay.childrenBoundingRect().width()
    before, zoom = tool.radius, bench.view.zoom
    bench.qtbot.keyClicks(bench.view, "]]]")
    assert tool.radius > 1.5 * before
    assert bench.scene.overlay.childrenBoundingRect().width() > width
    assert "pixels wide" in bench.said[-1]
    bench.qtbot.keyClicks(bench.view, "[" * 40)
    assert tool.radius == 1.0
    turn = QWheelEvent(
        QPointF(100, 100), QPointF(100, 100), QPoint(), QPoint(0, 120), LEFT,
        Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(bench.view.viewport(), turn)
    assert tool.radius > 1.0
    assert bench.view.zoom == zoom
    bench.view.set_tool(None)
    assert bench.drawn == 0


def test_a_stroke_beside_everything_says_so(bench: Bench) -> None:
    brush(bench, BrushTool)
    bench.drag((230, 350), (250, 350))
    assert bench.said[-1].startswith("There is no object under the brush")
    bench.scene.set_selected_ids([BAR])
    bench.drag((230, 350), (250, 350))
    assert bench.said[-1].startswith("The stroke does not touch")
    assert not bench.repairs


# -- lasso -----------------------------------------------------------------------------------------


def test_a_loop_round_a_chromosome_outlines_what_is_dark(bench: Bench) -> None:
    with_tool(bench, LassoTool)
    bench.drag((300, 250), (400, 250), (400, 360), (300, 360), (300, 252))
    (repair,) = bench.repairs
    assert repair.kind is ActionKind.LASSO
    assert not repair.before
    (made,) = repair.after
    hidden, _ = rod(SIZE, (350, 300), 70, 14, 60)
    x, y = made.origin
    page = np.zeros(SIZE, bool)
    page[y : y + made.mask.shape[0], x : x + made.mask.shape[1]] = made.mask
    assert (page & hidden).sum() / (page | hidden).sum() > 0.8


def test_a_click_with_the_lasso_is_no_loop(bench: Bench) -> None:
    with_tool(bench, LassoTool)
    bench.click(350, 300)
    assert bench.said[-1].startswith("This loop is too small")
    assert not bench.repairs


# -- all of them -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TOOLS)
def test_a_tool_says_how_it_is_used_and_leaves_nothing(
    bench: Bench, kind: type[MetaphaseTool]
) -> None:
    tool = with_tool(bench, kind)
    assert bench.said[-1] == tool.hint
    bench.qtbot.mouseMove(bench.view.viewport(), bench.at(100, 80))
    bench.qtbot.mouseMove(bench.view.viewport(), bench.at(330, 100))
    bench.click(330, 100)
    bench.view.set_tool(None)
    assert bench.drawn == 0
    assert bench.scene.hovered is None
    assert bench.said[-1] == ""


# -- leftovers -------------------------------------------------------------------------------------


def test_an_eraser_across_a_chromosome_leaves_two_and_its_tip_is_debris(bench: Bench) -> None:
    tool = brush(bench, EraserTool)
    assert isinstance(tool, BrushTool)
    tool.radius = 3.0
    bench.drag((100, 66), (100, 94))
    assert [o.kind for o in bench.repairs[-1].after] == [ObjectKind.CHROMOSOME] * 2
    bench.drag((152, 66), (152, 94))
    assert ObjectKind.DEBRIS in [o.kind for o in bench.repairs[-1].after]
    assert "1 piece too small for a chromosome" in bench.said[-1]


def test_a_lasso_round_a_speck_says_that_it_is_no_chromosome(bench: Bench) -> None:
    pixels = PIXELS.copy()
    pixels[348:354, 100:106] = 60
    bench.scene.pixels = pixels
    with_tool(bench, LassoTool)
    bench.drag((92, 340), (114, 340), (114, 362), (92, 362), (92, 341))
    assert bench.repairs[-1].after[0].kind is ObjectKind.DEBRIS
    assert bench.said[-1].startswith("Outline debris, too small for a chromosome.")
