"""When cultures were set up and harvested: dates that exist and follow each other."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.case import CaseDetails
from karyogui.domain.cultures import Culture, cultures_of, with_plain_times
from karyogui.domain.notes import CultureTimes
from karyogui.errors import KaryoError

DETAILS = CaseDetails(
    date_of_birth="1990-02-28", sampled="2026-03-01", received="2026-03-03", reported="2026-03-20"
)


def test_dates_are_kept_as_year_month_day_and_empty_cultures_left_out() -> None:
    typed = {"A": CultureTimes("2.3.2026", "2026/3/5"), "B": CultureTimes("", "")}
    assert with_plain_times(typed, DETAILS) == {"A": CultureTimes("2026-03-02", "2026-03-05")}


@pytest.mark.parametrize(
    ("set_up", "harvested", "told"),
    [
        ("2026-02-30", "", "There is no 2026-02-30: February 2026 has 28 days."),
        ("soon", "", "“soon” is not a date"),
        ("2026-02-28", "", "setting up of culture A (2026-02-28) is before the date of sampling"),
        ("2026-03-05", "2026-03-04", "harvest of culture A (2026-03-04) is before the setting"),
        ("", "2026-03-21", "date of the report (2026-03-20) is before the harvest of culture A"),
        ("1989", "", "is before the date of birth"),
    ],
)
def test_what_cannot_be_is_told(set_up: str, harvested: str, told: str) -> None:
    with pytest.raises(KaryoError) as refused:
        with_plain_times({"A": CultureTimes(set_up, harvested)}, DETAILS)
    assert told in str(refused.value)


def test_a_culture_may_have_been_set_up_before_the_specimen_was_received() -> None:
    assert with_plain_times({"A": CultureTimes("2026-03-01")}, DETAILS)


def test_cultures_are_those_of_the_cells_and_those_with_dates() -> None:
    found = cultures_of(["B", "", "A", "B"], {"C": CultureTimes("2026-03-02")})
    assert [one.text for one in found] == ["A: no dates", "B: no dates", "C: set up 2026-03-02"]
    both = Culture("A", "2026-03-02", "2026-03-05")
    assert both.text == "A: set up 2026-03-02, harvested 2026-03-05"


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(DAYS, DAYS, DAYS)
def test_only_dates_in_their_order_are_taken(sampled: date, set_up: date, harvested: date) -> None:
    details = CaseDetails(sampled=sampled.isoformat())
    times = {"A": CultureTimes(set_up.isoformat(), harvested.isoformat())}
    if sampled <= set_up <= harvested:
        assert with_plain_times(times, details) == times
        day_after = CaseDetails(sampled=(harvested + timedelta(days=1)).isoformat())
        with pytest.raises(KaryoError):
            with_plain_times(times, day_after)
    else:
        with pytest.raises(KaryoError):
            with_plain_times(times, details)
