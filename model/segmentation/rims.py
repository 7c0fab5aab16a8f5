"""The pale rim of chromosomes: the optics blur their borders, and outlines are drawn around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from model.light import BACKGROUND
from model.segmentation.base import GreyImage, Instance

RIM: float = 0.4
"""Share of an object's own depth nearby from which a pixel at its border still belongs to it; by
23 fields with drawn outlines among those trained on. A pale arm has a paler rim than a dark one."""
REACH: float = 0.15
"""Chromosome widths that the rim reaches at most."""
NEARBY: float = 0.5
"""Chromosome widths: standard deviation of the window in which the depth is averaged."""


def with_rims(found: Sequence[Instance], flattened: GreyImage, width: float) -> list[Instance]:
    """The objects grown into what is pale beside them and belongs to nobody else."""
    smooth = cv2.GaussianBlur(flattened, (0, 0), 0.7)
    depth = (BACKGROUND - smooth).astype(np.float32)
    owned = np.zeros(flattened.shape, np.uint8)
    for o in found:
        (x, y), (h, w) = o.origin, o.mask.shape
        owned[y : y + h, x : x + w] |= o.mask.astype(np.uint8)
    reach = max(1, round(REACH * width))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return [_grown(o, depth, owned == 0, kernel, NEARBY * width) for o in found]


def _grown(
    o: Instance, depth: NDArray[np.float32], free: np.ndarray, kernel: np.ndarray, sigma: float
) -> Instance:
    height, width = free.shape
    (x, y), (h, w), reach = o.origin, o.mask.shape, len(kernel) // 2
    left, top = min(reach, x), min(reach, y)
    right, bottom = min(reach, width - x - w), min(reach, height - y - h)
    mask = np.pad(o.mask, ((top, bottom), (left, right)))
    part = np.s_[y - top : y + h + bottom, x - left : x + w + right]
    near = cv2.dilate(mask.astype(np.uint8), kernel) > 0
    mask |= near & free[part] & (depth[part] >= RIM * _own_depth(depth[part], mask, sigma))
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    tight = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    origin = (x - left + int(columns[0]), y - top + int(rows[0]))
    return replace(o, mask=np.ascontiguousarray(tight), origin=origin)


def _own_depth(depth: NDArray[np.float32], mask: np.ndarray, sigma: float) -> NDArray[np.float32]:
    """(h, w): mean depth of the object's own pixels around each pixel."""
    own = mask.astype(np.float32)
    total = cv2.GaussianBlur(depth * own, (0, 0), sigma)
    return np.asarray(total / np.maximum(cv2.GaussianBlur(own, (0, 0), sigma), 1e-3))
