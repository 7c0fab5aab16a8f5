"""When the cultures of a case were set up and harvested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from karyogui.domain.case import CaseDetails
from karyogui.domain.details import DATES, plain_dates
from karyogui.domain.notes import LONGEST_TEXT, CultureTimes
from karyogui.errors import KaryoError

Cultures = Mapping[str, CultureTimes]


@dataclass(frozen=True)
class Culture:
    """A culture by its name, with its dates as far as they are known."""

    name: str
    set_up: str = ""
    harvested: str = ""

    @property
    def text(self) -> str:
        """The culture with its dates in a few words."""
        told = [f"set up {self.set_up}"] * bool(self.set_up)
        told += [f"harvested {self.harvested}"] * bool(self.harvested)
        return f"{self.name}: {', '.join(told) or 'no dates'}"


def cultures_of(names: Sequence[str], times: Cultures) -> tuple[Culture, ...]:
    """The cultures that cells come from, and those of which only a date is known, by name."""
    known = sorted({name for name in names if name} | set(times))
    empty = CultureTimes()
    told = ((name, times.get(name, empty)) for name in known)
    return tuple(Culture(name, one.set_up, one.harvested) for name, one in told)


def with_plain_times(times: Cultures, details: CaseDetails) -> dict[str, CultureTimes]:
    """The dates of cultures as year-month-day; a culture without any is left out.

    `KaryoError` for a date that does not exist, and where a culture is set up before the specimen
    was taken, harvested before it was set up, or after the report.
    """
    kept = {}
    for name, one in times.items():
        if len(name) > LONGEST_TEXT:
            raise KaryoError(f"The name of a culture has at most {LONGEST_TEXT} characters.")
        set_up, harvested = f"setting up of culture {name}", f"harvest of culture {name}"
        # A culture may have been set up where the specimen was taken, before it was received.
        dates = {
            DATES["date_of_birth"]: details.date_of_birth,
            DATES["sampled"]: details.sampled,
            set_up: one.set_up,
            harvested: one.harvested,
            DATES["reported"]: details.reported,
        }
        plain = plain_dates(dates)
        if plain[set_up] or plain[harvested]:
            kept[name] = CultureTimes(plain[set_up], plain[harvested])
    return kept
