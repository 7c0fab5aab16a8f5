"""How a photograph is lit: the field that is, its background, and what is darker than it.

Free of torch, so that the program judges a picture by the same rules as the separation does.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

GreyImage = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

BACKGROUND: int = 255
SMALL_SIDE: int = 256
"""Pixels of the longer side at which light is looked at."""
FRAME_LEVELS: tuple[int, ...] = (20, 36, 52, 68, 84, 100)
"""Grey levels up to which what lies against the border may be a frame: black, or a dark window."""
STEP: float = 40.0
"""Grey levels by which a picture is lighter than its frame, at once; light falls off slowly."""
PLAIN: int = 2
"""Grey levels within which a frame drawn by a program is of one colour."""
PLAIN_STEP: float = 12.0
"""Grey levels between such a frame and the slide; light that falls off has no step."""
MOST_OF_FRAME: float = 0.95
"""Share of such a frame that is of its colour; a page with a karyogram on it has less."""
LEAST_FIELD, LEAST_RECTANGLE = 0.25, 0.06
"""Share of a picture that a lit field has; a rectangle within a window may be smaller."""
ALONG: float = 0.18
"""Share of a picture's border that a frame takes; a nucleus there takes less."""
SOLID: float = 0.94
"""Share of its convex hull that a field fills."""
RIM: float = 20.0
"""Grey levels by which most of the rim of a field does not differ: it is slide, not bands."""
LEAST_SLIDE, LARGE_FIELD = 0.8, 0.45
"""Share of a field's rim that is slide; a field as large as that may cut many chromosomes, ..."""
LEAST_SLIDE_OF_LARGE: float = 0.65
"""... and has at least so much."""
SOFT, SOFTEST = 0.04, 10
"""Share of its light by which a field rises from pixel to pixel where its edge is out of focus, and
how many pixels such an edge has at most."""
OBJECTS: float = 0.004
"""Share of a field that is darker than it: a field without anything in it is a nucleus."""
NESTED: int = 2
"""Frames within the outermost one that are looked for."""
AROUND: int = 63
"""Pixels (of at most `SMALL_SIDE`) around an object whose light it is compared with."""
BLOCKS: int = 14
"""Along the longer side: places at which the background is measured."""
EVEN: float = 0.75
"""Share of the lightest background below which the darkest one is more than a slope."""
LIKE_LIGHT: float = 0.6
"""Share of the measured places that a surface of light passes through."""
DARKEST: float = 0.15
"""Share of the lightest background that the darkest one has at least."""


def flatten(picture: GreyImage) -> GreyImage:
    """Even out the background of a picture (H, W) uint8 and bring it to 255, dark on light.

    What is light on dark is inverted. The picture is divided by its background (transmission is a
    ratio). What lies outside of the lit field is background.
    """
    field = lit_field(picture)
    grey = upright_contrast(picture, field).astype(np.float32)
    light = _background(grey, field)
    even = np.clip(grey / np.maximum(light, 1.0) * BACKGROUND, 0, BACKGROUND)
    if field is not None:
        even[~field] = BACKGROUND
    return np.asarray(even, np.uint8)


def upright_contrast(picture: GreyImage, field: Mask | None = None) -> GreyImage:
    """A picture (H, W) dark on light: inverted where `is_bright_on_dark` says so."""
    if is_bright_on_dark(picture, field):
        return (BACKGROUND - picture).astype(np.uint8)
    return picture


def is_bright_on_dark(picture: GreyImage, field: Mask | None = None) -> bool:
    """Whether what stands out from a picture (H, W), or from its lit field, is the brighter.

    By what departs from the light around it; where too little does, by the commonest grey level.
    """
    seen = picture.ravel() if field is None else picture[field]
    small = _small(picture if field is None else np.where(field, picture, np.median(seen)))
    around = cv2.medianBlur(small, min(AROUND, min(small.shape) // 4 * 2 + 1))
    off = small.astype(np.float32) - around
    off = off[np.abs(off) > 6]
    lean = float((off**3).sum() / max(1.0, float((np.abs(off) ** 3).sum())))
    if off.size > OBJECTS * small.size and abs(lean) > 0.3:
        return lean > 0
    counts = np.bincount(seen // 8, minlength=32).astype(np.float64)
    level = int((np.convolve(counts, np.ones(3), "same")).argmax()) * 8 + 4
    median = float(np.median(seen))
    dark = level < float(seen.mean()) - 2 or (level < 96 and median < 128)
    return dark and level < 128


def _small(picture: NDArray[Any]) -> GreyImage:
    """At most `SMALL_SIDE` pixels on a side."""
    height, width = picture.shape
    factor = min(1.0, SMALL_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    grey = picture.astype(np.uint8)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def lit_field(picture: GreyImage) -> Mask | None:
    """(H, W) bool: the lit part of a photograph with a dark surround; None when all of it is lit.

    A black frame, the window of another program, the round field of an eyepiece: an even dark part
    lies against the border, and from there to the field the light steps up at once. Bright
    chromosomes on a dark background are no field: they are not one convex whole. A frame of one
    colour may be as light as the field. Of frames in one another the innermost counts.
    """
    field = _field_of(picture)
    for _ in range(NESTED):
        if field is None:
            break
        rows, columns = np.flatnonzero(field.any(axis=1)), np.flatnonzero(field.any(axis=0))
        box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        inner = _field_of(picture[box]) if field[box].mean() > SOLID else None
        if inner is None:
            break
        field = np.zeros_like(field)
        field[box] = inner
    return field


def _field_of(picture: GreyImage) -> Mask | None:
    """The lit part within the outermost frame of a picture; None without one."""
    height, width = picture.shape
    small = _small(picture)
    if min(small.shape) < 16:
        return None
    for level in FRAME_LEVELS:
        dark = _against_the_border(small <= level)
        edge = np.concatenate([dark[0], dark[-1], dark[:, 0], dark[:, -1]])
        if edge.mean() < ALONG or dark.mean() > 1 - LEAST_RECTANGLE:
            continue
        field = _whole(~dark)
        if field is not None and _steps_up(small, field, dark):
            return _enlarged(_without_soft_edge(small, field), width, height)
    plain = _in_plain_frame(small)
    return None if plain is None else _enlarged(plain, width, height)


def _enlarged(field: Mask, width: int, height: int) -> Mask:
    """A field of the small picture in the large one, without its outermost pixels."""
    inner = cv2.erode(np.pad(field.astype(np.uint8), 1), np.ones((3, 3)))[1:-1, 1:-1]
    full = cv2.resize(inner, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(full > 0)


def _without_soft_edge(small: GreyImage, field: Mask) -> Mask:
    """A field without an edge that is out of focus, where the light rises over several pixels."""
    depth = cv2.distanceTransform(np.pad(field.astype(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    rings = [small[(depth > d) & (depth <= d + 1)] for d in range(SOFTEST + 1)]
    if not all(len(ring) for ring in rings):
        return field
    light = [float(np.percentile(ring, 75)) for ring in rings]
    within = 0
    # The first two are sharp edges made smaller.
    while within < SOFTEST and light[within + 1] - light[within] > SOFT * light[-1]:
        within += 1
    return field if within < 2 else np.asarray(depth > within)


def _in_plain_frame(small: GreyImage) -> Mask | None:
    """A rectangle that holds slide and objects, within a frame of one grey level or beside one.

    So are pictures drawn that were received in part and saved again.
    """
    edge = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    counts = np.bincount(edge, minlength=256)
    counts[: FRAME_LEVELS[0] + 1] = 0
    for _ in range(2):  # the slide may have one level too, clipped to white
        level = int(counts.argmax())
        if (field := _beside(small, level, edge)) is not None:
            return field
        counts[max(0, level - PLAIN) : level + PLAIN + 1] = 0
    return None


def _beside(small: GreyImage, level: int, edge: NDArray[np.uint8]) -> Mask | None:
    """The rectangle beside what is of one level and lies against the border (n,)."""
    away = np.abs(small.astype(np.int16) - level)
    if (np.abs(edge.astype(np.int16) - level) <= PLAIN).mean() < ALONG:
        return None
    field = _whole(~_against_the_border(away <= PLAIN))
    if field is None:
        return None
    _, _, w, h = cv2.boundingRect(field.astype(np.uint8))
    rim = _rim(field)
    if field.sum() < SOLID * w * h or not rim.any():
        return None
    if not (_is_slide(small, rim) or _is_slide(BACKGROUND - small, rim)):
        return None
    # One chromosome on white is no field: nothing lies within it.
    inner = cv2.erode(np.pad(field.astype(np.uint8), 1), np.ones((13, 13)))[1:-1, 1:-1] > 0
    seen = np.abs(small[inner].astype(np.float32) - np.median(small[field])) > RIM
    # The light slide of a photograph on a white page is background as the page is.
    lighter = float(np.median(small[rim])) - level
    step = STEP if level >= BACKGROUND - PLAIN else PLAIN_STEP
    differs = lighter > PLAIN_STEP or lighter < -step
    is_frame = (away[~field] <= PLAIN).mean() > MOST_OF_FRAME
    return field if differs and is_frame and seen.sum() > OBJECTS * field.sum() else None


def _rim(field: Mask) -> Mask:
    """A band of two pixels within a field, one pixel from its edge."""
    padded = np.pad(field.astype(np.uint8), 4, mode="edge")
    outer = cv2.erode(padded, np.ones((5, 5), np.uint8))[4:-4, 4:-4]
    inner = cv2.erode(padded, np.ones((9, 9), np.uint8))[4:-4, 4:-4]
    return np.asarray((outer > 0) & (inner == 0))


def _is_slide(small: GreyImage, rim: Mask, least: float = LEAST_SLIDE) -> bool:
    """Whether most of a rim is as light as the slide, which may fall off: slide, not bands."""
    y, x = np.nonzero(rim)
    values = small[rim].astype(np.float64)
    terms = _terms(x / small.shape[1] - 0.5, y / small.shape[0] - 0.5, 1)
    level = np.full(len(values), float(np.median(values)))
    for _ in range(3):
        light = values > level - RIM
        if light.sum() < terms.shape[1]:
            break
        level = terms @ np.linalg.lstsq(terms[light], values[light], rcond=None)[0]
    return float((values < level - RIM).mean()) <= 1 - least


def _against_the_border(dark: Mask) -> Mask:
    """What of it hangs together with the border."""
    _, labels = cv2.connectedComponents(dark.astype(np.uint8), connectivity=4)
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return np.asarray(np.isin(labels, np.unique(edge[edge > 0])))


def _whole(lit: Mask) -> Mask | None:
    """The largest part with its holes filled, if it is convex and large; else None."""
    opened = cv2.morphologyEx(lit.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    largest = max(outlines, key=cv2.contourArea)
    hull = cv2.convexHull(largest)
    area, around = cv2.contourArea(largest), max(1.0, cv2.contourArea(hull))
    _, _, w, h = cv2.boundingRect(largest)
    is_rectangle = area > 0.95 * (w - 1) * (h - 1)
    least = LEAST_RECTANGLE if is_rectangle else LEAST_FIELD
    if area < SOLID * around or area < least * lit.size:
        return None
    filled = np.zeros(lit.shape, np.uint8)
    cv2.drawContours(filled, [hull], -1, 1, cv2.FILLED)
    return np.asarray(filled > 0)


def _steps_up(small: NDArray[Any], field: Mask, dark: Mask) -> bool:
    """Whether the picture is lighter than what surrounds it, at once, and holds darker things."""
    kernel = np.ones((7, 7), np.uint8)
    solid = field.astype(np.uint8)
    padded = np.pad(solid, 4, mode="edge")
    inner = (solid > 0) & (cv2.erode(padded, kernel)[4:-4, 4:-4] == 0)
    outer = (solid == 0) & (cv2.dilate(padded, kernel)[4:-4, 4:-4] > 0) & dark
    if not inner.any() or not outer.any():
        return False
    surround = small[dark]
    level = float(np.median(small[field]))
    spread = float(np.percentile(surround, 90) - np.percentile(surround, 10))
    objects = (small[field] < level - 25).mean()
    rim = _rim(field)
    least = LEAST_SLIDE_OF_LARGE if field.mean() > LARGE_FIELD else LEAST_SLIDE
    if not rim.any() or not _is_slide(small, rim, least):
        return False
    return (
        float(np.median(small[inner])) - float(np.median(small[outer])) > STEP
        and spread < 0.5 * (level - float(np.median(surround)))
        and float((small[field] > (level + float(np.median(surround))) / 2).mean()) > 0.6
        and float(objects) > OBJECTS
    )


def _background(grey: Floats, field: Mask | None) -> Floats:
    """(H, W) float32: the light that fell through the empty slide."""
    height, width = grey.shape
    factor = min(1.0, SMALL_SIDE / max(height, width))
    shape = (max(8, round(width * factor)), max(8, round(height * factor)))
    small = np.asarray(cv2.resize(grey, shape, interpolation=cv2.INTER_AREA), np.float32)
    inside = np.ones(small.shape, dtype=np.bool_)
    if field is not None:
        part = cv2.resize(field.astype(np.float32), shape, interpolation=cv2.INTER_AREA)
        inside = part > 0.99
        small = np.where(inside, small, np.median(small[inside])).astype(np.float32)
    fallen = _fall_off(small, inside)
    falls_off = fallen is not None
    level = _surface(small) if fallen is None else fallen
    near = inside & (np.abs(small - level) < np.maximum(18.0, 0.12 * level))
    smooth = _mean_of(small, near, level)
    if (
        falls_off
    ):  # a mean lags behind what falls off, and by as much as the surface's own mean does
        smooth = smooth + level - _mean_of(level, near, level)
    fine = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(fine, np.float32)


def _mean_of(values: Floats, near: Mask, level: Floats) -> Floats:
    """(h, w): the mean of the near values around each place, `level` where there are none."""
    reach = 0.12 * max(values.shape)
    filled = np.where(near, values, 0).astype(np.float32)
    total = cv2.GaussianBlur(filled, (0, 0), reach) + 0.01 * level
    share = cv2.GaussianBlur(near.astype(np.float32), (0, 0), reach) + 0.01
    return np.asarray(total / share, np.float32)


def _surface(small: Floats) -> Floats:
    """(h, w) float32: a parabola through the lightest commonest pixels.

    So a slope of the light is not taken for stain.
    """
    h, w = small.shape
    y, x = np.mgrid[0:h, 0:w]
    x, y = (x / w - 0.5).ravel(), (y / h - 0.5).ravel()
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    values = small.ravel().astype(np.float64)
    level = np.full(len(values), np.percentile(values, 85))
    for reach in (60.0, 30.0, 18.0, 18.0):
        near = np.abs(values - level) < reach
        if near.mean() < 0.05:
            break
        level = terms @ np.linalg.lstsq(terms[near], values[near], rcond=None)[0]
    return np.clip(level, 1.0, None).reshape(h, w).astype(np.float32)


def is_unevenly_lit(picture: GreyImage) -> bool:
    """Whether the light of a picture (H, W) falls off strongly, or does not reach all of it."""
    small = _small(picture)
    field = lit_field(small)
    if field is not None:
        return True
    whole = np.ones(small.shape, dtype=np.bool_)
    return _fall_off(upright_contrast(small).astype(np.float32), whole) is not None


def _fall_off(small: Floats, inside: Mask) -> Floats | None:
    """(h, w) float32: a surface of the fourth order through the light between the objects.

    What a camera sees that the optics do not fill, dark towards its corners, is no parabola. None
    where the light hardly falls off, or where too much of the picture departs from any surface.
    """
    h, w = small.shape
    x, y, levels = _measured(small, inside)
    keep = np.ones(len(x), dtype=np.bool_)
    fitted = None
    for order in (2, 2, 2, 4, 4, 4):
        terms = _terms(x, y, order)
        if keep.sum() < 2 * terms.shape[1]:
            break
        factors = np.linalg.lstsq(terms[keep], levels[keep], rcond=None)[0]
        fitted = factors, order
        off = levels - terms @ factors
        # What is darker than the surface is an object; a little lighter is noise.
        usual = max(0.02 * float(np.median(levels)), float(np.median(np.abs(off[keep]))))
        keep = (off > -2.5 * usual) & (off < 6 * usual)
    factors, order = fitted or (np.array([np.median(levels)]), 0)
    surface = _drawn(factors, order, h, w)
    seen = surface[inside]
    least, most = np.percentile(levels[keep], [1, 99])
    if keep.mean() < LIKE_LIGHT or max(seen.min() / seen.max(), least / most) > EVEN:
        return None
    rows, columns = np.nonzero(inside)
    across_field, down_field = (np.ptp(columns) + 1) / w, (np.ptp(rows) + 1) / h
    from_middle = np.maximum(
        np.abs(x + 0.5 - (columns.min() + columns.max() + 1) / (2 * w)) / across_field,
        np.abs(y + 0.5 - (rows.min() + rows.max() + 1) / (2 * h)) / down_field,
    )
    outermost = from_middle > 0.4  # a large object is dark in the middle
    if np.median(levels[outermost & keep]) > 0.92 * most:
        return None
    lightest = float(levels.max())
    return np.asarray(np.clip(surface, DARKEST * lightest, 1.1 * lightest), np.float32)


def _measured(small: Floats, inside: Mask) -> NDArray[np.float64]:
    """(3, n): places x, y (−½ … ½) and the light at each, an upper percentile of a block."""
    h, w = small.shape
    side = max(2, round(max(h, w) / BLOCKS))
    found = []
    for top in range(0, h, side):
        for left in range(0, w, side):
            part = np.s_[top : top + side, left : left + side]
            values = small[part][inside[part]]
            if len(values) >= 0.3 * side * side:
                middle = (min(h, top + side) + top - 1) / 2, (min(w, left + side) + left - 1) / 2
                found.append((middle[1] / w - 0.5, middle[0] / h - 0.5, _upper(values)))
    if not found:
        found = [(0.0, 0.0, float(np.percentile(small, 85)))]
    return np.array(found, np.float64).T


def _upper(values: Floats) -> float:
    """What `np.percentile(values, 75)` gives of (n,), which takes many times as long."""
    at = 0.75 * (len(values) - 1)
    low, high = int(at), min(int(at) + 1, len(values) - 1)
    sorted_there = np.partition(values, (low, high))
    below, above = float(sorted_there[low]), float(sorted_there[high])
    return below + (at - low) * (above - below)


def _terms(x: NDArray[np.float64], y: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """(n, terms) of a polynomial at n places."""
    terms = [x**i * y**j for i in range(order + 1) for j in range(order + 1 - i)]
    return np.stack(terms, axis=-1)


def _drawn(factors: NDArray[np.float64], order: int, h: int, w: int) -> NDArray[np.float64]:
    """(h, w): a polynomial, by the factors of its terms, at all places of a picture."""
    given = iter(factors)
    table = np.zeros((order + 1, order + 1))  # by the powers of y and of x
    for i in range(order + 1):
        for j in range(order + 1 - i):
            table[j, i] = next(given)
    powers = np.arange(order + 1)
    across = (np.arange(w)[None] / w - 0.5) ** powers[:, None]
    down = (np.arange(h)[:, None] / h - 0.5) ** powers
    return np.asarray(down @ table @ across)
