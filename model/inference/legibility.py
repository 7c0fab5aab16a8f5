"""Whether the bands of a cell can be read: what the network makes of the cell as a whole.

Chromosomes with other bands than G-bands still look like something each, but nearly all unlike what
a cell can hold: their types are unsure, and what they are most like comes five times or not at all.
At another scale than the one at which they are shown, their types are those of larger or smaller
chromosomes. Weights and limits: `python -m model.studies.other_bands`, EXPERIMENTS, Legibility.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.scale import refine_scale
from model.vocabulary.labels import TYPES, X
from model.vocabulary.results import CellResult, CutOut, FloatArray, ObjectResult

FEWEST: int = 20
"""Chromosomes of which a cell must be, for its counts to say anything."""
UNSURE, UNLIKELY, BIAS = 7.2, 11.7, -7.4
"""Weights of `unsure` and `unlikely`, and what is added, for the logit of other bands."""
HAPLOID: int = 23
"""Chromosomes of one set."""
INNER: int = 1
"""Pixels of a chromosome's rim that do not count for its bands."""

LookAgain = Callable[[Sequence[CutOut]], Sequence[ObjectResult]]


@dataclass(frozen=True)
class Legibility:
    """What a cell's types say of its bands and scale.

    `other_bands` is how likely (0 … 1) the bands are no G-bands, `inverse` whether their inverse
    reads as G-bands; `scale_fits` is by what the scale would have to be multiplied for the sizes to
    fit the types.
    """

    other_bands: float
    inverse: bool
    scale_fits: float


def legibility(cell: CellResult, look_again: LookAgain) -> Legibility | None:
    """Judge a cell; None of one with too few chromosomes.

    `look_again` shows the network other cut-outs at the cell's scale: only where the bands are none
    that it knows are they inverted and looked at once more.
    """
    seen = [o for o in cell.objects if o.seen]
    if len(seen) < FEWEST:
        return None
    types = np.array([o.type_probabilities for o in seen])
    likely = other_bands(types)
    inverse = False
    if likely >= 0.5:
        again = look_again([inverted(o.cut_out) for o in seen])
        inverse = other_bands(np.array([o.type_probabilities for o in again])) < 0.5
    areas = np.array([max(1, int(o.cut_out.mask.sum())) for o in seen])
    fits = refine_scale(areas, types) / cell.scale.size
    return Legibility(round(likely, 4), inverse, round(fits, 3))


def other_bands(types: FloatArray) -> float:
    """How likely (0 … 1) types (n, 24), each by itself, are those of other bands than G-bands."""
    unsure, unlikely = measures(types)
    return float(1.0 / (1.0 + np.exp(-(UNSURE * unsure + UNLIKELY * unlikely + BIAS))))


def measures(types: FloatArray) -> tuple[float, float]:
    """How unsure the types (n, 24) are, and how far the counts of the most probable ones are off.

    The counts' distance from as many of each autosome as so many chromosomes have (two of 46, one
    of 23, three of 69), for each chromosome.
    """
    counts = np.bincount(types.argmax(1), minlength=len(TYPES))
    sets = max(1, round(len(types) / HAPLOID))
    return float(1.0 - types.max(1).mean()), float(np.abs(counts[:X] - sets).sum() / len(types))


def inverted(cut_out: CutOut) -> CutOut:
    """An upright cut-out whose bands are as dark as they were light, about its mean."""
    bands = profile_of(cut_out)
    return cut_out if bands is None else shifted(cut_out, 2.0 * (bands.mean() - bands))


def profile_of(cut_out: CutOut) -> FloatArray | None:
    """(h,) mean grey value of each row of an upright cut-out, without its rim; None of a speck."""
    size = 2 * INNER + 1
    solid = np.pad(cut_out.mask.astype(np.uint8), INNER)
    inner = cv2.erode(solid, np.ones((size, size), np.uint8))[INNER:-INNER, INNER:-INNER] > 0
    counts = inner.sum(1)
    rows = np.flatnonzero(counts)
    if len(rows) < 4:
        return None
    means = np.where(inner, cut_out.crop, 0).sum(1)[rows] / counts[rows]
    whole = np.interp(np.arange(len(counts)), rows, means)
    return np.asarray(ndimage.gaussian_filter1d(whole, 0.8))


def shifted(cut_out: CutOut, by: NDArray[np.float64]) -> CutOut:
    """A cut-out (h, w) whose rows are lighter by (h,) grey values; what is not in it stays."""
    grey = np.clip(cut_out.crop + by[:, None], 5, 250)
    return replace(cut_out, crop=np.where(cut_out.mask, grey, cut_out.crop).astype(np.uint8))
