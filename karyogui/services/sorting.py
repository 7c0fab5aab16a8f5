"""Pictures sorted by what they show: photographs of metaphases are cells of their own.

A folder of cut-outs is one cell. A folder of metaphases is a case with one cell for each picture;
a folder within it is a slide. A file of several pictures (pages, planes) counts as a folder of
them. A finished karyogram is neither, and is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePath

from karyogui.domain.cell import PictureKind
from karyogui.errors import KaryoError
from karyogui.services.discovery import CellSource, PictureSource
from karyogui.services.picture_kind import (
    CUT_OUT_IMPRESSION,
    SMALL,
    Impression,
    agreed,
)
from karyogui.services.pictures import open_picture, page_count, page_of, picture_size
from karyogui.services.progress import Monitor, Progress

KINDS = (PictureKind.METAPHASE, PictureKind.CUT_OUT)
"""What a person may say that pictures are."""


@dataclass(frozen=True)
class Sorted:
    """Cells to read, and one sentence for each picture that is none."""

    cells: tuple[CellSource, ...]
    problems: tuple[str, ...]


def sort_pictures(
    cells: Sequence[CellSource], monitor: Monitor, choice: PictureKind | None = None
) -> Sorted:
    """Sort the pictures of every folder; `choice` is what a person says that they are.

    Without a choice each picture is looked at; the doubtful ones of a folder are taken for what
    the others are. What cannot be read is passed on, for its reader to tell.
    """
    problems: list[str] = []
    found: list[CellSource] = []
    for given in cells:
        cell = _page_by_page(given, problems)
        looks = [choice] * len(cell.pictures) if choice else _looks(cell, monitor, problems)
        found += _split(cell, looks)
    return Sorted(tuple(found), tuple(problems))


def _page_by_page(cell: CellSource, problems: list[str]) -> CellSource:
    """The cell with every picture of a file that holds several as a picture of its own."""
    pictures: list[PictureSource] = []
    for picture in cell.pictures:
        count, is_damaged = 1, False
        if picture.may_hold_pages:
            with suppress(KaryoError):  # what cannot be read is told when it is opened
                count, is_damaged = page_count(picture.read())
        pictures += [picture] if count == 1 else [_page(picture, k, count) for k in range(count)]
        if is_damaged:
            read = "the first picture" if count == 1 else f"{count} pictures"
            problems.append(
                f"{cell.name}: of {picture.name} only {read} can be read: the file is damaged, and "
                "what else it holds was left out."
            )
    return replace(cell, pictures=tuple(pictures))


def _page(picture: PictureSource, number: int, pages: int) -> PictureSource:
    name = PurePath(picture.name)
    told = f"{name.stem} ({number + 1} of {pages}){name.suffix}"
    return PictureSource(told, lambda: page_of(picture.read(), number, picture.name))


def _looks(cell: CellSource, monitor: Monitor, problems: list[str]) -> list[PictureKind]:
    seen = [_look(cell, picture, monitor) for picture in cell.pictures]
    looks = list(agreed(seen))
    for picture, look, impression in zip(cell.pictures, looks, seen, strict=True):
        if look is PictureKind.KARYOGRAM:
            problems.append(
                f"{cell.name}: {picture.name} looks like a finished karyogram, "
                f"{impression.objects} objects upright in rows: it was left out. Choose the "
                "photograph of the cell; or say that the picture is a metaphase."
            )
    return looks


def _look(cell: CellSource, picture: PictureSource, monitor: Monitor) -> Impression:
    try:
        data = picture.read()
        size = picture_size(data)
        if size is not None and max(size) < SMALL:
            return CUT_OUT_IMPRESSION
        # Only large pictures take time; the count of the import begins after the looking.
        monitor.report(Progress(0, len(cell.pictures), f"Looking at {cell.name}: {picture.name}"))
        return open_picture(data, picture.name).impression
    except KaryoError:
        return replace(CUT_OUT_IMPRESSION, is_sure=False)


def _split(cell: CellSource, looks: Sequence[PictureKind]) -> Iterator[CellSource]:
    """The cut-outs together, then every metaphase alone."""
    pairs = list(zip(cell.pictures, looks, strict=True))
    cut_outs = tuple(picture for picture, look in pairs if look is PictureKind.CUT_OUT)
    if cut_outs:
        yield replace(cell, pictures=cut_outs, slide="", kind=PictureKind.CUT_OUT)
    for picture, look in pairs:
        if look is PictureKind.METAPHASE:
            name = PurePath(picture.name).stem or picture.name
            yield replace(cell, name=name, pictures=(picture,), kind=PictureKind.METAPHASE)
