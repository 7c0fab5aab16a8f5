"""Everything printable about a case, in one frozen object. An exporter sees nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from karyogui.domain.analysis import AssignmentSummary, ModelIdentity
from karyogui.domain.case import CaseDetails
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.findings import CellFinding
from karyogui.domain.iscn import IscnProposal
from karyogui.domain.karyogram import Placement
from karyogui.domain.recipe import Recipe
from karyogui.domain.review import Edit
from karyogui.domain.separation import Quality, SeparatedObject
from karyogui.domain.sitting import CorrectionCost, Sitting


@dataclass(frozen=True, eq=False)
class Photograph:
    """The picture of a metaphase: (H, W) uint8 as imported, and enhanced where a recipe is set."""

    name: str
    raw: NDArray[np.uint8]
    enhanced: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class CellReport:
    """One cell as printed: chromosomes with pictures, where they stand, and what was found.

    `photograph`, `objects`, `quality` and `recipe` are those of a metaphase, `objects` in the ids
    of the chromosomes; `sittings` tell who worked how long at it.
    """

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
    slide: str = ""
    photograph: Photograph | None = None
    objects: tuple[SeparatedObject, ...] = ()
    quality: Quality | None = None
    recipe: Recipe | None = None
    sittings: tuple[Sitting, ...] = ()

    @property
    def is_metaphase(self) -> bool:
        """Whether the cell came as one photograph and not as ready cut-outs."""
        return self.photograph is not None or bool(self.objects)

    @property
    def cost(self) -> CorrectionCost:
        """What work at the cell has cost so far."""
        return CorrectionCost.of(self.sittings)


@dataclass(frozen=True)
class ReportData:
    """A case as printed."""

    case_name: str
    details: CaseDetails
    cells: tuple[CellReport, ...]
    created: datetime
    software: str
    is_demo: bool = False
