"""How the same chromosomes look on other days and in other laboratories.

A cell's chromosomes are fat and short or long and thin together, their chromatids open together,
their bands faint together; stain, exposure, focus and light are those of the whole picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from model.segmentation.base import GreyImage, Mask

Floats = NDArray[np.float32]

SHORTEST, LONGEST = 0.6, 1.15
"""Of a cell's chromosomes: their length against what it was."""
WIDEST_GAP: float = 0.45
"""Between open chromatids, of a chromosome's width."""


@dataclass(frozen=True)
class Day:
    """What befell all chromosomes of a cell: length, gap of the chromatids, contrast of the bands.

    As they are: 1, 0, 1.
    """

    length: float = 1.0
    gap: float = 0.0
    contrast: float = 1.0

    @classmethod
    def any(cls, rng: np.random.Generator) -> Day:
        """A random one; about half are as every day."""
        length = float(rng.uniform(SHORTEST, LONGEST)) if rng.random() < 0.4 else 1.0
        gap = float(rng.uniform(0.1, WIDEST_GAP)) if rng.random() < 0.25 else 0.0
        contrast = float(rng.uniform(0.0, 1.0)) if rng.random() < 0.25 else 1.0
        return cls(length, gap, contrast)

    def of(self, grey: GreyImage, mask: Mask, rng: np.random.Generator) -> tuple[GreyImage, Mask]:
        """An upright cut-out (h, w) on 255 as it looks on this day."""
        if self.contrast < 1 and mask.any():
            middle = float(grey[mask].mean())
            faint = middle + self.contrast * (grey[mask].astype(np.float32) - middle)
            grey = grey.copy()
            grey[mask] = faint.astype(np.uint8)
        if self.gap:
            grey, mask = opened(grey, mask, self.gap, rng)
        if self.length != 1.0:
            size = (mask.shape[1], max(4, round(mask.shape[0] * self.length)))
            grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
            solid = cv2.resize(mask.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
            mask = np.asarray(solid > 127)
        return grey, mask


def opened(
    grey: GreyImage, mask: Mask, gap: float, rng: np.random.Generator
) -> tuple[GreyImage, Mask]:
    """The two chromatids of an upright cut-out (h, w) pulled apart along its axis → (h, w').

    `gap` is the widest distance between them, as a share of its width; at the centromere, a place
    near the middle, they hold together. The gap belongs to the chromosome's mask.
    """
    h, w = mask.shape
    rows = np.arange(h, dtype=np.float32)
    widths = mask.sum(1)
    usual = float(np.median(widths[widths > 0])) if mask.any() else 1.0
    centromere = rng.uniform(0.1, 0.6) * h
    apart = gap * usual * np.clip(np.abs(rows - centromere) / max(0.6 * usual, 1.0), 0, 1)
    first, last = mask.argmax(1), w - 1 - mask[:, ::-1].argmax(1)
    middle = np.where(widths > 0, (first + last) / 2, w / 2)
    half = apart / 2
    margin = int(np.ceil(half.max())) + 1
    x = np.arange(w + 2 * margin, dtype=np.float32)[None] - margin
    offset = x - middle[:, None]
    source = np.where(offset < 0, x + half[:, None], x - half[:, None]).astype(np.float32)
    inside = np.abs(offset) < half[:, None]
    down = np.broadcast_to(rows[:, None], source.shape).astype(np.float32)
    wide = cv2.remap(grey, source, down, cv2.INTER_LINEAR, borderValue=255)
    solid = cv2.remap(mask.astype(np.uint8) * 255, source, down, cv2.INTER_NEAREST) > 127
    light = float(rng.uniform(0.5, 1.0))
    pale = np.where(inside, wide + light * (255.0 - wide), wide)
    return np.asarray(pale, np.uint8), np.asarray(solid & (widths > 0)[:, None])


def disturbed(depth: Floats, width: float, rng: np.random.Generator) -> Floats:
    """Stain, exposure, light, focus and noise of another day: depth (S, S), chromosome width."""
    seen: NDArray[Any] = np.maximum(depth, 0)
    if rng.random() < 0.2:
        seen = _with_faint_bands(seen, width, float(rng.uniform(0.0, 0.8)))
    reach = 0.6 if rng.random() < 0.2 else 0.25
    seen = seen ** float(np.exp(rng.uniform(-reach, reach)))
    seen = seen * float(np.exp(rng.uniform(-0.2, 0.2))) + float(rng.uniform(-0.03, 0.03))
    if rng.random() < 0.15:
        seen = np.maximum(seen - rng.uniform(0.05, 0.35), 0) * 1.2  # clipped to white
    if rng.random() < 0.1:
        seen = np.minimum(seen, rng.uniform(0.9, 1.4))  # clipped to black
    if rng.random() < 0.2:
        seen = seen * _slope(seen.shape, rng, 0.25) + _slope(seen.shape, rng, 0.06) - 1.0
    if rng.random() < 0.3:
        most = 1.8 if rng.random() < 0.25 else 1.0
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), float(rng.uniform(0.3, most))))
    if rng.random() < 0.5:
        spread = float(rng.uniform(0.005, 0.05))
        seen = seen + spread * rng.standard_normal(seen.shape, np.float32)
    return np.asarray(seen, np.float32)


def with_debris(flat: Floats, width: float, rng: np.random.Generator) -> None:
    """Nuclei, some cut by a straight edge, and clumps of stain laid onto a picture (S, S) of light.

    They are nobody's. Changed in place.
    """
    side = flat.shape[0]
    for _ in range(int(rng.integers(0, 4))):
        is_nucleus = rng.random() < 0.6
        radius = width * float(rng.uniform(2.0, 7.0) if is_nucleus else rng.uniform(0.15, 0.7))
        axes = (round(radius * 8), round(radius * 8 * rng.uniform(0.6, 1.0)))
        x, y = (float(v) for v in rng.uniform(-0.05 * side, 1.05 * side, 2))
        shape = np.zeros(flat.shape, np.uint8)
        centre, angle = (round(x * 8), round(y * 8)), float(rng.uniform(0, 180))
        cv2.ellipse(shape, centre, axes, angle, 0, 360, 255, -1, cv2.LINE_AA, 3)
        if is_nucleus and rng.random() < 0.5:
            turn = rng.uniform(0, 2 * np.pi)
            rows, columns = np.mgrid[0:side, 0:side]
            over = (columns - x) * np.cos(turn) + (rows - y) * np.sin(turn)
            shape[over > rng.uniform(-0.5, 0.8) * radius] = 0
        grain = cv2.resize(rng.uniform(-0.15, 0.15, (32, 32)), (side, side)).astype(np.float32)
        stain = float(rng.uniform(0.15, 0.6)) * (1 + grain)
        flat *= 1 - stain * (shape.astype(np.float32) / 255)


def _with_faint_bands(depth: NDArray[Any], width: float, contrast: float) -> NDArray[Any]:
    """Depth with what is dark brought towards its mean over about a chromosome's width."""
    dark = (depth > 0.35).astype(np.float32)
    reach = 0.6 * width
    total = cv2.GaussianBlur(depth.astype(np.float32) * dark, (0, 0), reach)
    mean = total / np.maximum(cv2.GaussianBlur(dark, (0, 0), reach), 1e-3)
    return np.asarray(np.where(dark > 0, mean + contrast * (depth - mean), depth))


def _slope(shape: tuple[int, ...], rng: np.random.Generator, most: float) -> Floats:
    """(h, w): 1 and a slope of at most ±`most` across the picture."""
    a, b = rng.uniform(-most, most, 2)
    y = np.linspace(-0.5, 0.5, shape[0], dtype=np.float32)[:, None]
    x = np.linspace(-0.5, 0.5, shape[1], dtype=np.float32)
    return np.asarray(1 + a * x + b * y, np.float32)
