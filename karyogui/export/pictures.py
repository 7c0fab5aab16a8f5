"""One chromosome as printed: turned, mirrored and brought to the cell's scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from karyogui.domain.chromosome import Chromosome
from karyogui.domain.karyogram import Placement

_PAD = 4
"""Source pixels of background added all round, so that resampling and turning cut nothing."""


def printed_size(chromosome: Chromosome, placement: Placement) -> tuple[int, int]:
    """Width and height in source pixels of what `render` makes at scale 1."""
    height, width = render(chromosome, placement, 1.0).shape
    return width, height


def render(chromosome: Chromosome, placement: Placement, scale: float) -> NDArray[np.uint8]:
    """The picture as it stands on the karyogram: (h, w) uint8, trimmed to the chromosome.

    Mirrored first, then turned clockwise, as on the board. Background is exactly 255: outside the
    mask (grown by one source pixel, to keep the soft edge) no trace of resampling is left.
    `scale` is printed pixels per source pixel, > 0.
    """
    mask = _mask(chromosome)
    darkness = np.where(mask, 255 - chromosome.segment.crop, 0).astype(np.uint8)
    pictures = [Image.fromarray(np.pad(darkness, _PAD))]
    grown = Image.fromarray(np.pad(mask, _PAD).astype(np.uint8) * 255)
    pictures.append(grown.filter(ImageFilter.MaxFilter(3)))
    if placement.mirrored:
        pictures = [p.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for p in pictures]
    # Turning costs sharpness least where there are most pixels.
    if scale < 1.0:
        pictures = [_resized(_turned(p, placement.turn), scale) for p in pictures]
    else:
        pictures = [_turned(_resized(p, scale), placement.turn) for p in pictures]
    inside = np.asarray(pictures[1]) >= 128
    if not inside.any():
        return np.full((1, 1), 255, np.uint8)
    printed = np.where(inside, 255 - np.asarray(pictures[0]), 255).astype(np.uint8)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return printed[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _mask(chromosome: Chromosome) -> NDArray[np.bool_]:
    """The mask; what is not white where the mask is empty; else the whole picture."""
    segment = chromosome.segment
    if segment.mask.any():
        return segment.mask
    seen = segment.crop < 255
    return seen if seen.any() else np.ones_like(seen)


def _resized(picture: Image.Image, scale: float) -> Image.Image:
    if scale == 1.0:
        return picture
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _turned(picture: Image.Image, degrees: float) -> Image.Image:
    """Turned clockwise; by quarters without any resampling."""
    quarters = {
        0.0: None,
        90.0: Image.Transpose.ROTATE_270,
        180.0: Image.Transpose.ROTATE_180,
        270.0: Image.Transpose.ROTATE_90,
    }
    turn = degrees % 360.0
    if turn not in quarters:
        return picture.rotate(-turn, Image.Resampling.BICUBIC, expand=True, fillcolor=0)
    quarter = quarters[turn]
    return picture if quarter is None else picture.transpose(quarter)
