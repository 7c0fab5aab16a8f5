import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.scale import (
    MOST_REFINED,
    MOST_STRETCHED,
    REFERENCE_LOG_SIZE,
    STOUTEST,
    by_size,
    estimate_scale,
    estimate_stretch,
    refine_scale,
)
from model.vocabulary.labels import X, Y

NORMAL = np.array([*np.repeat(np.arange(22), 2), X, Y])


def areas_of(kinds: np.ndarray, spread: float = 0.0, seed: int = 0) -> np.ndarray:
    """Areas of these types at scale 1, each size off by `spread` in the logarithm."""
    noise = spread * np.random.default_rng(seed).standard_normal(len(kinds))
    return np.exp(2 * (REFERENCE_LOG_SIZE[kinds] + noise))


def test_a_normal_cell_at_the_common_scale_has_scale_1() -> None:
    assert estimate_scale(areas_of(NORMAL)) == pytest.approx(1.0, rel=0.01)
    assert estimate_scale(areas_of(NORMAL, 0.05)) == pytest.approx(1.0, rel=0.03)


@given(s=st.floats(0.1, 10.0), seed=st.integers(0, 1000))
def test_magnifying_by_s_divides_the_scale_by_s(s: float, seed: int) -> None:
    areas = areas_of(NORMAL, 0.05, seed)
    assert estimate_scale(areas * s * s) == pytest.approx(estimate_scale(areas) / s)
    p = np.eye(24)[NORMAL]
    assert refine_scale(areas * s * s, p) == pytest.approx(refine_scale(areas, p) / s)


@given(seed=st.integers(0, 1000))
def test_eight_missing_chromosomes_hardly_move_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    areas = areas_of(NORMAL, 0.04, seed)
    kept = rng.choice(46, 38, replace=False)
    assert estimate_scale(areas[kept]) == pytest.approx(estimate_scale(areas), rel=0.1)


def test_one_giant_object_hardly_moves_it() -> None:
    areas = areas_of(NORMAL, 0.04)
    giant = np.append(areas, areas.max() * 400)
    assert estimate_scale(giant) == pytest.approx(estimate_scale(areas), rel=0.02)


def test_specks_hardly_move_it() -> None:
    areas = areas_of(NORMAL, 0.04)
    assert estimate_scale(np.append(areas, [4, 4, 5])) == pytest.approx(
        estimate_scale(areas), rel=0.06
    )


def test_a_single_chromosome_has_a_scale_too() -> None:
    assert 0.5 < estimate_scale(areas_of(NORMAL[:1])) < 2.0


def test_known_types_mend_the_scale_of_a_one_sided_cell() -> None:
    """Only the large ones were cut out: the first look takes them for a whole cell."""
    large = areas_of(np.repeat(np.arange(7), 2))
    assert estimate_scale(large) < 0.85
    assert refine_scale(large, np.eye(24)[np.repeat(np.arange(7), 2)]) == pytest.approx(1.0)


def test_unsure_types_count_by_their_probability() -> None:
    p = np.zeros((1, 24))
    p[0, 0] = p[0, 20] = 0.5
    expected = np.exp((REFERENCE_LOG_SIZE[0] + REFERENCE_LOG_SIZE[20]) / 2)
    assert refine_scale(np.array([100.0]), p) == pytest.approx(expected / 10)


def test_refining_is_robust_to_some_wrong_types() -> None:
    types = NORMAL.copy()
    types[:10] = 20
    assert refine_scale(areas_of(NORMAL), np.eye(24)[types]) == pytest.approx(1.0, rel=0.02)


def test_types_misread_at_a_wrong_scale_do_not_carry_a_whole_cell_away() -> None:
    """All types one size down: the refinement agrees with them, the first estimate does not."""
    areas = areas_of(NORMAL)
    smaller = np.eye(24)[[min(t + 2, 20) for t in NORMAL]]
    assert refine_scale(areas, smaller) < 0.95
    assert refine_scale(areas, smaller, 1.0) == pytest.approx(np.exp(-MOST_REFINED))
    assert refine_scale(areas[:30], smaller[:30], 1.0) == refine_scale(areas[:30], smaller[:30])


@given(size=st.floats(0.2, 5.0))
def test_only_what_is_stouter_than_all_training_is_stretched(size: float) -> None:
    heights, areas = np.full(46, 60.0 * size), np.full(46, 900.0 * size**2)
    assert estimate_stretch(heights, areas) == 1.0
    stout = np.exp(STOUTEST - np.log(1.5))
    fat = heights**2 / stout
    assert estimate_stretch(heights, fat) == pytest.approx(1.5)
    assert estimate_stretch(heights, fat * 10) == pytest.approx(MOST_STRETCHED)


@given(s=st.floats(0.2, 5.0), seed=st.integers(0, 1000))
def test_where_the_bands_say_nothing_the_size_tells_the_group(s: float, seed: int) -> None:
    """Each is taken for a type of its size, at any scale; a sure answer of its size stays."""
    areas = areas_of(NORMAL, 0.02, seed) / s**2
    told = by_size(np.full((46, 24), 1 / 24), areas, s)
    assert told.sum(axis=1) == pytest.approx(1.0)
    off = REFERENCE_LOG_SIZE[told.argmax(axis=1)] - REFERENCE_LOG_SIZE[NORMAL]
    assert np.abs(off).max() < 0.12
    sure = 0.97 * np.eye(24)[NORMAL] + 0.03 / 24
    assert np.array_equal(by_size(sure, areas, s).argmax(axis=1), NORMAL)


def test_what_has_the_size_of_no_type_stays_in_doubt() -> None:
    """Two as one: no type is near, and none becomes sure by being the nearest."""
    twice = by_size(np.full((1, 24), 1 / 24), np.exp([2 * (REFERENCE_LOG_SIZE[0] + 0.7)]), 1.0)
    assert twice.max() < 0.1
