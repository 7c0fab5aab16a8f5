"""Whether a data folder is sound: database, tables, pictures, trail and signatures.

Nothing here trusts what it reads: whatever is damaged is a finding, never an error.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from karyogui.storage import trail
from karyogui.storage.case_check import Finding as Finding
from karyogui.storage.case_check import case_findings, entry_fault
from karyogui.storage.damage import DAMAGE, words_of
from karyogui.storage.database import (
    DATABASE_FILE,
    VERSION_TABLE,
    create,
    known_revisions,
    last_revision,
    raw_connection,
    read_only_connection,
    upgrade,
)
from karyogui.storage.image_store import KEY, PICTURES_FOLDER
from karyogui.storage.list_check import altered_list_rows, search_fault
from karyogui.storage.listing_schema import SEARCH
from karyogui.storage.place import IDENTITY_FILE, Anchor, identity_faults, read_anchor
from karyogui.storage.references import named_pictures
from karyogui.storage.signing import broken_sign_offs
from karyogui.storage.trail_rows import Row, select_rows


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing and reads text that is not UTF-8, too.

    The program makes no views: one in place of a table could keep its reader busy without end.
    """
    connection = read_only_connection(path)
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'view'").fetchone():
            raise sqlite3.DatabaseError("it holds a view, which is not of this program")
    except BaseException:
        connection.close()
        raise
    return connection


@dataclass(frozen=True)
class Checked:
    """What a check found; `notes` are oddities that leave the folder sound."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


class _Check:
    """One check of one folder, step by step; what fails is a finding and ends only its step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.findings: list[Finding] = []
        self.notes: list[str] = []

    def find(self, kind: str, where: str, sentence: str, case_id: object = None) -> None:
        """Keep a finding; a `case_id` that is no number is no case's."""
        of = case_id if isinstance(case_id, int) else None
        self.findings.append(Finding(kind, where, sentence, of))

    def step(self, kind: str, act: Callable[[], None]) -> None:
        """Do a step, whatever it meets."""
        try:
            act()
        except DAMAGE as error:
            told = words_of(error)
            self.find(kind, self.folder.name, f"The {kind} cannot be read to the end: {told}.")

    def each(self, kind: str, where: str, act: Callable[[], None]) -> None:
        """Look at one record; one that cannot be read is a finding, and the next one is looked at.

        A file that is damaged ends the step: what comes next cannot be read, either.
        """
        try:
            act()
        except sqlite3.DatabaseError:
            raise
        except DAMAGE as error:
            self.find(kind, where, f"{where} cannot be read: {words_of(error)}.")


def check_folder(folder: Path) -> Checked:
    """Check everything in a data folder; reads only, also while a window has it open."""
    check = _Check(folder)
    anchors: list[Anchor | None] = []  # before the database, which may go on meanwhile
    check.step("identity", lambda: anchors.append(read_anchor(folder)))
    named: set[str] | None = None
    try:
        if (folder / DATABASE_FILE).stat().st_size == 0:
            raise sqlite3.DatabaseError("it is empty")
        connection = open_for_reading(folder / DATABASE_FILE)
    except FileNotFoundError:
        check.find("database", DATABASE_FILE, f"{folder} holds no database {DATABASE_FILE}.")
    except (OSError, sqlite3.Error, ValueError) as error:
        check.find("database", DATABASE_FILE, f"The database cannot be opened: {error}.")
    else:
        try:
            named = check_database(check, connection)
            for anchor in anchors:
                check.step("identity", partial(_check_identity, check, connection, anchor))
        finally:
            connection.close()
        if not any(finding.kind == "schema" for finding in check.findings):
            check.step("list", lambda: _check_list(check))
    check.step("pictures", lambda: _check_pictures(check, named))
    return Checked(tuple(check.findings), tuple(check.notes))


def check_database(check: _Check, connection: sqlite3.Connection) -> set[str] | None:
    """Check all that is in the database; the pictures it names, None where that is not known."""
    tables: set[str] = set()
    check.step("database", lambda: _check_pages(check, connection))
    check.step("schema", lambda: check_schema(check, connection))
    check.step("schema", lambda: tables.update(_tables(connection)))
    if not tables:
        return None  # what it is made of cannot be read
    if "trail" in tables:
        check.step("trail", lambda: _check_trail(check, connection))
        check.step("signatures", lambda: _check_signatures(check, connection))
    else:
        check.notes.append("The database is of a version that kept no trail of all changes yet.")
    named: set[str] = set()
    check.step("pictures", lambda: named.update(named_pictures(connection)))
    return named


def _tables(connection: sqlite3.Connection) -> Iterator[str]:
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'"):
        yield str(name)


def _check_list(check: _Check) -> None:
    """Compare the rows of the list, which no entry binds, with the cases that they are about."""
    path = check.folder / DATABASE_FILE
    with closing(read_only_connection(path)) as connection:
        versions = [v for (v,) in connection.execute(f"SELECT version_num FROM {VERSION_TABLE}")]
    if versions == [last_revision()]:
        for case_id, sentence in altered_list_rows(path):
            check.find("list", f"case_list {case_id}", sentence, case_id)
        if sentence := search_fault(path):
            check.find("list", SEARCH, sentence)


def _check_identity(check: _Check, connection: sqlite3.Connection, anchor: Anchor | None) -> None:
    """Compare the database with what its folder last knew of it."""
    path = check.folder / IDENTITY_FILE
    if path.is_symlink() or (path.exists() and not path.is_file()):
        check.find("identity", IDENTITY_FILE, f"{IDENTITY_FILE} is no file of its own.")
    if anchor is None:
        check.notes.append(f"There is no {IDENTITY_FILE} yet; opening the folder writes it.")
        return
    for sentence in identity_faults(connection, anchor):
        check.find("identity", IDENTITY_FILE, sentence)
    later = trail.head(connection).seq - anchor.head.seq
    if later > 0:
        count = "The last entry" if later == 1 else f"The last {later} entries"
        check.notes.append(
            f"{count} of the trail came after what {IDENTITY_FILE} knows: written just now, before "
            "a power cut, or by another program."
        )


def _check_pages(check: _Check, connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN")
    for (told,) in connection.execute("PRAGMA integrity_check(100)"):
        if told != "ok":
            check.find("database", DATABASE_FILE, f"The database file is damaged: {told}.")
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        where = f"{table} {row}"
        check.find("database", where, f"Row {row} of {table} belongs to a {parent} that is gone.")


def check_schema(check: _Check, connection: sqlite3.Connection) -> None:
    """Compare version, tables, columns, indexes and triggers with what the program makes."""
    versions = [str(v) for (v,) in connection.execute(f"SELECT version_num FROM {VERSION_TABLE}")]
    if len(versions) != 1 or versions[0] not in known_revisions():
        is_newer = len(versions) == 1 and versions[0] > last_revision()
        how = (
            "was made by a newer version of KaryoGUI" if is_newer else "does not state its version"
        )
        check.find("schema", VERSION_TABLE, f"The database {how}.")
        return
    if versions[0] != last_revision():
        check.notes.append("The database is of an earlier version; opening it brings it up.")
    there, wanted = _schema(connection), _wanted_schema(versions[0])
    for name in sorted(wanted.keys() | there.keys()):
        if name not in there:
            check.find("schema", name, f"{name} is missing from the database.")
        elif name not in wanted:
            check.find("schema", name, f"{name} is in the database and not of this program.")
        elif there[name] != wanted[name]:
            check.find("schema", name, f"{name} is not as the program made it.")


def _schema(connection: sqlite3.Connection) -> dict[str, Any]:
    """What the database is made of, by name; tables by their columns, the rest by its text."""
    found: dict[str, Any] = {}
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master"):
        if str(name).startswith("sqlite_"):
            continue
        told: Any = " ".join(str(sql).replace('"', "").split())
        if kind == "table" and not told.upper().startswith("CREATE VIRTUAL"):
            columns = connection.execute(f'PRAGMA table_info("{name}")')
            told = sorted((c[1], bool(c[3]), bool(c[5])) for c in columns)
        found[f"{kind} {name}"] = told
    return found


@cache
def _wanted_schema(revision: str) -> Mapping[str, Any]:
    """What the program makes, of the present version or as it was in an earlier one."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            if revision == last_revision():
                create(connection, revision)
            else:
                upgrade(connection, revision)
            return _schema(raw_connection(connection))
    finally:
        engine.dispose()


# -- the trail -----------------------------------------------------------------------------------


def _check_trail(check: _Check, connection: sqlite3.Connection) -> None:
    _check_chain(check, connection)
    cases = [i for (i,) in connection.execute('SELECT id FROM "case"')]
    told = [i for (i,) in connection.execute("SELECT DISTINCT case_id FROM trail")]
    for case_id in (*sorted({*cases, *told} - {None}, key=str), None):
        if case_id is None or isinstance(case_id, int):
            where = "What belongs to no case" if case_id is None else f"Case {case_id}"
            check.each("trail", where, partial(_check_case, check, connection, case_id))
        else:
            check.find("trail", "trail", f"The trail names a case {case_id!r}, which is no number.")


def _check_case(check: _Check, connection: sqlite3.Connection, case_id: int | None) -> None:
    check.findings += case_findings(connection, case_id)


@dataclass
class _Chain:
    """How far the chain of the trail has been followed."""

    before: trail.Head = field(default_factory=trail.Head)
    erased: set[int] = field(default_factory=set)
    empty: dict[int, str] = field(default_factory=dict)


def _check_chain(check: _Check, connection: sqlite3.Connection) -> None:
    """Every entry by its own hash and by that of the one before it."""
    chain = _Chain()
    for entry in select_rows(connection, "SELECT * FROM trail ORDER BY seq"):
        where = f"Entry {entry['seq']} of the trail"
        check.each("trail", where, partial(_check_link, check, chain, entry))
    for seq in chain.empty.keys() - chain.erased:
        told = f"The content of entry {seq} of the trail is missing."
        check.find("trail", chain.empty[seq], told)
    if chain.before.seq == 0:
        check.find("trail", "trail", "The trail is empty.")


def _check_link(check: _Check, chain: _Chain, entry: Row) -> None:
    seq, before = entry["seq"], chain.before
    where = f"trail {seq}"
    chain.before = trail.Head(seq, entry["sha256"])
    if seq != before.seq + 1:
        missing = f"Entries {before.seq + 1} to {seq - 1} of the trail are missing."
        check.find("trail", where, missing)
    elif entry["previous"] != before.sha256:
        check.find("trail", where, f"Entry {seq} of the trail does not follow the one before.")
    if sentence := entry_fault(entry):
        check.find("trail", where, sentence, entry["case_id"])
    if entry["content"] is None:
        chain.empty[seq] = where
        return
    content = _content(entry)
    chain.erased.update(each for each in content.get("erased", ()) if isinstance(each, int))
    if back := content.get("clock_set_back"):
        said = f"Before entry {seq} of the trail the clock was set back by {back} s."
        check.notes.append(said)


def _content(entry: Row) -> dict[str, Any]:
    try:
        told = json.loads(entry["content"])
    except (ValueError, TypeError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _check_signatures(check: _Check, connection: sqlite3.Connection) -> None:
    for broken in broken_sign_offs(connection):
        where = f"cell {broken.cell_id}"
        check.find("signatures", where, broken.sentence, broken.case_id)


# -- pictures ------------------------------------------------------------------------------------


def _check_pictures(check: _Check, named: set[str] | None) -> None:
    """Every picture there by its sha256, and every picture that the database names."""
    there: set[str] = set()
    for path in sorted((check.folder / PICTURES_FOLDER).glob("??/*")):
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode):
            check.find("pictures", path.name, f"{path.name} among the pictures is no plain file.")
        elif not KEY.fullmatch(path.name) or path.parent.name != path.name[:2]:
            check.notes.append(f"{path.name} among the pictures is not of this program.")
        else:
            there.add(path.name)
            _check_picture(check, path)
    for key in sorted((named or set()) - there):
        check.find("pictures", key, f"The picture {key} is missing.")
    if named is not None and (left := len(there - named)):
        check.notes.append(f"{left} stored pictures belong to no case.")


def _check_picture(check: _Check, path: Path) -> None:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        check.find("pictures", path.name, f"The picture {path.name} cannot be read: {error}.")
        return
    if not path.name.startswith(digest):
        check.find("pictures", path.name, f"The picture {path.name} is damaged.")
