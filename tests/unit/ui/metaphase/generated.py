"""A generated metaphase: dark banded rods on a light, uneven background, and what they are."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from karyogui.domain.separation import ObjectKind, SeparatedObject

Grey = NDArray[np.uint8]

WIDTH, HEIGHT = 640, 512
CROSSING = ("c01", "c02")
LOW = "c03"


def rod(
    size: tuple[int, int], centre: tuple[float, float], length: float, width: float, degrees: float
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """A rod's mask and its transmission, both (H, W); bands lie across it."""
    reach = round(length / 2 + width) + 2  # nothing of it is seen further away
    top, left = (max(0, int(at) - reach) for at in (centre[1], centre[0]))
    window = np.s_[top : int(centre[1]) + reach, left : int(centre[0]) + reach]
    mask, through = np.zeros(size, bool), np.ones(size, np.float32)
    y, x = np.indices(mask[window].shape, np.float32) + np.float32([[[top]], [[left]]])
    angle = np.deg2rad(degrees)
    dx, dy = x - centre[0], y - centre[1]
    along = dx * np.cos(angle) + dy * np.sin(angle)
    across = -dx * np.sin(angle) + dy * np.cos(angle)
    outside = np.hypot(np.maximum(np.abs(along) - length / 2 + width / 2, 0), across) - width / 2
    edge = np.clip(0.5 - outside / 2, 0, 1)
    bands = 0.42 + 0.22 * np.sin(along / width * 2.6 + centre[0]) * np.sin(along / 5.3 + 1)
    mask[window] = outside <= 0
    through[window] = 1 - edge * (1 - np.clip(bands, 0.2, 0.8))
    return mask, through


def as_object(
    object_id: str, kind: ObjectKind, mask: NDArray[np.bool_], score: float = 0.97
) -> SeparatedObject:
    """An object of a mask (H, W) over the whole picture."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    x, y = int(columns[0]), int(rows[0])
    tight = mask[y : rows[-1] + 1, x : columns[-1] + 1]
    box = (x, y, tight.shape[1], tight.shape[0])
    return SeparatedObject(object_id, kind, tight, (x, y), box, score)


@cache
def generated_metaphase(
    count: int = 46, seed: int = 4, size: tuple[int, int] = (HEIGHT, WIDTH)
) -> tuple[Grey, tuple[SeparatedObject, ...]]:
    """The picture (H, W) uint8 and its objects: the first two rods cross, the third is doubtful."""
    rng = np.random.default_rng(seed)
    scale = size[0] / HEIGHT
    light = np.ones(size, np.float32)
    objects: list[SeparatedObject] = []
    columns = int(np.ceil(np.sqrt(count * size[1] / size[0])))
    rows = int(np.ceil(count / columns))
    for index in range(count):
        row, column = divmod(index, columns)
        x = size[1] * (0.09 + 0.82 * (column + 0.5) / columns) + rng.normal(0, 5) * scale
        y = size[0] * (0.09 + 0.78 * (row + 0.5) / rows) + rng.normal(0, 5) * scale
        length = scale * (64 - 46 * (index / max(1, count - 1)) ** 0.7)
        turn = float(rng.uniform(0, 180))
        if index < 2:
            x, y, turn = 130 * scale, 80 * scale, (40.0, 125.0)[index]
        mask, through = rod(size, (x, y), length, 11 * scale, turn)
        light *= through
        score = 0.31 if index == 2 else float(rng.uniform(0.8, 0.99))
        objects.append(as_object(f"c{index + 1:02d}", ObjectKind.CHROMOSOME, mask, score))
    yy, xx = np.mgrid[0 : size[0], 0 : size[1]]
    nucleus = np.hypot(xx - 0.9 * size[1], yy - 0.86 * size[0]) < 42 * scale
    dirt = np.hypot(xx - 0.06 * size[1], yy - 0.55 * size[0]) < 6 * scale
    cut, through = rod(size, (0.45 * size[1], size[0] - 2), 70 * scale, 11 * scale, 80.0)
    light *= np.where(nucleus, 0.5, 1) * np.where(dirt, 0.25, 1) * through
    objects.append(as_object("n01", ObjectKind.NUCLEUS, nucleus))
    objects.append(as_object("d01", ObjectKind.DEBRIS, dirt))
    objects.append(as_object("e01", ObjectKind.EDGE, cut))
    lamp = 226 - 26 * ((xx / size[1] - 0.4) ** 2 + (yy / size[0] - 0.5) ** 2)
    grey = cv2.GaussianBlur(light, (0, 0), 0.8 * scale) * lamp + rng.normal(0, 2.2, size)
    return np.clip(grey, 0, 255).astype(np.uint8), tuple(objects)


def types_in_order(count: int = 46) -> list[str]:
    """The types of the generated rods, long ones first: two of each and X, Y."""
    pairs = [str(1 + i // 2) for i in range(44)]
    return [*pairs, "X", "Y"][:count]
