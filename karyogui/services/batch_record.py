"""The results of a batch, one line of JSON each, from which it continues after any interruption.

A line is appended and on the disk before the next is; one that a kill cut off is taken away.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from karyogui.errors import KaryoError
from karyogui.services.discovery import CellSource, PictureSource
from karyogui.storage.files import disk_error, write_atomically
from karyogui.storage.lock import FolderLock

RECORD_FILE = "results.jsonl"
ANALYSED, REFUSED, LEFT_OUT, FAILED = "analysed", "refused", "left out", "failed"
"""How an input ended: written, of no use, in no cell, or lost with its process."""
_UNFINISHED = re.compile(r"\.[0-9a-f]{32}\.part")
_STALE_SECONDS = 60.0

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Finished:
    """What the record knows of an input that is done.

    It `is_good` where nothing of it was left out; `sha256` names its pictures by their content.
    """

    status: str
    files: tuple[str, ...]
    is_good: bool
    sha256: Mapping[str, str]


class BatchRecord:
    """The record in a folder; it belongs to this process until `close`."""

    def __init__(self, folder: Path, resume: bool) -> None:
        """Open the record: go on with it, or begin another and keep the one before.

        `KaryoError` when the folder cannot be written or another process works in it.
        """
        self.folder = folder
        self.path = folder / RECORD_FILE
        self.kept_as: Path | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_error(error, folder) from error
        try:
            self._lock = FolderLock(folder)
        except KaryoError as error:
            sentence = error.sentence.replace(
                "is open in another KaryoGUI window", "is being written by another batch"
            ).replace("The data folder", "The folder")
            raise KaryoError(sentence, "Wait for its end, or choose another --out.") from error
        try:
            self._take_away_unfinished(_STALE_SECONDS)
            if not resume:
                self._keep_the_one_before()
            self._finished = self._read()
            self._file = self._opened()
        except BaseException:
            self._lock.release()
            raise

    def finished(self, key: str) -> Finished | None:
        """What is known of an input; None when it has to be done, again or for the first time."""
        found = self._finished.get(key)
        if found is None or found.status == FAILED:
            return None
        there = all((self.folder / name).is_file() for name in found.files)
        return found if there else None

    def forget(self, inputs: Iterable[str]) -> None:
        """Take away the lines of inputs that are done again."""
        again = set(inputs)
        lines = [line for line in self._lines() if line.get("input") in again]
        if not lines:
            return
        kept = [line for line in self._lines() if line.get("input") not in again]
        self._file.close()
        write_atomically(self.path, _writer(kept))
        self._file = self._opened()

    def add(self, line: Line) -> str:
        """Store a line; returns it as it stands. By then it is on the disk."""
        text = json.dumps(line)
        try:
            self._file.write(text.encode("ascii") + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise disk_error(error, self.path) from error
        return text

    def close(self) -> None:
        """Close the file and let others have the folder; the processes of the batch are gone."""
        self._file.close()
        self._take_away_unfinished(0.0)
        self._lock.release()

    # -- inside ----------------------------------------------------------------------------------

    def _opened(self) -> BinaryIO:
        try:
            return self.path.open("ab")
        except OSError as error:
            raise disk_error(error, self.path) from error

    def _read(self) -> dict[str, Finished]:
        if not self.path.exists():
            return {}
        try:
            with self.path.open("rb+") as file:
                size = file.seek(0, os.SEEK_END)
                end = _end_of_last_line(file, size)
                if end != size:
                    file.truncate(end)
        except OSError as error:
            raise disk_error(error, self.path) from error
        return {
            str(line["key"]): Finished(
                str(line.get("status")),
                tuple(map(str, line.get("files") or ())),
                line.get("status") == ANALYSED and not line.get("problems"),
                dict(line.get("sha256") or {}),
            )
            for line in self._lines()
            if "key" in line
        }

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            with self.path.open("rb") as file:
                for text in file:
                    with suppress(ValueError, RecursionError):  # of no use, and nobody's loss
                        line = json.loads(text)
                        if isinstance(line, dict):
                            yield line
        except OSError as error:
            raise disk_error(error, self.path) from error

    def _keep_the_one_before(self) -> None:
        if not self.path.exists():
            return
        number = 1
        while (kept := self.folder / f"results-before-{number}.jsonl").exists():
            number += 1
        try:
            self.path.rename(kept)
        except OSError as error:
            raise disk_error(error, kept) from error
        self.kept_as = kept

    def _take_away_unfinished(self, age: float) -> None:
        """Delete what a killed process left half written; only our own regular files."""
        with suppress(OSError):
            for path in self.folder.iterdir():
                if not _UNFINISHED.fullmatch(path.name):
                    continue
                told = path.lstat()
                if stat.S_ISREG(told.st_mode) and time.time() - told.st_mtime >= age:
                    path.unlink()


def key_of(cell: CellSource, request: str) -> str:
    """What distinguishes an input from every other, and from itself when its files have changed.

    `request` is how it is analysed.
    """
    digest = hashlib.sha256(request.encode())
    for part in (str(cell.kind), cell.case_name, cell.slide, cell.name):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    for picture in cell.pictures:
        digest.update(key_of_picture(picture, request).encode())
    return digest.hexdigest()[:32]


def key_of_picture(picture: PictureSource, request: str) -> str:
    """As `key_of`, for one picture."""
    place = os.fsencode(picture.place.absolute())
    told = b""
    for path in (picture.place, *picture.place.parents):
        with suppress(OSError, ValueError):
            found = path.stat()
            told = f"{found.st_size} {found.st_mtime_ns}".encode()
            break
    parts = (request.encode(), place, picture.name.encode("utf-8", "surrogatepass"), told)
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]


def _writer(lines: Iterable[Line]) -> Callable[[BinaryIO], None]:
    def write(target: BinaryIO) -> None:
        for line in lines:
            target.write(json.dumps(line).encode("ascii") + b"\n")

    return write


def _end_of_last_line(file: BinaryIO, size: int) -> int:
    """The place after the last newline."""
    step = 1 << 16
    at = size
    while at > 0:
        start = max(0, at - step)
        file.seek(start)
        found = file.read(at - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        at = start
    return 0
