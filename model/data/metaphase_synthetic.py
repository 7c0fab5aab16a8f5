"""A generated metaphase: generated chromosomes bent, turned, touching and crossing on a slide.

Light falls through everything that lies over each other, so transmissions multiply where two
chromosomes cross. Every chromosome's type, mask, box and polarity is known, and every nucleus,
speck and chromosome cut by the border besides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from model.data.ideogram import load_appearance
from model.data.synthetic import (
    CellStyle,
    axis_coordinates,
    draw_axis,
    draw_bands,
    draw_outline,
    grain,
    paint,
)
from model.segmentation.base import Box, GreyImage, Mask
from model.vocabulary.errors import ModelError
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import Q_DOWN, Q_UP, TYPES

Array = NDArray[np.float64]

TRIES: int = 600
CLEARANCE: int = 3
"""Pixels between chromosomes that lie apart."""
BORDER: int = 6
"""Pixels that whole chromosomes keep from the picture's border."""
LEAST_TOUCH: int = 6
"""Pixels in which touching chromosomes meet, at least."""
MOST_TOUCH: int = 10
"""Pixels that they share, at most."""
PALE: float = 0.22
"""Share of the stain that lies on a chromosome everywhere, between the bands too."""
NO_ROOM: str = "The chromosomes do not fit into the picture."


@dataclass(frozen=True)
class SlideStyle:
    """What a generated metaphase looks like; lengths in pixels, light 0 … 255.

    `scale` 0.88 makes chromosomes about 14 px wide. `heap` chromosomes lie over each other in one
    place. `light` of the empty slide, `gradient` how much
    it falls off from corner to corner, `mottle` its slow unevenness, `noise` the camera's;
    `stain` how much light the darkest band takes away (0 … 1), `blur` Gaussian sigma of the whole
    picture.
    """

    size: tuple[int, int] = (800, 700)
    scale: float = 0.88
    touching: int = 9
    crossings: int = 3
    nuclei: int = 2
    specks: int = 14
    edge_objects: int = 1
    heap: int = 0
    light: float = 226.0
    gradient: float = 26.0
    mottle: float = 2.5
    noise: float = 1.6
    stain: float = 0.74
    blur: float = 0.85
    chromosomes: CellStyle = field(
        default=CellStyle(
            contraction=1.16, width=0.92, bend=2.4, texture=0.05, separation=0.2, sharpening=0.2
        )
    )


@dataclass(frozen=True, eq=False)
class PlacedObject:
    """One object's truth.

    `type` as in TYPES, "" where it is no chromosome; `mask` (h, w) tight, its top left pixel at
    `origin` (x, y); `box` x, y, w, h around the mask; `polarity` once it is upright along its
    axis, which is `axis` (n, 2): x, y in the picture from telomere to telomere, empty where it is
    no chromosome.
    """

    kind: ObjectKind
    type: str
    mask: Mask
    origin: tuple[int, int]
    polarity: int = Q_DOWN
    axis: Array = field(default_factory=lambda: np.zeros((0, 2)))

    @property
    def box(self) -> Box:
        """x, y, w, h around the mask."""
        return (*self.origin, self.mask.shape[1], self.mask.shape[0])


@dataclass(frozen=True, eq=False)
class SyntheticMetaphase:
    """A generated picture (H, W) uint8 and everything that lies in it."""

    picture: GreyImage
    objects: tuple[PlacedObject, ...]

    @property
    def chromosomes(self) -> tuple[PlacedObject, ...]:
        """The whole chromosomes alone."""
        return tuple(o for o in self.objects if o.kind is ObjectKind.CHROMOSOME)


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A chromosome before it lies anywhere: darkness and mask (h, w), axis (n, 2) within them."""

    type: str
    darkness: Array
    mask: Mask
    polarity: int
    axis: Array


@dataclass(eq=False)
class _Slide:
    """A slide while it is being filled: transmission (H, W) and how many objects lie where."""

    style: SlideStyle
    transmission: Array
    taken: NDArray[np.int32]
    objects: list[PlacedObject]
    masks: list[Mask]

    @property
    def width(self) -> float:
        """Pixels of a common chromosome's width."""
        return load_appearance("7").width * self.style.scale * self.style.chromosomes.width


def render_metaphase(
    counts: Mapping[str, int], rng: np.random.Generator, style: SlideStyle | None = None
) -> SyntheticMetaphase:
    """Lay the chromosomes of one cell on a slide and photograph it.

    ModelError when they do not fit.
    """
    style = SlideStyle() if style is None else style
    breadth, height = style.size
    empty = np.zeros((height, breadth), np.int32)
    slide = _Slide(style, np.ones((height, breadth)), empty, [], [])
    for at in range(style.nuclei):
        _add_nucleus(slide, at, rng)
    types = [t for t in TYPES for _ in range(counts.get(t, 0))]
    types.sort(key=lambda t: -load_appearance(t).length)
    roles = _roles(len(types), style, rng)
    for kind, role in sorted(zip(types, roles, strict=True), key=lambda pair: _ORDER[pair[1]]):
        _add_chromosome(slide, kind, role, rng)
    for _ in range(style.edge_objects):
        _add_chromosome(slide, str(rng.choice(TYPES[:12])), "edge", rng)
    for _ in range(style.specks):
        _add_speck(slide, rng)
    return SyntheticMetaphase(_photographed(slide, rng), tuple(slide.objects))


_ORDER = {"heap": 0, "apart": 1, "cross": 2, "touch": 3}


def _roles(count: int, style: SlideStyle, rng: np.random.Generator) -> list[str]:
    """How each chromosome is to lie, the longest first: "apart", "touch", "cross" or "heap"."""
    roles = ["heap"] * min(count, style.heap) + ["apart"] * (count - style.heap)
    first = style.heap + 2
    long = rng.permutation(np.arange(first, max(first + 1, count // 2)))[: style.crossings]
    for at in long[long < count]:
        roles[at] = "cross"
    others = [at for at in range(count) if roles[at] == "apart"]
    for at in rng.permutation(others)[: style.touching]:
        roles[at] = "touch"
    return roles


def _drawn(kind: str, style: SlideStyle, turn: float, rng: np.random.Generator) -> _Drawn:
    """A chromosome turned by `turn` degrees."""
    own = style.chromosomes
    length = load_appearance(kind).length * style.scale * own.contraction
    bands = draw_bands(kind, length, rng, own, style.scale)
    outline = draw_outline(kind, bands, rng, own, style.scale)
    axis = draw_axis(bands, rng, own, turn)
    along, across = axis_coordinates(axis, float(outline.half_width.max()) + 3.0)
    darkness, mask = paint(along, across, bands, outline, rng, own, style.scale)
    q_down = axis.points[-1, 1] >= axis.points[0, 1]
    cover = cv2.GaussianBlur(mask.astype(np.float64), (0, 0), 1.1 * style.scale)
    stained = PALE * cover + (1.0 - PALE) * np.clip(darkness, 0.0, 1.0)
    # As `axis_coordinates` lays its pixels: from the corner of the axis' box and its margin.
    corner = np.floor(axis.points.min(axis=0) - float(outline.half_width.max()) - 3.0)
    within = axis.points - corner + 0.5
    return _Drawn(kind, stained, mask, Q_DOWN if q_down else Q_UP, within)


def _add_chromosome(slide: _Slide, kind: str, role: str, rng: np.random.Generator) -> None:
    """Draw a chromosome and find it a place that suits its role; ModelError when there is none."""
    for attempt in range(8):
        drawn = _drawn(kind, slide.style, float(rng.uniform(0, 360)), rng)
        for _ in range(TRIES // 8):
            at = _place(slide, drawn.mask.shape, role, rng)
            if _suits(slide, drawn.mask, at, role):
                _lay(slide, drawn, at, role)
                return
        if role in ("cross", "touch") and attempt == 6:
            role = "apart"
    raise ModelError(NO_ROOM)


def _place(
    slide: _Slide, shape: tuple[int, int], role: str, rng: np.random.Generator
) -> tuple[int, int]:
    """A random place (x, y) for the top left corner of a mask."""
    breadth, height = slide.style.size
    h, w = shape
    if role == "edge":
        side = rng.integers(2)
        x = int(rng.integers(0, breadth - w)) if side else breadth - w // 2
        y = height - h // 2 if side else int(rng.integers(0, height - h))
        return x, y
    whole = [m for m, o in zip(slide.masks, slide.objects, strict=True) if o.type]
    if role in ("cross", "touch", "heap") and whole:
        ys, xs = np.nonzero(whole[int(rng.integers(len(whole)))])
        k = int(rng.integers(len(xs)))
        spread = 0.5 if role == "touch" else 0.1
        return (
            int(xs[k] - w / 2 + rng.normal(0, spread) * w),
            int(ys[k] - h / 2 + rng.normal(0, spread) * h),
        )
    radius, angle = np.sqrt(rng.uniform(0, 1)), rng.uniform(0, 2 * np.pi)
    x = breadth * (0.5 + 0.38 * radius * np.cos(angle)) - w / 2
    y = height * (0.5 + 0.40 * radius * np.sin(angle)) - h / 2
    return int(x), int(y)


def _suits(slide: _Slide, mask: Mask, at: tuple[int, int], role: str) -> bool:
    """Whether a mask may lie at a place: free, touching or truly crossing one other."""
    (x, y), (h, w) = at, mask.shape
    breadth, height = slide.style.size
    inside = x >= BORDER and y >= BORDER and x + w <= breadth - BORDER and y + h <= height - BORDER
    if role != "edge" and not inside:
        return False
    top, left = max(0, y - CLEARANCE), max(0, x - CLEARANCE)
    window = np.s_[top : y + h + CLEARANCE, left : x + w + CLEARANCE]
    taken = slide.taken[window]
    seen = mask[: height - y, : breadth - x]
    own = np.zeros(taken.shape, np.uint8)
    own[y - top : y - top + seen.shape[0], x - left : x - left + seen.shape[1]] = seen
    near = cv2.dilate(own, np.ones((2 * CLEARANCE + 1,) * 2, np.uint8)) > 0
    if role in ("apart", "edge"):
        return not (taken[near] > 0).any()
    if role == "heap":
        return _heaped(slide, own > 0, near, window)
    shared = int((taken[own > 0] > 0).sum())
    met = [m for m in slide.masks if (m[window] & near).any()]
    if len(met) != 1 or (taken[near] > 1).any():
        return False
    if role == "touch":
        close = cv2.dilate(own, np.ones((3, 3), np.uint8)) > 0
        return int((taken[close] > 0).sum()) >= LEAST_TOUCH and shared <= MOST_TOUCH
    area = slide.width**2
    if not 0.5 * area < shared < 1.9 * area:
        return False
    host = met[0]
    full = np.zeros_like(host)
    full[window] = own > 0
    return _parted(full, host) and _parted(host, full)


def _heaped(slide: _Slide, own: Mask, near: Mask, window: tuple[slice, ...]) -> bool:
    """Whether a mask in a window crosses all chromosomes of the heap, or all but one."""
    heap = [m for m, o in zip(slide.masks, slide.objects, strict=True) if o.type]
    nuclei = [m for m, o in zip(slide.masks, slide.objects, strict=True) if not o.type]
    if any((m[window] & near).any() for m in nuclei):
        return False
    full = np.zeros(slide.taken.shape, np.bool_)
    full[window] = own
    area = slide.width**2
    shares = [int((full & m).sum()) / area for m in heap]
    crossed = [m for m, share in zip(heap, shares, strict=True) if share > 0.5]
    apart = [m for m in heap if not (m[window] & near).any()]
    return (
        len(crossed) >= max(min(1, len(heap)), len(heap) - 1)
        and len(crossed) + len(apart) == len(heap)
        and max(shares, default=0) < 1.9
        and all(_parted(full, m) and _parted(m, full) for m in crossed)
    )


def _parted(mask: Mask, other: Mask) -> bool:
    """Whether another chromosome parts this one into two arms of some size."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((mask & ~other).astype(np.uint8))
    return int((stats[1:, cv2.CC_STAT_AREA] > 0.12 * mask.sum()).sum()) == 2


def _lay(slide: _Slide, drawn: _Drawn, at: tuple[int, int], role: str) -> None:
    (x, y), (breadth, height) = at, slide.style.size
    mask = drawn.mask[: height - y, : breadth - x]
    window = np.s_[y : y + mask.shape[0], x : x + mask.shape[1]]
    darkness = drawn.darkness[: height - y, : breadth - x]
    slide.transmission[window] *= 1.0 - slide.style.stain * darkness
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    tight = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
    what = ObjectKind.EDGE if role == "edge" else ObjectKind.CHROMOSOME
    origin = (x + int(columns[0]), y + int(rows[0]))
    axis = drawn.axis + np.asarray(at, np.float64)
    _note(slide, PlacedObject(what, drawn.type, tight, origin, drawn.polarity, axis))


def _note(slide: _Slide, placed: PlacedObject) -> None:
    (x, y), (h, w) = placed.origin, placed.mask.shape
    full = np.zeros(slide.taken.shape, np.bool_)
    full[y : y + h, x : x + w] = placed.mask
    slide.taken += full
    slide.masks.append(full)
    slide.objects.append(placed)


def _add_nucleus(slide: _Slide, number: int, rng: np.random.Generator) -> None:
    """A round interphase nucleus near a corner of the picture; the first is cut by the border."""
    breadth, height = slide.style.size
    radius = slide.width * rng.uniform(3.4, 4.6)
    corner = ((0.03, 0.10), (0.90, 0.12), (0.08, 0.90), (0.90, 0.90))[number % 4]
    centre = np.array([breadth * corner[0], height * corner[1]]) + rng.normal(0, 8, 2)
    y, x = np.ogrid[0.0:height, 0.0:breadth]
    angle = np.arctan2(y - centre[1], x - centre[0])
    waves = rng.normal(0, 0.02, 4)
    wobble = 1 + sum(a * np.cos((k + 2) * angle + k) for k, a in enumerate(waves))
    stretch = rng.uniform(0.86, 1.0)
    depth = radius * wobble - np.hypot((x - centre[0]) * stretch, (y - centre[1]) / stretch)
    cover = np.clip(depth / 4 + 0.5, 0, 1)
    texture = 0.06 * grain(depth.shape, 5.0, rng) + 0.06 * grain(depth.shape, 1.5, rng)
    dark = rng.uniform(0.42, 0.62) + texture + 0.12 * np.exp(-np.maximum(depth, 0) / 5)
    slide.transmission *= 1.0 - cover * np.clip(dark, 0.05, 0.9)
    _note_full(slide, depth > 0, ObjectKind.NUCLEUS)


def _add_speck(slide: _Slide, rng: np.random.Generator) -> None:
    """A small dark grain, or a pale smear of cytoplasm, where nothing else lies."""
    breadth, height = slide.style.size
    radius = slide.width * rng.choice([0.10, 0.15, 0.2, 0.3])
    for _ in range(TRIES):
        x0, y0 = rng.uniform(10, breadth - 10), rng.uniform(10, height - 10)
        y, x = np.ogrid[0.0:height, 0.0:breadth]
        away = np.hypot(x - x0, (y - y0) * rng.uniform(0.6, 1.6))
        if not slide.taken[away < 3 * radius + 3].any():
            break
    else:
        return
    cover = np.clip(radius - away + 0.5, 0, 1)
    slide.transmission *= 1.0 - rng.uniform(0.3, 0.85) * cover
    _note_full(slide, cover > 0.5, ObjectKind.DEBRIS)


def _note_full(slide: _Slide, full: Mask, kind: ObjectKind) -> None:
    rows, columns = np.flatnonzero(full.any(1)), np.flatnonzero(full.any(0))
    if not len(rows):
        return
    tight = full[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
    _note(slide, PlacedObject(kind, "", tight, (int(columns[0]), int(rows[0]))))


def _photographed(slide: _Slide, rng: np.random.Generator) -> GreyImage:
    """Light through the slide, out-of-focus haze, optics and camera."""
    style = slide.style
    breadth, height = style.size
    y, x = np.ogrid[0.0:height, 0.0:breadth]
    direction = rng.uniform(0, 2 * np.pi)
    slope = (x / breadth - 0.5) * np.cos(direction) + (y / height - 0.5) * np.sin(direction)
    corner = np.hypot(x / breadth - 0.5, y / height - 0.5)
    light = style.light - style.gradient * (0.6 * slope + 0.8 * corner**2)
    light += style.mottle * grain((height, breadth), 24.0, rng)
    light += 0.4 * style.mottle * grain((height, breadth), 4.0, rng)
    haze = cv2.GaussianBlur(slide.transmission, (0, 0), 2.2 * slide.width)
    through = slide.transmission * (0.93 + 0.07 * haze)
    seen = cv2.GaussianBlur(light * through, (0, 0), style.blur)
    seen += rng.normal(0, 1, seen.shape) * style.noise
    return np.asarray(np.clip(np.rint(seen), 0, 255), np.uint8)
