"""A folder for what is not finished, which does not outlive a killed program for long."""

from __future__ import annotations

import os
import platform
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

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
