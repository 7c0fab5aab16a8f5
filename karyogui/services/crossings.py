"""Where two chromosomes cross in one object, and how its arms may belong together.

Round the middle of a crossing a circle meets four arms (three where one chromosome ends on
another, or where both lie on each other as far as to their ends). Inside the circle lies the
crossing; outside, every pixel belongs to the arm it is reached from. A pairing of arms leads two
bands through the crossing, and what lies in both bands is shared: a pixel of it belongs to both
chromosomes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from karyogui.domain.separation import Repair, RepairKind, SeparatedObject
from karyogui.errors import KaryoError
from karyogui.services.mask_shapes import (
    AROUND,
    Mask,
    components,
    depth_of,
    nearest,
    nearest_label,
    width_of,
)
from karyogui.services.repair_geometry import divide

Vector = NDArray[np.float64]

RADII: tuple[float, ...] = tuple(float(r) for r in np.geomspace(0.7, 3.6, 18))
"""Radii of the circle, in widths of a chromosome: the smallest that separates the arms counts."""
WIDER: float = 1.35
"""Radius, in radii of the smallest circle, at which arms of a third chromosome show."""
RING: float = 1.5
"""Thickness in pixels of the circle."""
LEAST_WAY: float = 0.35
"""Widths of a chromosome that an arm must be wide where it meets the circle."""
LEAST_ARM: float = 0.2
"""Widths that an arm must go on outside the circle."""
NEAR: float = 2.0
"""Widths from the place clicked within which a crossing is looked for first."""
ANGLES: int = 96
"""Points of a circle that are looked at first."""
DEEP: float = 0.4
"""Widths inside an object that the middle of a crossing lies."""
MOST_PLACES: int = 300
"""Places in one object that are tried as the middle of the circle."""
WIDTH_WEIGHT: float = 0.5
"""Radians of bend that weigh as much as arms whose widths differ by the factor e."""


STEM: float = 1.3
"""How much wider than one chromosome two are that lie on each other a little beside each other."""
STEM_WEIGHT: float = 3.0
"""Radians of bend for a stem that is narrower than that by the factor e, and for one chromosome
whose arms' widths differ so."""
PROPOSALS: int = 3


@dataclass(frozen=True, eq=False)
class Pairing:
    """One way in which a crossing may be two chromosomes.

    `first` and `second` are masks of the object's shape (h, w); together they are the object, and
    what they have in common is `shared`. `cost` is in radians of bend: the lower, the likelier.
    """

    first: Mask
    second: Mask
    shared: Mask
    cost: float


@dataclass(frozen=True, eq=False)
class Arm:
    """`root` and `heading` (x, y): where it leaves the crossing, and whereto (a unit vector)."""

    mask: Mask
    root: Vector
    heading: Vector
    width: float


@dataclass(frozen=True, eq=False)
class _Circle:
    """A circle round (x, y) that meets the labelled `ways` (h, w), 1 … count."""

    x: int
    y: int
    radius: float
    ways: NDArray[np.int32]
    count: int


def crossing_proposals(
    obj: SeparatedObject, near: tuple[float, float] | None = None
) -> tuple[Pairing, ...]:
    """The three pairings of a crossing's arms, the likeliest first.

    `near` (x, y), in the picture, tells which crossing is meant. KaryoError when none is seen, and
    when more than two chromosomes meet.
    """
    width = width_of(obj.mask)
    circle = _crossing(obj, width, near)
    core, arms = _arms(obj.mask, circle, width)
    if len(arms) == 3:
        found = [_ending(obj.mask, core, arms, end, circle) for end in range(3)]
        found += [_together(obj.mask, core, arms, stem) for stem in range(3)]
    else:
        found = [
            _crossed(obj.mask, core, (arms[0], arms[a]), (arms[b], arms[c]))
            for a, b, c in ((1, 2, 3), (2, 1, 3), (3, 1, 2))
        ]
    return tuple(sorted(found, key=lambda each: each.cost)[:PROPOSALS])


def split_crossing(obj: SeparatedObject, pairing: Pairing, taken: Collection[str]) -> Repair:
    """Replace a crossing by its two chromosomes; `taken` are the ids in use."""
    masks = (pairing.first, pairing.second)
    return divide(RepairKind.SPLIT, "Split a crossing into 2", obj, masks, taken)


# -- the crossing --------------------------------------------------------------------------------


def _crossing(obj: SeparatedObject, width: float, near: tuple[float, float] | None) -> _Circle:
    """The circle that meets most arms: near the place clicked, or else anywhere."""
    depth = depth_of(obj.mask)
    inside = np.argwhere(depth >= min(depth.max(), DEEP * width))[:, ::-1]
    chosen = [inside]
    if near is not None:
        far = np.hypot(*(inside + 0.5 + np.asarray(obj.origin) - np.asarray(near)).T)
        chosen = [inside[far <= NEAR * width], inside[far > NEAR * width]]
    for some in chosen:
        circle = _best_circle(obj.mask, _fewer(some), width)
        if circle is None:
            continue
        wider = _circle(obj.mask, circle.x, circle.y, WIDER * circle.radius, width)
        if max(circle.count, wider.count if wider else 0) > 4:
            raise KaryoError(
                "More than two chromosomes meet here.", "Cut one of them off first, then split."
            )
        return circle
    raise KaryoError("No crossing is seen in this object.", "Draw a cut instead.")


def _fewer(places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Those (n, 2) of the places that lie on a grid so coarse that they are few."""
    step = 1
    while len(some := places[(places % step == 0).all(axis=1)]) > MOST_PLACES:
        step += 1
    return np.asarray(some)


def _best_circle(mask: Mask, places: NDArray[np.intp], width: float) -> _Circle | None:
    """The smallest circle round one of the places that meets four arms or more; else three."""
    met = [(r * width, _ways_met(mask, places, r * width + RING / 2)) for r in RADII]
    for wanted in (4, 3):
        for radius, counts in met:
            tried = [
                _circle(mask, x, y, radius, width) for x, y in places[counts >= wanted].tolist()
            ]
            circles = [c for c in tried if c is not None and c.count >= wanted]
            if circles:
                return _middlemost(circles)
    return None


def _ways_met(mask: Mask, places: NDArray[np.intp], radius: float) -> NDArray[np.intp]:
    """How many times a circle round each of the places (n, 2) enters a mask: a first guess."""
    angles = 2 * np.pi * np.arange(ANGLES) / ANGLES
    columns = np.rint(places[:, :1] + radius * np.cos(angles)).astype(np.intp)
    rows = np.rint(places[:, 1:] + radius * np.sin(angles)).astype(np.intp)
    height, width = mask.shape
    on_it = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    hit = on_it & mask[rows.clip(0, height - 1), columns.clip(0, width - 1)]
    return np.asarray((hit & ~np.roll(hit, 1, axis=1)).sum(axis=1), np.intp)


def _middlemost(circles: list[_Circle]) -> _Circle:
    """The one nearest to the middle of all."""
    places = np.array([(c.x, c.y) for c in circles], np.float64)
    return circles[int(np.hypot(*(places - np.median(places, axis=0)).T).argmin())]


def _circle(mask: Mask, x: int, y: int, radius: float, width: float) -> _Circle | None:
    """The circle and the ways it meets; None where they are fewer than three."""
    reach = int(radius + RING) + 2
    left, top = max(0, x - reach), max(0, y - reach)
    part = mask[top : y + reach + 1, left : x + reach + 1]
    yy, xx = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
    far = np.hypot(xx - x, yy - y)
    here = _reached_from(part & (far <= radius + RING), x - left, y - top)
    ring = (here & (far > radius)).astype(np.uint8)
    count, labels = cv2.connectedComponents(ring, connectivity=8)
    wide = np.bincount(labels.ravel(), minlength=count) / RING >= LEAST_WAY * width
    if int(wide[1:].sum()) < 3:
        return None
    ways, disc = np.zeros(mask.shape, np.int32), np.zeros(mask.shape, np.bool_)
    ways[top : top + part.shape[0], left : left + part.shape[1]] = labels
    disc[top : top + part.shape[0], left : left + part.shape[1]] = here
    rows, columns = np.ogrid[0 : mask.shape[0], 0 : mask.shape[1]]
    beyond = np.hypot(columns - x, rows - y) - radius - RING
    lengths = _lengths(ways, mask & ~disc, beyond, count)
    kept = [n for n in range(1, count) if wide[n] and lengths[n] >= LEAST_ARM * width]
    if len(kept) < 3:
        return None
    numbers = np.zeros(count, np.int32)
    numbers[kept] = np.arange(1, len(kept) + 1)
    return _Circle(x, y, radius, numbers[ways], len(kept))


def _reached_from(mask: Mask, x: int, y: int) -> Mask:
    """The connected part of a mask in which a pixel lies."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    return np.asarray(labels == labels[y, x], np.bool_)


def _lengths(
    ways: NDArray[np.int32], free: Mask, far: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """(count,) how far (as told by `far`) the part of `free` goes that each way leads to."""
    number, found = cv2.connectedComponents(free.astype(np.uint8), connectivity=8)
    parts = np.asarray(found, np.int32)
    farthest = np.zeros(number)
    np.maximum.at(farthest, np.asarray(parts, np.intp).ravel(), np.where(free, far, 0.0).ravel())
    beyond = farthest[cv2.dilate(parts.astype(np.float32), AROUND).astype(np.int32)]
    lengths = np.zeros(count)
    np.maximum.at(lengths, ways.ravel(), beyond.ravel())
    return lengths


def _reached(seeds: NDArray[np.int32], free: Mask) -> NDArray[np.int32]:
    """Labels (h, w) spread from seeds over free pixels: each to the nearest seed."""
    labels = seeds.copy()
    left = free & (labels == 0)
    while left.any():
        # The larger label wins where two arrive together; it is one pixel's worth.
        spread = cv2.dilate(labels.astype(np.float32), AROUND).astype(np.int32)
        new = left & (spread > 0)
        if not new.any():
            break
        labels[new] = spread[new]
        left &= ~new
    return labels


def _arms(mask: Mask, circle: _Circle, width: float) -> tuple[Mask, list[Arm]]:
    """The pixels of the crossing, and its arms."""
    yy, xx = np.ogrid[0 : mask.shape[0], 0 : mask.shape[1]]
    far = np.hypot(xx - circle.x, yy - circle.y)
    disc = _reached_from(mask & (far <= circle.radius + RING), circle.x, circle.y)
    core = disc & (circle.ways == 0)
    labels = _reached(circle.ways, mask & ~core)
    apart = mask & ~core & (labels == 0)
    if apart.any():  # a satellite goes with the nearest arm
        labels = np.where(apart, nearest_label(labels), labels)
    return core, [_arm(labels == n, circle, far, width) for n in range(1, circle.count + 1)]


def _arm(arm: Mask, circle: _Circle, far: NDArray[np.float64], width: float) -> Arm:
    middle = np.array([circle.x, circle.y], np.float64)
    root = _centroid(arm & (far <= circle.radius + RING + 0.5))
    tip = _centroid(arm & (far <= circle.radius + 1.4 * width))
    heading = tip - root
    if np.hypot(*heading) < 0.2 * width:  # too short to tell where it goes
        heading = root - middle
    return Arm(arm, root, heading / max(1e-6, float(np.hypot(*heading))), width_of(arm))


def _centroid(mask: Mask) -> Vector:
    rows, columns = np.nonzero(mask)
    return np.array([columns.mean(), rows.mean()]) if len(rows) else np.zeros(2)


# -- pairings ------------------------------------------------------------------------------------


def _crossed(mask: Mask, core: Mask, one: tuple[Arm, Arm], other: tuple[Arm, Arm]) -> Pairing:
    """Two arms each make a chromosome."""
    ways = (way(one[0], one[1]), way(other[0], other[1]))
    reach = tuple((pair[0].width + pair[1].width) / 4 + 0.5 for pair in (one, other))
    arms = (one[0].mask | one[1].mask, other[0].mask | other[1].mask)
    return _paired(mask, core, arms, ways, reach, bend(*one) + bend(*other))


def _ending(mask: Mask, core: Mask, arms: list[Arm], end: int, circle: _Circle) -> Pairing:
    """One arm ends on the chromosome that the two others make."""
    through = [arm for n, arm in enumerate(arms) if n != end]
    short = np.linspace(arms[end].root, [circle.x, circle.y], 32)
    ways = (way(through[0], through[1]), short)
    reach = ((through[0].width + through[1].width) / 4 + 0.5, arms[end].width / 2 + 0.5)
    masks = (through[0].mask | through[1].mask, arms[end].mask)
    uneven = STEM_WEIGHT * abs(float(np.log(through[0].width / through[1].width)))
    return _paired(mask, core, masks, ways, reach, bend(*through) + uneven)


def _together(mask: Mask, core: Mask, arms: list[Arm], stem: int) -> Pairing:
    """Two chromosomes lie on each other from the fork to the end of the third arm: wider there."""
    apart, both = [arm for n, arm in enumerate(arms) if n != stem], arms[stem]
    along = np.argwhere(both.mask)[:, ::-1] @ both.heading
    end = np.zeros_like(mask)
    end[both.mask] = along >= along.max() - both.width / 2
    tip = Arm(end, _centroid(end), both.heading, both.width)
    ways = (way(apart[0], tip), way(apart[1], tip))
    reach = tuple(max(arm.width, 0.85 * both.width) / 2 + 0.5 for arm in apart)
    wider = both.width / max(arm.width for arm in apart)
    thin = STEM_WEIGHT * max(0.0, float(np.log(STEM / wider)))
    cost = sum(_turn(arm, both) for arm in apart) + thin
    return _paired(mask, core | both.mask, (apart[0].mask, apart[1].mask), ways, reach, cost)


def _paired(
    mask: Mask,
    core: Mask,
    arms: tuple[Mask, Mask],
    ways: tuple[Vector, Vector],
    reach: tuple[float, ...],
    cost: float,
) -> Pairing:
    """The crossing's pixels given to the bands in which they lie; in none, to the nearer one."""
    far = [distance_to(each, mask.shape) for each in ways]
    bands = [core & (distance <= r) for distance, r in zip(far, reach, strict=True)]
    rest = core & ~bands[0] & ~bands[1]
    to_first = far[0] - reach[0] <= far[1] - reach[1]
    first = arms[0] | bands[0] | (rest & to_first)
    second = arms[1] | bands[1] | (rest & ~to_first)
    # What hangs on to one of them only by the other is the other's.
    stray = [_crumbs(each, arm) for each, arm in ((first, arms[0]), (second, arms[1]))]
    first, second = (first & ~stray[0]) | stray[1], (second & ~stray[1]) | stray[0]
    return Pairing(first, second, first & second, cost)


def _crumbs(mask: Mask, arms: Mask) -> Mask:
    """Parts of a mask that touch none of its arms."""
    labels, _ = components(mask)
    return mask & ~np.isin(labels, np.unique(labels[arms]))


def way(one: Arm, other: Arm) -> Vector:
    """(n, 2) points x, y of a smooth line from one arm's root to the other's (Hermite)."""
    t = np.linspace(0, 1, 64)[:, None]
    pull = float(np.hypot(*(other.root - one.root)))
    leaving, arriving = -pull * one.heading, pull * other.heading
    return np.asarray(
        (2 * t**3 - 3 * t**2 + 1) * one.root
        + (t**3 - 2 * t**2 + t) * leaving
        + (3 * t**2 - 2 * t**3) * other.root
        + (t**3 - t**2) * arriving
    )


def distance_to(line: Vector, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """For every pixel (h, w) the distance to the nearest point of a line."""
    empty = np.ones(shape, np.uint8)
    points = np.rint(line * 16).astype(np.int32)
    cv2.polylines(empty, [points], False, 0, 1, cv2.LINE_8, 4)
    return nearest(empty == 0)[0]


def bend(one: Arm, other: Arm) -> float:
    """How little two arms look like one chromosome: radians of bend, and widths that differ.

    The bend is that of both arms against the line between their roots, so that two arms that are
    parallel but beside each other are no straight chromosome.
    """
    return _turn(one, other) + WIDTH_WEIGHT * abs(float(np.log(one.width / other.width)))


def _turn(one: Arm, other: Arm) -> float:
    across = other.root - one.root
    across = across / max(1e-6, float(np.hypot(*across)))
    bends = [
        np.arccos(np.clip(-one.heading @ across, -1, 1)),
        np.arccos(np.clip(other.heading @ across, -1, 1)),
    ]
    return float(sum(bends))
