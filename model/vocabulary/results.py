"""What the model package hands out: frozen arrays, nothing of the application."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

REVIEW_MARGIN: float = 5.0
"""Margin (nats) below which a person is asked to look at a chromosome.

A margin of 5 nats says that the cell is e⁵ ≈ 150 times as likely with the chromosome where it is as
with the chromosome anywhere else. On unseen cut-outs 15 of 24 wrong types lie below it (6 below
3 nats) for 1.3 chromosomes of 46 (0.4); see EXPERIMENTS, Silence.
"""


@dataclass(frozen=True)
class Scale:
    """How a cell's pictures are brought to those of the training: one for all its chromosomes.

    `size` multiplies pixels to the common scale. `stretch` lengthens chromosomes against their
    breadth, their areas stay: above 1 where they are fat and short as nowhere in the training.
    """

    size: float
    stretch: float = 1.0

    @property
    def is_estimated(self) -> bool:
        """Whether it is a cell's own; 1 says that the network does without."""
        return self.size != 1.0

    @property
    def is_stout(self) -> bool:
        """Whether its chromosomes are fat and short as nowhere in the training."""
        return self.stretch > 1.0


@dataclass(frozen=True, eq=False)
class CutOut:
    """One chromosome set upright and freed of its background.

    `crop` is (h, w) uint8, dark on light, background exactly 255; `mask` is (h, w) bool;
    `angle` is the rotation in degrees (counter-clockwise) that set it upright. Where a person has
    turned it besides, `unturned` is the same without that.
    """

    crop: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    angle: float
    unturned: CutOut | None = None


@dataclass(frozen=True)
class Misfit:
    """That an object has not the size of a type (0 … 23) but this share of the type's area."""

    type: int
    share: float


@dataclass(frozen=True, eq=False)
class ObjectResult:
    """One chromosome's outcome.

    `type_probabilities` is (24,), `polarity_probabilities` is (2,) as (q up, q down), both sum
    to 1 and are calibrated; `zoom_box` is (left, top, right, bottom) in fractions of the crop;
    `assigned_type` is 0 … 23 or None for an object of no type; `confidence` is 0 … 1; `moved`
    says that the cell gave it another type than its most probable one; `margin` (nats, ≥ 0) is
    what it costs the cell at least to make it something else. Where no chromosome can be `seen` in
    the picture, all types are equally probable. A `misfit` has not the size of its type; what is
    too small for it has none, unless its bands are sure of it.
    """

    cut_out: CutOut
    type_probabilities: FloatArray
    polarity_probabilities: FloatArray
    zoom_box: tuple[float, float, float, float]
    assigned_type: int | None
    confidence: float
    moved: bool = False
    margin: float = 0.0
    seen: bool = True
    raw_type_probabilities: FloatArray | None = None
    """As the network gave them, before calibration; None where no network looked."""
    misfit: Misfit | None = None


@dataclass(frozen=True, eq=False)
class CellResult:
    """A cell's outcome: objects in the order of the pictures, warnings of the assignment.

    `scale` brings the pictures to those of the training; its size is 1 when it is not used.
    `assignment` names the method; `disagreeing` are the objects whose picture speaks strongly
    against their type; `alternative` (24,) are the counts of the next best solution with other
    counts, `alternative_margin` (nats) is how far behind it is.
    """

    objects: tuple[ObjectResult, ...]
    warnings: tuple[str, ...]
    scale: Scale
    assignment: str = "map"
    disagreeing: tuple[int, ...] = ()
    alternative: tuple[int, ...] | None = None
    alternative_margin: float = float("inf")


class CheckKind(StrEnum):
    """What may be wrong with an object of a separation."""

    SEVERAL = "several"
    REJECTED = "rejected"
    PART = "part"
    OUTLINE = "outline"


@dataclass(frozen=True)
class CheckEntry:
    """An object of a separation that a person has to look at.

    `object` is its number among the separation's instances; `kind` is what it probably is instead,
    `probability` (0 … 1) how likely it is not what it was taken for. `types` (0 … 23) are what it
    looks like: of several chromosomes those that may lie in it (or none), else its most probable
    type; `type_probability` is that of the single one. With `if_lacking` it is held back: asked
    only when nothing else is open and a chromosome of one of these types is missing.
    """

    object: int
    kind: CheckKind
    probability: float
    types: tuple[int, ...] = ()
    type_probability: float = 0.0
    if_lacking: tuple[int, ...] = ()
