"""Small pictures of a cell for the case browser, made once and stored."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from karyogui.domain.cell import Cell, PictureKind
from karyogui.domain.karyogram import DENVER_ROWS, SLOTS, TRAY

Grey = NDArray[np.uint8]

WIDTH, HEIGHT = 240, 160
"""Pixels; shown at half of that on an ordinary screen."""
MARGIN = 6


def thumbnail_of_import(kind: PictureKind, pictures: Sequence[Grey]) -> bytes:
    """PNG of what was imported: a metaphase as it is, cut-outs side by side."""
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


def thumbnail_of_karyogram(cell: Cell) -> bytes:
    """PNG of an analysed cell's chromosomes where they stand."""
    crops = {chromosome.id: chromosome.segment.crop for chromosome in cell.chromosomes}
    rows = []
    for row in (*DENVER_ROWS, ((TRAY,),)):
        slots = {slot for group in row for slot in group}
        placed = [p for p in cell.placements if p.slot in slots]
        placed.sort(key=lambda p: (SLOTS.index(p.slot), p.index))
        rows.append(
            [
                np.rot90(crops[p.chromosome_id], 2) if 90 < p.turn < 270 else crops[p.chromosome_id]
                for p in placed
            ]
        )
    return _draw(rows)


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
            size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
            small = Image.fromarray(picture).resize(size, Image.Resampling.BOX)
            canvas.paste(small, (round(left), round(base) - size[1]))
            left += picture.shape[1] * scale
        base += MARGIN
    return _png(canvas)


def _png(canvas: Image.Image) -> bytes:
    buffer = io.BytesIO()
    canvas.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
