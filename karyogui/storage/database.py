"""The SQLite file: one engine, one short session per call, brought to the present version."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from karyogui.errors import KaryoError
from karyogui.storage import trail
from karyogui.storage.listing_schema import make_listing
from karyogui.storage.tables import APPEND_ONLY, Base

DATABASE_FILE = "karyogui.db"
MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"
BUSY_SECONDS = 10.0
"""How long a call waits for another one's transaction before it gives up."""
HURRIED_SECONDS = 0.25
"""How long the thread of a window waits for another program."""
UNKNOWN = "unknown person"
"""Who stands in the trail where nobody is known."""
WATCHED = "karyogui_watched"
"""Marks a connection that notes what it changes."""


class Database:
    """Sessions on one database file. Raises `KaryoError` for whatever the disk is to blame for."""

    def __init__(self, path: Path, who: Callable[[], str] = lambda: UNKNOWN) -> None:
        """Open or create the file and migrate it; `KaryoError` if it is newer than the program.

        `who` tells the person who stands in the trail where nobody else is named.
        """
        self.path = path
        self.who = who
        self._writing = threading.Lock()
        self._hurried: dict[int, float] = {}
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS}
        )
        event.listen(self._engine, "connect", _set_up_connection)
        event.listen(self._engine, "begin", self._begin)
        self._recorded = self._engine.execution_options(begin_immediately=True, recorded=True)
        try:
            with self._translated():
                _migrate(self._engine, path)
                self.head = self._present_head()
        except BaseException:
            self.close()
            raise

    def hurry(self, seconds: float = HURRIED_SECONDS) -> None:
        """Let the present thread, that of a window, wait no longer than this for other programs.

        Among its own threads the program waits for its turn all the same, which takes milliseconds.
        """
        self._hurried[threading.get_ident()] = seconds

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on one consistent state of the database."""
        with self._translated(), Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self, reason: str = "") -> Iterator[Session]:
        """A session in one transaction: all of it is stored at the end, or none.

        What it changed is an entry of the trail, with the `reason` that a person gave.
        """
        with self._one_writer(), self._translated():
            with Session(self._recorded) as session, session.begin():
                raw = raw_connection(session.connection())
                trail.forget_touched(raw)
                yield session
                session.flush()
                head = trail.append_touched(raw, self.person, reason)
            self.head = head

    def note(self, act: str, content: Mapping[str, Any], case_id: int | None = None) -> None:
        """Put something into the trail that is not in the database: a model, a setting."""
        with self.write() as session:
            raw = raw_connection(session.connection())
            trail.append(
                raw, trail.head(raw), who=self.person, act=act,
                case_id=case_id, content=content,
            )  # fmt: skip

    @property
    def person(self) -> str:
        """Who stands in the trail where nobody else is named."""
        return self.who().strip() or UNKNOWN

    def tidy(self) -> None:
        """Bring all that is stored into the one file, and empty the log beside it."""
        with self._translated(), self._engine.connect() as connection:
            raw = raw_connection(connection)
            connection.rollback()
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if not self._writing.acquire(timeout=BUSY_SECONDS):
            raise in_words("busy", self.path)
        try:
            yield
        finally:
            self._writing.release()

    def _present_head(self) -> trail.Head:
        with self._engine.connect() as connection:
            return trail.head(raw_connection(connection))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _begin(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        immediately = options.get("begin_immediately", False)
        seconds = self._hurried.get(threading.get_ident(), BUSY_SECONDS)
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(1000 * seconds)}")
        if options.get("recorded") and WATCHED not in connection.info:
            trail.watch(raw_connection(connection))
            connection.info[WATCHED] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediately else "BEGIN")

    @contextmanager
    def work_out(self) -> Iterator[Session]:
        """As `write`, for what is worked out from the rest: the trail tells nothing of it."""
        engine = self._engine.execution_options(begin_immediately=True)
        with self._one_writer(), self._translated(), Session(engine) as session, session.begin():
            yield session

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (IntegrityError, ProgrammingError):  # ours to answer for
            raise
        except DatabaseError as error:
            raise _in_words(error, self.path) from error


def raw_connection(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection, in the same transaction."""
    return cast(sqlite3.Connection, connection.connection.dbapi_connection)


def _set_up_connection(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # The driver's own transactions begin late and leave DDL outside; `_begin` does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA foreign_keys = ON")
        # Where WAL is not possible (some network drives) SQLite keeps its rollback journal.
        cursor.execute("PRAGMA journal_mode = WAL")
        # A commit has reached the disk when it returns: an edit survives even a power cut.
        cursor.execute("PRAGMA synchronous = FULL")
    finally:
        cursor.close()


def _migrate(engine: Engine, path: Path) -> None:
    last = last_revision()
    with engine.execution_options(begin_immediately=True).begin() as connection:
        tables = inspect(connection).get_table_names()
        present = _revisions(connection) if VERSION_TABLE in tables else []
        if set(present) - set(known_revisions()):
            raise KaryoError(
                f"The database {path} was made by a newer version of KaryoGUI.",
                "Update KaryoGUI, or choose another data folder. Nothing was changed.",
            )
        if not present and tables:
            raise KaryoError(
                f"{path} is not a database of KaryoGUI.",
                "Choose another data folder. Nothing was changed.",
            )
        if not present:
            create(connection, last)
        elif present != [last]:
            _bring_up(connection, "trail" in tables)
        if trail.head(raw_connection(connection)).seq == 0:
            trail.begin(raw_connection(connection), UNKNOWN)


def known_revisions() -> dict[str, str | None]:
    """The steps that this version knows, each with the one before it.

    The files tell it, so that only an old database has to import them.
    """
    found: dict[str, str | None] = {}
    for step in sorted((MIGRATIONS / "versions").glob("v*.py")):
        before = re.search(r'^down_revision.*= "(\w+)"', step.read_text("utf-8"), re.MULTILINE)
        found[step.name[1:5]] = before[1] if before else None
    return found


def last_revision() -> str:
    """The step that no other one follows."""
    known = known_revisions()
    return max(known.keys() - set(known.values()))


def _bring_up(connection: Connection, has_trail: bool) -> None:
    """Migrate, and let the trail bind what the steps have altered, but nothing altered before."""
    if not has_trail:
        upgrade(connection)
        return
    from karyogui.storage.checking import altered_cases

    unsound = altered_cases(raw_connection(connection))
    upgrade(connection)
    trail.take_over(raw_connection(connection), unsound)


def _revisions(connection: Connection) -> list[str]:
    return list(connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalars())


def create(connection: Connection, revision: str) -> None:
    """Make at once what all migrations together would make; a test compares the two."""
    Base.metadata.create_all(connection)
    make_listing(connection)
    for table in APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f'CREATE TRIGGER {table}_refuses_{act.lower()} BEFORE {act} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    connection.exec_driver_sql(
        f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL, "
        f"CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num))"
    )
    connection.exec_driver_sql(f"INSERT INTO {VERSION_TABLE} VALUES (?)", (revision,))


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring a database of an earlier version to a later one, step by step."""
    # Here, because only an old database needs it and it takes a tenth of the window's start.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _in_words(error: DatabaseError, path: Path) -> KaryoError:
    return in_words(str(error.orig), path)


def in_words(reason: str, path: Path) -> KaryoError:
    """What SQLite's reason means to a person."""
    if "full" in reason:
        return KaryoError(
            "The disk is full: the last change could not be stored.",
            "What was stored before is safe. Free some space and try again.",
        )
    if "unable to open" in reason:
        return KaryoError(
            f"The database {path} cannot be opened.",
            "Check that the data folder is there and that you may write to it.",
        )
    if "readonly" in reason:
        return KaryoError(
            f"The database {path} cannot be written: the data folder is read-only.",
            "Choose a data folder that you may write to.",
        )
    if "locked" in reason or "busy" in reason:
        return KaryoError(
            f"The database {path} is busy: another program holds it.", "Try again in a moment."
        )
    if "malformed" in reason or "not a database" in reason:
        return KaryoError(
            f"The database {path} is damaged.",
            "Restore it from a backup; the pictures beside it are not affected.",
        )
    return KaryoError(f"The database {path} could not be used: {reason}.")
