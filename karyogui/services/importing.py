"""Pictures into the library: all of an import is stored, or nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from karyogui.domain.cell import PictureKind
from karyogui.domain.details import NAME, fitting
from karyogui.errors import KaryoError
from karyogui.log import timed
from karyogui.services.discovery import CellSource, find_cells
from karyogui.services.looks import Looks
from karyogui.services.progress import Monitor, Progress
from karyogui.services.reading import Notes, read_pictures
from karyogui.services.repeats import Choose, keep_all, without_repeats
from karyogui.services.sorting import sort_pictures
from karyogui.services.thumbnails import Grey, thumbnail_of_import
from karyogui.storage.cases import CaseStore, NewCell
from karyogui.storage.cells import store_pictures
from karyogui.storage.image_store import ImageStore, PictureBatch

log = logging.getLogger(__name__)

ONLY_DEMONSTRATION = KaryoError(
    "This is the demonstration: pictures of your own are not imported here.",
    "Open a data folder of your own first: Data folder… in the menu File.",
)
TOLD_PROBLEMS = 3
"""How many problems an error names when nothing at all could be imported."""


@dataclass(frozen=True)
class ImportOutcome:
    """What came in; `problems` has one sentence for each picture or path left out.

    `remarks` has one sentence for each oddity of pictures that came in; `metaphases` counts the
    cells that are photographs of metaphases.
    """

    case_ids: tuple[int, ...]
    cell_ids: tuple[int, ...]
    problems: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    metaphases: int = 0


@dataclass
class _Tally:
    """Progress over all pictures, and what went wrong with some."""

    monitor: Monitor
    total: int
    done: int = 0
    notes: Notes = field(default_factory=Notes)
    looks: Looks = field(default_factory=Looks)
    first: dict[str, str] = field(default_factory=dict)
    alike: dict[str, str] = field(default_factory=dict)

    def see(self, sha256: str, look: str) -> None:
        """Remember a picture, and which earlier one of another file it looks like."""
        first = self.first.setdefault(look, sha256)
        if first != sha256:
            self.alike[sha256] = first

    def report(self, name: str) -> None:
        self.monitor.report(Progress(self.done, self.total, name))
        self.done += 1


class Importer:
    """Imports photographs of metaphases, cells of ready cut-outs and finished karyograms."""

    def __init__(
        self, cases: CaseStore, images: ImageStore, is_demonstration: bool = False
    ) -> None:
        self._cases, self._images = cases, images
        self._is_demonstration = is_demonstration

    def import_paths(
        self,
        paths: Sequence[Path],
        monitor: Monitor,
        case_id: int | None = None,
        kind: PictureKind | None = None,
        choose: Choose = keep_all,
        case_name: str = "",
    ) -> ImportOutcome:
        """Import folders, zips and pictures as new cases, or as cells of the case `case_id`.

        `picture_kind` decides what the pictures show, unless `kind` says it. Each photograph of a
        metaphase is a cell, a folder of them a case, a folder within it a slide. A folder or zip
        of cut-outs is one cell, and so are single cut-outs together. A finished karyogram is a cell
        of the chromosomes on it, which come to stand where they stand there. A cell with some
        unreadable pictures comes in without them, and `problems` names each. Where the very same
        picture is in the cell, the case or the data folder already, `choose` is asked, in this
        thread: those that come in all the same are remarked on, the others named as left out.
        With a `case_name` all is one new case of that name.
        Raises `KaryoError` when nothing could be imported or the disk refuses, `Cancelled` when the
        monitor says so: then the library is as it was.
        """
        name = fitting(case_name.strip(), NAME)
        with (
            timed(log, "import") as told,
            find_cells(paths) as found,
            self._images.batch() as batch,
        ):
            if self._is_demonstration and not all(cell.is_demo for cell in found.cells):
                raise ONLY_DEMONSTRATION
            chosen = sort_pictures(found.cells, monitor, kind, reads_karyograms=True)
            tally = _Tally(monitor, sum(len(cell.pictures) for cell in chosen.cells))
            tally.notes.problems += [*found.problems, *chosen.problems]
            tally.notes.remarks += chosen.remarks
            cells = [self._stored(cell, batch, tally) for cell in chosen.cells]
            new = [cell for cell in cells if cell is not None]
            if not new:
                raise _nothing(tally.notes.problems)
            if name:
                new = [replace(cell, case_key="", case_name=name) for cell in new]
            new = self._chosen(new, case_id, choose, tally)
            monitor.report(Progress(tally.total, tally.total, "Storing"))
            batch.sync()
            case_ids, cell_ids = self._cases.add(new, case_id)
            told += [f"cases {_span(case_ids)}", f"cells {_span(cell_ids)}"]
            told += [f"{len(tally.notes.problems)} left out"]
        metaphases = sum(c.pictures[0].kind is PictureKind.METAPHASE for c in new)
        return ImportOutcome(
            case_ids,
            cell_ids,
            tuple(tally.notes.problems),
            tuple(tally.notes.remarks),
            metaphases,
        )

    def _chosen(
        self, cells: list[NewCell], case_id: int | None, choose: Choose, tally: _Tally
    ) -> list[NewCell]:
        """The cells that come in, once it is known which of their pictures are there already."""
        known = self._cases.places(p.sha256 for cell in cells for p in cell.pictures)
        kept, repeats = without_repeats(cells, known, case_id, tally.alike)
        if not repeats:
            return cells
        told = [str(repeat) for repeat in repeats]
        if choose(repeats):
            tally.notes.remarks += told
            return cells
        tally.notes.problems += told
        if not kept:
            raise KaryoError("Every picture is already there: nothing was imported.")
        return kept

    def _stored(self, cell: CellSource, batch: PictureBatch, tally: _Tally) -> NewCell | None:
        """Put a cell's pictures into the store; None when not one of them can be used."""
        contents: list[tuple[str, bytes, int, int]] = []
        greys: list[Grey] = []
        slots: list[str | None] = []
        looks: list[str] = []
        for picture in read_pictures(
            cell, tally.notes, lambda name: tally.report(f"{cell.name}: {name}")
        ):
            height, width = picture.pixels.shape
            contents.append((picture.name, picture.data, width, height))
            greys.append(_small(picture.pixels))
            slots.append(picture.slot)
            looks.append(tally.looks.key(picture.pixels))
        if not contents:
            return None
        stored = tuple(
            replace(picture, slot=slot)
            for picture, slot in zip(store_pictures(batch, contents, cell.kind), slots, strict=True)
        )
        for one, look in zip(stored, looks, strict=True):
            tally.see(one.sha256, look)
        return NewCell(
            case_key=f"{cell.origin}|{cell.case_name}",
            case_name=cell.case_name,
            name=cell.name,
            pictures=stored,
            thumbnail=thumbnail_of_import(cell.kind, greys),
            is_demo=cell.is_demo,
            slide=cell.slide,
        )


def _span(ids: Sequence[int]) -> str:
    return f"{ids[0]}" if len(ids) == 1 else f"{ids[0]} to {ids[-1]}"


def _small(grey: Grey) -> Grey:
    """Enough of a picture for a thumbnail, so that a cell of large ones is not held in memory."""
    step = max(1, max(grey.shape) // 512)
    return grey[::step, ::step].copy() if step > 1 else grey


def _nothing(problems: Sequence[str]) -> KaryoError:
    if not problems:
        return KaryoError("There is nothing to import.", "Choose a folder or zip of pictures.")
    told = " ".join(problems[:TOLD_PROBLEMS])
    more = len(problems) - TOLD_PROBLEMS
    return KaryoError(told, f"And {more} more like this." if more > 0 else "")
