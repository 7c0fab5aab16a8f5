"""Cells to print, made of small blobs: no picture file, no network."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from karyogui.domain.analysis import AssignmentSummary, ModelIdentity
from karyogui.domain.case import CaseDetails
from karyogui.domain.cell import Cell, PictureKind, SourcePicture
from karyogui.domain.chromosome import (
    TYPES,
    Assignment,
    Chromosome,
    Polarity,
    Prediction,
    Segment,
)
from karyogui.domain.findings import CellFinding, FindingKind
from karyogui.domain.iscn import IscnProposal
from karyogui.domain.karyogram import Change, Karyogram, initial_placements
from karyogui.domain.recipe import Recipe
from karyogui.domain.report import CellReport, Photograph, ReportData
from karyogui.domain.review import Edit
from karyogui.domain.separation import ObjectKind, Quality, SeparatedObject
from karyogui.domain.sitting import ActionKind, Sitting
from model.vocabulary.results import Scale

NOON = datetime(2026, 3, 4, 12, 0)
MODEL = ModelIdentity("compact", "1.2", "0123456789ab", "cpu")


def counts_of(**changes: int) -> dict[str, int]:
    """46,XX with some slots otherwise: `counts_of(c21=3, X=1, Y=1)`."""
    counts = dict.fromkeys(TYPES, 2) | {"Y": 0}
    return counts | {name.removeprefix("c"): count for name, count in changes.items()}


def blob(height: int, width: int = 12, grey: int = 90) -> Segment:
    """A chromosome of an ellipse with one dark band near its lower end."""
    y, x = np.mgrid[0:height, 0:width]
    middle = (height - 1) / 2, (width - 1) / 2
    mask = ((y - middle[0]) / (height / 2)) ** 2 + ((x - middle[1]) / (width / 2)) ** 2 <= 1
    crop = np.where(mask, grey, 255).astype(np.uint8)
    crop[(y > height * 0.7) & mask] = 20
    return Segment("", crop, mask)


def chromosome(
    number: int,
    kind: str | None,
    *,
    reasons: Sequence[str] = (),
    polarity: Polarity = Polarity.Q_DOWN,
    source: str = "",
) -> Chromosome:
    """One that the network takes for `kind` (None: for none of the 24) with 97 %."""
    probabilities = [0.03 / 23] * 24
    probabilities[TYPES.index(kind or "1")] = 0.97
    height = 60 - 2 * TYPES.index(kind or "9")
    segment = replace(blob(height), source=source or f"object {number:02d}.png")
    polarities = (0.9, 0.1) if polarity is Polarity.Q_UP else (0.1, 0.9)
    return Chromosome(
        f"c{number}",
        segment,
        Prediction(tuple(probabilities), polarities),
        Assignment(kind, polarity, 0.97, tuple(reasons)),
    )


def cell(
    counts: Mapping[str, int] | None = None,
    *,
    name: str = "cell A",
    tray: int = 0,
    **fields: Any,
) -> CellReport:
    """A cell as analysed, nothing touched. `fields` replace those of report and cell."""
    wanted = counts_of() if counts is None else counts
    kinds: list[str | None] = [k for k, n in wanted.items() for _ in range(n)]
    kinds += [None] * tray
    chromosomes = tuple(chromosome(n, kind) for n, kind in enumerate(kinds))
    plain = Cell(
        id=1,
        case_id=1,
        name=name,
        pictures=(),
        chromosomes=chromosomes,
        placements=initial_placements(chromosomes),
        model=MODEL,
        seconds=1.25,
        analysed_at=NOON,
    )
    return altered(CellReport(plain, None, (), IscnProposal("46,XX")), **fields)


def altered(report: CellReport, **fields: Any) -> CellReport:
    """The report with other fields: its own, and those of its cell."""
    own = {name: fields.pop(name) for name in ("photograph", "findings", "iscn") if name in fields}
    return replace(report, cell=replace(report.cell, **fields), **own)


def disputed_cell() -> CellReport:
    """46,XX by the assignment; the picture of c12, which stands at 7, looks like 8."""
    report = cell()
    chromosomes = list(report.cell.chromosomes)
    looks_like_8 = chromosome(12, "8", source="disputed.png")
    assert looks_like_8.assigned is not None
    assigned = replace(looks_like_8.assigned, type="7", margin=1.25, moved=True)
    chromosomes[12] = replace(looks_like_8, assigned=assigned)
    counts = counts_of(c7=1, c8=3)
    summary = AssignmentSummary("map", ("c12",), tuple(counts.values()), 1.25, Scale(0.9))
    model = replace(MODEL, runtime="OpenVINO int8, CPU")
    return altered(report, chromosomes=tuple(chromosomes), assignment=summary, model=model)


def metaphase_cell(recipe: Recipe | None = None, **fields: Any) -> CellReport:
    """46,XX from a photograph: its objects in a grid, a nucleus that was rejected, two sittings."""
    report = cell()
    raw = np.full((400, 500), 220, np.uint8)
    objects, chromosomes = [], []
    for number, found in enumerate(report.cell.chromosomes):
        height, width = found.segment.mask.shape
        x, y = 10 + 40 * (number % 12), 10 + 80 * (number // 12)
        raw[y : y + height, x : x + width][found.segment.mask] = 60
        box = (x - 2, y - 2, width + 4, height + 4)
        objects.append(
            SeparatedObject(
                found.id,
                ObjectKind.CHROMOSOME,
                found.segment.mask,
                (x, y),
                box,
                0.875,
                by_person=number == 3,
            )
        )
        segment = replace(found.segment, source="plate.png", box=box)
        chromosomes.append(replace(found, segment=segment))
    round_mask = blob(50, 50).mask
    objects.append(
        SeparatedObject("c99", ObjectKind.NUCLEUS, round_mask, (440, 340), (438, 338, 54, 54))
    )
    sittings = (
        Sitting("A. Nowak", NOON, NOON, 150.0, {ActionKind.CUT: 2, ActionKind.CONFIRM: 5}),
        Sitting("A. Nowak", NOON, NOON, 60.0, {ActionKind.MOVE: 1, ActionKind.UNDO: 1}),
    )
    changes = {
        "chromosomes": tuple(chromosomes),
        "slide": "slide A",
        "pictures": (SourcePicture("plate.png", "k", 500, 400, "", PictureKind.METAPHASE),),
        "photograph": Photograph("plate.png", raw, None if recipe is None else 255 - raw),
        "objects": tuple(objects),
        "quality": Quality(46, 1, 2, 0.75, 450, True, "Few chromosomes touch.", 0.8),
        "recipe": recipe,
        "sittings": sittings,
    }
    return altered(report, **(changes | fields))


def edited(report: CellReport, *changes: Change, who: str = "A. Nowak") -> CellReport:
    """The cell after changes made by a person, a minute apart."""
    karyogram = Karyogram(report.cell.placements)
    for change in changes:
        karyogram.apply(change)
    edits = tuple(
        Edit(who, NOON + timedelta(minutes=minute), change)
        for minute, change in enumerate(changes, start=1)
    )
    return altered(report, placements=karyogram.placements, edits=edits)


def report_data(*cells: CellReport, **fields: Any) -> ReportData:
    """A case with these cells, its details empty but for `fields`."""
    data = ReportData("26-0042", CaseDetails(), cells, NOON, "KaryoGUI 9.8.7")
    return replace(data, **fields)


def finding(kind: str, slot: str, count: int, text: str) -> CellFinding:
    """A finding about one slot, its kind by its word."""
    return CellFinding(FindingKind(kind), (slot,), count, text)
