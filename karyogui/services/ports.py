"""What the services need from outside, as protocols: implemented by workers and storage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from karyogui.domain.analysis import (
    AnalysisRequest,
    AnalysisResult,
    AssignmentSummary,
    ModelIdentity,
    Reassignment,
)
from karyogui.domain.chromosome import Chromosome
from karyogui.services.progress import Monitor


class Analyser(Protocol):
    """Looks at one cell. Implemented by `workers.model_analyser` over the network."""

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        """One object per picture, in the order of the request.

        Raises `KaryoError` for missing or wrong weights, `Cancelled` when the monitor says so.
        """


class Assigner(Protocol):
    """Assigns the chromosomes of one cell. Implemented by `workers.model_assigner`."""

    def assign(
        self,
        chromosomes: Sequence[Chromosome],
        model: ModelIdentity,
        before: AssignmentSummary | None,
    ) -> Reassignment:
        """Assign analysed chromosomes anew from their stored probabilities.

        `model` is the network that gave them and `before` the present assignment; None where the
        probabilities are those of an older version, which still have to be calibrated.
        """
