"""Everything printable about a case, in one frozen object. An exporter sees nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from karyogui.domain.case import CaseDetails
from karyogui.domain.cell import Cell
from karyogui.domain.cultures import Culture
from karyogui.domain.findings import CellFinding
from karyogui.domain.iscn import IscnProposal
from karyogui.domain.karyogram import TRAY, Karyogram, Placement


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

    @cached_property
    def karyogram(self) -> Karyogram:
        """Where everything stands, built once; what stands nowhere is in the tray.

        For reading: nobody may edit it.
        """
        ids = {chromosome.id for chromosome in self.cell.chromosomes}
        placed = [p for p in self.cell.placements if p.chromosome_id in ids]
        missing = ids - {p.chromosome_id for p in placed}
        # Behind whatever the tray holds already; `Karyogram` numbers them again.
        placed += [Placement(i, TRAY, len(placed) + n) for n, i in enumerate(sorted(missing))]
        return Karyogram(placed)


@dataclass(frozen=True)
class ReportData:
    """A case as printed; of a whole case, `excluded` are the cells that do not count in it.

    `cultures` are those of its cells, with their dates.
    """

    case_name: str
    details: CaseDetails
    cells: tuple[CellReport, ...]
    created: datetime
    software: str
    is_demo: bool = False
    excluded: tuple[Cell, ...] = ()
    cultures: tuple[Culture, ...] = ()
