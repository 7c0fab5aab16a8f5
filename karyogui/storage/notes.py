"""Notes in the database: of cells and of cases, each an entry that is only ever added."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Set
from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, String, cast, func, select, type_coerce
from sqlalchemy.orm import Session

from karyogui.domain.karyogram import Change
from karyogui.domain.notes import (
    CaseField,
    CellField,
    CellNote,
    NoteChange,
    Noted,
    NoteEntry,
    cell_note,
)
from karyogui.domain.review import Edit
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.storage.database import Database
from karyogui.storage.tables import CaseNoteRow, CaseRow, CellNoteRow, CellRow

_CELL_FIELDS = {str(field): field for field in CellField}
_CASE_FIELDS = {str(field): field for field in CaseField}


class NoteStore:
    """Writes notes. Each call is one transaction; they are read with their cells and cases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def newest(self) -> int:
        """The number of the newest entry of the trail: another one when anything was stored."""
        return self._database.head.seq

    def record(self, change: NoteChange, who: str) -> None:
        """Store all of a change, or none of it.

        `KaryoError` when something was noted meanwhile, so that it does not start from what is
        stored.
        """
        with self._database.write() as session:
            case = session.get(CaseRow, change.case_id)
            if case is None:
                raise KaryoError("This case is not in the data folder.")
            now = datetime.now(UTC)
            ids = {noted.cell_id for noted in change.after if noted.cell_id is not None}
            known = _notes_of(session, case, ids)
            for before, after in zip(change.before, change.after, strict=True):
                row: CaseNoteRow | CellNoteRow
                if after.cell_id is None:
                    stored = _last(case.notes, after.field)
                    row = CaseNoteRow(case_id=case.id)
                else:
                    stored = known.get((after.cell_id, str(after.field)))
                    row = CellNoteRow(cell_id=after.cell_id)
                if (stored or None) != (before.value or None):
                    raise KaryoError(
                        f"The {after.field} has been changed in the meantime; nothing was stored.",
                        "Look at the case again.",
                    )
                row.who, row.at = who, now
                row.field, row.value = str(after.field), after.value
                session.add(row)


def cell_entries(rows: Iterable[CellNoteRow]) -> list[NoteEntry]:
    """Entries of a cell, oldest first; fields that this version does not know are left out."""
    return [
        NoteEntry(row.who, row.at, _CELL_FIELDS[row.field], row.value, row.cell_id)
        for row in rows
        if row.field in _CELL_FIELDS
    ]


def case_entries(rows: Iterable[CaseNoteRow]) -> list[NoteEntry]:
    """Entries of a case, oldest first; fields that this version does not know are left out."""
    return [
        NoteEntry(row.who, row.at, _CASE_FIELDS[row.field], row.value)
        for row in rows
        if row.field in _CASE_FIELDS
    ]


def note_of(row: CellRow) -> CellNote:
    """What is noted of a cell."""
    return cell_note(cell_entries(row.notes))


def cell_notes(session: Session, chosen: ColumnElement[bool]) -> dict[int, CellNote]:
    """What is noted of the cells for which `chosen` holds, of those of which anything is."""
    found: dict[int, list[tuple[str, str | None]]] = defaultdict(list)
    # The last of each field alone, as it is stored: there may be thousands, read after each act.
    note = CellNoteRow
    last = select(func.max(note.id)).join(CellRow).where(chosen).group_by(note.cell_id, note.field)
    rows = select(note.cell_id, note.field, cast(type_coerce(note.value, String), String))
    for cell_id, field, value in session.execute(rows.where(note.id.in_(last)).order_by(note.id)):
        found[cell_id].append((field, value))
    return {cell_id: _note_from(tuple(told)) for cell_id, told in found.items()}


@lru_cache(maxsize=4096)
def _note_from(told: tuple[tuple[str, str | None], ...]) -> CellNote:
    """What stored values (JSON) of fields say; hundreds of cells mostly say the same."""
    known = [(_CELL_FIELDS[field], value) for field, value in told if field in _CELL_FIELDS]
    return cell_note([Noted(field, json.loads(value or "null")) for field, value in known])


def note_edits(row: CellRow) -> list[Edit]:
    """The notes of a cell as entries of its trail; of marks set one by one only the last."""
    entries = cell_entries(row.notes)
    # An entry of marks that the same person goes on with is not told by itself.
    kinds = [(entry.field, entry.who) for entry in entries]
    told = [
        entry
        for entry, kind, later in zip(entries, kinds, [*kinds[1:], None][: len(kinds)], strict=True)
        if kind != later or entry.field is not CellField.MARKS
    ]
    return [
        Edit(entry.who, entry.when, Change(entry.text, (), (), kind=ActionKind.NOTE))
        for entry in told
    ]


def _last(rows: Iterable[CaseNoteRow], field: object) -> object:
    values = [row.value for row in rows if row.field == str(field)]
    return values[-1] if values else None


def _notes_of(session: Session, case: CaseRow, ids: Set[int]) -> dict[tuple[int, str], object]:
    """What was last noted of these cells, by field; `KaryoError` for one of another case."""
    here = select(CellRow.id).where(CellRow.id.in_(ids), CellRow.case_id == case.id)
    for cell_id in ids - {*session.scalars(here)}:
        other = session.get(CellRow, cell_id)
        raise KaryoError(f"{other.name if other else 'That'} is no cell of {case.name}.")
    note = CellNoteRow
    last = select(func.max(note.id)).where(note.cell_id.in_(ids)).group_by(note.cell_id, note.field)
    rows = select(note.cell_id, note.field, note.value).where(note.id.in_(last))
    return {(cell_id, field): value for cell_id, field, value in session.execute(rows)}


def noted_slides(session: Session, here: ColumnElement[bool]) -> dict[int, str | None]:
    """Slides that persons noted, where they differ from the folder of the import."""
    noted = CellNoteRow.field == str(CellField.SLIDE)
    rows = select(CellNoteRow.cell_id, CellNoteRow.value).join(CellRow).where(here, noted)
    return dict(session.execute(rows.order_by(CellNoteRow.id)).all())
