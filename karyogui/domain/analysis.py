"""What goes to an analyser and what comes back: one frozen object each way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karyogui.domain.chromosome import Assignment, Prediction, Segment


@dataclass(frozen=True)
class ModelIdentity:
    """Which network answered: name, version, the first 12 hex digits of the weights' sha256."""

    name: str
    version: str
    sha256: str
    device: str = "cpu"

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.sha256})"


@dataclass(frozen=True, eq=False)
class CutOutPicture:
    """A ready cut-out as imported: (h, w) uint8 grey, any tilt, any background level."""

    name: str
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class AnalysisRequest:
    """One cell to analyse."""

    cell_id: int
    cell_name: str
    pictures: tuple[CutOutPicture, ...]


@dataclass(frozen=True, eq=False)
class AnalysedObject:
    """One picture's outcome, in the order of the request."""

    segment: Segment
    predicted: Prediction
    assigned: Assignment


@dataclass(frozen=True, eq=False)
class AnalysisResult:
    """A cell's outcome: one object per picture, same order; `seconds` of wall-clock time."""

    cell_id: int
    objects: tuple[AnalysedObject, ...]
    model: ModelIdentity
    seconds: float
