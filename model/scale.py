"""One scale per cell (a chromosome's size counts only relative to its cell).

Sizes are square roots of areas: bending does not change an area. The reference is the mean
logarithm of each type's size in the training data, each cell brought to the common scale first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.vocabulary.results import FloatArray

REFERENCE_LOG_SIZE: FloatArray = np.array(
    [
        3.777,
        3.755,
        3.664,
        3.629,
        3.606,
        3.583,
        3.535,
        3.485,
        3.452,
        3.450,
        3.448,
        3.447,
        3.331,
        3.306,
        3.291,
        3.235,
        3.205,
        3.184,
        3.039,
        3.073,
        2.865,
        2.941,
        3.509,
        2.978,
    ]
)
"""Mean log √area (common-scale pixels) of types 1 … 22, X, Y."""

MOST_REFINED: float = 0.04
"""Logarithm by which the first estimate of a whole cell's scale is moved at most."""
WHOLE: int = 40
"""Chromosomes from which a cell counts as whole here."""
STOUTEST: float = 1.15
"""Median of log(height² / area) of the stoutest cells of the training: of 35 cells of both
laboratories it is 1.11 … 1.72, of five photographs of a third one 0.73 … 0.99."""
MOST_STRETCHED: float = 1.8
STOUT_SPREAD: float = 0.06
"""Standard deviation of log √area about its type's that stout cells are granted."""
BANDS: float = 0.8
"""Weight of the logarithm of what bands say of stout cells, of which the network is too sure."""
LEAST_LIKELY: float = 1e-12
"""What every type keeps, so that an object of no type's size stays as doubtful as it is."""

_NORMAL_CELL: FloatArray = np.sort(
    np.concatenate([np.repeat(REFERENCE_LOG_SIZE[:22], 2), REFERENCE_LOG_SIZE[[22, 22]]])
)


def estimate_scale(areas: NDArray[np.int64] | FloatArray) -> float:
    """Factor from picture pixels to common-scale pixels, from the areas (n,) of a cell's masks.

    The sorted sizes are matched with the quantiles of a normal cell and the median difference is
    taken, so that missing, additional or overlapping chromosomes hardly move it.
    """
    sizes = np.sort(np.log(np.sqrt(areas)))
    at = (np.arange(len(sizes)) + 0.5) / len(sizes)
    expected = np.interp(at, (np.arange(46) + 0.5) / 46, _NORMAL_CELL)
    return float(np.exp(np.median(expected - sizes)))


def refine_scale(
    areas: NDArray[np.int64] | FloatArray,
    type_probabilities: FloatArray,
    first: float | None = None,
) -> float:
    """The scale again once types are known: the median over chromosomes of expected over seen.

    `type_probabilities` is (n, 24); each chromosome's expected size is the mean over its types,
    weighted by probability. Types that were misread at a wrong scale agree with it: in a cell that
    is whole, by its number, the `first` estimate is moved by `MOST_REFINED` at most.
    """
    expected = type_probabilities @ REFERENCE_LOG_SIZE
    refined = float(np.exp(np.median(expected - np.log(np.sqrt(areas)))))
    if first is None or len(areas) < WHOLE:
        return refined
    farthest = float(np.exp(MOST_REFINED))
    return min(max(refined, first / farthest), first * farthest)


def estimate_stretch(
    heights: NDArray[np.int64] | FloatArray, areas: NDArray[np.int64] | FloatArray
) -> float:
    """How much a cell's upright chromosomes have to be stretched to be as slender as training's.

    `heights` and `areas` (n,) are of their masks. 1 for cells as slender as those of the training,
    of whatever contraction; only fatter ones are stretched, to `STOUTEST` at most `MOST_STRETCHED`.
    """
    slenderness = float(np.median(np.log(heights.astype(np.float64) ** 2 / areas)))
    return float(np.exp(min(max(0.0, STOUTEST - slenderness), np.log(MOST_STRETCHED))))


def by_size(types: FloatArray, areas: NDArray[np.int64] | FloatArray, scale: float) -> FloatArray:
    """Probabilities of types (n, 24) with what the areas (n,) at a cell's scale say; rows sum to 1.

    For stout cells: the network is surer of their bands than it should be, and their size, since
    they seldom cross, is measured well.
    """
    off = 0.5 * np.log(areas)[:, None] + np.log(scale) - REFERENCE_LOG_SIZE
    likely = types**BANDS * np.exp(-0.5 * (off / STOUT_SPREAD) ** 2) + LEAST_LIKELY
    return np.asarray(likely / likely.sum(1, keepdims=True))
