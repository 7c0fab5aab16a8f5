"""What the services need from outside, as protocols: implemented by workers and storage."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from karyogui.domain.analysis import (
    AnalysisRequest,
    AnalysisResult,
    AssignmentSummary,
    MetaphasePicture,
    ModelIdentity,
    Reassignment,
)
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.separation import Quality, SeparatedObject
from karyogui.domain.separation_check import CheckEntry
from karyogui.services.progress import Monitor
from model.vocabulary.results import Scale


class Network(Protocol):
    """Looks at cells, one thing at a time. Implemented by `workers.model_analyser`.

    Everything raises `KaryoError` for missing, wrong or damaged weights and for an unusable
    device, and `Cancelled` when the monitor says so.
    """

    def load(self) -> None:
        """Get ready to look, which takes seconds; otherwise that happens at the first look."""

    def model(self) -> ModelIdentity:
        """The network that looks; it is loaded for that."""

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        """One object per picture, in the order of the request.

        Of a photograph everything that is separated, and its chromosomes; where the request has
        `objects` just these, as they are.
        """

    def classify(
        self,
        picture: MetaphasePicture,
        objects: Sequence[SeparatedObject],
        scale: Scale | None,
        monitor: Monitor,
    ) -> tuple[Chromosome, ...]:
        """One outcome per object, same order and ids; the cell is assigned afterwards.

        `scale` is the cell's.
        """

    def check_again(
        self,
        picture: MetaphasePicture,
        objects: Sequence[SeparatedObject],
        chromosomes: Sequence[Chromosome],
        scale: Scale,
        fresh: Collection[str],
        monitor: Monitor,
    ) -> tuple[CheckEntry, ...]:
        """What of a repaired photograph a person has to look at, among the objects `fresh`.

        `objects` are all that are separated and `chromosomes`, analysed and assigned, those of
        them that are some; `scale` is the cell's.
        """

    def assess(self, picture: MetaphasePicture, monitor: Monitor) -> Quality:
        """Separate a photograph the quick way and judge it; nothing is classified.

        A picture that cannot be separated is judged too: the reason says why.
        """


class Assigner(Protocol):
    """Assigns the chromosomes of one cell. Implemented by `workers.model_assigner`."""

    def assign(
        self,
        chromosomes: Sequence[Chromosome],
        model: ModelIdentity,
        before: AssignmentSummary | None,
        objects: Sequence[SeparatedObject] = (),
    ) -> Reassignment:
        """Assign analysed chromosomes again from their stored probabilities.

        `model` is the network that gave them and `before` the present assignment; None where the
        probabilities are those of an older version, which still have to be calibrated. `objects`
        are all that are separated in a photograph, those of the chromosomes among them.
        """
