"""Whatever stands in a column, `check` tells it and never fails.

`KARYOGUI_ODD_VALUES=all pytest tests/unit/storage/test_check_is_total.py` is the long form.
"""

import json
import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from karyogui.cli import main
from karyogui.storage.checking import Checked, check_folder

DATABASE = "karyogui.db"
ODD: tuple[object, ...] = (
    None, "", "x", "\ud800", "[" * 5000, '{"a": [1, {}]}', "[null]", "null", "NaN", "9" * 400,
    0, -1, 2**63 - 1, float("inf"), float("nan"), 1e308, b"", b"\xff\xfe\x00", b"\x00" * 40,
    "0000-99-99", "2026-03-01", True,
)  # fmt: skip
"""Values of every type that SQLite keeps in any column, whatever its type is called."""


@pytest.fixture(scope="module")
def folder(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = Path(shutil.copytree(original, tmp_path_factory.mktemp("total") / "data"))
    with closing(sqlite3.connect(data / DATABASE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for beside in data.glob("karyogui.db-*"):
        beside.unlink()
    shutil.copy(data / DATABASE, data.parent / "sound.db")
    return data


def renewed(folder: Path) -> sqlite3.Connection:
    """The sound database again, open without any of its own rules."""
    for beside in folder.glob("karyogui.db-*"):
        beside.unlink()
    shutil.copy(folder.parent / "sound.db", folder / DATABASE)
    connection = sqlite3.connect(folder / DATABASE)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    return connection


def places(folder: Path) -> list[tuple[str, str]]:
    """Every column of every table that has a row."""
    found = []
    with closing(renewed(folder)) as connection:
        tables = [
            n
            for (n,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type='table' AND sql NOT LIKE '%VIRTUAL%'"
            )
        ]
        for table in tables:
            if connection.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone():
                told = connection.execute(f'PRAGMA table_info("{table}")')
                found += [(table, column[1]) for column in told]
    return found


def put(folder: Path, table: str, column: str, value: object) -> bool:
    """Put a value into a row; False where the database itself refuses it."""
    with closing(renewed(folder)) as connection:
        stored = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
        cast = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
        last = f'(SELECT max(rowid) FROM "{table}")'
        sql = f'UPDATE "{table}" SET "{column}" = {cast} WHERE rowid = {last}'
        triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
        kept = connection.execute(triggers, (table,)).fetchall()
        for name, _ in kept:  # whoever alters a database by hand gets round them, too
            connection.execute(f'DROP TRIGGER "{name}"')
        try:
            connection.execute(sql, (stored,))
        except sqlite3.Error:
            return False
        for _, definition in kept:
            connection.execute(definition)
        connection.commit()
        return True


def told(folder: Path) -> Checked:
    """The check, and that it can be printed either way."""
    checked = check_folder(folder)
    json.dumps([finding.as_json() for finding in checked.findings])
    return checked


def test_every_odd_value_is_told_and_none_ends_the_check(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trials = [(t, c, v) for t, c in places(folder) for v in ODD]
    number = os.environ.get("KARYOGUI_ODD_VALUES", "60")
    if number != "all":
        trials = random.Random(7).sample(trials, 60)
    failed, looked = [], 0
    for table, column, value in trials:
        if not put(folder, table, column, value):
            continue
        looked += 1
        try:
            told(folder)
            main(["check", "--data-folder", str(folder)])
            main(["check", "--data-folder", str(folder), "--json"])
        except BaseException as error:  # every one is wanted, not the first
            failed.append(f"{table}.{column} = {value!r:.40}: {error!r}")
        capsys.readouterr()
    assert failed == []
    assert looked > len(trials) // 2


def test_what_follows_a_damaged_record_is_checked_all_the_same(folder: Path) -> None:
    with closing(renewed(folder)) as connection:
        connection.execute("DROP TRIGGER trail_refuses_update")
        connection.execute("UPDATE trail SET who = x'ff' WHERE seq = 3")
        connection.execute(
            "UPDATE placement SET slot = 'Q' WHERE rowid IN (SELECT max(rowid) FROM placement)"
        )
        connection.commit()
    kinds = [finding.sentence for finding in told(folder).findings]
    assert any("Entry 3 of the trail" in sentence for sentence in kinds)
    assert any("placement" in sentence for sentence in kinds)


def test_a_master_table_that_cannot_be_read_is_a_finding(folder: Path) -> None:
    with closing(renewed(folder)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = 'CREATE TABLE (' WHERE name = 'cell'")
        connection.commit()
    checked = told(folder)
    assert not checked.is_sound
    assert {finding.kind for finding in checked.findings} & {"database", "schema"}
