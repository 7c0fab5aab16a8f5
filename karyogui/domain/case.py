"""A case: one person's specimen with its cells, and the row that the case browser shows of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from karyogui.domain.cell import Cell
from karyogui.domain.notes import CaseNote, CellNote, NoteEntry
from karyogui.domain.review import Exclusion
from karyogui.domain.separation import Quality


class CaseState(StrEnum):
    """How far the work on a case has come; the value is the word shown.

    The last two are of a case alone: its report was approved, and approved again after a change.
    """

    NEW = "new"
    ANALYSED = "analysed"
    IN_REVIEW = "in review"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    AMENDED = "amended"


@dataclass(frozen=True)
class CaseDetails:
    """What a person typed for the report: patient, request, specimen, result; empty when unknown.

    `iscn` is the result of the case and `result_words` the same as a sentence; `sex_withheld` is
    not empty where the report must not state the sex. What ends with `_for` tells for which result
    a text was written (`written_for`); the report does not say it.
    """

    patient_name: str = ""
    patient_identifier: str = ""
    date_of_birth: str = ""
    sex_as_given: str = ""
    specimen: str = ""
    sampled: str = ""
    received: str = ""
    reported: str = ""
    reason: str = ""
    requester: str = ""
    laboratory: str = ""
    culture: str = ""
    slide: str = ""
    banding: str = "G-banding"
    band_level: str = ""
    comment: str = ""
    report_number: str = ""
    gestational_age: str = ""
    sex_withheld: str = ""
    method: str = ""
    iscn: str = ""
    iscn_edition: str = ""
    result_words: str = ""
    interpretation: str = ""
    recommendation: str = ""
    phoned_result: str = ""
    phoned_to: str = ""
    phoned_at: str = ""
    phoned_read_back: str = ""
    result_words_for: str = ""
    interpretation_for: str = ""
    recommendation_for: str = ""

    @property
    def is_unidentified(self) -> bool:
        """Whether nothing says whose specimen it is: neither a name nor an identifier."""
        return not (self.patient_name.strip() or self.patient_identifier.strip())


@dataclass(frozen=True)
class NotedCell:
    """A cell with what persons noted of it, and nothing else."""

    id: int
    name: str
    note: CellNote


AnyCell = TypeVar("AnyCell", Cell, NotedCell)


@dataclass(frozen=True)
class Case(Generic[AnyCell]):
    """A case with all of its cells, whole or with their notes alone.

    `note` is what persons noted of the case, `trail` who and when.
    """

    id: int
    name: str
    created: datetime
    state: CaseState
    details: CaseDetails = field(default_factory=CaseDetails)
    cells: tuple[AnyCell, ...] = ()
    note: CaseNote = field(default_factory=CaseNote)
    trail: tuple[NoteEntry, ...] = ()


@dataclass(frozen=True)
class CellSummary:
    """One line about a cell: what the list of cells shows without loading pictures.

    `corrections` and `seconds` (of work) are those of all sittings at it.
    """

    id: int
    case_id: int
    name: str
    chromosome_count: int
    state: CaseState
    findings: tuple[str, ...]
    iscn: str
    slide: str = ""
    has_photograph: bool = False
    quality: Quality | None = None
    corrections: int = 0
    seconds: float = 0.0
    exclusion: Exclusion | None = None

    @property
    def is_excluded(self) -> bool:
        """Whether the cell does not count in its case."""
        return self.exclusion is not None


@dataclass(frozen=True)
class CaseSummary:
    """One row of the case browser. `thumbnail` is PNG data, or None when there is no picture.

    `damage` is a sentence where what is stored of the case cannot be read.
    """

    id: int
    name: str
    created: datetime
    state: CaseState
    cells: tuple[CellSummary, ...]
    thumbnail: bytes | None = None
    damage: str = ""

    @property
    def counted_cells(self) -> tuple[CellSummary, ...]:
        """The cells that are not excluded."""
        return tuple(cell for cell in self.cells if not cell.is_excluded)

    @property
    def chromosome_count(self) -> int:
        """Number of chromosomes in all cells that count."""
        return sum(cell.chromosome_count for cell in self.counted_cells)

    @property
    def findings(self) -> tuple[str, ...]:
        """Distinct findings of the cells that count, in their order; first that it is damaged."""
        told = [text for cell in self.counted_cells for text in cell.findings]
        return tuple(dict.fromkeys([self.damage, *told] if self.damage else told))
