"""A metaphase is evened out, its dark parts found, its chromosome width measured."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from model.light import flatten, upright_contrast
from model.segmentation.preparation import depth_image, estimate_width, threshold_mask
from model.vocabulary.errors import ModelError


def rods(width: int = 12, slope: float = 0.0, level: int = 225) -> np.ndarray:
    """A slide (300, 400) with eight dark rods; `slope` grey levels of shade from left to right."""
    light = np.full((300, 400), float(level)) - slope * np.linspace(0, 1, 400)
    stain = np.ones((300, 400), np.float32)
    for i in range(8):
        start = (40 + 42 * i, 60 + 15 * (i % 3))
        cv2.line(stain, start, (start[0] + 10, start[1] + 90), 0.45, width)
    stain = cv2.GaussianBlur(stain, (0, 0), 0.8)
    return np.clip(light * stain, 0, 255).astype(np.uint8)


def test_background_becomes_white_in_uneven_light() -> None:
    flat = flatten(rods(slope=70.0))
    empty = flat[200:, :]
    assert empty.min() > 235
    assert abs(int(np.median(empty[:, :60])) - int(np.median(empty[:, -60:]))) <= 6


def test_light_on_dark_is_turned_round() -> None:
    picture = rods()
    assert np.array_equal(upright_contrast(255 - picture), picture)
    assert np.array_equal(upright_contrast(picture), picture)
    dark, inverted = threshold_mask(flatten(picture)), threshold_mask(flatten(255 - picture))
    assert (dark ^ inverted).mean() < 0.01


def test_dark_parts_are_the_rods_whatever_the_light() -> None:
    even, uneven = (threshold_mask(flatten(rods(slope=s))) for s in (0.0, 70.0))
    assert cv2.connectedComponents(even.astype(np.uint8))[0] - 1 == 8
    assert cv2.connectedComponents(uneven.astype(np.uint8))[0] - 1 == 8


@pytest.mark.parametrize("width", [8, 12, 18])
def test_width_of_chromosomes(width: int) -> None:
    assert estimate_width(threshold_mask(flatten(rods(width)))) == pytest.approx(width, abs=2.5)


def test_a_nucleus_does_not_change_the_width() -> None:
    picture = rods()
    cv2.circle(picture, (330, 240), 45, 120, -1)
    assert estimate_width(threshold_mask(flatten(picture))) == pytest.approx(12, abs=2.5)


def test_an_empty_slide_is_refused() -> None:
    empty = np.random.default_rng(1).normal(220, 1.5, (200, 200)).astype(np.uint8)
    with pytest.raises(ModelError, match="No chromosome"):
        threshold_mask(flatten(empty))


def test_depth_is_one_on_usual_stain_and_none_on_the_background() -> None:
    flat = flatten(rods())
    dark = threshold_mask(flat)
    depth = depth_image(flat, dark)
    assert float(np.median(depth[dark])) == pytest.approx(1.0, abs=0.02)
    assert float(np.median(depth[~dark])) < 0.08


def test_where_all_is_dark_nothing_has_a_width() -> None:
    assert estimate_width(np.ones((300, 400), bool)) == 0.0
