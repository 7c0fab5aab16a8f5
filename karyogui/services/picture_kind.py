"""What a picture shows, judged by its looks: one chromosome, a metaphase, or a finished karyogram.

The rule, in this order:

1. Shorter than `SMALL` pixels on both sides: a cut-out. A metaphase of that size would show
   chromosomes four pixels wide; with `FEW` objects or more it is a doubtful metaphase all the same,
   for no cut-out looks like that: thumbnails, icons, words.
2. Many objects that lie parallel to one another, however the page lies, or that stand on three
   lines or more beside a photograph: a karyogram, whatever is written and drawn around it.
3. Fewer than `FEW` objects, of which a compact one holds nearly all that is dark, spans half
   of the picture and is shaped like a chromosome: a cut-out.
4. All else: a metaphase; doubtful where it shows fewer than `FEW` objects. So is a photograph
   whose chromosomes run into one, or of which a page, a screen or a frame is all that stands out:
   the analysis finds the cell there, or asks where it is.

On the development archives it takes 1,701 of 1,701 G-banded and 128 of 128 Q-banded photographs
for metaphases, 130 of 130 sheets composed of cut-outs for karyograms, and every cut-out for one; of
1,000 cut-outs enlarged fourfold 879, the others for metaphases, all but one doubtful. A person may
say otherwise when importing; then the rule is not asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from karyogui.domain.cell import PictureKind
from karyogui.services.lying_parallel import common_direction, directions
from model.light import flatten, is_bright_on_dark, is_unevenly_lit, lit_field

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Numbers = NDArray[Any]

SMALL = 240
"""Pixels of the longer side below which a picture is a cut-out whatever it shows."""
WORK_SIDE = 640
"""Pixels of the longer side at which a picture is looked at; finer detail adds nothing."""
FEW = 8
"""Objects below which a metaphase is doubtful: pictures beside it then decide."""
NOTABLE = 0.1
"""Share of a large object's area (the 90th percentile) that makes another one count: chromosome
21 has 0.15 of chromosome 1, letters and dirt have less."""
SPECK = 12
"""Pixels at the working size below which nothing is an object."""
ALONE = 0.7
"""Share of all dark pixels in the largest object of a cut-out, at least."""
SPANS = 0.5
"""Share of the picture's longer side that a cut-out's chromosome spans, at least."""
THICK = 0.05
"""Largest circle in a cut-out's chromosome, its radius as a share of the chromosome's span: one
chromosome has 0.1 and more, a clump of many that spans as much 0.03."""
LONG = 1.5
"""Length of a cut-out's chromosome over its breadth, at least; a short or bent one is doubtful."""
FILLS, ALONG = 0.97, 0.2
"""Share of its own rectangle that a chromosome fills, and of the picture's border that it takes, at
most: what fills or takes more is a page or a screen."""
FAINT = 10.0
"""Grey levels between what stands out and the rest, below which it is the noise of a camera."""
TALL = 1.2
"""Height of an upright object over its width, at least."""
LINES, ON_A_LINE, ON_LINES = 3, 5, 0.6
"""Lines of a karyogram, upright objects on each, and their share on such lines, at least: a
photograph of the cell may stand beside the karyogram."""
LEVEL = 0.008
"""How far a foot may be from its line, as a share of the picture's height."""


@dataclass(frozen=True)
class Impression:
    """What a picture seems to show. `objects` counts what is of notable size.

    `is_sure` is False where few objects leave room for doubt.
    """

    kind: PictureKind
    is_sure: bool
    objects: int
    bright_on_dark: bool


CUT_OUT_IMPRESSION = Impression(PictureKind.CUT_OUT, is_sure=True, objects=1, bright_on_dark=False)
"""Of a picture that is too small to be anything else."""


def look_at(grey: Grey) -> Impression:
    """Tell what a picture (h, w), dark on light or bright on dark, shows."""
    is_small = max(grey.shape) < SMALL
    dark, inverted = (_stands_out(grey), False) if is_small else _dark(grey)
    found = cv2.connectedComponentsWithStats(dark.astype(np.uint8), connectivity=8)
    labels, stats = np.asarray(found[1]), np.asarray(found[2])
    areas = stats[1:, cv2.CC_STAT_AREA]
    large = float(np.percentile(areas, 90)) if len(areas) else 0.0
    notable = 1 + np.flatnonzero(areas >= max(SPECK, NOTABLE * large))
    objects = stats[notable]
    if is_small and len(objects) < FEW:
        return Impression(PictureKind.CUT_OUT, True, len(objects), inverted)
    if is_small:
        return Impression(PictureKind.METAPHASE, False, len(objects), is_bright_on_dark(grey))
    lies = directions(labels, notable)
    if common_direction(lies) is not None or _is_on_lines(objects, dark.shape):
        return Impression(PictureKind.KARYOGRAM, True, len(objects), inverted)
    if 0 < len(objects) < FEW and _is_alone(labels, stats):
        return Impression(PictureKind.CUT_OUT, True, len(objects), inverted)
    return Impression(PictureKind.METAPHASE, len(objects) >= FEW, len(objects), inverted)


def agreed(impressions: Sequence[Impression]) -> tuple[PictureKind, ...]:
    """What pictures of one folder show: the doubtful ones are what most of the sure ones are.

    A karyogram is never the majority's. Where no picture is sure each keeps its own, and so do
    doubtful metaphases that are more than the sure pictures beside them.
    """
    sure = Counter(
        seen.kind for seen in impressions if seen.is_sure and seen.kind is not PictureKind.KARYOGRAM
    )
    if not sure:
        return tuple(seen.kind for seen in impressions)
    usual, number = sure.most_common(1)[0]
    doubtful = Counter(seen.kind for seen in impressions if not seen.is_sure)
    kept = {PictureKind.METAPHASE} if doubtful[PictureKind.METAPHASE] > number else set()
    return tuple(seen.kind if seen.is_sure or seen.kind in kept else usual for seen in impressions)


def _dark(grey: Grey) -> tuple[Mask, bool]:
    """What stands out from the background at the working size, and whether it is the brighter.

    The latter by the rule of the analysis, which turns such a picture round.
    """
    height, width = grey.shape
    factor = min(1.0, WORK_SIDE / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    inverted = is_bright_on_dark(small, lit_field(small))
    if is_unevenly_lit(small):
        small = flatten(small)
    return _stands_out(small), inverted


def _stands_out(small: Grey) -> Mask:
    """What is darker than the background, or lighter where that is dark."""
    smooth = cv2.GaussianBlur(small, (0, 0), 0.8)
    level, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = smooth <= level
    others = smooth[~dark]
    if not 0 < others.size < dark.size or float(others.mean() - smooth[dark].mean()) < FAINT:
        return np.zeros_like(dark)
    # The frame belongs to the background, in a cut-out as in a metaphase.
    edge = np.concatenate([dark[0], dark[-1], dark[:, 0], dark[:, -1]])
    return np.asarray(~dark if edge.mean() > 0.5 else dark)


def _is_alone(labels: Numbers, stats: Numbers) -> bool:
    """Whether one compact object holds nearly all and spans half of the picture."""
    areas = stats[1:, cv2.CC_STAT_AREA]
    which = 1 + int(areas.argmax())
    span = max(int(stats[which, cv2.CC_STAT_WIDTH]), int(stats[which, cv2.CC_STAT_HEIGHT]))
    if areas.max() < ALONE * areas.sum() or span < SPANS * max(labels.shape):
        return False
    solid = (labels == which).astype(np.uint8)
    edge = np.concatenate([solid[0], solid[-1], solid[:, 0], solid[:, -1]])
    if float(edge.mean()) > ALONG or not _is_long(solid):
        return False
    inscribed = cv2.distanceTransform(np.pad(solid, 1), cv2.DIST_L2, 5)
    return float(inscribed.max()) >= THICK * span


def _is_long(solid: Numbers) -> bool:
    """Whether an object (h, w), 0 or 1, is longer than broad and has no corners."""
    outlines, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=cv2.contourArea)
    sides = 1.0 + np.sort(cv2.minAreaRect(outline)[1])  # it runs through the centres of pixels
    area = cv2.contourArea(outline) + cv2.arcLength(outline, closed=True) / 2
    return bool(sides[1] >= LONG * sides[0]) and area <= FILLS * float(sides.prod())


def _is_on_lines(objects: Numbers, shape: tuple[int, ...]) -> bool:
    """Whether most upright objects stand on a few lines, or hang from them, on any side."""
    left, top, wide, high = (
        objects[:, column]
        for column in (cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP, cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)
    )
    upright, flat = high > TALL * wide, wide > TALL * high
    height, width = shape
    return (
        _are_lines((top + high)[upright], height)
        or _are_lines(top[upright], height)
        or _are_lines((left + wide)[flat], width)
        or _are_lines(left[flat], width)
    )


def _are_lines(ends: Numbers, height: int) -> bool:
    """Whether most of the ends of objects lie on a few lines."""
    ends = np.sort(ends)
    lines: list[int] = []
    first = 0
    for i in range(1, len(ends) + 1):
        if i == len(ends) or ends[i] - ends[first] > max(2, 2 * LEVEL * height):
            lines.append(i - first)
            first = i
    full = [count for count in lines if count >= ON_A_LINE]
    return len(full) >= LINES and sum(full) >= max(LINES * ON_A_LINE, ON_LINES * len(ends))
