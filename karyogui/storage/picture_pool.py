"""Pictures that the daily backups of a folder share, each once, named by its sha256."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Set
from datetime import datetime
from pathlib import Path

from karyogui.errors import KaryoError
from karyogui.storage.files import delete_own, is_plain
from karyogui.storage.image_store import KEY
from model.vocabulary.files import replacing

POOL = "pictures of daily backups"
_DAY = 24 * 3600.0


class PicturePool:
    """The pictures beside the backups in `place`. `OSError` where the disk refuses."""

    def __init__(self, place: Path) -> None:
        self._folder = place / POOL

    def keep(self, source: Path, key: str, scratch: Path) -> bool:
        """Bring a picture in where it is not there yet; whether its bytes are what its key says.

        What is there is read again once a week, and put right where it was altered. `scratch` is
        where it is written to, on the same disk.
        """
        target = self._path(key)
        if self._is_there(target, source, key):
            os.utime(target)  # or it would be thought to be named by none
            return True
        if not _is_whole(source, key):
            return False
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with replacing(target, scratch) as unfinished:
            os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            shutil.copyfile(source, unfinished)
            if not _is_whole(unfinished, key):
                raise OSError(errno.EIO, "it was not written as it is", str(target))
        return True

    def bring_out(self, key: str, target: Path) -> None:
        """Copy a picture to a new place; `KaryoError` where it is not there as it was."""
        source = self._path(key)
        if not is_plain(source):
            raise KaryoError(
                "Pictures of this backup are not beside it.",
                f"They lie in the folder “{POOL}” where it was made: bring both together.",
            )
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with replacing(target) as unfinished:
            os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            shutil.copyfile(source, unfinished)
            if not _is_whole(unfinished, key):
                raise KaryoError(f"The picture {key[:12]}… of this backup is damaged.")

    def forget_others(self, named: Set[str]) -> int:
        """Delete the pictures that no backup names and none has asked for today; how many."""
        deleted = 0
        for folder in self._folder.glob("[0-9a-f][0-9a-f]"):
            young = {p.name for p in folder.iterdir() if p.lstat().st_mtime > time.time() - _DAY}
            deleted += delete_own(folder, KEY, keep=named | young)
        return deleted

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key

    @staticmethod
    def _is_there(target: Path, source: Path, key: str) -> bool:
        if not is_plain(target) or target.stat().st_size != source.stat().st_size:
            return False
        is_its_day = int(key[:2], 16) % 7 == datetime.now().astimezone().weekday()
        return not is_its_day or _is_whole(target, key)


def _is_whole(path: Path, key: str) -> bool:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == key.partition(".")[0]
