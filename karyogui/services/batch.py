"""Cells straight from files to results, without a data folder: what `main.py analyse` does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult, CutOutPicture
from karyogui.domain.case import CaseDetails
from karyogui.domain.chromosome import Chromosome, chromosome_id
from karyogui.domain.karyogram import initial_placements
from karyogui.domain.metaphase import Metaphase
from karyogui.domain.report import CellReport, ReportData
from karyogui.errors import KaryoError
from karyogui.services.discovery import CellSource
from karyogui.services.pictures import read_picture
from karyogui.services.ports import Analyser
from karyogui.services.progress import Monitor
from karyogui.services.reporting import cell_report, software

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


@dataclass(frozen=True)
class BatchCell:
    """One analysed cell: what an exporter needs, and a sentence for each picture left out."""

    data: ReportData
    problems: tuple[str, ...]

    @property
    def cell(self) -> CellReport:
        """The one cell in `data`."""
        return self.data.cells[0]


def analyse_cell(source: CellSource, analyser: Analyser, monitor: Monitor) -> BatchCell:
    """Read and analyse one cell. `KaryoError` when none of its pictures can be used."""
    pictures: list[CutOutPicture] = []
    problems: list[str] = []
    for picture in source.pictures:
        try:
            pictures.append(CutOutPicture(picture.name, read_picture(picture.read(), picture.name)))
        except KaryoError as error:
            problems.append(f"{source.name}: {error}")
    if not pictures:
        raise KaryoError(" ".join(problems) or f"{source.name} has no picture.")
    result = analyser.analyse(AnalysisRequest(0, source.name, tuple(pictures)), monitor)
    if len(result.objects) != len(pictures):
        raise ValueError("an analyser must return one object for each picture")
    data = ReportData(
        case_name=source.case_name,
        details=CaseDetails(),
        cells=(cell_report(_metaphase(source, result)),),
        created=datetime.now(UTC),
        software=software(),
        is_demo=source.is_demo,
    )
    return BatchCell(data, tuple(problems))


def file_names(cells: Sequence[CellSource]) -> tuple[str, ...]:
    """A file name without ending for each cell, all different also where case is ignored."""
    often = Counter(_safe(cell.name).casefold() for cell in cells)
    taken: set[str] = set()
    names = []
    for cell in cells:
        name = _safe(cell.name)
        if often[name.casefold()] > 1 and cell.case_name != cell.name:
            name = f"{_safe(cell.case_name)}_{name}"
        unique, number = name, 1
        while unique.casefold() in taken:
            number += 1
            unique = f"{name}_{number}"
        taken.add(unique.casefold())
        names.append(unique)
    return tuple(names)


def _safe(name: str) -> str:
    return _FORBIDDEN.sub("_", name).strip().rstrip(".") or "cell"


def _metaphase(source: CellSource, result: AnalysisResult) -> Metaphase:
    chromosomes = tuple(
        Chromosome(chromosome_id(position), item.segment, item.predicted, item.assigned)
        for position, item in enumerate(result.objects)
    )
    return Metaphase(
        id=0,
        case_id=0,
        name=source.name,
        pictures=(),
        chromosomes=chromosomes,
        placements=initial_placements(chromosomes),
        model=result.model,
        seconds=result.seconds,
        analysed_at=datetime.now(UTC),
        assignment=result.assignment,
    )
