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

from karyogui.domain.case_result.cells import CellStatus
from karyogui.domain.case_review import ActKind, CaseAct, ReportVersion, Role
from karyogui.domain.karyogram import Karyogram
from karyogui.domain.labelled_changes import LabelledChange
from karyogui.errors import KaryoError
from karyogui.services.case_work import set_constitution, set_status
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.storage.checking import check_folder
from karyogui.storage.tables import CheckDecisionRow
from karyogui.storage.trail_rows import bound_tables
from tests.unit.records import NOW

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
    _fill_the_rest(workspace)
    workspace.library.summaries()
    assert workspace.library.listing.stale == 0  # what waits is worked out again, altered or not
    workspace.close()
    assert check_folder(folder).findings == ()
    with contextlib.closing(sqlite3.connect(folder / "karyogui.db")) as connection:
        empty = [
            table
            for table in bound_tables()
            if not connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
        ]
    assert empty == []
    return folder


def _fill_the_rest(workspace: Workspace) -> None:
    """Notes, a labelled change, a word on an object, a second reading, an issued report."""
    cell = workspace.library.cell(2)
    workspace.reviews.label(
        2, None, LabelledChange("", "add(1)(p36)", (cell.chromosomes[0].id,)), "A"
    )
    with workspace._database.write() as session:  # the check of these cells lists nothing
        word = {
            "cell_id": 2,
            "object_id": "c01",
            "mask_key": "",
            "origin": [1, 2],
            "kind": "debris",
        }
        session.add(CheckDecisionRow(**word, is_right=True, who="Ann", at=NOW))
    case = workspace.library.case(1)
    workspace.case_work.record(set_status(case.cells[1], CellStatus.ANALYSED), "Ann")
    workspace.case_work.record(set_constitution(case, "XX"), "Ann")
    seen = workspace.second_readings.begin(2, "Bert Ozil")
    karyogram = Karyogram(seen.placements)
    item = seen.chromosomes[0].id
    slot = "2" if karyogram.placement(item).slot != "2" else "3"
    karyogram.apply(karyogram.move([item], slot))
    reading = workspace.second_readings.finish(2, "Bert Ozil", NOW, "", karyogram.placements)
    workspace.second_readings.resolve(reading, item, True, "Bands", "Dora Lee")
    act = CaseAct(ActKind.SIGN, "Dora Lee", NOW, 1, Role.APPROVED, "approved")
    version = ReportVersion(1, "Dora Lee", NOW, "", {"result": "46,XX"})
    workspace.case_reports._reviews.add(2, lambda review: act, (version, b"%PDF-1.7"))


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
    connection.execute("BEGIN")  # of its own, each of some hundred acts took longer than the check
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
        connection.execute("COMMIT")
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


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM case_search_idx",
        "DELETE FROM case_search_docsize",
        "UPDATE case_search_docsize SET sz = x'00' WHERE id = 2",
        "DELETE FROM case_search_data WHERE id = (SELECT max(id) FROM case_search_data)",
        "UPDATE case_search_data SET block = zeroblob(length(block)) WHERE id > 10",
        "UPDATE case_search_data SET block = NULL WHERE id > 10",
        "INSERT INTO case_search(rowid, text) VALUES (99, 'foreign')",
        "INSERT INTO case_stale VALUES (99, 1)",
    ],
)
def test_an_altered_index_of_the_search_is_found(whole: Path, tmp_path: Path, sql: str) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "data"))
    with contextlib.closing(sqlite3.connect(folder / "karyogui.db")) as connection:
        connection.execute(sql)
        connection.commit()
    assert {finding.kind for finding in check_folder(folder).findings} == {"list"}
