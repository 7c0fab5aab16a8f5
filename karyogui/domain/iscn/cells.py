"""The number of cells of a line: `[20]`, `[cp10]`, and what is typed for them."""

from __future__ import annotations

import re

from karyogui.domain.iscn.fields import LINE_AHEAD
from karyogui.domain.iscn.findings import insert, remove, replace
from karyogui.domain.iscn.reader import Reader
from karyogui.domain.iscn.syntax import Line

_BRACKET = re.compile(r"\[([^\[\]/,()]*|[0-9]+/[0-9]+)\]")
_OPEN_BRACKET = re.compile(r"\[((?:cp)?[0-9]*)")
_TIMES_BEHIND = re.compile(r"[×xX][0-9]+")
_REST = re.compile(r"[^/]*")


def behind_cells(reader: Reader, place: int) -> int:
    """Behind the number of cells a line ends."""
    text, notes = reader.text, reader.notes
    times = _TIMES_BEHIND.match(text, place)
    if times:
        message = "No multiplication sign comes after the number of cells."
        notes.error(place, times.end(), message, remove(place, times.end()))
        return times.end()
    rest = _REST.match(text, place)
    end = rest.end() if rest else len(text)
    ahead = LINE_AHEAD.search(text, place, end)
    if ahead:
        message = "A slash is missing between the lines."
        notes.error(place, ahead.start(), message, replace(place, ahead.start(), "/"))
        return end
    message = "Behind the number of cells a line ends."
    notes.error(place, end, message, remove(place, end))
    return end


def _is_number_with_words(inner: str, numbers: list[str]) -> bool:
    """Whether words stand beside one number: `[n=10]`, `[10 cells]`."""
    return len(numbers) == 1 and int(numbers[0][:7]) > 0 and any(map(str.isalpha, inner))


def cells_in_wrong_bracket(reader: Reader, line: Line, cells: re.Match[str]) -> int:
    start, end = cells.span()
    message = "The number of cells goes in square brackets."
    reader.notes.error(start, end, message, replace(start, end, f"[{cells[1]}]"))
    line.cells_span = (start, end)
    line.composite = cells[1].startswith("cp")
    line.cells = int(cells[1].removeprefix("cp")[:7])
    return end


def read_cells(reader: Reader, line: Line, place: int) -> int:
    """`[20]`, `[cp10]`, and what is typed for them."""
    text, notes = reader.text, reader.notes
    found = _BRACKET.match(text, place)
    if not found:
        opened = _OPEN_BRACKET.match(text, place)
        assert opened
        end = opened.end()
        if opened[1]:
            until = min(end + 1, len(text))
            message = "This square bracket is not closed."
            notes.error(place, until, message, insert(end, "]"))
            line.cells = int(opened[1].removeprefix("cp")[:7] or 0)
        else:
            notes.error(place, end, "A square bracket holds a number of cells.", remove(place, end))
        line.composite = opened[1].startswith("cp")
        line.cells_span = (place, end)
        return end
    end = found.end()
    if line.cells_span is not None:
        message = "The number of cells is given once, at the end of the line."
        notes.error(place, end, message, remove(place, end))
        return end
    line.cells_span = (place, end)
    _judge_cells(reader, line, found)
    return end


def _judge_cells(reader: Reader, line: Line, found: re.Match[str]) -> None:
    notes, inner = reader.notes, found[1]
    start, end = found.span(1)
    drop = remove(*found.span())
    lower = inner.lower()
    if re.fullmatch(r"(cp)?0*[1-9][0-9]*", lower):
        line.composite = lower.startswith("cp")
        line.cells = int(lower.removeprefix("cp")[:7])
        right = re.sub(r"(?<![0-9])0+", "", lower)
        if right != lower:
            notes.form(start, end, "There is no leading zero.", replace(start, end, right))
        elif inner != lower:
            notes.form(start, start + 2, "cp is lower case.", replace(start, start + 2, "cp"))
    elif lower == "cp":
        line.composite = True
        notes.warn(start, end, "The number of cells of the composite is missing.")
    elif behind := re.fullmatch(r"([0-9]+)cp", lower):
        line.composite = True
        mend = replace(start, end, f"cp{behind[1]}")
        notes.error(start, end, "cp comes before the number of cells.", mend)
    elif re.fullmatch(r"[0-9]+/[0-9]+", inner):
        number = inner.partition("/")[2]
        message = "Nuclei out of nuclei belong to FISH; here the number of cells is given."
        notes.warn(start, end, message, replace(start, end, number))
    elif not inner:
        notes.error(start, end, "The number of cells is missing.", drop)
    elif inner.strip("0") == "":
        notes.error(start, end, "A line without cells is no line.", drop)
    else:
        numbers = re.findall(r"[0-9]+", inner)
        mends = [replace(start, end, numbers[0])] if _is_number_with_words(inner, numbers) else []
        notes.error(start, end, f"{inner[:20]} is no number of cells.", *mends, drop)
