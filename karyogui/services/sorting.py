"""Pictures sorted by what they show: photographs of metaphases are cells of their own.

A folder of cut-outs is one cell. A folder of metaphases is a case with one cell for each picture;
a folder within it is a slide. A file of several pictures (pages, planes) counts as a folder of
them. A finished karyogram is neither: it is a cell of its own where it can be read, else told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from pathlib import PurePath

from PIL import Image

from karyogui.domain.cell import PictureKind
from karyogui.errors import KaryoError
from karyogui.services.discovery import CellSource, PictureSource
from karyogui.services.karyogram_reading import ReadChromosome, read_karyogram
from karyogui.services.picture_kind import (
    CUT_OUT_IMPRESSION,
    SMALL,
    Impression,
    agreed,
)
from karyogui.services.pictures import (
    Grey,
    open_picture,
    page_count,
    page_of,
    picture_size,
    read_picture,
)
from karyogui.services.progress import Monitor, Progress


@dataclass(frozen=True)
class Sorted:
    """Cells to read, and one sentence for each picture that is none.

    `remarks` has one for each karyogram that is read.
    """

    cells: tuple[CellSource, ...]
    problems: tuple[str, ...]
    remarks: tuple[str, ...] = ()


@dataclass
class _Notes:
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def sort_pictures(
    cells: Sequence[CellSource],
    monitor: Monitor,
    choice: PictureKind | None = None,
    reads_karyograms: bool = False,
) -> Sorted:
    """Sort the pictures of every folder; `choice` is what a person says that they are.

    Without a choice each picture is looked at; the doubtful ones of a folder are taken for what
    the others are. What cannot be read is passed on, for its reader to tell. A finished karyogram
    is left out, unless this `reads_karyograms` and its places can be told.
    """
    notes = _Notes()
    found: list[CellSource] = []
    for given in cells:
        cell = _page_by_page(given, notes.problems)
        if choice is PictureKind.KARYOGRAM:
            for picture in cell.pictures:
                found += _called_karyogram(cell, picture, notes)
        elif choice:
            found += _split(cell, [choice] * len(cell.pictures))
        else:
            seen = [_look(cell, picture, monitor) for picture in cell.pictures]
            found += _split(cell, agreed(seen))
            for picture, impression in zip(cell.pictures, seen, strict=True):
                if impression.kind is PictureKind.KARYOGRAM:
                    found += _of_karyogram(cell, picture, impression, notes, reads_karyograms)
    return Sorted(tuple(found), tuple(notes.problems), tuple(notes.remarks))


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


def _of_karyogram(
    cell: CellSource, picture: PictureSource, seen: Impression, notes: _Notes, reads: bool
) -> Iterator[CellSource]:
    """The cell of the chromosomes on a picture that looks like a finished karyogram."""
    read = read_karyogram(read_picture(picture.read(), picture.name)) if reads else ()
    if any(one.slot for one in read):
        yield _cut_out(cell, picture, read, notes)
        return
    why = ", and which place is which cannot be told" if reads else ""
    notes.problems.append(
        f"{cell.name}: {picture.name} looks like a finished karyogram, "
        f"{seen.objects} objects upright in rows{why}: it was left out. Choose the "
        "photograph of the cell; or say that the picture is a metaphase."
    )


def _called_karyogram(
    cell: CellSource, picture: PictureSource, notes: _Notes
) -> Iterator[CellSource]:
    """The cell of the chromosomes on what a person calls a finished karyogram."""
    try:
        read = read_karyogram(read_picture(picture.read(), picture.name))
    except KaryoError as error:
        notes.problems.append(f"{cell.name}: {error}")
        return
    if any(one.slot for one in read):
        yield _cut_out(cell, picture, read, notes)
        return
    notes.problems.append(
        f"{cell.name}: on {picture.name} it cannot be told which place of a karyogram is which: it "
        "was left out. Cut its chromosomes out, or choose the photograph of the cell."
    )


def _cut_out(
    cell: CellSource, picture: PictureSource, read: Sequence[ReadChromosome], notes: _Notes
) -> CellSource:
    """The cell of a karyogram's chromosomes; each is cut out and knows the slot of its place."""
    unknown = sum(one.slot is None for one in read)
    left = f", {unknown} in the tray because their place cannot be told" if unknown else ""
    notes.remarks.append(
        f"{cell.name}: {picture.name} is a finished karyogram. Its {len(read)} chromosomes were "
        f"cut out; after the analysis they stand at the places that they have there{left}."
    )
    number: Counter[str] = Counter()
    cut_outs = []
    for one in read:
        slot = one.slot or "unknown"
        number[slot] += 1
        name = f"{slot}-{number[slot]}.png"
        cut_outs.append(PictureSource(name, partial(_png, one.picture), one.slot))
    name = PurePath(picture.name).stem or picture.name
    return replace(cell, name=name, pictures=tuple(cut_outs), kind=PictureKind.KARYOGRAM)


def _png(pixels: Grey) -> bytes:
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


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
