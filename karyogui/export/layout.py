"""A printed karyogram, independent of what it is printed with: chromosomes, lines and letters.

Everything stands where `layout.karyogram` says, as on the screen. All chromosomes of a cell are
printed at one scale: the largest at which every row is as wide as the sheet at most and the whole
as high as allowed. Lengths are pixels of `DPI`; y runs downwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from karyogui.domain.amounts import amount, number_word
from karyogui.domain.chromosome import GROUP_OF
from karyogui.domain.findings import CellFinding, FindingKind, condensed
from karyogui.domain.karyogram import DENVER_ROWS, MARKER, TRAY
from karyogui.domain.labelled_changes import labels_of
from karyogui.domain.report import CellReport
from karyogui.export.facts import (
    UNPLACED,
    Standing,
    standings,
)
from karyogui.export.pictures import printed_size, render
from karyogui.layout.geometry import Box
from karyogui.layout.karyogram import (
    KaryogramLayout,
    Metrics,
    Piece,
    SlotPlace,
    choose_scale,
    karyogram_layout,
    members_of,
)

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
_BRACKET_ZONE = mm(5.5)
_MARK_ZONE = mm(3)
_NOTE_ZONE = mm(5)
_MARKED_KINDS = (FindingKind.TOO_MANY, FindingKind.TOO_FEW, FindingKind.SEX, FindingKind.MARKER)

LABEL_SIZE = mm(3.4)
SMALL_SIZE = mm(2.7)

PAPER = Metrics(
    margin=mm(4),
    head=0.0,
    bracket=0.0,
    marks=mm(0.8),
    label=mm(6.5),
    homologue_gap=0.0,
    homologue_share=0.16,
    slot_gap=mm(3),
    group_gap=mm(5),
    smallest_slot=2.2 * LABEL_SIZE,
    smallest_row=mm(7),
    smallest_spot=0.0,
    row_gap=mm(3),
    row_slack=0.0,
    aspect=float("inf"),
    tray_title=mm(6.5),
    tray_gap=0.0,
    tray_share=0.6,
    room=0.0,
    smallest_scale=0.001,
    has_empty=False,
)
"""Sizes on paper. Where a finding has a bracket, its slots ask for the room."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A chromosome's pixels, (h, w) uint8, and where its top left corner stands."""

    id: str
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


MIRRORED = "m: picture mirrored left to right by a person"


@dataclass(frozen=True)
class _Bracket:
    """A finding's mark over neighbouring slots of one row."""

    slots: tuple[str, ...]
    text: str


def lay_out(
    report: CellReport,
    width: int = SHEET_WIDTH,
    max_height: int = SHEET_HEIGHT,
    mirrored_note: str = MIRRORED,
) -> Sheet:
    """The karyogram of one cell on a sheet `width` px wide and, if it can be, `max_height` high.

    A cell without chromosomes gives a sheet that says so. `mirrored_note` is printed below it
    where a picture is mirrored.
    """
    standing = {s.chromosome.id: s for s in standings(report)}
    if not standing:
        note = Text(width / 2, mm(12), NO_CHROMOSOMES, LABEL_SIZE, grey=0.3)
        return Sheet(width, round(mm(20)), texts=[note])
    sizes = {i: printed_size(s.chromosome, s.placement) for i, s in standing.items()}
    members = members_of(report.karyogram, {i: Piece(i, *size) for i, size in sizes.items()})
    mirrored = any(s.placement.mirrored for s in standing.values())
    labels = labels_of(report.cell.changes)
    placed = [size for i, size in sizes.items() if standing[i].type != UNPLACED]
    tallest = max(height for _, height in placed or sizes.values())
    metrics = replace(
        PAPER,
        marks=_MARK_ZONE if mirrored or labels else PAPER.marks,
        largest_scale=min(_MOST_ENLARGED, _TALLEST / tallest),
    )
    counts = {slot: len(pieces) for slot, pieces in members.items()}
    brackets = _brackets(condensed(report.findings), counts)
    over = {slot: _BRACKET_ZONE for bracket in brackets for slot in bracket.slots}
    height = max_height - (_NOTE_ZONE if mirrored else 0.0)
    scale = choose_scale(members, width, height, metrics, over)
    layout = karyogram_layout(members, width, height, scale, metrics, over)
    painter = _Painter(standing, layout, Sheet(width, 0), labels)
    return painter.paint(brackets, mirrored_note if mirrored else "")


class _Painter:
    """Fills a sheet with what stands where the layout says."""

    def __init__(
        self,
        standing: Mapping[str, Standing],
        layout: KaryogramLayout,
        sheet: Sheet,
        labels: Mapping[str, str],
    ) -> None:
        self._standing, self._layout, self._sheet = standing, layout, sheet
        self._labels = labels

    def paint(self, brackets: Iterable[_Bracket], mirrored_note: str) -> Sheet:
        for place in self._layout.slots.values():
            if place.slot != TRAY:
                self._label(place)
        self._group_letters()
        for chromosome_id in self._layout.order:
            self._chromosome(chromosome_id, self._layout.spots[chromosome_id])
        for bracket in brackets:
            self._bracket(bracket)
        if TRAY in self._layout.slots:
            self._tray(self._layout.slots[TRAY].box)
        y = self._layout.bottom
        if mirrored_note:
            left = self._layout.metrics.margin
            self._text(left, y + SMALL_SIZE, mirrored_note, SMALL_SIZE, "left", grey=0.3)
            y += _NOTE_ZONE
        self._sheet.height = round(y)
        return self._sheet

    def _rule(self, place: SlotPlace) -> float:
        return place.area.bottom + self._layout.metrics.marks

    def _label(self, place: SlotPlace) -> None:
        box, rule = place.box, self._rule(place)
        self._sheet.lines.append(Line(box.x, rule, box.right, rule))
        base = rule + 1.35 * LABEL_SIZE
        self._text((box.x + box.right) / 2, base, place.slot, LABEL_SIZE, bold=True)

    def _group_letters(self) -> None:
        group = ""
        for slot, place in self._layout.slots.items():
            letter = "" if slot in ("X", "Y") else GROUP_OF.get(slot, "")
            if letter and letter != group:
                # Left of the rule, not to be read as part of a label.
                left = max(SMALL_SIZE, place.box.x - mm(1.5))
                base = self._rule(place) + 1.35 * LABEL_SIZE
                self._text(left, base, letter, SMALL_SIZE, "right", grey=0.45)
                group = letter

    def _chromosome(self, chromosome_id: str, spot: Box) -> None:
        standing = self._standing[chromosome_id]
        pixels = render(standing.chromosome, standing.placement, self._layout.scale)
        top = round(spot.bottom) - pixels.shape[0]
        self._sheet.pictures.append(Picture(chromosome_id, round(spot.x), top, pixels))
        signs = [self._labels.get(chromosome_id, ""), "m" if standing.placement.mirrored else ""]
        told = ", ".join(sign for sign in signs if sign)
        if told:
            bold = bool(signs[0])
            y = spot.bottom + 0.9 * SMALL_SIZE
            self._text(spot.centre_x, y, told, SMALL_SIZE, bold=bold, grey=0.0 if bold else 0.3)

    def _bracket(self, bracket: _Bracket) -> None:
        places = [self._layout.slots[slot] for slot in bracket.slots]
        ids = [i for slot in bracket.slots for i in self._layout.members[slot]]
        tops = [self._layout.spots[i].y for i in ids]
        left, right = places[0].box.x, places[-1].box.right
        y = min([*tops, places[0].area.bottom]) - mm(1.8)
        weight, tick = mm(0.3), mm(1.2)
        for x in (left, right):
            self._sheet.lines.append(Line(x, y, x, y + tick, weight))
        self._sheet.lines.append(Line(left, y, right, y, weight))
        self._text((left + right) / 2, y - mm(0.9), bracket.text, SMALL_SIZE, bold=True)

    def _tray(self, box: Box) -> None:
        self._sheet.lines.append(Line(box.x, box.y, box.right, box.y, grey=0.6))
        label = f"{UNPLACED}: {amount(len(self._layout.members[TRAY]), 'object')}"
        self._text(box.x, box.y + 1.4 * LABEL_SIZE, label, LABEL_SIZE, "left", bold=True)

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


def _brackets(findings: Sequence[CellFinding], counts: Mapping[str, int]) -> list[_Bracket]:
    """Brackets over each run of neighbouring slots that a finding names; a slot has one at most."""
    found: list[_Bracket] = []
    taken: set[str] = set()
    for row in ROWS:
        names = [name for name in row if name != MARKER or counts[MARKER]]
        for finding in findings:
            if finding.kind not in _MARKED_KINDS:
                continue
            run: list[str] = []
            for name in [*names, ""]:
                if name in finding.slots and name not in taken:
                    run.append(name)
                elif run:
                    total = sum(counts[n] for n in run)
                    found.append(_Bracket(tuple(run), number_word(total) if total else "none"))
                    taken.update(run)
                    run = []
    return found
