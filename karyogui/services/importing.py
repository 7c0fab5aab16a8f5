"""Pictures into the library: all of an import is stored, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from karyogui.errors import KaryoError
from karyogui.services.discovery import CellSource, find_cells
from karyogui.services.pictures import read_picture
from karyogui.services.progress import Monitor, Progress
from karyogui.services.thumbnails import Grey, thumbnail_of_pictures
from karyogui.storage.cases import CaseStore, NewCell
from karyogui.storage.cells import store_pictures
from karyogui.storage.image_store import ImageStore, PictureBatch

TOLD_PROBLEMS = 3
"""How many problems an error names when nothing at all could be imported."""


@dataclass(frozen=True)
class ImportOutcome:
    """What came in; `problems` has one sentence for each picture or path left out."""

    case_ids: tuple[int, ...]
    cell_ids: tuple[int, ...]
    problems: tuple[str, ...]


@dataclass
class _Tally:
    """Progress over all pictures, and what went wrong with some."""

    monitor: Monitor
    total: int
    done: int = 0
    problems: list[str] = field(default_factory=list)

    def report(self, name: str) -> None:
        self.monitor.report(Progress(self.done, self.total, f"Importing {name}"))
        self.done += 1


class Importer:
    """Imports cells of ready cut-outs."""

    def __init__(self, cases: CaseStore, images: ImageStore) -> None:
        self._cases = cases
        self._images = images

    def import_paths(
        self, paths: Sequence[Path], monitor: Monitor, case_id: int | None = None
    ) -> ImportOutcome:
        """Import folders, zips and pictures as new cases, or as cells of the case `case_id`.

        A folder or zip of pictures is one cell; a folder of such folders a case with several
        cells; single pictures together are one cell. A cell with some unreadable pictures comes
        in without them, and `problems` names each. Raises `KaryoError` when nothing could be
        imported or the disk refuses, `Cancelled` when the monitor says so: then the library is
        as it was.
        """
        with find_cells(paths) as found, self._images.batch() as batch:
            tally = _Tally(monitor, sum(len(cell.pictures) for cell in found.cells))
            tally.problems += found.problems
            cells = [self._stored(cell, batch, tally) for cell in found.cells]
            new = [cell for cell in cells if cell is not None]
            if not new:
                raise _nothing(tally.problems)
            monitor.report(Progress(tally.total, tally.total, "Storing"))
            case_ids, cell_ids = self._cases.add(new, case_id)
        return ImportOutcome(case_ids, cell_ids, tuple(tally.problems))

    def _stored(self, cell: CellSource, batch: PictureBatch, tally: _Tally) -> NewCell | None:
        """Put a cell's pictures into the store; None when not one of them can be used."""
        contents: list[tuple[str, bytes, int, int]] = []
        greys: list[Grey] = []
        for picture in cell.pictures:
            tally.report(f"{cell.name}: {picture.name}")
            try:
                data = picture.read()
                grey = read_picture(data, picture.name)
            except KaryoError as error:
                tally.problems.append(f"{cell.name}: {error}")
                continue
            contents.append((picture.name, data, grey.shape[1], grey.shape[0]))
            greys.append(_small(grey))
        if not contents:
            return None
        return NewCell(
            case_key=f"{cell.origin}|{cell.case_name}",
            case_name=cell.case_name,
            name=cell.name,
            pictures=store_pictures(batch, contents),
            thumbnail=thumbnail_of_pictures(greys),
            is_demo=cell.is_demo,
        )


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
