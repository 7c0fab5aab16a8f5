"""Boxes, and how far a turned picture reaches. No Qt: y points down, turns are clockwise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Box:
    """An upright rectangle; (x, y) is its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre_x(self) -> float:
        return self.x + self.width / 2

    @property
    def centre_y(self) -> float:
        return self.y + self.height / 2

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies inside or on the border."""
        return self.x <= x <= self.right and self.y <= y <= self.bottom

    def overlaps(self, other: Box) -> bool:
        """Whether the two share more than a border."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )

    def grown(self, by: float) -> Box:
        """The box with `by` added on every side."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)


def outline_points(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Corners that bound a mask of shape (h, w): (n, 2) of x, y from the picture's centre, in px.

    The outer pixel corners of every row are enough for the bounding box under any turn. An empty
    mask counts as full, so that an object never becomes invisible.
    """
    height, width = mask.shape
    shown = mask if mask.any() else np.ones_like(mask)
    rows = np.flatnonzero(shown.any(axis=1))
    left = shown.argmax(axis=1)[rows]
    right = width - shown[:, ::-1].argmax(axis=1)[rows]
    x = np.concatenate([left, left, right, right]) - width / 2
    y = np.concatenate([rows, rows + 1, rows, rows + 1]) - height / 2
    return np.stack([x, y], axis=1).astype(np.float64)


def turned_extent(points: NDArray[np.float64], turn: float, mirrored: bool) -> Box:
    """The box round `points` after mirroring left to right and then turning clockwise.

    `points` is (n, 2) from the picture's centre, `turn` in degrees; the box has the same origin.
    """
    angle = np.deg2rad(turn)
    x = -points[:, 0] if mirrored else points[:, 0]
    y = points[:, 1]
    turned_x = x * np.cos(angle) - y * np.sin(angle)
    turned_y = x * np.sin(angle) + y * np.cos(angle)
    left, top = float(turned_x.min()), float(turned_y.min())
    return Box(left, top, float(turned_x.max()) - left, float(turned_y.max()) - top)
