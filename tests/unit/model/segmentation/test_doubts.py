"""Places that two groupings of a picture read differently."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.segmentation.base import Instance
from model.segmentation.doubts import doubts_of
from model.vocabulary.kinds import ObjectKind

WIDTH = 6.0


def bar(x: int, y: int, h: int, w: int = 8, kind: ObjectKind = ObjectKind.CHROMOSOME) -> Instance:
    """A whole rectangle."""
    return Instance(np.ones((h, w), bool), (x, y), kind, 0.9, (x, y, w, h))


def test_what_both_groupings_have_is_in_no_doubt() -> None:
    same = [bar(0, 0, 30), bar(50, 0, 30)]
    assert doubts_of(same, [bar(0, 0, 30), bar(50, 0, 30)], WIDTH) == ()


def test_two_parts_or_one_whole_is_a_doubt() -> None:
    first = [bar(50, 0, 30), bar(0, 0, 15), bar(0, 15, 15)]
    (doubt,) = doubts_of(first, [bar(0, 0, 30), bar(50, 0, 30)], WIDTH)
    assert doubt.replaced == (1, 2)
    assert [o.mask.shape for o in doubt.instances] == [(30, 8)]


def test_distant_places_are_doubted_apart() -> None:
    first = [bar(0, 0, 15), bar(0, 15, 15), bar(90, 0, 15), bar(90, 15, 15)]
    doubts = doubts_of(first, [bar(0, 0, 30), bar(90, 0, 30)], WIDTH)
    assert [d.replaced for d in doubts] == [(0, 1), (2, 3)]


def test_what_the_other_way_leaves_uncovered_stays_as_debris() -> None:
    """Nothing is hidden: an object that disappears can still be restored."""
    (doubt,) = doubts_of([bar(20, 10, 20)], [], WIDTH)
    assert doubt.replaced == (0,)
    (left,) = doubt.instances
    assert left.kind is not ObjectKind.CHROMOSOME
    assert (left.origin, left.mask.shape) == ((20, 10), (20, 8))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=8))
def test_doubts_share_no_object(places: list[tuple[int, int, bool]]) -> None:
    first = [bar(12 * x, 14 * y, 12) for x, y, _ in places]
    second = [bar(12 * x, 14 * y, 26 if whole else 12) for x, y, whole in places]
    doubts = doubts_of(first, second, WIDTH)
    replaced = [i for d in doubts for i in d.replaced]
    assert len(replaced) == len(set(replaced))
    assert all(0 <= i < len(first) for i in replaced)
