"""Opening a data folder: what is new, what is damaged, what was lost, what is only looked at."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from karyogui.errors import KaryoError
from karyogui.storage.backup import BACKUPS_FOLDER, before_migration
from karyogui.storage.database import (
    DATABASE_FILE,
    Database,
    raw_connection,
    read_only_connection,
)
from karyogui.storage.files import READ_ONLY, is_plain, sync_folder
from karyogui.storage.image_store import PICTURES_FOLDER, ImageStore
from karyogui.storage.lock import FolderLock
from karyogui.storage.place import HINT, IDENTITY_FILE, Place, identity_faults, read_anchor
from karyogui.storage.references import named_pictures

OWN_FOLDERS = (PICTURES_FOLDER, BACKUPS_FOLDER, "models", "training")
"""What the program keeps in folders of a data folder."""
RESTORE = "Put it back, or restore the folder from a backup. Nothing was changed."


def open_folder(
    folder: Path, who: Callable[[], str], opening: ExitStack
) -> tuple[Database, ImageStore]:
    """Open database and pictures of a folder that is there; `opening` closes them again.

    A folder that cannot be written, or has lost something, is only looked at: the database's
    `refusal` says why. `KaryoError` for one that is damaged, newer, or open in another window.
    """
    refuse_damaged(folder)
    read_only, was_killed = False, False
    try:
        lock = FolderLock(folder)
        opening.callback(lock.release)
        was_killed = lock.was_killed
        before_migration(folder)
        make_database(folder)
        protect(folder)
    except KaryoError as error:
        if not is_read_only(folder, error):
            raise
        read_only = True
    database = open_database(folder, who, read_only)
    opening.callback(database.close)
    images = ImageStore(folder / PICTURES_FOLDER, database.refusal is not None)
    settle(folder, database)
    if was_killed:
        collect(database, images)
    return database, images


def refuse_damaged(folder: Path) -> None:
    """`KaryoError` for a folder whose database is gone or empty while its pictures are there."""
    if not (folder / IDENTITY_FILE).exists() and not any(_pictures(folder)):
        return
    path = folder / DATABASE_FILE
    try:
        if path.stat().st_size == 0:
            what = "is empty"
        elif _tables(path) == 0:
            what = "holds nothing"
        else:
            return
    except FileNotFoundError:
        what = "is missing"
    except (OSError, sqlite3.Error):
        return  # the database's own opening tells
    raise KaryoError(f"The database {path} {what}, but its pictures are there.", RESTORE)


def _tables(path: Path) -> int:
    with closing(read_only_connection(path)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return int(count)


def _pictures(folder: Path) -> Iterator[Path]:
    return (folder / PICTURES_FOLDER).glob("??/*.*")


def _has_any(folder: Path, named: Iterable[str]) -> bool:
    return any(is_plain(folder / PICTURES_FOLDER / key[:2] / key) for key in named)


def is_read_only(folder: Path, error: KaryoError) -> bool:
    """Whether a folder that could not be locked can still be looked at."""
    cause = error.__cause__
    refused = isinstance(cause, OSError) and cause.errno in READ_ONLY
    return refused and (folder / DATABASE_FILE).is_file()


def protect(folder: Path) -> None:
    """Let only its owner into a data folder that is one's own, and to what is in it.

    All that is in it is gone through only where others could come in until now.
    """
    if os.name != "posix":
        return
    was_open = _close(folder)
    for path in folder.glob("karyogui.*"):
        _close(path)
    if was_open:
        for part in OWN_FOLDERS:
            _close(folder / part)
            for place, folders, names in os.walk(folder / part):
                for name in (*folders, *names):
                    _close(Path(place) / name)


def _close(path: Path) -> bool:
    """Keep others out of a file or folder of one's own; whether they could get at it before."""
    try:
        told = path.lstat()
        is_folder, is_file = stat.S_ISDIR(told.st_mode), stat.S_ISREG(told.st_mode)
        if told.st_uid != os.getuid() or not told.st_mode & 0o077 or not (is_folder or is_file):
            return False
        path.chmod(0o700 if is_folder else 0o600)
    except OSError:
        return False
    return True


def make_database(folder: Path) -> None:
    """Make an empty file for its owner only, where there is none."""
    path = folder / DATABASE_FILE
    if os.name == "posix" and not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        sync_folder(folder)


def open_database(folder: Path, who: Callable[[], str], read_only: bool) -> Database:
    """The database of a folder; one that has lost something is only looked at, and says so.

    `KaryoError` when it is damaged or of a newer version.
    """
    anchor = read_anchor(folder)
    had_pictures = (folder / PICTURES_FOLDER).is_dir()
    database = Database(folder / DATABASE_FILE, who, read_only)
    try:
        with database.read() as session:
            raw = raw_connection(session.connection())
            faults = identity_faults(raw, anchor) if anchor else []
            named = set() if anchor and had_pictures else named_pictures(raw)
            if not had_pictures and named:
                faults.append(f"The pictures of {folder} are gone: it was parted from them.")
            elif anchor is None and any(_pictures(folder)) and not _has_any(folder, named):
                faults.append(f"The pictures in {folder} are not those of its database.")
        if faults:
            database.refuse(KaryoError(faults[0], HINT))
    except BaseException:
        database.close()
        raise
    return database


def settle(folder: Path, database: Database) -> None:
    """From now on the folder and its database know each other."""
    if database.refusal is None:
        database.settle(Place(folder, database.path))


def collect(database: Database, images: ImageStore) -> int:
    """Delete pictures that no row names, as a killed import leaves them; returns how many."""
    if database.refusal is not None:
        return 0
    with database.read() as session:
        named = named_pictures(raw_connection(session.connection()))
    return images.keep_only(named)
