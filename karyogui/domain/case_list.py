"""The list of cases: what is asked of it, what comes back, how its rows are ranked and found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from karyogui.domain.case import CaseState, CaseSummary, CellSummary


class CaseOrder(StrEnum):
    """By what rows are ordered; of equal ones the newest comes first."""

    NAME = "name"
    CELLS = "cells"
    CHROMOSOMES = "chromosomes"
    STATE = "state"
    QUALITY = "quality"
    OBJECTS = "objects"
    CROSSINGS = "crossings"
    TOUCHING = "touching"
    CORRECTIONS = "corrections"
    MINUTES = "minutes"
    FINDINGS = "findings"
    DATE = "date"


@dataclass(frozen=True)
class CaseQuery:
    """Which cases, in which order: those with all `words` somewhere in them, of a state or any."""

    words: tuple[str, ...] = ()
    state: CaseState | None = None
    in_bin: bool = False
    order: CaseOrder = CaseOrder.DATE
    descending: bool = True

    @staticmethod
    def words_of(text: str) -> tuple[str, ...]:
        """The words of what a person typed."""
        return tuple(dict.fromkeys(text.casefold().split()))


@dataclass(frozen=True)
class CasePage:
    """Rows of a query from the first asked for.

    `matching` counts all of its rows, `total` all cases outside the bin (or in it).
    """

    summaries: tuple[CaseSummary, ...]
    matching: int
    total: int


@dataclass(frozen=True)
class LibraryCounts:
    """What the window asks of the cases outside the bin as a whole."""

    cases: int = 0
    new_cells: int = 0
    unjudged: int = 0


@dataclass(frozen=True)
class SlideRow:
    """The cells of one slide of a case."""

    case_id: int
    name: str
    cells: tuple[CellSummary, ...]


Row = CaseSummary | SlideRow | CellSummary


def cells_of(row: Row) -> tuple[CellSummary, ...]:
    """The cells that a row stands for."""
    return (row,) if isinstance(row, CellSummary) else row.cells


def counted(row: Row) -> tuple[CellSummary, ...]:
    """The cells that a row stands for, without excluded ones where it stands for several."""
    if isinstance(row, CellSummary):
        return (row,)
    return tuple(cell for cell in row.cells if not cell.is_excluded)


def findings(row: Row) -> tuple[str, ...]:
    """Distinct findings of the row's cells that count, in their order; or why a cell does not."""
    if isinstance(row, CellSummary) and row.exclusion is not None:
        why = f"Excluded: {row.exclusion.reason.rstrip('.')} ({row.exclusion.who})."
        return (why, "Signed off.") if row.state is CaseState.REVIEWED else (why,)
    if isinstance(row, CaseSummary):
        return row.findings
    return tuple(dict.fromkeys(said for cell in counted(row) for said in cell.findings))


def known_counts(cells: Sequence[CellSummary]) -> list[int]:
    """Chromosomes of each cell; a photograph that nobody has analysed has none."""
    return [
        c.chromosome_count for c in cells if not (c.has_photograph and c.state is CaseState.NEW)
    ]


def minutes_of(row: Row) -> float:
    """Minutes that people worked on the cells."""
    return sum(cell.seconds for cell in cells_of(row)) / 60.0


def was_worked_at(row: Row) -> bool:
    """Whether a person did anything to the cells."""
    return any(cell.seconds > 0 or cell.corrections for cell in cells_of(row))


def is_new(cell: CellSummary) -> bool:
    """Whether a cell counts and has not been analysed."""
    return cell.state is CaseState.NEW and not cell.is_excluded


def is_unjudged(cell: CellSummary) -> bool:
    """Whether nobody has analysed a photograph and its quality is not known."""
    return cell.has_photograph and cell.quality is None and cell.state is CaseState.NEW


def search_text(summary: CaseSummary) -> str:
    """Everything by which a case can be found."""
    cells = summary.cells
    words = [summary.name, *summary.findings, *(cell.iscn for cell in cells)]
    return " ".join([*words, *(f"{cell.slide} {cell.name}" for cell in cells)])


def sort_key(row: Row, order: CaseOrder) -> Any:  # noqa: ANN401
    """By what rows of one parent are ordered; equal ones keep the order of the library."""
    cells = cells_of(row)
    match order:
        case CaseOrder.NAME:
            return name_key(row.name)
        case CaseOrder.CELLS:
            return len(cells)
        case CaseOrder.CHROMOSOMES:
            return max(known_counts(cells), default=0)
        case CaseOrder.STATE:
            return 0 if isinstance(row, SlideRow) else list(CaseState).index(row.state)
        case CaseOrder.QUALITY:
            # The best first where the arrow points upwards, as one first click sorts.
            return -max((cell.quality.score for cell in cells if cell.quality), default=-1.0)
        case CaseOrder.OBJECTS:
            return max((cell.quality.objects for cell in cells if cell.quality), default=-1)
        case CaseOrder.CROSSINGS:
            return max((cell.quality.crossings for cell in cells if cell.quality), default=-1)
        case CaseOrder.TOUCHING:
            found = [cell.quality.touching_groups for cell in cells if cell.quality]
            return max(found, default=-1)
        case CaseOrder.CORRECTIONS:
            return sum(cell.corrections for cell in cells) if was_worked_at(row) else -1
        case CaseOrder.MINUTES:
            return minutes_of(row) if was_worked_at(row) else -1.0
        case CaseOrder.FINDINGS:
            return len(findings(row))
        case CaseOrder.DATE:
            return row.created.timestamp() if isinstance(row, CaseSummary) else 0.0


def name_key(name: str) -> str:
    """For sorting, also in a database: `2` before `10`, whatever the case of the letters."""
    key = ""
    for part in re.split(r"(\d+)", name.casefold()):
        if part.isdecimal():
            digits = "".join(str(int(digit)) for digit in part).lstrip("0")
            # Of numbers, as many digits as they have tell first which is larger.
            key += f"\x01{len(digits):06}{digits}"
        elif part:
            key += f"\x02{part}\x01"
    return key
