"""Everything printable about a case, in one frozen object. An exporter sees nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from karyogui.domain.case import CaseDetails
from karyogui.domain.cell import Cell
from karyogui.domain.findings import CellFinding
from karyogui.domain.iscn import IscnProposal


@dataclass(frozen=True, eq=False)
class Photograph:
    """The picture of a metaphase: (H, W) uint8 as imported, and enhanced where a recipe is set."""

    name: str
    raw: NDArray[np.uint8]
    enhanced: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class CellReport:
    """One cell as printed: the cell, its `photograph` if it came as one, and what was found."""

    cell: Cell
    photograph: Photograph | None
    findings: tuple[CellFinding, ...]
    iscn: IscnProposal


@dataclass(frozen=True)
class ReportData:
    """A case as printed."""

    case_name: str
    details: CaseDetails
    cells: tuple[CellReport, ...]
    created: datetime
    software: str
    is_demo: bool = False
