"""What a repair leaves over: islands of brush and eraser, pieces too small for a chromosome."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from karyogui.domain.amounts import amount
from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.domain.sitting import ActionKind
from karyogui.services.repair_geometry import LEAST_CHROMOSOME, made_of
from model.geometry.masks import Mask, components, is_piece, placed, trimmed, union_of

MOST_CHROMOSOME: float = 16.0
"""Squares of the usual width above which nothing is one chromosome."""


def tidied(repair: Repair, width: float, taken: Collection[str]) -> Repair:
    """A repair of outlines without leftovers, and with a word about each.

    What brush or eraser have parted from an object is an object of its own, and crumbs of it go. A
    chromosome that would be smaller than `LEAST_CHROMOSOME` squares of the usual `width` (pixels)
    is debris. `taken` are the ids in use.
    """
    after, used, crumbs = list[SeparatedObject](), {*taken, *(o.id for o in repair.after)}, 0
    before = {o.id: o for o in repair.before}
    for obj in repair.after:
        islands, small = _islands(before.get(obj.id), obj)
        crumbs += small
        after.append(_of_mask(obj, islands[0]) if islands else obj)
        after += [
            made_of(each, obj.origin, obj.kind, (obj,), obj.box, used) for each in islands[1:]
        ]
    least = LEAST_CHROMOSOME * width**2
    too_small = [
        o
        for o in after
        if o.kind is ObjectKind.CHROMOSOME and o.mask.sum() < least and not _was_small(o, before)
    ]
    sized = [replace(o, kind=ObjectKind.DEBRIS) if o in too_small else o for o in after]
    return replace(repair, text=_words(repair, len(too_small), crumbs), after=tuple(sized))


def size_doubt(objects: Sequence[SeparatedObject], width: float) -> str:
    """A sentence about chromosomes that are too large or too small for one; empty for none."""
    areas = [int(o.mask.sum()) for o in objects if o.kind is ObjectKind.CHROMOSOME]
    if any(area > MOST_CHROMOSOME * width**2 for area in areas):
        return "It is larger than any chromosome: look whether it is one."
    if any(area < LEAST_CHROMOSOME * width**2 for area in areas):
        return "It is smaller than any chromosome: look whether it is one."
    return ""


def _was_small(obj: SeparatedObject, before: dict[str, SeparatedObject]) -> bool:
    """Whether a person takes it for a chromosome already although it is no smaller now."""
    old = before.get(obj.id)
    return old is not None and old.kind is obj.kind and old.mask.sum() <= obj.mask.sum()


def _islands(before: SeparatedObject | None, after: SeparatedObject) -> tuple[list[Mask], int]:
    """The parts that one part of an object has come to, the rest of it first, and how many crumbs.

    Parts that were apart before stay with it. Empty where nothing was parted.
    """
    if before is None:
        return [], 0
    frame = union_of([before.tight, after.tight])
    old, _ = components(placed(before.mask, before.origin, frame))
    x, y, w, h = after.tight
    old = old[y - frame[1] : y - frame[1] + h, x - frame[0] : x - frame[0] + w]
    labels, count = components(after.mask)
    found = [labels == n for n in range(1, count + 1)]
    # What a stroke painted apart from the object may be larger than the object.
    parts = sorted(found, key=lambda part: (not old[part].any(), -int(part.sum())))
    home = [int(old[part].max()) for part in parts]
    parted = [n for n in range(1, count) if home[n] in (0, *home[:n])]
    pieces = [parts[n] for n in parted if is_piece(parts[n])]
    crumbs = [parts[n] for n in parted if not is_piece(parts[n])]
    if not parted:
        return [], 0
    main = after.mask & ~np.logical_or.reduce([*pieces, *crumbs])
    return [main, *pieces], len(crumbs)


def _of_mask(obj: SeparatedObject, mask: Mask) -> SeparatedObject:
    tight, origin = trimmed(mask, obj.origin)
    return replace(obj, mask=tight, origin=origin)


def _words(repair: Repair, too_small: int, crumbs: int) -> str:
    text: Sequence[str] = [repair.text]
    if too_small and repair.kind is ActionKind.LASSO:
        text = ["Outline debris", "too small for a chromosome"]
    elif too_small:
        text = [*text, f"{amount(too_small, 'piece')} too small for a chromosome"]
    if crumbs:
        text = [*text, f"{amount(crumbs, 'crumb')} left out"]
    return ", ".join(text)
