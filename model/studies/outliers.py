"""How well a chromosome that stands at a wrong type sticks out among those of the type.

    python main.py evaluate --data ARCHIVE --held-out --posteriors --out DIR --weights WEIGHTS
    python -m model.studies.outliers --posteriors DIR/posteriors.npz --weights WEIGHTS

Cells are put into strips of 15, as those of one case. *Displaced*: in every second cell two
chromosomes of one group change places, as a slip of the hand would have it. *Remaining*: what the
assignment itself got wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from model.assignment.calibration import Calibration
from model.assignment.methods import assignment
from model.evaluation.cells.collect import Posteriors
from model.vocabulary.errors import refusing_in_words
from model.vocabulary.labels import TYPES
from model.vocabulary.outliers import MARKED, distances
from model.vocabulary.results import REVIEW_MARGIN, FloatArray
from model.weights import load_model

STRIP = 15
ROUNDS = 8
GROUPS = ("1 2 3", "4 5", "6 7 8 9 10 11 12 X", "13 14 15", "16 17 18", "19 20", "21 22 Y")
GROUP_OF = {TYPES.index(kind): group for group in GROUPS for kind in group.split()}

Ints = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


class Found(NamedTuple):
    """Shares (0 … 1) of the wrong and of the right ones that are marked, and how many are wrong."""

    wrong: float
    right: float
    total: int


def marked(table: FloatArray, places: Ints, cell: Ints, order: Ints) -> FloatArray:
    """Distance (n,) of each chromosome within strips of the cells in `order`."""
    found = np.zeros(len(places))
    for start in range(0, len(order), STRIP):
        inside = np.isin(cell, order[start : start + STRIP])
        for number, kind in enumerate(TYPES):
            rows = np.flatnonzero(inside & (places == number))
            found[rows] = distances(table[rows], kind)
    return found


def displaced(types: Ints, cell: Ints, random: np.random.Generator) -> Ints:
    """True types, but in half of the cells two of one group have changed places."""
    places = types.copy()
    for number in range(int(cell.max()) + 1):
        rows = np.flatnonzero(cell == number)
        if random.random() < 0.5:
            one = int(random.choice(rows))
            alike = [r for r in rows if GROUP_OF[types[r]] == GROUP_OF[types[one]]]
            others = [r for r in alike if types[r] != types[one]]
            if others:
                other = int(random.choice(others))
                places[one], places[other] = types[other], types[one]
    return places


def study(posteriors: Posteriors, calibration: Calibration, seed: int = 0) -> dict[str, Found]:
    """What is marked of displaced ones, of remaining ones, and of these with close margins too."""
    table = calibration.apply(posteriors.probabilities)
    assign = assignment("map", calibration)
    assigned = np.full(len(table), -1)
    margins = np.zeros(len(table))
    for number in range(len(posteriors.cells)):
        rows = posteriors.members(number)
        placed = assign(table[rows])
        assigned[rows] = [-1 if t is None else t for t in placed.types]
        margins[rows] = placed.margins
    random = np.random.default_rng(seed)
    told: dict[str, list[Found]] = {"displaced": [], "remaining": [], "remaining or close": []}
    for _ in range(ROUNDS):
        order = random.permutation(len(posteriors.cells))
        places = displaced(posteriors.types, posteriors.cell, random)
        far = marked(table, places, posteriors.cell, order) >= MARKED
        told["displaced"].append(_found(far, places != posteriors.types))
        far = marked(table, assigned, posteriors.cell, order) >= MARKED
        wrong = assigned != posteriors.types
        told["remaining"].append(_found(far, wrong))
        told["remaining or close"].append(_found(far | (margins < REVIEW_MARGIN), wrong))
    return {name: _mean(found) for name, found in told.items()}


def _found(far: np.ndarray, wrong: np.ndarray) -> Found:
    hit = float(far[wrong].mean()) if wrong.any() else 1.0
    return Found(hit, float(far[~wrong].mean()), int(wrong.sum()))


def _mean(found: list[Found]) -> Found:
    wrong, right, count = (float(np.mean(values)) for values in zip(*found, strict=True))
    return Found(wrong, right, round(count))


@refusing_in_words
def main(arguments: list[str] | None = None) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--posteriors", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    options = parser.parse_args(arguments)
    card = load_model(options.weights, torch.device("cpu")).card
    told = study(Posteriors.load(options.posteriors), Calibration.of_card(card))
    for name, found in told.items():
        sys.stdout.write(
            f"{name}: {found.wrong:.1%} of {found.total} wrong ones marked, "
            f"{found.right:.1%} of the right ones needlessly\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
