"""The study of outliers on probabilities that are known."""

import numpy as np

from model.assignment.calibration import Calibration
from model.evaluation.cells.collect import Posteriors
from model.studies.outliers import displaced, study
from model.vocabulary.labels import TYPES


def posteriors(cells: int) -> Posteriors:
    """Normal female cells of which every chromosome is nearly certain."""
    types = np.tile(np.repeat([*range(22), TYPES.index("X")], 2), cells)
    table = np.full((len(types), 24), 0.001)
    table[np.arange(len(types)), types] = 1.0 - 0.023
    names = tuple(f"cell {n}" for n in range(cells))
    counts = np.array([[2] * 23 + [0]] * cells)
    flat = np.tile([0.0, 1.0], (len(types), 1))
    seen = np.ones(len(types), np.bool_)
    ones = np.ones(len(types), np.int64)
    cell = np.repeat(np.arange(cells), 46)
    return Posteriors(table, flat, types, ones, seen, cell, names, names, counts)


def test_displaced_ones_are_marked_and_right_ones_are_not() -> None:
    told = study(posteriors(20), Calibration())
    assert told["displaced"].total > 0
    assert told["displaced"].wrong == 1.0
    assert told["displaced"].right == 0.0
    assert told["remaining"].total == 0


def test_displacing_changes_places_within_a_group_and_counts_stay() -> None:
    given = posteriors(9)
    places = displaced(given.types, given.cell, np.random.default_rng(1))
    assert (np.sort(places) == np.sort(given.types)).all()
    assert 0 < (places != given.types).sum() <= 2 * 9
