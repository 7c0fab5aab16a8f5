"""Where everything stands on the board: pure functions, no Qt.

The board is a page as large as the view. Texts, marks and gaps have fixed sizes on it; the
chromosomes take what is left, all at one common scale. Rows are justified, so a third chromosome
first uses up the gaps of its row, and nothing outside that row moves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from karyogui.domain.karyogram import DENVER_ROWS, SLOTS, TRAY
from karyogui.ui.board.geometry import Box

LARGEST_SCALE = 3.0
SMALLEST_SCALE = 0.1
_STEPS = 14
_NEARLY = 0.99
_LEGIBLE = 40.0
_ENLARGE_STEP = 1.15
_MOST_ENLARGED = 4.0
_LARGEST_OF_MEDIAN = 2.4
_SHRUNK_TO_MEDIAN = 1.6


@dataclass(frozen=True)
class Metrics:
    """Fixed sizes on the page, in logical pixels; `group_weight` and `aspect` are ratios."""

    margin: float = 20.0
    bracket: float = 18.0
    marks: float = 14.0
    label: float = 20.0
    homologue_gap: float = 8.0
    slot_gap: float = 16.0
    group_gap: float = 36.0
    group_weight: float = 2.0
    smallest_slot: float = 36.0
    smallest_row: float = 36.0
    smallest_spot: float = 12.0
    row_slack: float = 28.0
    aspect: float = 1.7
    tray_title: float = 24.0
    tray_gap: float = 16.0
    reach: float = 24.0


METRICS = Metrics()


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
class BoardLayout:
    """Everything's place on the page, whose top left corner is (0, 0).

    `lines` are the ids as one reads them: the rows, then the tray's lines. `spare_width` and
    `spare_height` are negative when the page had to grow beyond the size that was asked for.
    """

    scale: float
    page: Box
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
        return self.page.grown(-METRICS.margin / 2)

    @property
    def order(self) -> tuple[str, ...]:
        """All ids as one reads the board."""
        return tuple(i for line in self.lines for i in line)

    def slot_at(self, x: float, y: float) -> str | None:
        """The slot that a drop at (x, y) means: the one there, or the nearest within reach."""
        if not self.sheet.contains(x, y):
            return None
        nearest = min(self.slots.values(), key=lambda place: _distance(place.box, x, y))
        return nearest.slot if _distance(nearest.box, x, y) <= METRICS.reach else None

    def chromosome_at(self, x: float, y: float) -> str | None:
        """The id whose spot, with half the gap to its neighbours, holds (x, y)."""
        for chromosome_id, spot in self.spots.items():
            if spot.grown(METRICS.homologue_gap / 2).contains(x, y):
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
            x = before.right + METRICS.homologue_gap / 2
        else:
            x = staying[0].x - METRICS.homologue_gap / 2
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
        if scale >= min(wanted, _NEARLY * LARGEST_SCALE) or enlarged >= _MOST_ENLARGED:
            return PageFit(page.width, page.height, scale)
        enlarged *= _ENLARGE_STEP


def choose_scale(members: Mapping[str, Sequence[Piece]], width: float, height: float) -> float:
    """The largest common scale at which the board fits a page of `width` × `height`.

    Room for one more chromosome stays free in every row, so that an edit seldom needs a new scale.
    """
    low, high = SMALLEST_SCALE, LARGEST_SCALE
    typical = _typical_width(members)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        frame = _Frame.of(members, width, height, middle, typical)
        if frame.spare_width >= typical * middle and frame.spare_height >= 0:
            low = middle
        else:
            high = middle
    return low


def arrange(
    members: Mapping[str, Sequence[Piece]], width: float, height: float, scale: float
) -> BoardLayout:
    """Lay the board out at `scale` on a page of at least `width` × `height`.

    `members` are the pieces of each slot from left to right; slots left out are empty.
    """
    frame = _Frame.of(members, width, height, scale, _typical_width(members))
    pieces, content_width, tray_lines = frame.pieces, frame.content_width, frame.tray_lines
    margins = 2 * METRICS.margin
    tray_height = _tray_height(tray_lines, scale)
    slack = max(0.0, min(METRICS.row_slack, frame.spare_height / len(frame.rows)))
    y = METRICS.margin
    slots: dict[str, SlotPlace] = {}
    spots: dict[str, Box] = {}
    for row in frame.rows:
        y += slack
        for place in row.places(y, content_width):
            slots[place.slot] = place
            spots |= _spots_in(pieces[place.slot], place.area.centre_x, y + row.line, scale)
        y += row.height
    y += METRICS.tray_gap
    page = Box(0.0, 0.0, content_width + margins, max(height, y + tray_height + METRICS.margin))
    tray = Box(METRICS.margin, y, content_width, page.height - METRICS.margin - y)
    top = y + METRICS.tray_title
    slots[TRAY] = SlotPlace(TRAY, tray, Box(tray.x, top, tray.width, tray.bottom - top))
    spots |= _tray_spots(tray_lines, tray.x, top, scale)
    ids = {slot: tuple(piece.id for piece in placed) for slot, placed in pieces.items()}
    return BoardLayout(
        scale=scale,
        page=page,
        slots=slots,
        spots=spots,
        members=ids,
        lines=_lines(ids, tray_lines),
        spare_width=frame.spare_width,
        spare_height=frame.spare_height,
    )


@dataclass(frozen=True)
class _Frame:
    """The sizes of a layout without its places: enough to tell whether a scale fits."""

    pieces: Mapping[str, tuple[Piece, ...]]
    rows: tuple[_Row, ...]
    content_width: float
    tray_lines: Sequence[Sequence[Piece]]
    spare_width: float
    spare_height: float

    @classmethod
    def of(
        cls,
        members: Mapping[str, Sequence[Piece]],
        width: float,
        height: float,
        scale: float,
        typical_width: float,
    ) -> _Frame:
        pieces = {slot: tuple(members.get(slot, ())) for slot in SLOTS}
        pair = 2 * typical_width * scale + METRICS.homologue_gap
        rows = tuple(_Row.of(row, pieces, scale, pair) for row in DENVER_ROWS)
        natural_width = max(row.width for row in rows)
        margins = 2 * METRICS.margin
        asked_width = min(width, METRICS.aspect * height) - margins
        content_width = max(natural_width, asked_width)
        tray_lines = _wrap(pieces[TRAY], content_width, scale)
        tray_height = _tray_height(tray_lines, scale)
        used = sum(row.height for row in rows) + METRICS.tray_gap + tray_height + margins
        spare_width = asked_width - natural_width
        return cls(pieces, rows, content_width, tray_lines, spare_width, height - used)


@dataclass(frozen=True)
class _Row:
    """One Denver row before its gaps are known; heights are measured from the row's top."""

    slots: tuple[str, ...]
    widths: tuple[float, ...]
    gaps: tuple[float, ...]
    above: float
    below: float

    @classmethod
    def of(
        cls,
        groups: tuple[tuple[str, ...], ...],
        pieces: Mapping[str, Sequence[Piece]],
        scale: float,
        pair: float,
    ) -> _Row:
        slots = tuple(slot for group in groups for slot in group)
        last = {group[-1] for group in groups}
        smallest = max(METRICS.smallest_slot, pair)
        placed = [piece for slot in slots for piece in pieces[slot]]
        heights = [_spot_height(piece, scale) - piece.below * scale for piece in placed]
        return cls(
            slots=slots,
            widths=tuple(max(smallest, _line_width(pieces[slot], scale)) for slot in slots),
            gaps=tuple(
                METRICS.group_gap if slot in last else METRICS.slot_gap for slot in slots[:-1]
            ),
            above=max([METRICS.smallest_row, *heights]),
            below=max([0.0, *(piece.below * scale for piece in placed)]),
        )

    @property
    def width(self) -> float:
        return sum(self.widths) + sum(self.gaps)

    @property
    def line(self) -> float:
        """Where bottoms (or centromeres) stand."""
        return METRICS.bracket + self.above

    @property
    def height(self) -> float:
        return self.line + self.below + METRICS.marks + METRICS.label

    def places(self, y: float, width: float) -> list[SlotPlace]:
        """The row's slots with its gaps widened so that it is `width` wide."""
        weights = [METRICS.group_weight if g == METRICS.group_gap else 1.0 for g in self.gaps]
        unit = (width - self.width) / sum(weights)
        x = METRICS.margin
        places = []
        for i, slot in enumerate(self.slots):
            box = Box(x, y, self.widths[i], self.height)
            area = Box(x, y + METRICS.bracket, self.widths[i], self.above + self.below)
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


def _spot_width(piece: Piece, scale: float) -> float:
    return max(METRICS.smallest_spot, piece.width * scale)


def _spot_height(piece: Piece, scale: float) -> float:
    return max(METRICS.smallest_spot, piece.height * scale)


def _line_width(pieces: Sequence[Piece], scale: float) -> float:
    gaps = METRICS.homologue_gap * max(0, len(pieces) - 1)
    return sum(_spot_width(piece, scale) for piece in pieces) + gaps


def _spots_in(
    pieces: Sequence[Piece], centre_x: float, line: float, scale: float
) -> dict[str, Box]:
    x = centre_x - _line_width(pieces, scale) / 2
    spots = {}
    for piece in pieces:
        width, height = _spot_width(piece, scale), _spot_height(piece, scale)
        spots[piece.id] = Box(x, line + piece.below * scale - height, width, height)
        x += width + METRICS.homologue_gap
    return spots


def _wrap(pieces: Sequence[Piece], width: float, scale: float) -> list[list[Piece]]:
    lines: list[list[Piece]] = []
    for piece in pieces:
        if lines and _line_width([*lines[-1], piece], scale) <= width:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return lines


def _tray_line_height(line: Sequence[Piece], scale: float) -> float:
    return max(_spot_height(piece, scale) for piece in line) + METRICS.marks


def _tray_height(lines: Sequence[Sequence[Piece]], scale: float) -> float:
    smallest = METRICS.smallest_row + METRICS.marks
    content = sum(_tray_line_height(line, scale) for line in lines)
    return METRICS.tray_title + max(smallest, content)


def _tray_spots(
    lines: Sequence[Sequence[Piece]], x: float, y: float, scale: float
) -> dict[str, Box]:
    spots: dict[str, Box] = {}
    for line in lines:
        y += _tray_line_height(line, scale)
        flat = [Piece(piece.id, piece.width, piece.height) for piece in line]
        centre = x + _line_width(flat, scale) / 2
        spots |= _spots_in(flat, centre, y - METRICS.marks, scale)
    return spots


def _lines(
    ids: Mapping[str, tuple[str, ...]], tray: Sequence[Sequence[Piece]]
) -> tuple[tuple[str, ...], ...]:
    rows = [tuple(i for group in row for slot in group for i in ids[slot]) for row in DENVER_ROWS]
    lines = [*rows, *(tuple(piece.id for piece in line) for line in tray)]
    return tuple(line for line in lines if line)
