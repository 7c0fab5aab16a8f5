"""Curves over many chromosomes: ROC, reliability, risk against coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from model.vocabulary.results import FloatArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

BINS: int = 15
"""Bins of equal width of the reliability diagram (Guo 2017)."""
TARGETS: tuple[float, ...] = (0.99, 0.995, 0.999)
"""Accuracies of what is not looked at, for which the review burden is reported."""
CELL: int = 46


@dataclass(frozen=True, eq=False)
class Roc:
    """A receiver operating characteristic: rates rising from 0 to 1 and the area under it."""

    false_positives: FloatArray
    true_positives: FloatArray
    area: float


@dataclass(frozen=True, eq=False)
class RocCurves:
    """One against all: `classes` by class index, their mean (`macro`) and all together (`micro`).

    Classes that never or always occur have no curve; without any, `macro` and `micro` are None.
    """

    classes: dict[int, Roc]
    macro: Roc | None
    micro: Roc | None

    def worst(self, n: int) -> list[int]:
        """The classes with the smallest areas, the worst first."""
        return sorted(self.classes, key=lambda kind: self.classes[kind].area)[:n]


def roc(positive: BoolArray, scores: FloatArray) -> Roc:
    """The curve of scores (n,) for `positive` (n,); both kinds must occur."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)  # of equal scores
    true = np.cumsum(positive[order])[ends]
    false = ends + 1 - true
    # Corners alone: what lies on a straight line between two others tells nothing.
    corners = np.r_[True, (np.diff(false, 2) != 0) | (np.diff(true, 2) != 0), True][-len(ends) :]
    false = np.r_[0.0, false[corners] / false[-1]]
    true = np.r_[0.0, true[corners] / true[-1]]
    return Roc(false, true, float(np.trapezoid(true, false)))


def roc_curves(truths: IntArray, probabilities: FloatArray) -> RocCurves:
    """One-vs-all curves of probabilities (n, k), averaged over classes as in fig. 7."""
    width = probabilities.shape[1]
    hot = truths[:, None] == np.arange(width)
    mixed = [kind for kind in range(width) if 0 < hot[:, kind].sum() < len(hot)]
    if not mixed:
        return RocCurves({}, None, None)
    classes = {kind: roc(hot[:, kind], probabilities[:, kind]) for kind in mixed}
    grid = np.unique(np.concatenate([c.false_positives for c in classes.values()]))
    mean = np.mean([_upper(c, grid) for c in classes.values()], axis=0)
    grid, mean = np.concatenate([[0.0], grid]), np.concatenate([[0.0], mean])
    macro = Roc(grid, mean, float(np.mean([c.area for c in classes.values()])))
    return RocCurves(classes, macro, roc(hot.ravel(), probabilities.ravel()))


def _upper(curve: Roc, grid: FloatArray) -> FloatArray:
    """True positives at each false-positive rate, the upper end where the curve is vertical."""
    at = np.searchsorted(curve.false_positives, grid, side="right") - 1
    after = np.minimum(at + 1, len(curve.false_positives) - 1)
    x0, x1 = curve.false_positives[at], curve.false_positives[after]
    y0, y1 = curve.true_positives[at], curve.true_positives[after]
    share = np.divide(grid - x0, x1 - x0, out=np.zeros_like(grid), where=x1 > x0)
    risen: FloatArray = y0 + share * (y1 - y0)
    return risen


@dataclass(frozen=True, eq=False)
class Reliability:
    """How often a stated probability is right, per bin (BINS,); NaN in bins of nothing."""

    confidence: FloatArray
    accuracy: FloatArray
    counts: IntArray

    @property
    def ece(self) -> float | None:
        """Expected calibration error: |accuracy - confidence| averaged over chromosomes."""
        filled = self.counts > 0
        if not filled.any():
            return None
        gaps = np.abs(self.accuracy[filled] - self.confidence[filled])
        return float(np.average(gaps, weights=self.counts[filled]))


def reliability(truths: IntArray, probabilities: FloatArray) -> Reliability:
    """Bin the probability of the most probable class of (n, k) against its being right."""
    confidence = probabilities.max(axis=1) if len(probabilities) else np.empty(0)
    right = probabilities.argmax(axis=1) == truths if len(probabilities) else np.empty(0, bool)
    at = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    counts = np.bincount(at, minlength=BINS)
    nothing = np.full(BINS, np.nan)
    return Reliability(
        np.divide(np.bincount(at, confidence, BINS), counts, out=nothing.copy(), where=counts > 0),
        np.divide(np.bincount(at, right, BINS), counts, out=nothing.copy(), where=counts > 0),
        counts,
    )


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """Accuracy of the surest part: `coverage` rises to 1, `accuracy` is that of the covered.

    Cut only between different sureness: what is equally sure is looked at together.
    """

    coverage: FloatArray
    accuracy: FloatArray
    counts: IntArray

    def burden(self, target: float, of: int = CELL) -> float | None:
        """How many of `of` chromosomes must be looked at so that the rest is right to `target`.

        None without chromosomes; all of them when not even the surest reach the target.
        """
        if not len(self.coverage):
            return None
        enough = self.accuracy >= target
        accepted = float(self.coverage[enough].max()) if enough.any() else 0.0
        return of * (1 - accepted)

    def certified(self, target: float) -> float | None:
        """Lower end (one-sided 95 %, Clopper-Pearson) of the accuracy of what `burden` accepts."""
        enough = np.flatnonzero(self.accuracy >= target)
        if not len(enough):
            return None
        n = int(self.counts[enough[-1]])
        right = round(float(self.accuracy[enough[-1]]) * n)
        return float(beta.ppf(0.05, right, n - right + 1))


def risk_coverage(right: BoolArray, sureness: FloatArray) -> RiskCoverage:
    """From answers (n,) and how sure each is (n,), the surest first."""
    order = np.argsort(-sureness, kind="stable")
    ranked = sureness[order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], len(ranked) > 0))
    covered = ends + 1
    hits = np.cumsum(right[order])[ends]
    return RiskCoverage(covered / max(1, len(ranked)), hits / covered, covered)


def failure_auc(right: BoolArray, sureness: FloatArray) -> float | None:
    """Chance 0 … 1 that a right answer is surer than a wrong one; both are (n,), one per answer.

    None unless right and wrong ones occur.
    """
    if right.all() or not right.any():
        return None
    finite = np.nan_to_num(sureness, posinf=1e9, neginf=-1e9)
    return roc(right, finite).area


def roc_figures(curves: RocCurves, labels: Sequence[str]) -> dict[str, object]:
    """Areas as plain values, classes by their label."""
    return {
        "auc_micro": curves.micro.area if curves.micro else None,
        "auc_macro": curves.macro.area if curves.macro else None,
        "auc": {labels[kind]: curve.area for kind, curve in curves.classes.items()},
    }


def burdens(curve: RiskCoverage) -> dict[str, object]:
    """Review burden of 46 and certified accuracy for each target, as plain values."""
    return {
        f"{100 * target:g}": {
            "looked_at_of_46": curve.burden(target),
            "certified_accuracy": curve.certified(target),
        }
        for target in TARGETS
    }
