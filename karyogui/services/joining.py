"""Which objects a part of a chromosome may belong to: those that lie nearest to it."""

from __future__ import annotations

from collections.abc import Sequence

from karyogui.domain.separation import SeparatedObject
from karyogui.services.mask_shapes import bridge, placed, union_of

REACH: float = 1.5
"""Widths of a chromosome between two objects that may be parts of one, at most."""
MOST: int = 9


def partners(
    part: SeparatedObject, objects: Sequence[SeparatedObject], width: float
) -> tuple[SeparatedObject, ...]:
    """The objects near a part, the nearest first; `width` of a chromosome in pixels."""
    reach = REACH * width
    gaps = [
        (gap, other.id, other)
        for other in objects
        if other.id != part.id and _apart(part, other) <= reach
        if (gap := _gap(part, other)) <= reach
    ]
    return tuple(other for *_, other in sorted(gaps, key=lambda gap: gap[:2])[:MOST])


def _apart(one: SeparatedObject, other: SeparatedObject) -> int:
    """Pixels between the boxes of two masks, at least; negative where they meet."""
    (x, y), (h, w) = one.origin, one.mask.shape
    (u, v), (m, n) = other.origin, other.mask.shape
    return int(max(max(x, u) - min(x + w, u + n), max(y, v) - min(y + h, v + m)))


def _gap(one: SeparatedObject, other: SeparatedObject) -> float:
    """Pixels between two masks."""
    (x, y), (h, w) = one.origin, one.mask.shape
    (u, v), (m, n) = other.origin, other.mask.shape
    box = union_of([(x, y, w, h), (u, v, n, m)])
    return bridge(*(placed(each.mask, each.origin, box) for each in (one, other)))[0]
