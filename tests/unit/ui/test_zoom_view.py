"""What the board and the metaphase share, on an empty sheet with a tool that does nothing."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtWidgets import QGraphicsScene
from pytestqt.qtbot import QtBot

from karyogui.ui.zoom_view import ZOOM_STEP, Gesture, Pointer, ZoomView
from tests.unit.ui.windows import wheel

PAGE = QRectF(0, 0, 400, 300)
NO_KEY = Qt.KeyboardModifier.NoModifier
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


class Counting(Gesture):
    """Counts what it is told, and takes the wheel when asked to."""

    def __init__(self) -> None:
        self.presses = self.cancels = 0
        self.takes_the_wheel = False

    def press(self, pointer: Pointer) -> None:
        self.presses += 1

    def wheel(self, steps: float, modifiers: Qt.KeyboardModifier) -> bool:
        return self.takes_the_wheel

    def cancel(self) -> bool:
        self.cancels += 1
        return False


class Sheet(ZoomView):
    def __init__(self) -> None:
        self.sheet_scene = QGraphicsScene(PAGE)  # a view does not keep its scene alive
        super().__init__(self.sheet_scene, lambda name: name)
        self.tool = Counting()
        self.has_page = True

    @property
    def is_empty(self) -> bool:
        return not self.has_page

    @property
    def page(self) -> QRectF:
        return PAGE

    @property
    def gesture(self) -> Gesture:
        return self.tool

    def whole_zoom(self) -> float:
        return 1.0


@pytest.fixture
def sheet(qtbot: QtBot) -> Sheet:
    shown = Sheet()
    qtbot.addWidget(shown)
    shown.resize(400, 300)
    shown.show()
    qtbot.waitExposed(shown)
    shown.setFocus()
    return shown


def drag(qtbot: QtBot, sheet: Sheet, button: Qt.MouseButton, *points: QPoint) -> None:
    qtbot.mousePress(sheet.viewport(), button, NO_KEY, points[0])
    for point in points[1:]:
        # QTest says no button with its moves; a view asks for none either.
        qtbot.mouseMove(sheet.viewport(), point)


@pytest.mark.parametrize("at", [QPoint(10, 10), QPoint(200, 150), QPoint(390, 40)])
def test_the_wheel_keeps_what_is_under_the_pointer(sheet: Sheet, at: QPoint) -> None:
    wheel(sheet, at, 6)
    under = sheet.mapToScene(at)
    for notches in (3, -2, 0.5):
        wheel(sheet, at, notches)
        gap = sheet.mapToScene(at) - under
        assert gap.manhattanLength() * sheet.zoom <= 3
    assert sheet.zoom == pytest.approx(ZOOM_STEP**7.5)


def test_zoom_ends_at_the_largest_and_at_the_whole(sheet: Sheet) -> None:
    wheel(sheet, QPoint(200, 150), 40)
    assert sheet.zoom == pytest.approx(sheet.largest_zoom)
    assert not sheet.is_fitted
    wheel(sheet, QPoint(200, 150), -40)
    assert sheet.is_fitted
    assert sheet.zoom == 1.0


def test_a_tool_may_take_the_wheel(sheet: Sheet) -> None:
    sheet.tool.takes_the_wheel = True
    wheel(sheet, QPoint(200, 150), 3)
    assert sheet.zoom == 1.0


def test_nothing_is_zoomed_without_a_page(sheet: Sheet, qtbot: QtBot) -> None:
    sheet.has_page = False
    wheel(sheet, QPoint(200, 150), 3)
    qtbot.mouseClick(sheet.viewport(), LEFT, NO_KEY, QPoint(5, 5))
    assert sheet.zoom == 1.0
    assert not sheet.tool.presses


def with_space(sheet: Sheet, qtbot: QtBot) -> Qt.MouseButton:
    qtbot.keyPress(sheet, Qt.Key.Key_Space)
    return LEFT


def with_the_middle_button(sheet: Sheet, qtbot: QtBot) -> Qt.MouseButton:
    return MIDDLE


WAYS = [with_space, with_the_middle_button]


@pytest.mark.parametrize("way", WAYS)
def test_the_hand_takes_the_page_along(
    sheet: Sheet, qtbot: QtBot, way: Callable[[Sheet, QtBot], Qt.MouseButton]
) -> None:
    sheet.zoom_by(4)
    start, end = QPoint(200, 150), QPoint(170, 190)
    under = sheet.mapToScene(start)
    button = way(sheet, qtbot)
    drag(qtbot, sheet, button, start, (start + end) / 2, end)
    assert sheet.is_busy
    assert sheet.viewport().cursor().shape() is Qt.CursorShape.ClosedHandCursor
    qtbot.mouseRelease(sheet.viewport(), button, NO_KEY, end)
    assert not sheet.is_busy
    assert (sheet.mapToScene(end) - under).manhattanLength() < 1
    assert not sheet.tool.presses


@pytest.mark.parametrize("way", WAYS)
def test_a_pan_that_is_given_up_puts_the_page_back(
    sheet: Sheet, qtbot: QtBot, way: Callable[[Sheet, QtBot], Qt.MouseButton]
) -> None:
    """And leaves alone what the tool has drawn so far."""
    sheet.zoom_by(4)
    before = sheet.mapToScene(QPoint(0, 0))
    drag(qtbot, sheet, way(sheet, qtbot), QPoint(200, 150), QPoint(120, 90))
    assert sheet.cancel_gesture()
    assert sheet.mapToScene(QPoint(0, 0)) == before
    assert not sheet.tool.cancels


def test_a_space_released_elsewhere_is_forgotten(sheet: Sheet, qtbot: QtBot) -> None:
    qtbot.keyPress(sheet, Qt.Key.Key_Space)
    sheet.clearFocus()
    sheet.setFocus()
    qtbot.mouseClick(sheet.viewport(), LEFT, NO_KEY, QPoint(50, 50))
    assert sheet.tool.presses == 1


def test_a_second_button_does_not_disturb_a_gesture(sheet: Sheet, qtbot: QtBot) -> None:
    qtbot.mousePress(sheet.viewport(), LEFT, NO_KEY, QPoint(50, 50))
    qtbot.mouseClick(sheet.viewport(), MIDDLE, NO_KEY, QPoint(60, 60))
    assert sheet.is_busy
    qtbot.mouseRelease(sheet.viewport(), LEFT, NO_KEY, QPoint(50, 50))
    assert not sheet.is_busy
    assert sheet.tool.presses == 1
