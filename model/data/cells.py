"""Labelled cells from an archive laid out as `<case>/<cell>/<type>-<n>.png` with `manifest.csv`."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.vocabulary.archive import (
    CELL_PICTURE,
    MANIFEST,
    UNKNOWN_POLARITY,
    ArchiveFiles,
    no_cells,
)
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import TYPES


@dataclass(frozen=True, eq=False)
class LabelledCell:
    """One cell: pictures (h, w) uint8 with their true types 0 … 23, all q arm down.

    `counts` are the manifest's copies of each type (the only truth about abnormality), or None
    when the archive has no manifest row for the cell. A cell that is not `complete` is
    without the chromosomes nobody was sure of (a manifest row without numbers): its pictures say
    nothing about how many there were.
    """

    case: str
    name: str
    pictures: tuple[NDArray[np.uint8], ...]
    types: tuple[int, ...]
    counts: tuple[int, ...] | None
    complete: bool = True
    upright: tuple[bool, ...] | None = None
    """Which pictures are known to stand q arm down; None where all are."""

    @property
    def is_numerically_normal(self) -> bool:
        """Two of every autosome and XX or XY, by the manifest (by the pictures without one).

        Of an incomplete cell nothing abnormal is known.
        """
        return not self.complete or is_normal(self.counts or counts_of(self.types))


@dataclass(frozen=True, eq=False)
class Archive:
    """All cells of an archive in the order of their names; `problems` says what was left out."""

    cells: tuple[LabelledCell, ...]
    problems: tuple[str, ...]


def counts_of(types: tuple[int, ...]) -> tuple[int, ...]:
    """How many of each of the 24 types there are."""
    seen = Counter(types)
    return tuple(seen[kind] for kind in range(len(TYPES)))


def is_normal(counts: tuple[int, ...]) -> bool:
    """Whether counts (24,) are those of 46,XX or 46,XY."""
    return all(c == 2 for c in counts[:22]) and counts[22:] in ((2, 0), (1, 1))


def read_archive(path: Path) -> Archive:
    """Read a zip or folder; ModelError when it holds no labelled chromosome."""
    pictures: dict[tuple[str, str], list[tuple[int, int, NDArray[np.uint8], str]]] = {}
    problems: list[str] = []
    manifest: Mapping[tuple[str, str], tuple[int, ...] | None] = {}
    either_way: frozenset[str] = frozenset()
    files = ArchiveFiles(path)
    for name in files.names:
        last = name.rsplit("/", 1)[-1].lower()
        if last == MANIFEST:
            manifest = _read_manifest(files.read(name))
            continue
        if last == UNKNOWN_POLARITY:
            either_way = frozenset(files.read(name).decode("utf-8", "replace").split("\n"))
            continue
        found = CELL_PICTURE.search(name)
        if not found:
            continue
        kind = found["type"].upper()
        grey = _grey(files.read(name))
        if kind not in TYPES:
            problems.append(f"{name}: “{found['type']}” is no chromosome type.")
        elif grey is None:
            problems.append(f"{name}: the picture cannot be read.")
        else:
            cell = pictures.setdefault((found["case"], found["cell"]), [])
            short = "/".join(name.split("/")[-3:])
            cell.append((TYPES.index(kind), int(found["n"]), grey, short))
    if not pictures:
        raise no_cells(path)
    cells = []
    for (case, name), members in sorted(pictures.items()):
        members.sort(key=lambda m: m[:2])
        types = tuple(m[0] for m in members)
        counts = manifest.get((case, name))
        complete = counts is not None or (case, name) not in manifest
        if is_label_shift(counts or counts_of(types)):
            problems.append(f"{case}/{name}: labels shifted by one, left out.")
            continue
        pictures_ = tuple(m[2] for m in members)
        upright = tuple(m[3] not in either_way for m in members)
        cells.append(
            LabelledCell(
                case, name, pictures_, types, counts, complete, None if all(upright) else upright
            )
        )
    return Archive(tuple(cells), tuple(problems))


def is_label_shift(counts: tuple[int, ...]) -> bool:
    """A cell whose labels slipped by one from the second 15 on: one 15, one 16, XXYY, 46 in all.

    Such counts would need two monosomies and two gained sex chromosomes at once.
    """
    return sum(counts) == 46 and counts[14:16] == (1, 1) and counts[22:] == (2, 2)


def _grey(data: bytes) -> NDArray[np.uint8] | None:
    """The picture (h, w) of a file's content, or None."""
    try:
        grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error:  # an empty file, a size beyond OpenCV's limit
        return None
    return None if grey is None else grey.astype(np.uint8)


def _read_manifest(data: bytes) -> dict[tuple[str, str], tuple[int, ...] | None]:
    """Copies of each type by case and cell; None for a row without any number."""
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
        return {(row["case"], row["cell"]): _copies(row) for row in rows}
    except (csv.Error, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"The archive's manifest.csv cannot be understood ({error}).") from error


def _copies(row: Mapping[str, str]) -> tuple[int, ...] | None:
    texts = [row[kind] for kind in TYPES]
    return tuple(int(text) for text in texts) if any(texts) else None
