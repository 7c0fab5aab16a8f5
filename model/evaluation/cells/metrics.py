"""The paper's metrics (III-C) and cell-level numerical findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.data.cells import counts_of, is_normal
from model.vocabulary.choices import DEFAULT_ASSIGNMENT
from model.vocabulary.labels import TYPES

IntArray = NDArray[np.int64]


ALGORITHM_1: str = "dispatch"
"""The assignment of the paper's Acc. per Case-D."""


@dataclass(frozen=True, eq=False)
class CellOutcome:
    """One evaluated cell: truths and answers, one entry per chromosome, -1 for no answer.

    `assigned` are the types after each assignment by its name, `method` names the one that
    counts; `true_counts` (24,) are the manifest's. `named` (n,) are the chromosomes that the
    review list names; None where it was not asked for.
    """

    case: str
    cell: str
    types: IntArray
    argmax: IntArray
    assigned: Mapping[str, IntArray]
    polarities: IntArray
    polarity_answers: IntArray
    true_counts: tuple[int, ...]
    seconds: float
    method: str = DEFAULT_ASSIGNMENT
    named: NDArray[np.bool_] | None = None

    @property
    def is_abnormal(self) -> bool:
        """The manifest's counts are not 46,XX or 46,XY."""
        return not is_normal(self.true_counts)

    def answers(self, method: str | None = None) -> IntArray:
        """Types after an assignment, by default the one that counts."""
        return self.assigned[method or self.method]

    def is_exactly_right(self, method: str | None = None) -> bool:
        """Every chromosome of the cell has its true type after the assignment."""
        return bool((self.types == self.answers(method)).all())

    def found_counts(self, method: str | None = None) -> tuple[int, ...]:
        """Copies of each of the 24 types after the assignment."""
        return counts_of(tuple(self.answers(method).tolist()))

    def is_flagged(self, method: str | None = None) -> bool:
        """The counts after the assignment are not 46,XX or 46,XY."""
        return not is_normal(self.found_counts(method))

    def finding_is_exact(self, method: str | None = None) -> bool:
        """The counts after the assignment are the manifest's."""
        return self.found_counts(method) == self.true_counts


def accuracy(truths: IntArray, answers: IntArray) -> float | None:
    """Share 0 … 1 of right answers (Acc.), both (n,); None where n is 0."""
    return float((truths == answers).mean()) if len(truths) else None


def f1_score(truths: IntArray, answers: IntArray) -> float | None:
    """Eq. (12): mean F1 over the classes among truths or answers, both (n,); None where n is 0."""
    scores = []
    for kind in np.union1d(truths, answers):
        hits = int(((truths == kind) & (answers == kind)).sum())
        scores.append(2 * hits / (int((truths == kind).sum()) + int((answers == kind).sum())))
    return float(np.mean(scores)) if scores else None


def per_class(truths: IntArray, answers: IntArray, classes: int) -> list[dict[str, float | None]]:
    """Precision, recall, F1 (eq. 12) and support of each class, a share of nothing None.

    Truths and answers (n,) are classes from 0 on; an answer of −1 is none.
    """
    rows: list[dict[str, float | None]] = []
    for kind in range(classes):
        true, given = truths == kind, answers == kind
        hits = int((true & given).sum())
        either = int(true.sum()) + int(given.sum())
        rows.append({
            "precision": hits / int(given.sum()) if given.any() else None,
            "recall": hits / int(true.sum()) if true.any() else None,
            "f1": 2 * hits / either if either else None,
            "support": int(true.sum()),
        })  # fmt: skip
    return rows


def confusion(truths: IntArray, answers: IntArray) -> IntArray:
    """(24, 25) counts: row true type, column answered type, the last column no answer."""
    matrix = np.zeros((len(TYPES), len(TYPES) + 1), dtype=np.int64)
    np.add.at(matrix, (truths, np.where(answers < 0, len(TYPES), answers)), 1)
    return matrix


def summarise(outcomes: Sequence[CellOutcome]) -> dict[str, object]:
    """All figures as fractions, those of nothing None; `type` and `polarity` as in table IV.

    The paper has one cell per case, so its "per case" is per cell here: the mean over cells of
    each cell's accuracy. `acc_per_case_d` is Algorithm 1's; `acc_per_case_assigned`,
    `cells_exactly_right` and `findings` are those of the assignment that counts, and
    `assignments` has the same of every assignment.
    """
    types = _all(o.types for o in outcomes)
    argmax = _all(o.argmax for o in outcomes)
    polarities = _all(o.polarities for o in outcomes)
    answers = _all(o.polarity_answers for o in outcomes)
    return {
        "type": {
            "acc": accuracy(types, argmax),
            "f1": f1_score(types, argmax),
            "acc_per_case": _mean(accuracy(o.types, o.argmax) for o in outcomes),
            "acc_per_case_d": _acc_per_case(outcomes, ALGORITHM_1),
            "acc_per_case_assigned": _acc_per_case(outcomes),
        },
        "polarity": {
            "acc": accuracy(polarities, answers),
            "f1": f1_score(polarities, answers),
            "acc_per_case": _mean(accuracy(o.polarities, o.polarity_answers) for o in outcomes),
        },
        "cells_exactly_right": _mean(o.is_exactly_right() for o in outcomes),
        "findings": findings(outcomes),
        "assignments": {
            method: {
                "acc_per_case": _acc_per_case(outcomes, method),
                "cells_exactly_right": _mean(o.is_exactly_right(method) for o in outcomes),
                "findings": findings(outcomes, method),
            }
            for method in (outcomes[0].assigned if outcomes else ())
        },
        "silence": silence(outcomes),
        "seconds_per_cell": _mean(o.seconds for o in outcomes),
    }


def findings(
    outcomes: Sequence[CellOutcome], method: str | None = None
) -> dict[str, float | int | None]:
    """Sensitivity and specificity of "this cell is numerically abnormal", by the manifest.

    `exact_abnormal` is the share of abnormal cells whose counts are all right. Shares of nothing
    are null.
    """
    abnormal = [o for o in outcomes if o.is_abnormal]
    normal = [o for o in outcomes if not o.is_abnormal]
    return {
        "sensitivity": share_of([o.is_flagged(method) for o in abnormal]),
        "specificity": share_of([not o.is_flagged(method) for o in normal]),
        "exact_abnormal": share_of([o.finding_is_exact(method) for o in abnormal]),
        "abnormal_cells": len(abnormal),
        "normal_cells": len(normal),
    }


def silence(outcomes: Sequence[CellOutcome]) -> dict[str, float | None]:
    """Wrong types after the assignment, and those that the review list does not name.

    A cell is silent when its counts are not those of its pictures even after every chromosome that
    the list names was put right. `listed` is the share of wrong types that are named; a named one
    is needless when its type is right. Figures of nothing are None.
    """
    cells = [(o.types, o.answers(), o.named) for o in outcomes if o.named is not None]
    wrong = [types != answers for types, answers, _ in cells]
    silent = [w & ~named for w, (_, _, named) in zip(wrong, cells, strict=True)]
    needless = [int((named & ~w).sum()) for w, (_, _, named) in zip(wrong, cells, strict=True)]
    left = [np.where(named, types, answers) for types, answers, named in cells]
    counts = [
        counts_of(tuple(types.tolist())) != counts_of(tuple(answers.tolist()))
        for (types, _, _), answers in zip(cells, left, strict=True)
    ]
    everything = sum(int(w.sum()) for w in wrong)
    escaped = sum(int(s.sum()) for s in silent)
    return {
        "wrong_types_per_cell": _mean(float(w.sum()) for w in wrong),
        "silent_wrong_types_per_cell": _mean(float(s.sum()) for s in silent),
        "listed": 1.0 - escaped / everything if everything else None,
        "silent_cells": share_of(counts),
        "needless_entries": float(np.median(needless)) if needless else None,
    }


def _acc_per_case(outcomes: Sequence[CellOutcome], method: str | None = None) -> float | None:
    return _mean(accuracy(o.types, o.answers(method)) for o in outcomes)


def share_of(flags: Sequence[bool]) -> float | None:
    """How many of the flags are set, of 1; None of none."""
    return sum(flags) / len(flags) if flags else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _all(arrays: Iterable[IntArray]) -> IntArray:
    return np.concatenate([np.empty(0, np.int64), *arrays])
