"""Files are written beside their place and renamed: whole and on the disk, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

from model.vocabulary.errors import ModelError

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def require_plain(path: Path) -> None:
    """OSError for what is there and no regular file: pipes and devices would be waited for."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is no file but a pipe, socket or device", str(path))


def read_plain(path: Path) -> bytes:
    """What a regular file holds; OSError for anything else, at once."""
    require_plain(path)
    return path.read_bytes()


def read_plain_text(path: Path) -> str:
    """The text of a regular file in UTF-8; OSError for anything else, ValueError for no UTF-8."""
    return read_plain(path).decode("utf-8")


@contextlib.contextmanager
def replacing(path: Path, scratch: Path | None = None) -> Iterator[Path]:
    """Give a new path to write to; what lies there becomes `path` when the block ends well.

    By then it has reached the disk. On any error `path` is as it was and nothing half written is
    left. `scratch` is another folder of the same file system for the unfinished file. OSError
    where something stands at `path` that is no file: a device or a pipe is never replaced.
    """
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        require_plain(path)
    unfinished = (scratch or path.parent) / f".{uuid4().hex}.part"
    try:
        yield unfinished
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def refuse_protected(path: Path) -> None:
    """PermissionError for a file that nobody may write to: renaming another over it would work."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        if not path.stat().st_mode & _WRITABLE:
            raise PermissionError(errno.EACCES, "it is read-only", str(path))


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 by `replacing`."""
    with replacing(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def write_texts(folder: Path, texts: Mapping[str, str | bytes]) -> None:
    """Write texts (or packed pictures) by their file names into a folder, making it where needed.

    ModelError names the file that the disk refuses.
    """
    for name, text in texts.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with replacing(folder / name) as beside:
                beside.write_bytes(text.encode() if isinstance(text, str) else text)
        except OSError as error:
            raise ModelError(f"{name} could not be written ({error}).") from error
