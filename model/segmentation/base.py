"""What a separation of a metaphase is: objects with their own masks, which may share pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.vocabulary.kinds import ObjectKind
from model.vocabulary.results import FloatArray

GreyImage = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]
Report = Callable[[int, int, str], None]

ANNOTATION_MARGIN: tuple[float, float, float, float] = (0.37, 0.45, 0.29, 0.21)
"""Left, top, right and bottom margin that annotators leave around a chromosome, in chromosome
widths: medians over 2,590 chromosomes that lie alone in 120 pictures of the training archive."""

NO_CHROMOSOME: str = "No chromosome can be seen in the picture."


@dataclass(frozen=True)
class Votes:
    """What the pixels of one object say, each 0 … 1.

    `agreement` is how alike the boxes that they name are (mean IoU with the median box),
    `dissent` the share of pixels that name another box (IoU below a half), `own` the IoU of the
    median box with the object's own; `chromosome`, `overlap`, `touch` and `fit` are means of the
    network's answer.
    """

    agreement: float
    dissent: float
    own: float
    chromosome: float
    overlap: float
    touch: float
    fit: float


@dataclass(frozen=True, eq=False)
class Instance:
    """One object of a metaphase.

    `mask` is (h, w) bool, tight around the object, its top left pixel at `origin` (x, y) of the
    raw picture; masks of crossing chromosomes share pixels. `score` (0 … 1) is how sure it is
    that this is one whole object of its kind. `box` is (x, y, w, h) in raw pixels with the margin
    that annotators leave, clipped to the picture. `types` (24,) are the probabilities of its type
    as the separation saw it among its neighbours, None where it gives none; `votes` is what its
    pixels said, None of a separation without votes. `by_way`: it was made of doubtful
    objects in that way (`inference.ways`), and the score is how likely that was right.
    """

    mask: Mask
    origin: tuple[int, int]
    kind: ObjectKind
    score: float
    box: Box
    types: FloatArray | None = None
    votes: Votes | None = None
    by_way: str = ""


@dataclass(frozen=True, eq=False)
class Doubt:
    """A place that can be separated in another way: fewer objects for the same pixels.

    `replaced` are indices of a separation's instances, `instances` what would stand instead; what
    these leave uncovered is among them as debris, so that nothing disappears.
    """

    replaced: tuple[int, ...]
    instances: tuple[Instance, ...]


@dataclass(frozen=True, eq=False)
class Separation:
    """A picture's objects.

    `flattened` is (H, W) uint8, dark on light with the background evened out to 255: crops are
    cut from it. `chromosome_width` is the median width in raw pixels, `width_factor` how it stands
    to the first estimate. `method` is the separator's id. `doubts` share no instance. `votes` gives
    what the network's pixels say of any object, None of a separator without votes.
    """

    instances: tuple[Instance, ...]
    flattened: GreyImage
    chromosome_width: float
    method: str
    doubts: tuple[Doubt, ...] = ()
    width_factor: float = 1.0
    votes: Callable[[Instance], Votes | None] | None = None


def margined(box: NDArray[np.float32], width: float, shape: tuple[int, ...]) -> Box:
    """A box (left, top, right, bottom) with annotators' margin, in a picture of this shape."""
    left, top, right, bottom = (width * m for m in ANNOTATION_MARGIN)
    x0, y0 = max(0, round(box[0] - left)), max(0, round(box[1] - top))
    x1, y1 = min(shape[1], round(box[2] + right)), min(shape[0], round(box[3] + bottom))
    return (x0, y0, max(1, x1 - x0), max(1, y1 - y0))


CHOSEN: float = 0.0
"""As a factor: nobody says it, the program chooses."""


def silent(done: int, total: int, message: str) -> None:
    """A report to nobody."""
    del done, total, message


class Separator(Protocol):
    """Finds the objects of a metaphase."""

    id: str
    label: str

    def __call__(
        self, picture: GreyImage, report: Report = silent, width_factor: float = CHOSEN
    ) -> Separation:
        """Separate a picture (H, W) uint8, dark on light or light on dark.

        `width_factor` is what a person says of the estimated width of a chromosome, by what to
        multiply it. ModelError when no chromosome can be seen.
        """
