"""What else was tried to separate chromosomes, for the record of the decision.

`python -m model.studies.separation_alternatives --data ARCHIVE` prints for each way the share
of annotated chromosomes that are one object (IoU of boxes ≥ 0.5, one to one), false objects and
both kinds of error per cell, on held-out cases. Components and watershed need no network; the
semantic way uses the same network's maps, without its votes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.optimize import linear_sum_assignment

from model.data.metaphases import MetaphaseArchive
from model.light import flatten
from model.segmentation.base import ANNOTATION_MARGIN, GreyImage, Mask, Separator
from model.segmentation.classical import ClassicalSeparator
from model.segmentation.learned import LearnedSeparator
from model.segmentation.network import OUTPUT_STRIDE
from model.segmentation.preparation import estimate_width, threshold_mask
from model.segmentation.voting import Maps
from model.vocabulary.errors import ModelError, refusing_in_words
from model.vocabulary.kinds import ObjectKind

Boxes = NDArray[np.float64]
Way = Callable[[GreyImage], Boxes]

LEAST_AREA: float = 0.6
"""Squared chromosome widths of the smallest object that counts."""
LARGEST_AREA: float = 30.0
"""Squared chromosome widths above which a thick object is a nucleus."""
OPPOSITE: float = 120.0
"""Degrees between two arms at a crossing from which they can be one chromosome."""


def components(picture: GreyImage) -> Boxes:
    """Threshold and connected components."""
    dark = threshold_mask(flatten(picture))
    labels = np.asarray(cv2.connectedComponents(dark.astype(np.uint8))[1], np.int32)
    return _boxes(labels, estimate_width(dark))


def by_watershed(picture: GreyImage) -> Boxes:
    """Threshold, distance map, watershed from its peaks."""
    dark = threshold_mask(flatten(picture))
    width = estimate_width(dark)
    distance = ndimage.gaussian_filter(ndimage.distance_transform_edt(dark), 0.15 * width)
    apart = 2 * round(1.2 * width) + 1
    peaks = (distance == ndimage.maximum_filter(distance, apart)) & dark
    seeds = np.asarray(ndimage.label(peaks)[0])
    seeds = np.where(dark, seeds, -1).astype(np.int32)
    relief = np.round(255 * (1 - distance / max(distance.max(), 1e-6))).astype(np.uint8)
    parts = ndimage.watershed_ift(relief, seeds)
    return _boxes(np.where(dark, np.maximum(parts, 0), 0).astype(np.int32), width)


def semantic(separator: LearnedSeparator) -> Way:
    """Interior, touch and overlap as classes; arms at an overlap paired by their directions."""

    def way(picture: GreyImage) -> Boxes:
        flattened = flatten(picture)
        dark = threshold_mask(flattened)
        width = estimate_width(dark)
        maps, factor = separator.look(flattened, dark, width)
        half = cv2.resize(
            dark.astype(np.uint8) * 255, maps.chromosome.shape[::-1], interpolation=cv2.INTER_AREA
        )
        labels = _paired(maps, half > 100)
        step = OUTPUT_STRIDE / factor
        boxes = []
        for mask in labels:
            ys, xs = np.nonzero(mask)
            if len(ys) * step**2 < LEAST_AREA * width**2:
                continue
            boxes.append(_with_margin(
                np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]) * step, width
            ))  # fmt: skip
        return np.array(boxes).reshape(-1, 4)

    return way


def instances(separator: Separator) -> Way:
    """The boxes of what a separator calls chromosomes."""

    def way(picture: GreyImage) -> Boxes:
        found = separator(picture).instances
        boxes = [o.box for o in found if o.kind is ObjectKind.CHROMOSOME]
        return np.array(boxes, np.float64).reshape(-1, 4)

    return way


def _paired(maps: Maps, dark: Mask) -> list[Mask]:
    """Masks from classes: arms that go on straight through an overlap become one."""
    inside = (maps.chromosome > 0.5) & dark
    overlap = (maps.overlap > 0.5) & inside
    arms = inside & ~overlap & (maps.touch < 0.5)
    count, labels = cv2.connectedComponents(arms.astype(np.uint8))
    parent = list(range(count))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    shared: list[tuple[int, Mask]] = []
    crossings, areas = cv2.connectedComponents(overlap.astype(np.uint8))
    for n in range(1, crossings):
        area = areas == n
        ring = cv2.dilate(area.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.bool_)
        around = [int(i) for i in np.unique(labels[ring & ~area]) if i]
        middle = np.argwhere(area).mean(0)
        near = {i: np.argwhere((labels == i) & ring).mean(0) - middle for i in around}
        for a, b in _opposite(near):
            parent[root(b)] = root(a)
            shared.append((a, area))
    masks: dict[int, Mask] = {}
    for i in range(1, count):
        masks.setdefault(root(i), np.zeros(dark.shape, dtype=np.bool_))[labels == i] = True
    for i, area in shared:
        masks[root(i)] |= area
    return list(masks.values())


def _opposite(directions: dict[int, NDArray[np.float64]]) -> list[tuple[int, int]]:
    """Pairs of arms that lie most nearly opposite each other, each arm in one pair."""
    pairs = []
    for a in directions:
        for b in directions:
            if a < b:
                u, v = directions[a], directions[b]
                size = float(np.linalg.norm(u)) * float(np.linalg.norm(v))
                cosine = float(u @ v) / max(1e-6, size)
                pairs.append((float(np.degrees(np.arccos(np.clip(cosine, -1, 1)))), a, b))
    chosen, taken = [], set[int]()
    for angle, a, b in sorted(pairs, reverse=True):
        if angle >= OPPOSITE and not {a, b} & taken:
            chosen.append((a, b))
            taken |= {a, b}
    return chosen


def _boxes(labels: NDArray[np.int32], width: float) -> Boxes:
    boxes = []
    for i, part in enumerate(ndimage.find_objects(labels), 1):
        if part is None:
            continue
        mask = labels[part] == i
        area = mask.sum() / width**2
        thick = ndimage.distance_transform_edt(np.pad(mask, 1)).max() > 1.2 * width
        if area < LEAST_AREA or (area > LARGEST_AREA and thick):
            continue
        y, x = part
        boxes.append(_with_margin(np.array([x.start, y.start, x.stop, y.stop], float), width))
    return np.array(boxes).reshape(-1, 4)


def _with_margin(box: NDArray[np.float64], width: float) -> list[float]:
    left, top, right, bottom = (width * m for m in ANNOTATION_MARGIN)
    x0, y0, x1, y1 = box
    return [x0 - left, y0 - top, x1 - x0 + left + right, y1 - y0 + top + bottom]


def matches(found: Boxes, truth: Boxes) -> int:
    """How many annotated boxes (x, y, w, h) have one found box of their own at IoU ≥ 0.5."""
    if not len(found) or not len(truth):
        return 0
    a, b = found[:, None], truth[None]
    least = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    inner = np.maximum(least - np.maximum(a[..., :2], b[..., :2]), 0).prod(-1)
    iou = inner / (a[..., 2:].prod(-1) + b[..., 2:].prod(-1) - inner)
    rows, columns = linear_sum_assignment(-np.where(iou >= 0.5, iou, 0))
    return int((iou[rows, columns] >= 0.5).sum())


@refusing_in_words
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every way on held-out pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--hold-out", type=int, default=0)
    parser.add_argument("--limit", type=int, default=60)
    options = parser.parse_args(arguments)
    archive = MetaphaseArchive(options.data)
    names = archive.split(options.hold_out)[1]
    names = names[:: max(1, len(names) // options.limit)][: options.limit]
    learned = LearnedSeparator.load()
    ways: dict[str, Way] = {
        "threshold + components": components,
        "threshold + watershed": by_watershed,
        "classical": instances(ClassicalSeparator()),
        "semantic classes + graph": semantic(learned),
        "votes of pixels": instances(learned),
    }
    print("way | separated | false per cell | errors per cell (median) | s per picture")  # noqa: T201
    for label, way in ways.items():
        right = wrong = total = 0
        errors = []
        began = time.perf_counter()
        for name in names:
            truth = np.array([t.box for t in archive.truth(name)], np.float64)
            try:
                found = way(archive.picture(name))
            except ModelError:
                found = np.zeros((0, 4))
            hits = matches(found, truth)
            right, total, wrong = right + hits, total + len(truth), wrong + len(found) - hits
            errors.append(len(truth) + len(found) - 2 * hits)
        seconds = (time.perf_counter() - began) / len(names)
        print(  # noqa: T201
            f"{label} | {right / total:.1%} | {wrong / len(names):.1f} | "
            f"{np.median(errors):.1f} | {seconds:.2f}",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
