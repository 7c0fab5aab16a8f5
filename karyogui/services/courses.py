"""A person's line along one chromosome through a cluster becomes that chromosome's mask.

`line_masks` finds the mask. What is left of the cluster is separated again: parts that go on
straight across on the other side of the new chromosome are one, and have the pixels between them in
common with it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from karyogui.domain.amounts import amount
from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.domain.sitting import ActionKind
from karyogui.services.line_masks import (
    MOST_LONGER,
    REACH,
    Grown,
    grown_along,
    led_on,
    line_within,
    pixels_of,
)
from karyogui.services.repair_geometry import (
    DEPTH,
    LEAST_CHROMOSOME,
    chromosome_width,
    made_of,
)
from model.geometry.crossings import Arm, bend, distance_to, way
from model.geometry.masks import (
    AROUND,
    Box,
    Mask,
    Point,
    bounds_of,
    components,
    grown,
    is_piece,
    meet,
    nearest_label,
    placed,
    union_of,
    width_of,
)

Floats = NDArray[np.float64]

SHARED_END: float = 0.8
"""Squares of the width that an object may lose to the new chromosome and still be as it was."""
MOST_LOST: float = 0.5
"""Share of an object that lies in the new chromosome from which it was no object of its own."""
LEAST_REST: float = 0.2
"""Squares of the width below which what is left beside the new chromosome is a part of it."""
REST_SCORE: float = 0.4
"""How sure it is that what is left is one whole chromosome: to be looked at."""
MOST_BEND: float = 2.2
"""Radians of bend up to which arms on both sides of the line are one chromosome."""
LEAST_ARM: float = 0.35
"""Widths that an arm is wide where it meets the new chromosome."""
MOST_ARM: float = 3.0
"""Widths from which what lies along the line does not cross it."""


@dataclass(frozen=True, eq=False)
class _Cluster:
    """The objects under a line, their masks (h, w) in a frame, and the picture's rectangle."""

    objects: Sequence[SeparatedObject]
    masks: Sequence[Mask]
    frame: Box
    page: Box


def course(
    line: Sequence[Point],
    stain: NDArray[np.float32],
    objects: Sequence[SeparatedObject],
    taken: Collection[str],
) -> Repair:
    """Make a chromosome of what lies along a line (x, y), and separate what is left of its cluster.

    `stain` (H, W) is that of the picture (`staining`), `objects` are all of it, `taken` the ids in
    use. What the new chromosome crosses keeps the pixels that both share; objects that lose nothing
    else stay as they are. KaryoError for a line that is too short, outside, or over nothing.
    """
    width = chromosome_width(objects)
    drawn = line_within(line, stain.shape, width)
    reach = int(np.ceil(REACH * width + MOST_LONGER * width)) + 2
    # A tip that an earlier course has left over is before the ends of the line.
    beyond = led_on(drawn, width)
    met = [
        o
        for o in objects
        if o.kind is not ObjectKind.DELETED
        and _is_under(o, beyond if o.kind is ObjectKind.DEBRIS else drawn)
    ]
    page = (0, 0, stain.shape[1], stain.shape[0])
    near = grown(bounds_of(drawn), reach)
    frame = meet(union_of([near, *(o.tight for o in met)]), page)
    assert frame is not None  # the line lies on the page
    x, y, w, h = frame
    seen = stain[y : y + h, x : x + w]
    cluster = _Cluster(met, [placed(o.mask, o.origin, frame) for o in met], frame, page)
    domain = _domain(cluster.masks, seen, [o for o in objects if o not in met], frame)
    found = grown_along(drawn - (x, y), domain, seen, width)
    return _repair(found, cluster, objects, taken)


def _is_under(obj: SeparatedObject, points: Floats) -> bool:
    """Whether a line lies on an object for a pixel at least."""
    columns, rows = np.floor(points - obj.origin).astype(np.intp).T
    height, width = obj.mask.shape
    on_it = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return bool(obj.mask[rows[on_it], columns[on_it]].any())


def _domain(
    masks: Sequence[Mask], stain: NDArray[np.float32], others: Sequence[SeparatedObject], frame: Box
) -> Mask:
    """What the new chromosome may be made of: objects under the line, and what nobody has."""
    own = np.zeros(stain.shape, np.bool_)
    for mask in masks:
        own |= mask
    foreign = np.zeros(stain.shape, np.bool_)
    for each in others:
        _add(foreign, each, frame)
    # The rim of an object is stained, too, and belongs to nobody.
    known = cv2.dilate((own | foreign).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    return own | ((stain > DEPTH) & ~known)


def _add(page: Mask, obj: SeparatedObject, frame: Box) -> None:
    shared = meet(obj.tight, frame)
    if shared is not None:
        x, y, w, h = shared
        left, top = x - obj.origin[0], y - obj.origin[1]
        part = obj.mask[top : top + h, left : left + w]
        page[y - frame[1] : y - frame[1] + h, x - frame[0] : x - frame[0] + w] |= part


# -- what is left --------------------------------------------------------------------------------


def _rest(own: Mask, mask: Mask, width: float) -> Mask:
    """What is left of an object (h, w): with the pixels that it shares with the new chromosome."""
    left = own & ~mask
    arms = _arms(left, mask, width)
    pairs = sorted(
        (
            (bend(one, other), n, m)
            for n, one in enumerate(arms)
            for m, other in enumerate(arms[:n])
        ),
        key=lambda pair: pair[0],
    )
    shared, used = np.zeros_like(left), set[int]()
    for cost, n, m in pairs:
        one, other = arms[n], arms[m]
        if cost > MOST_BEND or used & {n, m} or not _is_between(one, other, mask):
            continue
        used |= {n, m}
        through = distance_to(way(one, other), mask.shape)
        shared |= own & mask & (through <= (one.width + other.width) / 4 + 0.5)
    return left | shared


def _arms(left: Mask, mask: Mask, width: float) -> list[Arm]:
    """What of a cluster leaves the new chromosome, on either side of it."""
    beside = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    labels, count = components(left & beside)
    arms = []
    for n in range(1, count + 1):
        root = labels == n
        rows, columns = np.nonzero(root)
        # Two pixels deep, as wide as long.
        across = len(rows) / 2
        if not LEAST_ARM * width <= across <= MOST_ARM * width:
            continue
        at = np.array([columns.mean(), rows.mean()])
        yy, xx = np.ogrid[0 : left.shape[0], 0 : left.shape[1]]
        here = left & (np.hypot(xx - at[0], yy - at[1]) <= 1.5 * width)
        parts, _ = components(here)
        arm = np.isin(parts, np.unique(parts[root]))
        rows, columns = np.nonzero(arm)
        heading = np.array([columns.mean(), rows.mean()]) - at
        size = float(np.hypot(*heading))
        if arm.sum() < LEAST_ARM * width**2 or size < 1e-6:
            continue
        arms.append(Arm(arm, at, heading / size, min(across, 1.3 * width_of(arm))))
    return arms


def _is_between(one: Arm, other: Arm, mask: Mask) -> bool:
    """Whether the new chromosome lies between the roots of two arms."""
    between = np.linspace(one.root, other.root, 32)
    return bool(np.mean(mask[pixels_of(between + 0.5, mask.shape)]) > 0.6)


def _repair(
    found: Grown,
    cluster: _Cluster,
    objects: Sequence[SeparatedObject],
    taken: Collection[str],
) -> Repair:
    """Replace what the new chromosome is made of by it and by what is left."""
    mask, width = found.mask.copy(), found.width
    before, left = list[SeparatedObject](), list[tuple[Mask, SeparatedObject]]()
    for obj, own in zip(cluster.objects, cluster.masks, strict=True):
        rest = _rest(own, mask, width)
        if _stays(obj, int((own & ~rest).sum()), width):
            continue
        pieces, crumbs = _pieces(rest, found)
        mask |= crumbs
        before.append(obj)
        left += [(piece, obj) for piece in pieces]
    used, corner = {*taken, *(o.id for o in objects)}, (cluster.frame[0], cluster.frame[1])
    like = [o for o in objects if o.kind is ObjectKind.CHROMOSOME]
    made = [made_of(mask, corner, ObjectKind.CHROMOSOME, like, cluster.page, used)]
    for piece, obj in left:
        small = int(piece.sum()) < LEAST_CHROMOSOME * width**2
        kind = ObjectKind.DEBRIS if small else obj.kind
        rest_of = made_of(piece, corner, kind, [obj], cluster.page, used)
        made.append(replace(rest_of, by_person=False, score=min(obj.score, REST_SCORE)))
    return Repair(ActionKind.COURSE, _words(made[1:]), tuple(before), tuple(made))


def _stays(obj: SeparatedObject, lost: int, width: float) -> bool:
    """Whether an object that would lose so many pixels is only crossed by the new chromosome."""
    whole = obj.by_person or obj.kind is ObjectKind.NUCLEUS
    return (whole or lost <= SHARED_END * width**2) and lost < MOST_LOST * int(obj.mask.sum())


def _words(rests: Sequence[SeparatedObject]) -> str:
    debris = sum(each.kind is ObjectKind.DEBRIS for each in rests)
    text = "Draw the course of a chromosome"
    if len(rests) > debris:
        text += f", {amount(len(rests) - debris, 'piece')} left"
    return f"{text}, {amount(debris, 'piece')} too small for a chromosome" if debris else text


def _pieces(rest: Mask, found: Grown) -> tuple[list[Mask], Mask]:
    """The parts of what is left; and the crumbs of it, which belong to the new chromosome.

    So does a tip that lies before an end of the line.
    """
    labels, count = components(rest)
    parts = [labels == n for n in range(1, count + 1)]
    beside = cv2.dilate(found.mask.astype(np.uint8), AROUND) > 0
    square = found.width**2
    crumbs, pieces = np.zeros_like(rest), np.zeros(rest.shape, np.int32)
    for n, part in enumerate(parts, start=1):
        least = LEAST_CHROMOSOME if found.is_before_an_end(part) else LEAST_REST
        if is_piece(part) and part.sum() >= least * square:
            pieces[part] = n
        elif (part & beside).any():
            crumbs |= part
    numbers = [n for n in np.unique(pieces) if n]
    if not numbers:
        return [], rest
    # Crumbs that lie elsewhere go with the nearest piece.
    owner = nearest_label(pieces)
    return [rest & ~crumbs & (owner == n) for n in numbers], crumbs
