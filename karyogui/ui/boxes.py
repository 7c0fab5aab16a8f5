"""Boxes of widgets, written as they are seen: rows from left to right, columns from top to bottom.

Gaps and margins count steps of the grid; where none are given, those of the style hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from karyogui.ui.theme import GRID

Box = TypeVar("Box", bound=QBoxLayout)
Margins = float | tuple[float, float, float, float]
"""All four alike, or left, top, right, bottom."""


@dataclass(frozen=True)
class Filling:
    """A part that takes its share of the room that is left."""

    what: QWidget | QLayout
    share: int = 1


@dataclass(frozen=True)
class Placed:
    """A part as large as it needs to be, at a side of its room; with a share, of the rest."""

    what: QWidget
    at: Qt.AlignmentFlag
    share: int = 0


@dataclass(frozen=True)
class Space:
    """Some more room between two parts."""

    steps: float


@dataclass(frozen=True)
class Rest:
    """The room that nothing else fills; with a share, some of what would be filled, too."""

    share: int = 0


REST = Rest()
Part = QWidget | QLayout | Filling | Placed | Space | Rest


def row_of(*parts: Part, gap: float | None = None, margins: Margins | None = None) -> QHBoxLayout:
    """Parts from left to right."""
    return _filled(QHBoxLayout(), parts, gap, margins)


def column_of(
    *parts: Part, gap: float | None = None, margins: Margins | None = None
) -> QVBoxLayout:
    """Parts from top to bottom."""
    return _filled(QVBoxLayout(), parts, gap, margins)


def add(box: QBoxLayout, *parts: Part) -> None:
    """Further parts at the end of a box."""
    for part in parts:
        if isinstance(part, Rest):
            box.addStretch(part.share)
        elif isinstance(part, Space):
            box.addSpacing(round(part.steps * GRID))
        elif isinstance(part, QWidget):
            box.addWidget(part)
        elif isinstance(part, QLayout):
            box.addLayout(part)
        elif isinstance(part, Placed):
            box.addWidget(part.what, part.share, part.at)
        elif isinstance(part.what, QWidget):
            box.addWidget(part.what, part.share)
        else:
            box.addLayout(part.what, part.share)


def _filled(box: Box, parts: tuple[Part, ...], gap: float | None, margins: Margins | None) -> Box:
    if margins is not None:
        sides = margins if isinstance(margins, tuple) else (margins,) * 4
        box.setContentsMargins(*(round(side * GRID) for side in sides))
    if gap is not None:
        box.setSpacing(round(gap * GRID))
    add(box, *parts)
    return box
