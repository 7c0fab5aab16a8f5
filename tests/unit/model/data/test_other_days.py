"""Chromosomes of other days: shorter, opened, faint, but still where they are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from model.data.other_days import Day, disturbed, opened, with_debris


def rod() -> tuple[np.ndarray, np.ndarray]:
    """An upright chromosome of 60 × 12 with bands on white."""
    mask = np.zeros((64, 16), bool)
    mask[2:62, 2:14] = True
    bands = np.where(np.arange(64)[:, None] // 6 % 2, 90, 150)
    return np.where(mask, bands, 255).astype(np.uint8), mask


def test_an_everyday_day_changes_nothing() -> None:
    grey, mask = rod()
    same, where = Day().of(grey, mask, np.random.default_rng(0))
    assert (same == grey).all()
    assert (where == mask).all()


def test_chromosomes_become_shorter_and_no_narrower() -> None:
    _, mask = Day(length=0.6).of(*rod(), np.random.default_rng(0))
    assert mask.any(1).sum() == pytest.approx(36, abs=2)
    assert mask.any(0).sum() == 12


def test_bands_vanish() -> None:
    grey, mask = Day(contrast=0.0).of(*rod(), np.random.default_rng(0))
    assert np.ptp(grey[mask]) == 0
    assert (grey[~mask] == 255).all()


def test_chromatids_open_and_hold_together_at_one_place() -> None:
    grey, mask = rod()
    wide, where = opened(grey, mask, 0.5, np.random.default_rng(1))
    assert where.any(0).sum() == pytest.approx(18, abs=2)
    middle = wide[2:62, wide.shape[1] // 2].astype(int)
    assert middle.max() > 170  # light between the chromatids
    assert middle.min() < 160  # and none at the centromere
    runs = np.diff(where[2:62].astype(np.int8), axis=1)
    assert (np.abs(runs).sum(1) <= 2).all()  # the gap belongs to the chromosome


def test_days_come_as_the_generator_says() -> None:
    days = [Day.any(np.random.default_rng(5)) for _ in range(2)]
    assert days[0] == days[1]
    many = {Day.any(np.random.default_rng(seed)) for seed in range(60)}
    assert Day() in many
    assert any(d.gap for d in many)
    assert any(d.contrast < 1 for d in many)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_disturbed_keeps_its_shape_and_stays_a_number(seed: int) -> None:
    depth = np.zeros((64, 64), np.float32)
    depth[20:40, 20:30] = 1.2
    seen = disturbed(depth, 11.0, np.random.default_rng(seed))
    assert seen.shape == (64, 64)
    assert seen.dtype == np.float32
    assert np.isfinite(seen).all()
    assert seen[22:38, 22:28].mean() > seen[:10].mean()


def test_debris_only_takes_light() -> None:
    flat = np.full((96, 96), 240, np.float32)
    darkened = 0
    for seed in range(8):
        laid = flat.copy()
        with_debris(laid, 11.0, np.random.default_rng(seed))
        assert (laid <= flat).all()
        assert (laid > 0).all()
        darkened += int((laid < flat).any())
    assert darkened > 3
