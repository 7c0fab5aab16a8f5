"""What a program drew over a photograph: text, arrows and scales, in one grey level or in colour.

They have a few exact values and sharp edges, and the photograph goes on around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Numbers = NDArray[Any]

OVERLAY = 0.25
"""Share of pixels that text or a mask burnt in at one end of the range may take."""
LEVELS, DRAWN = 8, 0.9
"""Exact values that such an overlay has at most, and the share of its inner pixels that have one of
them, at least."""
SOFT = 2
"""Pixels that the soft edge of what is drawn may be wide."""
OBJECTS, SEEN = 0.002, 0.4
"""Share of the other pixels that stand out of the photograph, at least, and the share of its range
that they are from its middle: what is left without any is no photograph."""
GLOW = 8
"""Pixels from what is too bright for a camera that its light reaches."""
COLOUR, GREY = 40, 16
"""Grey levels between two channels from which a mark is in colour, and those that most of a grey
photograph does not reach (JPEG)."""
COLOURED = 0.08
"""Share of pixels that are marked, at most: where more are in colour, the photograph is."""
LARGE, FILLED = 0.015, 0.9
"""Share of the picture, and of its own box, from which a mark is a rectangle that covers things."""


def marks_at_an_end(values: Numbers, used: Mask, is_light: bool) -> Mask | None:
    """What a program drew at one end of the range of what is `used` of (h, w); None without any.

    Nothing else comes near: all of the photograph lies in the other half of the range. What was too
    bright for the camera shines around itself and is no mark.
    """
    most = float(values.max(where=used, initial=-np.inf))
    middle = most / 2 + float(values.min(where=used, initial=np.inf)) / 2
    outer = used & ((values > middle) if is_light else (values < middle))
    if not 0 < np.count_nonzero(outer) <= OVERLAY * np.count_nonzero(used):
        return None
    inner = values[_eroded(outer)]
    counts = np.sort(np.unique(inner, return_counts=True)[1])
    if counts[-LEVELS:].sum() < DRAWN * inner.size:
        return None
    marks = _within(outer, SOFT)
    return marks if _is_photograph(values, used & ~marks, marks) else None


def marks_in_colour(channels: Sequence[Numbers], largest: float) -> Mask | None:
    """What is drawn in colour over a photograph in grey; None where nothing is.

    `channels` are red, green and blue (h, w), 0 … `largest`.
    """
    high, low = np.maximum.reduce(channels), np.minimum.reduce(channels)
    with np.errstate(invalid="ignore"):  # infinite in all channels
        chroma = high - low
    coloured = chroma > COLOUR * largest / 255
    if not 0 < np.count_nonzero(coloured) <= COLOURED * coloured.size:
        return None
    rest = ~_within(coloured, GLOW)
    high = high.astype(np.float64)
    light = marks_at_an_end(high, np.ones_like(rest), is_light=True)
    if light is not None:
        rest &= ~light
    if not rest.any() or np.count_nonzero(chroma[rest] > GREY * float(high[rest].max()) / 255) > (
        OBJECTS * coloured.size
    ):
        return None
    marks = _within(coloured, SOFT)
    return marks if _is_photograph(high, rest, marks) else None


def painted_over(grey: Grey, marks: Mask) -> Grey:
    """A picture (h, w) whose marks are as light as what is around them, unless they are large."""
    if np.count_nonzero(marks) > COLOURED * marks.size:
        return grey
    return np.asarray(cv2.inpaint(grey, marks.astype(np.uint8), SOFT + 1, cv2.INPAINT_TELEA))


def are_drawn(marks: Mask) -> bool:
    """Whether some of the marks at an end are more than faulty pixels of a camera."""
    kernel = np.ones((2 * SOFT + 3,) * 2, np.uint8)
    return bool(cv2.erode(marks.astype(np.uint8), kernel).any())


def lines_of(marks: Mask) -> Mask:
    """Marks without the large rectangles among them: these cover what lies under them."""
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(marks.astype(np.uint8))
    areas = boxes[:, cv2.CC_STAT_AREA]
    filled = areas >= FILLED * boxes[:, cv2.CC_STAT_WIDTH] * boxes[:, cv2.CC_STAT_HEIGHT]
    covers = np.flatnonzero(filled & (areas >= LARGE * marks.size))
    return np.asarray(marks & ~np.isin(labels, covers))


def _is_photograph(values: Numbers, rest: Mask, marks: Mask) -> bool:
    """Whether things are to be seen in the `rest` of (h, w), not just the glow of the marks."""
    body = values[rest].astype(np.float64)
    if not body.size:
        return False
    median, far = float(np.median(body)), SEEN * float(np.ptp(body))
    away = rest & ((values > median + far) | (values < median - far))
    seen = np.count_nonzero(away)
    beside = np.count_nonzero(away & _within(marks, GLOW))
    return bool(seen >= OBJECTS * body.size and beside <= seen / 2)


def _eroded(mask: Mask) -> Mask:
    kernel = np.ones((2 * SOFT + 1,) * 2, np.uint8)
    return np.asarray(cv2.erode(mask.astype(np.uint8), kernel) > 0)


def _within(mask: Mask, pixels: int) -> Mask:
    """What is at most so many pixels from a mask (h, w)."""
    kernel = np.ones((2 * pixels + 1,) * 2, np.uint8)
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel) > 0)
