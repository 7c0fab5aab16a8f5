"""Enhancing a whole metaphase picture by a recorded recipe: pure functions over grey arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from karyogui.domain.recipe import Recipe

Grey = NDArray[np.uint8]

_SMALL_SIDE = 192
"""Pixels of the longer side at which the background is estimated: it has no fine detail."""
_ROUNDS = 6
_ADDITIVE_BELOW = 96.0
"""Background grey level below which light is taken to add up (fluorescence), not to be absorbed."""
_NOISE_LEVELS = 48.0
"""Grey levels of difference that the strongest noise reduction takes for noise."""
_SHARPEST = 1.6
_EXACT = 2**24
_SHARPENING_SIGMA = 1.5


def enhance(pixels: Grey, recipe: Recipe) -> Grey:
    """A new picture (H, W) uint8: `pixels` after the recipe's steps; the identity copies."""
    picture = np.subtract(255, pixels, dtype=np.uint8) if recipe.inverted else pixels.copy()
    if recipe.flatten:
        picture = flatten(picture)
    if recipe.denoise:
        picture = _reduce_noise(picture, recipe.denoise)
    picture = _map_levels(picture, recipe)
    if recipe.unsharp:
        picture = _sharpen(picture, recipe.unsharp)
    return picture


def flatten(pixels: Grey) -> Grey:
    """Even out the background (H, W) uint8 without changing its median level.

    The background is a cubic surface through everything that is neither darker nor lighter than
    it. Transmitted light is a ratio, so the picture is divided by it; on a dark background, as in
    fluorescence, it is subtracted.
    """
    background = background_of(pixels)
    level = float(np.median(background))
    grey = pixels.astype(np.float32)
    if level < _ADDITIVE_BELOW:
        even = grey - background + level
    else:
        even = grey / np.maximum(background, 1.0) * level
    return np.asarray(np.clip(np.rint(even), 0, 255), np.uint8)


def histogram(pixels: Grey) -> NDArray[np.int64]:
    """How many pixels of an (H, W) picture have each of the 256 grey levels."""
    import cv2

    counts = np.zeros(256, np.int64)
    # OpenCV is several times as fast as numpy, but its counts are float32: exact up to 2²⁴.
    rows = max(1, _EXACT // max(1, pixels.shape[1]))
    for top in range(0, pixels.shape[0], rows):
        part = cv2.calcHist([pixels[top : top + rows]], [0], None, [256], [0, 256])
        counts += part.ravel().astype(np.int64)
    return counts


def background_of(pixels: Grey) -> NDArray[np.float32]:
    """(H, W) float32: a cubic surface through the background."""
    import cv2

    height, width = pixels.shape
    factor = min(1.0, _SMALL_SIDE / max(height, width))
    shape = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(pixels, shape, interpolation=cv2.INTER_AREA).astype(np.float64)
    terms = _cubic_terms(small.shape[0], small.shape[1])
    values, inside = small.ravel(), np.ones(small.size, bool)
    # Begun at the commonest grey level: the background covers most of a metaphase.
    level = float(np.argmax(np.convolve(histogram(small.astype(np.uint8)), np.ones(9), "same")))
    surface, spread = np.full_like(values, level), 48.0
    for _ in range(_ROUNDS):
        inside = np.abs(values - surface) <= spread
        if inside.sum() < 4 * terms.shape[1]:
            return np.full(pixels.shape, level, np.float32)
        weights, *_ = np.linalg.lstsq(terms[inside], values[inside], rcond=None)
        surface = terms @ weights
        spread = max(3.0, 2.5 * 1.4826 * float(np.median(np.abs(values - surface)[inside])))
    grown = cv2.resize(
        surface.reshape(small.shape).astype(np.float32),
        (width, height),
        interpolation=cv2.INTER_LINEAR,
    )
    return np.asarray(np.clip(grown, 1, 255), np.float32)


def _cubic_terms(height: int, width: int) -> NDArray[np.float64]:
    """(height · width, 10): the products of x and y up to the third degree, both −1 … 1."""
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    return np.stack(
        [(x**i * y**j).ravel() for i in range(4) for j in range(4) if i + j <= 3], axis=1
    )


def _reduce_noise(pixels: Grey, strength: float) -> Grey:
    """Average neighbours of like grey level, so that the edges of bands stay."""
    import cv2

    return np.asarray(cv2.bilateralFilter(pixels, 5, _NOISE_LEVELS * strength, 2.0), np.uint8)


def _map_levels(pixels: Grey, recipe: Recipe) -> Grey:
    """Contrast and gamma: each grey level becomes another one."""
    if (recipe.contrast_low, recipe.contrast_high, recipe.gamma) == (0.0, 100.0, 1.0):
        return pixels
    low, high = 0.0, 255.0
    if (recipe.contrast_low, recipe.contrast_high) != (0.0, 100.0):
        low, high = np.percentile(pixels, [recipe.contrast_low, recipe.contrast_high])
    return np.take(level_table(low, high, recipe.gamma), pixels)


def level_table(low: float, high: float, gamma: float) -> NDArray[np.uint8]:
    """(256,) uint8: `low` and below becomes 0, `high` and above 255, bent by `gamma` between."""
    levels = (np.arange(256) - low) / max(high - low, 1.0)
    return np.asarray(np.rint(255 * np.clip(levels, 0, 1) ** gamma), np.uint8)


def _sharpen(pixels: Grey, strength: float) -> Grey:
    """Unsharp mask: what a blur takes away is added."""
    import cv2

    grey = pixels.astype(np.float32)
    blurred = cv2.GaussianBlur(grey, (0, 0), _SHARPENING_SIGMA)
    sharp = grey + _SHARPEST * strength * (grey - blurred)
    return np.clip(np.rint(sharp), 0, 255).astype(np.uint8)
