"""From one picture of one chromosome to an upright crop on white: the first step for everything."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from model.vocabulary.errors import ModelError
from model.vocabulary.results import CutOut

GreyImage = NDArray[np.uint8]
Mask = NDArray[np.bool_]

BACKGROUND: int = 255
CLEAN_NOISE: float = 2.0
"""Spread of the border in grey levels up to which a background counts as already removed."""
CLEAN_DEPTH: int = 6
"""Grey levels below a clean background from which a pixel belongs to the chromosome."""
LEAST_AREA: int = 4
"""Pixels below which there is no chromosome."""
LEAST_PART: float = 0.05
"""Parts smaller than this share of the largest one are dirt."""
LEAST_ELONGATION: float = 1.35
"""Below it the principal axis of a small chromosome says nothing about its tilt."""
LEAST_TILT: float = 12.0
"""Degrees up to which a chromosome counts as upright and is not resampled."""

NOTHING_SEEN: str = "No chromosome can be seen in the picture."


def cut_out(picture: GreyImage) -> CutOut:
    """Free a chromosome of its background and set it upright along its principal axis.

    `picture` is (h, w) uint8, dark on light or light on dark. Which arm is up stays open (that
    is the polarity). ModelError when no chromosome can be seen.
    """
    if not picture.size:
        raise ModelError(NOTHING_SEEN)
    grey = dark_on_white(picture)
    mask = chromosome_mask(grey)
    if int(mask.sum()) < LEAST_AREA:
        raise ModelError(NOTHING_SEEN)
    tilt = tilt_of(mask)
    if tilt:
        upright, solid = turned(grey, mask, tilt)
        if int(solid.sum()) < LEAST_AREA:  # a hairline, lost in the resampling: left as it is
            tilt = 0.0
        else:
            grey, mask = upright, solid
    near = cv2.dilate(mask.view(np.uint8), np.ones((3, 3), np.uint8)).view(np.bool_)
    crop, inside = tight(np.where(near, grey, BACKGROUND).astype(np.uint8), mask)
    return CutOut(crop, inside, tilt)


def dark_on_white(picture: GreyImage) -> GreyImage:
    """The same picture with its background at 255, inverted when it is light on dark."""
    border = _border(picture)
    level = _background_level(border)
    if float(np.mean(picture)) > level and level < 128:
        picture = (BACKGROUND - picture).astype(np.uint8)
        level = BACKGROUND - level
    lifted: GreyImage = np.minimum(picture.astype(np.int16) + (BACKGROUND - level), 255)
    return lifted.astype(np.uint8)


def chromosome_mask(grey: GreyImage) -> Mask:
    """(h, w) bool: the chromosome in a picture whose background is 255; holes are filled."""
    border = _border(grey).astype(np.float64)
    noise = float(np.std(border[border > BACKGROUND - 30])) if (border > 225).any() else 0.0
    if noise <= CLEAN_NOISE:
        dark = grey < BACKGROUND - CLEAN_DEPTH
    else:
        level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
        dark = grey < (level + BACKGROUND) / 2
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark.astype(np.uint8))
    if count < 2:
        return np.zeros_like(dark)
    areas = stats[1:, cv2.CC_STAT_AREA]
    kept = 1 + np.flatnonzero(areas >= max(2.0, LEAST_PART * areas.max()))
    solid = np.isin(labels, kept).astype(np.uint8)
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(solid, contours, -1, 1, cv2.FILLED)
    return solid.astype(np.bool_)


def tilt_of(mask: Mask) -> float:
    """Degrees (counter-clockwise) by which to turn so that the principal axis stands upright.

    0 for what is upright already, and for objects too round to have an axis.
    """
    values, vectors = _axes(mask)
    if _ratio(values) < LEAST_ELONGATION:
        return 0.0
    dx, dy = vectors[:, 1]
    if dy > 0:  # let the axis point upwards in the picture
        dx, dy = -dx, -dy
    lean = math.degrees(math.atan2(dx, -dy))  # clockwise from upright, -90 … 90
    return float(lean) if abs(lean) > LEAST_TILT else 0.0


def elongation(mask: Mask) -> float:
    """How much longer a chromosome is than broad, by the spreads along its axes; at least 1."""
    return max(1.0, _ratio(_axes(mask)[0]))


def _axes(mask: Mask) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variances (2,) along the axes of a mask, the greater last, and the axes as columns."""
    y, x = np.nonzero(mask)
    values, vectors = np.linalg.eigh(np.cov(np.stack([x, y]).astype(np.float64)))
    return values, vectors


def _ratio(variances: NDArray[np.float64]) -> float:
    return math.sqrt(variances[1] / max(variances[0], 1e-9)) if variances[1] > 0 else 0.0


def turned(grey: GreyImage, mask: Mask, degrees: float) -> tuple[GreyImage, Mask]:
    """Picture and mask (h, w) turned counter-clockwise into a larger square, white around."""
    height, width = grey.shape
    reach = math.ceil(math.hypot(height, width)) + 2
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    turn[:, 2] += (reach - width) / 2, (reach - height) / 2
    upright = cv2.warpAffine(
        grey, turn, (reach, reach), flags=cv2.INTER_CUBIC, borderValue=BACKGROUND
    )
    solid = cv2.warpAffine(mask.astype(np.uint8) * 255, turn, (reach, reach), borderValue=0)
    return upright.astype(np.uint8), solid > 127


def tight(grey: GreyImage, mask: Mask) -> tuple[GreyImage, Mask]:
    """Both cut down to the mask's own box; the mask must not be empty."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.ascontiguousarray(grey[box]), np.ascontiguousarray(mask[box])


def _border(picture: GreyImage) -> GreyImage:
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def _background_level(border: GreyImage) -> int:
    """The commonest grey level of the border, in bins of eight; its upper edge when near white."""
    counts = np.bincount(border // 8, minlength=32)
    inside = border[border // 8 == counts.argmax()]
    return int(np.median(inside))
