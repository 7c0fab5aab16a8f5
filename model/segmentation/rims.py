"""The pale rim of chromosomes: the optics blur their borders, and outlines are drawn around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from model.segmentation.base import GreyImage, Instance
from model.segmentation.preparation import BACKGROUND

RIM: float = 0.5
"""Share of Otsu's depth from which a pixel at the border still belongs to a chromosome; by 8
fields with drawn outlines among those trained on."""
REACH: float = 0.15
"""Chromosome widths that the rim reaches at most."""


def with_rims(found: Sequence[Instance], flattened: GreyImage, width: float) -> list[Instance]:
    """The objects grown into what is pale beside them and belongs to nobody else."""
    smooth = cv2.GaussianBlur(flattened, (0, 0), 0.7)
    otsu, _ = cv2.threshold(smooth, 0, BACKGROUND, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    pale = smooth < BACKGROUND - RIM * (BACKGROUND - otsu)
    owned = np.zeros(flattened.shape, np.uint8)
    for o in found:
        (x, y), (h, w) = o.origin, o.mask.shape
        owned[y : y + h, x : x + w] |= o.mask.astype(np.uint8)
    reach = max(1, round(REACH * width))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return [_grown(o, pale & (owned == 0), kernel, reach) for o in found]


def _grown(o: Instance, free: np.ndarray, kernel: np.ndarray, reach: int) -> Instance:
    height, width = free.shape
    (x, y), (h, w) = o.origin, o.mask.shape
    left, top = min(reach, x), min(reach, y)
    right, bottom = min(reach, width - x - w), min(reach, height - y - h)
    mask = np.pad(o.mask, ((top, bottom), (left, right)))
    part = free[y - top : y + h + bottom, x - left : x + w + right]
    near = cv2.dilate(mask.astype(np.uint8), kernel) > 0
    mask |= near & part
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    tight = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    origin = (x - left + int(columns[0]), y - top + int(rows[0]))
    return replace(o, mask=np.ascontiguousarray(tight), origin=origin)
