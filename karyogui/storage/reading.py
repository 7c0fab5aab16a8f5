"""The trail of a case for whoever reads it, and what of a case was altered outside the program."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from karyogui.storage.case_check import case_findings
from karyogui.storage.case_file import TRAIL_COLUMNS
from karyogui.storage.database import Database, raw_connection
from karyogui.storage.signing import broken_sign_offs
from karyogui.storage.trail import recorded_rows
from karyogui.storage.trail_rows import Row, bound_tables, rows_of_case, select_rows

ADDED_ONLY = (
    "cell_note", "case_note", "exclusion", "sign_off", "check_decision", "labelled_change",
    "case_act", "reading_decision",
)  # fmt: skip
"""Tables of what persons say, whose rows are never altered: of these an entry has only hashes."""


def altered_parts(database: Database, case_id: int) -> tuple[str, ...]:
    """What of a case was altered outside the program, a sentence each; none for a sound one."""
    with database.read() as session:
        raw = raw_connection(session.connection())
        found = [broken.sentence for broken in broken_sign_offs(raw, case_id)]
        found += [finding.sentence for finding in case_findings(raw, case_id)]
    return tuple(found)


def trail_entries(database: Database, case_id: int | None) -> Iterator[tuple[dict[str, Any], bool]]:
    """Entries of a case with the names of their cells, and whether they were made elsewhere.

    Those come first: they were written before the case came here. The others have what persons
    said under `added`: rows by table, each with the name of its `cell`.
    """
    with database.read() as session:
        raw = raw_connection(session.connection())
        elsewhere = list(_elsewhere(raw, case_id)) if case_id is not None else []
        here = list(
            select_rows(
                raw,
                "SELECT trail.*, cell.name AS cell FROM trail "
                "LEFT JOIN cell ON cell.id = trail.cell_id AND cell.case_id = trail.case_id "
                "WHERE trail.case_id IS ? ORDER BY seq",
                (case_id,),
            )
        )
        if case_id is not None:
            _add_rows(raw, case_id, here)
    yield from ((entry, True) for entry in elsewhere)
    yield from ((entry, False) for entry in here)


def _elsewhere(connection: sqlite3.Connection, case_id: int) -> Iterator[dict[str, Any]]:
    sql = "SELECT trail FROM origin WHERE case_id = ? ORDER BY id"
    for (text,) in connection.execute(sql, (case_id,)):
        for values in json.loads(text):
            yield dict(zip(TRAIL_COLUMNS, values, strict=True))


def _add_rows(
    connection: sqlite3.Connection, case_id: int, entries: Iterable[dict[str, Any]]
) -> None:
    sql = "SELECT id, name FROM cell WHERE case_id = ?"
    names = dict(connection.execute(sql, (case_id,)).fetchall())
    stored: dict[str, dict[str, Row]] = {}
    for table in ADDED_ONLY:
        bound = bound_tables()[table]
        stored[table] = {
            bound.key_of(row): row | {"cell": names.get(row.get("cell_id"), "")}
            for row in rows_of_case(connection, bound, case_id)
        }
    for entry in entries:
        rows = recorded_rows(entry["content"])
        entry["added"] = {
            table: sorted(
                (stored[table][key] for key in rows[table] if key in stored[table]),
                key=lambda row: int(row["id"]),
            )
            for table in ADDED_ONLY
            if table in rows
        }
