"""What was found in a metaphase, and the repairs that a person makes to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karyogui.domain.amounts import amount
from karyogui.domain.sitting import ActionKind
from model.vocabulary.kinds import ObjectKind as ObjectKind
from model.vocabulary.quality import Quality as Quality


@dataclass(frozen=True, eq=False)
class SeparatedObject:
    """One object of a metaphase, in pixels of the raw picture.

    `mask` is (h, w) bool, tight (no outer row or column is empty); `origin` the (x, y) of its top
    left pixel; masks of two objects may share pixels at a crossing. `box` is (x, y, w, h) with a
    margin. `score` 0 … 1 says how sure the separation is that it is one whole object of its kind;
    `turn` is a person's fine rotation in degrees, clockwise; `by_person` says that a person made
    or changed it. ValueError for a mask that is empty or not tight.
    """

    id: str
    kind: ObjectKind
    mask: NDArray[np.bool_]
    origin: tuple[int, int]
    box: tuple[int, int, int, int]
    score: float = 1.0
    turn: float = 0.0
    by_person: bool = False

    def __post_init__(self) -> None:
        if self.mask.ndim != 2 or self.mask.dtype != np.bool_ or not self.mask.any():
            raise ValueError(f"the mask of {self.id} is not (h, w) bool, or is empty")
        if not all(e.any() for e in (self.mask[0], self.mask[-1], self.mask.T[0], self.mask.T[-1])):
            raise ValueError(f"the mask of {self.id} is not tight")

    @property
    def tight(self) -> tuple[int, int, int, int]:
        """The box (x, y, w, h) of the mask, without a margin."""
        height, width = self.mask.shape
        return (*self.origin, width, height)

    def is_like(self, other: SeparatedObject) -> bool:
        """Whether it is the same in everything that is stored of it."""
        same = all(
            getattr(self, name) == getattr(other, name)
            for name in ("id", "kind", "origin", "box", "score", "turn", "by_person")
        )
        return self is other or (same and np.array_equal(self.mask, other.mask))


@dataclass(frozen=True, eq=False)
class Repair:
    """One reversible repair: `before` are replaced by `after`; `text` is a sentence about it.

    An object keeps its id while it is the same chromosome (brush, rotate, mark, delete, restore);
    cut, split, course and join make new ones. ValueError when nothing is touched, or something
    twice.
    """

    kind: ActionKind
    text: str
    before: tuple[SeparatedObject, ...]
    after: tuple[SeparatedObject, ...]

    def __post_init__(self) -> None:
        if not self.before and not self.after:
            raise ValueError("a repair touches at least one object")
        if any(len({o.id for o in side}) != len(side) for side in (self.before, self.after)):
            raise ValueError("a repair names each object once")

    @property
    def inverse(self) -> Repair:
        """The repair that undoes this one."""
        return Repair(self.kind, f"Undo: {self.text}", self.after, self.before)


def new_object_id(taken: Collection[str]) -> str:
    """The first id `c01`, `c02` … after every one taken.

    That none is ever used again needs all that were: `Cell.used_ids`.
    """
    numbers = [int(i[1:]) for i in taken if i.startswith("c") and i[1:].isdecimal()]
    return f"c{max(numbers, default=0) + 1:02d}"


SAME_OBJECT: float = 0.6
"""Intersection over union from which objects of two separations are the same chromosome."""


def overlap(one: SeparatedObject, other: SeparatedObject) -> float:
    """Intersection over union (0 … 1) of two masks in the raw picture."""
    (x, y), (u, v) = one.origin, other.origin
    left, top = max(x, u), max(y, v)
    right = min(x + one.mask.shape[1], u + other.mask.shape[1])
    bottom = min(y + one.mask.shape[0], v + other.mask.shape[0])
    if left >= right or top >= bottom:
        return 0.0
    first = one.mask[top - y : bottom - y, left - x : right - x]
    second = other.mask[top - v : bottom - v, left - u : right - u]
    shared = int((first & second).sum())
    return shared / (int(one.mask.sum()) + int(other.mask.sum()) - shared)


def named_as_before(
    objects: Sequence[SeparatedObject],
    before: Sequence[SeparatedObject],
    used: Collection[str] = (),
) -> dict[str, str]:
    """Ids for the objects of another separation of the same picture, by those they have now.

    An object that overlaps one of `before` by `SAME_OBJECT` gets its id, one to one, the best
    first; the others get ids that neither `before` nor `used` have.
    """
    pairs = [(overlap(new, old), new.id, old.id) for new in objects for old in before]
    names: dict[str, str] = {}
    for share, new_id, old_id in sorted(pairs, key=lambda pair: -pair[0]):
        if share >= SAME_OBJECT and new_id not in names and old_id not in names.values():
            names[new_id] = old_id
    taken = {*used, *(item.id for item in before)}
    for item in objects:
        if item.id not in names:
            names[item.id] = new_object_id(taken)
            taken.add(names[item.id])
    return names


_KINDS = {
    ObjectKind.CHROMOSOME: ("chromosome", "chromosomes"),
    ObjectKind.NUCLEUS: ("nucleus", "nuclei"),
    ObjectKind.DEBRIS: ("piece of debris", "pieces of debris"),
    ObjectKind.EDGE: ("object cut by the border", "objects cut by the border"),
    ObjectKind.DELETED: ("deleted by a person", "deleted by a person"),
}


def objects_text(objects: Iterable[SeparatedObject]) -> str:
    """What was found in a photograph: `46 chromosomes, 1 nucleus`."""
    counts = Counter(found.kind for found in objects)
    return ", ".join(
        amount(counts[kind], *words)
        for kind, words in _KINDS.items()
        if counts[kind] or kind is ObjectKind.CHROMOSOME
    )


def quality_figures(quality: Quality) -> list[str]:
    """What was estimated of a photograph: crossings, groups, sharpness, bands."""
    figures = [
        amount(quality.crossings, "crossing"),
        amount(quality.touching_groups, "touching group"),
        f"sharpness {100 * quality.sharpness:.0f} %",
    ]
    if quality.band_level is not None:
        figures.append(f"about {quality.band_level} bands")
    return figures
