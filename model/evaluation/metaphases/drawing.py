"""Pictures drawn over with what was found in them: outlines, types, and every fault by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model.evaluation.metaphases.cells import FoundCell, FoundObject, KnownCell
from model.evaluation.metaphases.matching import Tally
from model.segmentation.base import GreyImage
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES

Colour = tuple[int, int, int]
Canvas = NDArray[np.uint8]

RIGHT, WRONG, MERGE, SPLIT, FALSE, MISS, REJECTED = (
    (24, 128, 56), (214, 98, 0), (176, 24, 160), (20, 100, 220), (110, 60, 20), (208, 24, 32),
    (96, 118, 156),
)  # fmt: skip
LEGEND: tuple[tuple[Colour, str], ...] = (
    (RIGHT, "right"),
    (WRONG, "wrong type (answer, truth in brackets)"),
    (MERGE, "merge: several in one object"),
    (SPLIT, "split: part of a chromosome"),
    (FALSE, "false: nobody's object"),
    (MISS, "miss: no object"),
    (REJECTED, "rejected: no chromosome"),
)
ZOOM: float = 2.0
"""How much larger single pictures are drawn, so that lines and letters stay thin."""
LETTERS: int = 15
"""Pixels of the letters' height."""
COLUMNS: int = 2
GAP: int = 18


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture (H, W) uint8 with its truth, what was found and how the two compare."""

    picture: GreyImage
    known: KnownCell
    found: FoundCell
    tally: Tally


def drawn(shown: Shown, zoom: float = ZOOM) -> Canvas:
    """The picture with everything that was found and missed, (zoom H, zoom W, 3) uint8 RGB."""
    method = cv2.INTER_CUBIC if zoom >= 1 else cv2.INTER_AREA
    grey = cv2.resize(shown.picture, None, fx=zoom, fy=zoom, interpolation=method)
    canvas: Canvas = np.repeat(grey[:, :, None], 3, axis=2).astype(np.uint8)
    labels: list[tuple[float, float, str, Colour]] = []
    chromosomes = iter(_caption_of(shown))
    objects = [
        (each, *(next(chromosomes) if each.kind is ObjectKind.CHROMOSOME else (REJECTED, "")))
        for each in shown.found.objects
    ]
    # Faults last, so that nothing covers them.
    for each, colour, text in sorted(objects, key=lambda o: o[1] not in (RIGHT, REJECTED)):
        _outline(canvas, each, colour, zoom)
        row = int(each.mask.any(axis=1).argmax())
        top = each.origin[0] + int(each.mask[row].argmax())
        labels.append((zoom * top, zoom * (each.origin[1] + row) - 3, text, colour))
    for number in shown.tally.misses:
        truth = shown.known.truths[number]
        x, y, w, h = (round(zoom * v) for v in truth.box)
        cv2.rectangle(canvas, (x, y), (x + w, y + h), MISS, 2, cv2.LINE_AA)
        labels.append((x + w / 2, y - 3, f"miss {TYPES[truth.type]}", MISS))
    return _lettered(canvas, labels)


def caption(shown: Shown) -> str:
    """What came of a picture, in words."""
    tally = shown.tally
    told = [f"{tally.separated} of {tally.truths} separated, {tally.identified} identified"]
    counts = (
        (len(tally.merges), "merge", "merges"),
        (len(tally.splits), "split", "splits"),
        (len(tally.misses), "miss", "misses"),
        (len(tally.false), "false", "false"),
        (len(tally.wrong), "wrong type", "wrong types"),
    )
    faults = [f"{n} {one if n == 1 else several}" for n, one, several in counts if n]
    told.append(", ".join(faults) if faults else "no fault")
    return " · ".join([shown.known.name, *told])


def sheet(cells: Sequence[Shown], tile: int = 800) -> Canvas:
    """Pictures beside and below one another with captions and a legend; `tile` pixels wide each."""
    columns = min(COLUMNS, len(cells))
    tiles = [drawn(shown, tile / shown.picture.shape[1]) for shown in cells]
    line = round(1.9 * LETTERS)
    rows = [tiles[at : at + columns] for at in range(0, len(tiles), columns)]
    heights = [max(t.shape[0] for t in row) + line + GAP for row in rows]
    width = columns * tile + (columns + 1) * GAP
    page = Image.new("RGB", (width, GAP + sum(heights) + 2 * line), "white")
    pen = ImageDraw.Draw(page)
    top, place = GAP, iter(cells)
    for row, height in zip(rows, heights, strict=True):
        for column, each in enumerate(row):
            left = GAP + column * (tile + GAP)
            page.paste(Image.fromarray(each), (left, top))
            pen.text((left, top + each.shape[0] + 5), caption(next(place)), "black", _font())
        top += height
    left = GAP
    for colour, words in LEGEND:
        needed = 26 + _font().getlength(words) + GAP
        if left + needed > width:
            left, top = GAP, top + line
        pen.rectangle((left, top + 4, left + 16, top + LETTERS + 2), outline=colour, width=3)
        pen.text((left + 24, top), words, "black", _font())
        left += round(needed)
    return np.asarray(page, np.uint8)


def _caption_of(shown: Shown) -> list[tuple[Colour, str]]:
    """Colour and words of each object that was taken for a chromosome."""
    tally, truths = shown.tally, shown.known.truths
    answers = ["?" if o.type is None else TYPES[o.type] for o in shown.found.chromosomes]
    truth_of = {o: t for t, o in tally.pairs}
    merge_of = {t: merge for merge in tally.merges for t in merge}
    pieces = {o for objects in tally.splits for o in objects}
    wrong = {tally.pairs[n][1] for n in tally.wrong}
    result = []
    for o, answer in enumerate(answers):
        truth = truth_of.get(o)
        if truth in merge_of:
            held = "+".join(TYPES[truths[t].type] for t in merge_of[truth])
            result.append((MERGE, f"merge {held}"))
        elif o in pieces:
            result.append(
                (SPLIT, "split" if truth is None else f"split {TYPES[truths[truth].type]}")
            )
        elif o in tally.false:
            result.append((FALSE, "false"))
        elif truth is None:
            result.append((MERGE, "merge"))
        elif o in wrong:
            result.append((WRONG, f"{answer} ({TYPES[truths[truth].type]})"))
        else:
            result.append((RIGHT, TYPES[truths[truth].type]))
    return result


def _outline(canvas: Canvas, each: FoundObject, colour: Colour, zoom: float) -> None:
    """Draw an object's border between its pixels and the others', smooth at any zoom."""
    padded = np.pad(each.mask, 1).astype(np.float32)
    size = (max(1, round(zoom * padded.shape[1])), max(1, round(zoom * padded.shape[0])))
    fine = cv2.resize(padded, size, interpolation=cv2.INTER_LINEAR) >= 0.5
    x, y = (round(zoom * (v - 1)) for v in each.origin)
    contours, _ = cv2.findContours(
        fine.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=(x, y)
    )
    thickness = 1 if colour in (RIGHT, REJECTED) else 2
    cv2.drawContours(canvas, contours, -1, colour, thickness, cv2.LINE_AA)


def _lettered(canvas: Canvas, labels: Sequence[tuple[float, float, str, Colour]]) -> Canvas:
    """Words above the objects, on a light rim so that they stand out from the picture."""
    image = Image.fromarray(canvas)
    pen = ImageDraw.Draw(image)
    for x, y, text, colour in labels:
        if text:
            half = _font().getlength(text) / 2 + 2
            at = (min(max(x, half), image.width - half), max(y, LETTERS + 2))
            pen.text(
                at, text, colour, _font(), anchor="ms", stroke_width=2, stroke_fill="white"
            )  # fmt: skip
    return np.asarray(image, np.uint8)


def _font() -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(LETTERS)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
