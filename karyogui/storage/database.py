"""The SQLite file: one engine, one short session per call, brought to the present version."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

# Here already, and not at the first connection: Qt reads the source of what is imported after it.
import sqlalchemy.dialects.sqlite  # noqa: F401
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DatabaseError, IntegrityError, InvalidRequestError, ProgrammingError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from karyogui.errors import KaryoError
from karyogui.storage import trail
from karyogui.storage.case_check import altered_cases
from karyogui.storage.listing_schema import make_listing
from karyogui.storage.place import Place
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
READ_ONLY = KaryoError(
    "The data folder is read-only: it can be viewed, but nothing is stored.",
    "To work in it, choose a data folder that you may write to.",
)
WATCHED = "karyogui_watched"
"""Marks a connection that notes what it changes."""


class Database:
    """Sessions on one database file. Raises `KaryoError` for whatever the disk is to blame for."""

    def __init__(
        self, path: Path, who: Callable[[], str] = lambda: UNKNOWN, read_only: bool = False
    ) -> None:
        """Open or create the file and migrate it; `KaryoError` if it is newer than the program.

        `who` gives the person for the trail where nobody else is named. One opened
        `read_only` is looked at as it is.
        """
        self.path = path
        self.who = who
        self.refusal: KaryoError | None = READ_ONLY if read_only else None
        self.refused: Callable[[KaryoError], object] = lambda _: None
        """Called, in any thread, when it turns out that nothing may be stored any more."""
        self._place: Place | None = None
        self._writing = threading.Lock()
        self._hurried: set[int] = set()
        self._is_untidy = False
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)),
            connect_args={"timeout": BUSY_SECONDS},
            **({"creator": lambda: read_only_connection(path)} if read_only else {}),
        )
        event.listen(self._engine, "connect", _set_up_reading if read_only else _set_up_connection)
        event.listen(self._engine, "begin", self._begin)
        self._recorded = self._engine.execution_options(begin_immediately=True, recorded=True)
        try:
            with self._translated():
                self.was_begun = (
                    _as_it_is(self._engine, path) if read_only else _migrate(self._engine, path)
                )
                self.head, self.identity = self._present()
        except BaseException:
            self.close()
            raise

    def hurry(self) -> None:
        """Let the present thread, that of a window, wait no longer than this for other programs.

        Among its own threads the program waits for its turn all the same, which takes milliseconds.
        """
        self._hurried.add(threading.get_ident())

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
            self._refuse_if_lost()
            with Session(self._recorded) as session, session.begin():
                raw = raw_connection(session.connection())
                self._refuse_others(raw)
                trail.forget_touched(raw)
                yield session
                session.flush()
                head = trail.append_touched(raw, self.person, reason)
            self._refuse_if_lost()
            self.head = head
            if self._place is not None:
                self._place.stored(head)
            if self._is_untidy:
                self.tidy(0.0)

    def note(self, act: str, content: Mapping[str, Any], case_id: int | None = None) -> None:
        """Put something into the trail that is not in the database: a model, a setting."""
        with self.write() as session:
            raw = raw_connection(session.connection())
            trail.append(
                raw, trail.head(raw), who=self.person, act=act,
                case_id=case_id, content=content,
            )  # fmt: skip

    @property
    def is_read_only(self) -> bool:
        """Whether it is looked at only: its folder is read-only, or has lost something."""
        return self.refusal is not None

    @property
    def person(self) -> str:
        """Who stands in the trail where nobody else is named."""
        return self.who().strip().encode("utf-8", "replace").decode() or UNKNOWN

    def tidy(self, seconds: float = HURRIED_SECONDS) -> None:
        """Bring all that is stored into the one file, and empty the log beside it.

        Where another program is reading for longer than this, it is done after the next write.
        """
        with self._translated(), self._engine.connect() as connection:
            raw = raw_connection(connection)
            connection.rollback()
            raw.execute(f"PRAGMA busy_timeout = {round(1000 * seconds)}")
            (is_busy, *_) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._is_untidy = bool(is_busy)

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if not self._writing.acquire(timeout=BUSY_SECONDS):
            raise in_words("busy", self.path)
        try:
            yield
        finally:
            self._writing.release()

    def settle(self, place: Place) -> None:
        """From now on write only while the folder is the one that was opened."""
        place.begin(self.identity, self.head)
        self._place = place

    def refuse(self, error: KaryoError) -> None:
        """Store nothing any more."""
        self.refusal = error
        self.refused(error)

    def _refuse_if_lost(self) -> None:
        if self.refusal is not None:
            raise self.refusal
        if self._place is not None:
            try:
                self._place.verify()
            except KaryoError as error:
                self.refuse(error)
                raise

    def _refuse_others(self, connection: sqlite3.Connection) -> None:
        if trail.head(connection) != self.head:
            error = KaryoError(
                f"Another program has written into {self.path}, which is open in this window.",
                "Nothing more is stored here. Close one of the two.",
            )
            self.refuse(error)
            raise error

    def _present(self) -> tuple[trail.Head, str]:
        with self._engine.connect() as connection:
            raw = raw_connection(connection)
            return trail.head(raw), trail.identity(raw)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
        if self._place is not None:
            self._place.close()

    def _begin(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        immediately = options.get("begin_immediately", False)
        is_hurried = threading.get_ident() in self._hurried
        seconds = HURRIED_SECONDS if is_hurried else BUSY_SECONDS
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(1000 * seconds)}")
        if options.get("recorded") and WATCHED not in connection.info:
            trail.watch(raw_connection(connection))
            connection.info[WATCHED] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediately else "BEGIN")

    @contextmanager
    def work_out(self) -> Iterator[Session]:
        """As `write`, for what is worked out from the rest: the trail has no entry for it."""
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
            raise in_words(str(error.orig), self.path) from error
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise
        except sqlite3.DatabaseError as error:
            raise in_words(str(error), self.path) from error
        except InvalidRequestError as error:
            if "sortable" not in str(error):  # keys of several kinds in one column
                raise
            raise in_words("malformed", self.path) from error
        except UnicodeEncodeError as error:
            raise KaryoError(
                "A text holds what is no letter: half of a pair, as broken file names have.",
                "Type it anew. Nothing was stored.",
            ) from error
        except UnicodeDecodeError as error:  # of a name in the file, or of SQLite's own words
            raise in_words("malformed", self.path) from error


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
        # What is deleted or written over is gone from the file: a name, before its case is erased.
        cursor.execute("PRAGMA secure_delete = ON")
    finally:
        cursor.close()


def read_only_connection(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing, also where no file can be made beside the database.

    `sqlite3.DatabaseError` for a file that is none.
    """
    address = path.absolute().as_uri()
    try:
        connection = sqlite3.connect(
            f"{address}?mode=ro", uri=True, timeout=BUSY_SECONDS, check_same_thread=False
        )
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        # A folder that cannot be written has no room for the files beside the database.
        if os.access(path.parent, os.W_OK) or not path.is_file():
            raise
        connection = sqlite3.connect(f"{address}?immutable=1", uri=True, check_same_thread=False)
    except UnicodeDecodeError as error:  # SQLite's own words name what is damaged, byte for byte
        raise sqlite3.DatabaseError("database disk image is malformed") from error
    return connection


def _set_up_reading(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None


def _migrate(engine: Engine, path: Path) -> bool:
    """Create what is missing; whether the trail was begun only now."""
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
        is_new = trail.head(raw_connection(connection)).seq == 0
        if is_new:
            trail.begin(raw_connection(connection), UNKNOWN)
        return is_new


def _as_it_is(engine: Engine, path: Path) -> bool:
    """Nothing is brought up in a folder that is only looked at."""
    with engine.connect() as connection:
        versions = _revisions(connection)
    if versions != [last_revision()]:
        raise KaryoError(
            f"The database {path} is of another version and its folder is read-only.",
            "Copy the data folder to where you may write, and open the copy.",
        )
    return False


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
    unsound = altered_cases(raw_connection(connection))
    upgrade(connection)
    trail.take_over(raw_connection(connection), unsound)


def _revisions(connection: Connection) -> list[str]:
    return list(connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalars())


def create(connection: Connection, revision: str) -> None:
    """Make at once what all migrations together would make; a test compares the two."""
    Base.metadata.create_all(connection, checkfirst=False)
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
