"""`python -m model.studies.assignment_study`: which assignment finds what, and at what price.

Most probable type, Algorithm 1 and the most probable assignment (MAP) on the same posteriors of
unseen cells, as they are and made abnormal (`virtual`). Calibration, the prior of the MAP and the
threshold of its evidence flag are fitted on one half of the cases and reported on the other.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from model.assignment.calibration import fit_evidence
from model.assignment.dispatch import dispatch
from model.assignment.map_assignment import MapAssignment, Prior
from model.data.cells import is_normal
from model.evaluation.cells.by_case import CrossFit
from model.evaluation.cells.collect import IntArray, Posteriors, as_array
from model.studies import assignment_tables
from model.studies.assignment_outcomes import (
    ALGORITHM_1,
    ALGORITHM_1_RAW,
    ARGMAX,
    MAP,
    Judge,
    Operating,
    Outcome,
    Result,
    counts_in,
    map_name,
    strongest_against,
)
from model.studies.virtual import (
    DEBRIS_KINDS,
    GAIN,
    NORMAL,
    REAL_KINDS,
    MadeCell,
    made_cells,
)
from model.vocabulary.errors import refusing_in_words
from model.vocabulary.files import write_texts
from model.vocabulary.results import FloatArray

GAINS: tuple[float, ...] = (1e-3, 3e-3, 1e-2, 3e-2)
"""Chances of a gain that are tried; a loss has twice the chance (methods of a flat prior)."""
UNKNOWNS: tuple[float, ...] = (3.0, 4.0, 5.0, 5.5, 6.0, 7.0)
"""Costs λ (nats) of an object without a type that are tried."""
FALSE_FLAGS: float = 0.02
"""Largest share of normal cells that may be called abnormal by their counts."""
FALSE_ALARMS: float = 0.05
"""Largest share of normal cells whose evidence flag may be up."""
JSON, TABLE = "assignment.json", "assignment.md"


@dataclass(frozen=True)
class Settings:
    """Chances of a gain that are tried, cost of an unknown (nats), gains and losses made, seed.

    `unknowns` are other costs of an unknown, tried at the prior of the operating point.
    """

    gains: tuple[float, ...] = GAINS
    unknown: float = Prior().unknown
    unknowns: tuple[float, ...] = UNKNOWNS
    at_least: int = 2000
    seed: int = 0

    def map_at(self, gain: float, unknown: float | None = None) -> MapAssignment:
        """The assignment of that prior; nothing here needs margins."""
        cost = self.unknown if unknown is None else unknown
        return MapAssignment(prior=Prior(gain, 2 * gain, cost), with_margins=False)


def study(posteriors: Posteriors, settings: Settings | None = None) -> Result:
    """Measure every method on all real and made cells; ModelError without two cases."""
    settings = settings or Settings()
    fitted = CrossFit.of(posteriors, settings.seed)
    operating = (_operate(fitted, 0, settings), _operate(fitted, 1, settings))
    calibrated = fitted.calibrated()
    made = made_cells(fitted, settings.at_least, settings.seed)
    tables = [_table(fitted, calibrated, cell) for cell in made]
    outcomes: dict[str, list[Outcome]] = {}
    for cell, table in zip(made, tables, strict=True):
        judge = Judge(posteriors, cell)
        raw = np.concatenate([posteriors.probabilities[cell.rows], cell.debris])
        for name, types in _plain_answers(raw, table):
            outcomes.setdefault(name, []).append(judge.outcome(table, types))
        at = operating[1 - int(fitted.half[cell.host])]
        for gain in settings.gains:
            found = judge.outcome(table, as_array(settings.map_at(gain)(table).types))
            found = replace(found, alarm=found.against > at.evidence[gain])
            outcomes.setdefault(map_name(gain), []).append(found)
            if gain == at.gain:
                outcomes.setdefault(MAP, []).append(found)
    flags = {
        gain: [o.flagged for o in outcomes[map_name(gain)] if o.kind == NORMAL]
        for gain in settings.gains
    }
    chosen = operating_gain(flags)
    kept = {name: tuple(found) for name, found in outcomes.items()}
    unknowns: dict[float, list[Outcome]] = {cost: [] for cost in settings.unknowns}
    for cell, table in zip(made, tables, strict=True):
        if cell.kind in (*REAL_KINDS, GAIN, *DEBRIS_KINDS):
            judge = Judge(posteriors, cell)
            for cost, tried in unknowns.items():
                types = as_array(settings.map_at(chosen, cost)(table).types)
                tried.append(judge.outcome(table, types))
    by_cost = {cost: tuple(found) for cost, found in unknowns.items()}
    return Result(kept, by_cost, operating, chosen, settings.gains, settings.unknown)


def _table(fitted: CrossFit, calibrated: FloatArray, cell: MadeCell) -> FloatArray:
    """Probabilities (n + m, 24) of a cell's objects, calibrated by the other half."""
    fit_of_other = fitted.fits[1 - int(fitted.half[cell.host])]
    return np.concatenate([calibrated[cell.rows], fit_of_other.apply(cell.debris)])


def operating_gain(flags: Mapping[float, Sequence[bool]]) -> float:
    """The largest chance of a gain with at most `FALSE_FLAGS` of normal cells flagged.

    `flags` says for each chance tried which normal cells were; the smallest chance if none fits.
    """
    fits = [gain for gain, found in flags.items() if sum(found) <= FALSE_FLAGS * len(found)]
    return max(fits) if fits else min(flags)


def _operate(fitted: CrossFit, half: int, settings: Settings) -> Operating:
    """Prior and evidence thresholds by the normal cells of one half with that half's own fit."""
    cells = [
        cell
        for cell, counts in enumerate(fitted.posteriors.counts)
        if fitted.half[cell] == half and is_normal(tuple(counts.tolist()))
    ]
    tables = [
        fitted.fits[half].apply(fitted.posteriors.probabilities[fitted.members(cell)])
        for cell in cells
    ]
    flags, evidence = {}, {}
    for gain in settings.gains:
        answers = [as_array(settings.map_at(gain)(table).types) for table in tables]
        flags[gain] = [not is_normal(counts_in(types)) for types in answers]
        against = [strongest_against(t, y) for t, y in zip(tables, answers, strict=True)]
        evidence[gain] = fit_evidence(against, FALSE_ALARMS)
    return Operating(operating_gain(flags), evidence, len(cells))


def _plain_answers(raw: FloatArray, calibrated: FloatArray) -> Iterator[tuple[str, IntArray]]:
    yield ARGMAX, np.asarray(raw.argmax(axis=1), dtype=np.int64)
    yield ALGORITHM_1_RAW, np.array(dispatch(raw).types, dtype=np.int64)
    yield ALGORITHM_1, np.array(dispatch(calibrated).types, dtype=np.int64)


@refusing_in_words
def main(argv: list[str]) -> int:
    """Study, write and print; exit status 0."""
    parser = argparse.ArgumentParser("model.studies.assignment_study", description=__doc__)
    parser.add_argument("--posteriors", type=Path, required=True, help="of `evaluate --posteriors`")
    parser.add_argument("--out", type=Path, required=True, help=f"folder for {JSON} and {TABLE}")
    parser.add_argument(
        "--at-least", type=int, default=2000, help="virtual gains, and losses (default: 2000)"
    )
    parser.add_argument("--gains", type=float, nargs="+", default=GAINS, help="chances tried")
    parser.add_argument("--unknown", type=float, default=Prior().unknown, help="its cost, nats")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    settings = Settings(
        tuple(options.gains), options.unknown, at_least=options.at_least, seed=options.seed
    )
    result = study(Posteriors.load(options.posteriors), settings)
    text = assignment_tables.markdown(result)
    figures = json.dumps(assignment_tables.figures(result), indent=1, allow_nan=False)
    write_texts(options.out, {JSON: figures + "\n", TABLE: text})
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
