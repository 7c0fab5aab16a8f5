"""A finished karyogram read: each chromosome cut out, with the type of the place it stands at.

No letter is read. What stands at one place is decided, in this order, by the lines under the
places, by the printed labels as marks, and by the gaps: homologues stand closer together than
places do. The places are 1 … 22, X, Y as one reads the sheet, unless the lengths of the chromosomes
show that the sex chromosomes stand elsewhere. Only a sheet of 23 or 24 places is read, whose
lengths fit them as a whole; what can be understood in two ways gets no type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

import cv2
import numpy as np

from karyogui.domain.chromosome import AUTOSOMES, TYPES
from karyogui.services.karyogram_objects import (
    PALE,
    Box,
    Grey,
    Row,
    Span,
    Standing,
    dark_on_white,
    photographs_on,
    rows_of,
    upright_sheets,
)
from model.light import BACKGROUND

MARGIN = 4
"""Pixels of white around a chromosome that is cut out."""
CLEAR = 1.5
"""The narrowest gap between places over the widest within one, at least."""
WITHIN = 0.15
"""Usual width of a chromosome that is added to every gap: narrow ones vary much in proportion."""
AT_A_PLACE = 3
"""Chromosomes at one place, at most, where no mark shows that they belong together."""
MEGABASES = (
    248, 242, 198, 190, 182, 171, 159, 145, 138, 134, 135, 133, 114, 107, 102, 90, 83, 80, 59, 64,
    47, 51, 156, 57,
)  # fmt: skip
"""Length of each of `TYPES` in millions of base pairs (GRCh38)."""
LENGTH = dict(zip(TYPES, (log(value) for value in MEGABASES), strict=True))
SPREAD, WORST, MISFIT = 0.12, 9.0, 0.2
"""Usual spread of a logarithm of a length; the most that one place counts against a reading; the
spread of all from which the sheet is not understood."""
USUAL, LIKELY = 4.0, 8.0
"""What the usual order has in its favour, and by how much another reading has to be worse."""
STRANGE = 0.5
"""How far the logarithm of the length of all at one place may be from that of its type."""
AS_LONG = 0.45
"""How far the logarithm of a length may be from that of X or Y to be taken for it."""
FEWEST = 44
"""Chromosomes on a sheet, at least: of fewer some may be two that touch."""
ALONE, TOGETHER = 1.35, 1.6
"""Width over that of the neighbourhood from which one that stands alone, or beside others,
may be two."""
GROUP_ENDS = (18, 20, 22)
"""How many autosomes stand before the end of a Denver group of the last row."""
SEX = "XY"
"""The place of both sex chromosomes where they share one."""


@dataclass(frozen=True, eq=False)
class ReadChromosome:
    """A chromosome of a karyogram: its box (x, y, w, h) on the upright sheet, and its picture.

    `picture` is (h, w), dark on white with nothing of its neighbours, as it stands there. `slot` is
    the type of its place, None where that is not certain.
    """

    box: Box
    picture: Grey
    slot: str | None


Place = list[Standing]


@dataclass(frozen=True)
class _Places:
    """The places row by row with what stands at each; `are_marked` by lines or labels."""

    rows: tuple[tuple[Place, ...], ...]
    are_marked: bool

    @property
    def all(self) -> list[Place]:
        return [place for row in self.rows for place in row]


def read_karyogram(grey: Grey) -> tuple[ReadChromosome, ...]:
    """The chromosomes of a finished karyogram (h, w), as one reads it.

    Dark on light or bright on dark, and however the page lies. Where the sheet is not understood no
    chromosome has a slot.
    """
    first: tuple[ReadChromosome, ...] | None = None
    for sheet in upright_sheets(dark_on_white(grey)):
        read = _read_sheet(sheet)
        if _labelled_count(read):
            return read
        first = read if first is None else first
    return first or ()


def _read_sheet(sheet: Grey) -> tuple[ReadChromosome, ...]:
    best: tuple[ReadChromosome, ...] = ()
    photographs = photographs_on(sheet)
    for rim in PALE:
        read = _read(sheet, photographs, rim)
        if not best or _labelled_count(read) > _labelled_count(best):
            best = read
        if best and _labelled_count(best) == len(best):
            break
    return best


def _labelled_count(read: Sequence[ReadChromosome]) -> int:
    return sum(one.slot is not None for one in read)


def _read(sheet: Grey, photographs: Sequence[Box], rim: float) -> tuple[ReadChromosome, ...]:
    rows = rows_of(sheet, photographs, rim)
    places = _by_marks(rows) or _by_gaps(rows)
    slots = {} if places is None else _slots(places)
    return tuple(
        ReadChromosome(
            one.box, _cut_out(sheet, one), None if one.is_doubtful else slots.get(id(one))
        )
        for row in rows
        for one in row.standing
    )


# -- what stands at one place -------------------------------------------------------------------


def _by_marks(rows: Sequence[Row]) -> _Places | None:
    """Places as lines or labels mark them, where they do so in every row."""
    for under in (_over_lines, _over_words):
        found = [under(row, row is rows[-1]) for row in rows]
        marked = [row for row in found if row is not None]
        if rows and len(marked) == len(rows):
            return _Places(tuple(map(tuple, marked)), are_marked=True)
    return None


def _over_lines(row: Row, is_last: bool) -> list[Place] | None:
    """What stands above each line; None where one stands above none or above two."""
    places: list[Place] = [[] for _ in row.lines]
    for one in row.standing:
        above = [
            n
            for n, line in enumerate(row.lines)
            if line.left - MARGIN <= one.middle <= line.right + MARGIN
        ]
        if len(above) != 1:
            return None
        places[above[0]].append(one)
    return places


def _over_words(row: Row, is_last: bool) -> list[Place] | None:
    """What stands above each label; None where that contradicts the gaps or is not plain."""
    tall = max((word.tall for word in row.words), default=0)
    words = [word for word in row.words if word.tall >= 0.85 * tall]
    if not words:
        return None
    places: list[Place] = [[] for _ in words]
    for one in row.standing:
        distances = [abs(word.middle - one.middle) for word in words]
        places[int(np.argmin(distances))].append(one)
    used = [(word, place) for word, place in zip(words, places, strict=True) if place]
    by_gaps = _apart(row.standing)
    taken = [place for _, place in used]
    if by_gaps is not None and by_gaps != taken:
        return None
    if not all(_is_centred(word, place, [w for w, _ in used]) for word, place in used):
        return None
    behind = row.standing[-1].right
    beyond = sum(word.left > behind and not p for word, p in zip(words, places, strict=True))
    return [*taken, *([] for _ in range(beyond if is_last else 0))]


def _is_centred(word: Span, place: Place, words: Sequence[Span]) -> bool:
    """Whether a label stands under the middle of what it names."""
    pitch = min((abs(w.middle - word.middle) for w in words if w is not word), default=np.inf)
    middle = (min(one.left for one in place) + max(one.right for one in place)) / 2
    return abs(middle - word.middle) <= 0.25 * pitch


def _by_gaps(rows: Sequence[Row]) -> _Places | None:
    """Places as the gaps part them, where they do so plainly in every row."""
    apart = [_apart(row.standing) for row in rows]
    told = [row for row in apart if row is not None]
    if not rows or len(told) != len(rows):
        return None
    return _Places(tuple(map(tuple, told)), are_marked=False)


def _apart(row: Sequence[Standing]) -> list[Place] | None:
    """A row parted at its wide gaps; None where there is no plain step from narrow to wide.

    Of several steps that one which leaves most pairs.
    """
    usual = float(np.median([one.box[2] for one in row])) * WITHIN
    gaps = [max(b.left - a.right, 0) + usual for a, b in pairwise(row)]
    steps = sorted(set(gaps))
    best: tuple[int, float] = (0, 0.0)
    found: list[Place] | None = None
    for narrow, wide in pairwise(steps):
        if wide < CLEAR * narrow:
            continue
        places: list[Place] = [[row[0]]]
        for gap, one in zip(gaps, row[1:], strict=True):
            if gap >= wide:
                places.append([])
            places[-1].append(one)
        worth = sum(1 if len(place) == 2 else -1 for place in places), wide / narrow
        if max(map(len, places)) <= AT_A_PLACE and (found is None or worth > best):
            best, found = worth, places
    return found


# -- which place is which -----------------------------------------------------------------------


def _slots(places: _Places) -> dict[int, str]:
    """The slot of each chromosome by its identity; those that cannot be identified are left out."""
    rows = [list(row) for row in places.rows]
    while rows and rows[-1] and not rows[-1][-1]:
        rows[-1].pop()
    count = sum(map(len, rows))
    if places.are_marked and count == len(TYPES) + 1:
        rows[-1].pop()  # markers stand last; no type is theirs
        count -= 1
    if count not in (len(TYPES) - 1, len(TYPES)):
        return {}
    ordered = [place for row in rows for place in row]
    if sum(map(len, ordered)) < FEWEST:
        return {}
    lengths = [[log(one.box[3]) for one in place] for place in ordered]
    readings = []
    for order in _orders([len(row) for row in rows]):
        scale, misfit, against = _fit(order, lengths)
        if misfit <= MISFIT:
            usual = USUAL if order[:22] == AUTOSOMES else 0.0
            readings.append((against - usual, scale, order))
    if not readings:
        return {}
    worst = min(readings)[0] + LIKELY
    likely = [
        _slots_in_order(order, ordered, scale, places.are_marked)
        for against, scale, order in readings
        if against <= worst
    ]
    doubtful = _perhaps_several(ordered)
    return {
        key: slot
        for key, slot in likely[0].items()
        if key not in doubtful and all(one.get(key) == slot for one in likely)
    }


def _perhaps_several(places: Sequence[Place]) -> set[int]:
    """Those, by identity, that are so thick for their neighbourhood that they may be two.

    One that stands alone, where two are expected, is soonest doubted.
    """
    doubtful = set()
    for n, place in enumerate(places):
        near = [one for other in places[max(0, n - 3) : n + 4] for one in other]
        usual = float(np.median([one.thickness for one in near]))
        most = usual * (ALONE if len(place) == 1 else TOGETHER)
        doubtful |= {id(one) for one in place if one.thickness > most}
    return doubtful


def _orders(counts: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Orders of the places: as usual, and with the sex chromosomes elsewhere.

    Together between groups of the last row or at the end of another; or only X there and Y last.
    """
    one_place = sum(counts) == len(TYPES) - 1
    together: tuple[tuple[str, ...], ...] = ((SEX,),) if one_place else (("X", "Y"), ("Y", "X"))
    ends = [int(end) for end in np.cumsum(counts)]
    start = ends[-1] - counts[-1]
    within = {start, *(spot for spot in GROUP_ENDS if spot >= start)}
    for sexes in together:
        at_end = {end - len(sexes) for end in ends[:-1]}
        for spot in sorted(at_end | within, reverse=True):
            if 0 <= spot <= len(AUTOSOMES):
                yield (*AUTOSOMES[:spot], *sexes, *AUTOSOMES[spot:])
    if not one_place:
        for spot in {end - 1 for end in ends[:-1]} | within - {len(AUTOSOMES)}:
            yield (*AUTOSOMES[:spot], "X", *AUTOSOMES[spot:], "Y")


def _fit(order: Sequence[str], lengths: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """Scale of the lengths at each place, the misfit, and how much they speak against an order.

    The misfit is the spread about the lengths that are expected, infinite where nothing at a place
    has the length of its type.
    """
    pairs = [
        (LENGTH["X" if slot == SEX else slot], seen, slot)
        for slot, seen in zip(order, lengths, strict=True)
        if seen
    ]
    scale = float(np.median([max(seen) - expected for expected, seen, _ in pairs]))
    off = np.array([max(seen) - scale - expected for expected, seen, _ in pairs])
    against = np.minimum((off / SPREAD) ** 2, WORST)
    strange = any(
        min(abs(one - scale - expected) for one in seen) > STRANGE
        for expected, seen, slot in pairs
        if slot != "Y"
    )
    misfit = np.inf if strange else SPREAD * np.sqrt(against.mean())
    return scale, float(misfit), float(against.sum())


def _slots_in_order(
    order: Sequence[str], places: Sequence[Place], scale: float, are_marked: bool
) -> dict[int, str]:
    """The slot of each chromosome in one order of the places.

    Where Y seems to stand before X neither has one: nobody prints them so on purpose.
    """
    at = dict(zip(order, places, strict=True))
    is_usual = SEX in at or order.index("X") < order.index("Y")
    unsaid = (SEX,) if is_usual else ("X", "Y")
    told = {id(one): slot for slot, place in at.items() if slot not in unsaid for one in place}
    for one in at.get(SEX, ()):
        kind = _by_length(one, scale)
        if kind is not None:
            told[id(one)] = kind
    small = at.get("Y", [one for one in at.get(SEX, ()) if told.get(id(one)) == "Y"])
    large = [one for place in places for one in place if told.get(id(one)) == "X"]
    if not are_marked or SEX in at:
        for one in small:
            # A marker stands there too; with two X it is as likely as a Y.
            if len(large) > 1 or _by_length(one, scale) != "Y":
                told.pop(id(one), None)
    return told


def _by_length(one: Standing, scale: float) -> str | None:
    """X or Y, whichever is as long; None where neither is."""
    off = {kind: abs(log(one.box[3]) - scale - LENGTH[kind]) for kind in ("X", "Y")}
    kind = min(off, key=lambda kind: off[kind])
    return kind if off[kind] <= AS_LONG else None


def _cut_out(sheet: Grey, one: Standing) -> Grey:
    """The chromosome alone on white, with its soft rim."""
    x, y, w, h = one.box
    picture = np.full((h + 2 * MARGIN, w + 2 * MARGIN), BACKGROUND, np.uint8)
    mask = np.pad(one.mask, MARGIN).astype(np.uint8)
    rim = cv2.dilate(mask, np.ones((3, 3), np.uint8)).astype(np.bool_)
    top, left = max(y - MARGIN, 0), max(x - MARGIN, 0)
    seen = sheet[top : y + h + MARGIN, left : x + w + MARGIN]
    dy, dx = top - (y - MARGIN), left - (x - MARGIN)
    inside = np.s_[dy : dy + seen.shape[0], dx : dx + seen.shape[1]]
    picture[inside][rim[inside]] = seen[rim[inside]]
    return picture
