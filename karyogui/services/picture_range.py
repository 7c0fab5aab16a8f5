"""Samples of any depth onto 256 grey levels; and what is told of a picture that is odd."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from karyogui.services.picture_marks import are_drawn, lines_of, marks_at_an_end, painted_over


class Remark(StrEnum):
    """What is odd about a picture that can be used nevertheless; the value follows `it is`."""

    COLOUR = "in colour: only the brightness is used"
    TRANSPARENT = "partly transparent: shown on white"
    CLEAR = "transparent throughout: shown as if it were not"
    ENDS_IN_BLACK = "black to the end of its file, which may have been copied only in part"
    TWO_LEVELS = "black and white without grey: no band can be seen, so types are guesses"
    TURNED = "turned upright as the camera noted it (EXIF)"
    OTHER_FORMAT = "of another format than the name says: read by its content"
    FLUORESCENCE = "fluorescence: the colour channel with the chromosomes is used"
    FURTHER = "with a further channel that is not used"
    MARKED = "marked in colour: the marks are left out of account"
    OVERLAY = "marked with text or a scale at the end of its range, which is left out of account"
    NO_DATA = "without data in places (NaN or transparent): shown as background"
    UNEVEN = "framed, dark around the lit field or unevenly lit: evened out for the analysis"
    COVERED = "covered in part by a rectangle of one grey level: what lies under it is not counted"
    BRIGHT = "bright on dark: turned round for the analysis, the file stays as it is"


Grey = NDArray[np.uint8]

OVERLAYS = 3
"""Overlays, one far above the other, that are looked for at each end."""
WHOLE = 0.995
"""Share of what a frame leaves that is not of its value; a chromosome does not fill its corners."""
OUTLIERS = 0.02
"""Per cent of a large 16-bit picture's pixels that may be faulty at each end of its range."""
_LARGE = 100_000


def stretched(values: NDArray[Any], seen: NDArray[np.bool_], remarks: list[Remark]) -> Grey:
    """(h, w) numbers onto 0 … 255, from the smallest to the largest that is `seen` and finite.

    What is no number is shown as background, the commonest level.
    """
    floats = values.astype(np.float64)
    numbers = np.isfinite(floats)
    used = _within_frame(floats, numbers & seen)
    marks = _marks(floats, used)
    used = used & ~marks
    known = floats.ravel() if used.all() else floats[used]
    if not known.size:
        return np.zeros(values.shape, np.uint8)
    low, high = _range(known)
    if high <= low:
        return np.zeros(values.shape, np.uint8)
    missing = np.isnan(floats) | np.isneginf(floats)
    if not numbers.all():
        floats = np.where(numbers, floats, high)
    floats -= low
    floats *= 255.0 / (high - low)
    grey = np.clip(np.rint(floats, out=floats), 0, 255, out=floats).astype(np.uint8)
    if missing.any():
        remarks.append(Remark.NO_DATA)
        grey[missing] = np.bincount(grey[numbers & seen], minlength=256).argmax()
    if not marks.any():
        return grey
    if are_drawn(marks):
        remarks.append(Remark.OVERLAY)
    return painted_over(grey, lines_of(marks))


def _within_frame(values: NDArray[np.float64], used: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What is `used` without a frame, white or black or both, that was drawn around the picture.

    A frame is of one value, at an end of the range, and what it leaves is a whole rectangle.
    """
    for _ in range(2):
        most = float(values.max(where=used, initial=-np.inf))
        least = float(values.min(where=used, initial=np.inf))
        for end in (most, least):
            inside = used & (values != end)
            rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
            if not len(rows):
                continue
            box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            if inside[box].size < used.size and float(inside[box].mean()) >= WHOLE:
                used = np.zeros_like(used)
                used[box] = inside[box]
    return used


def _marks(values: NDArray[np.float64], used: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Text burnt in at the ends of the range of what is `used`, and a few faulty pixels."""
    found = np.zeros_like(used)
    for _ in range(OVERLAYS):
        for is_light in (True, False):
            marks = marks_at_an_end(values, used & ~found, is_light)
            if marks is not None:
                found |= marks
    return found


def _range(known: NDArray[np.float64]) -> tuple[float, float]:
    """What becomes black and what becomes white; a few faulty pixels of the camera are clipped."""
    low, high = float(known.min()), float(known.max())
    if known.size >= _LARGE:
        ends = np.percentile(known, [OUTLIERS, 100.0 - OUTLIERS])
        if 0.0 < ends[1] - ends[0] < 0.5 * (high - low):
            low, high = float(ends[0]), float(ends[1])
    return low, high
