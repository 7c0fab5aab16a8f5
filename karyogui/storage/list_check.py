"""Whether the list of cases is as it is worked out of what is stored, and its search whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

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
