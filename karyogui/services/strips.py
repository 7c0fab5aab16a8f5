"""The strip of a type over all cells of a case: measured, and straightened for the eye."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from karyogui.domain.chromosome import Chromosome, Segment
from karyogui.domain.strip import StripChromosome, with_distances
from karyogui.services.line_masks import Floats, normals_of, seen_across, smooth, spaced
from karyogui.services.progress import Monitor, Progress
from karyogui.storage.strips import StripStore
from model.geometry.masks import Mask, width_of

WHITE = 255
_SMOOTH = 0.5
"""Of the width: how far around a place its middle is averaged."""
_LEAST = 2.0
"""Widths that a mask is long at least to have a course; a shorter one stays as it is."""
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_SQUARE = np.ones((3, 3), np.uint8)
_HALF = 0.5


def centre_line(mask: Mask) -> Floats:
    """Points (n, 2) of x, y one pixel apart along the middle of a mask, from its upper tip on.

    The middle is where equal ways from one tip, walked within the mask, lie: of a hook, too.
    Of a mask in several pieces, that of the largest; of one too stout for a course, its height.
    """
    whole = _largest(mask)
    if not whole.any():
        return np.array([[mask.shape[1] / 2, 0.0], [mask.shape[1] / 2, float(mask.shape[0])]])
    rows, columns = np.nonzero(whole)
    width = width_of(whole)
    way = _ways(whole, _tip(whole))
    if way.max() < _LEAST * width:
        x = float(columns.mean()) + _HALF
        return spaced(np.array([[x, float(rows.min())], [x, float(rows.max() + 1)]]))
    steps = way[rows, columns]
    count = np.bincount(steps)
    middle = np.stack(
        [np.bincount(steps, v) / np.maximum(count, 1) for v in (columns + _HALF, rows + _HALF)], 1
    )[count > 0]
    # Near a tip the ways run around its corner: there the line only goes on as it is headed.
    off = min(round(0.6 * width), (len(middle) - 4) // 2)
    middle = middle[off : len(middle) - off] if off > 0 else middle
    line = smooth(spaced(middle), _SMOOTH * width)
    line = _to_the_tips(spaced(line), whole, width)
    return line if line[0, 1] <= line[-1, 1] else line[::-1]


def straightened(
    crop: NDArray[np.uint8], mask: Mask
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The picture (h, w) and mask of a chromosome, bent straight along its centre line.

    White outside its mask, as every crop; its upper end stays the upper one.
    """
    line = centre_line(mask)
    whole = _largest(mask)
    if len(line) < 3 or not whole.any():
        return crop, mask
    normals = normals_of(line)
    # Seen from one who walks down the picture the right hand is the left: columns run from there.
    reach = int(np.ceil(1.2 * width_of(whole))) + 1
    places = np.arange(-reach, reach + 1, dtype=np.float64)
    grey = 255.0 - np.where(mask, crop, WHITE).astype(np.float32)
    shown = 255.0 - seen_across(line, -normals, places, grey)
    inside = seen_across(line, -normals, places, whole.astype(np.float32)) >= _HALF
    inside = _of_the_middle(inside)
    kept = np.flatnonzero(inside.any(axis=0))
    if not len(kept):
        return crop, mask
    columns = slice(int(kept[0]), int(kept[-1]) + 1)
    inside = np.ascontiguousarray(inside[:, columns])
    picture = np.where(inside, shown[:, columns].clip(0, WHITE), WHITE)
    return np.ascontiguousarray(picture.round().astype(np.uint8)), inside


def _of_the_middle(inside: Mask) -> Mask:
    """Of every row the run that holds the middle: beside it lies the other leg of a hook."""
    middle = inside.shape[1] // 2
    right = np.logical_and.accumulate(inside[:, middle:], axis=1)
    left = np.logical_and.accumulate(inside[:, middle::-1], axis=1)[:, ::-1]
    return np.concatenate([left, right[:, 1:]], axis=1)


def _largest(mask: Mask) -> Mask:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count <= 2:
        return mask
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()))


def _tip(mask: Mask) -> tuple[int, int]:
    """A pixel at one end: the farthest on foot from the farthest from anywhere."""
    start = tuple(int(v) for v in np.argwhere(mask)[0])
    for _ in range(2):
        way = _ways(mask, (start[0], start[1]))
        start = tuple(int(v) for v in np.unravel_index(int(way.argmax()), way.shape))
    return start[0], start[1]


def _ways(mask: Mask, start: tuple[int, int]) -> NDArray[np.int32]:
    """Steps (h, w) from a pixel on foot within a mask; -1 outside. Octagons stand for circles."""
    way = np.full(mask.shape, -1, np.int32)
    inside = mask.astype(np.uint8)
    reached = np.zeros(mask.shape, np.uint8)
    reached[start] = 1
    way[start] = 0
    step = idle = 0
    while idle < 2:  # from corner to corner only the square goes on
        step += 1
        grown = np.minimum(cv2.dilate(reached, _SQUARE if step % 2 else _CROSS), inside)
        fresh = grown > reached
        idle = 0 if fresh.any() else idle + 1
        way[fresh] = step
        reached = grown
    return way


def _to_the_tips(line: Floats, mask: Mask, width: float) -> Floats:
    """The line led on straight at both ends, as far as the mask reaches."""
    ends = []
    back = min(len(line) - 1, max(2, round(0.8 * width)))
    for way_out in (line[::-1], line):
        heading = way_out[-1] - way_out[-1 - back]
        heading = heading / max(1e-9, float(np.hypot(*heading)))
        further = way_out[-1] + np.arange(1, int(2 * width) + 2)[:, None] * heading
        rows, columns = (np.floor(further[:, i]).astype(np.intp) for i in (1, 0))
        height, breadth = mask.shape
        on = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < breadth)
        on[on] = mask[rows[on], columns[on]]
        count = len(on) if on.all() else int(on.argmin())
        ends.append(further[:count])
    return np.concatenate([ends[0][::-1], line, ends[1]])


KEPT = 2000
"""Straightened pictures that are kept."""
_Picture = tuple[int, str, int]
"""Cell, chromosome and hash of the mask: the same as long as nobody repairs it."""


class StripService:
    """Reads strips and measures them; from any thread."""

    def __init__(self, strips: StripStore) -> None:
        self._strips = strips
        self._lengths: dict[_Picture, float] = {}
        self._straight: dict[_Picture, Segment] = {}

    def load(
        self, case_id: int, slots: Collection[str], lengths: bool, monitor: Monitor
    ) -> tuple[StripChromosome, ...]:
        """All chromosomes of a case in these slots; with `lengths`, measured along the middle.

        `Cancelled` when the monitor says so, `KaryoError` for a missing picture.
        """
        strip = with_distances(self._strips.strip(case_id, slots))
        if not lengths:
            return strip
        measured = []
        for number, item in enumerate(strip):
            monitor.report(Progress(number, len(strip), item.cell_name))
            measured.append(replace(item, length=self._length(item) * item.scale))
        return tuple(measured)

    def straightened(
        self, strip: Sequence[StripChromosome], monitor: Monitor
    ) -> dict[str, Chromosome]:
        """The chromosomes of a strip with their pictures straightened, by key; none is stored.

        `Cancelled` when the monitor says so.
        """
        found = {}
        for number, item in enumerate(strip):
            monitor.report(Progress(number, len(strip), item.cell_name))
            key = _picture_of(item)
            if key not in self._straight:
                if len(self._straight) >= KEPT:
                    self._straight.clear()
                self._straight[key] = straight(item.chromosome).segment
            found[item.key] = replace(item.chromosome, segment=self._straight[key])
        return found

    def _length(self, item: StripChromosome) -> float:
        mask = item.chromosome.segment.mask
        key = _picture_of(item)
        if key not in self._lengths:
            self._lengths[key] = float(len(centre_line(mask)) - 1)
        return self._lengths[key]


def _picture_of(item: StripChromosome) -> _Picture:
    return item.cell_id, item.chromosome.id, hash(item.chromosome.segment.mask.tobytes())


def straight(chromosome: Chromosome) -> Chromosome:
    """The same chromosome with its picture straightened; nothing of it is stored."""
    segment = chromosome.segment
    crop: NDArray[np.uint8]
    crop, mask = straightened(segment.crop, segment.mask)
    return replace(chromosome, segment=replace(segment, crop=crop, mask=mask))
