"""Folders of demonstrations in the computer's temporary folder, where the usual one is taken."""

from __future__ import annotations

import logging
import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from karyogui.errors import KaryoError
from karyogui.services.waiting import WAITING_FILE
from karyogui.services.workspace import DEMONSTRATION_FILE
from karyogui.storage.database import DATABASE_FILE
from karyogui.storage.files import delete_own, is_plain
from karyogui.storage.image_store import KEY, PICTURES_FOLDER, UNFINISHED
from karyogui.storage.lock import LOCK_FILE, FolderLock
from karyogui.storage.place import IDENTITY_FILE

PREFIX = "karyogui-demo-"
_NAME = re.compile(re.escape(PREFIX) + r"\w{8}")
_OWN = re.compile(
    "|".join(
        (
            rf"{re.escape(DATABASE_FILE)}(?:-wal|-shm|-journal)?",
            re.escape(IDENTITY_FILE),
            re.escape(WAITING_FILE),
        )
    )
)
_LAST = (LOCK_FILE, DEMONSTRATION_FILE)
"""What a folder is known by as long as anything is left of it."""
log = logging.getLogger(__name__)


def fresh_folder() -> Path:
    """A new folder for a demonstration."""
    return Path(tempfile.mkdtemp(prefix=PREFIX))


def collect() -> int:
    """Delete what ended demonstrations left; returns how many folders are gone.

    Folders that somebody has open, that are links or another user's, or that no demonstration has
    marked, are left alone, and so is everything in them that the program did not write.
    """
    gone = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if _NAME.fullmatch(folder.name) and _is_own(folder):
            with suppress(KaryoError, OSError):  # it is open, or gone meanwhile
                _delete(folder)
            gone += not folder.exists()
    if gone:
        log.info("%d folders of ended demonstrations were deleted", gone)
    return gone


def _is_own(folder: Path) -> bool:
    """Whether a folder is no link, this user's, and marked as a demonstration."""
    try:
        told = folder.lstat()
    except OSError:
        return False
    is_mine = os.name != "posix" or told.st_uid == os.getuid()
    is_known = is_plain(folder / DEMONSTRATION_FILE) and not (folder / LOCK_FILE).is_symlink()
    return stat.S_ISDIR(told.st_mode) and is_mine and is_known


def _delete(folder: Path) -> None:
    lock = FolderLock(folder)
    try:
        pictures = folder / PICTURES_FOLDER
        if pictures.is_dir() and not pictures.is_symlink():
            for place in (*pictures.glob("??"), pictures / "incoming"):
                if place.is_dir():
                    delete_own(place, UNFINISHED if place.name == "incoming" else KEY)
                    _remove_empty(place)
            _remove_empty(pictures)
        delete_own(folder, _OWN)
    finally:
        lock.release()
    if {entry.name for entry in folder.iterdir()} <= {*_LAST}:
        for name in _LAST:
            delete_own(folder, re.compile(re.escape(name)))
        _remove_empty(folder)


def _remove_empty(folder: Path) -> None:
    if not folder.is_symlink() and not any(folder.iterdir()):
        folder.rmdir()
