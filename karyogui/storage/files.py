"""Files written beside and renamed, and what the system says when it cannot, in words."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from karyogui.errors import KaryoError
from model.vocabulary.files import replacing

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


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


def write_atomically(
    path: Path, write: Callable[[BinaryIO], None], scratch: Path | None = None
) -> None:
    """Let `write` fill a file beside `path`, make it durable and rename it into place.

    `scratch` is another folder of the same file system for the unfinished file. On any error
    `path` is as it was and nothing half written is left. Raises `KaryoError` for a full disk, a
    read-only folder or any other refusal of the system.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, scratch) as unfinished, unfinished.open("wb") as target:
            write(target)
    except OSError as error:
        raise disk_error(error, path) from error
