"""Whether the rows of a case, and its row of the list, are as they were stored and worked out."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from karyogui.storage import trail
from karyogui.storage.case_listing import WAY, kept_as
from karyogui.storage.damage import DAMAGE, words_of
from karyogui.storage.database import read_only_connection
from karyogui.storage.listing_schema import (
    SEARCH,
    CaseListRow,
    CaseStaleRow,
    CaseSummaryRow,
)
from karyogui.storage.tables import CaseRow
from karyogui.storage.trail_rows import Row, bound_tables, row_hash, select_rows


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be: of which kind, where, and in one sentence."""

    kind: str
    where: str
    sentence: str
    case_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """For `check --json`."""
        told: dict[str, Any] = {"kind": self.kind, "where": self.where, "sentence": self.sentence}
        return told | ({} if self.case_id is None else {"case_id": self.case_id})


def entry_fault(entry: Row) -> str:
    """What is wrong with an entry by itself, in a sentence; empty for nothing."""
    seq, content = entry["seq"], entry["content"]
    if content is not None:
        digest = hashlib.sha256(str(content).encode("utf-8", "surrogateescape")).hexdigest()
        if digest != entry["content_sha256"]:
            return f"The content of entry {seq} of the trail was altered."
    if trail.entry_hash(entry) != entry["sha256"]:
        return f"Entry {seq} of the trail was altered."
    return ""


def case_findings(
    connection: sqlite3.Connection, case_id: int | None, cell_id: int | None = None
) -> list[Finding]:
    """Rows of a case, or of none, that are other than the trail says; and entries altered.

    With a `cell_id` only what belongs to that cell, or to the case as a whole.
    """
    findings = [
        Finding("trail", f"trail {entry['seq']}", sentence, case_id)
        for entry in _entries_with_faults(connection, case_id, cell_id)
        if (sentence := entry["fault"])
    ]
    known = trail.known_hashes(connection, case_id, cell_id)
    for bound in bound_tables().values():
        was = dict(known.get(bound.name, {}))
        for row in trail.rows_bound(connection, bound, case_id, cell_id):
            key = bound.key_of(row)
            digest = was.pop(key, None)
            if digest is None:
                how = "was put in outside the program"
            elif digest != row_hash(bound.name, row):
                how = "was altered outside the program"
            else:
                continue
            findings.append(_row_finding(bound.name, key, how, case_id))
        if was and cell_id is not None:  # rows of other cells in the same entries
            others = trail.rows_bound(connection, bound, case_id)
            was = {k: was[k] for k in was.keys() - {bound.key_of(row) for row in others}}
        for key in was:
            how = "was deleted outside the program"
            findings.append(_row_finding(bound.name, key, how, case_id))
    return findings


def _entries_with_faults(
    connection: sqlite3.Connection, case_id: int | None, cell_id: int | None
) -> Iterator[Row]:
    """Entries of one case; those of no case are looked at with the chain."""
    if case_id is None:
        return
    sql = "SELECT * FROM trail WHERE case_id IS ? AND (? IS NULL OR ifnull(cell_id, ?) = ?)"
    for entry in select_rows(connection, f"{sql} ORDER BY seq", (case_id, *(cell_id,) * 3)):
        yield entry | {"fault": entry_fault(entry)}


def _row_finding(table: str, key: str, how: str, case_id: int | None) -> Finding:
    of = "" if case_id is None else f" of case {case_id}"
    name = table.replace("_", " ")
    where = f"{table} {key}"
    return Finding("trail", where, f"The {name} {key}{of} {how}.", case_id)


def altered_cases(connection: sqlite3.Connection) -> frozenset[int | None]:
    """Cases of which something was altered outside the program."""
    told = connection.execute('SELECT id FROM "case" UNION SELECT case_id FROM trail')
    return frozenset(i for (i,) in [*told.fetchall(), (None,)] if case_findings(connection, i))


def altered_list_rows(path: Path) -> Iterator[tuple[int, str]]:
    """Cases whose kept rows are other than they are worked out, each with a sentence.

    Those that wait to be worked out, and those of another version, are left alone.
    """
    engine = create_engine("sqlite://", creator=lambda: read_only_connection(path))
    try:
        with Session(engine) as session:
            stale = set(session.scalars(select(CaseStaleRow.case_id)))
            there = set(session.scalars(select(CaseRow.id)))
            listed = {row.case_id: row for row in session.scalars(select(CaseListRow))}
            for case_id in sorted(there - listed.keys() - stale):
                yield case_id, f"Case {case_id} is missing from the list."
            kept_ids = set(session.scalars(select(CaseSummaryRow.case_id)))
            kept_ids |= set(session.execute(text("SELECT rowid FROM case_search")).scalars())
            for case_id in sorted((listed.keys() | kept_ids | stale) - there):
                yield case_id, f"The list names a case {case_id} that is not there."
            for case_id in sorted((there & listed.keys()) - stale):
                row = listed[case_id]
                if row.way != WAY:
                    continue
                try:
                    is_same = _is_as_worked_out(session, case_id, row)
                except DAMAGE as error:
                    session.rollback()
                    yield case_id, f"The list's row of case {case_id}: {words_of(error)}."
                else:
                    if not is_same:
                        yield case_id, f"The list's row of case {case_id} was altered."
    finally:
        engine.dispose()


def search_fault(path: Path) -> str:
    """What is wrong with the index of words behind the search, in a sentence; empty for nothing.

    SQLite looks through an index only where it may write: so it is looked at in a copy.
    """
    with (
        closing(read_only_connection(path)) as kept,
        closing(sqlite3.connect(":memory:")) as copy,
    ):
        tables = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name GLOB ?"
        ((_, made),) = kept.execute(tables, (SEARCH,)).fetchall()
        copy.execute(made)
        for name, _ in kept.execute(tables, (f"{SEARCH}_*",)).fetchall():
            copy.execute(f'DELETE FROM "{name}"')
            rows = kept.execute(f'SELECT * FROM "{name}"')
            places = ", ".join("?" * len(rows.description))
            copy.executemany(f'INSERT INTO "{name}" VALUES ({places})', rows)
        try:
            copy.execute(f"INSERT INTO {SEARCH}({SEARCH}) VALUES ('integrity-check')")
            is_whole = _is_each_page_known(copy)
        except sqlite3.DatabaseError:
            is_whole = False
    told = "The index behind the search of the list is damaged or was altered."
    return "" if is_whole else told


def _is_each_page_known(connection: sqlite3.Connection) -> bool:
    """Whether the words of every page can be found: SQLite itself does not look at that.

    A page is numbered by its segment (from bit 37 on) and place (bits 0 to 30); its third and
    fourth byte say where its list of words begins, which is at its end where none begins on it.
    """
    known = set(connection.execute(f"SELECT segid, pgno >> 1 FROM {SEARCH}_idx").fetchall())
    pages = connection.execute(f"SELECT id, block FROM {SEARCH}_data WHERE id > 10").fetchall()
    return all(
        (number >> 37, number & 0x7FFFFFFF) in known
        for number, block in pages
        if not number >> 36 & 1 and int.from_bytes(block[2:4], "big") < len(block)
    )


def _is_as_worked_out(session: Session, case_id: int, row: CaseListRow) -> bool:
    wanted, document, words = kept_as(session, case_id)
    present = {name: getattr(row, name) for name in wanted}
    kept = session.get(CaseSummaryRow, case_id)
    indexed = session.execute(
        text("SELECT text FROM case_search WHERE rowid = :id"), {"id": case_id}
    ).scalar()
    is_same = kept is not None and kept.document == document
    return present == wanted and is_same and indexed == words
