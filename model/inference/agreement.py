"""Two looks at one chromosome put together: upright and alone, and among its neighbours.

The classifier sees a chromosome upright and enlarged; the separation saw it in the photograph,
with the stain and the contraction of its cell around it. Their errors differ.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.vocabulary.results import FloatArray

ALONE, BEFORE = 1.0, 0.0
"""Weights of the logarithms of either look."""
LEAST: float = 1e-4
"""Probability below which what was seen in the photograph counts as this."""

SeenBefore = Sequence[FloatArray | None]


def agreed(types: FloatArray, seen_before: SeenBefore) -> FloatArray:
    """Probabilities (n, 24) of both looks together; rows sum to 1.

    `types` (n, 24) are the classifier's; `seen_before` are n rows (24,), None where the separation
    said nothing, or none at all.
    """
    if not any(row is not None for row in seen_before):
        return types
    together = types.copy()
    for i, before in enumerate(seen_before):
        if before is not None:
            logs = ALONE * np.log(np.maximum(types[i], 1e-12))
            logs += BEFORE * np.log(np.maximum(before, LEAST))
            likely = np.exp(logs - logs.max())
            together[i] = likely / likely.sum()
    return together
