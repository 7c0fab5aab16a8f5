"""What an assignment made of one cell, and of all cells of a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model.data.cells import is_normal
from model.evaluation.cells.collect import IntArray, Posteriors
from model.studies.virtual import REAL_KINDS, STRAY, MadeCell
from model.vocabulary.labels import TYPES, X
from model.vocabulary.results import FloatArray

ARGMAX, ALGORITHM_1_RAW, ALGORITHM_1 = "argmax", "dispatch, uncalibrated", "dispatch"
MAP: str = "map"
"""MAP at the operating point that the fitting half chose."""


def map_name(gain: float) -> str:
    """Name of the MAP with that chance of a gain."""
    return f"map, t = {gain:g}"


@dataclass(frozen=True)
class Outcome:
    """One cell, real or made, after one method; `accuracy` is the share of its objects right.

    `exact`: all 24 counts are right; `change_right`: those of every type that is truly abnormal
    are. `flagged`: the counts are not those of 46,XX or 46,XY. `against` (nats) is how strongly
    a picture speaks against its type at most, `alarm` whether that trips the evidence flag.
    `strays` is the share of objects that are no chromosome sent to unknown, None without any;
    `lost` are chromosomes sent to unknown.
    """

    kind: str
    change: str
    case: str
    accuracy: float
    all_right: bool
    exact: bool
    change_right: bool
    flagged: bool
    against: float
    strays: float | None
    lost: int
    alarm: bool = False


@dataclass(frozen=True)
class Operating:
    """What one half chose: chance of a gain, threshold of the evidence flag for each tried one."""

    gain: float
    evidence: Mapping[float, float]
    cells: int


@dataclass(frozen=True)
class Result:
    """Outcomes of all cells in the same order for every method, and both operating points.

    `chosen_on_all` is the gain that the rule chooses on all normal cells at once, each seen with
    the other half's calibration: the one to ship. `unknowns` are outcomes of the MAP at that gain
    by the cost of an unknown, of real cells, gains and debris only.
    """

    outcomes: Mapping[str, tuple[Outcome, ...]]
    unknowns: Mapping[float, tuple[Outcome, ...]]
    operating: tuple[Operating, Operating]
    chosen_on_all: float
    gains: tuple[float, ...]
    unknown: float

    def of(self, method: str, *kinds: str) -> tuple[Outcome, ...]:
        """The outcomes of some kinds of cells."""
        return tuple(o for o in self.outcomes[method] if o.kind in kinds)


class Judge:
    """The truth of one cell, to be held against answers."""

    def __init__(self, posteriors: Posteriors, cell: MadeCell) -> None:
        self._cell = cell
        self._case = posteriors.cases[cell.host]
        self._types = cell.types(posteriors.types)
        self._counts = counts_in(self._types)
        # A real cell may have chromosomes that were not seen: they belong to it and are missed.
        self._unseen = 0
        if cell.kind in REAL_KINDS:
            self._counts = tuple(posteriors.counts[cell.host].tolist())
            self._unseen = len(posteriors.members(cell.host)) - len(cell.rows)

    def outcome(self, calibrated: FloatArray, answers: IntArray) -> Outcome:
        """Answers (n,), -1 for unknown, held against the truth."""
        right = answers == self._types
        found = counts_in(answers)
        stray = self._types == STRAY
        return Outcome(
            self._cell.kind,
            self._cell.change,
            self._case,
            accuracy=float(right.sum() / max(1, len(right) + self._unseen)),
            all_right=bool(right.all()) and not self._unseen,
            exact=found == self._counts,
            change_right=_changes_found(self._counts, found),
            flagged=not is_normal(found),
            against=strongest_against(calibrated, answers),
            strays=float(right[stray].mean()) if stray.any() else None,
            lost=int(((answers < 0) & ~stray).sum()),
        )


def strongest_against(probabilities: FloatArray, types: IntArray) -> float:
    """Largest log ratio (nats) of a most probable type over the given one.

    `probabilities` are (n, 24) and `types` (n,), −1 for objects of none, which are left out.
    """
    rows = np.flatnonzero(types >= 0)
    if not len(rows):
        return 0.0
    logs = np.log(np.maximum(probabilities[rows], 1e-300))
    return float((logs.max(axis=1) - logs[np.arange(len(rows)), types[rows]]).max())


def _changes_found(true: tuple[int, ...], found: tuple[int, ...]) -> bool:
    """Every type that is truly abnormal has its true count; X and Y are looked at together."""
    autosomes = all(found[k] == true[k] for k in range(X) if true[k] != 2)
    return autosomes and (true[X:] in ((2, 0), (1, 1)) or true[X:] == found[X:])


def counts_in(types: IntArray) -> tuple[int, ...]:
    """Copies of each of the 24 types among types (n,), those below 0 left out."""
    return tuple(np.bincount(types[types >= 0], minlength=len(TYPES)).tolist())
