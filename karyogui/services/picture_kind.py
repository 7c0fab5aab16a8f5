"""What a picture shows, judged by its looks: one chromosome, a metaphase, or a finished karyogram.

The rule, in this order:

1. Shorter than `SMALL` pixels on both sides: a cut-out. A metaphase of that size would show
   chromosomes four pixels wide.
2. Many upright objects that stand on three lines or more, or in three rows or more with nothing
   between the rows: a karyogram, whatever is written and drawn around it or stands beside it.
3. Fewer than `FEW` objects, of which a compact one holds nearly all that is dark and spans half
   of the picture: a cut-out.
4. All else: a metaphase; doubtful where it shows fewer than `FEW` objects.

On the development archives it takes 1,701 of 1,701 G-banded and 128 of 128 Q-banded photographs
for metaphases, 130 of 130 sheets composed of cut-outs for karyograms, and every cut-out for one; of
cut-outs enlarged fourfold 950 of 1,000, the others for doubtful metaphases. A person may say
otherwise when importing; then the rule is not asked.
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
ROWS, IN_A_ROW = 3, 4
"""Rows of a karyogram, and objects in each of them, at least."""
IN_ROWS = 0.85
"""Share of a karyogram's objects that stand in such rows, at least; the rest are labels, lines."""
UPRIGHT = 0.7
"""Share of a karyogram's objects that are taller than wide, at least."""
TALL = 1.2
"""Height of an upright object over its width, at least."""
ON_A_LINE, ON_LINES = 5, 0.6
"""Upright objects on a line, and their share on such lines, at least: a photograph of the cell may
stand beside the karyogram."""
LEVEL = 0.008
"""How far a foot may be from its line, as a share of the picture's height."""
GAP = 0.01
"""Least gap between two rows of a karyogram as a share of the picture's height."""


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
    height, width = grey.shape
    dark, inverted = _dark(grey)
    if max(height, width) < SMALL:
        return Impression(PictureKind.CUT_OUT, True, 1, inverted)
    found = cv2.connectedComponentsWithStats(dark.astype(np.uint8), connectivity=8)
    labels, stats = np.asarray(found[1]), np.asarray(found[2])
    areas = stats[1:, cv2.CC_STAT_AREA]
    large = float(np.percentile(areas, 90)) if len(areas) else 0.0
    objects = stats[1:][areas >= max(SPECK, NOTABLE * large)]
    if _is_on_lines(objects, dark.shape[0]) or _is_in_rows(objects, dark.shape[0]):
        return Impression(PictureKind.KARYOGRAM, True, len(objects), inverted)
    if 0 < len(objects) < FEW and _is_alone(labels, stats):
        return Impression(PictureKind.CUT_OUT, True, len(objects), inverted)
    return Impression(PictureKind.METAPHASE, len(objects) >= FEW, len(objects), inverted)


def agreed(impressions: Sequence[Impression]) -> tuple[PictureKind, ...]:
    """What pictures of one folder show: the doubtful ones are what most of the sure ones are.

    A karyogram is never the majority's; where no picture is sure, each keeps its own.
    """
    sure = Counter(
        seen.kind for seen in impressions if seen.is_sure and seen.kind is not PictureKind.KARYOGRAM
    )
    if not sure:
        return tuple(seen.kind for seen in impressions)
    usual = sure.most_common(1)[0][0]
    return tuple(seen.kind if seen.is_sure else usual for seen in impressions)


def _dark(grey: Grey) -> tuple[Mask, bool]:
    """What stands out from the background at the working size, and whether it is the brighter."""
    height, width = grey.shape
    factor = min(1.0, WORK_SIDE / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    inverted = False
    if is_unevenly_lit(small):
        inverted = is_bright_on_dark(small, lit_field(small))
        small = flatten(small)
    smooth = cv2.GaussianBlur(small, (0, 0), 0.8)
    level, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = smooth <= level
    # The frame belongs to the background, in a cut-out as in a metaphase.
    edge = np.concatenate([dark[0], dark[-1], dark[:, 0], dark[:, -1]])
    light = bool(edge.mean() > 0.5)
    return (~dark if light else dark), inverted or light


def _is_alone(labels: Numbers, stats: Numbers) -> bool:
    """Whether one compact object holds nearly all and spans half of the picture."""
    areas = stats[1:, cv2.CC_STAT_AREA]
    which = 1 + int(areas.argmax())
    span = max(int(stats[which, cv2.CC_STAT_WIDTH]), int(stats[which, cv2.CC_STAT_HEIGHT]))
    if areas.max() < ALONE * areas.sum() or span < SPANS * max(labels.shape):
        return False
    solid = np.pad((labels == which).astype(np.uint8), 1)
    return float(cv2.distanceTransform(solid, cv2.DIST_L2, 5).max()) >= THICK * span


def _is_on_lines(objects: Numbers, height: int) -> bool:
    """Whether most upright objects stand with their feet on a few lines."""
    upright = objects[:, cv2.CC_STAT_HEIGHT] > TALL * objects[:, cv2.CC_STAT_WIDTH]
    feet = np.sort((objects[:, cv2.CC_STAT_TOP] + objects[:, cv2.CC_STAT_HEIGHT])[upright])
    lines: list[int] = []
    first = 0
    for i in range(1, len(feet) + 1):
        if i == len(feet) or feet[i] - feet[first] > max(2, 2 * LEVEL * height):
            lines.append(i - first)
            first = i
    full = [count for count in lines if count >= ON_A_LINE]
    return len(full) >= ROWS and sum(full) >= max(ROWS * ON_A_LINE, ON_LINES * len(feet))


def _is_in_rows(objects: Numbers, height: int) -> bool:
    """Whether upright objects stand in rows with nothing between them."""
    if len(objects) < ROWS * IN_A_ROW:
        return False
    upright = objects[:, cv2.CC_STAT_HEIGHT] > objects[:, cv2.CC_STAT_WIDTH]
    if float(upright.mean()) < UPRIGHT:
        return False
    rows: list[list[int]] = []
    bottom = -height
    for entry in objects[objects[:, cv2.CC_STAT_TOP].argsort()]:
        top, tall = int(entry[cv2.CC_STAT_TOP]), int(entry[cv2.CC_STAT_HEIGHT])
        if top - bottom > GAP * height:
            rows.append([])
        rows[-1].append(tall)
        bottom = max(bottom, top + tall)
    full = [len(row) for row in rows if len(row) >= IN_A_ROW]
    return len(full) >= ROWS and sum(full) >= IN_ROWS * len(objects)
