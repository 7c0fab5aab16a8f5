"""Bent chromosomes straightened: bands keep their order, nothing else is altered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.services.strips import centre_line, straightened


def hook() -> tuple[np.ndarray, np.ndarray]:
    """Three quarters of a ring, 18 pixels broad, with bands across."""
    y, x = np.mgrid[0:120, 0:120]
    angle = np.arctan2(y - 60, x - 60)
    mask = (abs(np.hypot(y - 60, x - 60) - 40) < 9) & (y < 85)
    return np.where(mask, 100 + 60 * np.sin(angle * 12), 255).astype(np.uint8), mask


def test_a_hook_becomes_as_long_as_its_middle_and_straight() -> None:
    crop, mask = hook()
    shown, inside = straightened(crop, mask)
    length = 40 * (np.pi + 2 * np.arcsin(25 / 40))
    assert shown.shape == inside.shape
    assert abs(len(shown) - length) < 12
    assert abs(len(centre_line(mask)) - length) < 12
    assert shown.shape[1] < 30
    assert (shown[~inside] == 255).all()
    # The bands run straight across now: rows are alike from left to right.
    middle = shown[20:-20, 6:-6].astype(float)
    assert middle.std(axis=1).mean() < middle.std(axis=0).mean() / 2


def test_what_is_straight_stays_as_it_is() -> None:
    crop = np.full((90, 24), 255, np.uint8)
    crop[3:87, 4:20] = np.tile(np.linspace(60, 180, 84)[:, None], (1, 16))
    shown, inside = straightened(crop, crop < 255)
    assert abs(shown.shape[0] - 84) <= 4
    assert abs(int(inside.sum(axis=1).max()) - 16) <= 2
    # The upper end stays the upper one: dark above, light below.
    assert shown[8, shown.shape[1] // 2] < shown[-8, shown.shape[1] // 2]


@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (9, 2), (12, 12)])
def test_tiny_and_stout_masks_do_no_harm(shape: tuple[int, int]) -> None:
    crop = np.full(shape, 80, np.uint8)
    for mask in (np.ones(shape, np.bool_), np.zeros(shape, np.bool_)):
        shown, inside = straightened(crop, mask)
        assert shown.shape == inside.shape
        assert shown.size > 0
        assert len(centre_line(mask)) >= 1


def test_of_two_pieces_the_larger_one_is_straightened() -> None:
    crop, mask = hook()
    mask[110:116, 2:8] = True
    assert straightened(crop, mask)[0].shape[0] > 100


def test_parts_that_meet_at_a_corner_alone_are_one_chromosome() -> None:
    mask = np.zeros((70, 40), np.bool_)
    mask[2:34, 4:18] = mask[34:66, 18:32] = True
    shown, _ = straightened(np.full(mask.shape, 80, np.uint8), mask)
    assert shown.shape[0] > 50


@given(st.integers(0, 10**6), st.floats(0.3, 0.8))
def test_ragged_masks_do_no_harm(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random((rng.integers(1, 40), rng.integers(1, 25))) < share
    shown, inside = straightened(np.full(mask.shape, 80, np.uint8), mask)
    assert shown.shape == inside.shape
    assert np.isfinite(centre_line(mask)).all()
