"""Where the chromosomes of a strip stand: in groups, line under line, all at one scale. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from karyogui.layout.geometry import Box
from karyogui.layout.karyogram import Piece


@dataclass(frozen=True)
class StripMetrics:
    """Sizes in pixels: around the page, between members and groups, and of what is written."""

    margin: float = 16.0
    member_gap: float = 6.0
    group_gap: float = 22.0
    least_group: float = 64.0
    line_gap: float = 14.0
    marks: float = 16.0
    label: float = 20.0
    heading: float = 28.0


METRICS = StripMetrics()
LARGEST = 3.0
"""Scale beyond which a small type is not enlarged: more would only show the pixels."""


@dataclass(frozen=True)
class StripGroup:
    """Pieces over one label; those from number `split_at` on, 0 for none, are of another type."""

    label: str
    pieces: tuple[Piece, ...]
    split_at: int = 0


@dataclass(frozen=True)
class StripSection:
    """Groups under a heading, which is empty for none."""

    heading: str
    groups: tuple[StripGroup, ...]


@dataclass(frozen=True)
class StripLayout:
    """Spots by id (bottoms of a line agree), labels and headings with their places, the height."""

    spots: Mapping[str, Box]
    labels: tuple[tuple[str, Box], ...]
    headings: tuple[tuple[str, Box], ...]
    lines: tuple[tuple[str, ...], ...]
    width: float
    height: float

    @property
    def order(self) -> tuple[str, ...]:
        """All ids as one reads them."""
        return tuple(i for line in self.lines for i in line)

    def at(self, x: float, y: float) -> str | None:
        """The id whose spot, with its marks below and a little around, holds a point."""
        for own_id, spot in self.spots.items():
            if Box(spot.x, spot.y, spot.width, spot.height + METRICS.marks).grown(3).contains(x, y):
                return own_id
        return None


def scale_for(sections: Sequence[StripSection], tallest: float) -> float:
    """The scale at which the tallest piece is `tallest` pixels high."""
    heights = [p.height for s in sections for g in s.groups for p in g.pieces]
    return min(tallest / max(heights), LARGEST) if heights and max(heights) > 0 else 1.0


def strip_layout(sections: Sequence[StripSection], width: float, scale: float) -> StripLayout:
    """Lay sections out over a page of this width, as many groups to a line as there is room."""
    spots: dict[str, Box] = {}
    labels: list[tuple[str, Box]] = []
    headings: list[tuple[str, Box]] = []
    lines: list[tuple[str, ...]] = []
    y = METRICS.margin
    for section in sections:
        if section.heading:
            box = Box(METRICS.margin, y, width - 2 * METRICS.margin, METRICS.heading)
            headings.append((section.heading, box))
            y += METRICS.heading
        for line in _broken(section.groups, width, scale):
            tallest = max((p.height * scale for g in line for p in g.pieces), default=0.0)
            foot, x = y + tallest, METRICS.margin
            for group in line:
                room = _group_width(group, scale)
                spots |= _members(group, x, room, foot, scale)
                labels.append((group.label, Box(x, foot + METRICS.marks, room, METRICS.label)))
                x += room + METRICS.group_gap
            lines.append(tuple(p.id for g in line for p in g.pieces))
            y = foot + METRICS.marks + METRICS.label + METRICS.line_gap
    return StripLayout(
        spots, tuple(labels), tuple(headings), tuple(line for line in lines if line), width,
        y + METRICS.margin - METRICS.line_gap,
    )  # fmt: skip


def _members(group: StripGroup, x: float, room: float, foot: float, scale: float) -> dict[str, Box]:
    at = x + (room - _width(group, scale)) / 2
    spots = {}
    for number, piece in enumerate(group.pieces):
        if number:
            at += METRICS.member_gap
            at += METRICS.group_gap / 2 if number == group.split_at else 0.0
        w, h = piece.width * scale, piece.height * scale
        spots[piece.id] = Box(at, foot - h, w, h)
        at += w
    return spots


def _width(group: StripGroup, scale: float) -> float:
    gaps = METRICS.member_gap * max(0, len(group.pieces) - 1)
    gaps += METRICS.group_gap / 2 if 0 < group.split_at < len(group.pieces) else 0.0
    return sum(p.width * scale for p in group.pieces) + gaps


def _group_width(group: StripGroup, scale: float) -> float:
    return max(METRICS.least_group, _width(group, scale))


def _broken(
    groups: Sequence[StripGroup], width: float, scale: float
) -> list[tuple[StripGroup, ...]]:
    room = width - 2 * METRICS.margin
    lines: list[tuple[StripGroup, ...]] = []
    line: list[StripGroup] = []
    used = 0.0
    for group in groups:
        wide = _group_width(group, scale)
        if line and used + METRICS.group_gap + wide > room:
            lines.append(tuple(line))
            line, used = [], 0.0
        used += wide + (METRICS.group_gap if line else 0.0)
        line.append(group)
    if line:
        lines.append(tuple(line))
    return lines
