"""What was found in a metaphase, and the repairs that a person makes to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class ObjectKind(StrEnum):
    """What an object is; only chromosomes stand on the board. Edge: cut by the picture's border."""

    CHROMOSOME = "chromosome"
    NUCLEUS = "nucleus"
    DEBRIS = "debris"
    EDGE = "edge"
    DELETED = "deleted"


@dataclass(frozen=True, eq=False)
class SeparatedObject:
    """One object of a metaphase, in pixels of the raw picture.

    `mask` is (h, w) bool, tight; `origin` the (x, y) of its top left pixel; masks of two objects
    may share pixels at a crossing. `box` is (x, y, w, h) with a margin. `score` 0 … 1 tells how
    sure the separation is that it is one whole object of its kind; `turn` is a person's fine
    rotation in degrees, clockwise; `by_person` tells that a person made or changed it.
    """

    id: str
    kind: ObjectKind
    mask: NDArray[np.bool_]
    origin: tuple[int, int]
    box: tuple[int, int, int, int]
    score: float = 1.0
    turn: float = 0.0
    by_person: bool = False


@dataclass(frozen=True)
class QualitySummary:
    """What a photograph is worth, told before work starts.

    `objects` were found as chromosomes, `crossings` and `touching_groups` are estimates,
    `sharpness` and `score` (for ranking) are 0 … 1, `band_level` is estimated bands per haploid
    set or None; `reason` is one sentence.
    """

    objects: int
    crossings: int
    touching_groups: int
    sharpness: float
    band_level: int | None
    worth: bool
    reason: str
    score: float


class RepairKind(StrEnum):
    """What a repair does; the value is the word shown."""

    CUT = "cut"
    SPLIT = "split crossing"
    JOIN = "join"
    BRUSH = "brush"
    LASSO = "lasso"
    DELETE = "delete"
    RESTORE = "restore"
    MARK = "mark"
    ROTATE = "rotate"


@dataclass(frozen=True, eq=False)
class Repair:
    """One reversible repair: `before` are replaced by `after`; `text` is a sentence about it."""

    kind: RepairKind
    text: str
    before: tuple[SeparatedObject, ...]
    after: tuple[SeparatedObject, ...]

    @property
    def inverse(self) -> Repair:
        """The repair that undoes this one."""
        return Repair(self.kind, f"Undo: {self.text}", self.after, self.before)


def new_object_id(taken: Collection[str]) -> str:
    """The first id `c01`, `c02` … after every one taken.

    That none is ever used again needs all that were: `Metaphase.used_ids`.
    """
    numbers = [int(i[1:]) for i in taken if i.startswith("c") and i[1:].isdecimal()]
    return f"c{max(numbers, default=0) + 1:02d}"
