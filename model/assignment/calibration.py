"""Probabilities that mean what they say: temperature and floor (Guo 2017; heavy tails)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from model.assignment.base import TYPE_FREQUENCY
from model.vocabulary.results import FloatArray

FLOORS: tuple[float, ...] = (1e-4, 2e-4, 5e-4, 1e-3)
"""ε tried by `fit`. The largest keeps ε·π a tenth below gain · loss of the flat prior, so that one
clear picture can still overturn a normal count."""
TEMPERATURES: tuple[float, float] = (float(np.log(0.6)), float(np.log(2.5)))
"""Logarithms between which `fit` stays: a few cells without an error would sharpen endlessly."""


@dataclass(frozen=True)
class Calibration:
    """p = (1 - ε) · softmax(log p / T) + ε · π.

    `evidence` (nats) is the threshold of the flag *image evidence disagrees with the assignment*,
    tripped by at most one normal cell in twenty.
    """

    temperature: float = 1.0
    floor: float = 1e-3
    evidence: float = 4.0

    def apply(self, probabilities: FloatArray) -> FloatArray:
        """Raw probabilities (N, 24) → calibrated ones (N, 24), rows sum to 1."""
        logs = np.log(np.maximum(probabilities, 1e-12)) / self.temperature
        sharpened = np.exp(logs - logs.max(axis=1, keepdims=True))
        sharpened /= sharpened.sum(axis=1, keepdims=True)
        mixed: FloatArray = (1 - self.floor) * sharpened + self.floor * TYPE_FREQUENCY
        return mixed

    def to_json(self) -> dict[str, float]:
        """Plain values for the file beside the weights."""
        return asdict(self)

    @classmethod
    def of_card(cls, card: Mapping[str, Any]) -> Calibration:
        """From the file beside the weights; the defaults where it says nothing usable."""
        saved = card.get("calibration")
        if not isinstance(saved, Mapping):
            return cls()
        plain = cls()
        values = {}
        for name, default in asdict(plain).items():
            value = saved.get(name, default)
            usable = isinstance(value, int | float) and np.isfinite(value) and value > 0
            values[name] = float(value) if usable else default
        return cls(**values)


def negative_log_likelihood(probabilities: FloatArray, types: NDArray[np.int64]) -> float:
    """Mean −log p of the true types (N,), nats."""
    chosen = probabilities[np.arange(len(types)), types]
    return float(-np.log(np.maximum(chosen, 1e-300)).mean())


def fit(probabilities: FloatArray, types: NDArray[np.int64]) -> Calibration:
    """Temperature and floor with the least negative log-likelihood on cells not trained on.

    `probabilities` (N, 24) are raw, `types` (N,) the truths. The evidence threshold is fitted
    afterwards, by `fit_evidence`.
    """

    def loss(log_temperature: float, floor: float) -> float:
        calibration = Calibration(float(np.exp(log_temperature)), floor)
        return negative_log_likelihood(calibration.apply(probabilities), types)

    found = []
    for floor in FLOORS:
        best = minimize_scalar(loss, bounds=TEMPERATURES, args=(floor,))
        found.append((float(best.fun), float(np.exp(best.x)), floor))
    _, temperature, floor = min(found)
    return Calibration(round(temperature, 4), floor)


def fit_evidence(strongest: Sequence[float], share: float = 0.05) -> float:
    """The threshold that `share` of normal cells exceed.

    `strongest` holds for each normal cell the largest log ratio of an object's most probable type
    over its assigned type (0 where none was moved).
    """
    if not len(strongest):
        return Calibration().evidence
    return float(max(0.5, np.quantile(np.asarray(strongest), 1 - share, method="higher")))
