"""Straight cut-outs bent along an arc, as chromosomes lie on a slide."""

from __future__ import annotations

import math

import cv2
import numpy as np

from model.segmentation.base import GreyImage, Mask

MOST_BEND: float = 150.0
"""Degrees between the two ends."""


def bend(grey: GreyImage, mask: Mask, rng: np.random.Generator) -> tuple[GreyImage, Mask]:
    """Bend an upright cut-out (h, w) on white by a random angle; most bend little."""
    degrees = MOST_BEND * float(rng.beta(1.2, 3.0)) * (1 if rng.random() < 0.5 else -1)
    return bent(grey, mask, degrees)


def bent(grey: GreyImage, mask: Mask, degrees: float) -> tuple[GreyImage, Mask]:
    """An upright cut-out and its mask (h, w), bent along an arc; its axis keeps its length.

    The ends of the arc differ by `degrees`; a cut-out that is too short for it stays as it is.
    """
    h, w = mask.shape
    angle = math.radians(degrees)
    if abs(angle) < 0.05 or h < 2 * w:
        return grey, mask
    radius = h / abs(angle)
    if radius < w:  # the inner side would fold
        radius = float(w)
    reach = math.ceil(h + w) + 2
    y, x = np.mgrid[0:reach, 0:reach].astype(np.float32)
    # The arc's middle lies at the picture's middle, its centre to the right of it.
    u, v = x - (reach / 2 + radius), y - reach / 2
    distance = np.hypot(u, v)
    along = np.arctan2(v, -u) * radius
    source_x = (radius - distance + w / 2).astype(np.float32)
    source_y = (along + h / 2).astype(np.float32)
    if angle < 0:
        source_x = w - source_x
    linear, white = cv2.INTER_LINEAR, 255
    curved = cv2.remap(grey, source_x, source_y, linear, borderValue=white)
    solid = cv2.remap(mask.astype(np.uint8) * 255, source_x, source_y, linear, borderValue=0)
    return np.asarray(curved, np.uint8), np.asarray(solid > 127)
