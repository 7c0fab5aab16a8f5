"""Faults of a cell, and which of them no entry of either list points to.

The rules, besides those of `matching`:

fault        A merge, a part (a split), a miss, a false object, a wrong class: one each, however
             many cuts or joins it needs.
lists        The separation check (entries at objects, also rejected ones) and the review list of
             types (a margin below `REVIEW_MARGIN`, not of its type's size; the rules of
             `evaluation/review_rule.py`).
points to    An entry points to the faults that its object has a part in: to a merge the object that
             holds it, to a part each of its objects, to a false or wrongly classified object that
             object. To a miss each object, rejected or not, that holds most of what was found
             in the true box, or has most of its own pixels there.
silent       A fault that no entry of either list points to, as the lists stand at first.
settled      Once every fault that is pointed to is repaired, the cell has other counts, and the
             program asks again: about each chromosome of a type whose count is unusual, and, where
             one is missing, about the objects that are held back for it. What these point to is
             repaired too, and so on until nothing more is asked. A fault is *never named* if
             nothing points to it to the end.
needless     An entry of the separation check, asked at first or later, whose object has a part in
             no fault.
silent cell  The counts of the settled cell are not the true ones. *At first*: without what is asked
             again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from model.evaluation.metaphases.cells import FoundCell, KnownCell, boxes_of
from model.evaluation.metaphases.matching import (
    HELD_FILL,
    HELD_PIXELS,
    LEAST_IOU,
    Tally,
    box_ious,
    pixels_in,
)
from model.evaluation.review_rule import always_looked_at, unusual_types
from model.inference.check_values import lacking_of
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES
from model.vocabulary.results import REVIEW_MARGIN


class FaultKind(StrEnum):
    """What went wrong."""

    MERGE = "merge"
    PART = "part"
    MISS = "miss"
    FALSE = "false object"
    WRONG = "wrong class"


@dataclass(frozen=True)
class Fault:
    """One fault: the true chromosomes that it concerns, and the objects that have a part in it.

    Both by number; objects as in `FoundCell.objects`. `paired` is the truth that has an object of
    its own in spite of it, None where none has.
    """

    kind: FaultKind
    truths: tuple[int, ...]
    objects: tuple[int, ...]
    paired: int | None = None


@dataclass(frozen=True)
class Listed:
    """A cell's faults, those of them that are silent, and its lists by numbers of objects.

    `never` are the silent faults that nothing points to until the cell is settled, `later` the
    objects of the check that are asked about on the way; `silent_at_first` is without both.
    """

    faults: tuple[Fault, ...]
    silent: tuple[Fault, ...]
    check: frozenset[int]
    review: frozenset[int]
    needless: int
    is_silent: bool
    never: tuple[Fault, ...] = ()
    later: frozenset[int] = frozenset()
    silent_at_first: bool = False


def listed(known: KnownCell, found: FoundCell, tally: Tally) -> Listed:
    """Bring a cell's faults and its two lists together."""
    faults = faults_of(known, found, tally)
    check = frozenset(i for i, o in enumerate(found.objects) if o.check is not None)
    review = review_list(found)
    silent = tuple(f for f in faults if not (check | review).intersection(f.objects))
    touched = {i for fault in faults for i in fault.objects}
    first = counts_left(known, found, tally, silent)
    never, later = settled(known, found, tally, silent)
    remaining = counts_left(known, found, tally, never)
    return Listed(
        faults, silent, check, review, len((check | later) - touched),
        remaining != known.counts, never, later, first != known.counts,
    )  # fmt: skip


def settled(
    known: KnownCell, found: FoundCell, tally: Tally, silent: tuple[Fault, ...]
) -> tuple[tuple[Fault, ...], frozenset[int]]:
    """The faults that nothing points to to the end, and the objects held back that were asked."""
    later: frozenset[int] = frozenset()
    while True:
        counts = counts_left(known, found, tally, silent)
        lacking, unusual = set(lacking_of(counts)), unusual_types(counts)
        later |= {i for i, o in enumerate(found.objects) if lacking.intersection(o.held)}
        named = later | {i for i, o in enumerate(found.objects) if o.type in unusual}
        left = tuple(f for f in silent if not named.intersection(f.objects))
        if left == silent:
            return silent, later
        silent = left


def faults_of(known: KnownCell, found: FoundCell, tally: Tally) -> tuple[Fault, ...]:
    """All faults of a cell."""
    number = [i for i, o in enumerate(found.objects) if o.kind is ObjectKind.CHROMOSOME]
    own = {t: number[o] for t, o in tally.pairs}
    faults = [
        Fault(FaultKind.MERGE, truths, (number[holder],),
              next((t for t in truths if own.get(t) == number[holder]), None))
        for truths, holder in zip(tally.merges, tally.holders, strict=True)
    ]  # fmt: skip
    for group in tally.splits:
        objects = tuple(number[o] for o in group)
        pair = next((t for t, o in own.items() if o in objects), None)
        faults.append(Fault(FaultKind.PART, () if pair is None else (pair,), objects, pair))
    faults += [
        Fault(FaultKind.MISS, (truth,), objects)
        for truth, objects in zip(tally.misses, _at(known, found, tally.misses), strict=True)
    ]
    faults += [Fault(FaultKind.FALSE, (), (number[o],)) for o in tally.false]
    for pair_number in tally.wrong:
        truth, o = tally.pairs[pair_number]
        faults.append(Fault(FaultKind.WRONG, (truth,), (number[o],), truth))
    return tuple(faults)


def review_list(found: FoundCell) -> frozenset[int]:
    """The objects that the review list of types names."""
    placed = [i for i, o in enumerate(found.objects) if o.kind is ObjectKind.CHROMOSOME]
    objects = [found.objects[i] for i in placed]
    disagreeing = {n for n, o in enumerate(objects) if o.disagrees}
    always = always_looked_at([o.type for o in objects], disagreeing)
    close = [o.misfit or (o.margin is not None and o.margin < REVIEW_MARGIN) for o in objects]
    return frozenset(np.array(placed, dtype=np.int64)[always | np.array(close, bool)].tolist())


def counts_left(
    known: KnownCell, found: FoundCell, tally: Tally, silent: tuple[Fault, ...]
) -> tuple[int, ...]:
    """Copies (24,) of each type when all but the silent faults are repaired."""
    left = Counter(t.type for t in known.truths)
    for fault in silent:
        types = [found.objects[i].type for i in fault.objects]
        if fault.kind is FaultKind.MERGE or fault.kind is FaultKind.MISS:
            left.subtract(known.truths[t].type for t in fault.truths if t != fault.paired)
        elif fault.kind is FaultKind.WRONG:
            left.subtract(known.truths[t].type for t in fault.truths)
            left.update(t for t in types if t is not None)
        elif fault.kind is FaultKind.FALSE:
            left.update(t for t in types if t is not None)
        else:
            left.update([t for t in types if t is not None][1:])
    return tuple(left[t] for t in range(len(TYPES)))


def _at(known: KnownCell, found: FoundCell, truths: tuple[int, ...]) -> list[tuple[int, ...]]:
    """For each true chromosome, the objects that hold most of it or lie mostly in its box."""
    if not truths:
        return []
    boxes = known.boxes[list(truths)]
    pixels = pixels_in(boxes, found.objects).astype(np.float64)
    areas = np.array([max(1, int(o.mask.sum())) for o in found.objects])
    ious = box_ious(boxes, boxes_of([o.box for o in found.objects]))
    most = pixels >= HELD_PIXELS * np.maximum(pixels.sum(1, keepdims=True), 1)
    inside = pixels >= HELD_PIXELS * areas
    fills = pixels >= HELD_FILL * boxes[:, 2:].prod(1)[:, None]
    near = ((most | inside) & fills) | (ious >= LEAST_IOU)
    return [tuple(np.flatnonzero(row).tolist()) for row in near]


def class_of(number: int, found: FoundCell, faults: tuple[Fault, ...]) -> str:
    """What an object truly is: `one` whole chromosome, `several`, `part` of one, or `none`."""
    own = [f for f in faults if number in f.objects]
    kinds = [f.kind for f in own]
    is_found = found.objects[number].kind is ObjectKind.CHROMOSOME
    if FaultKind.MERGE in kinds:
        return "several"
    if FaultKind.FALSE in kinds:
        return "none"
    if FaultKind.PART in kinds:
        return "part"
    misses = kinds.count(FaultKind.MISS)
    if is_found:
        return "several" if misses else "one"
    return "several" if misses > 1 else "one" if misses else "none"
