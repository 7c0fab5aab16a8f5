"""Measuring by case: halves that fit for each other, and intervals over cases.

Cells of one case are the same person in the same laboratory, so they are never on both sides of a
fit and are drawn together by the bootstrap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.assignment.calibration import Calibration, fit
from model.data.cells import is_normal
from model.evaluation.cells.collect import BoolArray, IntArray, Posteriors
from model.vocabulary.errors import ModelError
from model.vocabulary.results import FloatArray

DRAWS: int = 2000
"""Resamplings of the bootstrap."""


def halves(cases: Sequence[str], seed: int = 0) -> IntArray:
    """0 or 1 for each cell (C,): whole cases, dealt at random so that both have as many cells.

    ModelError when there is only one case.
    """
    names, of, sizes = np.unique(
        np.asarray(cases, dtype=np.str_), return_inverse=True, return_counts=True
    )
    if len(names) < 2:
        raise ModelError(
            "Cells of at least two cases are needed.", "One half of the cases fits for the other."
        )
    filled = [0, 0]
    half_of = np.zeros(len(names), dtype=np.int64)
    dealt = np.random.default_rng(seed).permutation(len(names))
    # The cases with most cells first: the small ones then fill both halves up.
    for case in dealt[np.argsort(-sizes[dealt], kind="stable")]:
        half_of[case] = int(filled[1] < filled[0])
        filled[half_of[case]] += int(sizes[case])
    result: IntArray = half_of[of]
    return result


@dataclass(frozen=True, eq=False)
class CrossFit:
    """Posteriors with a calibration for each half of the cases.

    `half` (C,) is that of each cell; `fits` are fitted on half 0 and on half 1. A cell is reported
    with the fit of the *other* half; a choice that belongs to the fitting (of a threshold, a
    prior) is made on a half with its own fit.
    """

    posteriors: Posteriors
    half: IntArray
    fits: tuple[Calibration, Calibration]

    @classmethod
    def of(cls, posteriors: Posteriors, seed: int = 0) -> CrossFit:
        """Deal the cases and fit both halves; ModelError without two cases that can be fitted."""
        half = halves(posteriors.cases, seed)
        own = half[posteriors.cell]
        found = []
        for number in (0, 1):
            learn = posteriors.seen & (own == number)
            if not learn.any():
                raise ModelError("A half of the cases has no chromosome to fit to.")
            found.append(fit(posteriors.probabilities[learn], posteriors.types[learn]))
        return cls(posteriors, half, (found[0], found[1]))

    def members(self, cell: int) -> IntArray:
        """Rows (n,) of the chromosomes of one cell in which something was seen."""
        rows = self.posteriors.members(cell)
        seen: IntArray = rows[self.posteriors.seen[rows]]
        return seen

    def whole_normal_cells(self) -> IntArray:
        """Indices (n,) of cells that are 46,XX or 46,XY by the manifest, with all 46 in sight."""
        return np.array(
            [
                cell
                for cell, counts in enumerate(self.posteriors.counts)
                if is_normal(tuple(counts.tolist())) and len(self.members(cell)) == counts.sum()
            ],
            dtype=np.int64,
        )

    def calibrated(self) -> FloatArray:
        """All probabilities (N, 24), each with the fit of the other half."""
        other = 1 - self.half[self.posteriors.cell]
        tables = [fitted.apply(self.posteriors.probabilities) for fitted in self.fits]
        chosen: FloatArray = np.where(other[:, None] == 1, tables[1], tables[0])
        return chosen


def mean_over_cases(values: FloatArray, cases: Sequence[str]) -> tuple[float, float, float] | None:
    """Mean of values (n,) and its 95 % interval by drawing cases again; None of nothing.

    For a paired comparison give the differences.
    """
    if not len(values):
        return None
    names, at = np.unique(np.asarray(cases, dtype=np.str_), return_inverse=True)
    total, count = np.bincount(at, values), np.bincount(at)
    weights = drawn_cases(len(names))
    low, high = np.percentile((weights @ total) / (weights @ count), [2.5, 97.5])
    return float(np.mean(values)), float(low), float(high)


def drawn_cases(cases: int, draws: int = DRAWS) -> FloatArray:
    """(draws, cases): how often each case is drawn, `cases` times with replacement."""
    drawn = np.random.default_rng(0).integers(cases, size=(draws, cases))
    weights = np.zeros((draws, cases))
    np.add.at(weights, (np.arange(draws)[:, None], drawn), 1.0)
    return weights


PARTS: int = 5


def cross_fitted(
    raw: FloatArray, types: IntArray, seen: BoolArray, cases: Sequence[str]
) -> FloatArray | None:
    """Raw probabilities (n, 24) calibrated by fits that did not see the case; None for one case.

    `types` are true (n,); only `seen` chromosomes (n,) are fitted to; `cases` names the case of
    each. The cases are dealt into five parts, or as many as there are cases.
    """
    names, of = np.unique(np.asarray(cases, dtype=np.str_), return_inverse=True)
    if len(names) < 2:
        return None
    part = of % min(PARTS, len(names))
    calibrated = np.empty_like(raw)
    for number in range(int(part.max()) + 1):
        apart = part == number
        learn = ~apart & seen
        if not learn.any():
            return None
        calibrated[apart] = fit(raw[learn], types[learn]).apply(raw[apart])
    return calibrated
