"""What stands on the sheet of a finished karyogram: chromosomes in rows, and the marks under them.

Chromosomes are the large upright objects; letters, numbers and lines are small or flat. A
photograph of the cell beside the karyogram is one large object, and is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from karyogui.services.lying_parallel import common_direction, directions, tilt_of, turned
from model.light import BACKGROUND, flatten, is_unevenly_lit, upright_contrast

Box = tuple[int, int, int, int]
Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Numbers = NDArray[Any]

PALE = (0.3, 0.5, 0.7)
"""How far from the background to the level between background and ink an object's rim is: where
neighbours touch on a small sheet a darker one parts them."""
LOOKED_AT = 800
"""Pixels of the longer side at which is looked how a sheet lies."""
NOT_WHITE = 248
"""Grey level below which the ground of a photograph is."""
PHOTOGRAPH, FILLED = 0.06, 0.7
"""Share of the sheet that a photograph's box has, and share of the box that is filled, at least."""
NOTABLE = 0.12
"""Area of the smallest chromosome over that of the one in the middle of all ink, at least."""
SHORT = 0.14
"""Height of the shortest chromosome over that of a long one, at least: 21 has 0.2 of 1."""
FLAT = 2.0
"""Width over height from which an object lies flat: a word, a line."""
THICK = 1.5
"""Width over the usual one from which an object is two that stand side by side."""
TALL_PART = 0.6
"""Height of each of two that touch over the height of both, at least."""
ABOVE = 0.6
"""Share of its width with which a piece lies above another of the same chromosome."""
BESIDE = 0.3
"""Share of the lower of the two that they may stand beside one another: the cut may be oblique."""
HOLLOW = 0.15
"""Share of its own box that a line drawn around a place fills, at most."""
SPECK = 3
"""Pixels up to which nothing is a letter."""
LINE = 4.0
"""Width of a line under a place over its height, at least."""
LETTER, LOW = 0.45, 0.18
"""Height of a letter over the height of a large chromosome, at most; a row in which nothing is
higher than `LOW` is one of large letters."""
WORD_GAP = 0.8
"""Gap within a word over the height of its letters, at most."""
TEXT_LINE = 0.7
"""How far letters of a line of text are above one another, over their height."""


@dataclass(frozen=True)
class Span:
    """A mark from left to right at a height; `middle` is where it points to."""

    left: int
    right: int
    y: float
    tall: int

    @property
    def middle(self) -> float:
        """Its centre from left to right."""
        return (self.left + self.right) / 2


@dataclass(frozen=True, eq=False)
class Standing:
    """One chromosome on the sheet: its box (x, y, w, h) and its mask (h, w) in it.

    `is_doubtful` where it may be two that touch.
    """

    box: Box
    mask: Mask
    is_doubtful: bool = False

    @property
    def left(self) -> int:
        """Its first column."""
        return self.box[0]

    @property
    def right(self) -> int:
        """The column behind its last."""
        return self.box[0] + self.box[2]

    @property
    def top(self) -> int:
        """Its first line."""
        return self.box[1]

    @property
    def foot(self) -> int:
        """The line below its last."""
        return self.box[1] + self.box[3]

    @property
    def middle(self) -> float:
        """Its centre from left to right."""
        return self.box[0] + self.box[2] / 2

    @cached_property
    def thickness(self) -> float:
        """Its width in pixels, but for its ends and its waist."""
        return float(np.percentile(self.mask.sum(axis=1), 75))


@dataclass(frozen=True)
class Row:
    """Chromosomes of one row from left to right, with the lines and the words under them."""

    standing: tuple[Standing, ...]
    lines: tuple[Span, ...]
    words: tuple[Span, ...]


def dark_on_white(grey: Grey) -> Grey:
    """The sheet (h, w) dark on light, its background brought to 255."""
    if is_unevenly_lit(grey):
        return flatten(grey)
    upright = upright_contrast(grey)
    level = max(int(np.bincount(upright.ravel(), minlength=256)[128:].argmax()) + 128, 1)
    scaled = upright.astype(np.float32) * (BACKGROUND / level)
    return np.asarray(np.clip(np.rint(scaled), 0, BACKGROUND), np.uint8)


def upright_sheets(sheet: Grey) -> Iterator[Grey]:
    """The sheet (h, w), dark on white, as it may stand: upright at first, upside down thereafter.

    By the direction in which its objects lie; where they have none in common (a photograph stands
    beside the karyogram) as it is, then on each side.
    """
    factor = min(1.0, LOOKED_AT / max(sheet.shape))
    size = round(sheet.shape[1] * factor), round(sheet.shape[0] * factor)
    small = np.asarray(cv2.resize(sheet, size, interpolation=cv2.INTER_AREA), np.uint8)
    level, _ = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    labels, boxes = _components(small <= level)
    areas = boxes[:, 4]
    large = np.flatnonzero(areas >= NOTABLE * _middle_of_ink(areas)) + 1
    direction = common_direction(directions(labels, large))
    if direction is None:
        yield from (turned(sheet, degrees, BACKGROUND) for degrees in (0, 90, 270, 180))
        return
    tilt = tilt_of(np.isin(labels, large), direction)
    yield turned(sheet, tilt, BACKGROUND)
    yield turned(sheet, tilt + 180, BACKGROUND)


def rows_of(sheet: Grey, photographs: Sequence[Box], rim: float) -> tuple[Row, ...]:
    """The rows of a sheet (h, w), dark on white, from above; none where there is no chromosome.

    What lies in one of the `photographs` on it is none. `rim` is one of `PALE`.
    """
    ink, _ = cv2.threshold(sheet, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    pale = BACKGROUND - rim * (BACKGROUND - ink)
    labels, boxes = _components(sheet < pale)
    if not len(boxes):
        return ()
    photograph = _within(photographs, boxes) | _drawn_around(boxes)
    areas = np.where(photograph, 0, boxes[:, 4])
    upright = (boxes[:, 2] < FLAT * boxes[:, 3]) & ~photograph
    large = upright & (areas >= NOTABLE * _middle_of_ink(areas[upright]))
    if not large.any():
        return ()
    tall = float(np.percentile(boxes[large, 3], 90))
    chosen = [n for n in np.flatnonzero(large) if boxes[n, 3] > SHORT * tall]
    standing = [_standing(labels, _box(boxes[n]), int(n) + 1) for n in chosen]
    usual = float(np.median([one.thickness for one in standing]))
    standing = [part for one in standing for part in _parted(one, sheet, usual, pale, ink)]
    rows = _in_rows(standing)
    high = LOW * max(one.box[3] for one in standing)
    letters = [one for row in rows if not _is_high(row, high) for one in row]
    small = [
        *(_box(box) for box in boxes[~large & ~photograph] if box[4] > SPECK),
        *(one.box for one in letters),
    ]
    return tuple(_with_marks([row for row in rows if _is_high(row, high)], small, tall))


def _box(values: Numbers) -> Box:
    x, y, w, h = (int(value) for value in values[:4])
    return x, y, w, h


def _is_high(row: Sequence[Standing], high: float) -> bool:
    return max(one.box[3] for one in row) >= high


def _components(dark: Mask) -> tuple[Numbers, Numbers]:
    """The labels of all objects, from 1, and their boxes with their areas, from 0."""
    found = cv2.connectedComponentsWithStats(dark.astype(np.uint8), connectivity=8)
    return np.asarray(found[1]), np.asarray(found[2])[1:]


def photographs_on(sheet: Grey) -> tuple[Box, ...]:
    """Boxes of the photographs beside a karyogram (h, w): their ground is not white."""
    _, seen = _components(sheet < NOT_WHITE)
    areas = seen[:, 2] * seen[:, 3]
    large = seen[(areas > PHOTOGRAPH * sheet.size) & (seen[:, 4] > FILLED * areas)]
    return tuple(_box(values) for values in large)


def _within(photographs: Sequence[Box], boxes: Numbers) -> Mask:
    """Which of the boxes lie in a photograph beside the karyogram."""
    across, down = boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 1] + boxes[:, 3] / 2
    inside = np.zeros(len(boxes), np.bool_)
    for x, y, w, h in photographs:
        inside |= (across >= x) & (across <= x + w) & (down >= y) & (down <= y + h)
    return inside


def _drawn_around(boxes: Numbers) -> Mask:
    """Which objects are lines drawn around others: hollow, with something of size within."""
    x, y, w, h, areas = boxes.T[:5]
    hollow = areas < HOLLOW * w * h
    around = np.zeros(len(boxes), np.bool_)
    for n in np.flatnonzero(hollow & (areas >= areas.max() / 20)):
        inside = (x > x[n]) & (y > y[n]) & (x + w < x[n] + w[n]) & (y + h < y[n] + h[n])
        around[n] = bool((inside & ~hollow & (areas >= areas[n] / 4)).any())
    return around


def _middle_of_ink(areas: Numbers) -> float:
    """The area of the object in which half of all ink is reached, the largest first."""
    if not len(areas):
        return 0.0
    falling = np.sort(areas)[::-1]
    return float(falling[np.searchsorted(np.cumsum(falling), falling.sum() / 2)])


def _standing(labels: Numbers, box: Box, label: int) -> Standing:
    x, y, w, h = box
    return Standing((x, y, w, h), labels[y : y + h, x : x + w] == label)


def _parted(
    one: Standing, sheet: Grey, usual: float, pale: float, ink: float
) -> tuple[Standing, ...]:
    """An object that is too thick as two that stand side by side, where a darker level parts it."""
    if one.thickness < THICK * usual:
        return (one,)
    x, y, w, h = one.box
    inside = sheet[y : y + h, x : x + w]
    for level in np.linspace(pale, ink, 8)[1:]:
        dark = (one.mask & (inside < level)).astype(np.uint8)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=4)
        parts = [n for n in range(1, len(stats)) if stats[n, 3] >= TALL_PART * h]
        if len(parts) != 2:
            continue
        seeds = np.isin(labels, parts)
        _, nearest = cv2.distanceTransformWithLabels(
            (~seeds).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        of = np.zeros(int(nearest.max()) + 1, np.int32)
        of[nearest[seeds]] = labels[seeds]
        owner = np.where(one.mask, of[nearest], 0)
        return tuple(_cropped(owner == n, x, y) for n in parts)
    return (Standing(one.box, one.mask, is_doubtful=True),)


def _cropped(mask: Mask, x: int, y: int) -> Standing:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    inner = mask[top : rows[-1] + 1, left : columns[-1] + 1]
    return Standing((x + left, y + top, inner.shape[1], inner.shape[0]), inner)


def _in_rows(standing: Sequence[Standing]) -> list[list[Standing]]:
    """Rows from above, each from left to right: nothing stands between two of them."""
    rows: list[list[Standing]] = []
    bottom = -1
    for one in sorted(standing, key=lambda one: one.top):
        if one.top >= bottom:
            rows.append([])
        rows[-1].append(one)
        bottom = max(bottom, one.foot)
    return [_whole(sorted(row, key=lambda one: one.middle)) for row in rows]


def _whole(row: Sequence[Standing]) -> list[Standing]:
    """A row in which pieces that lie above one another are one chromosome again."""
    whole: list[Standing] = []
    for one in row:
        last = whole[-1] if whole else None
        if last is not None:
            over = min(last.right, one.right) - max(last.left, one.left)
            beside = min(last.foot, one.foot) - max(last.top, one.top)
            apart = beside < BESIDE * min(last.box[3], one.box[3])
            if apart and over > ABOVE * min(last.box[2], one.box[2]):
                whole[-1] = _joined(last, one)
                continue
        whole.append(one)
    return whole


def _joined(first: Standing, second: Standing) -> Standing:
    left, top = min(first.left, second.left), min(first.top, second.top)
    right, foot = max(first.right, second.right), max(first.foot, second.foot)
    mask = np.zeros((foot - top, right - left), np.bool_)
    for one in (first, second):
        x, y, w, h = one.box
        mask[y - top : y - top + h, x - left : x - left + w] |= one.mask
    doubtful = first.is_doubtful or second.is_doubtful
    return Standing((left, top, right - left, foot - top), mask, doubtful)


def _with_marks(
    rows: Sequence[Sequence[Standing]], small: Sequence[Box], tall: float
) -> Iterable[Row]:
    for number, row in enumerate(rows):
        feet = float(np.median([one.foot for one in row]))
        last = number + 1 == len(rows)
        end = feet + tall if last else min(one.top for one in rows[number + 1])
        under = [
            Span(x, x + w, y + h / 2, h)
            for x, y, w, h in small
            if feet - 0.05 * tall <= y + h / 2 < end
        ]
        flat = [s for s in under if s.right - s.left >= LINE * s.tall and s.tall < 0.1 * tall]
        letters = [s for s in under if s not in flat and 0.03 * tall < s.tall < LETTER * tall]
        lines = _nearest_line(flat, 0.03 * tall + 2, len(row))
        yield Row(tuple(row), lines, _nearest_line(_words(letters), 0.0, len(row)))


def _words(letters: Sequence[Span]) -> list[Span]:
    """Letters that stand close together at one height as words."""
    words: list[Span] = []
    for one in sorted(letters, key=lambda one: one.left):
        for n in range(len(words) - 1, -1, -1):
            word = words[n]
            tall = max(word.tall, one.tall)
            if one.left - word.right <= WORD_GAP * tall and abs(one.y - word.y) < tall / 2:
                right = max(word.right, one.right)
                words[n] = Span(word.left, right, (word.y + one.y) / 2, tall)
                break
        else:
            words.append(one)
    return words


def _nearest_line(spans: Sequence[Span], level: float, count: int) -> tuple[Span, ...]:
    """The uppermost line of marks that has enough of them for a row of `count` chromosomes."""
    lines: list[list[Span]] = []
    for span in sorted(spans, key=lambda span: span.y):
        if lines and span.y - lines[-1][0].y <= (level or TEXT_LINE * lines[-1][0].tall):
            lines[-1].append(span)
        else:
            lines.append([span])
    for line in lines:
        if len(line) >= max(2, count // 3):
            return tuple(sorted(line, key=lambda span: span.left))
    return ()
