"""A whole data folder in one file, and out of it again.

A backup is a zip: the database as SQLite's online backup gives it, the pictures that it names, the
models of the folder, and a list of them all with their sha256. Of the daily backups the pictures
lie beside them, each once for all of them (`PicturePool`): most are the same from day to day.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from karyogui.errors import KaryoError
from karyogui.storage import trail
from karyogui.storage.bundle import (
    BACKUP,
    MEMBER,
    POOLED,
    Bundle,
    opened,
    picture_member,
    write_bundle,
)
from karyogui.storage.checking import Checked, check_folder, open_for_reading
from karyogui.storage.damage import DAMAGE
from karyogui.storage.database import (
    DATABASE_FILE,
    VERSION_TABLE,
    known_revisions,
    last_revision,
    read_only_connection,
)
from karyogui.storage.files import (
    database_error,
    delete_own,
    disk_error,
    exchange,
    is_plain,
    refuse_stored,
    scratch_folder,
    sync_folder,
)
from karyogui.storage.image_store import KEY, PICTURES_FOLDER
from karyogui.storage.lock import LOCK_FILE, FolderLock
from karyogui.storage.picture_pool import PicturePool
from karyogui.storage.place import write_anchor
from karyogui.storage.references import named_pictures
from model.vocabulary.files import refuse_protected, replacing

BACKUP_SUFFIX = ".karyobackup"
BACKUPS_FOLDER = "backups"
"""Where, in the data folder, databases of earlier versions are kept."""
OLD_DATABASE = "before an update, version"
OLD = re.compile(rf"{OLD_DATABASE} \d{{4}} \d{{4}}-\d\d-\d\d \d\d\.\d\d\.\d\d\.db")
_HALF = re.compile(r"\.[0-9a-f]{32}\.part(?:-journal)?")
OLD_KEPT = 3
FOREIGN = "Choose an empty folder, or the data folder that is to be replaced."


@dataclass(frozen=True)
class BackedUp:
    """What a backup holds."""

    path: Path
    pictures: int
    cases: int
    entries: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Restored:
    """Where a backup went, and where what had been there is kept; None for nothing."""

    folder: Path
    kept: Path | None


# -- out -----------------------------------------------------------------------------------------


def back_up(
    folder: Path, target: Path, replace: bool = False, pool: PicturePool | None = None
) -> BackedUp:
    """Write a data folder into one file, verified; also while a window has the folder open.

    With a `pool` the pictures go there where they are not there yet.

    What the window stores meanwhile is in it wholly or not at all. `KaryoError` when `target` is
    there and not to be replaced, when something cannot be read, and when the disk refuses or
    vanishes: then there is no file.
    """
    refuse_stored(target)
    if target.exists() and not replace:
        raise KaryoError(f"{target} exists already.", "Choose another name for the backup.")
    if not (folder / DATABASE_FILE).is_file():
        raise KaryoError(f"{folder} holds no data of KaryoGUI to back up.")
    try:
        refuse_protected(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(target.parent) as scratch, replacing(target, scratch) as unfinished:
            os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            told = _write(folder, unfinished, target, scratch, pool)
            with opened(unfinished, BACKUP) as bundle:
                bundle.verify()
        sync_folder(target.parent)
    except OSError as error:
        raise disk_error(error, target) from error
    except (sqlite3.Error, UnicodeDecodeError) as error:
        damaged = KaryoError(
            f"The database of {folder} cannot be read: {error}.", "Run `check` on the folder."
        )
        raise database_error(error, target, damaged) from error
    return told


def daily_backup(folder: Path, place: Path, kept: int) -> BackedUp | None:
    """Back up once a day into `place`, named by folder and day; None when it is there already.

    Of earlier ones the last `kept` stay. Only files of that very name are ever deleted.
    """
    stem = re.escape(folder.name)
    target = place / f"{folder.name} {datetime.now().astimezone():%Y-%m-%d}{BACKUP_SUFFIX}"
    if target.exists():
        return None
    pool = PicturePool(place)
    done = back_up(folder, target, pool=pool)
    own = re.compile(rf"{stem} \d{{4}}-\d\d-\d\d{re.escape(BACKUP_SUFFIX)}")
    names = sorted(path.name for path in place.iterdir() if own.fullmatch(path.name))
    delete_own(place, own, keep=names[-kept:])
    named = _pooled_by_all(place)
    if named is not None:
        pool.forget_others(named)
    return done


def _pooled_by_all(place: Path) -> frozenset[str] | None:
    """What the backups in a folder, of whatever data folder, name; None where one is not read."""
    named: set[str] = set()
    for path in place.glob(f"*{BACKUP_SUFFIX}"):
        try:
            with opened(path, BACKUP) as bundle:
                named |= bundle.pooled
        except KaryoError:
            return None
    return frozenset(named)


def before_migration(folder: Path) -> Path | None:
    """Keep a copy of a database of an earlier version before it is brought up; None for others.

    Pictures are never altered, so the database is all that a migration can harm. `KaryoError` when
    there is no room: then nothing is migrated.
    """
    path = folder / DATABASE_FILE
    try:
        if not path.is_file() or not path.stat().st_size:
            return None
        with closing(read_only_connection(path)) as source:
            versions = [v for (v,) in source.execute(f"SELECT version_num FROM {VERSION_TABLE}")]
            if len(versions) != 1 or versions[0] not in set(known_revisions()) - {last_revision()}:
                return None
            place = folder / BACKUPS_FOLDER
            place.mkdir(mode=0o700, exist_ok=True)
            delete_own(place, _HALF)  # as a killed program leaves it
            stamp = datetime.now().astimezone().strftime("%Y-%m-%d %H.%M.%S")
            target = place / f"{OLD_DATABASE} {versions[0]} {stamp}.db"
            with replacing(target) as unfinished:
                os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                with closing(sqlite3.connect(unfinished)) as into:
                    source.backup(into)
                    into.execute("PRAGMA journal_mode = DELETE")
            sync_folder(place)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if "full" in str(error):
            raise database_error(error, folder, KaryoError("")) from error
        return None  # no database of ours, or a damaged one: its own opening tells
    except OSError as error:
        raise disk_error(error, folder) from error
    names = sorted(entry.name for entry in place.iterdir() if OLD.fullmatch(entry.name))
    delete_own(place, OLD, keep=names[-OLD_KEPT:])
    return target


def forget_old_databases(folder: Path) -> int:
    """Delete the copies that were made before updates: what is erased must not live on there."""
    place = folder / BACKUPS_FOLDER
    return delete_own(place, OLD) if place.is_dir() else 0


def _write(
    folder: Path, unfinished: Path, target: Path, scratch: Path, pool: PicturePool | None
) -> BackedUp:
    copy = scratch / DATABASE_FILE
    with (
        closing(open_for_reading(folder / DATABASE_FILE)) as source,
        closing(sqlite3.connect(copy)) as into,
    ):
        source.backup(into)
        into.execute("PRAGMA journal_mode = DELETE")
    with closing(open_for_reading(copy)) as database:
        told = facts_of(database)
        named = sorted(named_pictures(database))
    members = [(copy, DATABASE_FILE), *_models(folder)]
    missing, pooled = [], []
    for key in named:
        path = folder / PICTURES_FOLDER / key[:2] / key
        if not is_plain(path) or not KEY.fullmatch(key):
            missing.append(key)
        elif pool is not None and pool.keep(path, key, scratch):
            pooled.append(key)
        else:
            members.append((path, picture_member(key)))
    facts = told | {"missing": missing} | ({} if pool is None else {POOLED: pooled})
    write_bundle(unfinished, BACKUP, members, facts)
    pictures = len(named) - len(missing)
    return BackedUp(target, pictures, told["cases"], told["entries"], tuple(missing))


def facts_of(database: sqlite3.Connection) -> dict[str, Any]:
    """What a backup says about itself."""
    (revision,) = database.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()
    (cases,) = database.execute('SELECT count(*) FROM "case"').fetchone()
    tables = {n for (n,) in database.execute("SELECT name FROM sqlite_master")}
    last = trail.head(database) if "trail" in tables else trail.Head()
    return {
        "revision": revision,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "library": trail.identity(database) if "trail" in tables else "",
        "cases": cases,
        "entries": last.seq,
        "head": last.sha256,
    }


def _models(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted((folder / "models").glob("*")):
        name = f"models/{path.name}"
        if MEMBER.fullmatch(name) and is_plain(path):
            yield path, name
    if is_plain(folder / "demonstration"):
        yield folder / "demonstration", "demonstration"


# -- in ------------------------------------------------------------------------------------------


def restore(path: Path, folder: Path, accept_findings: bool = False) -> Restored:
    """Make a data folder of a backup; what was there is kept beside it under another name.

    A copy that was made before an update (`before_migration`) is one, too: with the pictures of the
    data folder that it lies in. Everything is unpacked and checked beside the place first.
    `KaryoError`, with nothing changed, for a file that is damaged, forged, of a newer version or no
    backup, for a folder that is open in a window or holds something else, and when the disk
    refuses.
    """
    folder = folder.resolve()
    with _unpacking(path) as unpack:
        _refuse_foreign(folder)
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with scratch_folder(folder.parent) as scratch:
                staged = scratch / "data"
                unpack(staged)
                _refuse_unsound(path, check_folder(staged), accept_findings)
                _give_identity(staged)
                kept = _put_in_place(staged, folder)
                sync_folder(folder.parent)
        except OSError as error:
            raise disk_error(error, folder) from error
    return Restored(folder, kept)


def refuse_no_backup(path: Path) -> None:
    """`KaryoError` for what no backup is, as far as its list tells; nothing is unpacked."""
    if OLD.fullmatch(path.name):
        if not is_plain(path):
            raise KaryoError(f"There is no file {path}.")
        return
    with opened(path, BACKUP) as bundle:
        bundle.names()


@contextmanager
def _unpacking(path: Path) -> Iterator[Callable[[Path], None]]:
    """What fills a folder with what a backup, or a copy from before an update, holds."""
    if OLD.fullmatch(path.name):
        yield partial(_unpack_old, path)
        return
    with opened(path, BACKUP) as bundle:
        yield partial(_unpack, bundle)


def _unpack(bundle: Bundle, target: Path) -> None:
    """All that is in a backup, and its pictures that lie beside it."""
    bundle.unpack(target)
    pool = PicturePool(bundle.path.parent)
    for key in sorted(bundle.pooled):
        pool.bring_out(key, target / picture_member(key))


def _unpack_old(path: Path, target: Path) -> None:
    """A database from before an update, with the pictures and models of its data folder."""
    if not is_plain(path):
        raise KaryoError(f"There is no file {path}.")
    home = path.resolve().parent.parent
    target.mkdir(mode=0o700)
    shutil.copyfile(path, target / DATABASE_FILE)
    (target / DATABASE_FILE).chmod(0o600)
    try:
        with closing(open_for_reading(target / DATABASE_FILE)) as database:
            named = named_pictures(database)
    except DAMAGE as error:
        raise KaryoError(f"{path.name} is no database that can be read.", FOREIGN) from error
    pictures = {key: home / PICTURES_FOLDER / key[:2] / key for key in named if KEY.fullmatch(key)}
    files = [(source, picture_member(key)) for key, source in pictures.items()]
    for source, name in (*files, *_models(home)):
        if is_plain(source):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / name)


def _refuse_foreign(folder: Path) -> None:
    """`KaryoError` for a place that holds something, and no data folder."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise KaryoError(f"{folder} is no folder.", FOREIGN)
    there = {entry.name for entry in folder.iterdir()} - {LOCK_FILE}
    if there and not there & {DATABASE_FILE, PICTURES_FOLDER}:
        raise KaryoError(f"{folder} holds something else than data of KaryoGUI.", FOREIGN)


def _give_identity(staged: Path) -> None:
    with closing(open_for_reading(staged / DATABASE_FILE)) as database:
        tables = {n for (n,) in database.execute("SELECT name FROM sqlite_master")}
        if "trail" in tables:
            write_anchor(staged, trail.identity(database), trail.head(database))


def _refuse_unsound(path: Path, checked: Checked, accept: bool) -> None:
    if checked.is_sound or accept:
        return
    first, more = checked.findings[0], len(checked.findings) - 1
    others = f" (and {more} more)" if more else ""
    raise KaryoError(
        f"{path.name} is not sound: {first.sentence}{others}",
        "It was made of an unsound folder, or altered since; --accept-findings restores it so.",
    )


def _put_in_place(staged: Path, folder: Path) -> Path | None:
    """Rename the staged folder into place; returns where what was there is kept."""
    if not folder.exists():
        staged.rename(folder)
        return None
    lock = FolderLock(folder)  # nobody may have it open
    try:
        if {entry.name for entry in folder.iterdir()} <= {LOCK_FILE}:
            lock.release()
            (folder / LOCK_FILE).unlink(missing_ok=True)
            folder.rmdir()
            staged.rename(folder)
            return None
        kept = _free_name(folder)
        staged.rename(kept)
        if exchange(kept, folder):
            return kept
        kept.rename(staged)
        folder.rename(kept)
        try:
            staged.rename(folder)
        except OSError:
            kept.rename(folder)
            raise
        return kept
    finally:
        lock.release()


def _free_name(folder: Path) -> Path:
    stamp = datetime.now().astimezone().strftime("%Y-%m-%d %H.%M.%S")
    name, number = f"{folder.name} (kept {stamp})", 1
    while (folder.parent / name).exists():
        number += 1
        name = f"{folder.name} (kept {stamp}, {number})"
    return folder.parent / name
