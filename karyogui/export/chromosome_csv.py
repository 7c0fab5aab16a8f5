"""One row per chromosome, for spreadsheets and statistics."""

from __future__ import annotations

import csv
from io import StringIO
from typing import BinaryIO

from karyogui.domain.chromosome import TYPES
from karyogui.domain.report import ReportData
from karyogui.export.case_json import imported_polarity
from karyogui.export.facts import Standing, confidence, review_reasons, standings

_FIELDS = (
    *("case", "cell", "source", "type", "position", "turn", "mirrored", "confirmed"),
    *("polarity", "confidence", "argmax_type", "assigned_type", "review"),
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ChromosomeCsv:
    """UTF-8 with a byte order mark, without which spreadsheets garble names; comma-separated."""

    id = "chromosome-csv"
    label = "Chromosome table (CSV)"
    suffix = ".csv"

    def write(self, data: ReportData, target: BinaryIO) -> None:
        text = StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow([*_FIELDS, *(f"p_{kind}" for kind in TYPES)])
        for cell in data.cells:
            writer.writerows(
                [_name(data.case_name), _name(cell.name), *_row(standing)]
                for standing in standings(cell)
            )
        target.write(text.getvalue().encode("utf-8-sig", errors="backslashreplace"))


def _row(standing: Standing) -> list[object]:
    chromosome, placement = standing.chromosome, standing.placement
    predicted, assigned = chromosome.predicted, chromosome.assigned
    polarity, certain = imported_polarity(chromosome), confidence(chromosome)
    probabilities = predicted.type_probabilities if predicted else ("",) * len(TYPES)
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
        " ".join(review_reasons(chromosome)),
        *(p if isinstance(p, str) else f"{p:.6f}" for p in probabilities),
    ]


def _name(text: str) -> str:
    """A name as text: a spreadsheet must not take `=…` from a file name for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
