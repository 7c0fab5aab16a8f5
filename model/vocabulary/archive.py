"""An archive, a zip or a folder: its files, and how labelled cells lie in it.

Labelled cells lie as `<case>/<cell>/<type>-<n>.png` beside a `manifest.csv` of counts per cell.
Which cases a training holds out follows from their names alone.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from model.vocabulary.errors import ModelError
from model.vocabulary.files import require_plain

FOLDS: int = 5

CELL_PICTURE = re.compile(
    r"(?:^|/)(?P<case>[^/]+)/(?P<cell>[^/]+)/(?P<type>[^/]+)-(?P<n>\d+)\.(?:png|tiff?|bmp|jpe?g)$",
    re.IGNORECASE,
)
"""The name of a labelled chromosome; folders may stand before the case."""
MANIFEST: str = "manifest.csv"
UNKNOWN_POLARITY: str = "unknown_polarity.txt"
"""File that names, line by line, the pictures `<case>/<cell>/<type>-<n>.png` which may stand
either way."""

PICTURES: frozenset[str] = frozenset(
    ("jpg", "jpeg", "jpe", "png", "tif", "tiff", "bmp", "jp2", "webp", "pgm", "ppm")
)
"""Endings of picture files."""

# RuntimeError: a password; NotImplementedError: a compression that zipfile does not know.
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError,
)  # fmt: skip


OWN_CELLS: str = "own-reviewed-cells.zip"
"""The laboratory's own reviewed cells, written into the folder of their training."""
OWN_PICTURES: str = "own-checked-pictures.zip"
"""The laboratory's own checked photographs, as an archive of outlines."""

_OWN_PICTURE = re.compile(r"^(case-[0-9a-f]{12})-cell-\d+$")
_NUMBER = re.compile(r"\d+")
_SUFFIX = re.compile(r"_\d+$")


def family_of(name: str) -> str:
    """A data set's name without ending, date and number: `own-2026-03-01.zip` is `own`."""
    return re.sub(r"[\d\W_]+$", "", re.sub(r"\.zip$", "", name.strip(), flags=re.I)).casefold()


def own_picture(case: str, cell_id: int) -> str:
    """The name of an own photograph; `case` is opaque, `case-` and twelve hexadecimal digits."""
    return f"{case}-cell-{cell_id}"


def case_of_outlines(name: str) -> str:
    """The case of a picture with outlines: an own one's opaque name, else the number of the field.

    Fields cut in parts have their number in common; a name without a number is a case by itself.
    """
    own = _OWN_PICTURE.match(name)
    number = _NUMBER.search(name)
    return own[1] if own else number[0] if number else name


def case_of_metaphase(name: str) -> str:
    """A metaphase's case: its name without its last digit, or whole where it ends otherwise.

    A further `_1` marks another photograph of the same person's numbers and does not count.
    """
    own = _SUFFIX.sub("", name)
    return own[:-1] if len(own) > 1 and own[-1].isdigit() else own


def fold_of(case: str) -> int:
    """Fold 0 … 4 of a case, from its name alone: the same on every computer, always."""
    return int(hashlib.sha256(case.encode()).hexdigest()[:8], 16) % FOLDS


def no_cells(path: Path) -> ModelError:
    """The refusal of an archive without labelled chromosomes."""
    return ModelError(
        f"{path.name} holds no labelled chromosomes.",
        "Expected pictures named <case>/<cell>/<type>-<n>.png.",
    )


class ArchiveFiles:
    """Names (with `/`, sorted, without hidden files) and contents of an archive.

    Threads may read from it at once; processes open their own. ModelError when there is no such
    archive or when a file of it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            if not path.is_dir():
                require_plain(path)
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
                f"{self.path.name} cannot be read as an archive ({name}: {error}).",
                "It may be damaged.",
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


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))
