"""Generated finished karyograms, ours and others', whose chromosomes have the lengths of theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import cv2
import numpy as np

from karyogui.domain.chromosome import TYPES, Segment
from karyogui.export.drawing import karyogram_image
from karyogui.services.karyogram_reading import MEGABASES
from tests.unit.export.builders import altered, cell, counts_of

FEMALE = counts_of()
MALE = counts_of(X=1, Y=1)
KARYOTYPES: Mapping[str, Mapping[str, int]] = {
    "46,XX": FEMALE,
    "46,XY": MALE,
    "47,XX,+21": counts_of(c21=3),
    "47,XY,+13": counts_of(c13=3, X=1, Y=1),
    "45,X": counts_of(X=1),
    "47,XXY": counts_of(Y=1),
    "47,XYY": counts_of(X=1, Y=2),
    "45,XY,-7": counts_of(c7=1, X=1, Y=1),
    "46,XX,+8,-22": counts_of(c8=3, c22=1),
}
STANDARD = (
    ("1", "2", "3", "4", "5"),
    ("6", "7", "8", "9", "10", "11", "12"),
    ("13", "14", "15", "16", "17", "18"),
    ("19", "20", "21", "22", "X", "Y"),
)


def length_of(kind: str, longest: float = 130.0) -> float:
    """Pixels of a chromosome of a type, where the longest has `longest`."""
    return longest * MEGABASES[TYPES.index(kind)] / MEGABASES[0]


def chromosome(length: float, bend: float, random: np.random.Generator) -> Segment:
    """A banded rod that runs along an arc of `bend` degrees; 14 pixels thick."""
    steps = np.linspace(-0.5, 0.5, 60)
    turning = np.deg2rad(bend) * steps
    x, y = np.cumsum(np.sin(turning)), np.cumsum(np.cos(turning))
    x, y = (x * length / 60, y * length / 60)
    x, y = x - x.min() + 12, y - y.min() + 12
    size = int(y.max() + 13), int(x.max() + 13)
    crop = np.full(size, 255, np.uint8)
    levels = 110 + 45 * np.sin(np.linspace(0, float(random.uniform(12, 24)), 60))
    for at, down, level in zip(x, y, levels, strict=True):
        cv2.circle(crop, (round(at), round(down)), 7, int(level), -1, cv2.LINE_AA)
    inner = crop[4:-4, 4:-4]
    return Segment("", inner, inner < 250)


def segments(counts: Mapping[str, int], seed: int, bend: float = 12.0) -> list[tuple[str, Segment]]:
    """Type and picture of each chromosome; lengths vary by some percent, bends up to `bend`."""
    return list(_segments(tuple(counts[kind] for kind in TYPES), seed, bend))


@cache
def _segments(counts: tuple[int, ...], seed: int, bend: float) -> tuple[tuple[str, Segment], ...]:
    """Of as many of each of `TYPES`; the same are asked for again and again."""
    random = np.random.default_rng(seed)
    return tuple(
        (
            kind,
            chromosome(
                length_of(kind) * float(random.uniform(0.94, 1.06)),
                float(random.uniform(-bend, bend)),
                random,
            ),
        )
        for kind, count in zip(TYPES, counts, strict=True)
        for _ in range(count)
    )


def own_sheet(
    counts: Mapping[str, int], seed: int = 0, width: int = 1600, bend: float = 12.0
) -> tuple[np.ndarray, list[str]]:
    """A karyogram as this program exports it, `width` wide, and the types as one reads it."""
    report = cell(counts)
    made = segments(counts, seed, bend)
    chromosomes = tuple(
        replace(one, segment=segment)
        for one, (_, segment) in zip(report.cell.chromosomes, made, strict=True)
    )
    picture = np.asarray(karyogram_image(altered(report, chromosomes=chromosomes)))
    size = width, round(picture.shape[0] * width / picture.shape[1])
    picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    return picture, [kind for kind, _ in made]


def other_sheet(
    counts: Mapping[str, int],
    seed: int = 0,
    rows: Sequence[Sequence[str]] = STANDARD,
    labels: bool = True,
    bend: float = 12.0,
    gap: int = 8,
    between: int = 44,
    by_centromere: bool = False,
    gaps: Mapping[str, int] | None = None,
) -> tuple[np.ndarray, list[str]]:
    """A karyogram as others print it: no lines, labels or none, places of any order.

    `gaps` are between homologues of some types instead of `gap`.
    """
    pictures: dict[str, list[np.ndarray]] = {kind: [] for kind in TYPES}
    for kind, segment in segments(counts, seed, bend):
        pictures[kind].append(segment.crop)
    sheet = np.full((260 * len(rows), 1100), 255, np.uint8)
    told = []
    for number, row in enumerate(rows):
        x, foot = 60, 260 * number + 200
        for kind in row:
            start = x
            apart = (gaps or {}).get(kind, gap)
            for crop in pictures[kind]:
                down = foot - round(0.3 * crop.shape[0]) if by_centromere else foot
                down += round(0.3 * 40) if by_centromere else 0
                h, w = crop.shape
                place = sheet[down - h : down, x : x + w]
                np.minimum(place, crop, out=place)
                x += w + apart
                told.append(kind)
            x = max(x - apart, start + 20)
            middle = (start + x) // 2
            if labels:
                size = cv2.getTextSize(kind, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 2)[0]
                at = (middle - size[0] // 2, foot + 38)
                cv2.putText(sheet, kind, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0, 2, cv2.LINE_AA)
            x += between
    return sheet, told
