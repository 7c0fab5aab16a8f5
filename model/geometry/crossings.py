"""Where chromosomes cross in one object, and how its arms may belong together.

Round the middle of a crossing of two a circle meets four arms (three where one chromosome ends on
another, or where both lie on each other as far as to their ends), of three six, of four eight; an
odd one ends there. Inside the circle lies the crossing; outside, every pixel belongs to the arm it
is reached from. A pairing of arms leads bands through the crossing, and what lies in several bands
is shared: a pixel of it belongs to each of those chromosomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.geometry.masks import (
    AROUND,
    Mask,
    components,
    depth_of,
    nearest,
    nearest_label,
    width_of,
)
from model.vocabulary.errors import ModelError

Vector = NDArray[np.float64]

RADII: tuple[float, ...] = tuple(float(r) for r in np.geomspace(0.7, 4.4, 20))
"""Radii of the circle, in widths of a chromosome: the smallest that separates the arms counts."""
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
UNEXPLAINED: float = 0.1
"""Radians of bend for a square of half a width, in a crossing, that lies in none of the bands."""
PROPOSALS: int = 3
"""Ways in which one crossing is split."""
LARGE_PROPOSALS: int = 3
"""Ways in which a whole cluster is split, besides."""
MOST_CHROMOSOMES: int = 4
"""Chromosomes that a cluster is split into, at most."""
SURE: float = 0.8
"""Radians of bend of a chromosome up to which a cluster's further crossings are split as well."""


@dataclass(frozen=True, eq=False)
class Pairing:
    """One way in which a cluster may be two chromosomes or more.

    `masks` are of the object's shape (h, w); together they are the object. `cost` is in radians of
    bend: the lower, the likelier.
    """

    masks: tuple[Mask, ...]
    cost: float

    @property
    def shared(self) -> Mask:
        """The pixels (h, w) that more than one of them have."""
        return np.asarray(np.sum(self.masks, axis=0, dtype=np.uint8) > 1, np.bool_)


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


def crossing_pairings(mask: Mask, near: tuple[float, float] | None = None) -> tuple[Pairing, ...]:
    """How the arms of a cluster (h, w) may belong together, the likeliest first.

    `near` (x, y), in the mask, tells which crossing is meant; proposals for more than two
    chromosomes come after those for it, and without it first. ModelError when no crossing is seen,
    and when more than four chromosomes meet.
    """
    width = width_of(mask)
    circle = _crossing(mask, width, near)
    found = _pairings(mask, circle, width)[:PROPOSALS]
    more = [whole for whole in _all_at_once(mask, width) if len(whole.masks) > len(found[0].masks)]
    more = sorted(more, key=lambda each: each.cost / len(each.masks))[:LARGE_PROPOSALS]
    return (*more, *found) if near is None else (*found, *more)


def _pairings(mask: Mask, circle: _Circle, width: float) -> tuple[Pairing, ...]:
    """The pairings of one crossing's arms, the likeliest first."""
    core, arms = _arms(mask, circle, width)
    if len(arms) == 3:
        found = [_ending(mask, core, arms, end, circle) for end in range(3)]
        found += [_together(mask, core, arms, stem) for stem in range(3)]
        return tuple(sorted(found, key=lambda each: each.cost))
    bends: dict[tuple[int, ...], float] = {
        (n, m): bend(arms[n], arms[m]) for n in range(len(arms)) for m in range(n)
    }
    ways = sorted(
        _matchings(range(len(arms))), key=lambda pairs: sum(bends.get(p, 0.0) for p in pairs)
    )
    found = [_crossed(mask, core, arms, pairs, circle) for pairs in ways[: 2 * PROPOSALS]]
    return tuple(sorted(found, key=lambda each: each.cost))


def _matchings(arms: Sequence[int]) -> Iterator[tuple[tuple[int, ...], ...]]:
    """All ways of making pairs of arms, the larger number first; an odd one stands alone."""
    if not arms:
        yield ()
    elif len(arms) % 2:
        for n in arms:
            for rest in _matchings([m for m in arms if m != n]):
                yield ((n,), *rest)
    else:
        first, *others = arms
        for n in others:
            for rest in _matchings([m for m in others if m != n]):
                yield ((n, first), *rest)


def _all_at_once(mask: Mask, width: float) -> Iterator[Pairing]:
    """How a cluster may be split as a whole: by one wide circle, or crossing by crossing."""
    places = _fewer(_inside(mask, width))
    circle = _best_circle(mask, places, width, range(2 * MOST_CHROMOSOMES, 4, -1))
    if circle is not None and circle.count <= 2 * MOST_CHROMOSOMES:
        yield from _pairings(mask, circle, width)[: LARGE_PROPOSALS - 1]
    waiting, whole, cost = [mask], list[Mask](), 0.0
    while waiting:
        part = waiting.pop(0)
        circle = _best_circle(part, _fewer(_inside(part, width)), width, (4,))
        best = _pairings(part, circle, width)[0] if circle and circle.count == 4 else None
        room = MOST_CHROMOSOMES - len(whole) - len(waiting)
        if best is None or best.cost > SURE * len(best.masks) or len(best.masks) > room:
            whole.append(part)
        else:
            waiting += best.masks
            cost += best.cost
    yield Pairing(tuple(whole), cost)


# -- the crossing --------------------------------------------------------------------------------


def _crossing(mask: Mask, width: float, near: tuple[float, float] | None) -> _Circle:
    """The smallest circle that meets four arms: near the place clicked, or else anywhere."""
    inside = _inside(mask, width)
    chosen = [inside]
    if near is not None:
        far = np.hypot(*(inside + 0.5 - np.asarray(near)).T)
        chosen = [inside[far <= NEAR * width], inside[far > NEAR * width]]
    for some in chosen:
        circle = _best_circle(mask, _fewer(some), width, (4, 3))
        if circle is None:
            continue
        if circle.count > 2 * MOST_CHROMOSOMES:
            raise ModelError(
                "More than four chromosomes meet here.", "Draw the course of one of them first (W)."
            )
        return circle
    raise ModelError(
        "No crossing is seen in this object.",
        "Draw a cut (C) or a chromosome's course (W) instead.",
    )


def _inside(mask: Mask, width: float) -> NDArray[np.intp]:
    """Places (n, 2) where the middle of a crossing may lie."""
    depth = depth_of(mask)
    return np.argwhere(depth >= min(depth.max(), DEEP * width))[:, ::-1]


def _fewer(places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Those (n, 2) of the places that lie on a grid so coarse that they are few."""
    step = 1
    while len(some := places[(places % step == 0).all(axis=1)]) > MOST_PLACES:
        step += 1
    return np.asarray(some)


def _best_circle(
    mask: Mask, places: NDArray[np.intp], width: float, arms: Iterable[int]
) -> _Circle | None:
    """The smallest circle round one of the places that meets as many arms: the first of `arms`."""
    met = [(r * width, _ways_met(mask, places, r * width + RING / 2)) for r in RADII]
    for wanted in arms:
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
    """(count,) how far (as given by `far`) the part of `free` goes that each way leads to."""
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


def _crossed(
    mask: Mask,
    core: Mask,
    arms: Sequence[Arm],
    pairs: Sequence[tuple[int, ...]],
    circle: _Circle,
) -> Pairing:
    """Two arms each make a chromosome; one that is alone ends in the middle of the crossing."""
    made = [tuple(arms[n] for n in pair) for pair in pairs]
    middle = np.array([circle.x, circle.y], np.float64)
    ways = [
        way(*each) if len(each) == 2 else np.linspace(each[0].root, middle, 32) for each in made
    ]
    reach = [sum(arm.width for arm in each) / (2 * len(each)) + 0.5 for each in made]
    masks = [np.logical_or.reduce([arm.mask for arm in each]) for each in made]
    cost = sum(bend(*each) for each in made if len(each) == 2)
    return _paired(mask, core, masks, ways, reach, cost)


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
    arms: Sequence[Mask],
    ways: Sequence[Vector],
    reach: Sequence[float],
    cost: float,
) -> Pairing:
    """The crossing's pixels given to the bands in which they lie; in none, to the nearest one."""
    off = np.stack([distance_to(each, mask.shape) - r for each, r in zip(ways, reach, strict=True)])
    in_band = core & (off <= 0)
    rest, owner = core & ~in_band.any(axis=0), off.argmin(axis=0)
    masks = [arm | in_band[n] | (rest & (owner == n)) for n, arm in enumerate(arms)]
    # What hangs on to one of them only by another is the other's.
    stray = [_crumbs(each, arm) for each, arm in zip(masks, arms, strict=True)]
    masks = [each & ~crumbs for each, crumbs in zip(masks, stray, strict=True)]
    for n, crumbs in enumerate(stray):
        if crumbs.any():
            others = [m for m in range(len(masks)) if m != n]
            masks[min(others, key=lambda m: float(off[m][crumbs].mean()))] |= crumbs
    unlikely = UNEXPLAINED * int(rest.sum()) / float(np.mean(reach)) ** 2
    return Pairing(tuple(masks), cost + unlikely)


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
