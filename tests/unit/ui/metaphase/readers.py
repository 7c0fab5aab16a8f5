"""A reader of the generated metaphase whose crossing is one object, and that can be held up."""

from collections.abc import Collection, Sequence
from threading import Event

import numpy as np

from karyogui.domain.analysis import (
    AnalysisRequest,
    AnalysisResult,
    MetaphasePicture,
    ModelIdentity,
)
from karyogui.domain.chromosome import TYPES, Assignment, Chromosome, Polarity, Prediction, Segment
from karyogui.domain.separation import ObjectKind, SeparatedObject
from karyogui.domain.separation_check import CheckEntry
from karyogui.errors import KaryoError
from karyogui.services.progress import Monitor, Progress
from tests.unit.ui.metaphase.cells import QUALITY, chromosomes_of
from tests.unit.ui.metaphase.generated import as_object, generated_metaphase

PIXELS, _APART = generated_metaphase()
NEW_TYPE = "21"
"""What every chromosome is that is looked at again."""


def _crossing() -> SeparatedObject:
    page = np.zeros(PIXELS.shape, bool)
    for each in _APART[:2]:
        x, y = each.origin
        page[y : y + each.mask.shape[0], x : x + each.mask.shape[1]] |= each.mask
    return as_object("c01", ObjectKind.CHROMOSOME, page)


OBJECTS: tuple[SeparatedObject, ...] = (_crossing(), *_APART[2:])
"""c01 is the crossing; c02 is no more."""


class HeldReader:
    """Finds `OBJECTS`. While `go` is clear it looks and looks; `refusal` is raised instead."""

    def __init__(self) -> None:
        self.go = Event()
        self.go.set()
        self.refusal: KaryoError | None = None
        self.looked_at: list[tuple[str, ...]] = []
        self.check: tuple[CheckEntry, ...] = ()
        self.doubts: tuple[CheckEntry, ...] = ()
        self.judged: list[tuple[str, ...]] = []

    def model(self) -> ModelIdentity:
        return ModelIdentity("fake", "1.0", "0123456789ab")

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        assert request.metaphase is not None
        objects = tuple(chromosomes_of(request.metaphase.pixels, OBJECTS))
        return AnalysisResult(
            request.cell_id,
            objects,
            self.model(),
            1.0,
            separated=OBJECTS,
            quality=QUALITY,
            check=self.check,
        )

    def classify(
        self,
        picture: MetaphasePicture,
        objects: Sequence[SeparatedObject],
        scale: float | None,
        monitor: Monitor,
    ) -> tuple[Chromosome, ...]:
        self.looked_at.append(tuple(o.id for o in objects))
        monitor.report(Progress(0, 1, "Looking"))
        while not self.go.wait(0.02):
            monitor.report(Progress(0, 1, "Looking"))
        if self.refusal is not None:
            raise self.refusal
        return tuple(_seen(picture, each) for each in objects)

    def check_again(
        self,
        picture: MetaphasePicture,
        objects: Sequence[SeparatedObject],
        chromosomes: Sequence[Chromosome],
        scale: float,
        fresh: Collection[str],
        monitor: Monitor,
    ) -> tuple[CheckEntry, ...]:
        self.judged.append(tuple(sorted(fresh)))
        return tuple(entry for entry in self.doubts if entry.object_id in fresh)


def _seen(picture: MetaphasePicture, item: SeparatedObject) -> Chromosome:
    (x, y), (h, w) = item.origin, item.mask.shape
    crop = np.where(item.mask, picture.enhanced[y : y + h, x : x + w], 255).astype(np.uint8)
    probabilities = tuple(0.977 if kind == NEW_TYPE else 0.001 for kind in TYPES)
    return Chromosome(
        item.id,
        Segment(picture.name, crop, item.mask, 0.0, item.box),
        Prediction(probabilities, (0.02, 0.98)),
        Assignment(NEW_TYPE, Polarity.Q_DOWN, 0.977),
    )
