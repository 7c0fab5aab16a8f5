"""What goes to an analyser and what comes back: one frozen object each way."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from karyogui.domain.chromosome import Assignment, Chromosome, Prediction, without_type
from karyogui.domain.separation import Quality, SeparatedObject
from karyogui.domain.separation_check import CheckEntry
from model.vocabulary.choices import ASSIGNMENTS
from model.vocabulary.results import Scale as Scale


@dataclass(frozen=True)
class ModelIdentity:
    """Which network answered: name, version, the first 12 hex digits of the weights' sha256.

    `runtime` names in words what it ran with (`OpenVINO int8, CPU`), empty where not known.
    """

    name: str
    version: str
    sha256: str
    device: str = "cpu"
    runtime: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.sha256})"


@dataclass(frozen=True)
class AssignmentSummary:
    """What the assignment says of a cell as a whole.

    `method` is a key of `ASSIGNMENTS`. `disagreeing` are ids of chromosomes whose picture speaks
    strongly against their type. `alternative` are the counts (24, in the order of `TYPES`) of the
    best solution with other counts and `alternative_margin` (nats) what it costs more; None where
    the method knows of none. `scale` brings its pictures to the training's.
    """

    method: str
    disagreeing: tuple[str, ...] = ()
    alternative: tuple[int, ...] | None = None
    alternative_margin: float | None = None
    scale: Scale | None = None

    @property
    def label(self) -> str:
        """The method's name for people."""
        return ASSIGNMENTS.get(self.method, self.method)

    @property
    def without_types(self) -> AssignmentSummary:
        """What is left of it for a cell whose types cannot be recognised."""
        return AssignmentSummary(self.method, scale=self.scale)


@dataclass(frozen=True, eq=False)
class CutOutPicture:
    """A ready cut-out as imported: (h, w) uint8 grey, any tilt, any background level."""

    name: str
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class MetaphasePicture:
    """A photograph as imported: (H, W) uint8 grey; `enhanced` is the same after its recipe.

    `width_factor` and `scale_factor` are what the recipe says of the estimated width and scale,
    0 where it leaves them to the network.
    """

    name: str
    pixels: NDArray[np.uint8]
    enhanced: NDArray[np.uint8]
    width_factor: float = 0.0
    scale_factor: float = 0.0


@dataclass(frozen=True, eq=False)
class AnalysisRequest:
    """One cell to analyse: ready cut-outs, or one photograph.

    `objects` are those of a photograph that stand because a person repaired them: they are looked
    at as they are. Where there are none the photograph is separated.
    """

    cell_id: int
    cell_name: str
    pictures: tuple[CutOutPicture, ...]
    metaphase: MetaphasePicture | None = None
    objects: tuple[SeparatedObject, ...] = ()


@dataclass(frozen=True, eq=False)
class AnalysisResult:
    """A cell's outcome: one chromosome per picture, same order; `seconds` of wall-clock time.

    `assignment` is None for an analyser that looks at each chromosome alone. Of a photograph,
    `separated` is everything that was found and `chromosomes` are those among it, each with the id
    of its object; `quality` is None where the photograph was not separated again, and so is
    `check`, the entries of the separation check. `separation` names what separated it, with version
    and checksum of its weights; empty where nothing was separated.
    """

    cell_id: int
    chromosomes: tuple[Chromosome, ...]
    model: ModelIdentity
    seconds: float
    assignment: AssignmentSummary | None = None
    separated: tuple[SeparatedObject, ...] | None = None
    quality: Quality | None = None
    check: tuple[CheckEntry, ...] | None = None
    separation: str = ""


def as_banded(result: AnalysisResult, quality: Quality | None) -> AnalysisResult:
    """The result, without types where the bands cannot be read: what they look like is a guess.

    `quality` is what is known of the photograph where the result does not say it.
    """
    known = result.quality or quality
    if known is None or known.is_readable:
        return result
    summary = result.assignment and result.assignment.without_types
    chromosomes = tuple(without_type(c, known.unreadable) for c in result.chromosomes)
    return replace(result, chromosomes=chromosomes, assignment=summary)


@dataclass(frozen=True)
class Reassignment:
    """A cell assigned again from stored probabilities: chromosomes in the order of the cell.

    `predicted` are the probabilities as the assignment saw them, calibrated. `revision` is that of
    the cell they are of, 0 where it is not known.
    """

    predicted: tuple[Prediction, ...]
    assigned: tuple[Assignment, ...]
    summary: AssignmentSummary
    revision: int = 0
