"""One case in a file of its own: its rows under their numbers, its trail, its pictures.

Where it is imported the rows get new numbers; the trail it had is kept as it was, so that it and
the sign-offs can be verified there.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine
from sqlalchemy.exc import DatabaseError

from karyogui.errors import KaryoError
from karyogui.storage import trail
from karyogui.storage.bundle import (
    CASE,
    CASE_DATABASE,
    Bundle,
    opened,
    picture_member,
    write_bundle,
)
from karyogui.storage.case_check import case_findings, entry_fault
from karyogui.storage.cases import next_case_id, unique_name
from karyogui.storage.checking import open_for_reading
from karyogui.storage.database import (
    Database,
    create,
    last_revision,
    raw_connection,
    upgrade,
)
from karyogui.storage.files import (
    database_error,
    disk_error,
    refuse_stored,
    scratch_folder,
    sync_folder,
)
from karyogui.storage.image_store import ImageStore
from karyogui.storage.references import named_pictures
from karyogui.storage.signing import broken_sign_offs
from karyogui.storage.tables import Base
from karyogui.storage.trail_rows import (
    Bound,
    Row,
    belongs_to_case,
    bound_tables,
    rows_of_case,
    select_rows,
)
from model.vocabulary.files import refuse_protected, replacing

CASE_SUFFIX = ".karyocase"
TRAIL_COLUMNS = (
    "seq", "at", "who", "act", "case_id", "cell_id", "content", "content_sha256", "previous",
    "sha256",
)  # fmt: skip
"""An entry of a trail elsewhere, as it is kept."""
OF_PERSONS = (
    "sign_off", "case_act", "report_version", "second_reading", "reading_decision", "sitting",
    "origin",
)  # fmt: skip
"""Tables that an anonymous form has nothing of: no trail could vouch for what they say."""
Rows = dict[str, list[Row]]
"""Rows by table, parents first."""


@dataclass(frozen=True)
class Change:
    """What an anonymised form makes of a case: other rows, and pictures by their new keys."""

    rows: Rows
    pictures: dict[str, bytes]
    left_out: tuple[str, ...] = ()


Anonymise = Callable[[Rows, Callable[[str], bytes]], Change]


@dataclass(frozen=True)
class ImportedCase:
    """What came in."""

    case_id: int
    cell_ids: tuple[int, ...]
    name: str
    was_named: str


# -- out -----------------------------------------------------------------------------------------


def export_case(
    database: Database,
    images: ImageStore,
    case_id: int,
    target: Path,
    anonymise: Anonymise | None = None,
) -> tuple[str, ...]:
    """Write a case into a file, verified; what an anonymised form had to leave out is reported.

    `KaryoError` for a case that was altered outside the program, a missing picture and a disk that
    refuses: then there is no file.
    """
    refuse_stored(target)
    try:
        refuse_protected(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(target.parent) as scratch:
            with database.read() as session:
                raw = raw_connection(session.connection())
                _refuse_altered(raw, case_id)
                rows = _rows_of(raw, case_id)
                entries = list(_entries(raw, case_id))
                facts = _facts(raw)
            pictures: dict[str, bytes] | None = None
            left_out: tuple[str, ...] = ()
            if anonymise is not None:
                change = anonymise(rows, images.read)
                rows, pictures, left_out = change.rows, change.pictures, change.left_out
                entries, facts["library"], facts["head"] = [], "", ""
            copy = scratch / CASE_DATABASE
            _fill(copy, rows, entries)
            members = [(copy, CASE_DATABASE)]
            with closing(open_for_reading(copy)) as made:
                keys = sorted(named_pictures(made))
            for key in keys:
                data = images.read(key) if pictures is None else pictures[key]
                place = scratch / key
                place.write_bytes(data)
                members.append((place, picture_member(key)))
            with replacing(target, scratch) as unfinished:
                write_bundle(unfinished, CASE, members, facts)
                unfinished.chmod(0o600)
                with opened(unfinished, CASE) as bundle:
                    bundle.verify()
        sync_folder(target.parent)
    except OSError as error:
        raise disk_error(error, target) from error
    except (sqlite3.Error, DatabaseError) as error:
        damaged = KaryoError(f"The case could not be written to {target}: {error}.")
        raise database_error(error, target, damaged) from error
    return left_out


def _refuse_altered(connection: sqlite3.Connection, case_id: int) -> None:
    found = [f.sentence for f in case_findings(connection, case_id)]
    found += [broken.sentence for broken in broken_sign_offs(connection, case_id)]
    if found:
        raise KaryoError(
            f"The case was altered outside the program and is not exported: {found[0]}",
            "Run `check` on the data folder.",
        )


def _rows_of(connection: sqlite3.Connection, case_id: int) -> Rows:
    return {
        bound.name: list(rows_of_case(connection, bound, case_id))
        for bound in bound_tables().values()
        if belongs_to_case(bound)
    }


def _entries(connection: sqlite3.Connection, case_id: int) -> Iterable[Row]:
    sql = "SELECT * FROM trail WHERE case_id = ? AND act != ? ORDER BY seq"
    return select_rows(connection, sql, (case_id, trail.ERASED))


def _facts(connection: sqlite3.Connection) -> dict[str, Any]:
    last = trail.head(connection)
    return {
        "revision": last_revision(),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "library": trail.identity(connection),
        "head": [last.seq, last.sha256],
    }


def _fill(path: Path, rows: Rows, entries: Iterable[Row]) -> None:
    """Make a database of these rows, as they are."""
    engine = create_engine(URL.create("sqlite", database=str(path)))
    try:
        with engine.begin() as connection:
            create(connection, last_revision())
            raw = raw_connection(connection)
            for table, each in (*rows.items(), ("trail", list(entries))):
                for row in each:
                    _insert(raw, table, row)
    finally:
        engine.dispose()


def _insert(connection: sqlite3.Connection, table: str, row: Row) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join("?" * len(row))
    connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({places})', tuple(row.values()))


# -- in ------------------------------------------------------------------------------------------


def import_case(
    database: Database, images: ImageStore, path: Path, name: str | None = None
) -> ImportedCase:
    """Bring a case of a file in, all or nothing; a name that is taken gets a number.

    `KaryoError` for a file that is damaged, altered or of a newer version, and for a full disk.
    """
    try:
        with scratch_folder(Path(tempfile.gettempdir())) as scratch:
            folder = scratch / "case"
            with opened(path, CASE) as bundle:
                bundle.unpack(folder)
                rows, entries = _read(folder / CASE_DATABASE, bundle)
                with images.batch() as batch:
                    for member in bundle.names():
                        if member != CASE_DATABASE:
                            key = batch.put(folder.joinpath(*member.split("/")).read_bytes())
                            if key != member.rpartition("/")[2]:
                                raise _altered(path)
                    batch.sync()
                    return _store(database, rows, entries, bundle, name)
    except OSError as error:
        raise disk_error(error, path) from error
    except (sqlite3.Error, DatabaseError, KeyError, TypeError, ValueError) as error:
        raise database_error(error, Path(tempfile.gettempdir()), _altered(path)) from error


def _read(path: Path, bundle: Bundle) -> tuple[Rows, list[Row]]:
    """Rows and trail of a case file, brought to the present version; it is checked before."""
    with closing(open_for_reading(path)) as connection:
        (case_id,) = connection.execute('SELECT id FROM "case"').fetchone()
        entries = list(_entries(connection, case_id))
        is_sound = all(not entry_fault(entry) for entry in entries)
        if bundle.facts.get("library"):
            is_sound &= not case_findings(connection, case_id)
            is_sound &= not broken_sign_offs(connection, case_id)
        else:
            is_sound &= not entries and not any(_has_rows(connection, t) for t in OF_PERSONS)
        missing = {picture_member(key) for key in named_pictures(connection)} - set(bundle.names())
    if not is_sound or missing:
        raise _altered(bundle.path)
    if bundle.facts["revision"] != last_revision():
        engine = create_engine(URL.create("sqlite", database=str(path)))
        try:
            with engine.begin() as connection_:
                upgrade(connection_)
        finally:
            engine.dispose()
    with closing(open_for_reading(path)) as connection:
        return _rows_of(connection, case_id), entries


def _has_rows(connection: sqlite3.Connection, table: str) -> bool:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return bool(known and connection.execute(f'SELECT 1 FROM "{table}"').fetchone())


def _altered(path: Path) -> KaryoError:
    return KaryoError(
        f"{path.name} was altered after it was exported, or is damaged.", "Nothing was imported."
    )


def _store(
    database: Database, rows: Rows, entries: list[Row], bundle: Bundle, name: str | None
) -> ImportedCase:
    with database.write() as session:
        raw = raw_connection(session.connection())
        (case,) = rows["case"]
        taken = [n for (n,) in raw.execute('SELECT name FROM "case" WHERE deleted_at IS NULL')]
        was_named, old_id = case["name"], case["id"]
        case = case | {"name": unique_name(name or was_named, taken), "deleted_at": None}
        numbers = {("case", old_id): next_case_id(raw)}
        for bound in bound_tables().values():
            for row in [case] if bound.name == "case" else rows.get(bound.name, ()):
                _insert(raw, bound.name, _renumbered(raw, bound, row, numbers))
        case_id = numbers["case", old_id]
        if bundle.facts.get("library"):
            _insert(raw, "origin", _origin(raw, case_id, entries, bundle))
        cells = tuple(new for (table, _), new in numbers.items() if table == "cell")
    return ImportedCase(case_id, cells, case["name"], was_named)


def _renumbered(
    connection: sqlite3.Connection, bound: Bound, row: Row, numbers: dict[tuple[str, Any], int]
) -> Row:
    """A row with its new number and those of the rows that it hangs on."""
    told = dict(row)
    for column in Base.metadata.tables[bound.name].columns:
        for foreign in column.foreign_keys:
            old = (foreign.column.table.name, row[column.name])
            told[column.name] = None if old[1] is None else numbers.get(old)
    if bound.key == ("id",):
        if (bound.name, row["id"]) not in numbers:
            (last,) = connection.execute(f'SELECT max(id) FROM "{bound.name}"').fetchone()
            numbers[bound.name, row["id"]] = (last or 0) + 1
        told["id"] = numbers[bound.name, row["id"]]
    return told


def _origin(
    connection: sqlite3.Connection, case_id: int, entries: list[Row], bundle: Bundle
) -> Row:
    (last,) = connection.execute("SELECT max(id) FROM origin").fetchone()
    made = datetime.fromisoformat(str(bundle.facts["made"])).astimezone(UTC)
    return {
        "id": (last or 0) + 1,
        "case_id": case_id,
        "library": str(bundle.facts["library"]),
        "exported": made.strftime("%Y-%m-%d %H:%M:%S.%f"),
        "trail": json.dumps([[entry[c] for c in TRAIL_COLUMNS] for entry in entries]),
    }
