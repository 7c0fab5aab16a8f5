"""Whether a rectangle of one grey level lies over part of a photograph.

A mask, a label, a corner cut out, the window of another program: whatever lies under it is missing,
and the chromosomes at its edges are cut. No camera sees one grey level over a rectangle.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from karyogui.services.picture_kind import SMALL
from model.light import BACKGROUND

Grey = NDArray[np.uint8]

LOOKED_AT = 640
"""Pixels of the longer side that are looked at, up to twice as many; none are mixed."""
FIELD = 0.25
"""Share of the picture that the photograph in it has, at least."""
LARGE = 0.015
"""Share of the photograph that is covered, at least: some two chromosomes."""
FILLED, EXACT = 0.9, 0.99
"""Share of its box that a rectangle fills, at least: clipped to white, the empty slide has
chromosomes in it; the corners around a round field fill less. What programs paint is exact."""
STEP, ALIKE = 6, 0.2
"""Grey levels between a rectangle and what is around it, and the share of that which is not so far
off: where a file was compressed much, or clipped, the empty slide is of one grey level, too."""
BLOCK = 17
"""Two blocks of JPEG, which blurs what is at an edge, and a pixel: nothing smaller counts."""
WHOLE = 0.97
"""Share of the photograph's side from which a rectangle stands beside it, as a frame does."""


def is_covered(grey: Grey) -> bool:
    """Whether part of the photograph in a picture (h, w) is covered; False of what is small."""
    if max(grey.shape) < SMALL:
        return False
    step = max(1, max(grey.shape) // LOOKED_AT)
    seen = np.ascontiguousarray(grey[::step, ::step])
    around = np.ones((3, 3), np.uint8)
    plain = (cv2.dilate(seen, around) == cv2.erode(seen, around)).astype(np.uint8)
    _, _, parts, _ = cv2.connectedComponentsWithStats(1 - plain, connectivity=8)
    if len(parts) < 2:
        return False
    x, y, w, h, _ = (int(value) for value in max(parts[1:], key=lambda part: part[4]))
    if w * h < FIELD * seen.size:
        return False
    block = np.ones((max(3, BLOCK // step),) * 2, np.uint8)
    inside = cv2.morphologyEx(plain[y : y + h, x : x + w], cv2.MORPH_OPEN, block)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(inside, connectivity=4)
    photograph = seen[y : y + h, x : x + w]
    return any(
        area >= LARGE * w * h
        and area >= FILLED * wide * high
        and wide < WHOLE * w
        and high < WHOLE * h
        and _stands_out(photograph, (left, top, wide, high), area >= EXACT * wide * high)
        for left, top, wide, high, area in boxes[1:].tolist()
    )


def _stands_out(photograph: Grey, box: tuple[int, int, int, int], is_exact: bool) -> bool:
    """Whether a plain rectangle has another grey level than the slide and what is around it.

    If `is_exact` and black or white, any other than the slide.
    """
    left, top, wide, high = box
    level = int(photograph[top + high // 2, left + wide // 2])
    rows = slice(max(0, top - 2 * BLOCK), top + high + 2 * BLOCK)
    columns = slice(max(0, left - 2 * BLOCK), left + wide + 2 * BLOCK)
    ring = np.ones(photograph.shape, np.bool_)
    above, before = max(0, top - BLOCK), max(0, left - BLOCK)
    ring[above : top + high + BLOCK, before : left + wide + BLOCK] = False
    around = photograph[rows, columns][ring[rows, columns]].astype(np.int16)
    if not around.size:
        return False
    off = abs(float(np.median(photograph[ring])) - level)
    if is_exact and level in (0, BACKGROUND):
        return off > 0
    return off > STEP and float((np.abs(around - level) <= STEP).mean()) < ALIKE
