"""The laboratory's own reviewed chromosomes as an archive to train on.

`<case>/<cell>/<type>-<n>.png`, p arm up, with `manifest.csv`. Only what a person has decided on
goes in: every chromosome of a signed-off cell, elsewhere those that were confirmed or placed by
hand; markers, the tray, the bin and the demonstration cases stay out. Cases and cells bear opaque
names, made from neither names nor identifiers, the same each time.
"""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from karyogui.domain.case import Case
from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import TYPES
from karyogui.domain.karyogram import Placement
from karyogui.errors import KaryoError
from karyogui.services.library import Library
from karyogui.services.progress import Monitor, Progress
from karyogui.storage.files import disk_error

BACKGROUND = 255
MARGIN = 4
"""Pixels of background around every picture, so that its level can be read at the border."""

Put = Callable[[str, bytes], object]


@dataclass(frozen=True)
class TrainingSetSummary:
    """What there is to train on.

    `cases` are persons: cases of one patient identifier count once. `partial_cells` are those of
    the `cells` that are not signed off; `counts` are the chromosomes of each type present.
    """

    cases: int = 0
    cells: int = 0
    partial_cells: int = 0
    chromosomes: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def missing_types(self) -> tuple[str, ...]:
        """Types of which there is no chromosome."""
        return tuple(kind for kind in TYPES if not self.counts.get(kind))


@dataclass(frozen=True)
class _ReviewedCell:
    """A cell with what a person has decided on; `placements` in the order of the karyogram."""

    case: str
    cell_id: int
    name: str
    placements: tuple[Placement, ...]
    is_complete: bool

    @property
    def folder(self) -> str:
        return f"{self.case}/cell-{self.cell_id}"

    @property
    def counts(self) -> Counter[str]:
        return Counter(placement.slot for placement in self.placements)


def summarise(library: Library) -> TrainingSetSummary:
    """How much has been reviewed; reads no picture."""
    return _summary(tuple(_reviewed_cells(library)))


def write_training_set(library: Library, target: Path, monitor: Monitor) -> TrainingSetSummary:
    """Write the archive: a zip where `target` ends in `.zip`, else a folder. All of it or nothing.

    Raises `KaryoError` when nothing has been reviewed, `target` exists or the disk refuses, and
    `Cancelled` when the monitor says so.
    """
    cells = tuple(_reviewed_cells(library))
    if not cells:
        raise KaryoError(
            "No chromosome has been reviewed yet.",
            "Confirm chromosomes on the board, or sign cells off.",
        )
    if target.exists():
        raise KaryoError(f"{target} exists already.", "Choose another name.")
    try:
        with opened_set(target) as put:
            for done, cell in enumerate(cells):
                monitor.report(Progress(done, len(cells), f"Collecting {cell.name}"))
                _write_cell(library.cell(cell.cell_id), cell, put)
            put("manifest.csv", _manifest(cells))
            monitor.report(Progress(len(cells), len(cells), "Collected"))
    except OSError as error:
        raise disk_error(error, target) from error
    return _summary(cells)


def own_cells(library: Library) -> Iterator[tuple[str, Cell]]:
    """The cells that count, without their chromosomes, each with an opaque name of its person.

    Cases of the demonstration stay out.
    """
    first: dict[str, str] = {}
    for case_id in library.case_ids():
        if library.is_demo(case_id):
            continue
        case = library.case(case_id)  # one at a time: all of a library do not fit into memory
        # Two cases of one person must never stand on both sides of a split.
        person = case.details.patient_identifier.strip().casefold() or f"\0{case.id}"
        key = first.setdefault(person, _opaque(case))
        yield from ((key, cell) for cell in case.cells if not cell.is_excluded)


def _reviewed_cells(library: Library) -> Iterator[_ReviewedCell]:
    for key, cell in own_cells(library):
        placements = _decided(cell)
        if placements:
            complete = cell.reviewed_at is not None
            yield _ReviewedCell(key, cell.id, cell.name, placements, complete)


def _opaque(case: Case[Cell]) -> str:
    digest = hashlib.sha256(f"{case.id}|{case.created.isoformat()}".encode())
    return f"case-{digest.hexdigest()[:12]}"


def _decided(cell: Cell) -> tuple[Placement, ...]:
    is_signed = cell.reviewed_at is not None
    decided = [p for p in cell.placements if p.slot in TYPES and (is_signed or p.confirmed)]
    return tuple(sorted(decided, key=lambda p: (TYPES.index(p.slot), p.index)))


def _summary(cells: Sequence[_ReviewedCell]) -> TrainingSetSummary:
    counts: Counter[str] = sum((cell.counts for cell in cells), Counter())
    return TrainingSetSummary(
        cases=len({cell.case for cell in cells}),
        cells=len(cells),
        partial_cells=sum(not cell.is_complete for cell in cells),
        chromosomes=counts.total(),
        counts=dict(counts),
    )


def _write_cell(loaded: Cell, cell: _ReviewedCell, put: Put) -> None:
    crops = {chromosome.id: chromosome.segment.crop for chromosome in loaded.chromosomes}
    number: Counter[str] = Counter()
    for placement in cell.placements:
        number[placement.slot] += 1
        name = f"{cell.folder}/{placement.slot}-{number[placement.slot]}.png"
        put(name, as_png(_standing(crops[placement.chromosome_id], placement)))


def _standing(crop: NDArray[np.uint8], placement: Placement) -> NDArray[np.uint8]:
    """The crop as it stands on the board, p arm up, but never mirrored.

    The board mirrors first and turns then: unmirrored it stands the same turned the other way.
    """
    turn = (-placement.turn if placement.mirrored else placement.turn) % 360.0
    padded = np.pad(crop, MARGIN, constant_values=BACKGROUND)
    if turn % 90.0 == 0.0:
        return np.rot90(padded, -round(turn / 90.0))
    turned = Image.fromarray(padded).rotate(
        -turn, Image.Resampling.BICUBIC, expand=True, fillcolor=BACKGROUND
    )
    return np.asarray(turned)


def as_png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG")
    return buffer.getvalue()


def _manifest(cells: Sequence[_ReviewedCell]) -> bytes:
    """Copies of each type; none for a cell of which not everything has been reviewed."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["case", "cell", "chromosomes", *TYPES])
    for cell in cells:
        case, name = cell.folder.split("/")
        copies = [cell.counts[kind] if cell.is_complete else "" for kind in TYPES]
        writer.writerow([case, name, len(cell.placements), *copies])
    return text.getvalue().encode()


@contextmanager
def opened_set(target: Path) -> Iterator[Put]:
    """Put files (name, content) into a folder or zip that appears when all are there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=".collecting-"))
    unfinished = scratch / target.name
    try:
        if target.suffix.lower() == ".zip":
            with zipfile.ZipFile(unfinished, "w") as archive:
                yield archive.writestr
        else:
            yield lambda name, content: _put_file(unfinished / name, content)
        unfinished.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _put_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
