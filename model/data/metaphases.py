"""Raw metaphases with a box and a type for every chromosome: pictures, Pascal VOC and two lists.

Laid out as `images/<name>.jpg`, `annotations/<name>.xml`, `number_abnormalities.csv` and
`structural_abnormalities.csv` (Tseng et al., Scientific Data 10:104, 2023,
DOI 10.1038/s41597-023-02003-7); any picture and annotation of the same name will do, and both
lists may be absent.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from model.data.cells import counts_of, is_normal
from model.data.outlines import OutlineArchive as OutlineArchive
from model.data.outlines import decoded
from model.data.splits import split_names
from model.segmentation.base import GreyImage
from model.vocabulary.archive import PICTURES, ArchiveFiles, ending, stem
from model.vocabulary.archive import case_of_metaphase as case_of
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import TYPES

NUMBERS, STRUCTURES = "number_abnormalities", "structural_abnormalities"

_GROUP = re.compile(r"^[A-G](?=\d)")
_TYPE_WORD = re.compile(r"\d+|[XY]+")


@dataclass(frozen=True)
class Truth:
    """One chromosome: its type 0 … 23 and its box (x, y, w, h) in pixels, within the picture."""

    type: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class ListedAbnormality:
    """One row of a list: how many chromosomes the cell has and which types are abnormal.

    `chromosomes` is None and `types` is empty where the row does not say; `text` is as written.
    """

    chromosomes: int | None
    types: tuple[int, ...]
    text: str


Listed = Mapping[str, tuple[ListedAbnormality, ...]]


class MetaphaseArchive:
    """Metaphases with boxes, read one by one from a zip or a folder.

    `names` are those with both a picture and an annotation, sorted; `problems` says in a sentence
    each what was left out. ModelError when no such pair is found. Threads may share it, processes
    open their own.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._files = ArchiveFiles(path)
        problems: list[str] = []
        self._pictures = _by_stem(self._files.names, PICTURES, problems)
        self._annotations = _by_stem(self._files.names, {"xml"}, problems)
        self.names = tuple(sorted(self._pictures.keys() & self._annotations.keys()))
        if not self.names:
            raise ModelError(
                f"{path.name} holds no metaphase with boxes.",
                "Expected images/<name>.jpg and annotations/<name>.xml.",
            )
        problems += [
            f"{name}: the {what} has no {other}."
            for what, other, lonely in (
                ("picture", "annotation", self._pictures.keys() - self._annotations.keys()),
                ("annotation", "picture", self._annotations.keys() - self._pictures.keys()),
            )
            for name in sorted(lonely)
        ]
        self.number_abnormalities = self._list(NUMBERS, problems)
        self.structural_abnormalities = self._list(STRUCTURES, problems)
        self.problems = tuple(problems)

    def case(self, name: str) -> str:
        """The person whom the picture shows: its name without the last digit."""
        return case_of(name)

    def split(self, held_out: int | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names to learn from and names held out, by case as everywhere (model/data/splits.py)."""
        return split_names(self.names, self.case, held_out)

    def picture(self, name: str) -> GreyImage:
        """The picture (H, W) uint8 as stored; ModelError when it cannot be read.

        A camera's note on orientation is not followed: boxes were drawn on the stored pixels.
        """
        return decoded(self._files.read(self._pictures[name]), name)

    def truth(self, name: str) -> tuple[Truth, ...]:
        """Every chromosome in the annotation's order; ModelError when it cannot be understood."""
        return self._parsed(name)[0]

    def truth_problems(self, name: str) -> tuple[str, ...]:
        """What of an annotation is not among its truth, a sentence each."""
        return self._parsed(name)[1]

    def counts(self, name: str) -> tuple[int, ...]:
        """How many boxes (24,) there are of each type."""
        return counts_of(tuple(t.type for t in self.truth(name)))

    def countable(self, name: str) -> bool:
        """Whether the boxes' counts are a truth about the cell's chromosomes.

        Of a cell on no list they are when they are those of 46,XX or 46,XY: other counts mean
        lost or wrongly labelled chromosomes. Of a listed cell they are when they agree with the
        list's number and, on the list of numbers, are not those of a normal cell.
        """
        counts = self.counts(name)
        numbers = self.number_abnormalities.get(name, ())
        rows = (*numbers, *self.structural_abnormalities.get(name, ()))
        known = {row.chromosomes for row in rows} - {None}
        if not known:
            return is_normal(counts)
        return known == {sum(counts)} and not (numbers and is_normal(counts))

    def _parsed(self, name: str) -> tuple[tuple[Truth, ...], tuple[str, ...]]:
        try:
            root = ElementTree.fromstring(self._files.read(self._annotations[name]))
            size = tuple(int(float(root.findtext(f"size/{s}", "0"))) for s in ("width", "height"))
            rows = [_row(element) for element in root.iter("object")]
        except (ElementTree.ParseError, ValueError, TypeError, LookupError) as error:
            raise ModelError(f"{name}: the annotation cannot be understood ({error}).") from error
        if min(size) <= 0:
            size = self.picture(name).shape[::-1]
        problems: list[str] = []
        found = (_truth(name, label, corners, size, problems) for label, corners in rows)
        return tuple(t for t in found if t is not None), tuple(problems)

    def _list(self, title: str, problems: list[str]) -> Listed:
        at = next((n for n in self._files.names if stem(n).lower() == title
                   and ending(n) == "csv"), None)  # fmt: skip
        if at is None:
            return {}
        own = {name.lower(): name for name in self.names}
        listed: dict[str, tuple[ListedAbnormality, ...]] = {}
        for row in _rows_of(self._files.read(at)):
            name = own.get(_picture_name(row[0]).lower())
            if name is not None:
                listed[name] = (*listed.get(name, ()), _listed(row))
            elif _picture_name(row[0]).lower() not in ("filename", "name", ""):
                problems.append(f"{title}: there is no picture {row[0]} with boxes.")
        return listed


def _by_stem(names: Sequence[str], endings: frozenset[str] | set[str],
             problems: list[str]) -> dict[str, str]:  # fmt: skip
    """File by its name without folder and ending; of several the first."""
    found: dict[str, str] = {}
    for name in names:
        if ending(name) in endings:
            if stem(name) in found:
                problems.append(f"{name}: there is another file of this name, left out.")
            found.setdefault(stem(name), name)
    return found


def _row(element: ElementTree.Element) -> tuple[str, tuple[float, float, float, float]]:
    left, top, right, bottom = (
        float(element.findtext(f"bndbox/{side}", "")) for side in ("xmin", "ymin", "xmax", "ymax")
    )
    if not np.isfinite([left, top, right, bottom]).all():
        raise ValueError("a box is not a number")
    return (element.findtext("name") or "").strip(), (left, top, right, bottom)


def _truth(name: str, label: str, corners: tuple[float, float, float, float],
           size: Sequence[int], problems: list[str]) -> Truth | None:  # fmt: skip
    """One annotated chromosome, its box clipped to the picture of `size` (width, height)."""
    kind = _GROUP.sub("", label.upper())
    if kind not in TYPES:
        problems.append(f"{name}: “{label}” is no chromosome type, left out.")
        return None
    width, height = size
    left, right = (min(max(v, 0.0), float(width)) for v in corners[::2])
    top, bottom = (min(max(v, 0.0), float(height)) for v in corners[1::2])
    if right <= left or bottom <= top:
        problems.append(f"{name}: a box of {kind} is empty or outside the picture, left out.")
        return None
    return Truth(TYPES.index(kind), (left, top, right - left, bottom - top))


def _rows_of(data: bytes) -> list[list[str]]:
    """Cells of a table, by commas or semicolons; rows without a name are left out."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        rows = [[c.strip() for c in row] for row in csv.reader(io.StringIO(text, newline=""),
                                                               delimiter=delimiter)]  # fmt: skip
    except csv.Error as error:
        raise ModelError(f"A list of the archive cannot be understood ({error}).") from error
    return [row for row in rows if row and row[0]]


def _picture_name(text: str) -> str:
    """A file's name as written in a list, with or without an ending."""
    return stem(text) if ending(text) in PICTURES else text.rsplit("/", 1)[-1]


def _listed(row: Sequence[str]) -> ListedAbnormality:
    """A row: name, number of chromosomes, types, several perhaps without quotes."""
    number = re.search(r"\d+", row[1]) if len(row) > 1 else None
    text = ",".join(row[2:]).strip(" ,")
    kinds = []
    for word in _TYPE_WORD.findall(text.upper()):
        kinds += [word] if word.isdigit() else list(word)
    types = dict.fromkeys(TYPES.index(kind) for kind in kinds if kind in TYPES)
    return ListedAbnormality(int(number[0]) if number else None, tuple(types), text)
