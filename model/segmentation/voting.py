"""From the network's answer to chromosomes: every pixel votes for the box of its own chromosome.

Pixels of one chromosome name one box, on both sides of a crossing as well, so no arms have to be
paired; pixels of two that touch name two. Greedy, as in non-maximum suppression: the surest pixel
opens a group, those whose boxes agree join it.

In four passes: gather the boxes that many pixels name (`_gathered`), drop those that explain no
more than another does (`_needed`), give every pixel to one of the rest (`_settled`), and only then
let crossing chromosomes share pixels (`_shared`) and grow together under what lies on them
(`_completed`). n are pixels that vote, k boxes; maps are at half the picture's resolution, boxes
in pixels of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.segmentation.base import Mask
from model.segmentation.network import OUTPUT_STRIDE
from model.vocabulary.results import FloatArray

Floats = NDArray[np.float32]

VOTES: float = 0.3
"""Probability of being chromosome from which a dark pixel votes."""
CHROMOSOME: float = 0.5
"""Probability from which a pixel is chromosome whether it is dark or not."""
AGREES: float = 0.5
"""IoU of a pixel's box with its group's."""
SHARED: float = 0.5
"""Probability from which a pixel lies in two chromosomes."""
LEAST_VOTES: int = 12
"""Pixels (of the half-resolution map) below which a group is a leftover."""
JOINS: float = 0.3
"""IoU from which a pixel belongs to the box nearest to what it names."""
OBJECT_COST: float = 12.0
"""Votes (of pixels of the half-resolution map) that an object must explain on its own."""
ROUNDS: int = 3
MOST_GAP: float = 16.0
"""Pixels of the half-resolution map between two parts of one chromosome: three widths."""
SPECK, SPECK_GAP = 14, 3.0
"""Parts of fewer pixels, further away than this, are dirt."""
BRIDGE: int = 5
"""Width of a chromosome in the half-resolution map."""


@dataclass(frozen=True, eq=False)
class Maps:
    """The answer for one picture, each (h, w) float32: probabilities.

    `sides` (4, h, w) are in input pixels; `types` (24, h, w) are logarithms of the probabilities of
    types, None of a network that does not tell them.
    """

    chromosome: Floats
    overlap: Floats
    touch: Floats
    fit: Floats
    sides: Floats
    types: Floats | None = None


@dataclass(frozen=True, eq=False)
class Group:
    """Pixels of one chromosome: `pixels` (h, w) bool, `box` (4,) in input pixels, `score` 0 … 1.

    The score is how sure its pixels are, times how well the pixels fill the box that they name.
    `types` (24,) are the probabilities of its type as its pixels see it, None where they do not.
    """

    pixels: Mask
    box: Floats
    score: float
    types: FloatArray | None = None


def groups_of(maps: Maps, dark: Mask, object_cost: float = OBJECT_COST) -> list[Group]:
    """Chromosomes among the dark pixels (h, w) of the half-resolution maps.

    The greater the cost of an object, in votes, the fewer there are.
    """
    # Both must say so: what is dark may be dirt, and the network alone spills over the rim. What
    # is chromosome but not dark is filled in at the end, by `_completed`.
    ys, xs = np.nonzero((maps.chromosome > VOTES) & dark)
    if not len(ys):
        return []
    boxes = named_boxes(maps.sides[:, ys, xs], ys, xs)
    sure = maps.chromosome[ys, xs] * maps.fit[ys, xs]  # (n,): what a pixel's vote counts
    middles = _needed(_gathered(boxes, sure), boxes, sure, object_cost)
    owners = _settled(boxes, middles, ys, xs, dark.shape)
    found = []
    for i, middle in enumerate(middles):
        own = owners == i
        if int(own.sum()) < LEAST_VOTES:
            continue
        pixels = np.zeros(dark.shape, dtype=np.bool_)
        pixels[ys[own], xs[own]] = True
        types = None if maps.types is None else _agreed(maps.types[:, ys[own], xs[own]])
        found.append((pixels, middle, float(sure[own].mean()), types))
    whole = _shared([f[0] for f in found], [f[1] for f in found], maps.overlap > SHARED)
    chromosome = maps.chromosome > CHROMOSOME
    shared = [_completed(pixels, chromosome) for pixels in whole]
    return [
        Group(pixels, box, float(np.sqrt(score * _filled(pixels, box))), types)
        for pixels, (_, box, score, types) in zip(shared, found, strict=True)
    ]


def _agreed(logs: Floats) -> FloatArray:
    """What pixels that tell a type by logarithms (24, n) make of it together: (24,), sum 1."""
    mean = logs.mean(axis=1, dtype=np.float64)
    likely = np.exp(mean - mean.max())
    return np.asarray(likely / likely.sum())


def named_boxes(sides: Floats, ys: NDArray[np.int64], xs: NDArray[np.int64]) -> Floats:
    """(n, 4) left, top, right, bottom of the boxes that n pixels name."""
    x = (xs + 0.5) * OUTPUT_STRIDE
    y = (ys + 0.5) * OUTPUT_STRIDE
    left, top, right, bottom = sides
    return np.stack([x - left, y - top, x + right, y + bottom], axis=1).astype(np.float32)


def _gathered(boxes: Floats, sure: Floats) -> list[Floats]:
    """Boxes (4,) that many pixels name: the surest pixel first, those that agree with it join."""
    free = np.ones(len(boxes), dtype=np.bool_)
    middles: list[Floats] = []
    while free.any():
        # Not the next pixel in raster order opens a group but the surest one left: a doubtful pixel
        # at a crossing would name a box of which nothing is true.
        waiting = np.flatnonzero(free)
        first = waiting[sure[waiting].argmax()]
        middle, members = boxes[first], waiting[:0]
        # Mean shift in the space of boxes: the surest pixel may itself be off, the median of those
        # that agree with it is not; a median, because a pixel at a crossing is off by far.
        for _ in range(ROUNDS):
            members = waiting[iou(boxes[waiting], middle) > AGREES]
            if not len(members):
                break
            middle = _weighted_median(boxes[members], sure[members])
        free[first] = False  # even where nobody agrees, or it would be the surest one for ever
        free[members] = False
        if len(members) >= LEAST_VOTES:
            middles.append(middle)
    return middles


def _needed(middles: list[Floats], boxes: Floats, sure: Floats, object_cost: float) -> list[Floats]:
    """Those boxes without which the votes would be explained worse than an object is worth.

    Every pixel is explained by the box nearest to what it names. The box whose pixels would lose
    least if the next best explained them goes, as long as that loss is below the cost of an
    object; so a part of a chromosome goes to the whole.
    """
    middles = list(middles)
    likeness: Floats = np.zeros((len(boxes), 0), np.float32)
    if middles:
        likeness = np.stack([iou(boxes, m) for m in middles], axis=1)  # (n, k)
    while middles:
        # A box is worth what its pixels would lose if the second best box explained them. Half a
        # chromosome that opened a group of its own loses little: the whole explains it nearly as
        # well. Of two chromosomes side by side either loses nearly all.
        best = likeness.argmax(1)
        lost = np.asarray(sure * _lead(likeness), np.float64)
        loss = np.bincount(best, lost, minlength=len(middles))
        worst = int(loss.argmin())
        if loss[worst] >= object_cost:
            break
        # One at a time: when a box goes, its heirs are worth more than before.
        gone = best == worst
        middles.pop(worst)
        likeness = np.delete(likeness, worst, axis=1)
        if not middles:
            break
        # The heirs' boxes move with the votes that they inherit. Votes that fit badly are left out
        # of the median, so that a wrong heir is not dragged towards them.
        for i in np.unique(likeness[gone].argmax(1)):
            own = (likeness.argmax(1) == i) & (likeness[:, i] > 0.3)
            if own.any():
                middles[i] = _weighted_median(boxes[own], sure[own])
                likeness[:, i] = iou(boxes, middles[i])
    return middles


def _lead(likeness: Floats) -> Floats:
    """(n,) by how much the best of each row (n, k) is ahead of the second best."""
    if likeness.shape[1] == 1:
        return likeness[:, 0]
    two = np.partition(likeness, -2, axis=1)[:, -2:]  # the second best and the best, unsorted else
    return np.asarray(two[:, 1] - two[:, 0])


def _weighted_median(values: Floats, weights: Floats) -> Floats:
    """Weighted median of each column."""
    order = np.argsort(values, axis=0)
    total = np.cumsum(weights[order], axis=0)  # each column in an order of its own
    at = (total >= 0.5 * total[-1]).argmax(axis=0)
    columns = np.arange(values.shape[1])
    return np.asarray(values[order[at, columns], columns], np.float32)


def iou(boxes: Floats, box: Floats) -> Floats:
    """IoU (n,) of boxes (n, 4) with one box (4,), both left, top, right, bottom."""
    left, top, right, bottom = boxes.T  # column by column: ten thousand calls for a photograph
    across = np.minimum(right, box[2]) - np.maximum(left, box[0])
    down = np.minimum(bottom, box[3]) - np.maximum(top, box[1])
    inner = np.maximum(across, 0) * np.maximum(down, 0)
    both = (right - left) * (bottom - top) + (box[2] - box[0]) * (box[3] - box[1])
    return np.asarray(inner / np.maximum(both - inner, 1e-6))


def _settled(
    boxes: Floats,
    middles: list[Floats],
    ys: NDArray[np.int64],
    xs: NDArray[np.int64],
    shape: tuple[int, ...],
) -> NDArray[np.int64]:
    """Owner (n,) of every pixel, −1 for none: the box nearest to what it names.

    Pixels that agree with none go to the group around them that is nearest.
    """
    if not middles:
        return np.full(len(boxes), -1, np.int64)
    likeness = np.stack([iou(boxes, middle) for middle in middles], axis=1)
    owners = np.where(likeness.max(1) > JOINS, likeness.argmax(1), -1)
    place = np.full(shape, -1, np.int64)
    place[ys, xs] = owners
    # Pixels at rims and crossings name boxes between those of their neighbours, or nonsense. They
    # go to a group that already stands next to them, ring by ring: no group gets an island.
    for _ in range(6):
        lost = np.flatnonzero(owners < 0)
        if not len(lost):
            break
        around = _neighbours(place, ys[lost], xs[lost])
        # A neighbour whose box has no likeness at all still wins over none (−1).
        scores = np.where(around >= 0, likeness[lost[:, None], around.clip(0)] + 0.01, -1.0)
        best = scores.argmax(1)
        rows = np.arange(len(lost))
        won = scores[rows, best] >= 0
        owners[lost[won]] = around[rows, best][won]
        place[ys[lost[won]], xs[lost[won]]] = owners[lost[won]]
        if not won.any():
            break
    return owners


def _neighbours(
    place: NDArray[np.int64], ys: NDArray[np.int64], xs: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(n, 8) owners of the pixels around."""
    padded = np.pad(place, 1, constant_values=-1)
    steps = [(a, b) for a in (0, 1, 2) for b in (0, 1, 2) if (a, b) != (1, 1)]
    return np.stack([padded[ys + a, xs + b] for a, b in steps], axis=1)


def _shared(masks: list[Mask], boxes: list[Floats], overlap: Mask) -> list[Mask]:
    """Give each area of overlap to all groups that border on it and whose box holds it."""
    masks = [mask.copy() for mask in masks]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(overlap.astype(np.uint8))
    kernel = np.ones((3, 3), np.uint8)
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        if area < 2:
            continue
        area_mask = labels == i
        # Bordering is not enough: at a crossing of two a third one may touch the area. It must also
        # lie within the box that the group's pixels name.
        ring = cv2.dilate(area_mask.astype(np.uint8), kernel).astype(np.bool_)
        middle = np.array([x, y, x + w, y + h]) * OUTPUT_STRIDE
        for mask, box in zip(masks, boxes, strict=True):
            inside = (middle[:2] >= box[:2] - 3).all() and (middle[2:] <= box[2:] + 3).all()
            if inside and int((mask & ring).sum()) >= 2:
                mask |= area_mask
    return masks


def _completed(pixels: Mask, chromosome: Mask) -> Mask:
    """Join the parts of a chromosome over what lies on it; leave out specks far from it.

    Between the nearest points of two parts a bridge as wide as a chromosome is laid, where there
    is chromosome at all.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(pixels.astype(np.uint8))
    if count <= 2:
        return pixels
    # The largest part first; each further one is joined to what has grown so far, so that three
    # parts in a row hold together although the outer two are far apart.
    order = 1 + np.argsort(-stats[1:, cv2.CC_STAT_AREA])
    joined: Mask = np.asarray(labels == order[0])
    for i in order[1:]:
        part = labels == i
        a, b, gap = _nearest(joined, part)
        if gap > MOST_GAP or (part.sum() < SPECK and gap > SPECK_GAP):
            continue
        bridge = np.zeros(pixels.shape, np.uint8)
        cv2.line(bridge, a, b, 1, BRIDGE)
        joined = np.asarray(joined | part | ((bridge > 0) & chromosome), np.bool_)
    return joined


def _nearest(one: Mask, other: Mask) -> tuple[tuple[int, int], tuple[int, int], float]:
    """The nearest two points (x, y) of two masks and their distance."""
    # One transform gives for every pixel both the distance to `one` and, by its label, which pixel
    # of `one` is nearest: no search over pairs.
    away, labels = cv2.distanceTransformWithLabels(
        (~one).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    ys, xs = np.nonzero(other)
    at = int(away[ys, xs].argmin())
    y, x = int(ys[at]), int(xs[at])
    from_y, from_x = np.argwhere((labels == labels[y, x]) & one)[0]
    return (int(from_x), int(from_y)), (x, y), float(away[y, x])


def _filled(pixels: Mask, box: Floats) -> float:
    """IoU of the pixels' own box with the one that they name."""
    rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
    step = OUTPUT_STRIDE
    own = np.array(
        [[columns[0] * step, rows[0] * step, (columns[-1] + 1) * step, (rows[-1] + 1) * step]],
        np.float32,
    )
    return float(iou(own, box)[0])
