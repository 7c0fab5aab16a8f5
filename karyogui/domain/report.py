"""Everything printable about a case, in one frozen object. An exporter sees nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from karyogui.domain.analysis import AssignmentSummary, ModelIdentity
from karyogui.domain.case import CaseDetails
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.findings import CellFinding
from karyogui.domain.iscn import IscnProposal
from karyogui.domain.karyogram import Placement
from karyogui.domain.review import Edit


@dataclass(frozen=True)
class CellReport:
    """One cell as printed: chromosomes with pictures, where they stand, and what was found."""

    name: str
    chromosomes: tuple[Chromosome, ...]
    placements: tuple[Placement, ...]
    findings: tuple[CellFinding, ...]
    iscn: IscnProposal
    model: ModelIdentity | None
    seconds: float | None
    analysed_at: datetime | None
    edits: tuple[Edit, ...]
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    assignment: AssignmentSummary | None = None


@dataclass(frozen=True)
class ReportData:
    """A case as printed."""

    case_name: str
    details: CaseDetails
    cells: tuple[CellReport, ...]
    created: datetime
    software: str
    is_demo: bool = False
