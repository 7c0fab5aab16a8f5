"""Temperature and floor."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.assignment.base import TYPE_FREQUENCY
from model.assignment.calibration import (
    FLOORS,
    Calibration,
    fit,
    fit_evidence,
    negative_log_likelihood,
)
from model.assignment.map_assignment import Prior
from model.assignment.methods import assignment
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import TYPES
from model.vocabulary.results import FloatArray


def overconfident(temperature: float) -> tuple[FloatArray, np.ndarray]:
    """Probabilities whose logits were multiplied by a temperature, with the types drawn before."""
    rng = np.random.default_rng(5)
    logits = rng.normal(0, 2, (4000, len(TYPES)))
    honest = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    types = np.array([rng.choice(len(TYPES), p=p) for p in honest])
    sharp = np.exp(temperature * logits)
    return sharp / sharp.sum(1, keepdims=True), types


@pytest.mark.parametrize("temperature", [0.7, 1.6])
def test_fit_finds_the_temperature(temperature: float) -> None:
    table, types = overconfident(temperature)
    found = fit(table, types)
    assert found.temperature == pytest.approx(temperature, rel=0.06)
    before, after = (negative_log_likelihood(p, types) for p in (table, found.apply(table)))
    assert after < before


@given(st.floats(0.3, 3.0), st.sampled_from(FLOORS), st.integers(0, 1000))
def test_rows_sum_to_one_above_the_floor_and_keep_their_order(
    temperature: float, floor: float, seed: int
) -> None:
    table = np.random.default_rng(seed).dirichlet(np.full(len(TYPES), 0.3), 5)
    calibrated = Calibration(temperature, floor).apply(table)
    assert np.allclose(calibrated.sum(1), 1)
    assert (calibrated >= floor * TYPE_FREQUENCY - 1e-15).all()


def test_the_floor_lets_one_clear_picture_overturn_a_normal_count() -> None:
    assert max(FLOORS) * TYPE_FREQUENCY.max() < Prior().gain * Prior().loss / 2


def test_a_card_gives_what_it_says_and_defaults_for_the_rest() -> None:
    said = {"temperature": 0.8, "floor": "broken", "evidence": float("nan")}
    assert Calibration.of_card({"calibration": said}) == Calibration(temperature=0.8)
    assert Calibration.of_card({}) == Calibration()
    assert Calibration.of_card({"calibration": Calibration(1.2, 2e-4, 3.0).to_json()}) == (
        Calibration(1.2, 2e-4, 3.0)
    )


def test_one_normal_cell_in_twenty_trips_the_evidence_threshold() -> None:
    strongest = np.linspace(0, 10, 200)
    assert 0.04 <= (strongest > fit_evidence(strongest.tolist())).mean() <= 0.05
    assert (strongest[:42] > fit_evidence(strongest[:42].tolist())).sum() == 2
    assert fit_evidence([]) == Calibration().evidence


def test_an_unknown_assignment_is_told_with_the_known_ones() -> None:
    assert assignment("map", Calibration(evidence=2.0)).id == "map"
    assert assignment("dispatch", Calibration()).id == "dispatch"
    with pytest.raises(ModelError, match="no assignment “oracle”"):
        assignment("oracle", Calibration())
