"""Pictures sorted by what they show: photographs of metaphases are cells of their own.

A folder of cut-outs is one cell. A folder of metaphases is a case with one cell for each picture;
a folder within it is a slide. A file of several pictures (pages, planes) counts as a folder of
them. A finished karyogram is neither: where it can be read it is a cell of its own, else it is
named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from pathlib import PurePath

from PIL import Image

from karyogui.domain.cell import PictureKind
from karyogui.errors import KaryoError
from karyogui.services.discovery import CellSource, PictureSource
from karyogui.services.karyogram_objects import dark_on_white, photographs_on
from karyogui.services.karyogram_reading import ReadChromosome, read_karyogram
from karyogui.services.picture_formats import format_of
from karyogui.services.picture_kind import (
    CUT_OUT_IMPRESSION,
    SMALL,
    Impression,
    agreed,
)
from karyogui.services.picture_limits import MAX_PAGES
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
class LeftOutPicture:
    """A picture that is in no cell, or a file of which not all pictures are, with the reason."""

    picture: PictureSource
    sentence: str


@dataclass(frozen=True)
class Sorted:
    """Cells to read, and what is left out of them, in the order of the pictures.

    `remarks` has one sentence for each karyogram that is read.
    """

    cells: tuple[CellSource, ...]
    left_out: tuple[LeftOutPicture, ...]
    remarks: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for each picture that is left out."""
        return tuple(each.sentence for each in self.left_out)


@dataclass(frozen=True)
class Glance:
    """What is seen of a file at first: its pictures (pages), and what each seems to show.

    `impressions` is empty where a person says what they are.
    """

    pages: int
    is_damaged: bool
    impressions: tuple[Impression, ...]


@dataclass
class _Notes:
    left_out: list[LeftOutPicture] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def sort_pictures(
    cells: Sequence[CellSource],
    monitor: Monitor,
    choice: PictureKind | None = None,
    reads_karyograms: bool = False,
) -> Sorted:
    """Sort the pictures of every folder; `choice` is what a person says that they are.

    Without a choice each picture is looked at; the doubtful ones of a folder are taken for what
    the others are. What cannot be read is passed on, for its reader to report. A finished karyogram
    is left out, unless this `reads_karyograms` and its places are recognised.
    """

    def seen(cell: CellSource, picture: PictureSource) -> Glance:
        def report() -> None:
            # Only large pictures take time; the count of the import begins after the looking.
            message = f"Looking at {cell.name}: {picture.name}"
            monitor.report(Progress(0, len(cell.pictures), message))

        return glance(picture, choice is None, report)

    return sort_by(cells, seen, choice, reads_karyograms)


def sort_by(
    cells: Sequence[CellSource],
    seen: Callable[[CellSource, PictureSource], Glance],
    choice: PictureKind | None = None,
    reads_karyograms: bool = False,
) -> Sorted:
    """As `sort_pictures`, by what is `seen` of each file; it is asked once for each, in order."""
    notes = _Notes()
    found: list[CellSource] = []
    for given in cells:
        glances = [(picture, seen(given, picture)) for picture in given.pictures]
        cell = _page_by_page(given, glances, notes)
        if choice is PictureKind.KARYOGRAM:
            for picture in cell.pictures:
                found += _called_karyogram(cell, picture, notes)
        elif choice:
            found += _split(cell, [choice] * len(cell.pictures))
        else:
            impressions = [impression for _, each in glances for impression in each.impressions]
            found += _split(cell, agreed(impressions))
            for picture, impression in zip(cell.pictures, impressions, strict=True):
                if impression.kind is PictureKind.KARYOGRAM:
                    found += _of_karyogram(cell, picture, impression, notes, reads_karyograms)
    return Sorted(tuple(found), tuple(notes.left_out), tuple(notes.remarks))


def glance(
    picture: PictureSource, looks: bool = True, report: Callable[[], None] = lambda: None
) -> Glance:
    """Count the pictures of a file and, where it `looks`, say what they seem to show.

    `report` is called before a picture is looked at that takes time.
    """
    count, is_damaged = 1, False
    if picture.may_hold_pages:
        with suppress(KaryoError):  # what cannot be read is told when it is opened
            count, is_damaged = page_count(picture.read())
    pages = _pages(picture, count) if looks and count <= MAX_PAGES else ()
    return Glance(count, is_damaged, tuple(_look(page, report) for page in pages))


def _page_by_page(
    cell: CellSource, glances: Sequence[tuple[PictureSource, Glance]], notes: _Notes
) -> CellSource:
    """The cell with every picture of a file that holds several as a picture of its own."""
    pictures: list[PictureSource] = []
    for picture, seen in glances:
        if seen.pages > MAX_PAGES:
            sentence = (
                f"{picture.name} holds more than {MAX_PAGES:,} pictures and was left out: "
                "export those of metaphases as files of their own."
            )
            notes.left_out.append(LeftOutPicture(picture, sentence))
            continue
        pictures += _pages(picture, seen.pages)
        if seen.is_damaged:
            read = "the first picture" if seen.pages == 1 else f"{seen.pages} pictures"
            sentence = (
                f"{cell.name}: of {picture.name} only {read} can be read: the file is damaged, and "
                "what else it holds was left out."
            )
            notes.left_out.append(LeftOutPicture(picture, sentence))
    return replace(cell, pictures=tuple(pictures))


def _pages(picture: PictureSource, count: int) -> tuple[PictureSource, ...]:
    if count == 1:
        return (picture,)
    name = PurePath(picture.name)
    called = format_of(picture.name, b"")
    is_made_png = called is not None and called.pillow not in ("", "TIFF")
    ending = ".png" if is_made_png else name.suffix
    return tuple(
        replace(
            picture,
            name=f"{name.stem} ({number + 1} of {count}){ending}",
            read=partial(_read_page, picture, number),
        )
        for number in range(count)
    )


def _read_page(picture: PictureSource, number: int) -> bytes:
    return page_of(picture.read(), number, picture.name)


def _of_karyogram(
    cell: CellSource, picture: PictureSource, seen: Impression, notes: _Notes, reads: bool
) -> Iterator[CellSource]:
    """The cell of the chromosomes on a picture that looks like a finished karyogram."""
    read = read_karyogram(read_picture(picture.read(), picture.name)) if reads else ()
    if any(one.slot for one in read):
        yield _cut_out(cell, picture, read, notes)
        return
    why = ", and it is unclear which place is which" if reads else ""
    sentence = (
        f"{cell.name}: {picture.name} looks like a finished karyogram (or a page of text), "
        f"{seen.objects} objects that lie parallel or in rows{why}: it was left out. Choose the "
        "photograph of the cell; or say that the picture is a metaphase."
    )
    notes.left_out.append(LeftOutPicture(picture, sentence))


def _called_karyogram(
    cell: CellSource, picture: PictureSource, notes: _Notes
) -> Iterator[CellSource]:
    """The cell of the chromosomes on what a person calls a finished karyogram."""
    try:
        read = read_karyogram(read_picture(picture.read(), picture.name))
    except KaryoError as error:
        notes.left_out.append(LeftOutPicture(picture, f"{cell.name}: {error}"))
        return
    if any(one.slot for one in read):
        yield _cut_out(cell, picture, read, notes)
        return
    sentence = (
        f"{cell.name}: on {picture.name} it is unclear which place of a karyogram is which: it "
        "was left out. Cut its chromosomes out, or choose the photograph of the cell."
    )
    notes.left_out.append(LeftOutPicture(picture, sentence))


def _cut_out(
    cell: CellSource, picture: PictureSource, read: Sequence[ReadChromosome], notes: _Notes
) -> CellSource:
    """The cell of a karyogram's chromosomes; each is cut out and knows the slot of its place."""
    unknown = sum(one.slot is None for one in read)
    left = f", {unknown} in the tray because their place is unclear" if unknown else ""
    sheet = dark_on_white(read_picture(picture.read(), picture.name))
    beside = " The photograph beside it was not used." if photographs_on(sheet) else ""
    notes.remarks.append(
        f"{cell.name}: {picture.name} is a finished karyogram. Its {len(read)} chromosomes were "
        f"cut out; after the analysis they keep the places that they have there{left}.{beside}"
    )
    number: Counter[str] = Counter()
    cut_outs = []
    for one in read:
        slot = one.slot or "unknown"
        number[slot] += 1
        name = f"{slot}-{number[slot]}.png"
        cut_outs.append(PictureSource(name, partial(_png, one.picture), picture.place, one.slot))
    name = PurePath(picture.name).stem or picture.name
    return replace(cell, name=name, pictures=tuple(cut_outs), kind=PictureKind.KARYOGRAM)


def _png(pixels: Grey) -> bytes:
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _look(picture: PictureSource, report: Callable[[], None]) -> Impression:
    try:
        data = picture.read()
        size = picture_size(data)
        if size is None or max(size) >= SMALL:
            report()  # only large pictures take time
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
