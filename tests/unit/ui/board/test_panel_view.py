"""The board's view: size, zoom, tooltips, context menu, tools."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from karyogui.domain.cell import Cell
from karyogui.ui.board.panel import BoardPanel
from tests.unit.ui.board.panels import press

Make = Callable[..., Cell]
Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def test_the_board_follows_the_size_until_it_is_zoomed(full: BoardPanel) -> None:
    view = full.view
    assert view.is_fitted
    before = view.board_scene.board.page.width
    full.resize(700, 600)
    QApplication.processEvents()
    assert view.board_scene.board.page.width < before
    full.zoom_in()
    page = view.board_scene.board.page
    assert not view.is_fitted
    full.resize(900, 700)
    QApplication.processEvents()
    assert view.board_scene.board.page == page
    press(full, "0")
    assert view.is_fitted
    assert view.zoom == 1.0


def test_zooming_by_keys_ends_in_the_whole_board(full: BoardPanel) -> None:
    press(full, "++")
    assert full.view.zoom > 1.5
    press(full, "---")
    assert full.view.is_fitted


def test_a_small_window_shows_the_whole_page_reduced(full: BoardPanel) -> None:
    full.resize(320, 240)
    QApplication.processEvents()
    page, size = full.view.board_scene.board.page, full.view.viewport().size()
    assert page.width * full.view.zoom <= size.width() + 1
    assert page.height * full.view.zoom <= size.height() + 1


def test_selecting_brings_into_view(full: BoardPanel) -> None:
    for _ in range(8):
        full.zoom_in()
    full.select(["1a"])
    spot = full.view.board_scene.board.spots["1a"]
    at = full.view.mapFromScene(spot.centre_x, spot.centre_y)
    assert full.view.viewport().rect().contains(at)


def test_tooltip_over_a_chromosome_only(full: BoardPanel) -> None:
    view = full.view
    spot = view.board_scene.board.spots["7a"]
    at = view.mapFromScene(spot.centre_x, spot.centre_y)
    ask = QHelpEvent(QEvent.Type.ToolTip, at, view.viewport().mapToGlobal(at))
    QApplication.sendEvent(view.viewport(), ask)
    assert "Chromosome 7" in QToolTip.text()
    QToolTip.hideText()


def test_a_context_menu_is_asked_for_on_what_is_under_the_pointer(
    qtbot: QtBot, full: BoardPanel
) -> None:
    spot = full.view.board_scene.board.spots["7a"]
    at = full.view.mapFromScene(spot.centre_x, spot.centre_y)
    place = full.view.viewport().mapToGlobal(at)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, place)
    with qtbot.waitSignal(full.context_menu_requested) as asked:
        QApplication.sendEvent(full.view.viewport(), event)
    assert asked.args == [place]
    assert full.selection == ("7a",)
