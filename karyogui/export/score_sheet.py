"""The score sheet of a case: a row for each cell with its notes, its line and its deviations."""

from __future__ import annotations

import csv
from io import StringIO
from typing import BinaryIO

from karyogui.domain.case_result.matrix import COLUMNS, row_of
from karyogui.domain.case_result.remarks import limits
from karyogui.domain.cultures import Culture
from karyogui.services.case_work import CaseView
from karyogui.services.reporting import software

HEADERS = (
    *(
        "cell",
        "culture",
        "set_up",
        "harvested",
        "slide",
        "colony",
        "coordinates",
        "bands",
        "status",
        "excluded",
    ),
    *("counted", "line", "changes", "not_reported", "in_no_line"),
    *COLUMNS,
    "other",
)
Value = str | int
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_WIDTHS = {"cell": 24, "set_up": 12, "harvested": 12, "coordinates": 16, "status": 12,
           "excluded": 24, "changes": 28, "not_reported": 20, "in_no_line": 32,
           "other": 24}  # fmt: skip
_NARROW = 5
_CONTROL = {code: None for code in range(32) if code not in (9, 10, 13)}
"""Characters that no spreadsheet file may hold."""


def sheet_rows(view: CaseView) -> list[list[Value]]:
    """The table without its headers; numbers are numbers and not texts, gains above 0."""
    line_numbers = view.result.line_numbers
    left_out = {one.cell_id: one.reason for one in view.result.left_out}
    notes = {cell.id: cell.note for cell in view.case.cells}
    times = {one.name: one for one in view.cultures}
    rows: list[list[Value]] = []
    for cell in view.cells:
        number = line_numbers.get(cell.id, 0)
        line = view.result.lines[number - 1] if number else None
        matrix = row_of(cell, view.result.constitution)
        counted = cell.placed if cell.placed is not None else cell.number
        deviations: list[Value] = [""] * len(COLUMNS)
        if matrix.is_known:
            deviations = [matrix.deviations.get(kind, 0) for kind in COLUMNS]
        rows.append(
            [
                *(cell.name, cell.culture, *_dates(times.get(cell.culture))),
                *(cell.slide, cell.colony, notes[cell.id].stage),
                *(cell.bands or "", str(cell.status), cell.excluded),
                *("" if counted is None else counted, number or ""),
                *(", ".join(line.texts) if line else "",),
                *(", ".join(line.strays.get(cell.id, ())) if line else "",),
                left_out.get(cell.id, ""),
                *deviations,
                ", ".join(matrix.other),
            ]
        )
    return rows


def result_rows(view: CaseView) -> list[list[Value]]:
    """What the cells say together, a line each: name and value."""
    result, progress = view.result, view.progress
    rows: list[list[Value]] = [
        ["case", view.case.name],
        ["protocol", view.protocol.name],
        ["karyotype", view.iscn or result.problem],
    ]
    if view.case.note.iscn:
        rows += [
            ["reason", view.case.note.iscn_reason],
            ["karyotype of the lines", result.text or result.problem],
        ]
    rows += [
        ["counted", progress.counted],
        ["analysed", progress.analysed],
        ["karyotyped", progress.karyotyped],
    ]
    rows += [["culture", one.text] for one in view.cultures]
    rows += [["still needed", need] for need in progress.needs]
    if limit := limits(result.units, result.protocol, result.excluded is not None):
        rows.append(["limits", limit])
    rows += [["remark", remark] for remark in result.remarks]
    for decision in result.decisions:
        told = "reported" if decision.is_reported else "not reported"
        rows.append([told, decision.reason])
    rows += [
        [f"ruling: {one.kind} {one.subject}".strip(), f"{one.reason} ({one.who})"]
        for one in result.rulings
    ]
    rows.append(["written by", software()])
    return rows


class ScoreSheetCsv:
    """UTF-8 with a byte order mark; texts that a spreadsheet would calculate get an apostrophe."""

    label = "Score sheet (CSV)"

    def write(self, view: CaseView, target: BinaryIO) -> None:
        text = StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(HEADERS)
        writer.writerows([_as_text(value) for value in row] for row in sheet_rows(view))
        target.write(text.getvalue().encode("utf-8-sig", errors="backslashreplace"))


class ScoreSheetXlsx:
    """Two sheets: the cells, with deviations marked, and the result."""

    label = "Score sheet (XLSX)"

    def write(self, view: CaseView, target: BinaryIO) -> None:
        # Here, for the window's start need not wait for it.
        from openpyxl import Workbook
        from openpyxl.styles import Alignment, Font, PatternFill
        from openpyxl.utils import get_column_letter

        book = Workbook()
        cells, result = book.active, book.create_sheet("Result")
        cells.title = "Cells"
        bold, marked = Font(bold=True), PatternFill("solid", fgColor="FFE3B0")
        first = HEADERS.index(COLUMNS[0])
        table: list[list[Value]] = [[*HEADERS], *sheet_rows(view)]
        for at, row in enumerate(table, 1):
            for column, value in enumerate(row, 1):
                place = cells.cell(at, column)
                _put(place, value)
                if at == 1:
                    place.font = bold
                elif first < column <= first + len(COLUMNS):
                    place.alignment = Alignment(horizontal="center")
                    # The sign tells it; the colour only helps the eye.
                    place.number_format = "+0;-0;·"
                    if value:
                        place.fill, place.font = marked, bold
        for column, name in enumerate(HEADERS, 1):
            width = _NARROW if name in COLUMNS else _WIDTHS.get(name, 10)
            cells.column_dimensions[get_column_letter(column)].width = width
        cells.freeze_panes = "B2"
        for at, row in enumerate(result_rows(view), 1):
            for column, value in enumerate(row, 1):
                _put(result.cell(at, column), value)
            result.cell(at, 1).font = bold
            result.cell(at, 2).alignment = Alignment(wrap_text=True, horizontal="left")
        result.column_dimensions["A"].width = 24
        result.column_dimensions["B"].width = 100
        book.save(target)


WRITERS: dict[str, ScoreSheetCsv | ScoreSheetXlsx] = {
    "csv": ScoreSheetCsv(),
    "xlsx": ScoreSheetXlsx(),
}
"""By the ending of the file."""


def _dates(culture: Culture | None) -> tuple[str, str]:
    return ("", "") if culture is None else (culture.set_up, culture.harvested)


def _as_text(value: Value) -> str:
    text = str(value)
    is_number = isinstance(value, int)
    return f"'{text}" if not is_number and text.startswith(_FORMULA_STARTS) else text


def _put(place: object, value: Value) -> None:
    """A value into a cell of a sheet; a text stays one, whatever it begins with."""
    if isinstance(value, str):
        value = value.translate(_CONTROL)
    place.value = value  # type: ignore[attr-defined]
    if isinstance(value, str):
        place.data_type = "s"  # type: ignore[attr-defined]
