"""Whatever is altered in the database by SQL, in any table, is found, and told where.

`KARYOGUI_ALTERATIONS=200 pytest -s tests/unit/storage/test_alterations.py` is the long form.
"""

import contextlib
import os
import random
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from karyogui.errors import KaryoError
from karyogui.services.workspace import open_workspace
from karyogui.storage.checking import check_folder
from karyogui.storage.trail_rows import bound_tables

LIST = ("case_list", "case_summary", "case_search_content")
"""Tables that no entry binds: what they hold is worked out again and compared."""
ALTERATIONS = int(os.environ.get("KARYOGUI_ALTERATIONS", "40"))
"""How many alterations are tried; more tell more."""


@pytest.fixture(scope="module")
def whole(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A third case came from elsewhere."""
    folder = Path(shutil.copytree(original, tmp_path_factory.mktemp("altered") / "data"))
    workspace = open_workspace(folder)
    workspace.record.export_case(2, folder.parent / "case")
    workspace.record.import_case(folder.parent / "case")
    workspace.library.summaries()
    workspace.close()
    assert check_folder(folder).findings == ()
    return folder


def other_value(value: Any, chance: random.Random) -> Any:
    """A value of the same kind that is another."""
    if isinstance(value, int):
        return value + chance.choice((-1, 1, 7))
    if isinstance(value, float):
        return value + chance.choice((-1.0, 0.001, 1e-9))
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    if isinstance(value, str) and value:
        at = chance.randrange(len(value))
        return value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]
    return "1"


def alter(connection: sqlite3.Connection, table: str, chance: random.Random) -> str:
    """Alter, delete or double one row of a table; what was done."""
    columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
    rows = connection.execute(f'SELECT rowid, * FROM "{table}"').fetchall()
    number, *values = chance.choice(rows)
    act = chance.choice(("alter", "alter", "alter", "delete", "double"))
    if act == "delete":
        connection.execute(f'DELETE FROM "{table}" WHERE rowid = ?', (number,))
        return f"{table} {number} deleted"
    if act == "double":
        keys = bound_tables()[table].key if table in bound_tables() else columns[:1]
        values = [
            other_value(v, chance) if c == keys[-1] else v
            for c, v in zip(columns, values, strict=True)
        ]
        places = ", ".join("?" * len(values))
        connection.execute(f'INSERT OR IGNORE INTO "{table}" VALUES ({places})', values)
        return f"{table} {number} doubled"
    column = chance.randrange(len(columns))
    value = other_value(values[column], chance)
    connection.execute(
        f'UPDATE OR IGNORE "{table}" SET "{columns[column]}" = ? WHERE rowid = ?', (value, number)
    )
    return f"{table} {number}: {columns[column]} {values[column]!r:.60} -> {value!r:.60}"


def altered(folder: Path, number: int) -> str:
    """Alter one row, in spite of triggers and references; empty when SQLite refused it."""
    chance = random.Random(number)
    connection = sqlite3.connect(folder / "karyogui.db", isolation_level=None)
    try:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f'DROP TRIGGER "{name}"')
        tables = [*bound_tables(), "trail", "alembic_version", *LIST]
        filled_ = [
            t for t in tables if connection.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0]
        ]
        before = connection.total_changes
        told = alter(connection, filled_[number % len(filled_)], chance)
        is_done = connection.total_changes > before
        for _, sql in triggers:
            connection.execute(sql)
        return told if is_done else ""
    finally:
        connection.close()


def test_every_alteration_by_sql_is_found(whole: Path, tmp_path: Path) -> None:
    tables: Counter[str] = Counter()
    missed = []
    number = done = 0
    while done < ALTERATIONS:
        folder = tmp_path / str(number)
        shutil.copytree(whole, folder)
        told = altered(folder, number)
        if told:
            done += 1
            tables[told.split()[0]] += 1
            checked = check_folder(folder)
            if checked.is_sound:
                missed.append(told)
        shutil.rmtree(folder)
        number += 1
    print(f"{done} alterations of {len(tables)} tables, {done - len(missed)} found: {dict(tables)}")  # noqa: T201
    assert missed == []
    assert len(tables) >= min(ALTERATIONS // 3, 18)


def test_the_program_can_open_every_altered_folder_or_says_why(whole: Path, tmp_path: Path) -> None:
    """An alteration is contained: the start never fails by it with a bug."""
    for number in range(1000, 1000 + ALTERATIONS // 2):
        folder = tmp_path / str(number)
        shutil.copytree(whole, folder)
        told = altered(folder, number)
        try:
            workspace = open_workspace(folder)
        except KaryoError:
            continue
        try:
            for case_id in (1, 2, 3):
                with contextlib.suppress(KaryoError):
                    workspace.library.case(case_id)
            for cell_id in (1, 2, 3, 4):
                with contextlib.suppress(KaryoError):
                    workspace.library.cell(cell_id)
        except Exception as error:
            pytest.fail(f"{told}: {error!r}")
        finally:
            workspace.close()
