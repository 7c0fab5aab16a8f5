"""What the case browser says of a case, a slide and a cell, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any

from karyogui.domain import case_list
from karyogui.domain.amounts import amount
from karyogui.domain.case import CaseSummary, CellSummary
from karyogui.domain.case_list import (
    CaseOrder,
    Row,
    SlideRow,
    cells_of,
    counted,
    findings,
    known_counts,
    minutes_of,
    was_worked_at,
)
from karyogui.domain.separation import quality_figures
from karyogui.domain.separation_check import expected_text

EXCLUDED = "excluded"
NOTHING = "–"
"""What stands where a figure is not known."""


class Column(IntEnum):
    """The columns in their order."""

    PICTURE = 0
    CASE = 1
    CELLS = 2
    CHROMOSOMES = 3
    STATE = 4
    QUALITY = 5
    OBJECTS = 6
    CROSSINGS = 7
    TOUCHING = 8
    CORRECTIONS = 9
    MINUTES = 10
    FINDINGS = 11
    DATE = 12


HEADERS = {
    Column.PICTURE: "",
    Column.CASE: "Case, slide, cell",
    Column.CELLS: "Cells",
    Column.CHROMOSOMES: "Chromosomes",
    Column.STATE: "State",
    Column.QUALITY: "Quality",
    Column.OBJECTS: "Objects",
    Column.CROSSINGS: "Crossings",
    Column.TOUCHING: "Touching",
    Column.CORRECTIONS: "Corrections",
    Column.MINUTES: "Minutes",
    Column.FINDINGS: "Findings in cells",
    Column.DATE: "Imported",
}
HEADER_TIPS = {
    Column.QUALITY: "How many repairs a metaphase is likely to need, and why; sort by it to see "
    "the best cells of every case first",
    Column.OBJECTS: "Objects found in the photograph and counted as chromosomes",
    Column.CROSSINGS: "Estimated crossings of chromosomes",
    Column.TOUCHING: "Groups of chromosomes that touch or cross",
    Column.CORRECTIONS: "What a person did to repair and place the chromosomes",
    Column.MINUTES: "Minutes that people worked on the cells",
}
FIGURES = frozenset(
    {
        *(Column.CELLS, Column.CHROMOSOMES, Column.OBJECTS, Column.CROSSINGS),
        *(Column.TOUCHING, Column.CORRECTIONS, Column.MINUTES),
    }
)
"""Columns of numbers, to the right."""
ORDERS = {
    column: CaseOrder.NAME if column is Column.PICTURE else order
    for column, order in zip(Column, (CaseOrder.NAME, *CaseOrder), strict=True)
}
"""By what a click on a column's head orders the rows."""
OF_METAPHASES = (Column.QUALITY, Column.OBJECTS, Column.CROSSINGS, Column.TOUCHING)
"""Columns that say nothing of ready cut-outs."""


def children_of(row: Row) -> tuple[Row, ...]:
    """The rows below a row: slides with a name, and the cells of none."""
    if isinstance(row, CellSummary):
        return ()
    if isinstance(row, SlideRow):
        return row.cells
    slides: dict[str, list[CellSummary]] = {}
    for cell in row.cells:
        slides.setdefault(cell.slide, []).append(cell)
    loose = slides.pop("", [])
    return (*(SlideRow(row.id, name, tuple(cells)) for name, cells in slides.items()), *loose)


def text(row: Row, column: Column) -> str:
    """What a row shows in a column."""
    cells = cells_of(row)
    match column:
        case Column.CASE:
            return row.name
        case Column.CELLS:
            return "" if isinstance(row, CellSummary) else _cells_text(cells)
        case Column.CHROMOSOMES:
            return span(known_counts(counted(row)))
        case Column.STATE:
            return state_text(row)
        case Column.QUALITY:
            return _quality(row)
        case Column.OBJECTS:
            return span([cell.quality.objects for cell in cells if cell.quality])
        case Column.CROSSINGS:
            return span([cell.quality.crossings for cell in cells if cell.quality])
        case Column.TOUCHING:
            return span([cell.quality.touching_groups for cell in cells if cell.quality])
        case Column.CORRECTIONS:
            return str(sum(cell.corrections for cell in cells)) if was_worked_at(row) else NOTHING
        case Column.MINUTES:
            return f"{minutes_of(row):.1f}" if was_worked_at(row) else NOTHING
        case Column.FINDINGS:
            return " ".join(findings(row))
        case Column.DATE:
            if not isinstance(row, CaseSummary):
                return ""
            return f"{row.created.astimezone():%Y-%m-%d %H:%M}"
        case _:
            return ""


def tool_tip(row: Row, column: Column) -> str | None:
    """What a row says in full while the pointer rests on a column."""
    cells = cells_of(row)
    match column:
        case Column.CASE:
            return row.name
        case Column.FINDINGS:
            return "\n".join(findings(row)) or None
        case Column.CHROMOSOMES if len(cells) > 1:
            return "\n".join(f"{cell.name}: {span(known_counts([cell]))}" for cell in cells)
        case _ if column in OF_METAPHASES:
            told = [f"{cell.name}: {quality_text(cell)}" for cell in cells if cell.quality]
            return "\n".join(told) or None
        case _:
            return None


def quality_text(cell: CellSummary) -> str:
    """All that is known of a photograph's quality in one line; empty for cut-outs."""
    quality = cell.quality
    if quality is None:
        return ""
    figures = [amount(quality.objects, "object"), *quality_figures(quality)]
    return f"{_verdict(cell)} ({', '.join(figures)})"


def sort_key(row: Row, column: Column) -> Any:  # noqa: ANN401
    """By what rows of one parent are ordered."""
    return case_list.sort_key(row, ORDERS[column])


def state_text(row: Row) -> str:
    """How far the work has come, in a word; of an excluded cell that it is."""
    if isinstance(row, SlideRow):
        return ""
    if isinstance(row, CellSummary) and row.is_excluded:
        return EXCLUDED
    return row.state.value


def _cells_text(cells: Sequence[CellSummary]) -> str:
    """How many there are, and where some are excluded how many count: `4 of 5`."""
    count = sum(not cell.is_excluded for cell in cells)
    return str(count) if count == len(cells) else f"{count} of {len(cells)}"


def has_doubt(row: Row) -> bool:
    """Whether a photograph of one cell is not worth karyotyping."""
    return isinstance(row, CellSummary) and row.quality is not None and not row.quality.worth


def count_text(row: Row) -> str:
    """Chromosomes of each cell: one number, or the range over the cells."""
    return span(known_counts(counted(row)))


def span(counts: Iterable[int]) -> str:
    """One number, or the least and the largest."""
    found = sorted(set(counts))
    if len(found) > 1:
        return f"{found[0]}–{found[-1]}"
    return str(found[0]) if found else NOTHING


def _quality(row: Row) -> str:
    if isinstance(row, CellSummary):
        return _verdict(row)
    judged = [cell.quality.worth for cell in row.cells if cell.quality]
    worth = f"{sum(judged)} of {len(judged)} cells worth karyotyping"
    return worth if judged else ""


def _verdict(cell: CellSummary) -> str:
    if cell.quality is None:
        return ""
    word = expected_text(cell.quality.repairs) or (
        "Worth karyotyping" if cell.quality.worth else "Hardly worth karyotyping"
    )
    reason = cell.quality.reason.strip()
    return f"{word}: {reason}" if reason else word
