"""Cells straight from files to results, without a data folder: what `main.py analyse` does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from karyogui.domain.analysis import (
    AnalysisRequest,
    AnalysisResult,
    CutOutPicture,
    as_banded,
)
from karyogui.domain.case import CaseDetails
from karyogui.domain.cell import Cell, PictureKind, SourcePicture
from karyogui.domain.karyogram import initial_placements
from karyogui.domain.recipe import Recipe
from karyogui.domain.report import CellReport, ReportData
from karyogui.errors import KaryoError
from karyogui.services.analysis import prepared
from karyogui.services.discovery import CellSource
from karyogui.services.file_names import safe_name, unique_names
from karyogui.services.looks import Seen
from karyogui.services.ports import Network
from karyogui.services.progress import Monitor
from karyogui.services.reading import Notes, ReadPicture, read_pictures
from karyogui.services.reporting import cell_report, photograph, software


@dataclass(frozen=True)
class BatchCell:
    """One analysed cell: what an exporter needs, and a sentence for each picture left out.

    `remarks` say what is odd about pictures that were used.
    """

    data: ReportData
    problems: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def report(self) -> CellReport:
        """The one cell in `data`."""
        return self.data.cells[0]


def analyse_cell(
    source: CellSource,
    analyser: Network,
    monitor: Monitor,
    seen: Seen | None = None,
    recipe: Recipe | None = None,
) -> BatchCell:
    """Read and analyse one cell. `KaryoError` when none of its pictures can be used.

    `recipe` is how photographs are looked at; cut-outs are taken as they are.
    `seen` says of pictures of other cells where they were; those of this one are added. A picture
    that is among them is remarked on.
    """
    notes = Notes()
    pictures = list(read_pictures(source, notes))
    _remark_on_repeats(source, pictures, Seen() if seen is None else seen, notes)
    if not pictures:
        raise KaryoError(" ".join(notes.problems) or f"{source.name} has no picture.")
    has_photograph = source.kind is PictureKind.METAPHASE
    recipe = recipe if has_photograph else None
    result = as_banded(analyser.analyse(_request(source, pictures, recipe), monitor), None)
    if not has_photograph and len(result.chromosomes) != len(pictures):
        raise ValueError("an analyser must return one chromosome for each picture")
    shown = photograph(pictures[0].name, pictures[0].pixels, recipe) if has_photograph else None
    data = ReportData(
        case_name=source.case_name,
        details=CaseDetails(),
        cells=(cell_report(_cell(source, pictures, result, recipe), shown),),
        created=datetime.now(UTC),
        software=software(),
        is_demo=source.is_demo,
    )
    return BatchCell(data, tuple(notes.problems), tuple(notes.remarks))


def _remark_on_repeats(
    source: CellSource, pictures: Sequence[ReadPicture], seen: Seen, notes: Notes
) -> None:
    told: list[tuple[str, str]] = []
    for picture in pictures:
        first = seen.first(picture.data, picture.pixels, f"{picture.name} of {source.name}")
        if first:
            told.append((picture.name, first))
    if len(told) == 1:
        ((name, first),) = told
        notes.remarks.append(f"{source.name}: {name} is {first}.")
    elif told:
        name, first = told[0]
        notes.remarks.append(
            f"{source.name}: {len(told)} of {len(pictures)} pictures are the same as earlier "
            f"ones, {name} {first.removeprefix('the same picture ')}."
        )


def _request(
    source: CellSource, pictures: Sequence[ReadPicture], recipe: Recipe | None
) -> AnalysisRequest:
    if source.kind is PictureKind.METAPHASE:
        whole = prepared(pictures[0].name, pictures[0].pixels, recipe)
        return AnalysisRequest(0, source.name, (), whole)
    cut_outs = tuple(CutOutPicture(picture.name, picture.pixels) for picture in pictures)
    return AnalysisRequest(0, source.name, cut_outs)


def file_names(cells: Sequence[CellSource]) -> tuple[str, ...]:
    """A file name without ending for each cell, all different also where case is ignored."""
    often = Counter(safe_name(cell.name).casefold() for cell in cells)
    names = []
    for cell in cells:
        name = safe_name(cell.name)
        if often[name.casefold()] > 1:
            above = [safe_name(part) for part in (cell.case_name, cell.slide) if part]
            name = safe_name("_".join([*(part for part in above if part != name), name]))
        names.append(name)
    return unique_names(names)


def _cell(
    source: CellSource,
    pictures: Sequence[ReadPicture],
    result: AnalysisResult,
    recipe: Recipe | None,
) -> Cell:
    return Cell(
        id=0,
        case_id=0,
        name=source.name,
        pictures=tuple(
            SourcePicture(p.name, "", p.pixels.shape[1], p.pixels.shape[0], "", source.kind)
            for p in pictures
        ),
        chromosomes=result.chromosomes,
        placements=initial_placements(result.chromosomes),
        model=result.model,
        seconds=result.seconds,
        analysed_at=datetime.now(UTC),
        assignment=result.assignment,
        objects=result.separated or (),
        quality=result.quality,
        check=result.check or (),
        has_check=result.check is not None,
        slide=source.slide,
        recipe=recipe,
        analysed_recipe=recipe,
        separation=result.separation,
    )
