"""Parts of one chromosome: which objects lie near each other, and what they make together."""

from __future__ import annotations

from collections.abc import Sequence

from model.geometry.masks import Mask, bridge, filling, placed, union_of

REACH: float = 1.5
"""Widths of a chromosome between two objects that may be parts of one, at most."""
MOST: int = 9
"""Objects that a part may belong to, at most."""

Placed = tuple[Mask, tuple[int, int]]
"""A mask (h, w) and where its top left pixel (x, y) lies."""


def partners(number: int, objects: Sequence[Placed], width: float) -> tuple[int, ...]:
    """The objects near one of them, by number, the nearest first; `width` of a chromosome."""
    part, reach = objects[number], REACH * width
    gaps = [
        (gap, other)
        for other, each in enumerate(objects)
        if other != number and _apart(part, each) <= reach
        if (gap := _gap(part, each)) <= reach
    ]
    return tuple(other for _, other in sorted(gaps)[:MOST])


def joined(objects: Sequence[Placed], width: float) -> Placed:
    """One object of several.

    A gap of at most one chromosome `width` (pixels) is filled along the shortest bridge; a wider
    one stays open.
    """
    box = _around(objects)
    waiting = [placed(mask, origin, box) for mask, origin in objects]
    whole = waiting.pop(0)
    while waiting:
        gaps = [bridge(whole, other) for other in waiting]
        at = min(range(len(gaps)), key=lambda i: gaps[i][0])
        gap, start, end = gaps[at]
        other = waiting.pop(at)
        if gap <= width + 1:
            other |= filling(whole, other, start, end, gap)
        whole |= other
    return whole, (box[0], box[1])


def _apart(one: Placed, other: Placed) -> int:
    """Pixels between the boxes of two masks, at least; negative where they meet."""
    (first, (x, y)), (second, (u, v)) = one, other
    (h, w), (m, n) = first.shape, second.shape
    return int(max(max(x, u) - min(x + w, u + n), max(y, v) - min(y + h, v + m)))


def _gap(one: Placed, other: Placed) -> float:
    """Pixels between two masks."""
    box = _around((one, other))
    return bridge(*(placed(mask, origin, box) for mask, origin in (one, other)))[0]


def _around(objects: Sequence[Placed]) -> tuple[int, int, int, int]:
    return union_of([(*origin, mask.shape[1], mask.shape[0]) for mask, origin in objects])
