"""Where everything stands on a printed karyogram, independent of what it is printed with.

All chromosomes of a cell are printed at one scale: the largest at which every row is as wide as the
sheet at most and the whole as high as allowed. Lengths are pixels of `DPI`; y runs downwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np
from numpy.typing import NDArray

from karyogui.domain.chromosome import GROUP_OF
from karyogui.domain.findings import CellFinding, FindingKind, condensed
from karyogui.domain.karyogram import DENVER_ROWS, MARKER
from karyogui.domain.report import CellReport
from karyogui.export.facts import UNPLACED, Standing, number_word, plural, standings
from karyogui.export.pictures import printed_size, render

DPI = 300

ROWS: tuple[tuple[str, ...], ...] = tuple(
    tuple(slot for group in row for slot in group) for row in DENVER_ROWS
)
"""The slots of the four Denver rows from left to right."""

NO_CHROMOSOMES = "No chromosomes in this cell."


def mm(millimetres: float) -> float:
    """Millimetres of paper in pixels."""
    return millimetres * DPI / 25.4


SHEET_WIDTH = round(mm(180))
SHEET_HEIGHT = round(mm(160))

_TALLEST = mm(36)  # a chromosome 1 as printed; small cells are not blown up beyond this
_MOST_ENLARGED = 4.0  # printed pixels per source pixel: beyond, only blur grows
_ROW_GAP = mm(3)
_SLOT_GAP = mm(3)  # at least, between two slots
_EMPTY_HEIGHT = mm(7)
_LABEL_ZONE = mm(6.5)
_BRACKET_ZONE = mm(5.5)
_MARK_ZONE = mm(3)
_NOTE_ZONE = mm(5)
_HOMOLOGUE_GAP = 0.16  # of the median chromosome's width
_MARKED_KINDS = (FindingKind.TOO_MANY, FindingKind.TOO_FEW, FindingKind.SEX, FindingKind.MARKER)

LABEL_SIZE = mm(3.4)
SMALL_SIZE = mm(2.7)


@dataclass(frozen=True, eq=False)
class Picture:
    """A chromosome's pixels, (h, w) uint8, and where its top left corner stands."""

    x: int
    y: int
    pixels: NDArray[np.uint8]


@dataclass(frozen=True)
class Text:
    """A word; `x`, `y` is on its base line, at its left, middle or right as `anchor` says."""

    x: float
    y: float
    text: str
    size: float
    anchor: str = "middle"
    bold: bool = False
    grey: float = 0.0


@dataclass(frozen=True)
class Line:
    """A straight line; `grey` is 0 (black) … 1 (white)."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float = mm(0.2)
    grey: float = 0.0


@dataclass
class Sheet:
    """A karyogram ready to be painted."""

    width: int
    height: int
    pictures: list[Picture] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Item:
    """A chromosome to place, with its size in source pixels as it stands."""

    standing: Standing
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class _Slot:
    name: str
    items: tuple[_Item, ...]

    def width(self, scale: float, typical: float) -> float:
        """Printed width: its chromosomes, room for a pair, room for its label."""
        gaps = max(0, len(self.items) - 1) * _HOMOLOGUE_GAP * typical
        pair = (1 if self.name in ("X", "Y", MARKER) else 2 + _HOMOLOGUE_GAP) * typical
        content = sum(item.width for item in self.items) + gaps
        return max(scale * content, scale * pair, 2.2 * LABEL_SIZE)

    def height(self, scale: float) -> float:
        return max((scale * item.height for item in self.items), default=0.0)


@dataclass(frozen=True)
class _Bracket:
    """A finding's mark over neighbouring slots of one row."""

    slots: tuple[str, ...]
    text: str


def lay_out(
    report: CellReport,
    width: int = SHEET_WIDTH,
    max_height: int = SHEET_HEIGHT,
    groups: bool = True,
) -> Sheet:
    """The karyogram of one cell on a sheet `width` px wide and, if it can be, `max_height` high.

    A cell without chromosomes gives a sheet that says so. `groups` prints the letters A … G.
    """
    items = [_Item(s, *printed_size(s.chromosome, s.placement)) for s in standings(report.cell)]
    if not items:
        note = Text(width / 2, mm(12), NO_CHROMOSOMES, LABEL_SIZE, grey=0.3)
        return Sheet(width, round(mm(20)), texts=[note])
    return _Composer(items, condensed(report.findings), width, groups).compose(max_height)


class _Composer:
    """Finds the scale, then fills a sheet from the top down."""

    def __init__(
        self, items: Sequence[_Item], findings: Iterable[CellFinding], width: int, groups: bool
    ) -> None:
        in_slot: dict[str, tuple[_Item, ...]] = {}
        for item in items:
            in_slot[item.standing.type] = (*in_slot.get(item.standing.type, ()), item)
        self._typical = median(item.width for item in items)
        self._tray = in_slot.get(UNPLACED, ())
        placed = [item for item in items if item not in self._tray]
        self._tallest = max(item.height for item in placed or items)
        self._rows = [
            [
                _Slot(name, in_slot.get(name, ()))
                for name in row
                if name != MARKER or name in in_slot
            ]
            for row in ROWS
        ]
        self._brackets = [_brackets(findings, row) for row in self._rows]
        self._mirrored = any(item.standing.placement.mirrored for item in items)
        self._groups = groups
        self._sheet = Sheet(width, 0)

    def compose(self, max_height: int) -> Sheet:
        scale = self._scale(max_height)
        y = 0.0
        for row, brackets in zip(self._rows, self._brackets, strict=True):
            y = self._row(row, brackets, scale, y) + _ROW_GAP
        if self._tray:
            y = self._tray_row(scale, y)
        if self._mirrored:
            note = "m: picture mirrored left to right by a person"
            self._text(0, y + SMALL_SIZE, note, SMALL_SIZE, "left", grey=0.3)
            y += _NOTE_ZONE
        self._sheet.height = round(y)
        return self._sheet

    def _scale(self, max_height: int) -> float:
        """The largest scale that fits, by bisection: wrapping makes the height jump."""
        high = min(_MOST_ENLARGED, _TALLEST / self._tallest)
        if self._fits(high, max_height):
            return high
        low = 0.0
        for _ in range(24):
            middle = (low + high) / 2
            low, high = (middle, high) if self._fits(middle, max_height) else (low, middle)
        return low or high

    def _fits(self, scale: float, max_height: int) -> bool:
        if any(self._row_gap(row, scale) < _SLOT_GAP for row in self._rows):
            return False
        if any(scale * item.width > self._sheet.width for item in self._tray):
            return False
        height = sum(
            self._row_height(row, brackets, scale) + _ROW_GAP
            for row, brackets in zip(self._rows, self._brackets, strict=True)
        )
        if self._tray:
            height += _LABEL_ZONE + sum(
                max(item.height * scale for item in line) + _ROW_GAP + self._mark_zone(line)
                for line in self._tray_lines(scale)
            )
        return height + (_NOTE_ZONE if self._mirrored else 0) <= max_height

    def _row_gap(self, row: Sequence[_Slot], scale: float) -> float:
        """What is left between two slots when the row is as wide as the sheet."""
        used = sum(slot.width(scale, self._typical) for slot in row)
        return (self._sheet.width - used) / len(row)

    def _row_height(
        self, row: Sequence[_Slot], brackets: Sequence[_Bracket], scale: float
    ) -> float:
        heights = {slot.name: slot.height(scale) for slot in row}
        marked = (max(heights[n] for n in bracket.slots) + _BRACKET_ZONE for bracket in brackets)
        tallest = max(_EMPTY_HEIGHT, *heights.values(), *marked)
        items = [item for slot in row for item in slot.items]
        return tallest + self._mark_zone(items) + _LABEL_ZONE

    def _mark_zone(self, items: Iterable[_Item]) -> float:
        return _MARK_ZONE if any(item.standing.placement.mirrored for item in items) else mm(0.8)

    def _row(
        self, row: Sequence[_Slot], brackets: Sequence[_Bracket], scale: float, top: float
    ) -> float:
        """Print one row from `top`; returns where it ends."""
        bottom = top + self._row_height(row, brackets, scale)
        rule = bottom - _LABEL_ZONE
        foot = rule - self._mark_zone(item for slot in row for item in slot.items)
        gap = self._row_gap(row, scale)
        x = gap / 2
        spans: dict[str, tuple[float, float, float]] = {}
        group = ""
        for slot in row:
            width = slot.width(scale, self._typical)
            self._slot(slot.items, scale, x + width / 2, foot)
            self._sheet.lines.append(Line(x, rule, x + width, rule))
            base = rule + 1.35 * LABEL_SIZE
            self._text(x + width / 2, base, slot.name, LABEL_SIZE, bold=True)
            letter = "" if slot.name in ("X", "Y") else GROUP_OF.get(slot.name, "")
            if self._groups and letter and letter != group:
                # Left of the rule, not to be read as part of a label.
                left = max(SMALL_SIZE, x - mm(1.5))
                self._text(left, base, letter, SMALL_SIZE, "right", grey=0.45)
                group = letter
            spans[slot.name] = (x, x + width, foot - slot.height(scale))
            x += width + gap
        for bracket in brackets:
            self._bracket(bracket, [spans[name] for name in bracket.slots])
        return bottom

    def _slot(self, items: Sequence[_Item], scale: float, centre: float, foot: float) -> None:
        """Chromosomes side by side about `centre`, standing on `foot`."""
        gap = scale * _HOMOLOGUE_GAP * self._typical
        x = centre - (scale * sum(item.width for item in items) + gap * (len(items) - 1)) / 2
        for item in items:
            self._chromosome(item, scale, x, foot)
            x += scale * item.width + gap

    def _chromosome(self, item: _Item, scale: float, x: float, foot: float) -> None:
        standing = item.standing
        pixels = render(standing.chromosome, standing.placement, scale)
        self._sheet.pictures.append(Picture(round(x), round(foot) - pixels.shape[0], pixels))
        if standing.placement.mirrored:
            middle = x + scale * item.width / 2
            self._text(middle, foot + 0.9 * SMALL_SIZE, "m", SMALL_SIZE, grey=0.3)

    def _bracket(self, bracket: _Bracket, spans: Sequence[tuple[float, float, float]]) -> None:
        left, right = spans[0][0], spans[-1][1]
        y = min(span[2] for span in spans) - mm(1.8)
        weight, tick = mm(0.3), mm(1.2)
        for x in (left, right):
            self._sheet.lines.append(Line(x, y, x, y + tick, weight))
        self._sheet.lines.append(Line(left, y, right, y, weight))
        self._text((left + right) / 2, y - mm(0.9), bracket.text, SMALL_SIZE, bold=True)

    def _tray_lines(self, scale: float) -> list[list[_Item]]:
        """The tray's objects, wrapped where a line would become wider than the sheet."""
        lines: list[list[_Item]] = [[]]
        used = 0.0
        gap = scale * self._typical * 0.6
        for item in self._tray:
            width = scale * item.width
            if lines[-1] and used + width > self._sheet.width:
                lines.append([])
                used = 0.0
            lines[-1].append(item)
            used += width + gap
        return lines

    def _tray_row(self, scale: float, y: float) -> float:
        self._sheet.lines.append(Line(0, y, self._sheet.width, y, grey=0.6))
        label = f"{UNPLACED}: {plural(len(self._tray), 'object')}"
        self._text(0, y + 1.4 * LABEL_SIZE, label, LABEL_SIZE, "left", bold=True)
        y += _LABEL_ZONE
        gap = scale * self._typical * 0.6
        for line in self._tray_lines(scale):
            foot = y + max(scale * item.height for item in line)
            x = 0.0
            for item in line:
                self._chromosome(item, scale, x, foot)
                x += scale * item.width + gap
            y = foot + self._mark_zone(line) + _ROW_GAP
        return y

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        anchor: str = "middle",
        *,
        bold: bool = False,
        grey: float = 0.0,
    ) -> None:
        self._sheet.texts.append(Text(x, y, text, size, anchor, bold, grey))


def _brackets(findings: Iterable[CellFinding], row: Sequence[_Slot]) -> list[_Bracket]:
    """Brackets of a row: one over each run of neighbouring slots that a finding names."""
    names = [slot.name for slot in row]
    counts = {slot.name: len(slot.items) for slot in row}
    found: list[_Bracket] = []
    taken: set[str] = set()
    for finding in findings:
        if finding.kind not in _MARKED_KINDS:
            continue
        run: list[str] = []
        for name in [*names, ""]:
            if name in finding.slots and name not in taken:
                run.append(name)
            elif run:
                text = number_word(sum(counts[n] for n in run))
                found.append(_Bracket(tuple(run), text))
                taken.update(run)
                run = []
    return found
