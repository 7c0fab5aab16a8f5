"""Chromosome types, what was seen of a chromosome and what was made of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from model.vocabulary import labels
from model.vocabulary.labels import TYPES as TYPES

AUTOSOMES: tuple[str, ...] = TYPES[:22]

GROUPS: dict[str, tuple[str, ...]] = {
    "A": ("1", "2", "3"),
    "B": ("4", "5"),
    "C": ("6", "7", "8", "9", "10", "11", "12", "X"),
    "D": ("13", "14", "15"),
    "E": ("16", "17", "18"),
    "F": ("19", "20"),
    "G": ("21", "22", "Y"),
}
"""Denver groups by shape; X belongs to C and Y to G by shape, though both stand last."""

GROUP_OF: dict[str, str] = {kind: group for group, kinds in GROUPS.items() for kind in kinds}


class Polarity(IntEnum):
    """Which way the long arm points in a picture; the value is the network's label."""

    Q_UP = labels.Q_UP
    Q_DOWN = labels.Q_DOWN


@dataclass(frozen=True, eq=False)
class Segment:
    """One object cut out of a cell, set upright.

    `crop` is (h, w) uint8, dark on light, background exactly 255; `mask` is (h, w) bool, True
    on the chromosome; `angle` is the rotation in degrees (counter-clockwise positive) that was
    applied to the source picture to set it upright; `box` is (x, y, w, h) in pixels of the raw
    metaphase, or None for a ready cut-out.
    """

    source: str
    crop: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    angle: float = 0.0
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class Prediction:
    """What the network says of one chromosome.

    `type_probabilities` has 24 values in the order of `TYPES`; `polarity_probabilities` is
    (q up, q down) of the upright crop; both sum to 1. `zoom_box` is the varifocal box
    (left, top, right, bottom) as fractions of the crop's width and height, possibly beyond
    0 … 1, or None.
    """

    type_probabilities: tuple[float, ...]
    polarity_probabilities: tuple[float, float]
    zoom_box: tuple[float, float, float, float] | None = None

    @property
    def argmax_type(self) -> str:
        """The most probable type, whatever the rest of the cell says."""
        return TYPES[int(np.argmax(self.type_probabilities))]

    @property
    def polarity(self) -> Polarity:
        """The more probable polarity."""
        return Polarity(int(np.argmax(self.polarity_probabilities)))

    @property
    def shows_something(self) -> bool:
        """Whether the network saw anything: where it did not, all types are equally probable."""
        return len(set(self.type_probabilities)) > 1

    def probability_of(self, kind: str) -> float:
        """Probability (0 … 1) of a type; 0 for anything that is not one of the 24."""
        return self.type_probabilities[TYPES.index(kind)] if kind in TYPES else 0.0

    def best(self, count: int = 5) -> tuple[tuple[str, float], ...]:
        """The `count` most probable types with their probabilities, best first."""
        # Stable on the negative, so that the first of equals is also `argmax_type`.
        order = np.argsort(-np.asarray(self.type_probabilities), kind="stable")[:count]
        return tuple((TYPES[i], float(self.type_probabilities[i])) for i in order)


@dataclass(frozen=True)
class Assignment:
    """What the assignment within the cell (Algorithm 1 or another) makes of a prediction.

    `type` is one of `TYPES`, or None for an object that belongs to no type; `confidence` is
    0 … 1; `reasons` are sentences for the review that only the analysis knows (older versions wrote
    all of them; today `domain.review` makes the others).
    `margin` (nats, ≥ 0) is what it costs the whole cell at least to make the object something
    else, None where that is not known (results of older versions); `moved` says that `type` is
    not the most probable one.
    """

    type: str | None
    polarity: Polarity
    confidence: float
    reasons: tuple[str, ...] = ()
    margin: float | None = None
    moved: bool = False


@dataclass(frozen=True)
class Chromosome:
    """One chromosome of a cell; the id never changes, the prediction is never overwritten.

    `predicted` and `assigned` are None until the network has looked at it.
    """

    id: str
    segment: Segment
    predicted: Prediction | None = field(default=None)
    assigned: Assignment | None = field(default=None)


def without_type(chromosome: Chromosome, why: str) -> Chromosome:
    """A chromosome of no type, whatever it looks most like; `why`, without a full stop."""
    if chromosome.assigned is None:
        return chromosome
    reasons = (f"{why}: its type cannot be determined.",)
    return replace(
        chromosome, assigned=Assignment(None, chromosome.assigned.polarity, 0.0, reasons)
    )


def misfit_sentence(kind: str, share: float, has_type: bool) -> str:
    """That a chromosome has this share of the area of its type (without one, of `kind`)."""
    size = f"{share:.0%}".replace("%", " %")
    if share > 1:
        return (
            f"{size} of the area of a chromosome {kind}: added material, or something lies on it."
        )
    if has_type:
        return f"Only {size} of the area of a chromosome {kind}: a deletion, or a part is missing."
    return (
        f"Too small for chromosome {kind} ({size} of its area): a marker, a deletion, or a part of "
        "a chromosome."
    )


def chromosome_id(position: int) -> str:
    """The id of the chromosome in a cell's picture at `position`: the same in every analysis."""
    return f"c{position + 1:02d}"
