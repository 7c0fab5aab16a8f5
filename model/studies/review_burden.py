"""`python -m model.studies.review_burden`: how many chromosomes of 46 a person must look at.

Different orders of looking, calibrated and assigned as in use, with the calibration and the
threshold of the evidence flag of the other half of the cases. The *always* rules are those of the
review queue: unknown, picture disagrees, every type with an abnormal count, 21, 22 and Y together
when one of them has, and every Y.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.assignment.calibration import fit_evidence, negative_log_likelihood
from model.assignment.map_assignment import MapAssignment
from model.data.cells import is_normal
from model.evaluation.cells.by_case import CrossFit, drawn_cases
from model.evaluation.cells.collect import BoolArray, IntArray, Posteriors, as_array
from model.evaluation.cells.curves import (
    CELL,
    TARGETS,
    failure_auc,
    reliability,
    risk_coverage,
)
from model.evaluation.document import markdown_table, percent
from model.evaluation.review_rule import always_looked_at
from model.studies.assignment_outcomes import strongest_against
from model.vocabulary.errors import refusing_in_words
from model.vocabulary.files import write_texts
from model.vocabulary.results import FloatArray

SOFTMAX = "argmax, by its probability"
MAP_SOFTMAX = "MAP, by the probability of its type"
MARGIN = "MAP, by its margin"
WITH_RULES = "MAP, by its margin, always rules first"
MARGINS: tuple[float, ...] = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
"""Margins (nats) below which a chromosome could be looked at."""
JSON, TABLE = "review-burden.json", "review-burden.md"
_LOOK_FIRST: float = -1.0


@dataclass(frozen=True, eq=False)
class Order:
    """Answers of N chromosomes and how sure each is: `right`, `sureness`, `always` are (N,).

    What is `always` looked at is looked at first; `case` (N,) counts cases.
    """

    right: BoolArray
    sureness: FloatArray
    always: BoolArray
    case: IntArray

    @property
    def ranked(self) -> FloatArray:
        """Sureness (N,), with that of what is always looked at below everything."""
        return np.where(self.always, _LOOK_FIRST, self.sureness)

    def threshold(self, target: float, rows: BoolArray | None = None) -> float:
        """The smallest sureness that need not be looked at; infinite when everything must be.

        What is at least as sure is right to `target`, among `rows` (N,) where they are given.
        """
        free = ~self.always if rows is None else ~self.always & rows
        levels, hits, covered = _by_level(self.right[free], self.sureness[free])
        enough = np.flatnonzero(hits >= target * covered - 1e-9)
        return float(levels[enough[-1]]) if len(enough) else float("inf")

    def accepted(self, threshold: float) -> BoolArray:
        """(N,): what is not looked at."""
        return ~self.always & (self.sureness >= threshold)


@dataclass(frozen=True)
class Burden:
    """Chromosomes of 46 to look at for a target, with the 95 % interval over drawn cases.

    `accuracy` is that of the `accepted` others, `exact_bound` its one-sided 95 % lower bound by
    Clopper and Pearson, `case_bound` the same by drawing cases. `crossed` and `crossed_accuracy`
    are burden and accuracy with the threshold of the other half of the cases.
    """

    target: float
    looked_at: float
    interval: tuple[float, float]
    accepted: int
    accuracy: float | None
    exact_bound: float | None
    case_bound: float | None
    crossed: float
    crossed_accuracy: float | None


@dataclass(frozen=True, eq=False)
class Reading:
    """All chromosomes of all cells with every order; `calibrated` (N, 24) by the other half."""

    fitted: CrossFit
    calibrated: FloatArray
    orders: Mapping[str, Order]
    disagreeing_cells: int


def read(posteriors: Posteriors, seed: int = 0) -> Reading:
    """Assign every cell and rank its chromosomes; ModelError without two cases."""
    fitted = CrossFit.of(posteriors, seed)
    calibrated = fitted.calibrated()
    evidence = tuple(_evidence(fitted, half) for half in (0, 1))
    n = len(posteriors.types)
    answers = np.full(n, -1, dtype=np.int64)
    margins, always, flagged = np.zeros(n), ~posteriors.seen, 0
    for cell in range(len(posteriors.cells)):
        rows = fitted.members(cell)
        if not len(rows):
            continue
        assign = MapAssignment(evidence=evidence[1 - int(fitted.half[cell])])
        placed = assign(calibrated[rows])
        answers[rows] = as_array(placed.types)
        margins[rows] = placed.margins
        always[rows] = always_looked_at(placed.types, placed.disagreeing)
        flagged += bool(placed.disagreeing)
    _, case = np.unique(np.asarray(posteriors.cases, dtype=np.str_), return_inverse=True)
    unseen, of_case = ~posteriors.seen, case[posteriors.cell]
    chosen = np.where(answers < 0, 0.0, calibrated[np.arange(n), np.maximum(answers, 0)])
    first = calibrated.argmax(axis=1) == posteriors.types
    right = answers == posteriors.types
    orders = {
        SOFTMAX: Order(first & ~unseen, calibrated.max(axis=1), unseen, of_case),
        MAP_SOFTMAX: Order(right, chosen, unseen, of_case),
        MARGIN: Order(right, np.where(answers < 0, 0.0, margins), unseen, of_case),
        WITH_RULES: Order(right, margins, always, of_case),
    }
    return Reading(fitted, calibrated, orders, flagged)


def burden(order: Order, target: float, half: IntArray) -> Burden:
    """What it takes to have the rest right to `target`; `half` (N,) is that of each row's case."""
    threshold = order.threshold(target)
    kept = order.accepted(threshold)
    crossed = np.zeros(len(kept), dtype=np.bool_)
    for number in (0, 1):
        other = order.threshold(target, half != number)
        crossed |= order.accepted(other) & (half == number)
    curve = risk_coverage(order.right[kept], np.zeros(int(kept.sum())))
    looked, interval, case_bound = _over_cases(order, target, kept)
    return Burden(
        target, looked, interval, int(kept.sum()), _mean(order.right[kept]),
        curve.certified(0.0), case_bound,
        CELL * float(1 - crossed.mean()), _mean(order.right[crossed]),
    )  # fmt: skip


def by_margin(order: Order, cell: IntArray) -> list[dict[str, float | None]]:
    """For each of `MARGINS`: how much is looked at, and what of it escapes; `cell` (N,)."""
    rows: list[dict[str, float | None]] = []
    cells = int(cell.max()) + 1
    for margin in MARGINS:
        kept = order.accepted(margin)
        touched = np.bincount(cell[~kept], minlength=cells) > 0
        rows.append({
            "margin": margin,
            "looked_at_of_46": CELL * float(1 - kept.mean()),
            "accuracy_of_rest": _mean(order.right[kept]),
            "errors_escaped_per_cell": float((kept & ~order.right).sum() / cells),
            "cells_untouched": float(1 - touched.mean()),
        })  # fmt: skip
    return rows


def _by_level(right: BoolArray, sureness: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Distinct sureness from the surest down, right ones and all ones at least as sure."""
    levels, at = np.unique(-sureness, return_inverse=True)
    counted = np.zeros((2, len(levels)))
    np.add.at(counted[0], at, right)
    np.add.at(counted[1], at, 1.0)
    hits, covered = counted.cumsum(axis=1)
    return -levels, hits, covered


def _over_cases(
    order: Order, target: float, kept: BoolArray
) -> tuple[float, tuple[float, float], float | None]:
    """Burden with its interval, and the lower bound of the accuracy of what was kept."""
    ranked = np.argsort(-order.ranked, kind="stable")
    values = order.ranked[ranked]
    last = np.append(values[1:] != values[:-1], True) & ~order.always[ranked]
    ends = np.flatnonzero(last)
    cases = int(order.case.max()) + 1
    looked, reached = [], []
    good = np.bincount(order.case[kept], order.right[kept], cases)
    count = np.bincount(order.case[kept], minlength=cases)
    for weights in drawn_cases(cases):
        weight = weights[order.case[ranked]]
        covered = np.cumsum(weight)[ends]
        hits = np.cumsum(weight * order.right[ranked])[ends]
        enough = covered[(hits >= target * covered - 1e-9) & (covered > 0)]
        looked.append(CELL * (1 - (enough.max() if len(enough) else 0.0) / weight.sum()))
        if weights @ count:
            reached.append(float(weights @ good / (weights @ count)))
    low, high = np.percentile(looked, [2.5, 97.5])
    bound = float(np.percentile(reached, 5)) if reached else None
    return CELL * float(1 - kept.mean()), (float(low), float(high)), bound


def _evidence(fitted: CrossFit, half: int) -> float:
    """Threshold of the evidence flag by the normal cells of a half with its own fit."""
    against = []
    for cell in np.flatnonzero(fitted.half == half).tolist():
        if is_normal(tuple(fitted.posteriors.counts[cell].tolist())):
            raw = fitted.posteriors.probabilities[fitted.members(cell)]
            table = fitted.fits[half].apply(raw)
            types = as_array(MapAssignment(with_margins=False)(table).types)
            against.append(strongest_against(table, types))
    return fit_evidence(against)


def _mean(right: BoolArray) -> float | None:
    return float(right.mean()) if len(right) else None


def figures(reading: Reading) -> dict[str, object]:
    """Everything as plain values without NaN."""
    posteriors = reading.fitted.posteriors
    seen, half = posteriors.seen, reading.fitted.half[posteriors.cell]
    tables = {"before": posteriors.probabilities[seen], "after": reading.calibrated[seen]}
    truths = posteriors.types[seen]
    return {
        "cells": len(posteriors.cells),
        "chromosomes": len(posteriors.types),
        "fits": [fitted.to_json() for fitted in reading.fitted.fits],
        "cells_with_evidence_flag": reading.disagreeing_cells,
        "calibration": {
            name: {
                "ece": reliability(truths, table).ece,
                "nll": negative_log_likelihood(table, truths),
                "bins": _bins(table, truths),
            }
            for name, table in tables.items()
        },
        "orders": {
            name: {
                "accuracy": _mean(order.right),
                "failure_auc": failure_auc(order.right, order.ranked),
                "always_of_46": CELL * float(order.always.mean()),
                "targets": [asdict(burden(order, target, half)) for target in TARGETS],
            }
            for name, order in reading.orders.items()
        },
        "by_margin": by_margin(reading.orders[WITH_RULES], posteriors.cell),
    }


def _bins(table: FloatArray, truths: IntArray) -> list[dict[str, float | int]]:
    found = reliability(truths, table)
    return [
        {"confidence": float(c), "accuracy": float(a), "chromosomes": int(n)}
        for c, a, n in zip(found.confidence, found.accuracy, found.counts, strict=True)
        if n
    ]


def markdown(found: Mapping[str, Any]) -> str:
    """`figures` as tables: every order and target, the price of fixed margins, calibration."""
    orders = []
    for name, order in found["orders"].items():
        for one in order["targets"]:
            low, high = one["interval"]
            orders.append((
                name, percent(order["accuracy"], 2), percent(one["target"]),
                f"{one['looked_at']:.1f}", f"{low:.1f} to {high:.1f}", one["accepted"],
                percent(one["exact_bound"], 2), percent(one["case_bound"], 2),
                f"{one['crossed']:.1f}", percent(one["crossed_accuracy"], 2),
                f"{order['always_of_46']:.1f}",
            ))  # fmt: skip
    head = (
        "order", "accuracy before, %", "target, %", "looked at of 46", "95 % interval over cases",
        "accepted", "certified, % (Clopper–Pearson)", "over cases, %",
        "of 46, threshold of the other half", "accuracy then, %", "always, of 46",
    )  # fmt: skip
    margins = [
        (f"{one['margin']:g}", f"{one['looked_at_of_46']:.1f}",
         percent(one["accuracy_of_rest"], 2), f"{one['errors_escaped_per_cell']:.3f}",
         percent(one["cells_untouched"]))
        for one in found["by_margin"]
    ]  # fmt: skip
    calibration = [
        (name, f"{one['ece']:.4f}", f"{one['nll']:.4f}")
        for name, one in found["calibration"].items()
    ]
    return "\n".join([
        "# Review burden\n",
        f"{found['cells']} cells, {found['chromosomes']} chromosomes; the evidence flag is up in "
        f"{found['cells_with_evidence_flag']} cells.\n",
        "## Chromosomes of 46 to look at until the rest is right to a target\n",
        markdown_table(head, orders),
        "## Looking at everything below a margin, and what the rules ask for\n",
        markdown_table(("margin, nats", "looked at of 46", "accuracy of the rest, %",
                        "errors escaped per cell", "cells untouched, %"), margins),
        "## Calibration by the other half of the cases\n",
        markdown_table(("", "ECE", "NLL, nats"), calibration),
    ])  # fmt: skip


@refusing_in_words
def main(argv: list[str]) -> int:
    """Measure, write and print; exit status 0."""
    parser = argparse.ArgumentParser("model.studies.review_burden", description=__doc__)
    parser.add_argument("--posteriors", type=Path, required=True, help="of `evaluate --posteriors`")
    parser.add_argument("--out", type=Path, required=True, help=f"folder for {JSON} and {TABLE}")
    parser.add_argument("--seed", type=int, default=0, help="of the halves")
    options = parser.parse_args(argv)
    found = figures(read(Posteriors.load(options.posteriors), options.seed))
    text = markdown(found)
    plain = json.dumps(found, indent=1, allow_nan=False) + "\n"
    write_texts(options.out, {JSON: plain, TABLE: text})
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
