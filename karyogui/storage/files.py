"""Files written beside and renamed, and what the system says when it cannot, in words."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import re
import shutil
import stat
import sys
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from karyogui.errors import KaryoError
from model.vocabulary.files import refuse_protected, replacing

_HERE, _EXCHANGE = -100, 2
"""What Linux calls `AT_FDCWD` and `RENAME_EXCHANGE`."""
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


def database_error(error: Exception, path: Path, otherwise: KaryoError) -> KaryoError:
    """What SQLite says when it writes a copy at `path`: a full disk, or something else."""
    if "full" in str(error) or "disk I/O" in str(error):
        return disk_error(OSError(errno.ENOSPC, "No space left on device"), path)
    return otherwise


def disk_error(error: OSError, path: Path) -> KaryoError:
    """What an `OSError` of writing at `path` means to a person."""
    if error.errno in FULL:
        return KaryoError(
            f"The disk is full: {path} could not be written.",
            "What was stored before is safe. Free some space and try again.",
        )
    if error.errno in READ_ONLY and path.is_file():
        return KaryoError(
            f"{path} cannot be replaced: it is read-only, or open in another program.",
            "Close it there, or choose another name.",
        )
    if error.errno in READ_ONLY:
        return KaryoError(
            f"{path} cannot be written: the folder is read-only.",
            "Choose a folder that you may write to.",
        )
    reason = error.strerror or str(error)
    return KaryoError(f"{path} could not be written: {reason}.")


_STORED = re.compile(r"karyogui\.(?:db(?:-wal|-shm|-journal)?|id|lock)|[0-9a-f]{64}\.\w{1,5}", re.I)


def refuse_stored(path: Path) -> None:
    """`KaryoError` for a name that only files in a data folder have: nothing is written there."""
    if _STORED.fullmatch(path.name):
        raise KaryoError(f"{path.name} is a file of a data folder.", "Choose another name.")


def sync_folder(folder: Path) -> None:
    """Let a folder's names reach the disk, where the system can do that."""
    if os.name != "posix":
        return
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(place)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders beside each other change names in one step; False where that is not known.

    Then nothing was changed. So nobody ever finds neither of them, not even after a crash.
    """
    if sys.platform != "linux":
        return False
    try:
        rename = ctypes.CDLL(None).renameat2
        return bool(rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)
    except (OSError, AttributeError):
        return False


def is_plain(path: Path) -> bool:
    """Whether a path is a regular file itself, and no link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def open_own(path: Path) -> int:
    """Open a small file of the program for reading and writing, made where there is none.

    OSError for a link, a pipe or whatever else is no file: what a link leads to is not written.
    """
    if path.is_symlink() or (path.exists() and not is_plain(path)):
        raise OSError(errno.EINVAL, "it is no file of its own but a link, a pipe or a folder")
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    return os.open(path, flags, 0o600)


def delete_own(folder: Path, name: re.Pattern[str], keep: Container[str] = ()) -> int:
    """Delete regular files whose whole name matches, but for some; returns how many.

    A folder that is a link, links in it and whatever else lies there are left alone.
    """
    if folder.is_symlink():
        return 0
    own = [p for p in folder.iterdir() if name.fullmatch(p.name) and p.name not in keep]
    deleted = 0
    for path in own:
        if is_plain(path):
            path.unlink(missing_ok=True)
            deleted += 1
    return deleted


def write_atomically(
    path: Path, write: Callable[[BinaryIO], object], scratch: Path | None = None
) -> None:
    """Let `write` fill a file beside `path`, make it durable and rename it into place.

    `scratch` is another folder of the same file system for the unfinished file. On any error
    `path` is as it was and nothing half written is left. Raises `KaryoError` for a full disk, a
    read-only folder or file, a device, or any other refusal of the system, and for a name of the
    data folder's own.
    """
    if scratch is None:
        refuse_stored(path)
    try:
        if scratch is None:  # else the store's own, which it mends
            refuse_protected(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, scratch) as unfinished, unfinished.open("wb") as target:
            write(target)
    except OSError as error:
        raise disk_error(error, path) from error


_HOST = re.sub(r"\W+", "_", platform.node())[:40]
_NAME = re.compile(rf"\.karyogui-{_HOST}-(\d+)-[0-9a-f]{{12}}")


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A new folder for its owner only, deleted at the end with all in it.

    Those that killed programs of this computer left beside it are deleted, too. OSError of a disk.
    """
    _sweep(parent)
    folder = parent / f".karyogui-{_HOST}-{os.getpid()}-{uuid4().hex[:12]}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    for path in parent.glob(f".karyogui-{_HOST}-*"):
        match = _NAME.fullmatch(path.name)
        if match is None or not stat.S_ISDIR(path.lstat().st_mode):
            continue
        if not _is_running(int(match[1])):
            shutil.rmtree(path, ignore_errors=True)


def _is_running(process: int) -> bool:
    import psutil  # only where something was left: it takes a while to import

    return process == os.getpid() or psutil.pid_exists(process)
