"""Scenes and pieces for the training of the separation, read from the archives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np

from model.data.cells import LabelledCell
from model.data.metaphases import MetaphaseArchive, OutlineArchive
from model.data.separation_samples import Floats, Piece, Scene
from model.light import flatten
from model.segmentation.base import ANNOTATION_MARGIN, GreyImage, Mask
from model.segmentation.preparation import estimate_width, threshold_mask
from model.vocabulary.errors import ModelError

Notice = Callable[[str], None]

LEAST_AREA: float = 1.0
"""Squared chromosome widths below which a dark part is dirt."""
MOST_MARGIN: float = 1.0
"""Widths that a box may leave around a part for the two to be the same chromosome."""


def scenes_of(archive: MetaphaseArchive, names: Sequence[str], notice: Notice) -> list[Scene]:
    """Every readable picture of an archive with boxes; what cannot be used is reported.

    The boxes are those of the chromosomes themselves, whatever margin the archive's annotators
    leave.
    """
    scenes = _as_annotated(archive, names, notice)
    if are_tight(scenes):
        return scenes
    return [replace(s, boxes=without_margin(s.boxes, s.width)) for s in scenes]


def has_tight_boxes(archive: MetaphaseArchive, names: Sequence[str]) -> bool:
    """Whether these pictures' boxes leave no margin; what cannot be read is not asked."""
    return are_tight(_as_annotated(archive, names, lambda _: None))


def _as_annotated(archive: MetaphaseArchive, names: Sequence[str], notice: Notice) -> list[Scene]:
    def scene(name: str) -> Scene | None:
        try:
            flattened = flatten(archive.picture(name))
            dark = threshold_mask(flattened)
            width = estimate_width(dark)
            if not width:
                raise ModelError("No chromosome can be seen.")
            truth = archive.truth(name)
        except ModelError as error:
            notice(f"{name} is left out: {error}")
            return None
        boxes = np.array([t.box for t in truth], np.float32).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        types = np.array([t.type for t in truth], np.int64)
        return Scene(flattened, dark, width, boxes, types=types)

    with ThreadPoolExecutor(2) as pool:
        return [s for s in pool.map(scene, names) if s is not None]


def are_tight(scenes: Sequence[Scene]) -> bool:
    """Whether annotators leave no margin: dark parts are nearer to their boxes as they are."""
    tight: list[float] = []
    margined: list[float] = []
    for scene in scenes:
        _, _, stats, _ = cv2.connectedComponentsWithStats(scene.dark.astype(np.uint8))
        large = stats[1:][stats[1:, cv2.CC_STAT_AREA] >= LEAST_AREA * scene.width**2, :4]
        parts = np.c_[large[:, :2], large[:, :2] + large[:, 2:]].astype(np.float32)
        if not len(parts) or not len(scene.boxes):
            continue
        for boxes, off in (
            (scene.boxes, tight),
            (without_margin(scene.boxes, scene.width), margined),
        ):
            away = np.abs(parts[:, None] - boxes[None]).max(-1).min(1)
            off += (away / scene.width).tolist()
    return bool(tight) and float(np.median(tight)) < float(np.median(margined))


def without_margin(boxes: Floats, width: float) -> Floats:
    """Boxes (n, 4) of an annotator brought to the chromosomes themselves."""
    left, top, right, bottom = (width * m for m in ANNOTATION_MARGIN)
    tight = boxes + np.array([left, top, -right, -bottom], np.float32)
    small = (tight[:, 2:] - tight[:, :2]).min(1) < 0.5 * width if len(boxes) else np.zeros(0, bool)
    return np.where(small[:, None], boxes, tight).astype(np.float32)


def pieces_of(scene: Scene) -> list[Piece]:
    """Chromosomes that lie alone: one dark part in one box, filling it, sharing it with nobody."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(scene.dark.astype(np.uint8))
    found = []
    slack = 0.35 * scene.width
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        if area < LEAST_AREA * scene.width**2:
            continue
        own = np.array([x, y, x + w, y + h], np.float32)
        meets = np.minimum(own[2:], scene.boxes[:, 2:]) > np.maximum(own[:2], scene.boxes[:, :2])
        near = np.flatnonzero(meets.all(1))
        fits = [k for k in near if np.abs(scene.boxes[k] - own).max() < MOST_MARGIN * scene.width]
        inside = (own[:2] >= scene.boxes[:, :2] - slack).all(1) & (
            own[2:] <= scene.boxes[:, 2:] + slack
        ).all(1)
        if len(fits) == 1 and np.flatnonzero(inside).tolist() == fits:
            mask = labels[y : y + h, x : x + w] == i
            grey = _on_white(scene.flattened[y : y + h, x : x + w], mask)
            found.append(Piece(grey, mask, scene.width, (x, y), type=int(scene.types[fits[0]])))
    return found


def pieces_of_cell(cell: LabelledCell) -> list[Piece]:
    """Upright cut-outs on white as pieces; their width is the cell's median area over length."""
    crops = cell.pictures
    masks = [crop < 249 for crop in crops]
    width = float(np.median([m.sum() / m.shape[0] for m in masks]))
    return [
        Piece(crop, mask, width, bends=True, type=kind)
        for crop, mask, kind in zip(crops, masks, cell.types, strict=True)
        if mask.any()
    ]


def outline_scenes(archive: OutlineArchive, names: Sequence[str], notice: Notice) -> list[Scene]:
    """Pictures whose outlines are drawn, light on dark turned round; what cannot be is reported.

    What is dark and not outlined is no chromosome.
    """

    def scene(name: str) -> Scene | None:
        try:
            flattened = flatten(archive.picture(name))
            dark = threshold_mask(flattened)
            width = estimate_width(dark)
            if not width:
                raise ModelError("No chromosome can be seen.")
            outlines = archive.outlines(name)
            cut = archive.cut_by_border(name)
        except ModelError as error:
            notice(f"{name} is left out: {error}")
            return None
        known = []
        other, unsure = dark.copy(), np.zeros_like(dark)
        for mask, (x, y) in outlines:
            h, w = mask.shape
            other[y : y + h, x : x + w] &= ~mask
            grey = _on_white(flattened[y : y + h, x : x + w], mask)
            known.append(Piece(grey, mask, width, (x, y)))
        for mask, (x, y) in cut:
            unsure[y : y + mask.shape[0], x : x + mask.shape[1]] |= mask
        nobody = np.zeros_like(dark)
        boxes = np.zeros((0, 4), np.float32)
        return Scene(flattened, nobody, width, boxes, tuple(known), other=other, unsure=unsure)

    with ThreadPoolExecutor(2) as pool:
        return [s for s in pool.map(scene, names) if s is not None]


def alone_in(scene: Scene) -> list[Piece]:
    """The outlined chromosomes of a scene that lie over no other one: their stain is their own."""
    count = np.zeros(scene.flattened.shape, np.uint8)
    places = [
        np.s_[p.origin[1] : p.origin[1] + p.mask.shape[0],
              p.origin[0] : p.origin[0] + p.mask.shape[1]]
        for p in scene.known
    ]  # fmt: skip
    for piece, place in zip(scene.known, places, strict=True):
        count[place] += piece.mask
    return [
        piece for piece, place in zip(scene.known, places, strict=True)
        if (count[place][piece.mask] == 1).all()
    ]  # fmt: skip


def empty_scene(rng: np.random.Generator, width: float, side: int) -> Scene:
    """A generated empty slide: uneven light, noise."""
    y, x = np.mgrid[0:side, 0:side] / side
    slope = rng.uniform(-10, 10, 2)
    grey = 248 + slope[0] * (x - 0.5) + slope[1] * (y - 0.5) + rng.normal(0, 3, (side, side))
    flattened = np.clip(cv2.GaussianBlur(grey, (0, 0), 1.0), 0, 255).astype(np.uint8)
    nothing = np.zeros((side, side), dtype=np.bool_)
    return Scene(flattened, nothing, width, np.zeros((0, 4), np.float32))


def _on_white(grey: GreyImage, mask: Mask) -> GreyImage:
    return np.where(mask, grey, 255).astype(np.uint8)
