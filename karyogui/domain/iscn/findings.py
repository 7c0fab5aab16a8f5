"""What the checker says: problems with their place, and the edits that would mend them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How bad a problem is; a string with warnings alone is valid."""

    ERROR = "error"
    """ISCN does not allow it, or it contradicts itself."""
    FORMAT = "format"
    """The meaning is certain, only the spelling is not ISCN's; mended by one click."""
    WARNING = "warning"
    """A habit of an edition or a laboratory, or something that is not checked."""


class Edit(NamedTuple):
    """Replace `text[start:end]`; an insertion where both are equal."""

    start: int
    end: int
    text: str


Fix = tuple[Edit, ...]
"""Edits that belong together and do not overlap."""


class Finding(NamedTuple):
    """A problem in the text that the reader sees (look-alikes already replaced)."""

    start: int
    end: int
    severity: Severity
    message: str
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True)
class Problem:
    """A problem in the text as typed: half-open range of code points, reason, whole repairs."""

    start: int
    end: int
    severity: Severity
    message: str
    repairs: tuple[str, ...] = ()


LONGEST_REPAIRED = 3_000
"""Characters up to which repairs are looked for; the longest published karyotypes have fewer."""
MOST = 200
"""Problems after which reading stops: the text is no karyotype, and nobody reads so many."""


class Findings:
    """Collects findings while a text is read."""

    def __init__(self) -> None:
        self.all: list[Finding] = []

    @property
    def is_full(self) -> bool:
        """Whether there are so many problems that reading stops."""
        return len(self.all) > MOST

    def error(self, start: int, end: int, message: str, *fixes: Fix) -> None:
        """Something that ISCN does not allow."""
        self.all.append(Finding(start, end, Severity.ERROR, message, fixes))

    def form(self, start: int, end: int, message: str, *fixes: Fix) -> None:
        """A spelling whose meaning is certain."""
        self.all.append(Finding(start, end, Severity.FORMAT, message, fixes))

    def warn(self, start: int, end: int, message: str, *fixes: Fix) -> None:
        """A habit, a doubt, or something left unchecked."""
        self.all.append(Finding(start, end, Severity.WARNING, message, fixes))


def replace(start: int, end: int, text: str) -> Fix:
    """The fix that puts `text` in place of a range."""
    return (Edit(start, end, text),)


def insert(place: int, text: str) -> Fix:
    """The fix that puts `text` at a place."""
    return (Edit(place, place, text),)


def remove(start: int, end: int) -> Fix:
    """The fix that takes a range away."""
    return (Edit(start, end, ""),)


def apply(text: str, edits: Iterable[Edit]) -> str | None:
    """The text after the edits; None when they touch one another's ranges."""
    parts: list[str] = []
    done = 0
    for edit in sorted(set(edits)):
        if edit.start < done:
            return None
        parts += (text[done : edit.start], edit.text)
        done = edit.end
    return "".join((*parts, text[done:]))
