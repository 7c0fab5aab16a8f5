"""One file that carries stored data: a zip with a list of its files and their sha256.

What is unpacked is compared with the list while it is read, and only names that this program gives
are ever written to a disk.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from karyogui.errors import KaryoError
from karyogui.storage.database import DATABASE_FILE, known_revisions
from karyogui.storage.image_store import KEY, PICTURES_FOLDER
from model.vocabulary.files import require_plain

FORMAT = 2
ONE_FILE = 1
"""The format of a bundle that holds all of its pictures itself."""
BACKUP, CASE = "backup", "case"
"""What a bundle can be."""
LIST = "contents.json"
POOLED = "pooled"
"""In the list, the keys of pictures that lie beside the bundle and are shared with others."""
CASE_DATABASE = "case.db"
MEMBER = re.compile(
    rf"{re.escape(DATABASE_FILE)}|{re.escape(CASE_DATABASE)}|demonstration"
    r"|pictures/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]{1,5}"
    r"|models/\w[\w .+-]{0,79}\.(?:safetensors|json)"
)
"""What may be in a bundle."""
LARGEST_LIST = 400_000_000
"""Bytes of the list: some two million pictures."""
LARGEST_MEMBER = 400_000_000
"""Bytes of a picture, model or single case: it is read whole. Of the database there is no limit."""
BLOCK = 1 << 20
_WHEN = (2000, 1, 1, 0, 0, 0)
_UNREADABLE = (
    KeyError, ValueError, TypeError, AttributeError, EOFError, OSError, RecursionError,
    MemoryError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What reading a damaged zip may raise."""


def picture_member(key: str) -> str:
    """What a picture is named in a bundle, and below the data folder."""
    return f"{PICTURES_FOLDER}/{key[:2]}/{key}"


def write_bundle(
    path: Path, kind: str, members: list[tuple[Path, str]], facts: dict[str, Any]
) -> None:
    """Write files under their names in the bundle, with the list behind them; OSError of a disk."""
    listed: dict[str, list[Any]] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for source, name in members:
            info = zipfile.ZipInfo(name, _WHEN)
            is_database = name.endswith(".db")
            info.compress_type = zipfile.ZIP_DEFLATED if is_database else zipfile.ZIP_STORED
            digest, size = hashlib.sha256(), 0
            with source.open("rb") as file, archive.open(info, "w", force_zip64=True) as into:
                while block := file.read(BLOCK):
                    digest.update(block)
                    size += len(block)
                    into.write(block)
            listed[name] = [digest.hexdigest(), size]
        number = FORMAT if POOLED in facts else ONE_FILE
        told = {"format": number, "kind": kind, **facts, "files": listed}
        archive.writestr(zipfile.ZipInfo(LIST, _WHEN), json.dumps(told))


class Bundle:
    """A bundle open for reading; made by `opened`."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, facts: dict[str, Any]) -> None:
        self.path, self.facts = path, facts
        self._archive = archive

    def verify(self) -> None:
        """Compare every file with the list; `KaryoError` for one that is other or too much."""
        for name in self.names():
            for _ in self._blocks(name):
                pass

    def names(self) -> list[str]:
        """The files; `KaryoError` when the list does not name exactly them, or an odd one."""
        names = [i.filename for i in self._archive.infolist() if i.filename != LIST]
        wanted = DATABASE_FILE if self.facts["kind"] == BACKUP else CASE_DATABASE
        is_list = sorted(names) == sorted(self.facts["files"]) and wanted in names
        if not is_list or not all(MEMBER.fullmatch(name) for name in names):
            raise not_one(self.path)
        return names

    @property
    def pooled(self) -> frozenset[str]:
        """The keys of its pictures that lie beside it; `KaryoError` for what is no list of keys."""
        keys = self.facts.get(POOLED, [])
        if not isinstance(keys, list) or not all(
            isinstance(k, str) and KEY.fullmatch(k) for k in keys
        ):
            raise not_one(self.path)
        return frozenset(keys)

    def unpack(self, folder: Path) -> None:
        """Write all files into a new folder, for its owner only, and to the disk."""
        names = self.names()
        folder.mkdir(mode=0o700)
        (folder / PICTURES_FOLDER).mkdir(mode=0o700)
        self._refuse_without_room(folder)
        for name in names:
            target = folder.joinpath(*name.split("/"))
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            place = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(place, "wb") as into:
                for block in self._blocks(name):
                    into.write(block)
                into.flush()
                os.fsync(into.fileno())

    def _refuse_without_room(self, folder: Path) -> None:
        """OSError of a full disk before it is filled: what unpacks to far more than it weighs."""
        wanted = sum(info.file_size for info in self._archive.infolist())
        if wanted > shutil.disk_usage(folder).free:
            raise OSError(errno.ENOSPC, "No space left on device", str(folder))

    def _blocks(self, name: str) -> Iterator[bytes]:
        """A file in pieces; `KaryoError` when it is other than the list says."""
        told = self.facts["files"][name]
        if not isinstance(told, list) or len(told) != 2 or not isinstance(told[1], int):
            raise not_one(self.path)
        if name != DATABASE_FILE and told[1] > LARGEST_MEMBER:
            raise not_one(self.path)
        digest, seen = hashlib.sha256(), 0
        try:
            source: IO[bytes] = self._archive.open(name)
        except _UNREADABLE as error:
            raise not_one(self.path) from error
        with source:
            while block := self._block(source):
                digest.update(block)
                seen += len(block)
                if seen > told[1]:
                    raise not_one(self.path)
                yield block
        if [digest.hexdigest(), seen] != told:
            raise not_one(self.path)

    def _block(self, source: IO[bytes]) -> bytes:
        try:
            return source.read(BLOCK)
        except _UNREADABLE as error:
            raise not_one(self.path) from error


@contextmanager
def opened(path: Path, kind: str) -> Iterator[Bundle]:
    """Open a bundle; `KaryoError` for a damaged file, one of a newer version, or anything else."""
    try:
        require_plain(path)
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise KaryoError(f"There is no file {path}.") from error
    except _UNREADABLE as error:
        raise not_one(path) from error
    with archive:
        facts = _facts(path, archive)
        if facts["format"] > FORMAT or facts.get("revision") not in known_revisions():
            raise KaryoError(
                f"{path.name} was made by a newer version of KaryoGUI.", "Update KaryoGUI."
            )
        if facts.get("kind") != kind:
            other = {BACKUP: "a backup: use `restore`", CASE: "a single case: use `import`"}
            what = other.get(str(facts.get("kind")), "something else")
            raise KaryoError(f"{path.name} is {what}.", "Nothing was changed.")
        yield Bundle(path, archive, facts)


def is_bundle(path: Path, kind: str) -> bool:
    """Whether a file says of itself that it is a bundle of this kind."""
    try:
        require_plain(path)
        with zipfile.ZipFile(path) as archive:
            return _facts(path, archive).get("kind") == kind
    except (KaryoError, *_UNREADABLE):
        return False


def _facts(path: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        info = archive.getinfo(LIST)  # not packed: a small file holds no list that fills the memory
        if info.compress_type != zipfile.ZIP_STORED or info.file_size > LARGEST_LIST:
            raise not_one(path)
        facts = json.loads(archive.read(LIST))
        is_list = isinstance(facts["format"], int) and isinstance(facts["files"], dict)
    except _UNREADABLE as error:
        raise not_one(path) from error
    if not is_list:
        raise not_one(path)
    return dict(facts)


def not_one(path: Path) -> KaryoError:
    """What a file that cannot be trusted is refused with."""
    return KaryoError(
        f"{path.name} is not a whole file of KaryoGUI: it is damaged, cut short or altered.",
        "Nothing was changed.",
    )
