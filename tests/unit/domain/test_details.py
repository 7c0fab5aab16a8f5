"""Dates that exist and follow each other; band levels that one would mean."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.case import CaseDetails
from karyogui.domain.details import DATES, questions, with_plain_dates
from karyogui.errors import KaryoError

TODAY = date(2026, 3, 4)
TRUE = CaseDetails(
    date_of_birth="1984-02-29", sampled="2026-02-01", received="2026-02-01", reported="2026-02-20"
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2026-02-28", "2026-02-28"),
        (" 2026-2-3 ", "2026-02-03"),
        ("28.02.2026", "2026-02-28"),
        ("28/02/2026", "2026-02-28"),
        ("02/28/2026", "2026-02-28"),
        ("1984", "1984"),
        ("1984-2", "1984-02"),
        ("\u0662\u0660\u0662\u0666-\u0660\u0661-\u0660\u0662", "2026-01-02"),
        ("", ""),
    ],
)
def test_dates_are_kept_as_year_month_day(typed: str, kept: str) -> None:
    assert with_plain_dates(CaseDetails(sampled=typed)).sampled == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2026-02-31", "There is no 2026-02-31: February 2026 has 28 days."),
        ("2023-02-29", "February 2023 has 28 days"),
        ("31.04.2026", "April 2026 has 30 days"),
        ("2026-13-01", "months 1 to 12"),
        ("2026-00-01", "months 1 to 12"),
        ("2026-01-00", "January 2026 has 31 days"),
        ("0000-01-01", "There is no 0000-01-01: the calendar begins with the year 1"),
        ("03/04/2026", "can be read in two ways: write year-month-day, 2026-04-03 or 2026-03-04"),
        ("84-02-29", "is not a date: write year-month-day"),
        ("last week", "“last week” is not a date"),
    ],
)
@pytest.mark.parametrize("name", DATES)
def test_dates_that_do_not_exist_are_told_in_one_sentence(name: str, typed: str, said: str) -> None:
    with pytest.raises(KaryoError) as told:
        with_plain_dates(replace(CaseDetails(), **{name: typed}))
    assert said in str(told.value)


@given(st.lists(st.dates(), min_size=4, max_size=4), st.sets(st.sampled_from(sorted(DATES))))
def test_dates_must_follow_each_other_and_any_may_be_missing(
    days: list[date], empty: set[str]
) -> None:
    typed = {name: f"{day:%Y-%m-%d}".zfill(10) for name, day in zip(DATES, days, strict=True)}
    given_days = [day for name, day in zip(DATES, days, strict=True) if name not in empty]
    details = CaseDetails(**{n: "" if n in empty else text for n, text in typed.items()})
    if given_days == sorted(given_days):
        assert with_plain_dates(details) == details
    else:
        with pytest.raises(KaryoError, match="is before the"):
            with_plain_dates(details)


def test_a_date_known_by_year_alone_must_be_able_to_follow() -> None:
    with_plain_dates(replace(TRUE, date_of_birth="2026"))
    with pytest.raises(KaryoError, match=r"sampling \(2026-02-01\) is before the date of b"):
        with_plain_dates(replace(TRUE, date_of_birth="2026-03"))


def test_true_details_are_not_asked_about() -> None:
    assert questions(replace(TRUE, band_level="450 bphs"), [400, 500], TODAY) == ()
    assert questions(CaseDetails(), [400], TODAY) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reported": "2026-03-05"}, "The date of the report (2026-03-05) is in the future."),
        ({"date_of_birth": "2026-02-01"}, "sampled on the day of birth"),
        ({"date_of_birth": "1884-02-29"}, "more than 120 years"),
    ],
)
def test_odd_dates_are_asked_about(change: dict[str, str], said: str) -> None:
    (asked,) = questions(replace(TRUE, **change), (), TODAY)
    assert said in asked


@pytest.mark.parametrize(
    ("typed", "seen", "is_asked"),
    [
        ("550", [400], False),
        ("850", [400], True),
        ("300", [450], True),
        ("400-550", [450], False),
        ("about 400", [], False),
        ("850", [], False),
        ("5500", [], True),
        ("high", [400], False),
        ("850", [400, 420, 800], True),
    ],
)
def test_a_band_level_far_from_the_estimate_is_asked_about(
    typed: str, seen: list[int], is_asked: bool
) -> None:
    asked = questions(CaseDetails(band_level=typed), seen, TODAY)
    assert bool(asked) is is_asked
    assert all(typed in sentence for sentence in asked)
