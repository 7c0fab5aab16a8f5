"""The data folder as a place: whether the database that is written to is still its own.

A small file beside the database has the library's identity and the newest entry of its trail. It is
written after each commit, without waiting for the disk, so it may lag behind after a power cut and
can never be ahead: a database that is behind it has lost what was stored.
"""

from __future__ import annotations

import os
import re
import sqlite3
import zlib
from dataclasses import dataclass
from pathlib import Path

from karyogui.errors import KaryoError
from karyogui.storage import trail
from karyogui.storage.files import disk_error, is_plain, open_own
from karyogui.storage.image_store import PICTURES_FOLDER
from karyogui.storage.trail import Head
from model.vocabulary.files import read_plain, replacing

IDENTITY_FILE = "karyogui.id"
_LINE = re.compile(rb"([0-9a-f]{64}) (\d{16}) ([0-9a-f]{64}) ([0-9a-f]{8})\n")
_LENGTH = 64 + 1 + 16 + 1 + 64 + 1 + 8 + 1
HINT = "Nothing more is stored. Close the window, run `check`, and restore a backup if need be."


@dataclass(frozen=True)
class Anchor:
    """What the identity file says: which library, and its newest entry."""

    library: str
    head: Head


def read_anchor(folder: Path) -> Anchor | None:
    """The newest whole line of a folder's identity file; None where there is none."""
    try:
        data = read_plain(folder / IDENTITY_FILE)[: 2 * _LENGTH]
    except OSError:
        return None
    found = [_anchor(data[start : start + _LENGTH]) for start in (0, _LENGTH)]
    whole = [anchor for anchor in found if anchor is not None]
    return max(whole, key=lambda anchor: anchor.head.seq) if whole else None


def _anchor(line: bytes) -> Anchor | None:
    match = _LINE.fullmatch(line)
    if match is None or f"{zlib.crc32(line[: _LENGTH - 10]):08x}".encode() != match[4]:
        return None
    return Anchor(match[1].decode(), Head(int(match[2]), match[3].decode()))


class Place:
    """Knows a data folder's files by the numbers the system gives them, and notices others."""

    def __init__(self, folder: Path, database: Path) -> None:
        self._folder, self._database = folder, database
        self._file: int | None = None
        self._library = ""
        self._known: dict[Path, tuple[int, int]] = {}

    def begin(self, library: str, head: Head) -> None:
        """Take the files that are there now for the right ones; `KaryoError` of a disk."""
        path = self._folder / IDENTITY_FILE
        try:
            _part(path)
            self._file = open_own(path)
        except OSError as error:
            raise disk_error(error, path) from error
        self._library = library
        self.stored(head)
        real = self._database.resolve()
        wal = real.with_name(real.name + "-wal")
        for each in (self._database, wal, self._folder / PICTURES_FOLDER, path):
            number = _number(each)
            if number is not None:
                self._known[each] = number

    def verify(self) -> None:
        """`KaryoError` when a file of the folder was deleted or replaced since `begin`."""
        for path, number in self._known.items():
            present = _number(path)
            if present != number:
                how = "deleted" if present is None else "replaced"
                raise KaryoError(f"{path} was {how} while it was open.", HINT)

    def stored(self, head: Head) -> None:
        """Tell the identity file of a new entry; a disk that refuses it leaves it behind."""
        if self._file is None:
            return
        line = f"{self._library} {head.seq:016d} {head.sha256} ".encode()
        line += f"{zlib.crc32(line[:-1]):08x}\n".encode()
        try:
            os.lseek(self._file, (head.seq % 2) * _LENGTH, os.SEEK_SET)
            os.write(self._file, line)
        except OSError:
            return

    def close(self) -> None:
        """Let go of the identity file; twice is harmless."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def write_anchor(folder: Path, library: str, head: Head) -> None:
    """Give a folder its identity file, as after a restore."""
    place = Place(folder, folder)
    place.begin(library, head)
    place.close()


def _part(path: Path) -> None:
    """Make a file that has other names as well one of its own: the others keep what they hold."""
    if is_plain(path) and path.stat().st_nlink > 1:
        data = path.read_bytes()
        with replacing(path) as own:
            own.write_bytes(data if read_anchor(path.parent) else b"")
            own.chmod(0o600)


def _number(path: Path) -> tuple[int, int] | None:
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_dev, told.st_ino


def identity_faults(connection: sqlite3.Connection, anchor: Anchor) -> list[str]:
    """What speaks against a database being the folder's own, in sentences."""
    if trail.identity(connection) != anchor.library:
        return ["The database belongs to another data folder: it was put in place of this one's."]
    present, known = trail.head(connection), anchor.head
    if present.seq < known.seq:
        count = known.seq - present.seq
        lost = "the last change that was" if count == 1 else f"the last {count} changes that were"
        return [
            f"The database lacks {lost} stored: an older copy was put in its place, or the log "
            "beside it was lost."
        ]
    told = connection.execute("SELECT sha256 FROM trail WHERE seq = ?", (known.seq,)).fetchone()
    if told is None or told[0] != known.sha256:
        return [f"Entry {known.seq} of the trail is not the one that was stored."]
    return []
