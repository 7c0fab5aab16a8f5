"""The files of an archive, a zip or a folder, each read when it is asked for."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from model.errors import ModelError
from model.segmentation.base import GreyImage

PICTURES: frozenset[str] = frozenset(
    ("jpg", "jpeg", "jpe", "png", "tif", "tiff", "bmp", "jp2", "webp", "pgm", "ppm")
)
"""Endings of picture files."""

# RuntimeError: a password; NotImplementedError: a compression that zipfile does not know.
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError,
)  # fmt: skip


class ArchiveFiles:
    """Names (with `/`, sorted, without hidden files) and contents of an archive.

    Threads may read from it at once; processes open their own. ModelError when there is no such
    archive or when a file of it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = None if path.is_dir() else zipfile.ZipFile(path)
            self.names = tuple(sorted(n for n in self._listed() if not _is_hidden(n)))
        except FileNotFoundError:
            raise ModelError(f"There is no file or folder {path}.") from None
        except UNREADABLE as error:
            raise ModelError(f"{path.name} cannot be read as an archive ({error}).") from error

    def read(self, name: str) -> bytes:
        """The content of one of the names; ModelError when it is damaged."""
        try:
            return (self.path / name).read_bytes() if self._zip is None else self._zip.read(name)
        except (KeyError, *UNREADABLE) as error:
            raise ModelError(
                f"{name} of {self.path.name} cannot be read ({error}).", "The archive is damaged."
            ) from error

    def _listed(self) -> Iterator[str]:
        if self._zip is not None:
            yield from (i.filename for i in self._zip.infolist() if not i.is_dir())
            return
        for file in self.path.rglob("*"):
            if file.is_file():
                yield file.relative_to(self.path).as_posix()


def stem(name: str) -> str:
    """The file's own name without its ending."""
    return name.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def ending(name: str) -> str:
    """The ending in small letters without its dot; empty without one."""
    own = name.rsplit("/", 1)[-1]
    return own.rsplit(".", 1)[-1].lower() if "." in own else ""


def decoded(data: bytes, name: str) -> GreyImage:
    """The grey picture (H, W) of a file's content; ModelError when there is none."""
    try:
        flags = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
        grey = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:  # an empty file, a size beyond OpenCV's limit
        grey = None
    if grey is None:
        raise ModelError(f"{name}: the picture cannot be read.")
    return grey.astype(np.uint8)


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))
