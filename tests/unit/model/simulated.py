"""Posteriors of simulated cells: Gaussian prototypes of the 24 types, without any network.

Types of one Denver group have their prototypes near each other, noise has heavy tails, one
chromosome in fifty is an outlier, and the chromosomes of a cell share a shift (its stain). The
probabilities are those of a classifier that knows the prototypes and believes the noise Gaussian:
like a network's they are too sure.
"""

from collections.abc import Sequence

import numpy as np

from model.data.cells import counts_of
from model.evaluation.cells.collect import Posteriors
from model.vocabulary.labels import TYPES
from model.vocabulary.results import FloatArray
from tests.unit.model.assignment.cells import complement

GROUPS = ("1 2 3", "4 5", "6 7 8 9 10 11 12 X", "13 14 15", "16 17 18", "19 20", "21 22 Y")
CELLS_A_CASE = 2


def simulate(
    formulas: Sequence[str], noise: float = 1.2, seed: int = 0, polarity_errors: float = 0.01
) -> Posteriors:
    """One cell for each formula as “XY +21 -7”, two cells a case.

    The most probable type is right for 97 % of the chromosomes, with `noise` 1.0 for 99 %.
    """
    rng = np.random.default_rng(seed)
    kinds = [complement(formula) for formula in formulas]
    tables = [_cell(cell, noise, rng) for cell in kinds]
    types = np.concatenate(kinds).astype(np.int64)
    polarities = rng.integers(2, size=len(types))
    return Posteriors(
        probabilities=np.vstack(tables),
        polarity=_polarity(polarities, polarity_errors, rng),
        types=types,
        polarities=polarities,
        seen=np.ones(len(types), dtype=np.bool_),
        cell=np.repeat(np.arange(len(kinds)), [len(cell) for cell in kinds]),
        cells=tuple(f"cell-{n}" for n in range(len(kinds))),
        cases=tuple(f"case-{n // CELLS_A_CASE}" for n in range(len(kinds))),
        counts=np.array([counts_of(tuple(cell)) for cell in kinds]),
    )


def normal_formulas(cells: int) -> list[str]:
    """Cells of women and men in turn, by case."""
    return ["XX" if (n // CELLS_A_CASE) % 2 else "XY" for n in range(cells)]


def prototypes() -> FloatArray:
    """(24, 12): a middle for each group and a deviation for each type, the same always."""
    rng = np.random.default_rng(24)
    found = np.zeros((len(TYPES), 12))
    for group in GROUPS:
        middle = rng.normal(0, 6, 12)
        for kind in group.split():
            found[TYPES.index(kind)] = middle + rng.normal(0, 1.5, 12)
    return found


def _cell(types: Sequence[int], noise: float, rng: np.random.Generator) -> FloatArray:
    means = prototypes()
    seen = means[list(types)] + 0.15 * noise * rng.normal(size=12)
    seen += noise * rng.standard_t(6, size=seen.shape)
    outliers = rng.random(len(types)) < 0.02
    seen[outliers] += 2.5 * noise * rng.normal(size=(int(outliers.sum()), 12))
    logits = -((seen[:, None] - means) ** 2).sum(2) / 2
    table: FloatArray = np.exp(logits - logits.max(1, keepdims=True))
    table /= table.sum(1, keepdims=True)
    return table


def _polarity(truths: np.ndarray, errors: float, rng: np.random.Generator) -> FloatArray:
    sure = 1 / (1 + np.exp(-rng.normal(6, 1.5, len(truths))))
    right = np.where(rng.random(len(truths)) < errors, 1 - sure, sure)
    return np.where(truths[:, None] == np.arange(2), right[:, None], 1 - right[:, None])
