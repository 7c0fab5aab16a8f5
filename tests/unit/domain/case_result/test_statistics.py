"""The two tables of excluded mosaicism, and exact intervals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from karyogui.domain.case_result import statistics
from karyogui.domain.case_result.statistics import (
    cells_needed,
    excluded_percent,
    interval,
    next_excluded,
)

NUMBERS = (10, 15, 20, 25, 30, 40, 50, 60, 75, 100)
EXCLUDED = {
    0.90: (21, 15, 11, 9, 8, 6, 5, 4, 4, 3),
    0.95: (26, 19, 14, 12, 10, 8, 6, 5, 4, 3),
    0.99: (37, 27, 21, 17, 15, 11, 9, 8, 6, 5),
}
LEVELS = (20, 15, 10, 5, 3, 1)
NEEDED = {
    0.90: (11, 15, 22, 45, 76, 230),
    0.95: (14, 19, 29, 59, 99, 299),
    0.99: (21, 29, 44, 90, 152, 459),
}


@pytest.mark.parametrize("confidence", EXCLUDED)
def test_the_table_of_what_is_excluded(confidence: float) -> None:
    told = tuple(excluded_percent(n, confidence) for n in NUMBERS)
    assert told == EXCLUDED[confidence]


@pytest.mark.parametrize("confidence", NEEDED)
def test_the_table_of_cells_needed(confidence: float) -> None:
    told = tuple(cells_needed(percent, confidence) for percent in LEVELS)
    assert told == NEEDED[confidence]


@given(st.integers(1, 500), st.sampled_from((0.9, 0.95, 0.99)))
def test_never_more_is_claimed_than_was_shown(n: int, confidence: float) -> None:
    percent = excluded_percent(n, confidence)
    excluded = 1.0 - (1.0 - confidence) ** (1.0 / n)
    assert percent / 100 >= excluded - 1e-12
    assert cells_needed(percent, confidence) <= n
    if percent > 1:
        assert cells_needed(percent - 1, confidence) > n


def test_nothing_excludes_nothing() -> None:
    assert excluded_percent(0) == 100


def test_more_cells_exclude_the_next_level() -> None:
    assert next_excluded(20) == (10, 9)
    assert next_excluded(299) is None


def test_excluding_is_not_detecting_a_line() -> None:
    assert statistics._at_least(2, 20, 0.15) == pytest.approx(0.824, abs=5e-4)
    assert statistics._at_least(2, 20, 0.10) == pytest.approx(0.608, abs=5e-4)


@given(st.integers(1, 500), st.data())
def test_the_interval_is_that_of_clopper_and_pearson(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    low, high = interval(k, n)
    exact = binomtest(k, n).proportion_ci(0.95, "exact")
    assert low == pytest.approx(exact.low, abs=1e-7)
    assert high == pytest.approx(exact.high, abs=1e-7)


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_no_interval_of_senseless_numbers(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="There cannot be"):
        interval(k, n)


@pytest.mark.parametrize("confidence", [0.0, 0.49, 1.0, -0.95])
def test_a_senseless_confidence_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        excluded_percent(20, confidence)
