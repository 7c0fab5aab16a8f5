"""Cells straight from files to results, without a data folder: what `main.py analyse` does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from karyogui.domain.analysis import (
    AnalysisRequest,
    AnalysisResult,
    CutOutPicture,
    MetaphasePicture,
)
from karyogui.domain.case import CaseDetails
from karyogui.domain.chromosome import Chromosome, chromosome_id
from karyogui.domain.karyogram import initial_placements
from karyogui.domain.metaphase import Metaphase
from karyogui.domain.report import CellReport, ReportData
from karyogui.errors import KaryoError
from karyogui.services.discovery import CellSource
from karyogui.services.picture_kind import Look
from karyogui.services.ports import Analyser
from karyogui.services.progress import Monitor
from karyogui.services.reading import Notes, ReadPicture, read_pictures
from karyogui.services.reporting import cell_report, photograph, software

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


@dataclass(frozen=True)
class BatchCell:
    """One analysed cell: what an exporter needs, and a sentence for each picture left out.

    `remarks` tell what is odd about pictures that were used.
    """

    data: ReportData
    problems: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def cell(self) -> CellReport:
        """The one cell in `data`."""
        return self.data.cells[0]


def analyse_cell(source: CellSource, analyser: Analyser, monitor: Monitor) -> BatchCell:
    """Read and analyse one cell. `KaryoError` when none of its pictures can be used."""
    notes = Notes()
    pictures = list(read_pictures(source, notes))
    if not pictures:
        raise KaryoError(" ".join(notes.problems) or f"{source.name} has no picture.")
    result = analyser.analyse(_request(source, pictures), monitor)
    is_metaphase = source.kind is Look.METAPHASE
    if not is_metaphase and len(result.objects) != len(pictures):
        raise ValueError("an analyser must return one object for each picture")
    seen = photograph(pictures[0].name, pictures[0].pixels, None) if is_metaphase else None
    data = ReportData(
        case_name=source.case_name,
        details=CaseDetails(),
        cells=(cell_report(_metaphase(source, result), seen),),
        created=datetime.now(UTC),
        software=software(),
        is_demo=source.is_demo,
    )
    return BatchCell(data, tuple(notes.problems), tuple(notes.remarks))


def _request(source: CellSource, pictures: Sequence[ReadPicture]) -> AnalysisRequest:
    if source.kind is Look.METAPHASE:
        only = pictures[0]
        whole = MetaphasePicture(only.name, only.pixels, only.pixels)
        return AnalysisRequest(0, source.name, (), whole)
    cut_outs = tuple(CutOutPicture(picture.name, picture.pixels) for picture in pictures)
    return AnalysisRequest(0, source.name, cut_outs)


def file_names(cells: Sequence[CellSource]) -> tuple[str, ...]:
    """A file name without ending for each cell, all different also where case is ignored."""
    often = Counter(_safe(cell.name).casefold() for cell in cells)
    taken: set[str] = set()
    names = []
    for cell in cells:
        name = _safe(cell.name)
        if often[name.casefold()] > 1:
            above = [_safe(part) for part in (cell.case_name, cell.slide) if part]
            name = "_".join([*(part for part in above if part != name), name])
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
        Chromosome(item.id or chromosome_id(position), item.segment, item.predicted, item.assigned)
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
        objects=result.separated or (),
        quality=result.quality,
        slide=source.slide,
    )
