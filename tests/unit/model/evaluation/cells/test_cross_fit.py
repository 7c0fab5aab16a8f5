import numpy as np

from model.assignment.calibration import negative_log_likelihood
from model.evaluation.cells.by_case import cross_fitted


def timid(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Answers that are right nine times in ten but claim much less."""
    rng = np.random.default_rng(seed)
    types = rng.integers(0, 24, n)
    said = np.where(rng.random(n) < 0.9, types, rng.integers(0, 24, n))
    p = np.full((n, 24), 0.5 / 23)
    p[np.arange(n), said] = 0.5
    return p, types


def test_what_a_case_gets_was_fitted_to_other_cases() -> None:
    """A case with all labels wrong spoils the fit of others, not its own."""
    p, types = timid(200)
    cases = ["a"] * 100 + ["b"] * 100
    seen = np.ones(200, bool)
    before = cross_fitted(p, types, seen, cases)
    types[:100] = (p[:100].argmax(axis=1) + 1) % 24
    after = cross_fitted(p, types, seen, cases)
    assert before is not None
    assert after is not None
    assert (before[:100] == after[:100]).all()
    assert not np.allclose(before[100:], after[100:])


def test_it_helps_where_calibration_was_needed() -> None:
    p, types = timid(500)
    calibrated = cross_fitted(p, types, np.ones(500, bool), [str(i // 50) for i in range(500)])
    assert calibrated is not None
    assert negative_log_likelihood(calibrated, types) < negative_log_likelihood(p, types)
    assert np.allclose(calibrated.sum(axis=1), 1)


def test_one_case_or_nothing_seen_has_no_cross_fit() -> None:
    p, types = timid(10)
    assert cross_fitted(p, types, np.ones(10, bool), ["a"] * 10) is None
    assert cross_fitted(p, types, np.zeros(10, bool), ["a", "b"] * 5) is None
    assert cross_fitted(p[:0], types[:0], np.zeros(0, bool), []) is None
