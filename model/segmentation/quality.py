"""Is a cell worth karyotyping? Counted and measured on the separation, before any work is done."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.signal import find_peaks
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from model.light import flatten
from model.segmentation.base import GreyImage, Instance, Separation
from model.segmentation.shape import Shape, shape_in
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES
from model.vocabulary.quality import TWO_CELLS, Quality

Array = NDArray[np.float64]

USUAL: int = 46
FEWEST, MOST = 36, 56
"""Objects outside which a cell is not worth karyotyping."""
MOST_CROSSINGS: int = 12
SHARED: float = 0.12
"""Squared widths that two masks share at least where chromosomes cross."""
BLURRED: float = 0.2
"""Sharpness below which bands cannot be judged."""
EDGE_RISE: tuple[float, float] = (1.5, 5.0)
"""Steepness of outlines (depths of stain in one chromosome width): useless, and as good as it gets.

A Gaussian blur of sigma chromosome widths gives 0.4 / sigma.
"""
UPRIGHT: float = 15.0
"""Degrees within which chromosomes of a karyogram stand."""
STRAIGHT: float = 0.6
"""Radians of the sharpest turn of a chromosome whose bands are counted."""
PROFILES: int = 8
"""The longest straight chromosomes whose bands are counted."""
FEWEST_PROFILES: int = 3
LEAST_BAND: float = 0.03
"""How much a band differs from its neighbours, of the stain's depth."""
SEEN: float = 0.6
"""Share of the bands that stand out from both neighbours in a sharp picture, from generated
metaphases whose chromosomes have 400 bands."""
BAND_LEVELS: tuple[int, int] = (150, 850)
BAND_STEP: int = 50


def assess(separation: Separation, picture: GreyImage) -> Quality:
    """Judge a separation of `picture` (H, W) uint8."""
    found = [o for o in separation.instances if o.kind is ObjectKind.CHROMOSOME]
    width = max(separation.chromosome_width, 1.0)
    flattened = separation.flattened
    if flattened.shape != picture.shape:
        flattened = flatten(picture)
    crossings, groups = _contacts(found, width)
    sharpness = _sharpness(found, flattened, width)
    level = _band_level(found, flattened, width) if sharpness >= BLURRED else None
    worth, reason = _verdict(found, crossings, sharpness, width)
    score = _score(len(found), crossings, groups, sharpness, level)
    return Quality(
        len(found),
        crossings,
        groups,
        round(sharpness, 3),
        level,
        worth,
        reason,
        round(score if worth else score / 2, 3),
        _band_contrast(found, flattened, width),
        width=round(separation.chromosome_width, 2),
        width_factor=separation.width_factor,
    )


def _verdict(
    found: Sequence[Instance], crossings: int, sharpness: float, width: float
) -> tuple[bool, str]:
    count = len(found)
    if count == 0:
        return False, "No chromosome was found."
    if _like_karyogram(found, width):
        return False, "The objects stand upright in rows: this looks like a karyogram."
    if count < FEWEST:
        noun = "object was" if count == 1 else "objects were"
        return False, f"Only {count} {noun} found: chromosomes are missing or lie in clumps."
    if count > TWO_CELLS:
        return False, f"{count} objects were found: two cells may lie in the picture."
    if count > MOST:
        return False, f"{count} objects were found: too many for one cell."
    if sharpness < BLURRED:
        return False, "The picture is blurred: bands can hardly be told apart."
    if crossings > MOST_CROSSINGS:
        return False, f"Too many chromosomes cross ({crossings} crossings)."
    if crossings:
        noun = "crossing" if crossings == 1 else "crossings"
        return True, f"{count} objects, {crossings} {noun}."
    return True, f"{count} objects, none crossing."


def _contacts(found: Sequence[Instance], width: float) -> tuple[int, int]:
    """Crossings, and groups of objects that share pixels or touch."""
    crossings = 0
    pairs: list[tuple[int, int]] = []
    for i, one in enumerate(found):
        for j in range(i + 1, len(found)):
            shared, touching = contact(one, found[j])
            crossings += shared > SHARED * width**2
            if touching:
                pairs.append((i, j))
    if not pairs:
        return crossings, 0
    rows, columns = np.array(pairs).T
    shape = (len(found), len(found))
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=shape)
    _, group = connected_components(graph, directed=False)
    return crossings, int((np.bincount(group) > 1).sum())


def contact(one: Instance, other: Instance) -> tuple[int, bool]:
    """Pixels that two masks share, and whether they share or touch any."""
    low = np.maximum(one.origin, other.origin) - 1
    ends = [np.array(o.origin) + o.mask.shape[::-1] for o in (one, other)]
    high = np.minimum(*ends) + 1
    if (high <= low).any():
        return 0, False
    a, b = _part(one, low, high), _part(other, low, high)
    shared = int((a & b).sum())
    grown = cv2.dilate(a.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return shared, bool((grown & b).any())


def _part(one: Instance, low: NDArray[np.intp], high: NDArray[np.intp]) -> NDArray[np.bool_]:
    """A mask's pixels within x, y `low` … `high` (exclusive), empty outside the mask."""
    w, h = (high - low).tolist()
    part = np.zeros((h, w), np.bool_)
    x, y = (np.array(one.origin) - low).tolist()
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(w, x + one.mask.shape[1]), min(h, y + one.mask.shape[0])
    if x1 > x0 and y1 > y0:
        part[y0:y1, x0:x1] = one.mask[y0 - y : y1 - y, x0 - x : x1 - x]
    return part


def _sharpness(found: Sequence[Instance], flattened: GreyImage, width: float) -> float:
    """0 … 1: how steeply the stain rises at the outlines, whatever the magnification."""
    rises = []
    for one in found:
        x, y = one.origin
        h, w = one.mask.shape
        top, left = max(0, y - 2), max(0, x - 2)
        grey = flattened[top : y + h + 2, left : x + w + 2].astype(np.float32)
        dx, dy = cv2.Sobel(grey, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(grey, cv2.CV_32F, 0, 1) / 8
        mask = np.zeros(grey.shape, np.uint8)
        mask[y - top : y - top + h, x - left : x - left + w] = one.mask
        near = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        depth = 255 - float(np.median(grey[mask > 0]))
        if near.any() and depth > 1:
            rises.append(float(np.percentile(np.hypot(dx, dy)[near], 75)) * width / depth)
    if not rises:
        return 0.0
    low, high = EDGE_RISE
    return min(1.0, max(0.0, (float(np.median(rises)) - low) / (high - low)))


def _band_level(found: Sequence[Instance], flattened: GreyImage, width: float) -> int | None:
    """Estimated bands of a haploid set, in steps of 50.

    Light and dark bands are counted along the longest straight chromosomes and scaled from their
    length to that of all. None with fewer than three such chromosomes.
    """
    shapes = [(one, shape_in(one, width)) for one in found]
    total = sum(shape.length for _, shape in shapes)
    usable = [(one, s) for one, s in shapes if _is_straight(s, width)]
    usable = sorted(usable, key=lambda pair: -pair[1].length)[:PROFILES]
    if len(usable) < FEWEST_PROFILES:
        return None
    bands = sum(_bands(one, shape, flattened, width) for one, shape in usable)
    length = sum(shape.length for _, shape in usable)
    haploid = total / len(found) * (len(TYPES) - 1)
    level = BAND_STEP * round(bands / length * haploid / SEEN / BAND_STEP)
    return int(min(BAND_LEVELS[1], max(BAND_LEVELS[0], level)))


def _band_contrast(found: Sequence[Instance], flattened: GreyImage, width: float) -> float | None:
    """How much the stain varies along the longest straight chromosomes, of its depth; the median.

    Their ends and a slow change along them (a parabola) do not count. None with fewer than three.
    """
    shapes = [(one, shape_in(one, width)) for one in found]
    straight = [(one, s) for one, s in shapes if _is_straight(s, width)]
    longest = sorted(straight, key=lambda pair: -pair[1].length)[:PROFILES]
    if len(longest) < FEWEST_PROFILES:
        return None
    contrasts = []
    for one, shape in longest:
        (x, y), (h, w) = one.origin, one.mask.shape
        grey = flattened[y : y + h, x : x + w].astype(np.float64)
        dark = np.where(one.mask, 255 - grey, 0.0)
        profile = _profile(dark, shape.path, max(1, round(0.25 * width)))
        cap = round(0.6 * width)
        inner = profile[cap : len(profile) - cap]
        if len(inner) > 4:
            at = np.arange(len(inner))
            slow = np.polyval(np.polyfit(at, inner, 2), at)
            depth = max(float(np.median(dark[one.mask])), 1.0)
            contrasts.append(float((inner - slow).std()) / depth)
    return round(float(np.median(contrasts)), 4) if contrasts else None


def _is_straight(shape: Shape, width: float) -> bool:
    return (
        shape.ends == 2
        and shape.bend < STRAIGHT
        and shape.length > 3 * width
        and shape.ribbon > 0.95
    )


def _bands(one: Instance, shape: Shape, flattened: GreyImage, width: float) -> int:
    """Light and dark bands along a chromosome's middle line."""
    x, y = one.origin
    h, w = one.mask.shape
    grey = flattened[y : y + h, x : x + w].astype(np.float64)
    dark = np.where(one.mask, 255 - grey, 0.0)
    profile = _profile(dark, shape.path, max(1, round(0.25 * width)))
    depth = max(float(np.median(dark[one.mask])), 1.0)
    prominence = LEAST_BAND * depth
    darks = len(find_peaks(profile, prominence=prominence)[0])
    lights = len(find_peaks(-profile, prominence=prominence)[0])
    return darks + lights


def _profile(dark: Array, path: NDArray[np.intp], reach: int) -> Array:
    """Mean darkness across the chromosome at every point of its middle line."""
    points = path.astype(np.float64)
    smooth = ndimage.gaussian_filter1d(points, 3.0, axis=0, mode="nearest")
    along = np.gradient(smooth, axis=0) if len(points) > 2 else np.ones_like(points)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1])[:, None], 1e-6)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    offsets = np.arange(-reach, reach + 1)[:, None, None]
    sampled = smooth[None] + offsets * across[None]
    values = ndimage.map_coordinates(dark, sampled.transpose(2, 0, 1), order=1, mode="nearest")
    return np.asarray(ndimage.gaussian_filter1d(values.mean(axis=0), 0.7))


def _like_karyogram(found: Sequence[Instance], width: float) -> bool:
    """Whether nearly all objects stand upright and in rows."""
    leans, feet = [], []
    for one in found:
        ys, xs = np.nonzero(one.mask)
        feet.append(one.origin[1] + one.mask.shape[0])
        if len(ys) < 3:
            continue
        values, vectors = np.linalg.eigh(np.cov(np.stack([xs, ys]).astype(np.float64)))
        if values[1] > 3 * max(values[0], 1e-6):
            dx, dy = vectors[:, 1]
            leans.append(math.degrees(math.atan2(abs(dx), abs(dy))))
    if len(leans) < 12:
        return False
    away = np.abs(np.subtract.outer(feet, feet))
    in_row = ((away <= 0.6 * width).sum(axis=1) > 4).mean()
    return bool(np.mean(np.array(leans) < UPRIGHT) > 0.8 and in_row > 0.6)


def _score(count: int, crossings: int, groups: int, sharpness: float, level: int | None) -> float:
    """0 … 1 for ranking: the right count, little in each other's way, sharp, many bands."""
    right = math.exp(-(((count - USUAL) / 6.0) ** 2))
    clear = math.exp(-(crossings + 0.4 * groups) / 8.0)
    bands = 0.0 if level is None else min(1.0, level / 550.0)
    return 0.35 * right + 0.25 * clear + 0.2 * sharpness + 0.2 * bands
