"""Crossings: which arms belong together, and what both chromosomes share."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.services.proposals import crossing_proposals, split_crossing
from tests.unit.services.test_repair_geometry import (
    Mask,
    applied,
    as_object,
    on_page,
    overlap,
    rod,
)


@given(
    st.floats(35, 145),
    st.floats(0, 180),
    st.floats(8, 10),
    st.floats(-5, 5),
    st.floats(-5, 5),
)
@settings(max_examples=25, deadline=None)
def test_two_rods_that_cross_come_apart_as_they_were(
    angle: float, turn: float, width: float, dx: float, dy: float
) -> None:
    one = rod((60, 50), 64, width, turn)
    other = rod((60 + dx, 50 + dy), 60, width, turn + angle)
    obj = as_object(one | other)
    proposals = crossing_proposals(obj, (60, 50))
    assert len(proposals) == 3
    assert [p.cost for p in proposals] == sorted(p.cost for p in proposals)
    for pairing in proposals:
        assert (np.logical_or.reduce(pairing.masks) == obj.mask).all()
        assert (np.logical_and.reduce(pairing.masks) == pairing.shared).all()
    pages = on_page(split_crossing(obj, proposals[0], {"c01"}).after)
    straight = min(overlap(pages[0], one), overlap(pages[1], other))
    turned = min(overlap(pages[1], one), overlap(pages[0], other))
    assert max(straight, turned) > 0.85


def test_the_shared_pixels_belong_to_both_and_nothing_is_lost() -> None:
    one, other = rod((60, 50), 64, 10, 10), rod((60, 50), 60, 10, 80)
    obj = as_object(one | other)
    repair = split_crossing(obj, crossing_proposals(obj)[0], {"c01", "c46"})
    assert repair.kind is ActionKind.SPLIT
    assert [each.id for each in repair.after] == ["c47", "c48"]
    pages = on_page(repair.after)
    assert ((pages[0] | pages[1]) == (one | other)).all()
    assert overlap(pages[0] & pages[1], one & other) > 0.6
    back = applied(repair.after, repair.inverse)
    assert back == {"c01": obj}


def test_the_straightest_pairing_comes_first() -> None:
    obj = as_object(rod((60, 50), 64, 10, 0) | rod((60, 50), 60, 10, 90))
    straight, *bent = crossing_proposals(obj)
    assert straight.cost < 1
    assert all(each.cost > 2 for each in bent)
    # Bent, both chromosomes have a horizontal and a vertical arm.
    for each in bent:
        assert each.masks[0].any(axis=0).sum() > 30
        assert each.masks[0].any(axis=1).sum() > 25


def test_of_two_crossings_the_one_clicked_is_split() -> None:
    bar = rod((60, 50), 100, 10, 0)
    left, right = rod((35, 50), 50, 10, 90), rod((85, 50), 50, 10, 90)
    obj = as_object(bar | left | right)
    for near, upright, other in (((36, 49), left, right), ((84, 51), right, left)):
        best = crossing_proposals(obj, near)[0]
        pages = on_page(split_crossing(obj, best, {"c01"}).after)
        assert max(overlap(page, upright) for page in pages) > 0.85
        assert max(overlap(page, bar | other) for page in pages) > 0.85


def test_one_may_end_on_the_other() -> None:
    bar, post = rod((60, 40), 80, 10, 0), rod((60, 62), 44, 10, 90)
    obj = as_object(bar | post)
    proposals = crossing_proposals(obj, (60, 42))
    assert len(proposals) == 3
    pages = on_page(split_crossing(obj, proposals[0], {"c01"}).after)
    assert max(overlap(page, bar) for page in pages) > 0.95
    assert max(overlap(page, post) for page in pages) > 0.85


def test_both_may_lie_on_each_other_as_far_as_to_their_ends() -> None:
    one, other = rod((50, 50), 70, 10, 60), rod((62, 50), 70, 10, 100)
    obj = as_object(one | other)
    best = crossing_proposals(obj)[0]
    pages = on_page(split_crossing(obj, best, {"c01"}).after)
    assert min(max(overlap(page, each) for page in pages) for each in (one, other)) > 0.75


@pytest.mark.parametrize(
    ("mask", "sentence"),
    [
        (rod((60, 50), 60, 10, 30), "No crossing"),
        (np.pad(np.ones((2, 2), bool), ((40, 58), (50, 68))), "No crossing"),
    ],
)
def test_what_is_no_crossing_says_so(mask: Mask, sentence: str) -> None:
    with pytest.raises(KaryoError, match=sentence):
        crossing_proposals(as_object(mask), (60, 50))


@pytest.mark.parametrize("turns", [(0, 60, 120), (10, 75, 130), (0, 45, 90, 135)])
def test_three_and_four_in_one_place_come_apart(turns: tuple[float, ...]) -> None:
    truth = [rod((60, 50), 90, 8, turn) for turn in turns]
    obj = as_object(np.logical_or.reduce(truth))
    best = crossing_proposals(obj)[0]
    assert len(best.masks) == len(turns)
    repair = split_crossing(obj, best, {"c01"})
    assert repair.text == f"Split a crossing into {len(turns)}"
    pages = on_page(repair.after)
    assert (np.logical_or.reduce(pages) == np.logical_or.reduce(truth)).all()
    for mask in truth:
        assert max(overlap(page, mask) for page in pages) > 0.8


def test_a_bar_with_two_crossings_is_split_into_three() -> None:
    bar = rod((60, 50), 100, 10, 0)
    left, right = rod((35, 50), 50, 10, 90), rod((85, 50), 50, 10, 90)
    obj = as_object(bar | left | right)
    best = crossing_proposals(obj)[0]
    assert len(best.masks) == 3
    pages = on_page(split_crossing(obj, best, {"c01"}).after)
    for mask in (bar, left, right):
        assert max(overlap(page, mask) for page in pages) > 0.8
    # Where one of the crossings was clicked, that one comes first.
    clicked = crossing_proposals(obj, (36, 49))
    assert [len(each.masks) for each in clicked[:3]] == [2, 2, 2]
    assert len(clicked[3].masks) == 3


@given(
    st.lists(
        st.tuples(st.floats(45, 75), st.floats(40, 60), st.floats(0, 180)), min_size=2, max_size=5
    )
)
@settings(max_examples=40, deadline=None)
def test_no_proposal_loses_a_pixel(rods: list[tuple[float, float, float]]) -> None:
    mask = np.logical_or.reduce([rod((x, y), 60, 8, turn) for x, y, turn in rods])
    obj = as_object(mask)
    try:
        proposals = crossing_proposals(obj)
    except KaryoError:
        return
    assert len(proposals) <= 6
    for each in proposals:
        assert 2 <= len(each.masks) <= 4
        assert (np.logical_or.reduce(each.masks) == obj.mask).all()
        assert all(part.any() for part in each.masks)
