"""Cells of probabilities made by hand and at random."""

import numpy as np

from model.assignment.calibration import Calibration
from model.vocabulary.labels import TYPES
from model.vocabulary.results import FloatArray


def complement(formula: str) -> list[int]:
    """“XX +21 -7” → the types of that cell, two of each autosome before the changes."""
    sex, *changes = formula.split()
    kinds = [str(n) for n in range(1, 23) for _ in range(2)] + list(sex.replace("0", ""))
    for change in changes:
        if change[0] == "+":
            kinds.append(change[1:])
        else:
            kinds.remove(change[1:])
    return [TYPES.index(kind) for kind in kinds]


def certain(types: list[int]) -> FloatArray:
    """Calibrated probabilities of objects that a network is sure of."""
    return Calibration().apply(np.eye(len(TYPES))[types])


def noisy(types: list[int], seed: int, peak: float = 8.0) -> FloatArray:
    """Calibrated probabilities (n, 24) around the types; some are wrong."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1, (len(types), len(TYPES)))
    logits[np.arange(len(types)), types] += peak * rng.random(len(types))
    table = np.exp(logits)
    return Calibration().apply(table / table.sum(1, keepdims=True))
