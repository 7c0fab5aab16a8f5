"""Augmentation of canvases during training (III-B, and what small data needs beyond it)."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model.vocabulary.training import Augmentation

GreyImage = NDArray[np.uint8]

BACKGROUND: int = 255


def augment(
    canvas: GreyImage, polarity: int, rng: Generator, strength: Augmentation
) -> tuple[GreyImage, int]:
    """One random view of a canvas (H, W) and its polarity label; a vertical flip changes it."""
    if strength.rotation or strength.bend or strength.stretch:
        canvas = _warp(canvas, rng, strength)
    if strength.erase and rng.random() < strength.erase:
        canvas = _erase(canvas, rng)
    if strength.gamma or strength.contrast or strength.blur or strength.noise:
        canvas = _grey_levels(canvas, rng, strength)
    if rng.random() < 0.5:
        canvas = canvas[:, ::-1]
    if rng.random() < 0.5:
        canvas, polarity = canvas[::-1], 1 - polarity
    return np.ascontiguousarray(canvas), polarity


def _warp(canvas: GreyImage, rng: Generator, strength: Augmentation) -> GreyImage:
    """Rotation, stretching and bending of the long axis in one resampling, about the middle."""
    height, width = canvas.shape
    y, x = _from_middle(height, width)
    angle = np.deg2rad(rng.uniform(-strength.rotation, strength.rotation))
    cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    stretch_x, stretch_y = np.exp(-strength.stretch * rng.standard_normal(2)).astype(np.float32)
    from_x = (cosine * x + sine * y) * stretch_x
    from_y = (cosine * y - sine * x) * stretch_y
    along = from_y / np.float32(height / 2)
    bow, sway = (strength.bend * height * rng.standard_normal(2)).astype(np.float32)
    inside = np.flatnonzero((canvas < BACKGROUND - 6).any(axis=1))
    reach = np.float32((inside[-1] - inside[0] + 1) / height if len(inside) else 1.0)
    squared = along * along
    from_x += bow * (squared - reach**2 / 3) + sway * along * (squared - reach**2)
    middle_x, middle_y = np.float32((width - 1) / 2), np.float32((height - 1) / 2)
    warped = cv2.remap(
        canvas, from_x + middle_x, from_y + middle_y, cv2.INTER_LINEAR, borderValue=BACKGROUND
    )
    return warped.astype(np.uint8)


@cache
def _from_middle(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    y, x = np.meshgrid(
        np.arange(height, dtype=np.float32) - (height - 1) / 2,
        np.arange(width, dtype=np.float32) - (width - 1) / 2,
        indexing="ij",
    )
    return y.astype(np.float32), x.astype(np.float32)


def _grey_levels(canvas: GreyImage, rng: Generator, strength: Augmentation) -> GreyImage:
    """Gamma, contrast, blur and noise on the darkness; the background stays 255."""
    rows = np.flatnonzero((canvas < BACKGROUND).any(axis=1))
    if not len(rows):
        return canvas
    top, bottom = max(0, rows[0] - 3), rows[-1] + 4
    depth = (BACKGROUND - canvas[top:bottom]).astype(np.float32)
    inside = depth > 0
    deepest = float(depth.max())
    gamma = np.exp(strength.gamma * rng.standard_normal())
    gain = np.exp(strength.contrast * rng.standard_normal())
    depth[inside] = deepest * gain * (depth[inside] / deepest) ** np.float32(gamma)
    if rng.random() < strength.blur:
        depth = cv2.GaussianBlur(depth, (0, 0), float(rng.uniform(0.4, 1.0))).astype(np.float32)
    if strength.noise:
        deviation = np.float32(rng.uniform(0, strength.noise))
        depth[inside] += deviation * rng.standard_normal(int(inside.sum()), dtype=np.float32)
    changed = canvas.copy()
    changed[top:bottom] = BACKGROUND - np.clip(depth, 0, 255)
    return changed


def _erase(canvas: GreyImage, rng: Generator) -> GreyImage:
    """A patch at the outline as left by a neighbour: cut away (white) or lying over it (dark)."""
    rows, columns = np.nonzero(canvas < BACKGROUND - 6)
    if not len(rows):
        return canvas
    at = int(rng.integers(len(rows)))
    size = rng.uniform(0.06, 0.22, 2) * (rows[-1] - rows[0] + 1) + 2
    top, left = int(rows[at] - size[0] / 2), int(columns[at] - size[1] / 2)
    box = np.s_[max(0, top) : top + int(size[0]), max(0, left) : left + int(size[1])]
    level = BACKGROUND if rng.random() < 0.6 else int(rng.integers(20, 120))
    erased = canvas.copy()
    erased[box] = level
    return erased
