"""Details of a case that cannot be true, or that one should be asked about."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import combinations
from statistics import median

from karyogui.domain.case import CaseDetails
from karyogui.domain.notes import CellNote
from karyogui.errors import KaryoError

DATES: dict[str, str] = {
    "date_of_birth": "date of birth",
    "sampled": "date of sampling",
    "received": "date of receipt",
    "reported": "date of the report",
}
"""The fields that hold dates, in the order in which they happen, and their names."""

_FAR = 1.5
"""A band level this many times the estimate, or the estimate this many times it, is asked about.

Half as much again is a step of two between the levels in use (400, 550, 850).
"""
_LEVELS = range(100, 1201)
"""Band levels that anybody could mean."""
_OLDEST_YEARS = 120

_BY_YEAR = re.compile(r"(\d{4})(?:[-./](\d{1,2})(?:[-./](\d{1,2}))?)?")
_BY_DAY = re.compile(r"(\d{1,2})([-./])(\d{1,2})\2(\d{4})")


def proposed(details: CaseDetails, notes: Iterable[CellNote]) -> CaseDetails:
    """Details with what is noted of the cells that count, in the fields that are empty."""
    counted = [note for note in notes if note.status is not None and note.status.is_counted]
    cultures = sorted({note.culture for note in counted if note.culture})
    bands = sorted({note.bands for note in counted if note.bands})
    level = f"{bands[0]}–{bands[-1]}" if len(bands) > 1 else "".join(map(str, bands))
    return replace(
        details,
        culture=details.culture or ", ".join(cultures),
        band_level=details.band_level or level,
    )


@dataclass(frozen=True)
class _Day:
    """A date as far as it is known: from `first` to `last`; `text` is how it is written here."""

    first: date
    last: date
    text: str


LONGEST = 500
"""Letters of a field of one line, of a case's name and of a reason."""
LONGEST_TEXT = 10_000
TEXTS = frozenset(("reason", "comment", "iscn", "result_words", "interpretation", "limitations"))
"""Fields of several lines."""


LONGEST_KARYOTYPE = 2000
"""Letters of a karyotype that is typed."""
NAME = "name of the case"
"""What a case is called, in the refusal of one that is too long."""


def fitting(text: str, what: str, most: int = LONGEST) -> str:
    """Free text as it can be stored and printed; `KaryoError` where it is too long.

    What is no letter (half a pair of UTF-16, as a broken file name has it) is replaced.
    """
    if len(text) > most:
        raise KaryoError(
            f"The {what} has {len(text):,} letters, at most {most:,} can be kept.", "Shorten it."
        )
    return text.encode("utf-8", "replace").decode()


def fitting_details(details: CaseDetails) -> CaseDetails:
    """The details with every field `fitting`."""
    told = {
        field.name: fitting(
            getattr(details, field.name),
            field.name.replace("_", " "),
            LONGEST_TEXT if field.name in TEXTS else LONGEST,
        )
        for field in fields(details)
        if isinstance(getattr(details, field.name), str)
    }
    return replace(details, **told)


def with_plain_dates(details: CaseDetails) -> CaseDetails:
    """The details with every date as year-month-day. `KaryoError` for what cannot be true.

    A date must exist; being born, the specimen's sampling, its arrival and the report must follow
    each other (where only a year or month is known, they must be able to). Empty fields are fine.
    """
    typed = {DATES[name]: str(getattr(details, name)) for name in DATES}
    plain = dict(zip(DATES, plain_dates(typed).values(), strict=True))
    return replace(details, **{name: text for name, text in plain.items() if text})


def plain_dates(typed: Mapping[str, str]) -> dict[str, str]:
    """Dates as year-month-day, by their names; each must exist and be able to follow those before.

    Empty ones stay empty. `KaryoError` for what cannot be true.
    """
    days = {name: _read(text) for name, text in typed.items()}
    known = [(name, day) for name, day in days.items() if day is not None]
    for (earlier, one), (later, other) in combinations(known, 2):
        if one.first > other.last:
            raise KaryoError(f"The {later} ({other.text}) is before the {earlier} ({one.text}).")
    return {name: "" if day is None else day.text for name, day in days.items()}


def questions(
    details: CaseDetails, estimates: Sequence[int] = (), today: date | None = None
) -> tuple[str, ...]:
    """What may be true but is asked about, a sentence each; the dates are those of a real calendar.

    `estimates` are the band levels that the case's photographs show.
    """
    asked = []
    today = today or date.today()
    days = {name: _read(str(getattr(details, name))) for name in DATES}
    for name, day in days.items():
        if day is not None and day.first > today:
            asked.append(f"The {DATES[name]} ({day.text}) is in the future.")
    born, sampled = days["date_of_birth"], days["sampled"]
    if born and sampled and born.text == sampled.text and born.first == born.last:
        asked.append("The specimen was sampled on the day of birth.")
    until = sampled or days["received"] or days["reported"]
    if born and (until.first if until else today).year - born.last.year > _OLDEST_YEARS:
        asked.append(f"The patient would be more than {_OLDEST_YEARS} years old.")
    return (*asked, *_about_level(details.band_level, estimates))


def _about_level(typed: str, estimates: Sequence[int]) -> tuple[str, ...]:
    levels = [int(number) for number in re.findall(r"\d+", typed)]
    if not levels:
        return ()
    if any(level not in _LEVELS for level in levels):
        return (f"A band level of {typed} is none that is in use (300 to 850).",)
    if not estimates:
        return ()
    seen = median(estimates)
    if min(levels) < _FAR * seen and _FAR * max(levels) > seen:
        return ()
    of = "the photograph shows" if len(estimates) == 1 else f"{len(estimates)} photographs show"
    return (f"A band level of {typed} is far from what {of} by estimate: about {seen:.0f}.",)


def _read(text: str) -> _Day | None:
    """A typed date; None for an empty field."""
    text = text.strip()
    if not text:
        return None
    if match := _BY_YEAR.fullmatch(text):
        year, month, day = (None if part is None else int(part) for part in match.groups())
        return _day(text, year or 0, month, day)
    if match := _BY_DAY.fullmatch(text):
        day, month, year = int(match[1]), int(match[3]), int(match[4])
        if match[2] != "." and day != month and day <= 12 and month <= 12:
            raise KaryoError(
                f"{text} can be read in two ways: write year-month-day, "
                f"{year}-{month:02d}-{day:02d} or {year}-{day:02d}-{month:02d}."
            )
        if match[2] != "." and month > 12:
            day, month = month, day
        return _day(text, year, month, day)
    raise KaryoError(f"“{text}” is not a date: write year-month-day, such as 2026-02-28.")


def _day(text: str, year: int, month: int | None, day: int | None) -> _Day:
    """`month` and `day` are None where they are not given."""
    if year < 1:
        raise KaryoError(f"There is no {text}: the calendar begins with the year 1.")
    if month is not None and not 1 <= month <= 12:
        raise KaryoError(f"There is no {text}: a year has the months 1 to 12.")
    last_of_month = calendar.monthrange(year, month or 12)[1]
    if month is not None and day is not None and not 1 <= day <= last_of_month:
        name = calendar.month_name[month]
        raise KaryoError(f"There is no {text}: {name} {year} has {last_of_month} days.")
    first = date(year, month or 1, day or 1)
    last = date(year, month or 12, day or last_of_month)
    parts = [f"{year:04d}", *(f"{part:02d}" for part in (month, day) if part)]
    return _Day(first, last, "-".join(parts))
