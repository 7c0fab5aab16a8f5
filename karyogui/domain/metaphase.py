"""A cell: one metaphase with its chromosomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from karyogui.domain.analysis import AssignmentSummary, ModelIdentity
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.karyogram import Placement
from karyogui.domain.review import Edit


@dataclass(frozen=True)
class SourcePicture:
    """One imported picture: its name as imported, its key in the image store, size in pixels."""

    name: str
    key: str
    width: int
    height: int
    sha256: str


@dataclass(frozen=True)
class Metaphase:
    """One cell. Before analysis it has pictures and no chromosomes; after it, both.

    `assignment` is None where it is not known: before analysis and for results of older versions.
    """

    id: int
    case_id: int
    name: str
    pictures: tuple[SourcePicture, ...]
    chromosomes: tuple[Chromosome, ...] = ()
    placements: tuple[Placement, ...] = ()
    edits: tuple[Edit, ...] = ()
    model: ModelIdentity | None = None
    seconds: float | None = None
    analysed_at: datetime | None = None
    reviewed_at: datetime | None = None
    reviewed_by: str = ""
    assignment: AssignmentSummary | None = None

    @property
    def is_analysed(self) -> bool:
        """Whether a network has looked at the cell."""
        return self.analysed_at is not None
