"""Cells straight from files to results, without a data folder: what `main.py analyse` does."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult, CutOutPicture
from karyogui.domain.case import CaseDetails
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.karyogram import initial_placements
from karyogui.domain.metaphase import Metaphase
from karyogui.domain.report import CellReport, ReportData
from karyogui.errors import KaryoError
from karyogui.paths import DEMO
from karyogui.services.discovery import CellSource
from karyogui.services.pictures import read_picture
from karyogui.services.ports import Analyser
from karyogui.services.progress import Monitor
from karyogui.services.reporting import cell_report, software
from karyogui.storage.mapping import chromosome_id

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
        is_demo=source.origin.absolute().is_relative_to(DEMO),
    )
    return BatchCell(data, tuple(problems))


def as_json(analysed: BatchCell) -> dict[str, Any]:
    """A cell for `<name>.json`, as the command line promises it.

    `type` is the type after the assignment within the cell, None for an object of no type;
    `polarity` is 1 for q arm down and 0 for q arm up in the upright crop, which `angle` degrees
    (counter-clockwise) set upright; `type_probabilities` are in the order 1 … 22, X, Y.
    """
    cell = analysed.cell
    model = cell.model
    return {
        "cell": cell.name,
        "case": analysed.data.case_name,
        "chromosomes": [_chromosome_json(chromosome) for chromosome in cell.chromosomes],
        "findings": [
            {"kind": f.kind.value, "slots": list(f.slots), "count": f.count, "text": f.text}
            for f in cell.findings
        ],
        "iscn_proposal": cell.iscn.text,
        "iscn_question": cell.iscn.question,
        "seconds": cell.seconds,
        "model": None
        if model is None
        else {
            "name": model.name,
            "version": model.version,
            "sha256": model.sha256,
            "device": model.device,
        },
        "problems": list(analysed.problems),
        "software": analysed.data.software,
    }


@dataclass(frozen=True)
class JsonWriter:
    """Writes `as_json` of a cell; to be used where an exporter is."""

    analysed: BatchCell

    def write(self, data: ReportData, target: BinaryIO) -> None:
        """The cell's JSON in UTF-8; `data` is the cell's own."""
        text = json.dumps(as_json(self.analysed), ensure_ascii=False, indent=1, allow_nan=False)
        target.write(text.encode("utf-8"))


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
    )


def _chromosome_json(chromosome: Chromosome) -> dict[str, Any]:
    predicted, assigned = chromosome.predicted, chromosome.assigned
    if predicted is None or assigned is None:
        raise ValueError("an analysed chromosome has a prediction and an assignment")
    return {
        "source": chromosome.segment.source,
        "type": assigned.type,
        "polarity": int(assigned.polarity),
        "confidence": assigned.confidence,
        "type_probabilities": list(predicted.type_probabilities),
        "polarity_probabilities": list(predicted.polarity_probabilities),
        "argmax_type": predicted.argmax_type,
        "assigned_type": assigned.type,
        "review": list(assigned.reasons),
        "angle": chromosome.segment.angle,
    }
