"""What the table of a case's cells says, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from karyogui.domain.case_result import CaseCell, CellStatus
from karyogui.domain.case_result.matrix import COLUMNS, MatrixRow, row_of
from karyogui.domain.karyogram import MARKER, slot_name
from karyogui.services.case_work import CaseView

NOTHING = "–"
NORMAL = "·"
"""What stands in the matrix where a type is as the constitution has it."""
MINUS = "−"


class Column(IntEnum):
    """The columns in their order; the types follow, and what no type holds is last."""

    CELL = 0
    STATUS = 1
    COUNT = 2
    CHANGES = 3
    LINE = 4
    SLIDE = 5
    COLONY = 6
    STAGE = 7
    BANDS = 8
    FIRST_TYPE = 9


OTHER = Column.FIRST_TYPE + len(COLUMNS)
COLUMN_COUNT = OTHER + 1
HEADERS = ("Culture, cell", "Status", "Count", "Changes", "Line", "Slide", "Colony",
           "Coordinates", "Bands", *COLUMNS, "Other")  # fmt: skip
OF_NOTES = frozenset((Column.COUNT, Column.CHANGES, Column.SLIDE, Column.COLONY, Column.STAGE,
                      Column.BANDS))  # fmt: skip
"""Columns that only the notes show; cell, status and line are shown beside the matrix too."""
OF_MATRIX = frozenset(range(Column.FIRST_TYPE, COLUMN_COUNT))


@dataclass(frozen=True)
class ShownCell:
    """One cell as the table shows it. `line` numbers its line from 1, 0 for none."""

    cell: CaseCell
    matrix: MatrixRow
    stage: str
    line: int
    changes: tuple[str, ...]
    strays: tuple[str, ...]
    why_not: str


@dataclass(frozen=True)
class CultureRow:
    """The cells of one culture; its name is empty for those of no named one."""

    name: str
    cells: tuple[ShownCell, ...]


def rows_of(view: CaseView) -> tuple[CultureRow, ...]:
    """The cultures of a case in order, cells of no named culture last."""
    from karyogui.services.discovery import natural_key

    left_out = {one.cell_id: one.reason for one in view.result.left_out}
    notes = {cell.id: cell.note for cell in view.case.cells}
    line_numbers = view.result.line_numbers
    cultures: dict[str, list[ShownCell]] = {}
    for cell in view.cells:
        number = line_numbers.get(cell.id, 0)
        line = view.result.lines[number - 1] if number else None
        row = ShownCell(
            cell=cell,
            matrix=row_of(cell, view.result.constitution),
            stage=notes[cell.id].stage,
            line=number,
            changes=line.texts if line else (),
            strays=line.strays.get(cell.id, ()) if line else (),
            why_not=left_out.get(cell.id, ""),
        )
        cultures.setdefault(cell.culture, []).append(row)
    names = sorted(cultures, key=lambda name: (not name, natural_key(name)))
    return tuple(
        CultureRow(name, tuple(sorted(cultures[name], key=lambda r: natural_key(r.cell.name))))
        for name in names
    )


def culture_text(row: CultureRow) -> str:
    """A culture with what was done of it."""
    name = f"Culture {row.name}" if row.name else "No culture named"
    used = [r.cell for r in row.cells if not r.cell.excluded]
    counted = sum(cell.status.is_counted for cell in used)
    cells = "1 cell" if len(row.cells) == 1 else f"{len(row.cells)} cells"
    return f"{name}  ·  {cells}, {counted} counted"


def text(row: ShownCell, column: int) -> str:
    """What a cell shows in a column."""
    cell = row.cell
    match column:
        case Column.CELL:
            return cell.name
        case Column.STATUS:
            return str(cell.status)
        case Column.COUNT:
            number = cell.placed if cell.placed is not None else cell.number
            return NOTHING if number is None else str(number)
        case Column.CHANGES:
            told = [*row.changes, *(f"({stray})" for stray in row.strays)]
            return ", ".join(told) or ("none" if row.line else NOTHING)
        case Column.LINE:
            return str(row.line) if row.line else NOTHING
        case Column.SLIDE:
            return cell.slide
        case Column.COLONY:
            return cell.colony
        case Column.STAGE:
            return row.stage
        case Column.BANDS:
            return str(cell.bands or "")
        case _ if column == OTHER:
            return ", ".join(row.matrix.other)
        case _:
            return _deviation(row, COLUMNS[column - Column.FIRST_TYPE])


def deviates(row: ShownCell, column: int) -> bool:
    """Whether a cell of the matrix holds a deviation."""
    if column == OTHER:
        return bool(row.matrix.other)
    kind = kind_of(column)
    return kind is not None and kind in row.matrix.deviations


def kind_of(column: int) -> str | None:
    """The type of a column of the matrix; None for the others."""
    at = column - Column.FIRST_TYPE
    return COLUMNS[at] if 0 <= at < len(COLUMNS) else None


def tool_tip(row: ShownCell, column: int) -> str:
    """What a cell says in full."""
    if row.why_not:
        return f"{row.cell.name} is in no line. {row.why_not}"
    kind = kind_of(column)
    if kind is not None:
        by = row.matrix.deviations.get(kind, 0)
        if by:
            word = "more" if by > 0 else "fewer"
            return f"{row.cell.name}: {abs(by)} {word} of {slot_name(kind)}. Click to see it."
        return f"{row.cell.name}: {slot_name(kind)}"
    if column == Column.CHANGES and row.strays:
        return f"Not reported: {', '.join(row.strays)}"
    if column == Column.STATUS and row.cell.status is CellStatus.EXCLUDED:
        return f"Excluded: {row.cell.excluded}"
    return text(row, column)


def sort_key(row: ShownCell, column: int) -> Any:  # noqa: ANN401
    """By what cells of a culture are ordered."""
    from karyogui.services.discovery import natural_key

    match column:
        case Column.COUNT | Column.LINE | Column.BANDS:
            told = text(row, column)
            return int(told) if told.isdigit() else -1
        case Column.STATUS:
            return [*CellStatus].index(row.cell.status)
        case _ if (kind := kind_of(column)) is not None:
            return row.matrix.deviations.get(kind, 0)
        case _:
            return natural_key(text(row, column))


def _deviation(row: ShownCell, kind: str) -> str:
    if not row.matrix.is_known:
        return ""
    by = row.matrix.deviations.get(kind, 0)
    if not by:
        return "" if kind == MARKER else NORMAL
    return f"+{by}" if by > 0 else f"{MINUS}{-by}"
