"""Board and metaphase zoom and pan alike, by the same real mouse and key events."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from karyogui.ui.board.panel import BoardPanel
from karyogui.ui.metaphase.panel import MetaphasePanel
from karyogui.ui.zoom_view import ZOOM_STEP, ZoomView
from tests.unit.ui.board.conftest import make_cell
from tests.unit.ui.metaphase.cells import new_cell
from tests.unit.ui.metaphase.readers import PIXELS
from tests.unit.ui.windows import wheel

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NO_KEY = Qt.KeyboardModifier.NoModifier
AT = QPoint(300, 200)


def board() -> BoardPanel:
    panel = BoardPanel(lambda change: None)
    panel.show_cell(make_cell())
    return panel


def metaphase() -> MetaphasePanel:
    panel = MetaphasePanel()
    panel.show_cell(new_cell(PIXELS), PIXELS)
    return panel


@pytest.fixture(params=[board, metaphase])
def view(request: pytest.FixtureRequest, qtbot: QtBot, look: None) -> ZoomView:
    make: Callable[[], Any] = request.param
    panel: QWidget = make()
    qtbot.addWidget(panel)
    panel.resize(900, 700)
    panel.show()
    qtbot.waitExposed(panel)
    panel.activateWindow()
    panel.view.setFocus()  # type: ignore[attr-defined]
    return panel.view  # type: ignore[attr-defined, no-any-return]


def test_wheel_keys_and_hand_do_the_same_in_both(view: ZoomView, qtbot: QtBot) -> None:
    whole = view.zoom
    assert view.is_fitted
    # A notch of the wheel and a key are the same step, and the wheel keeps what is under it.
    wheel(view, AT, 4)
    under = view.mapToScene(AT)
    wheel(view, AT, 2)
    assert (view.mapToScene(AT) - under).manhattanLength() * view.zoom <= 3
    qtbot.keyClicks(view, "+=-")
    assert view.zoom == pytest.approx(whole * ZOOM_STEP**7)
    # Space with the left button, and the middle button, take along what they grasp.
    for key, button in ((Qt.Key.Key_Space, LEFT), (None, MIDDLE)):
        end = AT + QPoint(-60, 40)
        under = view.mapToScene(AT)
        if key is not None:
            qtbot.keyPress(view, key)
        qtbot.mousePress(view.viewport(), button, NO_KEY, AT)
        qtbot.mouseMove(view.viewport(), end)
        assert view.viewport().cursor().shape() is Qt.CursorShape.ClosedHandCursor
        qtbot.mouseRelease(view.viewport(), button, NO_KEY, end)
        if key is not None:
            qtbot.keyRelease(view, key)
        assert (view.mapToScene(end) - under).manhattanLength() * view.zoom <= 3
    # Esc puts a page back that is being dragged.
    corner = view.mapToScene(QPoint(0, 0))
    qtbot.mousePress(view.viewport(), MIDDLE, NO_KEY, AT)
    qtbot.mouseMove(view.viewport(), AT + QPoint(50, 50))
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.mapToScene(QPoint(0, 0)) == corner
    qtbot.mouseRelease(view.viewport(), MIDDLE, NO_KEY, AT)
    # Both ends: the largest zoom, and the whole page, which follows the view's size again.
    wheel(view, AT, 60)
    assert view.zoom == pytest.approx(view.largest_zoom)
    wheel(view, AT, -60)
    assert view.is_fitted
    assert view.zoom == pytest.approx(whole)
    qtbot.keyClicks(view, "+")
    assert not view.is_fitted
    qtbot.keyClicks(view, "0")
    assert view.is_fitted
    assert view.zoom == pytest.approx(whole)
