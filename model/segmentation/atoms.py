"""A clump cut into atoms: everything that could be a cut between two chromosomes is made at once.

Chromosomes that touch or cross leave notches in the outline of their clump. Every straight line
from notch to notch, or from a notch to the side over against it, that is not much longer than a
chromosome is wide, is a possible cut. Cuts do not cross each other. What lies between four notches
of a crossing becomes an atom of its own, which both chromosomes may claim.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.segmentation.base import GreyImage, Mask

Array = NDArray[np.float64]

NOTCH: float = 0.45
"""Radians by which the outline must turn inwards."""
REACH: float = 1.7
"""Longest cut between two notches, in widths."""
SIDE_REACH: float = 1.35
"""Longest cut from a notch to the other side."""
AROUND: float = 1.2
"""Widths of outline that a cut must leave on either side."""
LEAST_ATOM: float = 0.55
"""Square widths below which no atom is cut off."""
MOST_CUTS: int = 24
MOST_TRIED: int = 200
"""Possible cuts of one clump that are looked at, the likeliest first."""
MOST_NOTCHES: int = 120
"""Notches of one outline, the sharpest: what has more is no clump of chromosomes."""


@dataclass(frozen=True, eq=False)
class Cut:
    """A possible cut from `start` to `end` (x, y), `length` in widths.

    `notches`: how sharp those at its ends are (radians, 0 where there is none); `paleness`: how
    much paler than the clump it is (grey levels / 255).
    """

    start: tuple[int, int]
    end: tuple[int, int]
    length: float
    notches: tuple[float, float]
    paleness: float

    @property
    def cost(self) -> float:
        """The lower, the likelier two chromosomes meet here."""
        return self.length - 0.35 * sum(self.notches) - 1.5 * self.paleness


@dataclass(frozen=True, eq=False)
class Atoms:
    """`labels` (h, w) int32, 0 outside, 1 … `count`; `cuts` with the two atoms they part."""

    labels: NDArray[np.int32]
    count: int
    cuts: tuple[tuple[Cut, int, int], ...]


def atoms_of(mask: Mask, grey: GreyImage, width: float) -> Atoms:
    """Cut a clump's mask (h, w) at every place where two chromosomes could meet."""
    chosen: list[Cut] = []
    cut = np.pad(mask, 1).astype(np.uint8)
    least = LEAST_ATOM * width * width
    for proposal in sorted(_proposals(mask, grey, width), key=lambda c: c.cost)[:MOST_TRIED]:
        if len(chosen) == MOST_CUTS:
            break
        if any(_cross(proposal, other) for other in chosen):
            continue
        tried = _drawn(cut, proposal)
        count, _, stats, _ = cv2.connectedComponentsWithStats(tried, connectivity=4)
        if count > 1 and (stats[1:, cv2.CC_STAT_AREA] >= least).all():
            before = cv2.connectedComponents(cut, connectivity=4)[0]
            if count > before:
                chosen.append(proposal)
                cut = tried
    return _labelled(mask, cut[1:-1, 1:-1], chosen)


def _drawn(cut: NDArray[np.uint8], line: Cut) -> NDArray[np.uint8]:
    """The padded mask with a line of one pixel taken out, a little beyond its ends."""
    a, b = np.array(line.start, float) + 1, np.array(line.end, float) + 1
    along = (b - a) / max(float(np.hypot(*(b - a))), 1e-6)
    first, last = np.rint(a - 1.5 * along).astype(int), np.rint(b + 1.5 * along).astype(int)
    drawn = cut.copy()
    cv2.line(drawn, first.tolist(), last.tolist(), 0, 1, cv2.LINE_8)
    # Crumbs of a pixel or two beside the line belong to it.
    count, labels, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=4)
    for i in range(1, count):
        if stats[i, cv2.CC_STAT_AREA] < 6:
            drawn[labels == i] = 0
    return drawn


def _labelled(mask: Mask, cut: NDArray[np.uint8], chosen: list[Cut]) -> Atoms:
    count, labels = cv2.connectedComponents(cut, connectivity=4)
    nearest = ndimage.distance_transform_edt(
        labels == 0, return_distances=False, return_indices=True
    )
    full = np.where(mask, labels[tuple(nearest)], 0).astype(np.int32)
    parted = []
    for line in chosen:
        a, b = np.array(line.start, float), np.array(line.end, float)
        along = (b - a) / max(float(np.hypot(*(b - a))), 1e-6)
        across = np.array([-along[1], along[0]])
        sides = [_commonest(full, a, b, sign * 2.5 * across) for sign in (-1, 1)]
        if 0 not in sides and sides[0] != sides[1]:
            parted.append((line, sides[0], sides[1]))
    return Atoms(full, count - 1, tuple(parted))


def _commonest(labels: NDArray[np.int32], a: Array, b: Array, shift: Array) -> int:
    """The label that most of a shifted line lies on."""
    points = a + np.linspace(0.15, 0.85, 9)[:, None] * (b - a) + shift
    x = np.clip(np.rint(points[:, 0]).astype(int), 0, labels.shape[1] - 1)
    y = np.clip(np.rint(points[:, 1]).astype(int), 0, labels.shape[0] - 1)
    found = labels[y, x]
    return int(np.bincount(found[found > 0]).argmax()) if (found > 0).any() else 0


def _cross(a: Cut, b: Cut) -> bool:
    """Whether two cuts cross (sharing an end is no crossing)."""
    p, q, r, s = (np.array(v, float) for v in (a.start, a.end, b.start, b.end))
    if min(np.hypot(*(u - v)) for u in (p, q) for v in (r, s)) < 2.5:
        return False

    def side(u: Array, v: Array, w: Array) -> float:
        return float((v[0] - u[0]) * (w[1] - u[1]) - (v[1] - u[1]) * (w[0] - u[0]))

    return side(p, q, r) * side(p, q, s) < 0 and side(r, s, p) * side(r, s, q) < 0


def _proposals(mask: Mask, grey: GreyImage, width: float) -> list[Cut]:
    found: list[Cut] = []
    outlines, _ = cv2.findContours(
        np.pad(mask, 1).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
    )
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.08 * width).astype(np.float32)
    rings = [outline[:, 0].astype(np.float64) - 1 for outline in outlines]
    rings = [ring for ring in rings if len(ring) > 1.5 * width]
    turned = [_notches(ring, width) for ring in rings]
    level = float(grey[mask].mean())
    for i, (ring, notches) in enumerate(zip(rings, turned, strict=True)):
        for at, sharp in notches:
            for j in range(i, len(rings)):
                for other, also in turned[j]:
                    if j > i or (other > at and _apart(at, other, len(ring), width)):
                        ends = (ring[at], rings[j][other])
                        found += _cut(ends, (sharp, also), REACH, (mask, smooth, level, width))
            found += _to_the_side(i, at, sharp, rings, (mask, smooth, level, width))
    return found


def _apart(at: int, other: int, count: int, width: float) -> bool:
    between = abs(other - at)
    return min(between, count - between) > AROUND * width


def _to_the_side(
    i: int,
    at: int,
    sharp: float,
    rings: list[Array],
    seen: tuple[Mask, NDArray[np.float32], float, float],
) -> list[Cut]:
    """The shortest cut from a notch to the outline over against it."""
    width = seen[-1]
    ring = rings[i]
    here = ring[at]
    best: tuple[float, Array] | None = None
    inwards = _inwards(ring, at, width)
    for j, other in enumerate(rings):
        offset = other - here
        distance = np.hypot(offset[:, 0], offset[:, 1])
        usable = (offset @ inwards > 0.75 * distance) & (distance > 2)
        if j == i:
            between = np.abs(np.arange(len(ring)) - at)
            usable &= np.minimum(between, len(ring) - between) > AROUND * width
        if usable.any():
            k = int(np.where(usable, distance, np.inf).argmin())
            if best is None or distance[k] < best[0]:
                best = (float(distance[k]), other[k])
    return [] if best is None else _cut((here, best[1]), (sharp, 0.0), SIDE_REACH, seen)


def _cut(
    ends: tuple[Array, Array],
    notches: tuple[float, float],
    reach: float,
    seen: tuple[Mask, NDArray[np.float32], float, float],
) -> list[Cut]:
    """The cut between two points of the outline, if it is short enough and inside the mask."""
    mask, smooth, level, width = seen
    length = float(np.hypot(*(ends[1] - ends[0])))
    if not 1 < length <= reach * width:
        return []
    points = ends[0] + np.linspace(0, 1, max(3, round(length) + 1))[:, None] * (ends[1] - ends[0])
    x = np.clip(np.rint(points[:, 0]).astype(int), 0, mask.shape[1] - 1)
    y = np.clip(np.rint(points[:, 1]).astype(int), 0, mask.shape[0] - 1)
    inside = mask[y, x]
    if inside.mean() < 0.9:
        return []
    pale = (float(smooth[y, x][inside].mean()) - level) / 255
    start, end = (tuple(np.rint(p).astype(int).tolist()) for p in ends)
    return [Cut(start, end, length / width, notches, pale)]


def _notches(ring: Array, width: float) -> list[tuple[int, float]]:
    """Places of an outline (clockwise, inside on the right) that turn inwards, and by how much."""
    turn = _turning(ring, width)
    reach = max(2, round(0.35 * width))
    highest = ndimage.maximum_filter1d(turn, 2 * reach + 1, mode="wrap")
    peaks = np.flatnonzero((turn == highest) & (turn > NOTCH))
    kept: list[tuple[int, float]] = []
    for at in peaks.tolist():
        if not kept or at - kept[-1][0] > reach:
            kept.append((at, float(turn[at])))
    return sorted(sorted(kept, key=lambda notch: -notch[1])[:MOST_NOTCHES])


def _turning(ring: Array, width: float) -> Array:
    """Radians by which the outline turns inwards within 0.4 widths on either side of a point."""
    smooth = ndimage.gaussian_filter1d(ring, max(0.8, 0.1 * width), axis=0, mode="wrap")
    arm = max(2, round(0.45 * width))
    back = smooth - np.roll(smooth, arm, axis=0)
    on = np.roll(smooth, -arm, axis=0) - smooth
    cross = back[:, 0] * on[:, 1] - back[:, 1] * on[:, 0]
    return np.asarray(np.arctan2(cross, (back * on).sum(axis=1)))


def _inwards(ring: Array, at: int, width: float) -> Array:
    """Unit vector that halves the angle of a notch, into the mask."""
    arm = max(2, round(0.45 * width))
    a, b = ring[(at - arm) % len(ring)], ring[(at + arm) % len(ring)]
    middle = ring[at] - (a + b) / 2
    size = float(np.hypot(*middle))
    return np.asarray(middle / size if size > 0.5 else np.zeros(2))
