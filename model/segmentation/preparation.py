"""A raw metaphase evened out: dark chromosomes on a white background, and what is dark in it."""

from __future__ import annotations

import cv2
import numpy as np

from model.segmentation.base import NO_CHROMOSOME, GreyImage, Mask
from model.vocabulary.errors import ModelError

BACKGROUND: int = 255
SMALL_SIDE: int = 256
"""Pixels of the longer side at which the background is estimated."""
NUCLEUS_RADIUS: float = 1.5
"""Chromosome widths; what holds so large a disc is a nucleus or a clump."""
LEAST_DEPTH: float = 12.0
"""Grey levels between background and chromosomes below which nothing is to be seen."""
THRESHOLD: float = 0.75
"""Share of Otsu's depth from which a pixel is dark: the pale ends of arms count."""


def flatten(picture: GreyImage) -> GreyImage:
    """Even out the background of a picture (H, W) uint8 and bring it to 255, dark on light.

    What is light on dark is inverted. The picture is divided by its background (transmission is a
    ratio), found by a wide median of all pixels that are not dark.
    """
    grey = upright_contrast(picture).astype(np.float32)
    light = _background(grey)
    even = np.clip(grey / np.maximum(light, 1.0) * BACKGROUND, 0, BACKGROUND)
    return np.asarray(even, np.uint8)


def upright_contrast(picture: GreyImage) -> GreyImage:
    """The picture dark on light: inverted when its commonest grey level is dark."""
    counts = np.bincount(picture.ravel() // 8, minlength=32).astype(np.float64)
    level = int((np.convolve(counts, np.ones(3), "same")).argmax()) * 8 + 4
    median = float(np.median(picture))
    dark = level < float(picture.mean()) - 2 or (level < 96 and median < 128)
    return (BACKGROUND - picture).astype(np.uint8) if dark and level < 128 else picture


def _background(grey: np.ndarray) -> np.ndarray:
    """(H, W) float32: the light that fell through the empty slide."""
    height, width = grey.shape
    factor = min(1.0, SMALL_SIDE / max(height, width))
    shape = (max(8, round(width * factor)), max(8, round(height * factor)))
    small = cv2.resize(grey, shape, interpolation=cv2.INTER_AREA)
    level = _surface(small)
    near = np.abs(small - level) < np.maximum(18.0, 0.12 * level)
    weight = near.astype(np.float32)
    reach = 0.12 * max(shape)
    filled = np.where(near, small, 0).astype(np.float32)
    total = cv2.GaussianBlur(filled, (0, 0), reach) + 0.01 * level
    share = cv2.GaussianBlur(weight, (0, 0), reach) + 0.01
    smooth = (total / share).astype(np.float32)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR))


def _surface(small: np.ndarray) -> np.ndarray:
    """(h, w) float32: a parabola through the lightest commonest pixels.

    So a slope of the light is not taken for stain.
    """
    h, w = small.shape
    y, x = np.mgrid[0:h, 0:w]
    x, y = (x / w - 0.5).ravel(), (y / h - 0.5).ravel()
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    values = small.ravel().astype(np.float64)
    level = np.full(len(values), np.percentile(values, 85))
    for reach in (60.0, 30.0, 18.0, 18.0):
        near = np.abs(values - level) < reach
        if near.mean() < 0.05:
            break
        level = terms @ np.linalg.lstsq(terms[near], values[near], rcond=None)[0]
    return np.clip(level, 1.0, None).reshape(h, w).astype(np.float32)


def threshold_mask(flattened: GreyImage) -> Mask:
    """(H, W) bool: what is dark in an evened-out picture: chromosomes, nuclei and dirt alike.

    ModelError when nothing is.
    """
    smooth = cv2.GaussianBlur(flattened, (0, 0), 0.7)
    otsu, _ = cv2.threshold(smooth, 0, BACKGROUND, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = smooth < BACKGROUND - THRESHOLD * (BACKGROUND - otsu)
    if BACKGROUND - float(otsu) < LEAST_DEPTH or not dark.any():
        raise ModelError(NO_CHROMOSOME)
    return dark


def without_nuclei(flattened: GreyImage, dark: Mask, width: float) -> Mask:
    """(H, W) bool: what is dark when nuclei do not count in finding the threshold.

    A dark nucleus beside pale chromosomes would set the threshold between the two. Everything in
    `dark` stays dark.
    """
    distance = cv2.distanceTransform(dark.astype(np.uint8), cv2.DIST_L2, 3)
    core = (distance > NUCLEUS_RADIUS * width).astype(np.uint8)
    if not core.any():
        return dark
    reach = round(2 * NUCLEUS_RADIUS * width) + 1
    nucleus = cv2.dilate(core, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2))
    smooth = cv2.GaussianBlur(flattened, (0, 0), 0.7)
    outside = smooth[nucleus == 0]
    if not outside.size:
        return dark
    otsu, _ = cv2.threshold(
        outside.reshape(1, -1), 0, BACKGROUND, cv2.THRESH_BINARY + cv2.THRESH_OTSU
    )
    if BACKGROUND - float(otsu) < LEAST_DEPTH:
        return dark
    paler = (smooth < BACKGROUND - THRESHOLD * (BACKGROUND - otsu)) & (nucleus == 0)
    return np.asarray(dark | paler)


def estimate_width(dark: Mask) -> float:
    """Median width (pixels) of the elongated dark objects, from the ridges of their distance map.

    0 when there is no such object.
    """
    solid = dark.astype(np.uint8)
    distance = cv2.distanceTransform(solid, cv2.DIST_L2, 5)
    ridge = (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8))) & (distance >= 1.5)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    widths = []
    for i in range(1, count):
        x, y, w, h, area = stats[i]
        if area < 40:
            continue
        inside = labels[y : y + h, x : x + w] == i
        own = distance[y : y + h, x : x + w][inside & ridge[y : y + h, x : x + w]]
        if not len(own):
            continue
        width = 2 * float(np.median(own))
        length = area / max(width, 1.0)
        if length > 1.5 * width and distance[y : y + h, x : x + w][inside].max() < 1.6 * width:
            widths += [width] * min(8, max(1, round(length / (2 * width))))
    return float(np.median(widths)) if widths else 0.0


def depth_image(flattened: GreyImage, dark: Mask) -> np.ndarray:
    """(H, W) float32: depth of stain, 0 on the background, 1 at the median of what is dark."""
    depth = (BACKGROUND - flattened.astype(np.float32)) / BACKGROUND
    usual = float(np.median(depth[dark])) if dark.any() else 1.0
    return np.minimum(depth / max(usual, 0.02), 3.0).astype(np.float32)
