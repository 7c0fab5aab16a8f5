"""The paper's metrics (III-C) and cell-level numerical findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.data.cells import counts_of, is_normal

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CellOutcome:
    """One evaluated cell: truths and answers, one entry per chromosome.

    `assigned` are the types after the assignment; `true_counts` (24,) the manifest's.
    """

    case: str
    cell: str
    types: IntArray
    argmax: IntArray
    assigned: IntArray
    polarities: IntArray
    polarity_answers: IntArray
    true_counts: tuple[int, ...]
    seconds: float

    @property
    def is_exactly_right(self) -> bool:
        """Every chromosome of the cell has its true type after the assignment."""
        return bool((self.types == self.assigned).all())

    @property
    def is_abnormal(self) -> bool:
        """The manifest's counts are not 46,XX or 46,XY."""
        return not is_normal(self.true_counts)

    @property
    def is_flagged(self) -> bool:
        """The counts after the assignment are not 46,XX or 46,XY."""
        return not is_normal(counts_of(tuple(self.assigned.tolist())))

    @property
    def finding_is_exact(self) -> bool:
        """The counts after the assignment are the manifest's."""
        return counts_of(tuple(self.assigned.tolist())) == self.true_counts


def accuracy(truths: IntArray, answers: IntArray) -> float | None:
    """Share of right answers (Acc.); None of none."""
    return float((truths == answers).mean()) if len(truths) else None


def f1_score(truths: IntArray, answers: IntArray) -> float | None:
    """Eq. (12): the mean F1 over the classes that occur among truths or answers; None of none."""
    scores = []
    for kind in np.union1d(truths, answers):
        hits = int(((truths == kind) & (answers == kind)).sum())
        scores.append(2 * hits / (int((truths == kind).sum()) + int((answers == kind).sum())))
    return float(np.mean(scores)) if scores else None


def summarise(outcomes: Sequence[CellOutcome]) -> dict[str, object]:
    """All figures as fractions, those of nothing None; `type` and `polarity` as in table IV.

    The paper has one cell per case, so its "per case" is per cell here: the mean over cells of
    each cell's accuracy.
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
            "acc_per_case_d": _mean(accuracy(o.types, o.assigned) for o in outcomes),
        },
        "polarity": {
            "acc": accuracy(polarities, answers),
            "f1": f1_score(polarities, answers),
            "acc_per_case": _mean(accuracy(o.polarities, o.polarity_answers) for o in outcomes),
        },
        "cells_exactly_right": _mean(o.is_exactly_right for o in outcomes),
        "findings": findings(outcomes),
        "seconds_per_cell": _mean(o.seconds for o in outcomes),
    }


def findings(outcomes: Sequence[CellOutcome]) -> dict[str, float | int | None]:
    """Sensitivity and specificity of "this cell is numerically abnormal", by the manifest.

    `exact_abnormal` is the share of abnormal cells whose counts are all right. Shares of nothing
    are null.
    """
    abnormal = [o for o in outcomes if o.is_abnormal]
    normal = [o for o in outcomes if not o.is_abnormal]
    return {
        "sensitivity": _share([o.is_flagged for o in abnormal]),
        "specificity": _share([not o.is_flagged for o in normal]),
        "exact_abnormal": _share([o.finding_is_exact for o in abnormal]),
        "abnormal_cells": len(abnormal),
        "normal_cells": len(normal),
    }


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _all(arrays: Iterable[IntArray]) -> IntArray:
    return np.concatenate([np.empty(0, np.int64), *arrays])
