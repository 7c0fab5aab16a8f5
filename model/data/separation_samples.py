"""Training examples of the separation: real metaphases onto which known chromosomes are laid.

Of a real picture only boxes are known. A dark pixel in one box alone belongs to that chromosome; in
several, to one of them (the loss takes the nearest, `model.training.separation_losses`). Cut-outs
whose masks are known are laid over it, turned and bent; light passes both, so transmissions
multiply. Where they meet what lies there, overlaps and touches are known exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from model.data.bending import bend
from model.data.other_days import Day, disturbed, with_debris
from model.segmentation.base import GreyImage, Mask
from model.segmentation.preparation import depth_image

Floats = NDArray[np.float32]

SIDE: int = 352
"""Pixels of an example's side, at the scale of the network's input."""
CANDIDATES: int = 4
"""Boxes kept for a pixel that lies in several."""
UNKNOWN: int = 255
"""Label of a pixel that must not count."""
SCALE_JITTER, WIDE_JITTER = 0.18, 0.4
"""Logarithms by which the scale of most examples, and of a share of them, is off at most."""
WIDE: float = 0.2
"""Share of examples whose scale may be far off."""
MOST_COVERED: float = 0.65
"""Share of a laid chromosome that may lie over others."""
NO_TYPE: int = -1
NUCLEUS_RADIUS: float = 1.5
"""Chromosome widths; what holds so large a disc is no chromosome."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture (H, W) evened out, its dark pixels, chromosome width and what is known of it.

    `boxes` (n, 4) are left, top, right, bottom of the chromosomes themselves, without the margin
    that annotators leave; `known` are masks where outlines were drawn (then `boxes` is empty).
    `types` (n,) are the boxes' types 0 … 23, all unknown where none are given. Where outlines were
    drawn, `other` is what is dark beside them, and of its pixels `unsure` are not background.
    """

    flattened: GreyImage
    dark: Mask
    width: float
    boxes: Floats
    known: tuple[Piece, ...] = ()
    types: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    other: Mask | None = None
    unsure: Mask | None = None

    def __post_init__(self) -> None:
        if len(self.types) != len(self.boxes):
            object.__setattr__(self, "types", np.full(len(self.boxes), NO_TYPE, np.int64))


@dataclass(frozen=True, eq=False)
class Piece:
    """A chromosome with its mask: `grey` (h, w) uint8 on 255, of a picture with that width.

    `origin` (x, y) is its place where it belongs to a scene; `type` is 0 … 23 or `NO_TYPE`.
    """

    grey: GreyImage
    mask: Mask
    width: float
    origin: tuple[int, int] = (0, 0)
    bends: bool = False
    type: int = NO_TYPE


@dataclass(frozen=True, eq=False)
class Sample:
    """One example: `depth` (S, S) float32 and labels at half its resolution.

    `chromosome`, `overlap`, `touch` (s, s) uint8 are 0, 1 or `UNKNOWN`; `boxes` (n, 4) float32 in
    pixels of `depth`, `types` (n,) int64 their types or `NO_TYPE`; `candidates` (K, s, s) int16 are
    rows of `boxes` that a chromosome pixel may belong to, −1 for none.
    """

    depth: Floats
    chromosome: NDArray[np.uint8]
    overlap: NDArray[np.uint8]
    touch: NDArray[np.uint8]
    boxes: Floats
    candidates: NDArray[np.int16]
    types: NDArray[np.int64]


def compose(
    scene: Scene, pieces: Sequence[Piece], rng: np.random.Generator, width: float
) -> Sample:
    """An example from a part of a scene with pieces laid over it.

    `width` is the chromosome width in pixels that the network is made for. Turned by quarters and
    mirrored at random (mirroring changes no outline's truth).
    """
    jitter = WIDE_JITTER if rng.random() < WIDE else SCALE_JITTER
    factor = width / scene.width * float(np.exp(rng.uniform(-jitter, jitter)))
    window = _Window.choose(scene, factor, rng)
    flat = window.cut(scene.flattened, 255, cv2.INTER_AREA).astype(np.float32)
    dark = window.cut(scene.dark.astype(np.uint8) * 255, 0, cv2.INTER_AREA) > 127
    boxes, seen = window.boxes(scene.boxes)
    layers = _Layers(flat, dark, boxes, scene.types[seen], scene.width * factor)
    layers.other, layers.unsure = (
        None if part is None
        else window.cut(part.astype(np.uint8) * 255, 0, cv2.INTER_AREA) > 127
        for part in (scene.other, scene.unsure)
    )  # fmt: skip
    if not len(scene.boxes) and not scene.known:
        with_debris(flat, scene.width * factor, rng)
    for piece in scene.known:
        layers.know(piece, window, factor)
    day = Day.any(rng)
    for piece in pieces:
        layers.lay(piece, day, rng)
    return _turned(layers.sample(rng), rng)


@dataclass(frozen=True)
class _Window:
    left: float
    top: float
    factor: float

    @classmethod
    def choose(cls, scene: Scene, factor: float, rng: np.random.Generator) -> _Window:
        height, width = scene.flattened.shape
        boxes = scene.boxes if len(scene.boxes) else _boxes_of(scene.known)
        if len(boxes):
            middle = boxes[rng.integers(len(boxes))]
            x, y = (middle[0] + middle[2]) / 2, (middle[1] + middle[3]) / 2
        else:
            x, y = width / 2, height / 2
        reach = SIDE / factor
        x += rng.uniform(-0.4, 0.4) * reach
        y += rng.uniform(-0.4, 0.4) * reach
        left = min(max(x - reach / 2, -0.05 * reach), max(width - 0.95 * reach, -0.05 * reach))
        top = min(max(y - reach / 2, -0.05 * reach), max(height - 0.95 * reach, -0.05 * reach))
        return cls(left, top, factor)

    def cut(self, image: NDArray[np.uint8], fill: int, method: int) -> NDArray[np.uint8]:
        reach = round(SIDE / self.factor)
        left, top = round(self.left), round(self.top)
        part = np.full((reach, reach), fill, np.uint8)
        h, w = image.shape
        x0, y0, x1, y1 = max(0, left), max(0, top), min(w, left + reach), min(h, top + reach)
        part[y0 - top : y1 - top, x0 - left : x1 - left] = image[y0:y1, x0:x1]
        size = (SIDE, SIDE)
        return np.asarray(cv2.resize(part, size, interpolation=method), np.uint8)

    def boxes(self, boxes: Floats) -> tuple[Floats, Mask]:
        """Those that can be seen, in pixels of the window, and which (n,) they are."""
        moved = (boxes - np.array([self.left, self.top] * 2, np.float32)) * self.factor
        seen = np.asarray((moved[:, :2] < SIDE).all(1) & (moved[:, 2:] > 0).all(1))
        return moved[seen].astype(np.float32), seen


class _Layers:
    """The picture as it grows: light, dark pixels of unknown owner, masks of known ones."""

    def __init__(
        self, flat: Floats, dark: Mask, boxes: Floats, types: NDArray[np.int64], width: float
    ) -> None:
        self.flat = flat
        self.unowned = dark
        self.width = width
        self.real = boxes
        self.types = types.tolist()
        self.boxes: list[Floats] = []
        self.masks: list[Mask] = []
        self.other: Mask | None = None
        self.unsure: Mask | None = None

    def know(self, piece: Piece, window: _Window, factor: float) -> None:
        """A chromosome of the scene itself whose outline is known."""
        h, w = piece.mask.shape
        at = np.array([[factor, 0, (piece.origin[0] - window.left) * factor],
                         [0, factor, (piece.origin[1] - window.top) * factor]])  # fmt: skip
        moved = cv2.warpAffine(piece.mask.astype(np.uint8) * 255, at, (SIDE, SIDE)) > 127
        if int(moved.sum()) < 0.3 * piece.mask.sum() * factor**2:
            return
        x, y = at[:, 2]
        box = [x, y, x + w * factor, y + h * factor]
        self.masks.append(moved)
        self.boxes.append(np.array(box, np.float32))
        self.types.append(piece.type)
        self.unowned = self.unowned & ~moved

    def lay(self, piece: Piece, day: Day, rng: np.random.Generator) -> None:
        """Lay a cut-out over the picture, mostly near or over what lies there."""
        scale = self.width / piece.width * float(np.exp(rng.uniform(-0.08, 0.08)))
        grey, mask = piece.grey, piece.mask
        if piece.bends:
            grey, mask = bend(*day.of(grey, mask, rng), rng)
        degrees = float(rng.uniform(0, 360))
        grey, mask = _turn(grey, mask, degrees, scale)
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if len(rows) < 3 or len(columns) < 3:
            return
        mask = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        grey = grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        side = len(self.flat)
        h, w = mask.shape
        x, y = self._place(h, w, rng)
        box = (max(0, y), min(side, y + h), max(0, x), min(side, x + w))
        if box[1] - box[0] < 0.6 * h or box[3] - box[2] < 0.6 * w:
            return
        part = np.s_[box[0] - y : box[1] - y, box[2] - x : box[3] - x]
        there = np.s_[box[0] : box[1], box[2] : box[3]]
        own = mask[part]
        below = self.unowned[there].copy()
        for other in self.masks:
            below |= other[there]
        if (own & below).sum() > MOST_COVERED * own.sum():
            return
        whole = np.zeros((side, side), dtype=np.bool_)
        whole[there] = own
        self.flat[there] *= np.where(own, grey[part].astype(np.float32) / 255, 1.0)
        self.masks.append(whole)
        self.boxes.append(np.array([x, y, x + w, y + h], np.float32))
        self.types.append(piece.type)

    def _place(self, h: int, w: int, rng: np.random.Generator) -> tuple[int, int]:
        side = len(self.flat)
        near = (
            self.unowned
            if not self.masks or rng.random() < 0.6
            else self.masks[rng.integers(len(self.masks))]
        )
        places = np.flatnonzero(near)
        if len(places) and rng.random() < 0.8:
            y, x = divmod(int(places[rng.integers(len(places))]), side)
            spread = rng.uniform(0.0, 0.75)
            angle = rng.uniform(0, 2 * np.pi)
            return (
                int(x - w / 2 + spread * w * np.cos(angle)),
                int(y - h / 2 + spread * h * np.sin(angle)),
            )
        return int(rng.integers(-w // 4, side - w // 2)), int(rng.integers(-h // 4, side - h // 2))

    def sample(self, rng: np.random.Generator) -> Sample:
        """Labels of what lies there now."""
        known = np.zeros(self.flat.shape, np.uint8)
        for mask in self.masks:
            known += mask
        half = [_halved(mask) for mask in self.masks]
        unowned = _halved(self.unowned)
        boxes = (
            np.stack([*self.real, *self.boxes])
            if len(self.real) + len(self.boxes)
            else (np.zeros((0, 4), np.float32))
        )
        candidates = _candidates(self.real, boxes, unowned, half)
        inside = candidates[0] >= 0
        in_real_box = _covered(self.real, unowned.shape)
        chromosome = inside.astype(np.uint8)
        nucleus = _large(self.unowned, NUCLEUS_RADIUS * self.width)
        chromosome[_halved(nucleus) & (in_real_box > 0) & ~_any(half, unowned.shape)] = UNKNOWN
        count = sum((m.astype(np.uint8) for m in half), np.zeros(unowned.shape, np.uint8))
        overlap = ((count > 1) | ((count > 0) & unowned)).astype(np.uint8)
        overlap[(count == 0) & unowned & (in_real_box > 1)] = UNKNOWN
        touch = _touching(half, unowned, overlap)
        if self.unsure is not None:
            unsure = _halved(self.unsure) & ~_any(half, unowned.shape)
            for labels in (chromosome, overlap, touch):
                labels[unsure] = UNKNOWN
        dark = self.unowned | (known > 0)
        if self.other is not None:
            dark |= self.other
        depth = depth_image(np.clip(self.flat, 0, 255).astype(np.uint8), dark)
        seen = disturbed(depth, self.width, rng)
        types = np.array(self.types, np.int64)
        return Sample(seen, chromosome, overlap, touch, boxes, candidates, types)


def _candidates(real: Floats, boxes: Floats, unowned: Mask, masks: list[Mask]) -> NDArray[np.int16]:
    """(K, s, s) rows of `boxes` for every chromosome pixel: its masks' own, else its real boxes."""
    found = np.full((CANDIDATES, *unowned.shape), -1, np.int16)
    filled = np.zeros(unowned.shape, np.uint8)
    n = len(real)
    for i, box in enumerate(np.round(boxes / 2).astype(int)):
        # A mask reaches at most a pixel beyond its box at half the resolution.
        left, top, right, bottom = np.maximum(box + ((-1, -1, 1, 1) if i >= n else 0), 0)
        part = np.s_[top:bottom, left:right]
        where = (masks[i - n] if i >= n else unowned)[part] & (filled[part] < CANDIDATES)
        ys, xs = np.nonzero(where)
        ys, xs = ys + top, xs + left
        found[filled[ys, xs], ys, xs] = i
        filled[ys, xs] += 1
    return found


def _covered(boxes: Floats, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    count = np.zeros(shape, np.uint8)
    for box in boxes:
        left, top, right, bottom = np.maximum(0, np.round(box / 2)).astype(int)
        count[top:bottom, left:right] += 1
    return count


def _touching(masks: list[Mask], unowned: Mask, overlap: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Where the grown borders of two chromosomes meet without lying over each other."""
    kernel = np.ones((3, 3), np.uint8)
    count = np.zeros(unowned.shape, np.uint8)
    for mask in [*masks, unowned]:
        count += np.asarray(cv2.dilate(mask.astype(np.uint8), kernel), np.uint8)
    near = (count > 1) & (cv2.dilate((overlap == 1).astype(np.uint8), kernel) == 0)
    touch = np.asarray(near, np.uint8)
    touch[(overlap == UNKNOWN) & ~near] = UNKNOWN
    return touch


def _turn(grey: GreyImage, mask: Mask, degrees: float, scale: float) -> tuple[GreyImage, Mask]:
    h, w = mask.shape
    reach = int(np.ceil(np.hypot(h, w) * scale)) + 4
    turn = cv2.getRotationMatrix2D(((w - 1) / 2, (h - 1) / 2), degrees, scale)
    turn[:, 2] += (reach - w) / 2, (reach - h) / 2
    size = (reach, reach)
    method = cv2.INTER_LINEAR
    turned = cv2.warpAffine(grey, turn, size, flags=method, borderValue=255)
    solid = cv2.warpAffine(mask.astype(np.uint8) * 255, turn, size, flags=method)
    return turned.astype(np.uint8), solid > 127


def _halved(mask: Mask) -> Mask:
    side = mask.shape[0] // 2
    small = cv2.resize(mask.astype(np.uint8) * 255, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(small > 127)


def _any(masks: list[Mask], shape: tuple[int, ...]) -> Mask:
    found = np.zeros(shape, dtype=np.bool_)
    for mask in masks:
        found |= mask
    return found


def _large(dark: Mask, radius: float) -> Mask:
    """What a disc of that radius fits into, as far as the disc reaches."""
    distance = cv2.distanceTransform(dark.astype(np.uint8), cv2.DIST_L2, 3)
    core = (distance > radius).astype(np.uint8)
    if not core.any():
        return np.zeros_like(dark)
    away = cv2.distanceTransform(1 - core, cv2.DIST_L2, 3)
    return np.asarray(dark & (away < radius + 2))


def _boxes_of(pieces: Sequence[Piece]) -> Floats:
    return np.array(
        [[*p.origin, p.origin[0] + p.mask.shape[1], p.origin[1] + p.mask.shape[0]] for p in pieces],
        np.float32,
    ).reshape(-1, 4)


def _turned(sample: Sample, rng: np.random.Generator) -> Sample:
    """One of the eight symmetries of the square."""
    side = float(sample.depth.shape[0])
    boxes: NDArray[Any] = sample.boxes
    maps: list[NDArray[Any]] = [
        sample.depth,
        sample.chromosome,
        sample.overlap,
        sample.touch,
        sample.candidates,
    ]
    if rng.random() < 0.5:
        maps = [m[..., ::-1] for m in maps]
        boxes = np.stack([side - boxes[:, 2], boxes[:, 1], side - boxes[:, 0], boxes[:, 3]], 1)
    if rng.random() < 0.5:
        maps = [m[..., ::-1, :] for m in maps]
        boxes = np.stack([boxes[:, 0], side - boxes[:, 3], boxes[:, 2], side - boxes[:, 1]], 1)
    if rng.random() < 0.5:
        maps = [np.swapaxes(m, -1, -2) for m in maps]
        boxes = boxes[:, [1, 0, 3, 2]]
    depth, chromosome, overlap, touch, candidates = (np.ascontiguousarray(m) for m in maps)
    return Sample(
        depth, chromosome, overlap, touch, boxes.astype(np.float32), candidates, sample.types
    )
