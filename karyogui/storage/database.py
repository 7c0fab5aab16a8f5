"""The SQLite file: one engine, one short session per call, brought to the present version."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from karyogui.errors import KaryoError
from karyogui.storage.tables import APPEND_ONLY, Base

DATABASE_FILE = "karyogui.db"
MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"
BUSY_SECONDS = 10
"""How long a call waits for another one's transaction before it gives up."""


class Database:
    """Sessions on one database file. Raises `KaryoError` for whatever the disk is to blame for."""

    def __init__(self, path: Path) -> None:
        """Open or create the file and migrate it; `KaryoError` if it is newer than the program."""
        self.path = path
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS}
        )
        event.listen(self._engine, "connect", _set_up_connection)
        event.listen(self._engine, "begin", _begin)
        try:
            with self._translated():
                _migrate(self._engine, path)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on one consistent state of the database."""
        with self._translated(), Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction: all of it is stored at the end, or none."""
        engine = self._engine.execution_options(begin_immediately=True)
        with self._translated(), Session(engine) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (IntegrityError, ProgrammingError):  # ours to answer for
            raise
        except DatabaseError as error:
            raise _in_words(error, self.path) from error


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


def _begin(connection: Connection) -> None:
    immediately = connection.get_execution_options().get("begin_immediately", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediately else "BEGIN")


def _migrate(engine: Engine, path: Path) -> None:
    # The steps' files tell their numbers: v0002_assignment.py leads to 0002.
    steps = sorted(step.name[1:5] for step in (MIGRATIONS / "versions").glob("v*.py"))
    with engine.execution_options(begin_immediately=True).begin() as connection:
        tables = inspect(connection).get_table_names()
        present = _revisions(connection) if VERSION_TABLE in tables else []
        if set(present) - set(steps):
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
            _create(connection, steps[-1])
        elif present != steps[-1:]:
            upgrade(connection)


def _revisions(connection: Connection) -> list[str]:
    return list(connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalars())


def _create(connection: Connection, revision: str) -> None:
    """Make at once what all migrations together would make; a test compares the two."""
    Base.metadata.create_all(connection)
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
    reason = str(error.orig)
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
