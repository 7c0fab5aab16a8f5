"""Chromosomes from the votes of their pixels, with the maps that a perfect network would give."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from model.segmentation.base import Instance
from model.segmentation.network import OUTPUT_STRIDE
from model.segmentation.rest import rest_of
from model.segmentation.voting import Maps, _agreed, groups_of, iou
from model.vocabulary.kinds import ObjectKind

SIDE = 120


def rod(start: tuple[int, int], end: tuple[int, int], width: int = 7) -> np.ndarray:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.line(mask, start, end, 1, width)
    return mask.astype(bool)


def box_of(mask: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
    return np.array(box, np.float32) * OUTPUT_STRIDE


def perfect(masks: Sequence[np.ndarray]) -> tuple[Maps, np.ndarray]:
    """Maps of chromosomes; in an overlap the pixel names the last one."""
    dark = np.any(masks, axis=0)
    overlap = np.sum(masks, axis=0) > 1
    sides = np.zeros((4, SIDE, SIDE), np.float32)
    y, x = (np.mgrid[0:SIDE, 0:SIDE] + 0.5) * OUTPUT_STRIDE
    for mask in masks:
        left, top, right, bottom = box_of(mask)
        own = np.stack([x - left, y - top, right - x, bottom - y])
        sides[:, mask] = own[:, mask]
    sure = dark.astype(np.float32) * 0.95
    return Maps(sure, overlap.astype(np.float32), np.zeros_like(sure), sure, sides), dark


def test_crossing_chromosomes_are_both_whole() -> None:
    one, other = rod((20, 20), (100, 100)), rod((100, 20), (20, 100))
    groups = groups_of(*perfect([one, other]))
    # Both fill the same square: their boxes cannot tell them apart, a long and a short one can.
    assert len(groups) == 1
    other = rod((85, 40), (40, 95))
    groups = groups_of(*perfect([one, other]))
    assert len(groups) == 2
    for mask in (one, other):
        best = max((g.pixels & mask).sum() / (g.pixels | mask).sum() for g in groups)
        assert best > 0.97
    shared = groups[0].pixels & groups[1].pixels
    assert np.array_equal(shared, one & other)


def test_touching_chromosomes_are_two() -> None:
    groups = groups_of(*perfect([rod((20, 50), (58, 50)), rod((66, 50), (110, 50))]))
    assert len(groups) == 2
    assert not (groups[0].pixels & groups[1].pixels).any()


def test_a_broken_vote_does_not_shatter_a_chromosome() -> None:
    mask = rod((20, 30), (100, 80))
    maps, dark = perfect([mask])
    noisy = maps.sides + np.random.default_rng(3).normal(0, 3, maps.sides.shape)
    strange = mask & (np.random.default_rng(4).random(mask.shape) < 0.1)
    noisy[:, strange] = 5.0
    groups = groups_of(
        Maps(maps.chromosome, maps.overlap, maps.touch, maps.fit, noisy.astype(np.float32)), dark
    )
    assert len(groups) == 1
    assert (groups[0].pixels & mask).sum() > 0.97 * mask.sum()


def test_nothing_dark_gives_nothing() -> None:
    maps, _ = perfect([rod((20, 20), (90, 30))])
    assert groups_of(maps, np.zeros((SIDE, SIDE), bool)) == []


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(0, 10_000))
@example(5, 789)
def test_pixels_are_never_lost(count: int, seed: int) -> None:
    """Each is in a chromosome or, cut off behind several crossings, is shown beside."""
    rng = np.random.default_rng(seed)
    masks = [
        rod(*(tuple(int(v) for v in rng.integers(15, 105, 2)) for _ in range(2)))
        for _ in range(count)
    ]
    maps, dark = perfect(masks)
    groups = groups_of(maps, dark)
    covered = np.any([g.pixels for g in groups], axis=0)
    found = [
        Instance(g.pixels, (0, 0), ObjectKind.CHROMOSOME, g.score, (0, 0, 1, 1)) for g in groups
    ]
    shown = covered.copy()
    for o in rest_of(dark, found, 5.0):
        (x, y), (h, w) = o.origin, o.mask.shape
        shown[y : y + h, x : x + w] |= o.mask
    assert (dark & ~shown).sum() <= 12 * count
    assert (dark & covered).sum() >= 0.75 * dark.sum()
    assert all(0 <= g.score <= 1 for g in groups)


def test_iou_of_boxes() -> None:
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], np.float32)
    assert np.allclose(iou(boxes, boxes[0]), [1, 1 / 3, 0])


def test_pixels_of_a_chromosome_agree_on_a_type() -> None:
    logs = np.log(np.array([[0.7, 0.6, 0.1], [0.2, 0.3, 0.1], [0.1, 0.1, 0.8]], np.float32))
    types = _agreed(logs)
    assert types.sum() == pytest.approx(1)
    assert types.argmax() == 0
