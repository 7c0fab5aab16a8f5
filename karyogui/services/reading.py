"""The pictures of a cell, read one by one: what can be used, what is odd, what is left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from karyogui.domain.cell import PictureKind
from karyogui.errors import KaryoError
from karyogui.services.discovery import CellSource
from karyogui.services.picture_limits import check_metaphase
from karyogui.services.pictures import Grey, Remark, open_picture
from model.light import is_unevenly_lit


@dataclass(frozen=True, eq=False)
class ReadPicture:
    """One picture: its bytes as they are, (h, w) grey of them, and the `slot` of its source."""

    name: str
    data: bytes
    pixels: Grey
    slot: str | None = None


@dataclass
class Notes:
    """Sentences about pictures: `problems` were left out, `remarks` came in."""

    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_pictures(
    cell: CellSource, notes: Notes, report: Callable[[str], None] = lambda name: None
) -> Iterator[ReadPicture]:
    """The pictures of a cell that can be used, each before the next is read.

    `report` gets the name of each before it is read. The notes are whole when all are read.
    """
    odd: dict[Remark, list[str]] = defaultdict(list)
    for picture in cell.pictures:
        report(picture.name)
        try:
            data = picture.read()
            opened = open_picture(data, picture.name)
            if cell.kind is PictureKind.METAPHASE:
                check_metaphase(opened.pixels, picture.name)
        except KaryoError as error:
            notes.problems.append(f"{cell.name}: {error}")
            continue
        remarks = list(opened.remarks)
        if cell.kind is PictureKind.METAPHASE:
            if Remark.FLUORESCENCE not in remarks and opened.impression.bright_on_dark:
                remarks.append(Remark.BRIGHT)
            if is_unevenly_lit(opened.pixels):
                remarks.append(Remark.UNEVEN)
        for remark in remarks:
            odd[remark].append(picture.name)
        yield ReadPicture(picture.name, data, opened.pixels, picture.slot)
    notes.remarks += [_remark_text(cell, remark, names) for remark, names in odd.items()]


def _remark_text(cell: CellSource, remark: Remark, names: list[str]) -> str:
    """One sentence for one oddity, however many pictures of the cell have it."""
    if len(names) == 1:
        return f"{cell.name}: {names[0]} is {remark.value}."
    return f"{cell.name}: {len(names)} of {len(cell.pictures)} pictures are {remark.value}."
