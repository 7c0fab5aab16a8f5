"""Small pictures of a cell for the case browser, made once and stored."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from karyogui.domain.cell import Cell, PictureKind
from karyogui.domain.karyogram import DENVER_ROWS, Karyogram, Placement
from karyogui.layout.karyogram import (
    KaryogramLayout,
    Metrics,
    Piece,
    choose_scale,
    karyogram_layout,
    members_of,
)

Grey = NDArray[np.uint8]

WIDTH, HEIGHT = 240, 160
"""Pixels; shown at half of that on an ordinary screen."""
MARGIN = 6
SMALL = Metrics(
    margin=MARGIN,
    head=MARGIN,
    bracket=0.0,
    marks=0.0,
    label=0.0,
    homologue_gap=0.0,
    slot_gap=2.0,
    group_gap=6.0,
    smallest_slot=0.0,
    smallest_row=0.0,
    smallest_spot=0.0,
    row_gap=MARGIN,
    row_slack=0.0,
    tray_title=0.0,
    tray_gap=0.0,
    room=0.0,
    smallest_scale=0.01,
    largest_scale=1.0,
    has_empty=False,
)
"""No letters, no marks: only where everything stands."""


def thumbnail_of_import(kind: PictureKind, pictures: Sequence[Grey]) -> bytes:
    """PNG of imported grey pictures (h, w): a metaphase as it is, cut-outs side by side."""
    if kind is PictureKind.METAPHASE:
        return thumbnail_of_metaphase(pictures[0])
    return thumbnail_of_pictures(pictures)


def thumbnail_of_metaphase(picture: Grey) -> bytes:
    """PNG of a photograph (h, w) as large as fits, on its own background."""
    frame = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    canvas = Image.new("L", (WIDTH, HEIGHT), int(np.median(frame)))
    small = Image.fromarray(picture)
    small.thumbnail((WIDTH, HEIGHT), Image.Resampling.BOX)
    canvas.paste(small, ((WIDTH - small.width) // 2, (HEIGHT - small.height) // 2))
    return _png(canvas)


def thumbnail_of_pictures(pictures: Sequence[Grey]) -> bytes:
    """PNG of imported pictures (h, w), the tallest first, in four rows."""
    ordered = sorted(pictures, key=lambda picture: -picture.shape[0])
    per_row = max(1, -(-len(ordered) // len(DENVER_ROWS)))
    return _draw([ordered[start : start + per_row] for start in range(0, len(ordered), per_row)])


def karyogram_thumbnail_layout(
    placements: Sequence[Placement], crops: Mapping[str, Grey]
) -> KaryogramLayout:
    """Where the chromosomes stand on a thumbnail; `crops` (h, w) by the chromosomes' ids."""
    pieces = {i: Piece(i, crop.shape[1], crop.shape[0]) for i, crop in crops.items()}
    members = members_of(Karyogram(placements), pieces)
    scale = choose_scale(members, WIDTH, HEIGHT, SMALL)
    return karyogram_layout(members, WIDTH, HEIGHT, scale, SMALL)


def thumbnail_of_karyogram(cell: Cell) -> bytes:
    """PNG of an analysed cell's chromosomes where they stand."""
    crops = {c.id: c.segment.crop for c in cell.chromosomes}
    canvas = Image.new("L", (WIDTH, HEIGHT), 255)
    spots = karyogram_thumbnail_layout(cell.placements, crops).spots
    for placement in cell.placements:
        spot, crop = spots[placement.chromosome_id], crops[placement.chromosome_id]
        crop = np.fliplr(crop) if placement.mirrored else crop
        crop = np.rot90(crop, 2) if 90 < placement.turn < 270 else crop
        _paste(canvas, crop, spot.x, spot.bottom, spot.width, spot.height)
    return _png(canvas)


def _draw(rows: Sequence[Sequence[Grey]]) -> bytes:
    """Rows at one scale, every picture standing on the base of its row."""
    rows = [row for row in rows if row]
    canvas = Image.new("L", (WIDTH, HEIGHT), 255)
    widest = max((sum(picture.shape[1] for picture in row) for row in rows), default=1)
    heights = [max(picture.shape[0] for picture in row) for row in rows]
    space = HEIGHT - MARGIN * (len(rows) + 1)
    scale = min((WIDTH - 2 * MARGIN) / widest, space / max(1, sum(heights)), 1.0)
    base = float(MARGIN)
    for row, height in zip(rows, heights, strict=True):
        base += height * scale
        left = (WIDTH - sum(picture.shape[1] for picture in row) * scale) / 2
        for picture in row:
            width = picture.shape[1] * scale
            _paste(canvas, picture, left, base, width, picture.shape[0] * scale)
            left += width
        base += MARGIN
    return _png(canvas)


def _paste(
    canvas: Image.Image, picture: Grey, left: float, bottom: float, width: float, height: float
) -> None:
    size = max(1, round(width)), max(1, round(height))
    small = Image.fromarray(picture).resize(size, Image.Resampling.BOX)
    canvas.paste(small, (round(left), round(bottom) - size[1]))


def _png(canvas: Image.Image) -> bytes:
    buffer = io.BytesIO()
    canvas.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
