"""From masks to smooth outlines, and which mask lies under a point. No Qt; pixels of the picture.

A pixel [y, x] covers x … x + 1 and y … y + 1, so an outline runs between pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karyogui.domain.separation import SeparatedObject

Lines = tuple[NDArray[np.float64], ...]
"""Closed lines, each (n, 2) of x, y in the picture."""
_FINER = 4
_FINER_LARGE = 2
_LARGE = 4096
"""Pixels of a rectangle from which half the fineness is as smooth on any screen."""
_SMOOTHING = 0.9
"""Standard deviation in pixels of the picture."""
_LEVEL = 0.36
"""Below one half: the line runs a little outside, so that it hides no grey level of the edge."""
_MARGIN = 2


def outlines(mask: NDArray[np.bool_], origin: tuple[int, int]) -> Lines:
    """Closed lines, each (n, 2) of x, y in the picture, round the parts and holes of a mask (h, w).

    The staircase of pixels is smoothed; every pixel of the mask larger than a dot stays inside.
    """
    import cv2

    factor = _FINER if mask.size < _LARGE else _FINER_LARGE
    padded = np.pad(mask.astype(np.float32), _MARGIN)
    finer = padded.repeat(factor, axis=0).repeat(factor, axis=1)
    smooth = cv2.GaussianBlur(finer, (0, 0), factor * _SMOOTHING)
    inside = smooth >= _LEVEL
    # Dots and lines of one pixel would vanish.
    near = np.ones((2 * factor + 1, 2 * factor + 1), np.uint8)
    inside |= (finer > 0) & ~cv2.dilate(inside.astype(np.uint8), near).astype(bool)
    found, _ = cv2.findContours(inside.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    lines = []
    for contour in found:
        points = cv2.approxPolyDP(contour, 0.6, closed=True)[:, 0]
        if len(points) >= 3:
            place = (points + 0.5) / factor - _MARGIN + np.asarray(origin, np.float64)
            lines.append(place.astype(np.float64))
    return tuple(lines)


def covers(shown: SeparatedObject, x: float, y: float) -> bool:
    """Whether the pixel at a point belongs to an object."""
    column, row = int(np.floor(x)) - shown.origin[0], int(np.floor(y)) - shown.origin[1]
    height, width = shown.mask.shape
    return 0 <= row < height and 0 <= column < width and bool(shown.mask[row, column])


def distance_to(shown: SeparatedObject, x: float, y: float, reach: float) -> float:
    """Pixels from a point to the nearest pixel of an object; infinite beyond `reach`."""
    left, top = shown.origin
    height, width = shown.mask.shape
    if not (left - reach <= x <= left + width + reach and top - reach <= y <= top + height + reach):
        return np.inf
    rows, columns = np.nonzero(shown.mask)
    if not len(rows):
        return np.inf
    squares = (columns + left + 0.5 - x) ** 2 + (rows + top + 0.5 - y) ** 2
    # From the pixel's edge, not from its middle.
    distance = max(0.0, float(np.sqrt(squares.min())) - 0.5)
    return distance if distance <= reach else np.inf


def touches(shown: SeparatedObject, left: float, top: float, right: float, bottom: float) -> bool:
    """Whether any pixel of an object lies in a rectangle."""
    x, y = shown.origin
    first_row, last_row = int(np.floor(top)) - y, int(np.ceil(bottom)) - y
    first_column, last_column = int(np.floor(left)) - x, int(np.ceil(right)) - x
    part = shown.mask[max(0, first_row) : max(0, last_row), :]
    return bool(part[:, max(0, first_column) : max(0, last_column)].any())


@dataclass(frozen=True, eq=False)
class Occupancy:
    """How much of a rectangle objects cover, read at once from sums over the whole picture.

    `sums` is (H + 1, W + 1): pixels of any object above and left of each corner.
    """

    sums: NDArray[np.int32]

    @classmethod
    def of(cls, shape: tuple[int, int], shown: list[SeparatedObject]) -> Occupancy:
        """Of objects in a picture of shape (H, W)."""
        import cv2

        taken = np.zeros(shape, np.uint8)
        for each in shown:
            x, y = each.origin
            height, width = each.mask.shape
            part = taken[max(0, y) : y + height, max(0, x) : x + width]
            mask = each.mask[max(0, -y) :, max(0, -x) :]
            part |= mask[: part.shape[0], : part.shape[1]]
        return cls(np.asarray(cv2.integral(taken), np.int32))

    def share(self, left: float, top: float, width: float, height: float) -> float:
        """The share of a rectangle, 0 … 1, that objects cover; outside the picture counts as 1."""
        rows, columns = self.sums.shape[0] - 1, self.sums.shape[1] - 1
        if left < 0 or top < 0 or left + width > columns or top + height > rows:
            return 1.0
        x0, y0 = int(left), int(top)
        x1, y1 = min(columns, int(left + width) + 1), min(rows, int(top + height) + 1)
        inside = self.sums[y1, x1] - self.sums[y0, x1] - self.sums[y1, x0] + self.sums[y0, x0]
        return float(int(inside) / max(1, (x1 - x0) * (y1 - y0)))
