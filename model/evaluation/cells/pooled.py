"""All chromosomes of all studies in one row: what curves and figures are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.assignment.calibration import negative_log_likelihood
from model.evaluation.cells.by_case import cross_fitted
from model.evaluation.cells.collect import BoolArray, IntArray
from model.evaluation.cells.curves import (
    RiskCoverage,
    burdens,
    failure_auc,
    reliability,
    risk_coverage,
    roc_curves,
    roc_figures,
)
from model.evaluation.cells.metrics import confusion, per_class
from model.evaluation.cells.study import Study
from model.evaluation.cells.tables import polarity_within
from model.vocabulary.labels import TYPES
from model.vocabulary.results import FloatArray

SOFTMAX: str = "most probable type, by its probability"
MARGIN: str = "assigned type, by the margin of the assignment"


@dataclass(frozen=True, eq=False)
class Pooled:
    """N chromosomes: truths (N,), answers (N,; -1 for none), probabilities (N, 24) and (N, 2).

    `softmax` and `margins` (N,) are how sure the network alone and the assignment are; `seen`
    (N,) is False where no chromosome was found in the picture. `cross_fitted` (N, 24) are
    calibrated by fits that did not see the case; None when a study has a single case.
    """

    types: IntArray
    polarities: IntArray
    argmax: IntArray
    assigned: IntArray
    raw: FloatArray
    calibrated: FloatArray
    polarity: FloatArray
    softmax: FloatArray
    margins: FloatArray
    seen: BoolArray
    cross_fitted: FloatArray | None

    @classmethod
    def of(cls, studies: Sequence[Study]) -> Pooled:
        """Every chromosome of every cell, in order."""
        cells = [cell for study in studies for cell in study.cells]
        whole, none = np.empty(0, dtype=np.int64), np.empty(0)
        return cls(
            np.concatenate([whole, *(c.outcome.types for c in cells)]),
            np.concatenate([whole, *(c.outcome.polarities for c in cells)]),
            np.concatenate([whole, *(c.outcome.argmax for c in cells)]),
            np.concatenate([whole, *(c.outcome.answers() for c in cells)]),
            np.concatenate([np.empty((0, 24)), *(c.observed.raw_probabilities for c in cells)]),
            np.concatenate([np.empty((0, 24)), *(c.observed.probabilities for c in cells)]),
            np.concatenate([np.empty((0, 2)), *(c.observed.polarity for c in cells)]),
            np.concatenate([none, *(c.softmax for c in cells)]),
            np.concatenate([none, *(c.margins for c in cells)]),
            np.concatenate([none, *(c.observed.seen for c in cells)]).astype(np.bool_),
            _cross_fitted(studies),
        )

    @property
    def review(self) -> dict[str, RiskCoverage]:
        """Both orders of looking at chromosomes."""
        return {
            SOFTMAX: risk_coverage(self.argmax == self.types, self.softmax),
            MARGIN: risk_coverage(self.assigned == self.types, self.margins),
        }


def _cross_fitted(studies: Sequence[Study]) -> FloatArray | None:
    """Each network with fits to its own cells."""
    found = []
    for study in studies:
        cells = [cell.observed for cell in study.cells]
        calibrated = cross_fitted(
            np.concatenate([np.empty((0, 24)), *(c.raw_probabilities for c in cells)]),
            np.concatenate([np.empty(0, dtype=np.int64), *(c.types for c in cells)]),
            np.concatenate([np.empty(0, dtype=np.bool_), *(c.seen for c in cells)]),
            [c.cell.case for c in cells for _ in c.types],
        )
        if calibrated is None:
            return None
        found.append(calibrated)
    return np.concatenate(found) if found else None


def details(studies: Sequence[Study], pooled: Pooled) -> dict[str, object]:
    """What metrics.json says beyond table IV, as plain values without NaN."""
    outcomes = [o for study in studies for o in study.outcomes]
    by_type = per_class(pooled.types, pooled.argmax, len(TYPES))
    return {
        "per_type": {
            label: {**row, "polarity_acc": polarity_within(outcomes, kind)}
            for kind, (label, row) in enumerate(zip(TYPES, by_type, strict=True))
        },
        "per_polarity": dict(zip(
            ("q_up", "q_down"),
            per_class(pooled.polarities, np.array(pooled.polarity.argmax(axis=1)), 2),
            strict=True,
        )),
        "confusion": confusion(pooled.types, pooled.argmax).tolist(),
        "roc": {
            "type": roc_figures(roc_curves(pooled.types, pooled.calibrated), TYPES),
            "polarity": roc_figures(roc_curves(pooled.polarities, pooled.polarity),
                                    ("q_up", "q_down")),
        },
        "calibration": calibration(pooled),
        "review": review(pooled),
    }  # fmt: skip


def calibration(pooled: Pooled) -> dict[str, dict[str, float | None]]:
    """Expected calibration error and negative log-likelihood (nats) before and after.

    `calibrated` is what the card says, which may have been fitted to these very cells;
    `cross_fitted` never was.
    """
    told = {"raw": pooled.raw, "calibrated": pooled.calibrated}
    if pooled.cross_fitted is not None:
        told["cross_fitted"] = pooled.cross_fitted
    seen = pooled.seen
    return {
        name: {
            "ece": reliability(pooled.types[seen], p[seen]).ece,
            "nll": negative_log_likelihood(p[seen], pooled.types[seen]) if seen.any() else None,
        }
        for name, p in told.items()
    }


def review(pooled: Pooled) -> dict[str, dict[str, Any]]:
    """Of 46 chromosomes, how many must be looked at, for both orders."""
    answers = {SOFTMAX: (pooled.argmax, pooled.softmax), MARGIN: (pooled.assigned, pooled.margins)}
    return {
        name: {
            **burdens(pooled.review[order]),
            "failure_auc": failure_auc(answers[order][0] == pooled.types, answers[order][1]),
        }
        for name, order in (("softmax", SOFTMAX), ("margin", MARGIN))
    }
