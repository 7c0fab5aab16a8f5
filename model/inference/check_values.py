"""What is measured on every object of a separation, to judge whether it is one whole chromosome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement

import cv2
import numpy as np
from numpy.typing import NDArray

from model.scale import REFERENCE_LOG_SIZE
from model.segmentation.base import GreyImage, Instance, Mask
from model.segmentation.shape import shape_in
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES, X
from model.vocabulary.results import FloatArray

VALUES: tuple[str, ...] = (
    "log area", "log length", "ends", "ribbon", "radius", "bend", "turning", "solidity",
    "width spread", "log size", "log size of largest", "pairs fit", "single fits",
    "score", "agreement", "dissent", "own box", "chromosome", "overlap", "touch", "fit",
    "best type", "entropy", "margin", "unassigned", "on lacking", "lacking", "surplus",
    "neighbours", "shared", "near", "border", "alone", "depth", "spread",
    "debris", "edge", "nucleus",
)  # fmt: skip
OF_TYPES: list[int] = [
    VALUES.index(name)
    for name in (
        "log size", "pairs fit", "single fits", "best type", "entropy", "margin", "unassigned",
        "on lacking", "lacking", "surplus",
    )
]  # fmt: skip
"""Those that say nothing where types are guesses."""
MOST_MARGIN: float = 20.0
"""Nats beyond which a margin says nothing more."""
NOTHING: float = 3.0
"""How badly (logarithm of areas) something fits when the cell lacks nothing."""
ALONE: float = 3.0
"""Widths from the next chromosome beyond which an object is alone."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Look:
    """What the classifier made of an object; `margin` is None where nothing was assigned."""

    types: FloatArray
    assigned: int | None = None
    margin: float | None = None


@dataclass(frozen=True, eq=False)
class Scene:
    """A separated and classified cell: `looks` go with `instances`, None of what nobody looked at.

    `width` in raw pixels; `scale` leads from raw pixels to the common scale.
    """

    instances: Sequence[Instance]
    looks: Sequence[Look | None]
    flattened: GreyImage
    width: float
    scale: float

    @cached_property
    def rows(self) -> dict[int, list[float]]:
        """What was measured already, by number."""
        return {}

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """Copies (24,) of each type among the chromosomes."""
        types = [
            look.assigned
            for o, look in zip(self.instances, self.looks, strict=True)
            if o.kind is ObjectKind.CHROMOSOME and look is not None and look.assigned is not None
        ]
        return np.bincount(types, minlength=len(TYPES))

    @cached_property
    def lacking(self) -> tuple[int, ...]:
        """Types of which the cell has fewer than a normal one, as often as they lack."""
        return lacking_of(self.counts.tolist())

    @cached_property
    def depth(self) -> float:
        """Median depth of stain (grey values) of the chromosomes, at least 1."""
        depths = [
            float(np.median(stain_of(self, i)))
            for i, o in enumerate(self.instances)
            if o.kind is ObjectKind.CHROMOSOME
        ]
        return max(1.0, float(np.median(depths))) if depths else 1.0


def lacking_of(counts: Sequence[int]) -> tuple[int, ...]:
    """Types of which counts (24,) have fewer than a normal cell, as often as they lack."""
    missing = [t for t in range(X) for _ in range(max(0, 2 - counts[t]))]
    sex = max(0, 2 - sum(counts[X:]))
    return (*missing, *([X] * sex), *([X + 1] if sex and not counts[X + 1] else []))


def measured(scene: Scene, chosen: Sequence[int]) -> Floats:
    """Values (n, V) of the chosen instances, nan where one cannot be told."""
    new = [i for i in chosen if i not in scene.rows]
    around = _Around(scene)
    for i in new:
        scene.rows[i] = [
            *_of_shape(scene, i), *_of_votes(scene.instances[i]), *_of_types(scene, i), *around(i),
            *_of_stain(scene, i), *_of_kind(scene.instances[i]),
        ]  # fmt: skip
    return np.asarray([scene.rows[i] for i in chosen], np.float64).reshape(-1, len(VALUES))


def log_size(scene: Scene, i: int) -> float:
    """Logarithm of an object's area at the common scale."""
    return float(np.log(max(1, int(scene.instances[i].mask.sum()))) + 2 * np.log(scene.scale))


def stain_of(scene: Scene, i: int) -> Floats:
    """(n,) depths of stain in grey values at an object's pixels."""
    o = scene.instances[i]
    (x, y), (h, w) = o.origin, o.mask.shape
    return 255.0 - scene.flattened[y : y + h, x : x + w][o.mask].astype(np.float64)


def best_pair(scene: Scene, i: int) -> tuple[float, tuple[int, ...]]:
    """How badly the two lacking types that fill an object best do so, and which they are."""
    areas = np.exp(2 * REFERENCE_LOG_SIZE)
    size = log_size(scene, i)
    lacking = scene.lacking
    pairs = {p for p in combinations_with_replacement(sorted(lacking), 2) if _has(lacking, p)}
    # One of the two may already be counted: then the object's own type stays.
    look = scene.looks[i]
    own = None if look is None else look.assigned
    if own is not None:
        pairs |= {(own, other) for other in lacking}
    if not pairs:
        return NOTHING, ()
    return min((abs(size - float(np.log(areas[a] + areas[b]))), (a, b)) for a, b in sorted(pairs))


def _has(lacking: Sequence[int], pair: tuple[int, int]) -> bool:
    return pair[0] != pair[1] or lacking.count(pair[0]) > 1


def _of_shape(scene: Scene, i: int) -> list[float]:
    mask, width = scene.instances[i].mask, scene.width
    shape = shape_in(scene.instances[i], width)
    outline = cv2.findNonZero(mask.astype(np.uint8))
    hull = max(1.0, float(cv2.contourArea(cv2.convexHull(outline))))
    distance = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    along = distance[shape.path[:, 0], shape.path[:, 1]] / width
    look = scene.looks[i]
    size = log_size(scene, i)
    expected = 2 * REFERENCE_LOG_SIZE
    own = float("nan")
    if look is not None:
        kind = look.assigned
        own = size - float(expected[kind] if kind is not None else look.types @ expected)
    singles = [abs(size - float(expected[t])) for t in scene.lacking]
    return [
        float(np.log(shape.area / width**2)), float(np.log(max(shape.length, 1.0) / width)),
        float(shape.ends), shape.ribbon, shape.radius / width, shape.bend, shape.turning,
        min(1.5, shape.area / hull), float(along.std()), own, size - float(expected.max()),
        min(NOTHING, best_pair(scene, i)[0]), min([*singles, NOTHING]),
    ]  # fmt: skip


def _of_votes(instance: Instance) -> list[float]:
    votes = instance.votes
    if votes is None:
        return [instance.score, *[float("nan")] * 7]
    return [
        instance.score, votes.agreement, votes.dissent, votes.own, votes.chromosome,
        votes.overlap, votes.touch, votes.fit,
    ]  # fmt: skip


def _of_types(scene: Scene, i: int) -> list[float]:
    look = scene.looks[i]
    counts, lacking = scene.counts, scene.lacking
    surplus = float(np.maximum(counts[:X] - 2, 0).sum() + max(0, int(counts[X:].sum()) - 2))
    if look is None:
        return [*[float("nan")] * 5, float(len(lacking)), surplus]
    types = np.maximum(look.types, 1e-9)
    return [
        float(np.log(types.max())),
        float(-(types * np.log(types)).sum()),
        float("nan") if look.margin is None else min(look.margin, MOST_MARGIN),
        float(look.assigned is None),
        float(look.types[sorted(set(lacking))].sum()),
        float(len(lacking)),
        surplus,
    ]


class _Around:
    """What lies around each object."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        high, wide = scene.flattened.shape
        self._owner: NDArray[np.int32] = np.zeros((high, wide), np.int32)
        self._often: NDArray[np.uint8] = np.zeros((high, wide), np.uint8)
        self._stands = np.array(
            [False, *(o.kind is ObjectKind.CHROMOSOME for o in scene.instances)]
        )
        for number, o in enumerate(scene.instances, 1):
            (x, y), (h, w) = o.origin, o.mask.shape
            self._owner[y : y + h, x : x + w][o.mask] = number
            self._often[y : y + h, x : x + w] += o.mask

    def __call__(self, i: int) -> list[float]:
        """Neighbours within a quarter of a width, share of shared pixels, of near foreign rim.

        Then how far (widths) the picture's border and the next chromosome are.
        """
        o, width = self._scene.instances[i], self._scene.width
        reach = max(1, round(0.25 * width))
        (x, y), (h, w) = o.origin, o.mask.shape
        shared = float((self._often[y : y + h, x : x + w][o.mask] > 1).mean())
        high, wide = self._owner.shape
        top, left = max(0, y - reach), max(0, x - reach)
        part = self._owner[top : y + h + reach, left : x + w + reach]
        own: Mask = np.zeros(part.shape, np.bool_)
        own[y - top : y - top + h, x - left : x - left + w] = o.mask
        grown = cv2.dilate(own.astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8)) > 0
        ring = part[grown & ~own]
        others = ring[(ring > 0) & (ring != i + 1)]
        near = len(others) / max(1, len(ring))
        border = min(x, y, wide - x - w, high - y - h) / width
        return [float(len(np.unique(others))), shared, near, min(1.0, border), self._alone(i)]

    def _alone(self, i: int) -> float:
        """Widths to the next chromosome, at most `ALONE`."""
        o, width = self._scene.instances[i], self._scene.width
        reach = round(ALONE * width)
        (x, y), (h, w) = o.origin, o.mask.shape
        top, left = max(0, y - reach), max(0, x - reach)
        part = self._owner[top : y + h + reach, left : x + w + reach]
        others = self._stands[part] & (part != i + 1)
        if not others.any():
            return ALONE
        distance = cv2.distanceTransform((~others).astype(np.uint8), cv2.DIST_L2, 3)
        own = distance[y - top : y - top + h, x - left : x - left + w][o.mask]
        return min(ALONE, float(own.min()) / width)


def _of_stain(scene: Scene, i: int) -> list[float]:
    """Depth of stain and its spread against those of the cell's chromosomes."""
    grey = stain_of(scene, i)
    return [float(np.median(grey)) / scene.depth, float(grey.std()) / scene.depth]


def _of_kind(instance: Instance) -> list[float]:
    kinds = (ObjectKind.DEBRIS, ObjectKind.EDGE, ObjectKind.NUCLEUS)
    return [float(instance.kind is kind) for kind in kinds]
