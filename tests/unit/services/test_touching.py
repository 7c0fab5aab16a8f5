"""Chromosomes that touch come apart where they touch; what stands alone is not cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.errors import KaryoError
from karyogui.services.proposals import partners, split_proposals
from model.geometry.touching import touching_pairings
from tests.unit.services.test_repair_geometry import Mask, as_object, on_page, overlap, rod


def parted(one: Mask, other: Mask) -> float:
    """How well (0 … 1) the best proposal gives both back."""
    obj = as_object(one | other)
    top, left = obj.origin[1], obj.origin[0]
    found = []
    for pairing in split_proposals(obj):
        pages = []
        for mask in pairing.masks:
            page = np.zeros(one.shape, bool)
            page[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
            pages.append(page)
        if len(pages) == 2:
            straight = min(overlap(pages[0], one), overlap(pages[1], other))
            turned = min(overlap(pages[1], one), overlap(pages[0], other))
            found.append(max(straight, turned))
    return max(found)


@pytest.mark.parametrize("turn", [0, 25, 90, 140])
def test_end_to_end(turn: float) -> None:
    step = np.array([np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))]) * 22.5
    one = rod((60 - step[0], 50 - step[1]), 40, 10, turn)
    other = rod((60 + step[0], 50 + step[1]), 42, 10, turn)
    one |= rod((60, 50), 8, 5, turn)
    assert parted(one, other) > 0.85


def test_two_that_meet_with_their_ends_at_an_angle() -> None:
    assert parted(rod((45, 50), 44, 10, 30), rod((80, 50), 44, 10, -30)) > 0.8


def test_one_that_ends_on_the_side_of_another() -> None:
    bar, post = rod((60, 40), 70, 10, 0), rod((60, 64), 40, 10, 90)
    assert parted(bar, post) > 0.8


def test_a_chromosome_alone_is_not_cut() -> None:
    alone = as_object(rod((60, 50), 60, 10, 30))
    assert touching_pairings(alone.mask) == ()
    with pytest.raises(KaryoError, match="No crossing is seen"):
        split_proposals(alone)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_no_pixel_is_lost_and_none_belongs_to_two(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = np.zeros((100, 120), bool)
    for _ in range(int(rng.integers(1, 5))):
        x, y = rng.uniform(30, 90), rng.uniform(30, 70)
        mask |= rod((x, y), rng.uniform(15, 50), rng.uniform(5, 11), rng.uniform(0, 180))
    costs = []
    for pairing in touching_pairings(mask):
        one, other = pairing.masks
        assert not (one & other).any()
        assert ((one | other) == mask).all()
        assert one.any()
        assert other.any()
        costs.append(pairing.cost)
    assert costs == sorted(costs)


def test_a_part_is_joined_with_what_is_near_the_nearest_first() -> None:
    part = as_object(rod((40, 50), 20, 10, 0), "c01")
    close = as_object(rod((64, 50), 20, 10, 0), "c02")
    closer = as_object(rod((40, 62), 20, 10, 0), "c03")
    far = as_object(rod((100, 90), 15, 8, 0), "c04")
    found = partners(part, [far, close, part, closer], 10.0)
    assert [o.id for o in found] == ["c03", "c02"]
    assert on_page([part])  # where they lie does not matter to what they are
