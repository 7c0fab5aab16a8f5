"""From a line along a chromosome to the chromosome's mask.

The line is moved to the middle where the chromosome lies alone, and led on to its tips. Then the
picture is straightened along it, and on either side the way of the chromosome's edge is found by
dynamic programming: where the cluster ends, where a pale valley parts it from a neighbour, and in
a crossing where it must lie by the chromosome's width before and behind. Points are (x, y).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from karyogui.errors import KaryoError
from model.geometry.masks import AROUND, Mask, Point, components

Floats = NDArray[np.float64]

STEP: float = 0.5
"""Pixels between two places across the line at which the straightened picture is looked at."""
REACH: float = 1.6
"""Widths of a chromosome to each side that are looked at."""
LEAST_LENGTH: float = 0.8
"""Widths that a line must be long."""
MOST_GAP: float = 1.5
"""Widths that a line may run beside everything that is stained."""
AS_WIDE: float = 1.3
"""Widths of a chromosome up to which what lies across the line is one alone."""
MOST_WIDER: float = 1.2
"""Factor by which one chromosome may be wider or narrower than the others of its cell."""
MOST_LONGER: float = 1.2
"""Widths by which a line goes on to the tip of the chromosome."""
ALONE: float = 0.4
"""Widths before its end that a line must lie on one alone for that."""
AHEAD: float = 0.7
"""Cosine of the angle within which something lies before an end of the line."""
CARELESS: float = 0.45
"""Widths over which a line drawn by hand is smoothed: standard deviation."""
PRIOR: float = 0.9
VALLEY: float = 1.6
EDGE: float = 1.0
"""Weights of the edge's usual place, of a valley in the stain, and of where the cluster ends."""


@dataclass(frozen=True, eq=False)
class _Course:
    """A line at every pixel of its length: points and normals (n, 2), half-widths (n, 2)."""

    points: Floats
    normals: Floats
    sides: Floats


@dataclass(frozen=True, eq=False)
class Grown:
    """What was found along a line: a mask (h, w), its usual `width`, and both its `ends` (2, 2).

    `ways_on` (2, 2) are unit vectors whereto the chromosome would go on there.
    """

    mask: Mask
    width: float
    ends: Floats
    ways_on: Floats

    def is_before_an_end(self, part: Mask) -> bool:
        """Whether the middle of a part lies where the chromosome would go on."""
        rows, columns = np.nonzero(part)
        off = np.array([columns.mean(), rows.mean()]) + 0.5 - self.ends
        along = (off * self.ways_on).sum(axis=1)
        far = np.hypot(*off.T)
        return bool(((far <= MOST_LONGER * self.width) & (along >= AHEAD * far)).any())


def line_within(line: Sequence[Point], shape: tuple[int, ...], width: float) -> Floats:
    """The line as points (n, 2), x and y, a pixel apart, without what lies outside the picture.

    `shape` is (height, width) and `width` that of a chromosome in pixels. `KaryoError` for a line
    outside the picture, or too short for a chromosome.
    """
    points = spaced(np.asarray(line, np.float64).reshape(-1, 2))
    inside = ((points >= 0) & (points < (shape[1], shape[0]))).all(axis=1)
    if not inside.any():
        raise KaryoError("This line is outside the picture.", "Draw it along a chromosome.")
    points = points[inside]
    if len(points) < LEAST_LENGTH * width:
        raise KaryoError(
            "This line is too short for a chromosome.", "Draw it from one end to the other."
        )
    return points


def spaced(points: Floats) -> Floats:
    """Points (n, 2) one pixel apart along a line."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    points = points[np.concatenate([[True], steps > 0])]
    far = np.concatenate([[0.0], np.cumsum(steps[steps > 0])])
    at = np.linspace(0.0, far[-1], max(1, round(far[-1])) + 1)
    return np.stack([np.interp(at, far, points[:, i]) for i in (0, 1)], axis=1)


def smooth(values: Floats, sigma: float) -> Floats:
    """Values (n, …) smoothed along the line; its ends go on as they are headed."""
    count = min(len(values) - 1, int(np.ceil(3 * sigma)))
    if count < 1:
        return values
    before = 2 * values[:1] - values[count:0:-1]
    behind = 2 * values[-1:] - values[-2 : -2 - count : -1]
    whole = np.concatenate([before, values, behind])
    weights = np.exp(-0.5 * (np.arange(-count, count + 1) / sigma) ** 2)
    weights /= weights.sum()
    return np.apply_along_axis(np.convolve, 0, whole, weights, "valid")


def normals_of(points: Floats) -> Floats:
    """(n, 2) unit vectors to the right of somebody who walks along the line."""
    tangents = np.gradient(points, axis=0)
    tangents /= np.maximum(np.hypot(*tangents.T), 1e-9)[:, None]
    return np.stack([-tangents[:, 1], tangents[:, 0]], axis=1)


def grown_along(drawn: Floats, domain: Mask, stain: NDArray[np.float32], width: float) -> Grown:
    """The chromosome (h, w) along a line."""
    points = _trimmed(drawn, domain, width)
    points = smooth(points, min(CARELESS * width, len(points) / 4))
    usual = width
    for _ in range(2):
        points, width = _centred(points, domain, usual)
    points, free = _continued(points, domain, width)
    found = _sided(points, domain, stain, width)
    mask = _painted(found, free, domain.shape) & domain
    labels, _ = components(mask)
    rows, columns = pixels_of(found.points, domain.shape)
    kept = np.unique(labels[rows, columns])
    mask &= np.isin(labels, kept[kept > 0])
    ends = np.stack([found.points[0], found.points[-1]])
    ways_on = np.stack([_heading(p, width) for p in (found.points[::-1], found.points)])
    return Grown(mask, width, ends, ways_on)


def _trimmed(points: Floats, domain: Mask, width: float) -> Floats:
    """The line from its first place on what is stained to its last one."""
    near = cv2.dilate(domain.astype(np.uint8), AROUND) > 0
    on_it = np.flatnonzero(near[pixels_of(points, domain.shape)])
    if not len(on_it) or np.ptp(on_it) < LEAST_LENGTH * width:
        raise KaryoError(
            "There is no chromosome under this line.", "Draw it along one from end to end."
        )
    if int(np.diff(on_it).max()) > MOST_GAP * width:
        raise KaryoError(
            "The line leaves the chromosome for a while.", "Draw it along one from end to end."
        )
    return points[on_it[0] : on_it[-1] + 1]


def pixels_of(points: Floats, shape: tuple[int, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns (n,) of points (n, 2), kept within a picture of `shape`."""
    columns, rows = np.floor(points).astype(np.intp).T
    return rows.clip(0, shape[0] - 1), columns.clip(0, shape[1] - 1)


def seen_across(
    points: Floats, normals: Floats, places: Floats, image: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The image (n, m) straightened along a line, at `places` (m,) to the right of it."""
    at = points[:, None] + places[None, :, None] * normals[:, None] - 0.5
    at = at.astype(np.float32)
    return np.asarray(
        cv2.remap(image, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderValue=0.0), np.float32
    )


def _edges(points: Floats, normals: Floats, domain: Mask, reach: float) -> tuple[Floats, Floats]:
    """(n, 2) pixels to where the domain ends on the left and right; how far the middle is off."""
    places = np.arange(-reach, reach + STEP, STEP)
    inside = seen_across(points, normals, places, domain.astype(np.float32)) >= 0.5
    count, middle = len(places), len(places) // 2
    # Beside everything, it is the nearest place that counts.
    far = np.where(inside, np.abs(places), np.inf)
    start = np.where(inside.any(axis=1), far.argmin(axis=1), middle)
    number = np.arange(count)
    outside = np.where(inside, -1, number)
    left = np.where(number[None] <= start[:, None], outside, -1).max(axis=1)
    outside = np.where(inside, count, number)
    right = np.where(number[None] >= start[:, None], outside, count).min(axis=1)
    return (
        np.stack([(start - left) * STEP, (right - start) * STEP], axis=1),
        np.asarray(places[start], np.float64),
    )


def _centred(points: Floats, domain: Mask, width: float) -> tuple[Floats, float]:
    """The line moved to the middle of the chromosome where it lies alone, and its width there."""
    normals = normals_of(points)
    far, off = _edges(points, normals, domain, REACH * width)
    across = far.sum(axis=1)
    alone = (across <= AS_WIDE * width).astype(np.uint8)
    # At the mouth of a crossing it is wider already.
    margin = 2 * round(0.25 * width) + 1
    alone = cv2.erode(alone[:, None], np.ones((margin, 1), np.uint8))[:, 0] > 0
    if alone.sum() < width / 2:
        return points, width
    own = float(np.clip(np.median(across[alone]), width / MOST_WIDER, width * MOST_WIDER))
    number = np.arange(len(points))
    shift = np.interp(number, number[alone], (off + (far[:, 1] - far[:, 0]) / 2)[alone])
    shift = smooth(shift[:, None], 0.4 * width)
    moved = spaced(points + shift * normals)
    return smooth(moved, min(0.3 * width, len(moved) / 4)), own


def led_on(points: Floats, width: float) -> Floats:
    """A line (n, 2), led straight on at both ends as far as the tips may be away."""
    far = np.array([[MOST_LONGER * width]])
    before = points[:1] + far * _heading(points[::-1], width)
    return spaced(np.concatenate([before, points, points[-1:] + far * _heading(points, width)]))


def _heading(points: Floats, width: float) -> Floats:
    """Unit vector in which a line goes on at its end."""
    heading = points[-1] - points[-1 - min(len(points) - 1, max(2, round(0.8 * width)))]
    return np.asarray(heading / max(1e-9, float(np.hypot(*heading))))


def _continued(points: Floats, domain: Mask, width: float) -> tuple[Floats, tuple[bool, bool]]:
    """The line led on to both tips, as far as nothing else lies there; and whether it got there."""
    ends = []
    for way_out in (points[::-1], points):
        heading = _heading(way_out, width)
        # It must lie alone before its end already: else it ends on another one.
        known = round(ALONE * width)
        steps = np.arange(-known, int(np.ceil(MOST_LONGER * width)) + 1)
        further = way_out[-1] + steps[:, None] * heading
        normals = np.tile([-heading[1], heading[0]], (len(further), 1))
        far, off = _edges(further, normals, domain, REACH * width)
        on_it = domain[pixels_of(further, domain.shape)]
        alone = on_it & (far.sum(axis=1) <= AS_WIDE * width) & (np.abs(off) < STEP)
        count = len(steps) if alone.all() else int(alone.argmin())
        stopped = count < len(steps) and bool(on_it[count])
        ends.append((further[known + 1 : count], not stopped))
    (before, first), (behind, last) = ends
    return np.concatenate([before[::-1], points, behind]), (first, last)


def _sided(points: Floats, domain: Mask, stain: NDArray[np.float32], width: float) -> _Course:
    """The chromosome's edge on both sides."""
    normals, places = normals_of(points), np.arange(0.0, REACH * width, STEP)
    sides = []
    for direction in (-normals, normals):
        inside = seen_across(points, direction, places, domain.astype(np.float32)) >= 0.5
        dark = seen_across(points, direction, places, stain)
        sides.append(places[_cheapest(_costs(inside, dark, places, width / 2))])
    return _Course(points, normals, np.stack(sides, axis=1))


def _costs(inside: Mask, dark: NDArray[np.float32], places: Floats, usual: float) -> Floats:
    """What it costs (n, m) that the edge of the chromosome lies at each place across the line."""
    cost = np.tile(PRIOR * ((places - usual) / usual) ** 2, (len(inside), 1))
    scale = max(0.1, float(np.median(dark[:, : max(1, int(usual / STEP / 2))])))
    before = np.maximum.accumulate(dark, axis=1)
    behind = np.maximum.accumulate(dark[:, ::-1], axis=1)[:, ::-1]
    valley = np.minimum(before, behind) - dark
    cost -= VALLEY * np.clip(valley / scale, 0.0, 1.0)
    end = np.where(inside.all(axis=1), len(places), np.argmin(inside, axis=1))
    ends = np.flatnonzero(end < len(places))
    beyond = np.arange(len(places))[None] - end[:, None]
    cost = np.where(beyond > 0, PRIOR + 0.2 * beyond * STEP, cost)
    cost[ends, end[ends]] -= EDGE
    return np.asarray(cost)


def _cheapest(cost: Floats) -> NDArray[np.intp]:
    """(n,) the cheapest way through costs (n, m), one place up or down at each step at most."""
    count = len(cost)
    total = np.full((count, cost.shape[1] + 2), np.inf)
    total[0, 1:-1] = cost[0]
    came = np.zeros(cost.shape, np.intp)
    for n in range(1, count):
        three = np.stack([total[n - 1, :-2], total[n - 1, 1:-1], total[n - 1, 2:]])
        came[n] = three.argmin(axis=0)
        total[n, 1:-1] = three.min(axis=0) + cost[n]
    best = np.zeros(count, np.intp)
    best[-1] = total[-1, 1:-1].argmin()
    for n in range(count - 1, 0, -1):
        best[n - 1] = best[n] + came[n, best[n]] - 1
    return best


def _painted(found: _Course, free: tuple[bool, bool], shape: tuple[int, ...]) -> Mask:
    """The pixels (h, w) between both edges, with round tips where the chromosome ends freely."""
    painted = np.zeros(shape, np.uint8)
    left = found.points - found.sides[:, :1] * found.normals
    right = found.points + found.sides[:, 1:] * found.normals
    corners = np.stack([left[:-1], left[1:], right[1:], right[:-1]], axis=1)
    for each in np.rint((corners - 0.5) * 16).astype(np.int32):
        cv2.fillConvexPoly(painted, each, 1, cv2.LINE_8, 4)
    for end, is_free in zip((0, -1), free, strict=True):
        if is_free:
            middle = np.rint((found.points[end] - 0.5) * 16).astype(np.int32)
            radius = round(float(found.sides[end].mean()) * 16)
            cv2.circle(painted, middle.tolist(), radius, 1, -1, cv2.LINE_8, 4)
    return painted > 0
