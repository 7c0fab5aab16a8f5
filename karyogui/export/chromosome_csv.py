"""One row per chromosome, for spreadsheets and statistics."""

from __future__ import annotations

import csv
from io import StringIO
from typing import BinaryIO

from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import TYPES, Chromosome
from karyogui.domain.report import ReportData
from karyogui.domain.separation import SeparatedObject
from karyogui.export.case_json import imported_polarity
from karyogui.export.facts import (
    Standing,
    alternative_iscn,
    confidence,
    review_reasons,
    standings,
)

_FIELDS = (
    *("case", "cell", "source", "type", "position", "turn", "mirrored", "confirmed"),
    *("polarity", "confidence", "argmax_type", "assigned_type", "margin", "moved"),
    *("disagreeing", "assignment", "alternative", "alternative_margin", "review"),
    *("slide", "id", "box_x", "box_y", "box_width", "box_height", "separation_score", "by_person"),
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ChromosomeCsv:
    """UTF-8 with a byte order mark, without which spreadsheets garble names; comma-separated."""

    id = "chromosome-csv"
    label = "Chromosome table (CSV)"
    suffix = ".csv"
    prints = False

    def write(self, data: ReportData, target: BinaryIO) -> None:
        text = StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow([*_FIELDS, *(f"p_{kind}" for kind in TYPES)])
        for report in data.cells:
            cell, reasons = report.cell, review_reasons(report)
            objects = {found.id: found for found in cell.objects}
            writer.writerows(
                [
                    *(_name(data.case_name), _name(cell.name), *_row(standing)),
                    *_cell_columns(cell, standing.chromosome),
                    " ".join(reasons.get(standing.chromosome.id, ())),
                    *(_name(cell.slide), _name(standing.chromosome.id)),
                    *_place(objects.get(standing.chromosome.id)),
                    *_probabilities(standing.chromosome),
                ]
                for standing in standings(report)
            )
        target.write(text.getvalue().encode("utf-8-sig", errors="backslashreplace"))


def _row(standing: Standing) -> list[object]:
    chromosome, placement = standing.chromosome, standing.placement
    predicted, assigned = chromosome.predicted, chromosome.assigned
    polarity, certain = imported_polarity(chromosome), confidence(chromosome)
    return [
        _name(chromosome.segment.source),
        standing.type,
        standing.position,
        f"{placement.turn:g}",
        int(placement.mirrored),
        int(placement.confirmed),
        "" if polarity is None else int(polarity),
        "" if certain is None else f"{certain:.6f}",
        predicted.argmax_type if predicted else "",
        (assigned.type or "") if assigned else "",
        _nats(assigned.margin if assigned else None),
        int(assigned.moved) if assigned else "",
    ]


def _cell_columns(cell: Cell, chromosome: Chromosome) -> list[object]:
    """What the assignment says of the cell, and whether this chromosome's picture disagrees."""
    assignment = cell.assignment
    if assignment is None:
        return [""] * 4
    return [
        int(chromosome.id in assignment.disagreeing),
        assignment.method,
        alternative_iscn(cell),
        _nats(assignment.alternative_margin),
    ]


def _place(found: SeparatedObject | None) -> list[object]:
    """Where it lies in the raw picture, in pixels; empty for a ready cut-out."""
    if found is None:
        return [""] * 6
    return [*(int(value) for value in found.box), f"{found.score:.3f}", int(found.by_person)]


def _probabilities(chromosome: Chromosome) -> list[str]:
    if chromosome.predicted is None:
        return [""] * len(TYPES)
    return [f"{p:.6f}" for p in chromosome.predicted.type_probabilities]


def _nats(margin: float | None) -> str:
    return "" if margin is None else f"{margin:.3f}"


def _name(text: str) -> str:
    """A name as text: a spreadsheet must not take `=…` from a file name for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
