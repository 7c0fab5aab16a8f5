"""How unlike the others of its type a chromosome looks to the network: a false one shows itself.

The 24 probabilities are the network's features in a small way: they are stored with every cell, of
every version, and the layer before them is joined to them by one matrix.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.vocabulary.labels import TYPES

MARKED: float = 0.5
"""Distance from which a chromosome is marked among those of its type. On unseen cells, in strips of
15, it marks 99 % of those put to a wrong type for 2 % of the right ones (EXPERIMENTS, Outliers)."""

_FEW = 3
"""Below so many, the others say nothing of how the type looks in this case."""
_MANY = 24
"""From so many on, one more or less does not move the median."""


def distances(probabilities: NDArray[np.float64], kind: str) -> NDArray[np.float64]:
    """Distance (n,), 0 … 1, of chromosomes that stand at type `kind` from how that type looks.

    `probabilities` (n, 24) are calibrated. The measure is Hellinger's, from the median of the
    others that stand there or, where that is nearer, from certainty of the type: what is doubtful
    in every cell of a case does not stick out, and a false neighbour makes no right one suspect.
    """
    roots = np.sqrt(np.asarray(probabilities, np.float64))
    count = len(roots)
    if not count:
        return np.zeros(0)
    own = roots[:, TYPES.index(kind)]
    sure = np.sqrt(np.clip(1.0 - own, 0.0, 1.0))
    if count < _FEW:
        return np.asarray(sure)
    if count >= _MANY:
        typical = np.median(roots, axis=0)[None]
    else:
        typical = np.stack([np.median(np.delete(roots, i, axis=0), axis=0) for i in range(count)])
    among = np.sqrt(((roots - typical) ** 2).sum(axis=1) / 2)
    return np.asarray(np.minimum(sure, among), np.float64)
