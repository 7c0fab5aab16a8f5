"""Generated cells and a fake network, for tests of services, storage and the command line."""

import errno
import io
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from karyogui.domain.analysis import (
    AnalysisRequest,
    AnalysisResult,
    AssignmentSummary,
    ModelIdentity,
    Reassignment,
)
from karyogui.domain.chromosome import (
    TYPES,
    Assignment,
    Chromosome,
    Polarity,
    Prediction,
    Segment,
    chromosome_id,
)
from karyogui.domain.separation import SeparatedObject
from karyogui.services.progress import Cancelled, Monitor, Progress, SilentMonitor
from karyogui.services.workspace import Workspace
from model.vocabulary.results import Scale


def blob(height: int = 40, width: int = 14, seed: int = 0) -> np.ndarray:
    """A dark rounded bar with bands on white, (height, width) uint8."""
    rows, columns = np.mgrid[0:height, 0:width]
    inside = ((rows - height / 2) / (height / 2 - 2)) ** 4 + (
        (columns - width / 2) / (width / 2 - 2)
    ) ** 4 < 1
    bands = 90 + 50 * np.sin(rows * (0.4 + 0.05 * seed))
    return np.where(inside, bands, 255).astype(np.uint8)


def encoded(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def make_cell_folder(folder: Path, count: int = 6) -> Path:
    folder.mkdir(parents=True)
    for number in range(1, count + 1):
        pixels = blob(60 - 3 * number, 14, number)
        (folder / f"{number}.png").write_bytes(encoded(pixels))
    return folder


class FakeAnalyser:
    """Gives picture n the type n (from 1), q down, with falling confidence."""

    def __init__(
        self,
        shift: int = 0,
        version: str = "1.0",
        angle: float = 1.5,
        summary: AssignmentSummary | None = None,
        margin: float | None = None,
    ) -> None:
        self.summary = summary
        self.margin = margin
        self.shift = shift
        self.version = version
        self.angle = angle
        self.requests: list[AnalysisRequest] = []

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        self.requests.append(request)
        objects = []
        for number, picture in enumerate(request.pictures):
            monitor.report(Progress(number, len(request.pictures), picture.name))
            kind = TYPES[(number + self.shift) % len(TYPES)]
            probabilities = [0.01] * 24
            probabilities[TYPES.index(kind)] = 0.77
            confidence = 0.99 - 0.04 * number
            objects.append(
                Chromosome(
                    chromosome_id(number),
                    Segment(picture.name, picture.pixels, picture.pixels < 200, angle=self.angle),
                    Prediction(tuple(probabilities), (0.1, 0.9), (0.1, 0.2, 0.9, 0.8)),
                    Assignment(
                        kind,
                        Polarity.Q_DOWN,
                        confidence,
                        ("Odd.",) if number == 1 else (),
                        self.margin,
                        moved=self.margin is not None and number == 2,
                    ),
                )
            )
        runtime = "a fake, CPU" if self.summary else ""
        identity = ModelIdentity("fake", self.version, "0123456789ab", "cpu", runtime)
        return AnalysisResult(request.cell_id, tuple(objects), identity, 0.25, self.summary)


class FakeAssigner:
    """Puts chromosomes by id into other types, all with one margin; the rest stays as it is."""

    def __init__(self, method: str = "dispatch", **types: str | None) -> None:
        self.method = method
        self.types = types
        self.asked: list[tuple[ModelIdentity, AssignmentSummary | None]] = []

    def assign(
        self,
        chromosomes: Sequence[Chromosome],
        model: ModelIdentity,
        before: AssignmentSummary | None,
        objects: Sequence[SeparatedObject] = (),
    ) -> Reassignment:
        self.asked.append((model, before))
        predicted = [c.predicted for c in chromosomes if c.predicted]
        assigned = [
            replace(
                c.assigned,
                type=self.types.get(c.id, c.assigned.type),
                margin=2.0,
                moved=c.id in self.types,
            )
            for c in chromosomes
            if c.assigned
        ]
        summary = AssignmentSummary(self.method, ("c01",), (2,) * 23 + (0,), 1.5, Scale(0.9))
        return Reassignment(tuple(predicted), tuple(assigned), summary)


class RecordingMonitor:
    """Keeps what it is told; cancels at the report number `cancel_at` (from 1)."""

    def __init__(self, cancel_at: int | None = None) -> None:
        self.cancel_at = cancel_at
        self.reports: list[Progress] = []

    def report(self, progress: Progress) -> None:
        self.reports.append(progress)
        if len(self.reports) == self.cancel_at:
            raise Cancelled


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def read_only(*_: object, **__: object) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def store_three_cells(workspace: Workspace, folder: Path) -> None:
    """A case of three cells of two chromosomes, of which the first two are analysed."""
    for name in "123":
        make_cell_folder(folder / "case" / name, 2)
    outcome = workspace.importer.import_paths([folder / "case"], SilentMonitor())
    for cell_id in outcome.cell_ids[:2]:
        workspace.analysis.analyse(cell_id, FakeAnalyser(), SilentMonitor())
