"""Logistic regression as a `Table` stores it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model.inference.check_values import Floats
from model.inference.separation_check import standardised, terms_of

PENALTY: float = 0.03
"""Inverse weight of the L2 penalty."""


def regression(
    values: Floats,
    labels: Sequence[str],
    pairs: Sequence[tuple[int, int]],
    amount: Floats | None = None,
) -> dict[str, Any]:
    """A `Table` without threshold of values (n, V), nan where one cannot be told.

    Terms are products of the `pairs` of values, number V being the constant; `amount` (n,) is how
    much each row counts. There are at least two labels.
    """
    from sklearn.linear_model import LogisticRegression

    told = np.maximum((~np.isnan(values)).sum(axis=0), 1)
    mean = np.nansum(values, axis=0) / told
    spread = np.maximum(np.sqrt(np.nansum((values - mean) ** 2, axis=0) / told), 1e-3)
    first, second = (list(column) for column in zip(*pairs, strict=True))
    terms = terms_of(standardised(values, mean, spread), first, second)
    model = LogisticRegression(C=PENALTY, max_iter=3000)
    model.fit(terms, labels, sample_weight=amount)
    weights, bias = model.coef_, model.intercept_
    if len(weights) == 1:
        weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return {
        "classes": [str(c) for c in model.classes_],
        "mean": np.round(mean, 5).tolist(), "spread": np.round(spread, 5).tolist(),
        "terms": [list(pair) for pair in pairs],
        "weights": np.round(weights, 5).tolist(), "bias": np.round(bias, 5).tolist(),
    }  # fmt: skip
