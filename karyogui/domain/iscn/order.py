"""Order: of the changes within a line, and of the lines among themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from karyogui.domain.iscn import bands as table
from karyogui.domain.iscn.findings import Edit, Findings, Fix, remove, replace
from karyogui.domain.iscn.sexes import judge_two_sexes
from karyogui.domain.iscn.syntax import Change, Karyotype, Kind, Line

_UNKNOWN = len(table.RANKS)
_BEHIND = {Kind.RING: 1, Kind.MARKER: 2, Kind.FRAGMENT: 3, Kind.INCOMPLETE: 4}
_COMPARED = 60
"""Lines from which on related ones are no longer looked for: it is no karyotype any more."""
_OWN_CELLS = re.compile(r"\[[0-9]+\]\Z")

Rank = tuple[int, int, str, tuple[int, ...], int]
"""Chromosome, whole or part, symbol, partners, and place from pter (or number of a marker)."""


def rank(change: Change) -> Rank:
    """What a change is sorted by: chromosome, whole before part, symbol, partners."""
    if change.kind in _BEHIND:
        number = change.label.lstrip("abcdefghijklmnopqrstuvwxyz")
        return _UNKNOWN + _BEHIND[change.kind], 0, "", (), int(number[:4] or 0)
    place = table.RANKS.get(change.chromosome, _UNKNOWN)
    if change.kind is Kind.NUMBER:
        return place, 0, "", (), 0
    if change.kind is not Kind.STRUCTURE:
        return place, 1, "", (), 0
    first = change.operations[0]
    names = tuple(table.RANKS.get(name, _UNKNOWN) for name in first.chromosomes)
    partners = names if len(names) > 1 else ()
    return place, 1, first.symbol, partners, _from_pter(change)


def _from_pter(change: Change) -> int:
    """How far from pter a single operation on one chromosome begins; 0 where that is open."""
    first = change.operations[0]
    name = first.chromosomes[0] if first.chromosomes else ""
    bands = first.bands[0] if first.bands and len(first.bands) == 1 else ()
    if len(change.operations) > 1 or name not in table.RANKS or not bands:
        return 0
    found = table.span(name, bands[0])
    return found[0] if found else 0


def _is_before(first: Rank, second: Rank) -> bool:
    """Whether `second` clearly belongs in front of `first`; what is unclear stays."""
    if first[:2] != second[:2]:
        return second[:2] < first[:2]
    if not first[2] or not second[2]:
        return 0 < second[4] < first[4]
    if first[2] != second[2]:
        return second[2] < first[2]
    if not first[3] and not second[3]:
        return 0 < second[4] < first[4]
    if not first[3] or not second[3] or _UNKNOWN in (*first[3], *second[3]):
        return False
    return second[3] < first[3]


def judge_order(line: Line, text: str, notes: Findings) -> None:
    """Report changes in the wrong order, with the line in the right one."""
    changes = [change for change in line.changes if change.kind is not Kind.UNREAD]
    ranks = [rank(change) for change in changes]
    if not any(_is_before(a, b) for a, b in pairwise(ranks)):
        return
    places = sorted(range(len(changes)), key=lambda place: ranks[place])
    moved = [place for place, wanted in enumerate(places) if place != wanted]
    if not moved:
        return
    first, last = moved[0], moved[-1]
    edits = tuple(
        Edit(changes[place].start, changes[place].end, _text(changes[wanted], text))
        for place, wanted in enumerate(places)
        if place != wanted
    )
    edits = tuple(_in_full_first(text, edits))
    earlier = _shown(changes[places[first]], text)
    message = (
        f"{earlier} comes before {_shown(changes[first], text)}: X, Y, 1 to 22, then unidentified"
        " ones; of one chromosome gains and losses first, then symbols by the alphabet."
    )
    notes.error(changes[first].start, changes[last].end, message, edits)


def judge_alike(line: Line, text: str, notes: Findings) -> None:
    """Say how markers and rings are written of which nobody knows whether they are alike."""
    for item in ("+mar", "+r"):
        alike = [change for change in line.changes if _text(change, text) == item]
        if len(alike) < 2:
            continue
        first, last = alike[0], alike[-1]
        together = f"+{len(alike)}{item[1:]}"
        drop = [edit for change in alike[1:] for edit in remove(change.start - 1, change.end)]
        message = f"Where it is not known whether they are alike, they are written {together}."
        notes.warn(
            first.start, last.end, message, (*replace(first.start, first.end, together), *drop)
        )


def _shown(change: Change, text: str) -> str:
    told = text[change.start : change.end]
    return told if len(told) <= 30 else f"{told[:29]}…"


def _text(change: Change, text: str) -> str:
    return text[change.start : change.end]


def _in_full_first(text: str, edits: tuple[Edit, ...]) -> list[Edit]:
    """Where a change is written in full after its short form, exchange the two."""
    parts = [edit.text for edit in edits]
    for later, part in enumerate(parts):
        found = re.search(r"([a-z]+\([0-9XY;]+\))(\([^()]*\))", part)
        if not found:
            continue
        for earlier in range(later):
            at = parts[earlier].find(found[1])
            behind = parts[earlier][at + len(found[1]) :][:1]
            if at >= 0 and behind != "(":
                head = parts[earlier][: at + len(found[1])]
                parts[earlier] = head + found[2] + parts[earlier][at + len(found[1]) :]
                parts[later] = part.replace(found[2], "", 1)
                break
    return [edit._replace(text=part) for edit, part in zip(edits, parts, strict=True)]


def short_form(change: Change, text: str) -> str:
    """A change without its breakpoints and its own cells, to compare lines by."""
    if change.kind is not Kind.STRUCTURE:
        return _OWN_CELLS.sub("", _text(change, text)).replace("x", "×")
    body = "".join(operation.key for operation in change.operations)
    head = text[change.start : change.operations[0].start]
    tail = text[change.operations[-1].end : change.end]
    return _OWN_CELLS.sub("", f"{head}{body}{tail}").replace("x", "×")


def is_normal(line: Line) -> bool:
    """Whether a line is the normal diploid one."""
    is_plain = not (line.changes or line.reference or line.sex_constitutional or line.is_unread)
    return is_plain and line.count == (46, 46) and line.sex in ("XX", "XY")


def judge_lines(karyotype: Karyotype, text: str, notes: Findings) -> None:
    """Report lines that stand in the wrong place, twice, or without a difference."""
    _judge_prefix(karyotype, notes)
    sides = [line for line in karyotype.lines if line.side > 1]
    if sides:
        start = sides[0].start
        notes.warn(start - 2, start, "// is written once, between recipient and donor.")
    groups: dict[tuple[int, int], list[Line]] = {}
    for line in karyotype.lines:
        groups.setdefault((line.alternative, line.side), []).append(line)
    for lines in groups.values():
        _judge_references(lines, text, notes)
        _judge_cells(lines, notes)
        if karyotype.prefix != "chi":
            judge_two_sexes(lines, notes)
            _judge_normal_last(lines, text, notes)
            _judge_twice(lines, text, notes)
            if not karyotype.prefix:
                _judge_evolution(lines, text, notes)


def _judge_prefix(karyotype: Karyotype, notes: Findings) -> None:
    if karyotype.prefix and len(karyotype.lines) == 1:
        start, end = karyotype.prefix_span
        message = f"{karyotype.prefix} comes before several lines, but there is only one."
        notes.error(start, end - (end - start > 3), message, remove(start, end))


def _judge_references(lines: list[Line], text: str, notes: Findings) -> None:
    """A reference takes up an earlier line and names a difference."""
    derived = 0
    for place, line in enumerate(lines):
        if not line.reference:
            continue
        start, end = line.reference_span
        number = line.reference.removeprefix("sdl") if line.reference.startswith("sdl") else ""
        if place and number and not 1 <= int(number[:6]) <= max(derived, place - 1):
            message = f"There is no side line {number[:6]} before this one."
            notes.error(start, end, message, replace(start, start + len(line.reference), "sl"))
        elif place and line.reference == "sdl" and place < 2:
            message = "sdl stands for a side line, but only the stem line comes before this one."
            notes.error(start, end, message, replace(start, end, "sl"))
        derived += 1
        if place and not line.changes and line.multiple == 1 and not line.is_unread:
            mend = _merged(lines[0], line, text) if place == 1 else None
            mends = [mend] if mend else [remove(line.start - 1, line.end)]
            message = f"What is different from the line that {line.reference} stands for?"
            notes.error(start, end, message, *mends)


def _merged(first: Line, second: Line, text: str) -> Fix | None:
    """Two lines that are the same as one, with their cells together."""
    if not (first.cells and second.cells and first.cells_span) or first.composite:
        return None
    cells = f"[{first.cells + second.cells}]"
    return (Edit(*first.cells_span, cells), Edit(second.start - 1, second.end, ""))


def _judge_cells(lines: list[Line], notes: Findings) -> None:
    """All lines of one side have a number of cells, or none has."""
    with_cells = [line for line in lines if line.cells_span]
    if with_cells and len(with_cells) < len(lines):
        for line in lines:
            if not line.cells_span and not line.is_unread:
                message = "Other lines give their number of cells, this one does not."
                notes.warn(line.end, line.end, message)


def _judge_normal_last(lines: list[Line], text: str, notes: Findings) -> None:
    """A normal line before others; but constitutional lines may stand behind everything."""
    place = next((place for place, line in enumerate(lines) if is_normal(line)), len(lines))
    behind = lines[place + 1 :]
    if all(is_normal(other) for other in behind) or any(map(_is_constitutional_only, behind)):
        return
    line, last = lines[place], lines[-1]
    behind_last = Edit(last.end, last.end, f"/{_line(line, text)}")
    moved = (Edit(line.start, line.end + 1, ""), behind_last)
    notes.error(line.start, line.end, "The normal line comes last.", moved)


def _line(line: Line, text: str) -> str:
    return text[line.start : line.end]


def _is_constitutional_only(line: Line) -> bool:
    return bool(line.changes) and all(change.constitutional for change in line.changes)


def _judge_twice(lines: list[Line], text: str, notes: Findings) -> None:
    """The same line twice; where structure is involved homologues may differ, so only a warning."""
    seen: dict[str, Line] = {}
    for line in lines:
        if notes.is_full:
            break
        if line.is_unread or line.count is None or line.composite:
            continue
        body = text[line.start : line.body_end]
        earlier = seen.setdefault(body, line)
        if earlier is line or line.reference:
            continue
        has_structure = any(change.kind is Kind.STRUCTURE for change in line.changes)
        report: Callable[..., None] = notes.warn if has_structure else notes.error
        mend = _merged(earlier, line, text)
        mends = [mend] if mend else [remove(line.start - 1, line.end)]
        report(line.start, line.end, "This line has been given already.", *mends)


def _judge_evolution(lines: list[Line], text: str, notes: Findings) -> None:
    """Of two lines one of which has all changes of the other and more, the stem comes first."""
    if len(lines) > _COMPARED:
        return
    described = [
        Counter(short_form(change, text) for change in line.changes)
        if not (line.reference or line.is_unread or line.composite)
        else None
        for line in lines
    ]
    for later, stem in enumerate(described):
        if not stem or _is_constitutional_only(lines[later]) or lines[later].sex is None:
            continue
        for earlier in range(later):
            other = described[earlier]
            if other and other != stem and not stem - other and not _differ(lines, earlier, later):
                _report_evolution(lines[earlier], lines[later], text, notes)
                return


def _differ(lines: list[Line], earlier: int, later: int) -> bool:
    """Whether two lines are of different constitution or ploidy, and so not stem and side line."""
    first, second = lines[earlier], lines[later]
    return first.ploidy != second.ploidy or first.sex_constitutional != second.sex_constitutional


def _report_evolution(first: Line, stem: Line, text: str, notes: Findings) -> None:
    moved = _in_full_first(
        text,
        (
            Edit(first.start, first.end, _line(stem, text)),
            Edit(stem.start, stem.end, _line(first, text)),
        ),
    )
    message = "Of related lines the stem line comes first, whatever its size."
    notes.error(first.start, stem.end, message, tuple(moved))
