"""A karyogram corrected with the mouse: real presses, moves and releases on the board."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsScene, QGraphicsView
from pytestqt.qtbot import QtBot

from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import AUTOSOMES, Assignment, Chromosome, Polarity, Segment
from karyogui.domain.karyogram import TRAY, Change, Karyogram
from karyogui.errors import KaryoError
from karyogui.ui.board.panel import BoardPanel
from karyogui.ui.board.scene import BoardScene
from tests.unit.ui.windows import wheel

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
PLAIN = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def generated_cell() -> Cell:
    """46,XX and two pieces of dirt in the tray; ids are `7a`, `7b`, … and `dirt-a`, `dirt-b`."""
    chromosomes = []
    for number, kind in enumerate((*AUTOSOMES, "X", None)):
        crop = np.full((120 - 4 * number, 14), 100, np.uint8)
        for copy in "ab":
            name = f"{kind}{copy}" if kind else f"dirt-{copy}"
            segment = Segment(f"{name}.png", crop, np.ones(crop.shape, bool))
            assigned = Assignment(kind, Polarity.Q_DOWN, 0.99)
            chromosomes.append(Chromosome(name, segment, None, assigned))
    placements = Karyogram.from_analysis(chromosomes).placements
    return Cell(1, 1, "cell", (), tuple(chromosomes), placements)


class Bench:
    """A board on the screen and a hand on the mouse."""

    def __init__(self, qtbot: QtBot) -> None:
        self.recorded: list[Change] = []
        self.is_full = False
        self.panel = BoardPanel(self.record)
        qtbot.addWidget(self.panel)
        self.panel.resize(900, 700)
        self.panel.show()
        qtbot.waitExposed(self.panel)
        self.panel.show_cell(generated_cell())
        self.view = self.panel.view

    def record(self, change: Change) -> None:
        if self.is_full:
            raise KaryoError("The disk is full.")
        self.recorded.append(change)

    @property
    def scene(self) -> BoardScene:
        return self.view.board_scene

    def marks_a_swap(self) -> bool:
        """Whether the drop under way would exchange two chromosomes."""
        return self.scene.drop_mark is not None and self.scene.drop_mark.is_swap

    def marks_a_drop(self) -> bool:
        """Whether a target is outlined."""
        return self.scene.drop_mark is not None and self.scene.drop_mark.isVisible()

    @property
    def karyogram(self) -> Karyogram:
        assert self.panel.karyogram is not None
        return self.panel.karyogram

    def at(self, name: str) -> QPoint:
        """Where a chromosome is seen."""
        spot = self.scene.board.spots[name]
        return self.view.mapFromScene(spot.centre_x, spot.centre_y)

    def in_slot(self, slot: str, fraction: float = 0.5) -> QPoint:
        """A place in a slot, `fraction` of its width from the left."""
        area = self.scene.board.slots[slot].area
        return self.view.mapFromScene(area.x + fraction * area.width, area.centre_y)

    def press(self, at: QPoint, keys: Qt.KeyboardModifier = PLAIN) -> None:
        QTest.mousePress(self.view.viewport(), LEFT, keys, at)

    def move(self, to: QPoint) -> None:
        QTest.mouseMove(self.view.viewport(), to)
        QApplication.processEvents()

    def release(self, at: QPoint, keys: Qt.KeyboardModifier = PLAIN) -> None:
        QTest.mouseRelease(self.view.viewport(), LEFT, keys, at)

    def click(self, name: str, keys: Qt.KeyboardModifier = PLAIN) -> None:
        QTest.mouseClick(self.view.viewport(), LEFT, keys, self.at(name))

    def drag(self, start: QPoint, end: QPoint, keys: Qt.KeyboardModifier = PLAIN) -> None:
        """Drag with `keys` held at the end only."""
        self.press(start)
        self.move((start + end) / 2)
        self.move(end)
        self.release(end, keys)

    def home(self, name: str) -> bool:
        """Whether a chromosome's picture stands in its place, fully visible."""
        spot, item = self.scene.board.spots[name], self.scene.item(name)
        stands = item.pos() == QPointF(spot.centre_x, spot.bottom)
        return stands and item.opacity() == 1.0


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench(qtbot)
    yield bench
    bench.panel.clear()


def test_dragging_to_another_slot_moves_records_and_glides_home(qtbot: QtBot, bench: Bench) -> None:
    bench.drag(bench.at("20a"), bench.in_slot("21", 0.5))
    assert bench.karyogram.in_slot("21") == ("21a", "20a", "21b")
    assert bench.karyogram.in_slot("20") == ("20b",)
    assert len(bench.recorded) == 1
    qtbot.waitUntil(lambda: bench.home("20a"))
    bench.panel.undo_stack.undo()
    assert bench.karyogram.in_slot("20") == ("20a", "20b")
    qtbot.waitUntil(lambda: bench.home("20a"))


def test_all_that_a_drop_changes_is_seen_beside_another_scene(qtbot: QtBot, bench: Bench) -> None:
    def painted() -> np.ndarray:
        """What stands on the screen, not what would be painted anew."""
        image = bench.panel.screen().grabWindow(bench.panel.winId()).toImage()
        image = image.convertToFormat(QImage.Format.Format_RGB32)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
        return rows[:700, : 4 * 900].copy()

    other = QGraphicsScene(0, 0, 20, 20)
    QGraphicsView(other, bench.panel).show()
    bench.press(bench.at("13b"))
    for part in (0.3, 0.6, 1.0):
        way = bench.in_slot("18", 1.0) - bench.at("13b")
        bench.move(bench.at("13b") + QPoint(round(part * way.x()), round(part * way.y())))
        qtbot.wait(20)
    other.update()
    bench.release(bench.in_slot("18", 1.0))
    qtbot.waitUntil(lambda: bench.home("13b"))
    qtbot.wait(100)
    assert bench.karyogram.in_slot("18") == ("18a", "18b", "13b")
    seen = painted()
    bench.view.viewport().update()
    qtbot.wait(50)
    assert np.array_equal(seen, painted())


@pytest.mark.parametrize(("fraction", "index"), [(0.0, 0), (0.5, 1), (1.0, 2)])
def test_the_drop_decides_the_place_among_homologues(
    bench: Bench, fraction: float, index: int
) -> None:
    bench.drag(bench.at("7a"), bench.in_slot("12", fraction))
    assert bench.karyogram.in_slot("12").index("7a") == index


def test_homologues_can_be_exchanged_within_their_slot(bench: Bench) -> None:
    bench.drag(bench.at("7a"), bench.in_slot("7", 1.0))
    assert bench.karyogram.in_slot("7") == ("7b", "7a")


def test_to_the_tray_and_back(bench: Bench) -> None:
    bench.drag(bench.at("7a"), bench.in_slot(TRAY, 0.8))
    assert bench.karyogram.placement("7a").slot == TRAY
    bench.scene.finish_glide()
    bench.drag(bench.at("7a"), bench.in_slot("7", 0.0))
    assert bench.karyogram.in_slot("7") == ("7a", "7b")
    assert bench.panel.undo_stack.count() == 2


def test_while_dragging_the_picture_follows_and_the_target_is_marked(bench: Bench) -> None:
    bench.press(bench.at("7a"))
    bench.move(bench.in_slot("9", 0.5))
    assert bench.scene.ghost is not None
    assert bench.scene.ghost.opacity() == pytest.approx(0.7)
    assert bench.scene.item("7a").opacity() < 0.5
    foot = bench.scene.ghost.pos()
    bench.move(bench.in_slot("9", 0.5) + QPoint(10, 4))
    assert bench.scene.ghost.pos() - foot == QPointF(10, 4)
    assert bench.marks_a_drop()
    bench.move(bench.view.mapFromScene(-30, 200))
    assert not bench.marks_a_drop()
    bench.release(bench.in_slot("7", 0.0))
    assert bench.scene.ghost is None


def test_a_drop_outside_brings_it_back_without_an_edit(qtbot: QtBot, bench: Bench) -> None:
    bench.drag(bench.at("7a"), QPoint(1, 300))
    assert bench.scene.is_gliding
    assert not bench.home("7a")
    qtbot.waitUntil(lambda: bench.home("7a"))
    assert not bench.recorded
    assert bench.panel.undo_stack.count() == 0


def test_a_drop_where_it_stood_is_no_edit(bench: Bench) -> None:
    bench.drag(bench.at("7a"), bench.at("7a") + QPoint(0, 20))
    assert not bench.recorded


@pytest.mark.parametrize("held", [CONTROL, Qt.KeyboardModifier.AltModifier])
def test_a_drop_on_another_with_ctrl_or_alt_swaps(bench: Bench, held: Qt.KeyboardModifier) -> None:
    bench.drag(bench.at("7a"), bench.at("9b"), held)
    assert bench.karyogram.in_slot("7") == ("9b", "7b")
    assert bench.karyogram.in_slot("9") == ("9a", "7a")
    assert bench.panel.undo_stack.count() == 1


def test_a_plain_drop_on_another_never_throws_it_out(bench: Bench) -> None:
    bench.drag(bench.at("7a"), bench.at("9b"))
    assert sorted(bench.karyogram.in_slot("9")) == ["7a", "9a", "9b"]


def test_the_swap_is_announced_and_shown_when_ctrl_goes_down(bench: Bench) -> None:
    hints: list[str] = []
    bench.view.hint_changed.connect(hints.append)
    bench.press(bench.at("7a"))
    bench.move(bench.at("9b"))
    assert "Ctrl" in hints[-1]
    assert not bench.marks_a_swap()
    QTest.keyPress(bench.view, Qt.Key.Key_Control, CONTROL)
    assert bench.marks_a_swap()
    QTest.keyRelease(bench.view, Qt.Key.Key_Control)
    assert not bench.marks_a_swap()
    bench.release(bench.at("9b"))
    assert hints[-1] == ""


def test_esc_takes_a_drag_back(qtbot: QtBot, bench: Bench) -> None:
    bench.press(bench.at("7a"))
    bench.move(bench.in_slot("9"))
    QTest.keyClick(bench.view, Qt.Key.Key_Escape)
    assert bench.scene.ghost is None
    bench.release(bench.in_slot("9"))
    assert not bench.recorded
    assert bench.panel.selection == ("7a",)
    qtbot.waitUntil(lambda: bench.home("7a"))


def test_other_keys_do_nothing_during_a_drag(bench: Bench) -> None:
    bench.press(bench.at("7a"))
    bench.move(bench.in_slot("9"))
    QTest.keyClick(bench.view, Qt.Key.Key_Delete)
    assert bench.karyogram.placement("7a").slot == "7"
    bench.release(bench.in_slot("9"))
    assert bench.karyogram.placement("7a").slot == "9"


def test_a_selection_moves_together_in_one_step(bench: Bench) -> None:
    bench.click("7a")
    bench.click("8b", CONTROL)
    bench.click("21a", SHIFT)
    assert bench.panel.selection == ("7a", "8b", "21a")
    bench.drag(bench.at("8b"), bench.in_slot("X", 1.0))
    assert bench.karyogram.in_slot("X") == ("Xa", "Xb", "7a", "8b", "21a")
    assert bench.panel.undo_stack.count() == 1
    assert bench.panel.selection == ("7a", "8b", "21a")


def test_ctrl_click_takes_one_out_again(bench: Bench) -> None:
    bench.click("7a")
    bench.click("8b", CONTROL)
    bench.click("7a", CONTROL)
    assert bench.panel.selection == ("8b",)


def test_a_click_on_one_of_several_selects_it_alone(bench: Bench) -> None:
    bench.panel.select(["7a", "8b"])
    bench.click("8b")
    assert bench.panel.selection == ("8b",)


def test_a_click_beside_everything_selects_nothing(bench: Bench) -> None:
    bench.click("7a")
    QTest.mouseClick(bench.view.viewport(), LEFT, PLAIN, QPoint(3, 3))
    assert bench.panel.selection == ()


def test_a_rubber_band_selects_what_it_touches(bench: Bench) -> None:
    start = bench.in_slot("13", 0.0) - QPoint(12, 60)
    bench.drag(start, bench.at("14b"))
    assert bench.panel.selection == ("13a", "13b", "14a", "14b")
    assert not bench.recorded


def test_a_rubber_band_with_shift_adds_and_esc_gives_back(bench: Bench) -> None:
    bench.click("1a")
    start = bench.in_slot("13", 0.0) - QPoint(12, 60)
    bench.press(start, SHIFT)
    bench.move(bench.at("13b"))
    assert bench.panel.selection == ("1a", "13a", "13b")
    QTest.keyClick(bench.view, Qt.Key.Key_Escape)
    assert bench.panel.selection == ("1a",)
    bench.release(bench.at("13b"), SHIFT)


def test_a_refused_drop_goes_home_and_says_why(qtbot: QtBot, bench: Bench) -> None:
    bench.is_full = True
    with qtbot.waitSignal(bench.panel.edit_failed):
        bench.drag(bench.at("7a"), bench.in_slot("9"))
    assert bench.karyogram.in_slot("7") == ("7a", "7b")
    qtbot.waitUntil(lambda: bench.home("7a"))


def test_a_double_click_asks_for_the_inspector(qtbot: QtBot, bench: Bench) -> None:
    with qtbot.waitSignal(bench.panel.inspection_requested) as asked:
        QTest.mouseDClick(bench.view.viewport(), LEFT, PLAIN, bench.at("7a"))
    assert asked.args == ["7a"]
    bench.release(bench.at("7a"))


def test_the_wheel_zooms_to_the_pointer_and_out_to_the_whole(bench: Bench) -> None:
    at = bench.at("9a")
    for _ in range(5):
        wheel(bench.view, at, 1)
    assert bench.view.zoom > 2.5
    assert (bench.at("9a") - at).manhattanLength() < 8
    for _ in range(6):
        wheel(bench.view, at, -1)
    assert bench.view.is_fitted


def test_middle_button_and_space_pan_without_touching_the_selection(bench: Bench) -> None:
    wheel(bench.view, bench.at("9a"), 4)
    bench.panel.select(["9a"])
    start = bench.at("9a")
    viewport = bench.view.viewport()
    QTest.mousePress(viewport, MIDDLE, PLAIN, start)
    bench.move(start + QPoint(40, 30))
    QTest.mouseRelease(viewport, MIDDLE, PLAIN, start + QPoint(40, 30))
    assert bench.at("9a") == start + QPoint(40, 30)
    QTest.keyPress(bench.view, Qt.Key.Key_Space)
    bench.drag(bench.at("9a"), start)
    QTest.keyRelease(bench.view, Qt.Key.Key_Space)
    assert bench.at("9a") == start
    assert bench.panel.selection == ("9a",)
    assert not bench.recorded


def test_dragging_works_when_zoomed(bench: Bench) -> None:
    wheel(bench.view, bench.at("8a"), 3)
    bench.drag(bench.at("8a"), bench.in_slot("9", 1.0))
    assert bench.karyogram.in_slot("9") == ("9a", "9b", "8a")


def test_an_undo_in_the_middle_of_a_drag_ends_the_drag(bench: Bench) -> None:
    bench.panel.select(["1a"])
    bench.panel.move_selection("2")
    bench.press(bench.at("7a"))
    bench.move(bench.in_slot("9"))
    bench.panel.undo_stack.undo()
    assert bench.scene.ghost is None
    bench.release(bench.in_slot("9"))
    assert bench.karyogram.placement("7a").slot == "7"


def test_many_are_dragged_as_a_few_with_a_number(bench: Bench) -> None:
    bench.panel.select_all()
    bench.press(bench.at("7a"))
    bench.move(bench.in_slot("9"))
    assert bench.scene.ghost is not None
    assert bench.scene.ghost.more == 42
    assert bench.scene.ghost.boundingRect().width() < 400
    bench.panel.grab()
    bench.release(bench.in_slot("9"))
    assert len(bench.karyogram.in_slot("9")) == 48
    assert bench.panel.undo_stack.count() == 1
    bench.panel.undo_stack.undo()
    assert len(bench.karyogram.in_slot("9")) == 2


def test_esc_puts_a_panned_page_back(bench: Bench) -> None:
    wheel(bench.view, bench.at("9a"), 4)
    start = bench.at("9a")
    QTest.mousePress(bench.view.viewport(), MIDDLE, PLAIN, start)
    bench.move(start + QPoint(40, 30))
    QTest.keyClick(bench.view, Qt.Key.Key_Escape)
    assert bench.at("9a") == start
    QTest.mouseRelease(bench.view.viewport(), MIDDLE, PLAIN, start)


def test_a_second_button_does_not_disturb_a_drag(bench: Bench) -> None:
    bench.press(bench.at("7a"))
    bench.move(bench.in_slot("9"))
    QTest.mousePress(bench.view.viewport(), MIDDLE, PLAIN, bench.in_slot("9"))
    QTest.mouseRelease(bench.view.viewport(), MIDDLE, PLAIN, bench.in_slot("9"))
    bench.release(bench.in_slot("9"))
    assert bench.karyogram.placement("7a").slot == "9"


def test_a_swap_under_way_is_painted_on_the_other_one(bench: Bench) -> None:
    bench.press(bench.at("7a"))
    bench.move(bench.at("9b"))
    QTest.keyPress(bench.view, Qt.Key.Key_Control, CONTROL)
    image = bench.view.grab().toImage()
    at = bench.at("9b") + QPoint(0, 8)
    assert image.pixelColor(at).blue() > image.pixelColor(at).red() + 40
    QTest.keyRelease(bench.view, Qt.Key.Key_Control)
    bench.release(bench.at("7a"))
