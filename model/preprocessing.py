"""From upright crops to network input: once, for training and use (III-B, eq. 11)."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.vocabulary.presets import NetworkConfig
from model.vocabulary.results import CutOut

GreyImage = NDArray[np.uint8]

BACKGROUND: int = 255
FOREGROUND_DEPTH: float = 6.0
"""Grey levels below white from which a pixel counts as chromosome in the foreground statistics."""

BAND_REACH: float = 2.0
"""Common-scale pixels around a place with which the bands of stout chromosomes are compared."""

SIZE_MEAN = torch.tensor([3.38, 4.06])
SIZE_SPREAD = torch.tensor([0.25, 0.43])
"""Of log √area and log height in common-scale pixels over a normal cell."""


def place(crop: GreyImage, scale: float, config: NetworkConfig) -> GreyImage:
    """Pad with background to the field of view, centred, and resize to the canvas (III-B).

    `crop` is (h, w) uint8 on 255; `scale` brings it to the common scale. What is larger than
    the canvas is shrunk to fit, never cut.
    """
    height, width = config.canvas
    factor = scale * height / config.field[0]
    factor = min(factor, (height - 2) / crop.shape[0], (width - 2) / crop.shape[1])
    shape = (max(1, round(crop.shape[1] * factor)), max(1, round(crop.shape[0] * factor)))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    resized = cv2.resize(crop, shape, interpolation=method) if factor != 1 else crop
    canvas = np.full((height, width), BACKGROUND, np.uint8)
    top, left = (height - resized.shape[0]) // 2, (width - resized.shape[1]) // 2
    canvas[top : top + resized.shape[0], left : left + resized.shape[1]] = resized
    return canvas


def stretched(source: CutOut, stretch: float) -> CutOut:
    """An upright cut-out with its length √stretch times as long, its breadth that much narrower."""
    if stretch == 1.0:
        return source
    height, width = stretched_shape(source.crop.shape, stretch)
    longer = cv2.INTER_LINEAR if stretch > 1 else cv2.INTER_AREA
    crop = cv2.resize(source.crop, (width, height), interpolation=longer)
    mask = cv2.resize(
        source.mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST
    )
    return CutOut(np.asarray(crop, np.uint8), mask > 0, source.angle)


def stretched_shape(shape: tuple[int, ...], stretch: float) -> tuple[int, int]:
    """(height, width) of a stretched picture."""
    root = stretch**0.5
    return max(1, round(shape[0] * root)), max(1, round(shape[1] / root))


def sharpened(canvas: GreyImage, config: NetworkConfig) -> GreyImage:
    """A canvas (H, W) with the bands of its chromosome twice as strong against their surroundings.

    The surroundings are a Gaussian mean of `BAND_REACH` within the chromosome; its outline stays.
    """
    depth = np.float32(BACKGROUND) - canvas.astype(np.float32)
    inside = depth > FOREGROUND_DEPTH
    reach = BAND_REACH * config.canvas[0] / config.field[0]
    total = cv2.GaussianBlur(depth * inside, (0, 0), reach)
    share = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), reach)
    stronger = 2 * depth - total / np.maximum(share, 1e-3)
    seen = np.where(inside, np.maximum(stronger, FOREGROUND_DEPTH + 1), depth)
    return np.asarray(np.clip(BACKGROUND - seen, 0, BACKGROUND), np.uint8)


def normalise(canvases: Tensor, config: NetworkConfig) -> Tensor:
    """Eq. (11): (N, H, W) uint8 → (N, 1, H, W) float32 with zero mean and unit variance.

    With `foreground` mean and deviation are those of the chromosome alone, and dark is high, so
    that a small chromosome is not dimmed by its white surroundings.
    """
    grey = canvases.to(torch.float32)
    if config.normalisation == "image":
        mean = grey.mean(dim=(1, 2), keepdim=True)
        deviation = grey.std(dim=(1, 2), correction=0, keepdim=True)
        return ((grey - mean) / deviation.clamp_min(1e-3)).unsqueeze(1)
    depth = BACKGROUND - grey
    inside = depth > FOREGROUND_DEPTH
    count = inside.sum(dim=(1, 2), keepdim=True).clamp_min(1)
    mean = (depth * inside).sum(dim=(1, 2), keepdim=True) / count
    variance = (((depth - mean) ** 2) * inside).sum(dim=(1, 2), keepdim=True) / count
    return ((depth - mean) / variance.sqrt().clamp_min(1.0)).unsqueeze(1)


def relative_sizes(cut_outs: list[CutOut], scale: float) -> Tensor:
    """(N, 2): standardised logarithms of √area and height in common-scale pixels."""
    areas = np.array([max(1, int(c.mask.sum())) for c in cut_outs], dtype=np.float64)
    heights = np.array([c.mask.shape[0] for c in cut_outs], dtype=np.float64)
    logs = np.stack([0.5 * np.log(areas), np.log(heights)], axis=1) + np.log(scale)
    return (torch.from_numpy(logs).to(torch.float32) - SIZE_MEAN) / SIZE_SPREAD


def extents(canvases: Tensor) -> Tensor:
    """(N, H, W) uint8 → (N, 2): height and width of what is not background, canvas pixels."""
    inside = canvases < BACKGROUND - FOREGROUND_DEPTH
    return torch.stack([_extent(inside.any(dim=2)), _extent(inside.any(dim=1))], dim=1)


def _extent(line: Tensor) -> Tensor:
    n = line.shape[1]
    first = line.to(torch.uint8).argmax(dim=1)
    last = n - 1 - line.flip(1).to(torch.uint8).argmax(dim=1)
    return torch.where(line.any(dim=1), last - first + 1, torch.zeros_like(first)).to(torch.float32)
