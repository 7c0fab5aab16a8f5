"""What the services need from outside, as protocols: implemented by workers and storage."""

from __future__ import annotations

from typing import Protocol

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult
from karyogui.services.progress import Monitor


class Analyser(Protocol):
    """Looks at one cell. Implemented by `workers.model_analyser` over the network."""

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        """One object per picture, in the order of the request.

        Raises `KaryoError` for missing or wrong weights, `Cancelled` when the monitor says so.
        """
