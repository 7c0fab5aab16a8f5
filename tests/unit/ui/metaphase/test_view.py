"""The metaphase's scene and view with real mouse and key events."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtWidgets import QGraphicsRectItem
from pytestqt.qtbot import QtBot

from karyogui.domain.separation import ObjectKind, SeparatedObject
from karyogui.ui.metaphase.items import halves
from karyogui.ui.metaphase.scene import MetaphaseScene
from karyogui.ui.metaphase.tools.base import MetaphaseTool, Pointer
from karyogui.ui.metaphase.view import MetaphaseView
from tests.unit.ui.metaphase.generated import (
    CROSSING,
    HEIGHT,
    LOW,
    WIDTH,
    as_object,
    generated_metaphase,
)
from tests.unit.ui.windows import wheel

LEFT = Qt.MouseButton.LeftButton
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
PIXELS, OBJECTS = generated_metaphase()


@pytest.fixture
def view(qtbot: QtBot, look: None) -> MetaphaseView:
    scene = MetaphaseScene()
    shown = MetaphaseView(scene)
    qtbot.addWidget(shown)
    shown.resize(800, 600)
    shown.show()
    qtbot.waitExposed(shown)
    scene.set_levels(halves(PIXELS), PIXELS.shape[::-1])
    scene.set_objects(OBJECTS)
    shown.fit()
    shown.setFocus()
    return shown


def middle(view: MetaphaseView, object_id: str) -> QPoint:
    """A point on the object itself, in the view."""
    shown = view.metaphase_scene.objects[object_id]
    ys, xs = np.nonzero(shown.mask)
    near = np.argmin((ys - ys.mean()) ** 2 + (xs - xs.mean()) ** 2)
    x, y = shown.origin[0] + xs[near] + 0.5, shown.origin[1] + ys[near] + 0.5
    return view.mapFromScene(QPointF(float(x), float(y)))


def click(qtbot: QtBot, view: MetaphaseView, at: QPoint, keys: Qt.KeyboardModifier) -> None:
    qtbot.mouseClick(view.viewport(), LEFT, keys, at)


NO_KEY = Qt.KeyboardModifier.NoModifier


def drag(qtbot: QtBot, view: MetaphaseView, start: QPoint, end: QPoint) -> None:
    qtbot.mousePress(view.viewport(), LEFT, NO_KEY, start)
    qtbot.mouseMove(view.viewport(), (start + end) / 2)
    qtbot.mouseMove(view.viewport(), end)
    qtbot.mouseRelease(view.viewport(), LEFT, NO_KEY, end)


def test_the_scene_is_in_pixels_of_the_raw_picture(view: MetaphaseView) -> None:
    scene = view.metaphase_scene
    assert scene.page == QRectF(0, 0, WIDTH, HEIGHT)
    chromosome = scene.objects["c10"]
    y, x = np.argwhere(chromosome.mask)[0]
    left, top = chromosome.origin
    assert scene.object_at(QPointF(left + x + 0.01, top + y + 0.01)) == "c10"
    assert scene.object_at(QPointF(left + x + 0.99, top + y + 0.99)) == "c10"


def test_a_picture_shown_smaller_still_has_raw_coordinates(view: MetaphaseView) -> None:
    scene = view.metaphase_scene
    scene.set_levels(halves(PIXELS[::2, ::2]), (WIDTH, HEIGHT))
    assert scene.page == QRectF(0, 0, WIDTH, HEIGHT)


def test_a_click_selects_and_the_empty_background_gives_up(
    qtbot: QtBot, view: MetaphaseView
) -> None:
    with qtbot.waitSignal(view.metaphase_scene.selection_changed) as told:
        click(qtbot, view, middle(view, "c10"), NO_KEY)
    assert told.args == [["c10"]]
    assert view.metaphase_scene.item("c10").is_selected
    click(qtbot, view, view.mapFromScene(QPointF(5, 5)), NO_KEY)
    assert view.metaphase_scene.selected_ids == ()
    assert not view.metaphase_scene.item("c10").is_selected


def test_a_click_just_beside_a_thin_object_counts(qtbot: QtBot, view: MetaphaseView) -> None:
    scene = view.metaphase_scene
    left, top = scene.objects["d01"].origin
    at = view.mapFromScene(QPointF(left + 6, top)) - QPoint(0, 3)
    click(qtbot, view, at, NO_KEY)
    assert scene.selected_ids == ("d01",)


def test_shift_adds_and_control_takes_away(qtbot: QtBot, view: MetaphaseView) -> None:
    scene = view.metaphase_scene
    for object_id in ("c10", "c11", "c12"):
        click(qtbot, view, middle(view, object_id), SHIFT)
    assert scene.selected_ids == ("c10", "c11", "c12")
    click(qtbot, view, middle(view, "c11"), CONTROL)
    assert scene.selected_ids == ("c10", "c12")
    click(qtbot, view, middle(view, "c11"), CONTROL)
    assert scene.selected_ids == ("c10", "c12", "c11")


def test_a_second_click_on_a_crossing_selects_the_other_one(
    qtbot: QtBot, view: MetaphaseView
) -> None:
    scene = view.metaphase_scene
    at = view.mapFromScene(QPointF(130, 80))
    chosen = []
    for _ in range(3):
        click(qtbot, view, at, NO_KEY)
        chosen += scene.selected_ids
    assert set(chosen[:2]) == set(CROSSING)
    assert chosen[2] == chosen[0]


def test_a_rubber_band_selects_what_it_touches_and_esc_gives_it_up(
    qtbot: QtBot, view: MetaphaseView
) -> None:
    scene = view.metaphase_scene
    click(qtbot, view, middle(view, "c30"), NO_KEY)
    start, end = view.mapFromScene(QPointF(2, 2)), view.mapFromScene(QPointF(240, 140))
    drag(qtbot, view, start, end)
    inside = scene.selected_ids
    assert set(CROSSING) <= set(inside)
    assert "c30" not in inside
    assert all(scene.objects[i].origin[1] < 140 for i in inside)
    qtbot.mousePress(view.viewport(), LEFT, NO_KEY, view.mapFromScene(QPointF(2, 300)))
    qtbot.mouseMove(view.viewport(), view.mapFromScene(QPointF(600, 500)))
    assert scene.selected_ids != inside
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert scene.selected_ids == inside
    qtbot.mouseRelease(view.viewport(), LEFT, NO_KEY, view.mapFromScene(QPointF(600, 500)))
    assert scene.selected_ids == inside


def test_a_band_over_a_mixture_takes_the_chromosomes_only(
    qtbot: QtBot, view: MetaphaseView
) -> None:
    scene = view.metaphase_scene
    drag(qtbot, view, QPoint(1, 1), view.viewport().rect().bottomRight() - QPoint(1, 1))
    assert {scene.objects[i].kind for i in scene.selected_ids} == {ObjectKind.CHROMOSOME}
    assert len(scene.selected_ids) == 46
    nucleus = scene.rectangle_of(["n01"])
    start = view.mapFromScene(nucleus.topLeft())
    drag(qtbot, view, start, view.mapFromScene(nucleus.center()))
    assert scene.selected_ids == ("n01",)


def test_escape_ends_the_selection(qtbot: QtBot, view: MetaphaseView) -> None:
    view.metaphase_scene.set_selected_ids(["c01"])
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.metaphase_scene.selected_ids == ()


def test_hovering_marks_one_and_leaving_none(qtbot: QtBot, view: MetaphaseView) -> None:
    scene = view.metaphase_scene
    qtbot.mouseMove(view.viewport(), middle(view, "c20"))
    assert scene.hovered == "c20"
    qtbot.mouseMove(view.viewport(), view.mapFromScene(QPointF(5, 5)))
    assert scene.hovered is None


def test_the_wheel_zooms_to_the_pointer_and_zooming_out_ends_in_the_whole(
    view: MetaphaseView,
) -> None:
    whole = view.zoom
    at = middle(view, "c30")
    before = view.mapToScene(at)
    wheel(view, at, 4)
    assert view.zoom > 2 * whole
    after = view.mapToScene(at)
    assert abs(after.x() - before.x()) < 2 / view.zoom
    assert abs(after.y() - before.y()) < 2 / view.zoom
    wheel(view, at, -9)
    assert view.is_fitted
    assert view.zoom == pytest.approx(whole)


def test_plus_minus_and_nought_zoom(qtbot: QtBot, view: MetaphaseView) -> None:
    whole = view.zoom
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    twice = view.zoom
    assert twice == pytest.approx(whole * 1.25**2)
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    assert view.zoom == pytest.approx(whole * 1.25)
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.is_fitted


def test_space_and_drag_pans_and_selects_nothing(qtbot: QtBot, view: MetaphaseView) -> None:
    view.zoom_by(4)
    start = view.viewport().rect().center()
    before = view.mapToScene(start)
    qtbot.keyPress(view, Qt.Key.Key_Space)
    drag(qtbot, view, start, start + QPoint(60, 40))
    qtbot.keyRelease(view, Qt.Key.Key_Space)
    moved = view.mapToScene(start + QPoint(60, 40))
    assert abs(moved.x() - before.x()) < 1
    assert abs(moved.y() - before.y()) < 1
    assert view.metaphase_scene.selected_ids == ()


def test_the_arrow_keys_pan_a_zoomed_view(qtbot: QtBot, view: MetaphaseView) -> None:
    view.zoom_by(4)
    at = view.viewport().rect().center()
    before = view.mapToScene(at)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    after = view.mapToScene(at)
    assert after.x() > before.x() + 5
    assert after.y() > before.y() + 5


def test_revealing_scrolls_a_zoomed_view(view: MetaphaseView) -> None:
    view.zoom_by(8, view.mapFromScene(QPointF(20, 20)))
    area = view.metaphase_scene.rectangle_of(["c46"])
    assert not view.mapToScene(view.viewport().rect()).boundingRect().contains(area)
    view.reveal(["c46"])
    assert view.mapToScene(view.viewport().rect()).boundingRect().contains(area)


def test_other_objects_can_be_hidden_and_then_are_not_under_the_mouse(
    qtbot: QtBot, view: MetaphaseView
) -> None:
    scene = view.metaphase_scene
    click(qtbot, view, middle(view, "n01"), NO_KEY)
    assert scene.selected_ids == ("n01",)
    scene.show_rejected(False)
    assert scene.selected_ids == ()
    assert not scene.item("n01").isVisible()
    click(qtbot, view, middle(view, "n01"), NO_KEY)
    assert scene.selected_ids == ()
    scene.show_rejected(True)
    assert scene.item("n01").isVisible()


def test_the_low_score_is_amber_until_a_person_has_looked(view: MetaphaseView) -> None:
    scene = view.metaphase_scene
    assert scene.item(LOW).is_doubtful
    assert not scene.item("c10").is_doubtful
    old = scene.objects[LOW]
    looked = SeparatedObject(LOW, old.kind, old.mask, old.origin, old.box, 0.1, by_person=True)
    scene.set_objects([looked if o.id == LOW else o for o in OBJECTS])
    assert not scene.item(LOW).is_doubtful


def test_a_repair_keeps_who_stays_selected_and_drops_who_is_gone(view: MetaphaseView) -> None:
    scene = view.metaphase_scene
    scene.set_selected_ids(["c10", "c11"])
    kept = scene.item("c10")
    scene.set_objects([o for o in OBJECTS if o.id != "c11"])
    assert scene.selected_ids == ("c10",)
    assert scene.item("c10") is kept
    assert len(scene.objects) == len(OBJECTS) - 1


def test_the_overlay_lies_over_everything_and_lets_clicks_through(
    qtbot: QtBot, view: MetaphaseView
) -> None:
    scene = view.metaphase_scene
    scene.overlay.addToGroup(QGraphicsRectItem(0, 0, WIDTH, HEIGHT))
    click(qtbot, view, middle(view, "c10"), NO_KEY)
    assert scene.selected_ids == ("c10",)
    assert scene.overlay.zValue() > max(scene.item(i).zValue() for i in scene.objects)


class Recorder(MetaphaseTool):
    id = "recorder"
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: MetaphaseView) -> None:
        super().__init__(view)
        self.said: list[str] = []
        self.at: list[QPointF] = []
        self.busy = False

    def begin(self) -> None:
        self.said.append("begin")

    def end(self) -> None:
        super().end()
        self.said.append("end")

    def press(self, pointer: Pointer) -> None:
        self.busy = True
        self.said.append("press")
        self.at.append(pointer.page)

    def move(self, pointer: Pointer) -> None:
        self.said.append("move")

    def release(self, pointer: Pointer) -> None:
        self.busy = False
        self.said.append("release")
        self.at.append(pointer.page)

    def cancel(self) -> bool:
        was, self.busy = self.busy, False
        self.said.append("cancel" if was else "idle")
        return was


def test_a_tool_gets_the_left_button_and_gives_it_back_by_esc(
    qtbot: QtBot, view: MetaphaseView
) -> None:
    tool = Recorder(view)
    view.set_tool(tool)
    assert view.viewport().cursor().shape() is Qt.CursorShape.CrossCursor
    start = view.mapFromScene(QPointF(100, 200))
    drag(qtbot, view, start, start + QPoint(50, 0))
    assert [s for s in tool.said if s != "idle"] == ["begin", "press", "move", "move", "release"]
    assert abs(tool.at[0].x() - 100) < 1.5 / view.zoom
    assert view.metaphase_scene.selected_ids == ()
    qtbot.mousePress(view.viewport(), LEFT, NO_KEY, start)
    qtbot.keyClick(view, Qt.Key.Key_Escape)  # the gesture
    assert tool.said[-1] == "cancel"
    assert view.tool is tool
    qtbot.mouseRelease(view.viewport(), LEFT, NO_KEY, start)
    assert tool.said[-1] == "cancel"
    qtbot.keyClick(view, Qt.Key.Key_Escape)  # the tool
    assert tool.said[-1] == "end"
    assert view.tool is not tool
    click(qtbot, view, middle(view, "c10"), NO_KEY)
    assert view.metaphase_scene.selected_ids == ("c10",)


def test_labels_stand_free_of_objects_and_of_each_other(view: MetaphaseView) -> None:
    scene = view.metaphase_scene
    scene.set_labels({o.id: "12" for o in OBJECTS if o.kind is ObjectKind.CHROMOSOME})
    view.fit()
    boxes = view.labels.boxes
    assert len(boxes) >= 45
    assert {"n01", "e01", "d01", LOW} <= set(boxes)
    for name, box in boxes.items():
        assert scene.occupancy.share(box.x, box.y, box.width, box.height) < 0.15, name
        assert not any(box.overlaps(other) for key, other in boxes.items() if key != name)
    near = view.zoom
    view.zoom_by(6)
    view.labels.place(view.zoom)
    assert view.labels.boxes["c10"].width == pytest.approx(boxes["c10"].width * near / view.zoom)


def test_outlines_and_labels_are_on_the_screen_and_can_be_hidden(view: MetaphaseView) -> None:
    scene = view.metaphase_scene
    scene.set_labels({"c10": "5"})
    view.fit()
    box = view.labels.boxes["c10"]
    at = view.mapFromScene(QPointF(box.x, box.centre_y)) + QPoint(2, 0)
    assert view.grab().toImage().pixelColor(at).lightness() > 240
    view.labels.show_labels(False)
    assert view.grab().toImage().pixelColor(at).lightness() < 240


def test_nothing_happens_without_a_picture(qtbot: QtBot, look: None) -> None:
    empty = MetaphaseView(MetaphaseScene())
    qtbot.addWidget(empty)
    empty.show()
    empty.fit()
    wheel(empty, QPoint(5, 5), 2)
    click(qtbot, empty, QPoint(5, 5), NO_KEY)
    assert empty.metaphase_scene.is_empty
    assert empty.zoom == 1.0


def test_an_object_of_one_pixel_can_be_shown(view: MetaphaseView) -> None:
    dot = np.zeros((HEIGHT, WIDTH), bool)
    dot[100, 300] = True
    view.metaphase_scene.set_objects([as_object("c01", ObjectKind.CHROMOSOME, dot, 0.1)])
    view.fit()
    assert view.metaphase_scene.object_at(QPointF(300.5, 100.5)) == "c01"
    view.grab()
