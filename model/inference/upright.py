"""Chromosomes too round to have an axis are turned as the network sees them best.

The principal axis of a short, thick chromosome with open chromatids may lie across it or say
nothing at all. The network knows upright ones only: the angle at which it is surest of type
and polarity together is how the chromosome lies.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.segmentation.cut_out import BACKGROUND, LEAST_ELONGATION, elongation, tight, turned
from model.vocabulary.results import CutOut, FloatArray

ANGLES: tuple[float, ...] = (30.0, 60.0, 90.0, 120.0, 150.0)
"""Degrees that are tried; what lies beyond half a turn is the other polarity."""
ADVANTAGE: float = 0.5
"""Nats by which the network must be surer than of the chromosome as it lies."""
MARGIN: int = 2
"""Pixels kept white around a chromosome while it is turned."""


def has_no_axis(cut_out: CutOut) -> bool:
    """Whether a chromosome is too round for its axis to show how it lies, and was not turned."""
    return cut_out.angle == 0.0 and elongation(cut_out.mask) < LEAST_ELONGATION


def ways_up(cut_out: CutOut) -> list[CutOut]:
    """A chromosome as it lies in the picture, and turned by each of `ANGLES`."""
    return [turned_further(cut_out, angle) for angle in (0.0, *ANGLES)]


def best_way(types: FloatArray, polarities: FloatArray) -> int:
    """Which of n ways is seen best: types (n, 24), polarities (n, 2), sums 1; 0 in doubt."""
    sure: NDArray[np.float64] = np.log(types.max(1)) + np.log(polarities.max(1))
    best = int(sure.argmax())
    return best if sure[best] > sure[0] + ADVANTAGE else 0


def turned_further(cut_out: CutOut, degrees: float) -> CutOut:
    """A chromosome turned counter-clockwise by so many degrees more."""
    if not degrees:
        return cut_out
    grey = np.pad(cut_out.crop, MARGIN, constant_values=BACKGROUND)
    crop, inside = turned(grey, np.pad(cut_out.mask, MARGIN), degrees)
    if not inside.any():  # a few pixels, lost in the resampling
        return cut_out
    return CutOut(*tight(crop, inside), cut_out.angle + degrees)
