"""The trail of a case for whoever reads it, and what of a case was altered outside the program."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from karyogui.storage.case_check import case_findings
from karyogui.storage.case_file import TRAIL_COLUMNS
from karyogui.storage.database import Database, raw_connection
from karyogui.storage.signing import broken_sign_offs
from karyogui.storage.trail_rows import select_rows


def altered_parts(database: Database, case_id: int) -> tuple[str, ...]:
    """What of a case was altered outside the program, a sentence each; none for a sound one."""
    with database.read() as session:
        raw = raw_connection(session.connection())
        found = [broken.sentence for broken in broken_sign_offs(raw, case_id)]
        found += [finding.sentence for finding in case_findings(raw, case_id)]
    return tuple(found)


def trail_entries(database: Database, case_id: int | None) -> Iterator[tuple[dict[str, Any], bool]]:
    """Entries of a case with the names of their cells, and whether they were made elsewhere.

    Those come first: they were written before the case came here.
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
    yield from ((entry, True) for entry in elsewhere)
    yield from ((entry, False) for entry in here)


def _elsewhere(connection: sqlite3.Connection, case_id: int) -> Iterator[dict[str, Any]]:
    sql = "SELECT trail FROM origin WHERE case_id = ? ORDER BY id"
    for (text,) in connection.execute(sql, (case_id,)):
        for values in json.loads(text):
            yield dict(zip(TRAIL_COLUMNS, values, strict=True))
