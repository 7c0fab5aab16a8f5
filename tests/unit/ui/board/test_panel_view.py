"""The board's view: size, zoom, tooltips, context menu, tools."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolTip
from pytestqt.qtbot import QtBot

from karyogui.domain.cell import Cell
from karyogui.ui.board.panel import BoardPanel

Make = Callable[..., Cell]
Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def full(panel: BoardPanel, cell: Make) -> BoardPanel:
    panel.show_cell(cell())
    return panel


def slot(panel: BoardPanel, chromosome_id: str) -> str:
    assert panel.karyogram is not None
    return panel.karyogram.placement(chromosome_id).slot


def turn(panel: BoardPanel, chromosome_id: str) -> float:
    assert panel.karyogram is not None
    return panel.karyogram.placement(chromosome_id).turn


def press(panel: BoardPanel, key: Key | str, modifiers: Qt.KeyboardModifier | None = None) -> None:
    """Press a key, or type a character, with the keyboard in the board."""
    modifiers = modifiers or Qt.KeyboardModifier.NoModifier
    if isinstance(key, str):
        QTest.keyClicks(panel.view, key, modifiers)
    else:
        QTest.keyClick(panel.view, key, modifiers)


def hint(panel: BoardPanel) -> str:
    shown = [label.text() for label in panel.view.viewport().findChildren(QLabel)]
    return next((text for text in shown[1:] if text), "")


def notice(panel: BoardPanel) -> str:
    return panel.view.viewport().findChildren(QLabel)[0].text()


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
