import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_curve

from model.evaluation.cells.curves import (
    BINS,
    burdens,
    failure_auc,
    reliability,
    risk_coverage,
    roc,
    roc_curves,
    roc_figures,
)


def test_area_under_a_roc_by_hand() -> None:
    """Of six pairs of a positive and a negative five are in order, so 5/6."""
    curve = roc(np.array([1, 1, 0, 1, 0], bool), np.array([0.9, 0.8, 0.7, 0.6, 0.5]))
    assert curve.area == pytest.approx(5 / 6)
    assert (curve.false_positives[0], curve.true_positives[-1]) == (0, 1)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
def test_the_area_is_the_share_of_pairs_in_order(pairs: list[tuple[bool, int]]) -> None:
    positive = np.array([p for p, _ in pairs])
    scores = np.array([s for _, s in pairs], float)
    if positive.all() or not positive.any():
        return
    up, down = scores[positive][:, None], scores[~positive][None, :]
    expected = ((up > down) + 0.5 * (up == down)).mean()
    assert roc(positive, scores).area == pytest.approx(expected)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
def test_the_curve_is_that_of_scikit_learn(pairs: list[tuple[bool, int]]) -> None:
    positive = np.array([p for p, _ in pairs])
    scores = np.array([s for _, s in pairs], float)
    if positive.all() or not positive.any():
        return
    false, true, _ = roc_curve(positive, scores)
    curve = roc(positive, scores)
    assert curve.false_positives.tolist() == false.tolist()
    assert curve.true_positives.tolist() == true.tolist()


def test_the_mean_over_classes_is_the_mean_of_their_areas() -> None:
    rng = np.random.default_rng(0)
    truths = rng.integers(0, 3, 200)
    scores = rng.random((200, 4)) + 1.2 * (truths[:, None] == np.arange(4))
    p = scores / scores.sum(axis=1, keepdims=True)
    curves = roc_curves(truths, p)
    assert set(curves.classes) == {0, 1, 2}  # class 3 never occurs
    assert curves.macro is not None
    assert curves.micro is not None
    drawn = np.trapezoid(curves.macro.true_positives, curves.macro.false_positives)
    assert curves.macro.area == pytest.approx(drawn, abs=0.01)
    assert curves.micro.area > 0.8
    areas = {kind: curve.area for kind, curve in curves.classes.items()}
    assert curves.worst(2) == sorted(areas, key=lambda k: areas[k])[:2]


@pytest.mark.parametrize("truths", [[], [5, 5]])
def test_curves_of_one_class_or_nothing_are_none(truths: list[int]) -> None:
    curves = roc_curves(np.array(truths, int), np.full((len(truths), 24), 1 / 24))
    figures = roc_figures(curves, [str(k) for k in range(24)])
    assert figures == {"auc_micro": None, "auc_macro": None, "auc": {}}


def test_expected_calibration_error_by_hand() -> None:
    """Stated 0.9 for four of which three are right, 0.6 for one that is wrong:
    (4 · |0.75 − 0.9| + 1 · |0 − 0.6|) / 5."""
    p = np.array([[0.9, 0.1]] * 4 + [[0.6, 0.4]])
    curve = reliability(np.array([0, 0, 0, 1, 1]), p)
    assert curve.ece == pytest.approx((4 * 0.15 + 0.6) / 5)
    assert curve.counts.sum() == 5
    assert len(curve.counts) == BINS


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_the_ends_of_the_scale_have_a_bin(certain: float) -> None:
    curve = reliability(np.array([0]), np.array([[certain, certain]]))
    assert curve.counts.sum() == 1


def test_reliability_of_nothing_is_none() -> None:
    assert reliability(np.empty(0, int), np.empty((0, 24))).ece is None


def test_review_burden_by_hand() -> None:
    """100 answers, the surest 90 right, then one wrong in two: 99 % of 91 … of 46."""
    right = np.array([True] * 90 + [False, True] * 5)
    curve = risk_coverage(right, np.linspace(1, 0, 100))
    # The surest 92 have one error: 91 / 92 < 0.99; the surest 90 have none.
    assert curve.burden(0.99) == pytest.approx(46 * 0.1)
    assert curve.burden(0.95) == pytest.approx(46 * 0.0)
    assert curve.burden(0.999) == pytest.approx(46 * 0.1)
    # No error in 90: the bound is 0.05 ** (1 / 90).
    assert curve.certified(0.99) == pytest.approx(0.05 ** (1 / 90))


def test_what_is_equally_sure_is_looked_at_together() -> None:
    """Whatever the order in the file: the wrong one is as sure as the right ones."""
    for right in ([True, True, False], [False, True, True]):
        curve = risk_coverage(np.array(right), np.ones(3))
        assert curve.coverage.tolist() == [1.0]
        assert curve.burden(0.99) == 46


def test_infinite_sureness_is_no_harm() -> None:
    curve = risk_coverage(np.array([True, False]), np.array([np.inf, -1.0]))
    assert curve.burden(0.99) == pytest.approx(23)
    assert failure_auc(np.array([True, False]), np.array([np.inf, -1.0])) == 1


def test_nothing_to_review_and_nothing_wrong() -> None:
    nothing = risk_coverage(np.empty(0, bool), np.empty(0))
    assert burdens(nothing)["99"] == {"looked_at_of_46": None, "certified_accuracy": None}
    perfect = risk_coverage(np.ones(5, bool), np.arange(5.0))
    assert perfect.burden(0.999) == 0
    assert failure_auc(np.ones(5, bool), np.arange(5.0)) is None
    json.dumps(burdens(perfect), allow_nan=False)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=1, max_size=60))
def test_a_stricter_target_never_asks_for_less(answers: list[tuple[bool, int]]) -> None:
    curve = risk_coverage(np.array([r for r, _ in answers]),
                          np.array([s for _, s in answers], float))  # fmt: skip
    asked = [curve.burden(target) for target in (0.5, 0.9, 0.99, 1.0)]
    assert asked == sorted(asked)
    assert 0 <= asked[0] <= asked[-1] <= 46
    assert (np.diff(curve.coverage) > 0).all()
    assert curve.coverage[-1] == 1
