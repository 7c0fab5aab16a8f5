"""One window on one data folder: a lock of the operating system, gone when its process is."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from karyogui.errors import KaryoError
from karyogui.storage.files import disk_error, open_own

LOCK_FILE = "karyogui.lock"
HELD = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK}
"""What the system says when somebody else has the lock; anything else is about the drive."""


OPEN = b"open"
"""What the file holds while a window has the folder; one that was killed leaves it."""


class FolderLock:
    """Held from construction until `release`; the system frees it when the process dies."""

    def __init__(self, folder: Path) -> None:
        """Take the lock; `KaryoError` when another window has it or the folder is read-only."""
        path = folder / LOCK_FILE
        self._is_held = False
        self.was_killed = False
        """Whether the one that had the folder before did not come to its end."""
        try:
            self._file: int | None = open_own(path)
        except OSError as error:
            raise disk_error(error, path) from error
        try:
            _lock(self._file)
            self._is_held = True
            self.was_killed = _mark_open(self._file)
        except OSError as error:
            self.release()
            if error.errno not in HELD:
                raise KaryoError(
                    f"The data folder {folder} cannot be locked: its drive has no file locks.",
                    "Choose a data folder on a drive of this computer.",
                ) from error
            raise KaryoError(
                f"The data folder {folder} is open in another KaryoGUI window.",
                "Use that window, close it first, or choose another data folder.",
            ) from error

    def release(self) -> None:
        """Give the lock back; doing so twice is harmless."""
        if self._file is not None:
            if self._is_held:
                _mark_closed(self._file)
            os.close(self._file)
            self._file = None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    def _mark_open(file: int) -> bool:
        return False

    def _mark_closed(file: int) -> None:
        pass

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _mark_open(file: int) -> bool:
        """Mark the folder as open; whether it still was so marked."""
        was_killed = _mark(file) == OPEN
        if _is_ours(file):
            os.pwrite(file, OPEN, 0)
        return was_killed

    def _mark_closed(file: int) -> None:
        if _is_ours(file):
            os.ftruncate(file, 0)

    def _mark(file: int) -> bytes:
        return os.pread(file, len(OPEN) + 1, 0)

    def _is_ours(file: int) -> bool:
        """Whether it holds nothing or the mark: else it is somebody's, under another name."""
        return _mark(file) in (b"", OPEN)
