"""Calibration judged honestly: every case by a fit to other cases only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.assignment.calibration import fit
from model.evaluation.cells.collect import BoolArray, IntArray
from model.vocabulary.results import FloatArray

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
