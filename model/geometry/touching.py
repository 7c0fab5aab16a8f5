"""Where chromosomes touch in one object: end to end, end to side, or side by side at a place.

A touch is short, and the outline turns inwards at its ends. Every line from outline to outline
through the object is looked at; those that part it where it is narrow, or between two such
corners, are cuts worth proposing.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from model.geometry.crossings import Pairing
from model.geometry.masks import (
    Mask,
    components,
    drawn,
    nearest_label,
    width_of,
)

Points = NDArray[np.float64]

MOST_POINTS: int = 220
"""Points of the outline between which cuts are looked for."""
LONGEST: float = 1.6
"""Length of a cut, in widths of the object."""
AROUND: float = 0.8
"""Radius, in widths, within which the outline is felt to turn inwards or not."""
CORNER_WEIGHT: float = 3.0
"""How many widths of length a disc filled wholly, not to a half, at both ends makes up for."""
WORST: float = 0.8
"""Length of a cut, less what its corners make up for, in widths, from which it is not one."""
NARROW, CORNER = 0.75, 0.08
"""A cut is shorter than so many widths, or one of its ends lies in such a corner."""
LEAST_PIECE: float = 0.9
"""Squared widths that a chromosome has at least."""
SAME: float = 0.7
"""Share of pixels from which the smaller pieces of two cuts are the same."""
PROPOSALS: int = 3
TRIED: int = 80


def touching_pairings(mask: Mask) -> tuple[Pairing, ...]:
    """Ways of cutting an object (h, w) in two where two chromosomes may touch, the best first.

    `cost` is the length of the cut in widths, less what its inward corners make up for.
    """
    width = width_of(mask)
    found: list[Pairing] = []
    for cost, line in _cuts(mask, width):
        pieces = _pieces(mask, line, width)
        if pieces is None or any(_same(pieces, other.masks) for other in found):
            continue
        found.append(Pairing(_whole(mask, pieces), cost))
        if len(found) == PROPOSALS:
            break
    return tuple(found)


def _cuts(mask: Mask, width: float) -> Iterator[tuple[float, Points]]:
    """Cost and ends (2, 2) of the best cuts, in the order of their costs."""
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=len)[:, 0].astype(np.float64)
    around = len(outline)
    chosen = np.unique(np.linspace(0, around - 1, min(around, MOST_POINTS)).astype(int))
    points = outline[chosen]
    inward = np.maximum(_filled_around(mask, points, AROUND * width), 0.0)
    first, second = np.triu_indices(len(points), k=1)
    length = np.hypot(*(points[first] - points[second]).T)
    along = np.abs(chosen[first] - chosen[second])
    along = np.minimum(along, around - along)
    corners = np.minimum(inward[first], inward[second])
    corners = 0.5 * (corners + (inward[first] + inward[second]) / 2)
    cost = length / width - CORNER_WEIGHT * corners
    telling = (length < NARROW * width) | (np.maximum(inward[first], inward[second]) >= CORNER)
    likely = (length <= LONGEST * width) & (along > 2 * length) & (cost < WORST) & telling
    order = np.flatnonzero(likely)[np.argsort(cost[likely], kind="stable")]
    for n in order[:TRIED].tolist():
        yield float(cost[n]), points[[first[n], second[n]]]


def _filled_around(mask: Mask, points: Points, radius: float) -> Points:
    """(n,) which share of a disc round each point the object fills beyond that at a straight edge.

    A straight edge fills half of it, and half of the row of pixels on which the point lies.
    """
    reach = max(2, round(radius))
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = ((rows**2 + columns**2) <= reach**2).astype(np.float32)
    padded = np.pad(mask, reach).astype(np.float32)
    shares = cv2.filter2D(padded, cv2.CV_32F, disc / disc.sum())[reach:-reach, reach:-reach]
    at = points.astype(int)
    row = (2 * reach + 1) / disc.sum() / 2
    return np.asarray(shares[at[:, 1], at[:, 0]] - 0.5 - row, np.float64)


def _pieces(mask: Mask, line: Points, width: float) -> tuple[Mask, Mask] | None:
    """What lies on either side of a cut, without it; None where it parts no two chromosomes."""
    start, end = line
    step = (end - start) / max(1.0, float(np.hypot(*(end - start))))
    over = np.array([start - step, end + step]) + 0.5  # to the outside, whatever is rounded
    labels, count = components(mask & ~drawn(mask, over, width))
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    large = [n for n in range(1, count + 1) if areas[n] >= LEAST_PIECE * width**2]
    return (labels == large[0], labels == large[1]) if len(large) == 2 else None


def _whole(mask: Mask, pieces: tuple[Mask, Mask]) -> tuple[Mask, Mask]:
    """The two with the pixels of the cut and all specks, each to the nearer one."""
    nearest = nearest_label(pieces[0] + 2 * pieces[1].astype(np.int32))
    return mask & (nearest == 1), mask & (nearest == 2)


def _same(pieces: tuple[Mask, Mask], others: tuple[Mask, ...]) -> bool:
    small = min(pieces, key=np.count_nonzero)
    return any(
        np.count_nonzero(small & other) >= SAME * np.count_nonzero(small | other)
        for other in others
    )
