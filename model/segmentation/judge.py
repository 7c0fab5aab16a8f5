"""How likely a hypothesis is one whole chromosome: logistic regression on what was measured on it.

Terms are the standardised values of `hypotheses.VALUES` and products of two of them; the table is
written by `python -m model.training.fit_judge`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.segmentation.hypotheses import VALUES
from model.segmentation.judge_table import BIAS, STANDARD, TERMS

Array = NDArray[np.float64]

_MEAN, _SPREAD = np.array([STANDARD[name] for name in VALUES]).T
_FIRST = np.array([VALUES.index(first) for first, _, _ in TERMS])
_SECOND = np.array([VALUES.index(second) if second else len(VALUES) for _, second, _ in TERMS])
_WEIGHTS = np.array([weight for _, _, weight in TERMS])
LIMIT: float = 4.0
"""Standard deviations beyond which a value says nothing more."""


def standardised(values: Array) -> Array:
    """(n, V + 1): values (n, V) in standard deviations from their means, and a column of ones."""
    shifted = np.clip((values - _MEAN) / _SPREAD, -LIMIT, LIMIT)
    return np.concatenate([shifted, np.ones((len(values), 1))], axis=1)


def probabilities(values: Array) -> Array:
    """(n,) 0 … 1: how likely each hypothesis with values (n, V) is one whole chromosome."""
    terms = standardised(values)
    logit = (terms[:, _FIRST] * terms[:, _SECOND]) @ _WEIGHTS + BIAS
    return np.asarray(1 / (1 + np.exp(-logit)))
