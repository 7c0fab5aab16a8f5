"""From an object of a metaphase to the upright cut-out on white that the classifier wants."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from model.segmentation.base import GreyImage, Mask
from model.segmentation.cut_out import BACKGROUND, tight, tilt_of, turned
from model.vocabulary.results import CutOut

MARGIN: int = 2
"""Pixels kept white around the object while it is turned."""


def crop_of(flattened: GreyImage, mask: Mask, origin: tuple[int, int], turn: float = 0.0) -> CutOut:
    """Cut an object out of a picture (H, W) evened out, set it upright along its principal axis.

    `mask` (h, w) lies with its top left pixel at `origin` (x, y). What is not in the mask becomes
    white, but for the soft edge of one pixel. `turn` (degrees, counter-clockwise) is added to the
    angle found: a person's fine rotation.
    """
    x, y = origin
    h, w = mask.shape
    part = flattened[y : y + h, x : x + w]
    near = cv2.dilate(np.pad(mask.view(np.uint8), MARGIN), np.ones((3, 3), np.uint8)).astype(bool)
    grey = np.pad(part, MARGIN, constant_values=BACKGROUND)
    grey = np.where(near, grey, BACKGROUND).astype(np.uint8)
    solid = np.pad(mask, MARGIN)
    tilt = tilt_of(solid)
    upright = _turned(grey, solid, tilt)
    return upright if not turn else replace(_turned(grey, solid, tilt + turn), unturned=upright)


def _turned(grey: GreyImage, solid: Mask, angle: float) -> CutOut:
    if angle:
        upright, inside = turned(grey, solid, angle)
        if inside.any():
            return CutOut(*tight(upright, inside), angle)
    return CutOut(*tight(grey, solid), 0.0)
