"""Whether the objects of a picture lie parallel to one another, and in what direction.

On a page with a finished karyogram they do, however the page lies: upright, on its side, askew. On
a slide chromosomes lie as they fell.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Grey = NDArray[np.uint8]
Numbers = NDArray[Any]

LONG = 1.5
"""Length over width (of the ellipse with the same moments) from which an object has a direction."""
FEWEST = 12
"""Objects with a direction, at least."""
ALIKE = 12.0
"""Degrees within which objects lie parallel."""
SHARE = 0.75
"""Share of the objects with a direction that lie parallel: of karyograms 0.87 and more do, of
chromosomes on a slide 0.2 to 0.5."""
SLIGHT = 2.0
"""Degrees up to which a page stands upright."""
SOUGHT, STEP = 4.0, 0.25
"""Degrees about the direction of the objects within which that of their rows is sought, and how
finely."""


def directions(labels: Numbers, chosen: Numbers) -> NDArray[np.float64]:
    """(n,) degrees, 0 … 180, from the x axis downwards, of those chosen that are long enough.

    `labels` (h, w) numbers the objects from 1; `chosen` are their numbers.
    """
    rows, columns = np.nonzero(labels)
    of = labels[rows, columns]
    count = int(labels.max()) + 1
    area = np.maximum(np.bincount(of, minlength=count), 1)

    def mean(values: Numbers) -> NDArray[np.float64]:
        return np.asarray(np.bincount(of, values, minlength=count) / area)

    x, y = mean(columns), mean(rows)
    across, down = columns - x[of], rows - y[of]
    # A pixel is a square: alone it has a spread, too.
    xx, yy, xy = mean(across**2) + 1 / 12, mean(down**2) + 1 / 12, mean(across * down)
    apart = np.hypot(xx - yy, 2 * xy)
    ratio = (xx + yy + apart) / np.maximum(xx + yy - apart, 1e-9)
    angle = np.rad2deg(np.arctan2(2 * xy, xx - yy)) / 2 % 180
    kept = chosen[ratio[chosen] > LONG**2]
    return np.asarray(angle[kept])


def common_direction(angles: NDArray[np.float64]) -> float | None:
    """The direction (0 … 180 degrees) in which most lie; None where they lie as they fell."""
    if len(angles) < FEWEST:
        return None
    off = np.abs(angles[:, None] - angles[None])
    near = np.minimum(off, 180 - off) <= ALIKE
    best = int(near.sum(axis=1).argmax())
    if near[best].mean() < SHARE:
        return None
    alike = (angles[near[best]] - angles[best] + 90) % 180 - 90
    return float((angles[best] + alike.mean()) % 180)


def tilt_of(dark: Mask, direction: float) -> float:
    """Degrees by which a page has to be turned counter-clockwise to stand, perhaps upside down.

    Its objects, dark (h, w), lie in the direction; the rows that they form tell it more exactly.
    """
    rows, columns = np.nonzero(dark)
    best, tilt = -1.0, direction - 90
    for off in np.arange(-SOUGHT, SOUGHT + STEP / 2, STEP):
        turn = np.deg2rad(direction - 90 + off)
        down = rows * np.cos(turn) - columns * np.sin(turn)
        levels = np.bincount(((down - down.min()) / 2).astype(np.intp))
        sharp = float((levels.astype(np.float64) ** 2).sum())
        if sharp > best:
            best, tilt = sharp, direction - 90 + float(off)
    return tilt


def turned(page: Grey, degrees: float, ground: int) -> Grey:
    """A page (h, w) turned counter-clockwise, whole, with `ground` in the new corners."""
    quarters = round(degrees / 90)
    page = np.ascontiguousarray(np.rot90(page, quarters))
    degrees -= 90 * quarters
    if abs(degrees) <= SLIGHT:
        return page
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = round(width * cos + height * sin), round(height * cos + width * sin)
    turn[0, 2] += (size[0] - width) / 2
    turn[1, 2] += (size[1] - height) / 2
    return np.asarray(
        cv2.warpAffine(page, turn, size, flags=cv2.INTER_CUBIC, borderValue=float(ground))
    )
