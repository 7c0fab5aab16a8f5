"""What is dark in a picture and no chromosome: named and kept, never hidden."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from model.segmentation.base import Instance, Mask
from model.vocabulary.kinds import ObjectKind

LEAST_AREA: float = 0.08
"""Squared chromosome widths below which a dark speck is noise."""
NUCLEUS_AREA: float = 12.0
"""Squared chromosome widths from which a thick part is a nucleus."""
NUCLEUS_RADIUS: float = 1.2
"""Chromosome widths: the disc that fits into it."""


def rest_of(dark: Mask, found: Sequence[Instance], width: float) -> list[Instance]:
    """Dark parts (H, W) that belong to no found object: nuclei, debris, what the border cuts."""
    rest = dark.copy()
    for instance in found:
        x, y = instance.origin
        h, w = instance.mask.shape
        grown = cv2.dilate(instance.mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        rest[y : y + h, x : x + w] &= ~grown
    count, labels, stats, _ = cv2.connectedComponentsWithStats(rest.astype(np.uint8))
    objects = []
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        if area < LEAST_AREA * width**2:
            continue
        mask = np.ascontiguousarray(labels[y : y + h, x : x + w] == i)
        objects.append(Instance(mask, (x, y), _kind(mask, (x, y), dark.shape, width), 0.5,
                                (x, y, w, h)))  # fmt: skip
    return objects


def _kind(mask: Mask, origin: tuple[int, int], shape: tuple[int, ...], width: float) -> ObjectKind:
    padded = np.pad(mask.astype(np.uint8), 1)
    radius = float(cv2.distanceTransform(padded, cv2.DIST_L2, 3).max())
    if mask.sum() > NUCLEUS_AREA * width**2 and radius > NUCLEUS_RADIUS * width:
        return ObjectKind.NUCLEUS
    (x, y), (h, w) = origin, mask.shape
    at_border = x <= 0 or y <= 0 or x + w >= shape[1] or y + h >= shape[0]
    return ObjectKind.EDGE if at_border and mask.sum() > width**2 else ObjectKind.DEBRIS
