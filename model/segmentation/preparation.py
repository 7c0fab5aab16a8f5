"""What is dark in a metaphase that was evened out (`model.light.flatten`)."""

from __future__ import annotations

import cv2
import numpy as np

from model.light import BACKGROUND
from model.segmentation.base import NO_CHROMOSOME, GreyImage, Mask
from model.vocabulary.errors import ModelError

NUCLEUS_RADIUS: float = 1.5
"""Chromosome widths; what holds so large a disc is a nucleus or a clump."""
LEAST_DEPTH: float = 12.0
"""Grey levels between background and chromosomes below which nothing is to be seen."""
THRESHOLD: float = 0.75
"""Share of Otsu's depth from which a pixel is dark: the pale ends of arms count."""


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

    0 when there is no such object, and when all is dark: then nothing has an edge.
    """
    if dark.all():
        return 0.0
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
