"""Rows, columns and grids stand as they are written."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QBoxLayout, QLayout, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from karyogui.ui.boxes import REST, add, column_of, filling, grid_of, placed, rest, row_of, space
from karyogui.ui.theme import GRID

LaidOut = Callable[[QLayout, int, int], QWidget]


@pytest.fixture
def laid_out(qtbot: QtBot) -> Iterator[LaidOut]:
    """Puts a layout into a window of that size."""
    windows = []

    def lay(layout: QLayout, width: int, height: int) -> QWidget:
        window = QWidget()
        qtbot.addWidget(window)
        windows.append(window)
        window.setLayout(layout)
        layout.setGeometry(QRect(0, 0, width, height))
        return window

    yield lay
    windows.clear()


def blocks(count: int) -> list[QWidget]:
    found = [QWidget() for _ in range(count)]
    for block in found:
        block.setMinimumSize(20, 20)
    return found


def test_parts_stand_with_gaps_and_margins_in_steps_of_the_grid(laid_out: LaidOut) -> None:
    first, second, third = blocks(3)
    for block in (first, second):
        block.setFixedSize(20, 20)
    layout = row_of(first, second, filling(third), gap=2, margins=(1, 2, 3, 4))
    window = laid_out(layout, 200, 100)
    assert window.layout() is layout
    assert first.geometry().left() == GRID
    assert second.geometry().left() == first.geometry().right() + 1 + 2 * GRID
    assert third.geometry().right() + 1 == 200 - 3 * GRID
    assert (third.geometry().top(), third.geometry().bottom() + 1) == (2 * GRID, 100 - 4 * GRID)


def test_room_and_what_is_left_of_it(laid_out: LaidOut) -> None:
    first, second = blocks(2)
    for block in (first, second):
        block.setFixedSize(20, 20)
    laid_out(column_of(first, space(5), second, REST, gap=0, margins=0), 100, 300)
    assert first.geometry().top() == 0
    assert second.geometry().top() == 20 + 5 * GRID


@pytest.mark.parametrize(("share", "height"), [(0, 300), (1, 150)])
def test_what_is_left_takes_room_from_what_is_filled_only_with_a_share(
    laid_out: LaidOut, share: int, height: int
) -> None:
    (block,) = blocks(1)
    laid_out(column_of(filling(block), rest(share), gap=0, margins=0), 100, 300)
    assert block.height() == height


def test_a_part_stands_at_a_side_no_larger_than_it_needs_to_be(laid_out: LaidOut) -> None:
    button = QPushButton("Sign off")
    laid_out(column_of(placed(button, Qt.AlignmentFlag.AlignLeft), margins=0), 400, 100)
    assert button.width() == button.sizeHint().width()


def test_boxes_stand_within_boxes_and_take_further_parts(laid_out: LaidOut) -> None:
    first, second, third = blocks(3)
    inner = column_of(first, gap=0)
    outer = row_of(filling(inner, 2), gap=0, margins=0)
    add(outer, filling(second))
    add(inner, third)
    laid_out(outer, 300, 100)
    assert first.width() == third.width() == 200
    assert second.width() == 100
    assert isinstance(outer.itemAt(0).layout(), QBoxLayout)


def test_the_keys_go_from_part_to_part_as_they_are_written(laid_out: LaidOut) -> None:
    buttons = [QPushButton(str(n)) for n in range(4)]
    window = laid_out(
        column_of(row_of(buttons[0], buttons[1]), buttons[2], row_of(buttons[3])), 300, 100
    )
    chain, widget = [], window.nextInFocusChain()
    while widget is not window:
        chain.append(widget)
        widget = widget.nextInFocusChain()
    assert chain == buttons


def test_a_grid_has_gaps_and_shares(laid_out: LaidOut) -> None:
    first, second = blocks(2)
    grid = grid_of(across=3, down=2, stretch={1: 1})
    grid.addWidget(first, 0, 0)
    grid.addWidget(second, 0, 1)
    assert (grid.horizontalSpacing(), grid.verticalSpacing()) == (3 * GRID, 2 * GRID)
    laid_out(grid, 300, 100)
    assert second.width() > first.width()
