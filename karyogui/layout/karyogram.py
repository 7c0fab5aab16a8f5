"""Where everything stands on a karyogram, on the screen, in print and in a thumbnail. No Qt.

One function lays all of them out: rows, groups, slots, tray, order and relative positions are the
same, and only the sizes (`Metrics`) differ. Texts, marks and gaps have fixed sizes on the page; the
chromosomes take what is left, all at one common scale. Rows are justified, so a third chromosome
first uses up the gaps of its row, and nothing outside that row moves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from karyogui.domain.karyogram import DENVER_ROWS, MARKER, SLOTS, TRAY, Karyogram
from karyogui.layout.geometry import Box

_STEPS = 16
_NEARLY = 0.99
_LEGIBLE = 40.0
_ENLARGE_STEP = 1.15
_MOST_ENLARGED = 4.0
_LARGEST_OF_MEDIAN = 2.4
_SHRUNK_TO_MEDIAN = 1.6


@dataclass(frozen=True)
class Metrics:
    """Sizes on the page, in its pixels; the defaults are those of the board on the screen.

    `margin` is left and right, `head` above and below. Each `…_share` adds a share of a typical
    chromosome's width, so that the gap grows with the scale. `group_weight` and `aspect` are
    ratios, `room` is how many chromosomes' width stays free in every row, so that an edit seldom
    needs a new scale. `has_empty` says whether the tray and the slot of markers are there also
    when nothing stands in them, to be dropped on.
    """

    margin: float = 20.0
    head: float = 20.0
    bracket: float = 18.0
    marks: float = 14.0
    label: float = 20.0
    homologue_gap: float = 8.0
    homologue_share: float = 0.0
    slot_gap: float = 16.0
    group_gap: float = 36.0
    group_weight: float = 2.0
    smallest_slot: float = 36.0
    smallest_row: float = 36.0
    smallest_spot: float = 12.0
    row_gap: float = 0.0
    row_slack: float = 28.0
    aspect: float = 1.7
    tray_title: float = 24.0
    tray_gap: float = 16.0
    tray_share: float = 0.0
    reach: float = 24.0
    room: float = 1.0
    smallest_scale: float = 0.1
    largest_scale: float = 3.0
    has_empty: bool = True


SCREEN = Metrics()


@dataclass(frozen=True)
class Piece:
    """A picture to be placed: the turned picture's size at scale 1, in pixels of the source.

    `below` is the part of the height that hangs under the row's line: 0 when bottoms are aligned,
    the length of the long arm where the centromere is known.
    """

    id: str
    width: float
    height: float
    below: float = 0.0


@dataclass(frozen=True)
class SlotPlace:
    """A slot on the page: `area` holds the chromosomes, `box` also the bracket and the label."""

    slot: str
    box: Box
    area: Box


@dataclass(frozen=True)
class KaryogramLayout:
    """Everything's place on the page, whose top left corner is (0, 0).

    `gap` is that between homologues, `bottom` is where the content ends. `lines` are the ids as
    one reads them: the rows, then the tray's lines. `spare_width` and `spare_height` are negative
    when the page had to grow beyond the size that was asked for.
    """

    metrics: Metrics
    scale: float
    gap: float
    page: Box
    bottom: float
    slots: Mapping[str, SlotPlace]
    spots: Mapping[str, Box]
    members: Mapping[str, tuple[str, ...]]
    lines: tuple[tuple[str, ...], ...]
    spare_width: float
    spare_height: float

    @property
    def fits(self) -> bool:
        """Whether the page is no larger than what was asked for."""
        return self.spare_width >= 0 and self.spare_height >= 0

    @property
    def sheet(self) -> Box:
        """The white sheet; a drop beside it is a drop nowhere."""
        return self.page.grown(-self.metrics.margin / 2)

    @property
    def order(self) -> tuple[str, ...]:
        """All ids as one reads the board."""
        return tuple(i for line in self.lines for i in line)

    def slot_at(self, x: float, y: float) -> str | None:
        """The slot that a drop at (x, y) means: the one there, or the nearest within reach."""
        if not self.sheet.contains(x, y):
            return None
        nearest = min(self.slots.values(), key=lambda place: _distance(place.box, x, y))
        return nearest.slot if _distance(nearest.box, x, y) <= self.metrics.reach else None

    def chromosome_at(self, x: float, y: float) -> str | None:
        """The id whose spot, with half the gap to its neighbours, holds (x, y)."""
        for chromosome_id, spot in self.spots.items():
            if spot.grown(self.gap / 2).contains(x, y):
                return chromosome_id
        return None

    def insertion_index(self, slot: str, x: float, moving: Collection[str] = ()) -> int:
        """Place among the slot's other chromosomes for a drop at x; `moving` do not count."""
        staying = [i for i in self.members[slot] if i not in moving]
        return sum(self.spots[i].centre_x < x for i in staying)

    def insertion_mark(self, slot: str, index: int, moving: Collection[str] = ()) -> Box:
        """A mark of no width where a chromosome would be let in at `index`."""
        area = self.slots[slot].area
        staying = [self.spots[i] for i in self.members[slot] if i not in moving]
        if not staying:
            return Box(area.centre_x, area.y, 0.0, area.height)
        before = staying[index - 1] if index else None
        after = staying[index] if index < len(staying) else None
        if before and after:
            x = (before.right + after.x) / 2
        elif before:
            x = before.right + self.gap / 2
        else:
            x = staying[0].x - self.gap / 2
        top = min(spot.y for spot in staying)
        return Box(x, top, 0.0, max(spot.bottom for spot in staying) - top)


def shrink_factors(sizes: Mapping[str, float]) -> dict[str, float]:
    """How much smaller than the common scale each picture is shown; `sizes` are longer sides.

    Clumps and dirt can be many times larger than a chromosome: such a picture is shrunk, and says
    so, instead of making the whole cell small. The longest human chromosome is about 1.9 times as
    long as the median one; nothing up to 2.4 times is touched.
    """
    typical = max(median(sizes.values()), 1.0) if sizes else 1.0
    return {
        i: typical * _SHRUNK_TO_MEDIAN / size if size > typical * _LARGEST_OF_MEDIAN else 1.0
        for i, size in sizes.items()
    }


@dataclass(frozen=True)
class PageFit:
    """A page size and the common scale that fills it."""

    width: float
    height: float
    scale: float


def fit_page(members: Mapping[str, Sequence[Piece]], width: float, height: float) -> PageFit:
    """A page in the proportions of a view of `width` × `height`, no smaller than that.

    In a small view texts and gaps of fixed size would leave nothing for the chromosomes; then the
    page is larger than the view, which shows all of it reduced.
    """
    heights = [piece.height for placed in members.values() for piece in placed]
    wanted = _LEGIBLE / max(median(heights), 1.0) if heights else 0.0
    enlarged = 1.0
    while True:
        page = PageFit(width * enlarged, height * enlarged, 0.0)
        scale = choose_scale(members, page.width, page.height)
        if scale >= min(wanted, _NEARLY * SCREEN.largest_scale) or enlarged >= _MOST_ENLARGED:
            return PageFit(page.width, page.height, scale)
        enlarged *= _ENLARGE_STEP


def choose_scale(
    members: Mapping[str, Sequence[Piece]],
    width: float,
    height: float,
    metrics: Metrics = SCREEN,
    over: Mapping[str, float] | None = None,
) -> float:
    """The largest common scale at which the karyogram fits a page of `width` × `height`."""
    placed = tuple((slot, tuple(pieces)) for slot, pieces in members.items() if pieces)
    return _largest_scale(placed, width, height, metrics, tuple((over or {}).items()))


# A cell is laid out again and again for the same page: at every undo, whenever it is opened.
@lru_cache(maxsize=256)
def _largest_scale(
    placed: tuple[tuple[str, tuple[Piece, ...]], ...],
    width: float,
    height: float,
    metrics: Metrics,
    room_over: tuple[tuple[str, float], ...],
) -> float:
    members, over = dict(placed), dict(room_over)
    typical = _typical_width(members)

    def fits(scale: float) -> bool:
        frame = _Frame.of(members, width, height, _Measure(metrics, scale, typical), over)
        room = metrics.room * typical * scale
        return frame.spare_width >= room and frame.spare_height >= 0

    low, high = metrics.smallest_scale, metrics.largest_scale
    if fits(high):
        return high
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def members_of(karyogram: Karyogram, pieces: Mapping[str, Piece]) -> dict[str, list[Piece]]:
    """The pieces of each slot from left to right; `pieces` by their ids."""
    return {slot: [pieces[i] for i in karyogram.in_slot(slot)] for slot in SLOTS}


def karyogram_layout(
    members: Mapping[str, Sequence[Piece]],
    width: float,
    height: float,
    scale: float,
    metrics: Metrics = SCREEN,
    over: Mapping[str, float] | None = None,
) -> KaryogramLayout:
    """Lay a karyogram out at `scale` on a page of at least `width` × `height`.

    `members` are the pieces of each slot from left to right; slots left out are empty. `over` asks
    for room above what stands in a slot.
    """
    measure = _Measure(metrics, scale, _typical_width(members))
    frame = _Frame.of(members, width, height, measure, over or {})
    pieces, content_width = frame.pieces, frame.content_width
    slack = max(0.0, min(metrics.row_slack, frame.spare_height / len(frame.rows)))
    y = metrics.head
    slots: dict[str, SlotPlace] = {}
    spots: dict[str, Box] = {}
    for row in frame.rows:
        y += slack
        for place in row.places(y, content_width):
            slots[place.slot] = place
            line = y + row.line
            spots |= measure.spots_in(pieces[place.slot], place.area.centre_x, line, measure.gap)
        y += row.height + metrics.row_gap
    bottom = y
    if frame.has_tray:
        y += metrics.tray_gap
        bottom = y + measure.tray_height(frame.tray_lines)
    page = Box(0.0, 0.0, content_width + 2 * metrics.margin, max(height, bottom + metrics.head))
    if frame.has_tray:
        tray = Box(metrics.margin, y, content_width, page.height - metrics.head - y)
        top = y + metrics.tray_title
        slots[TRAY] = SlotPlace(TRAY, tray, Box(tray.x, top, tray.width, tray.bottom - top))
        spots |= measure.tray_spots(frame.tray_lines, tray.x, top)
    ids = {slot: tuple(piece.id for piece in placed) for slot, placed in pieces.items()}
    return KaryogramLayout(
        metrics=metrics,
        scale=scale,
        gap=measure.gap,
        page=page,
        bottom=bottom,
        slots=slots,
        spots=spots,
        members=ids,
        lines=_lines(ids, frame.tray_lines),
        spare_width=frame.spare_width,
        spare_height=frame.spare_height,
    )


@dataclass(frozen=True)
class _Measure:
    """How large pieces and gaps are at a scale; `typical` is a chromosome's width at scale 1."""

    metrics: Metrics
    scale: float
    typical: float

    @property
    def gap(self) -> float:
        """Between homologues."""
        return self.metrics.homologue_gap + self.metrics.homologue_share * self.typical * self.scale

    @property
    def tray_gap(self) -> float:
        """Between two in the tray."""
        return self.metrics.homologue_gap + self.metrics.tray_share * self.typical * self.scale

    @property
    def pair(self) -> float:
        """What two homologues take."""
        return 2 * self.typical * self.scale + self.gap

    def width(self, piece: Piece) -> float:
        return max(self.metrics.smallest_spot, piece.width * self.scale)

    def height(self, piece: Piece) -> float:
        return max(self.metrics.smallest_spot, piece.height * self.scale)

    def line_width(self, pieces: Sequence[Piece], gap: float) -> float:
        return sum(map(self.width, pieces)) + gap * max(0, len(pieces) - 1)

    def spots_in(
        self, pieces: Sequence[Piece], centre_x: float, line: float, gap: float
    ) -> dict[str, Box]:
        """Pieces side by side about `centre_x`, standing on `line`."""
        x = centre_x - self.line_width(pieces, gap) / 2
        spots = {}
        for piece in pieces:
            width, height = self.width(piece), self.height(piece)
            spots[piece.id] = Box(x, line + piece.below * self.scale - height, width, height)
            x += width + gap
        return spots

    def wrapped(self, pieces: Sequence[Piece], width: float) -> list[list[Piece]]:
        """The tray's lines, none wider than `width` unless it holds one piece."""
        lines: list[list[Piece]] = []
        for piece in pieces:
            if lines and self.line_width([*lines[-1], piece], self.tray_gap) <= width:
                lines[-1].append(piece)
            else:
                lines.append([piece])
        return lines

    def tray_height(self, lines: Sequence[Sequence[Piece]]) -> float:
        smallest = self.metrics.smallest_row + self.metrics.marks
        content = sum(self._tray_line_height(line) for line in lines)
        return self.metrics.tray_title + max(smallest, content)

    def tray_spots(self, lines: Sequence[Sequence[Piece]], x: float, y: float) -> dict[str, Box]:
        spots: dict[str, Box] = {}
        for line in lines:
            foot = y + max(map(self.height, line))
            flat = [Piece(piece.id, piece.width, piece.height) for piece in line]
            centre = x + self.line_width(flat, self.tray_gap) / 2
            spots |= self.spots_in(flat, centre, foot, self.tray_gap)
            y += self._tray_line_height(line)
        return spots

    def _tray_line_height(self, line: Sequence[Piece]) -> float:
        return max(map(self.height, line)) + self.metrics.marks + self.metrics.row_gap


@dataclass(frozen=True)
class _Frame:
    """The sizes of a layout without its places: enough to know whether a scale fits."""

    pieces: Mapping[str, tuple[Piece, ...]]
    rows: tuple[_Row, ...]
    content_width: float
    has_tray: bool
    tray_lines: Sequence[Sequence[Piece]]
    spare_width: float
    spare_height: float

    @classmethod
    def of(
        cls,
        members: Mapping[str, Sequence[Piece]],
        width: float,
        height: float,
        measure: _Measure,
        over: Mapping[str, float],
    ) -> _Frame:
        metrics = measure.metrics
        pieces = {slot: tuple(members.get(slot, ())) for slot in SLOTS}
        there = {slot for slot in SLOTS if metrics.has_empty or pieces[slot]}
        rows = tuple(
            _Row.of([g for g in row if g != (MARKER,) or MARKER in there], pieces, measure, over)
            for row in DENVER_ROWS
        )
        tray = pieces[TRAY]
        natural_width = max([row.width for row in rows] + [measure.width(piece) for piece in tray])
        asked_width = min(width, metrics.aspect * height) - 2 * metrics.margin
        content_width = max(natural_width, asked_width)
        tray_lines = measure.wrapped(tray, content_width)
        used = sum(row.height + metrics.row_gap for row in rows) + 2 * metrics.head
        if TRAY in there:
            used += metrics.tray_gap + measure.tray_height(tray_lines)
        spare_width, spare_height = asked_width - natural_width, height - used
        has_tray = TRAY in there
        return cls(pieces, rows, content_width, has_tray, tray_lines, spare_width, spare_height)


@dataclass(frozen=True)
class _Row:
    """One Denver row before its gaps are known; heights are measured from the row's top."""

    metrics: Metrics
    slots: tuple[str, ...]
    widths: tuple[float, ...]
    gaps: tuple[float, ...]
    above: float
    below: float

    @classmethod
    def of(
        cls,
        groups: Sequence[tuple[str, ...]],
        pieces: Mapping[str, Sequence[Piece]],
        measure: _Measure,
        over: Mapping[str, float],
    ) -> _Row:
        metrics = measure.metrics
        slots = tuple(slot for group in groups for slot in group)
        last = {group[-1] for group in groups}
        smallest = max(metrics.smallest_slot, measure.pair)
        placed = [(slot, piece) for slot in slots for piece in pieces[slot]]
        heights = [
            measure.height(piece) - piece.below * measure.scale + over.get(slot, 0.0)
            for slot, piece in placed
        ]
        empty = [over.get(slot, 0.0) for slot in slots]
        return cls(
            metrics=metrics,
            slots=slots,
            widths=tuple(max(smallest, measure.line_width(pieces[s], measure.gap)) for s in slots),
            gaps=tuple(
                metrics.group_gap if slot in last else metrics.slot_gap for slot in slots[:-1]
            ),
            above=max([metrics.smallest_row, *heights, *empty]),
            below=max([0.0, *(piece.below * measure.scale for _, piece in placed)]),
        )

    @property
    def width(self) -> float:
        return sum(self.widths) + sum(self.gaps)

    @property
    def line(self) -> float:
        """Where bottoms (or centromeres) stand."""
        return self.metrics.bracket + self.above

    @property
    def height(self) -> float:
        return self.line + self.below + self.metrics.marks + self.metrics.label

    def places(self, y: float, width: float) -> list[SlotPlace]:
        """The row's slots with its gaps widened so that it is `width` wide."""
        metrics = self.metrics
        weights = [metrics.group_weight if g == metrics.group_gap else 1.0 for g in self.gaps]
        unit = (width - self.width) / sum(weights)
        x = metrics.margin
        places = []
        for i, slot in enumerate(self.slots):
            box = Box(x, y, self.widths[i], self.height)
            area = Box(x, y + metrics.bracket, self.widths[i], self.above + self.below)
            places.append(SlotPlace(slot, box, area))
            if i < len(self.gaps):
                x += self.widths[i] + self.gaps[i] + unit * weights[i]
        return places


def _typical_width(members: Mapping[str, Sequence[Piece]]) -> float:
    widths = [piece.width for placed in members.values() for piece in placed]
    return median(widths) if widths else 0.0


def _distance(box: Box, x: float, y: float) -> float:
    dx = max(box.x - x, 0.0, x - box.right)
    dy = max(box.y - y, 0.0, y - box.bottom)
    return max(dx, dy)


def _lines(
    ids: Mapping[str, tuple[str, ...]], tray: Sequence[Sequence[Piece]]
) -> tuple[tuple[str, ...], ...]:
    rows = [tuple(i for group in row for slot in group for i in ids[slot]) for row in DENVER_ROWS]
    lines = [*rows, *(tuple(piece.id for piece in line) for line in tray)]
    return tuple(line for line in lines if line)
