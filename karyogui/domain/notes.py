"""What persons note of a case and of its cells: status, culture, marks, protocol, karyotype.

A note is an entry that is only ever added; the last one of a field counts. A `NoteChange` is one
act with what it found and what it leaves, so that it can be stored, undone and put into words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from karyogui.domain.case_result.cells import CellStatus, Ruling, RulingKind
from karyogui.domain.case_result.changes import Constitution
from karyogui.domain.case_result.protocol import Protocol, from_json

Value = Any
"""Plain data that can be stored as JSON: text, number, list or None."""
LONGEST_TEXT = 200
MOST_MARKS = 1000
"""More marks than any cell has chromosomes, sixteenfold ones included."""


class CellField(StrEnum):
    """What is noted of a cell; the value is the word for it."""

    STATUS = "status"
    CULTURE = "culture"
    SLIDE = "slide"
    COLONY = "colony"
    STAGE = "stage coordinates"
    BANDS = "band level"
    MARKS = "count marks"


class CaseField(StrEnum):
    """What is noted of a case; the value is the word for it."""

    PROTOCOL = "protocol"
    CONSTITUTION = "constitution"
    RULINGS = "rulings"
    ISCN = "karyotype"
    CULTURES = "cultures"


Mark = tuple[float, float]
"""Where a chromosome was counted: x and y in pixels of the photograph as imported."""


@dataclass(frozen=True)
class CellNote:
    """What is noted of a cell. `status` is None where nobody gave it one; `slide` likewise."""

    status: CellStatus | None = None
    culture: str = ""
    slide: str | None = None
    colony: str = ""
    stage: str = ""
    bands: int | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class CultureTimes:
    """When a culture was set up and harvested: year-month-day, empty where it is not known."""

    set_up: str = ""
    harvested: str = ""


@dataclass(frozen=True)
class CaseNote:
    """What is noted of a case. `iscn` is what a person typed in place of the program's proposal.

    `cultures` are the dates of cultures by their names.
    """

    protocol: Protocol | None = None
    constitution: Constitution | None = None
    rulings: tuple[Ruling, ...] = ()
    iscn: str = ""
    iscn_reason: str = ""
    cultures: Mapping[str, CultureTimes] = field(default_factory=dict)


@dataclass(frozen=True)
class NoteEntry:
    """One stored note: of a cell, or of the case where `cell_id` is None."""

    who: str
    when: datetime
    field: CellField | CaseField
    value: Value
    cell_id: int | None = None

    @property
    def text(self) -> str:
        """The entry in the words of the trail."""
        return f"{str(self.field).capitalize()}: {_note_text(self.field, self.value)}"


@dataclass(frozen=True)
class Noted:
    """A value of a field, of a cell or of the case."""

    field: CellField | CaseField
    value: Value
    cell_id: int | None = None


@dataclass(frozen=True)
class NoteChange:
    """One act on the notes of a case: the same fields before and after."""

    text: str
    case_id: int
    before: tuple[Noted, ...]
    after: tuple[Noted, ...]

    @property
    def inverse(self) -> NoteChange:
        """The act that takes this one back."""
        return NoteChange(f"Undo: {self.text}", self.case_id, self.after, self.before)

    @property
    def is_empty(self) -> bool:
        """Whether it would alter nothing."""
        return self.before == self.after


def cell_note(entries: Iterable[NoteEntry | Noted]) -> CellNote:
    """What the entries of one cell say, oldest first; values that nobody can read are left out."""
    return _note({entry.field: entry.value for entry in entries})


def with_values(note: CellNote, noted: Iterable[Noted]) -> CellNote:
    """A cell's note with other values."""
    values: dict[CellField | CaseField, Value] = {
        field: value_of(note, field) for field in CellField
    }
    return _note(values | {one.field: one.value for one in noted})


def _note(values: Mapping[CellField | CaseField, Value]) -> CellNote:
    status = values.get(CellField.STATUS)
    bands = values.get(CellField.BANDS)
    return CellNote(
        status=CellStatus(status) if status in [str(one) for one in CellStatus] else None,
        culture=str(values.get(CellField.CULTURE) or ""),
        slide=values.get(CellField.SLIDE),
        colony=str(values.get(CellField.COLONY) or ""),
        stage=str(values.get(CellField.STAGE) or ""),
        bands=bands if isinstance(bands, int) else None,
        marks=tuple((float(x), float(y)) for x, y in values.get(CellField.MARKS) or ()),
    )


def case_note(entries: Iterable[NoteEntry]) -> CaseNote:
    """What the entries of a case say, oldest first."""
    last = {entry.field: entry for entry in entries}

    def value(field: CaseField) -> Value:
        return last[field].value if field in last else None

    constitution, iscn = value(CaseField.CONSTITUTION), value(CaseField.ISCN)
    protocol = value(CaseField.PROTOCOL)
    return CaseNote(
        protocol=from_json(protocol) if protocol else None,
        constitution=Constitution(constitution["sex"], tuple(constitution["changes"]))
        if constitution
        else None,
        rulings=tuple(ruling_from(one) for one in value(CaseField.RULINGS) or ()),
        iscn=iscn["text"] if iscn else "",
        iscn_reason=iscn["reason"] if iscn else "",
        cultures=cultures_from(value(CaseField.CULTURES)),
    )


def cultures_to(cultures: Mapping[str, CultureTimes]) -> Value:
    """Dates of cultures as they are stored; None for none."""
    stored = {name: [one.set_up, one.harvested] for name, one in sorted(cultures.items())}
    return stored or None


def cultures_from(stored: Value) -> dict[str, CultureTimes]:
    """Dates of cultures as they were stored."""
    return {name: CultureTimes(*dates) for name, dates in (stored or {}).items()}


def ruling_to(ruling: Ruling) -> Mapping[str, Value]:
    """A ruling as it is stored."""
    return {
        "kind": str(ruling.kind),
        "subject": ruling.subject,
        "reason": ruling.reason,
        "who": ruling.who,
        "when": ruling.when.isoformat(),
        "changes": list(ruling.changes),
    }


def ruling_from(stored: Mapping[str, Value]) -> Ruling:
    """A ruling as it was stored."""
    return Ruling(
        RulingKind(stored["kind"]),
        stored["subject"],
        stored["reason"],
        stored["who"],
        datetime.fromisoformat(stored["when"]),
        tuple(stored["changes"]),
    )


def value_of(note: CellNote, field: CellField) -> Value:
    """What a field of a cell holds, as it is stored."""
    match field:
        case CellField.STATUS:
            return None if note.status is None else str(note.status)
        case CellField.SLIDE:
            return note.slide
        case CellField.BANDS:
            return note.bands
        case CellField.MARKS:
            return [list(mark) for mark in note.marks]
        case CellField.CULTURE:
            return note.culture
        case CellField.COLONY:
            return note.colony
        case CellField.STAGE:
            return note.stage


def _note_text(field: CellField | CaseField, value: Value) -> str:
    if value in (None, "", [], {}):
        return "none"
    match field:
        case CellField.MARKS:
            return _count(value)
        case CaseField.PROTOCOL:
            return from_json(value).name
        case CaseField.CONSTITUTION:
            return ", ".join((value["sex"], *value["changes"]))
        case CaseField.ISCN:
            return f"{value['text']} ({value['reason']})"
        case CaseField.CULTURES:
            return "; ".join(
                f"{name} {' to '.join(date or '?' for date in dates)}"
                for name, dates in value.items()
            )
        case CaseField.RULINGS:
            last = ruling_from(value[-1])
            subject = f" {last.subject}" if last.subject else ""
            return f"{len(value)}; {last.kind}{subject}: {last.reason}"
        case _:
            return str(value)


def _count(marks: Sequence[Value]) -> str:
    return "1 chromosome" if len(marks) == 1 else f"{len(marks)} chromosomes"
