"""Where widgets stand, written as it is seen: rows from left to right, columns from top to bottom.

Gaps and margins count steps of the grid; where none are given, those of the style hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from karyogui.ui.theme import GRID

Box = TypeVar("Box", bound=QBoxLayout)
NOWHERE: Mapping[int, int] = MappingProxyType({})
SOMEWHERE = Qt.AlignmentFlag(0)
Margins = float | tuple[float, float, float, float]
"""All four alike, or left, top, right, bottom."""


@dataclass(frozen=True)
class Placed:
    """A part that is more than itself: a share of the room that is left, or a place in its room.

    `what` is None for room with nothing in it, a number for so many steps of it.
    """

    what: QWidget | QLayout | float | None
    share: int = 0
    at: Qt.AlignmentFlag = SOMEWHERE


Part = QWidget | QLayout | Placed


def filling(what: QWidget | QLayout, share: int = 1) -> Placed:
    """A part that takes its share of the room that is left."""
    return Placed(what, share)


def placed(what: QWidget, at: Qt.AlignmentFlag, share: int = 0) -> Placed:
    """A part as large as it needs to be, at a side of its room."""
    return Placed(what, share, at)


def space(steps: float) -> Placed:
    """Some more room between two parts."""
    return Placed(steps)


def rest(share: int = 0) -> Placed:
    """The room that nothing else fills; with a share, some of what would be filled, too."""
    return Placed(None, share)


REST = rest()


def row_of(*parts: Part, gap: float | None = None, margins: Margins | None = None) -> QHBoxLayout:
    """Parts from left to right."""
    return _filled(QHBoxLayout(), parts, gap, margins)


def column_of(
    *parts: Part, gap: float | None = None, margins: Margins | None = None
) -> QVBoxLayout:
    """Parts from top to bottom."""
    return _filled(QVBoxLayout(), parts, gap, margins)


def grid_of(
    across: float | None = None, down: float | None = None, stretch: Mapping[int, int] = NOWHERE
) -> QGridLayout:
    """An empty grid with gaps across and down; `stretch` are shares of what is left, by column."""
    grid = QGridLayout()
    if across is not None:
        grid.setHorizontalSpacing(round(across * GRID))
    if down is not None:
        grid.setVerticalSpacing(round(down * GRID))
    for column, share in stretch.items():
        grid.setColumnStretch(column, share)
    return grid


def add(box: QBoxLayout, *parts: Part) -> None:
    """Further parts at the end of a box."""
    for part in parts:
        each = part if isinstance(part, Placed) else Placed(part)
        if each.what is None:
            box.addStretch(each.share)
        elif isinstance(each.what, QWidget):
            box.addWidget(each.what, each.share, each.at)
        elif isinstance(each.what, QLayout):
            box.addLayout(each.what, each.share)
        else:
            box.addSpacing(round(each.what * GRID))


def _filled(box: Box, parts: tuple[Part, ...], gap: float | None, margins: Margins | None) -> Box:
    if margins is not None:
        sides = margins if isinstance(margins, tuple) else (margins,) * 4
        box.setContentsMargins(*(round(side * GRID) for side in sides))
    if gap is not None:
        box.setSpacing(round(gap * GRID))
    add(box, *parts)
    return box
