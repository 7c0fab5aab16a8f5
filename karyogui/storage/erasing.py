"""Erasing a case for good: its rows, what the trail says of it, and pictures of no other case.

A tombstone stays in the trail: who, when, why and how many cells, and which entries it emptied.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from karyogui.errors import KaryoError
from karyogui.storage import trail
from karyogui.storage.database import Database, raw_connection
from karyogui.storage.image_store import ImageStore
from karyogui.storage.references import PICTURE_COLUMNS
from karyogui.storage.trail_rows import belongs_to_case, bound_tables, rows_of_case


@dataclass(frozen=True)
class Erased:
    """What was erased."""

    cells: int
    pictures: int


def erase_case(database: Database, images: ImageStore, case_id: int, reason: str) -> Erased:
    """Delete a case for good; `KaryoError` when it is not there or the disk refuses."""
    with database.write() as session:
        raw = raw_connection(session.connection())
        found = raw.execute('SELECT is_demo FROM "case" WHERE id = ?', (case_id,)).fetchone()
        if found is None:
            raise KaryoError("This case is not in the data folder.")
        (cells,) = raw.execute("SELECT count(*) FROM cell WHERE case_id = ?", (case_id,)).fetchone()
        keys = _own_pictures(raw, case_id)
        entries = [
            seq for (seq,) in raw.execute("SELECT seq FROM trail WHERE case_id = ?", (case_id,))
        ]
        _delete(raw, case_id)
        trail.append(
            raw,
            trail.head(raw),
            who=database.person,
            act=trail.ERASED,
            case_id=case_id,
            content={"reason": reason, "cells": cells, "erased": entries},
        )
    # The rows are gone from the pages, and now from the log of pages beside them.
    database.tidy()
    return Erased(cells, images.delete(keys))


def _own_pictures(connection: sqlite3.Connection, case_id: int) -> set[str]:
    """Keys of the pictures that only this case names."""
    own: set[str] = set()
    for table, column in PICTURE_COLUMNS:
        rows = rows_of_case(connection, bound_tables()[table], case_id)
        own.update(str(row[column]) for row in rows)
    others: set[str] = set()
    for table, column in PICTURE_COLUMNS:
        bound = bound_tables()[table]
        mine = {bound.key_of(row) for row in rows_of_case(connection, bound, case_id)}
        told = connection.execute(f'SELECT id, "{column}" FROM "{table}"')
        others.update(key for i, key in told if key in own and str(i) not in mine)
    return own - others


def _delete(connection: sqlite3.Connection, case_id: int) -> None:
    """Delete a case's rows and empty its entries, in spite of the triggers that refuse it."""
    connection.execute("PRAGMA secure_delete = ON")
    triggers = connection.execute(
        "SELECT name, sql FROM main.sqlite_master "
        "WHERE type = 'trigger' AND name LIKE '%_refuses_%'"
    ).fetchall()
    for name, _ in triggers:
        connection.execute(f'DROP TRIGGER main."{name}"')
    tables = [bound for bound in bound_tables().values() if belongs_to_case(bound)]
    for bound in reversed(tables):
        keys = [
            tuple(row[column] for column in bound.key)
            for row in rows_of_case(connection, bound, case_id)
        ]
        where = " AND ".join(f'"{column}" = ?' for column in bound.key)
        connection.executemany(f'DELETE FROM "{bound.name}" WHERE {where}', keys)
    connection.execute("UPDATE trail SET content = NULL WHERE case_id = ?", (case_id,))
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'case_search'").fetchone():
        # The index keeps deleted words until it is merged.
        connection.execute("INSERT INTO case_search(case_search) VALUES ('optimize')")
    for _, sql in triggers:
        connection.execute(sql)
    trail.forget_touched(connection)
