"""A generated photograph with known objects, a data folder with it, and a fake reader of it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from karyogui.domain.analysis import (
    AnalysisRequest,
    AnalysisResult,
    AssignmentSummary,
    MetaphasePicture,
    ModelIdentity,
)
from karyogui.domain.case import CaseSummary
from karyogui.domain.cell import Cell, PictureKind
from karyogui.domain.chromosome import TYPES, Assignment, Chromosome, Polarity, Prediction, Segment
from karyogui.domain.separation import ObjectKind, Quality, Repair
from karyogui.domain.separation import SeparatedObject as Object
from karyogui.domain.separation_check import CheckEntry
from karyogui.domain.sitting import ActionKind
from karyogui.services.analysis import AnalysisService
from karyogui.services.progress import Monitor, Progress, SilentMonitor
from karyogui.services.repairing import RepairService
from karyogui.services.reviewing import ReviewService
from karyogui.storage.case_listing import CaseListing
from karyogui.storage.cases import CaseStore, NewCell
from karyogui.storage.cells import CellStore, store_pictures
from karyogui.storage.database import Database
from karyogui.storage.image_store import ImageStore
from model.vocabulary.results import Scale
from tests.unit.services.fakes import FakeAssigner, encoded

SUMMARY = AssignmentSummary("map", ("c02",), None, None, Scale(1.25))
QUALITY = Quality(6, 1, 2, 0.75, 450, True, "Well spread.", 0.9)
PLACES = ((5, 5, 30), (25, 5, 26), (45, 6, 24), (65, 5, 20), (85, 5, 16), (105, 5, 12))
"""x, y and height of the chromosomes, all 8 wide; their types are 1 … 6."""
REJECTED = ((ObjectKind.NUCLEUS, 90, 60), (ObjectKind.DEBRIS, 5, 80), (ObjectKind.EDGE, 40, 90))


def mask_of(height: int, width: int = 8) -> np.ndarray:
    """A bar without its corners, (height, width) bool."""
    mask = np.ones((height, width), dtype=bool)
    mask[:: height - 1, :: width - 1] = False
    return mask


def thing(
    name: str, x: int, y: int, height: int, kind: ObjectKind = ObjectKind.CHROMOSOME
) -> Object:
    box = (x - 2, y - 2, 12, height + 4)
    return Object(name, kind, mask_of(height), (x, y), box, 0.875)


def separated() -> tuple[Object, ...]:
    """Six chromosomes c01 … c06 and what was rejected, c07 … c09."""
    standing = [thing(f"c{n + 1:02d}", *place) for n, place in enumerate(PLACES)]
    others = [thing(f"c{n + 7:02d}", x, y, 14, kind) for n, (kind, x, y) in enumerate(REJECTED)]
    return (*standing, *others)


def photograph() -> np.ndarray:
    """(120, 140) uint8: the objects dark on an uneven light background."""
    rows, columns = np.mgrid[0:120, 0:140]
    pixels = (220 + rows / 10 - columns / 20).astype(np.uint8)
    for item in separated():
        (x, y), (h, w) = item.origin, item.mask.shape
        pixels[y : y + h, x : x + w][item.mask] = 60 + 2 * h
    return pixels


def cut(item: Object, at: int, *names: str) -> Repair:
    """Cut a bar across at a row; the pieces get `names`."""
    x, y = item.origin
    upper, lower = item.mask[:at], item.mask[at:]
    first = replace(item, id=names[0], mask=upper, box=(x, y, 8, at), by_person=True)
    second = replace(item, id=names[1], mask=lower, origin=(x, y + at), by_person=True)
    return Repair(ActionKind.CUT, "Cut a chromosome into 2", (item,), (first, second))


def changed(repair: ActionKind, item: Object, /, **fields: object) -> Repair:
    """A repair that leaves an object its id."""
    after = replace(item, by_person=True, **fields)  # type: ignore[arg-type]
    return Repair(repair, f"{repair} a chromosome".capitalize(), (item,), (after,))


class FakeReader:
    """Finds `separated()`; the type of a chromosome goes by its place, or by its height."""

    def __init__(self, version: str = "1.0") -> None:
        self.version = version
        self.sha256 = "0123456789ab"
        self.requests: list[AnalysisRequest] = []
        self.looked_at: list[tuple[str, ...]] = []
        self.scales: list[Scale | None] = []
        self.pictures: list[MetaphasePicture] = []
        self.found = separated()
        self.quality = QUALITY
        self.check: tuple[CheckEntry, ...] = ()
        self.separation = ""
        self.doubts: tuple[CheckEntry, ...] = ()
        """Entries of what is new after a repair."""
        self.judged: list[tuple[str, ...]] = []
        self.meanwhile: Callable[[], object] = lambda: None
        """Called while it looks, for what happens at the same time."""

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        self.requests.append(request)
        monitor.report(Progress(0, 1, "Separating"))
        assert request.metaphase is not None
        found = request.objects or self.found
        standing = [o for o in found if o.kind is ObjectKind.CHROMOSOME]
        objects = tuple(
            self._seen(request.metaphase, o, TYPES[n % len(TYPES)]) for n, o in enumerate(standing)
        )
        self.meanwhile()
        quality = None if request.objects else self.quality
        check = None if request.objects else self.check
        return AnalysisResult(
            request.cell_id, objects, self.model(), 0.5, SUMMARY, found, quality, check,
            "" if request.objects else self.separation,
        )  # fmt: skip

    def model(self) -> ModelIdentity:
        return ModelIdentity("fake", self.version, self.sha256)

    def classify(
        self,
        picture: MetaphasePicture,
        objects: Sequence[Object],
        scale: Scale | None,
        monitor: Monitor,
    ) -> tuple[Chromosome, ...]:
        self.pictures.append(picture)
        self.scales.append(scale)
        self.looked_at.append(tuple(o.id for o in objects))
        monitor.report(Progress(0, len(objects), "Classifying"))
        self.meanwhile()
        return tuple(self._seen(picture, o, TYPES[o.mask.shape[0] % 22]) for o in objects)

    def check_again(
        self,
        picture: MetaphasePicture,
        objects: Sequence[Object],
        chromosomes: Sequence[Chromosome],
        scale: Scale,
        fresh: Collection[str],
        monitor: Monitor,
    ) -> tuple[CheckEntry, ...]:
        self.judged.append(tuple(sorted(fresh)))
        return tuple(entry for entry in self.doubts if entry.object_id in fresh)

    @staticmethod
    def _seen(picture: MetaphasePicture, item: Object, kind: str) -> Chromosome:
        (x, y), (h, w) = item.origin, item.mask.shape
        crop = np.where(item.mask, picture.enhanced[y : y + h, x : x + w], 255).astype(np.uint8)
        probabilities = [0.01] * 24
        probabilities[TYPES.index(kind)] = 0.77
        return Chromosome(
            item.id,
            Segment(picture.name, crop, item.mask, 2.0 - item.turn, item.box),
            Prediction(tuple(probabilities), (0.1, 0.9), (0.1, 0.2, 0.9, 0.8)),
            Assignment(kind, Polarity.Q_DOWN, h / 100, (), 4.0),
        )


@dataclass
class Bench:
    """A data folder with one photograph, and the services over it."""

    database: Database
    images: ImageStore
    cases: CaseStore
    cells: CellStore
    analysis: AnalysisService
    repairs: RepairService
    reviews: ReviewService
    cell_id: int
    reader: FakeReader
    assigner: FakeAssigner

    @property
    def cell(self) -> Cell:
        return self.cells.load(self.cell_id)

    def rows(self) -> tuple[CaseSummary, ...]:
        """What the list of cases shows."""
        return CaseListing(self.database).all(in_bin=False)

    def analyse(self) -> Cell:
        return self.analysis.analyse(self.cell_id, self.reader, SilentMonitor())

    def repair(self, repair: Repair, monitor: Monitor | None = None, who: str = "ann") -> Cell:
        """Repair the cell and have the network answer to it."""
        self.repairs.apply(self.cell_id, repair, who)
        return self.answer(monitor)

    def answer(self, monitor: Monitor | None = None) -> Cell:
        return self.repairs.answer(
            self.cell_id, self.reader, self.assigner, monitor or SilentMonitor()
        )

    def object(self, name: str) -> Object:
        return next(o for o in self.cell.objects if o.id == name)

    def restart(self) -> None:
        """As after closing the program: nothing is in memory."""
        self.repairs = RepairService(self.cells)


def open_bench(folder: Path, slide: str = "") -> Bench:
    folder.mkdir(parents=True, exist_ok=True)
    images, database = ImageStore(folder / "pictures"), Database(folder / "karyogui.db")
    cases, cells = CaseStore(database), CellStore(database, images)
    pixels = photograph()
    height, width = pixels.shape
    with images.batch() as batch:
        stored = store_pictures(
            batch, [("cell.png", encoded(pixels), width, height)], PictureKind.METAPHASE
        )
        new = NewCell("k", "case 1", "cell 1", stored, None, slide=slide)
        _, (cell_id,) = cases.add([new], None)
    return Bench(
        database, images, cases, cells, AnalysisService(cells), RepairService(cells),
        ReviewService(cells), cell_id, FakeReader(), FakeAssigner("map"),
    )  # fmt: skip


def said(cell: Cell) -> list[tuple[object, ...]]:
    """What is known of every chromosome, in comparable form."""
    return [
        (
            c.id, c.segment.crop.tobytes(), c.segment.mask.tobytes(), c.segment.angle,
            c.segment.box, c.predicted, c.assigned and (c.assigned.type, c.assigned.polarity),
        )
        for c in cell.chromosomes
    ]  # fmt: skip


def shown(cell: Cell) -> list[tuple[object, ...]]:
    """Every object, in comparable form."""
    return [
        (
            o.id,
            o.kind,
            o.mask.tobytes(),
            o.mask.shape,
            o.origin,
            o.box,
            o.score,
            o.turn,
            o.by_person,
        )
        for o in cell.objects
    ]


def places(cell: Cell) -> set[object]:
    return set(cell.placements)


def assert_same(one: Cell, other: Cell) -> None:
    assert shown(one) == shown(other)
    assert said(one) == said(other)
    assert places(one) == places(other)
