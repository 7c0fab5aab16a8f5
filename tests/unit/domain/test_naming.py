"""Objects of another separation are recognised; an object is what its mask shows, and no more."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.separation import (
    SAME_OBJECT,
    ObjectKind,
    Repair,
    SeparatedObject,
    named_as_before,
    overlap,
)
from karyogui.domain.sitting import ActionKind

PAGE = (48, 40)
"""Height and width in pixels of the picture that the objects lie in."""


def bar(name: str, x: int, y: int, width: int, height: int) -> SeparatedObject:
    mask = np.ones((height, width), bool)
    return SeparatedObject(name, ObjectKind.CHROMOSOME, mask, (x, y), (x, y, width, height))


def on_page(item: SeparatedObject) -> np.ndarray:
    page = np.zeros(PAGE, bool)
    (x, y), (h, w) = item.origin, item.mask.shape
    page[y : y + h, x : x + w] = item.mask
    return page


@st.composite
def objects(draw: st.DrawFn, name: str = "c01") -> SeparatedObject:
    x, y = draw(st.integers(0, 25)), draw(st.integers(0, 30))
    item = bar(name, x, y, draw(st.integers(2, 12)), draw(st.integers(2, 16)))
    holes = draw(st.sets(st.tuples(st.integers(1, 14), st.integers(1, 10)), max_size=8))
    mask = item.mask.copy()
    for row, column in holes:
        if row < mask.shape[0] - 1 and column < mask.shape[1] - 1:
            mask[row, column] = False
    return replace(item, mask=mask)


@given(objects(), objects())
def test_the_overlap_is_that_of_the_pixels_in_the_picture(
    one: SeparatedObject, other: SeparatedObject
) -> None:
    first, second = on_page(one), on_page(other)
    expected = (first & second).sum() / (first | second).sum()
    assert overlap(one, other) == pytest.approx(expected)
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, one) == 1.0


@given(st.lists(objects(), max_size=6), st.lists(objects(), max_size=6), st.sets(st.just("c40")))
def test_every_object_gets_one_name_of_its_own(
    found: list[SeparatedObject], known: list[SeparatedObject], used: set[str]
) -> None:
    found = [replace(item, id=f"n{n}") for n, item in enumerate(found)]
    known = [replace(item, id=f"c{n:02d}") for n, item in enumerate(known)]
    names = named_as_before(found, known, used)
    assert set(names) == {item.id for item in found}
    assert len(set(names.values())) == len(found)
    assert not set(names.values()) & used
    by_id = {item.id: item for item in known}
    for item in found:
        old = by_id.get(names[item.id])
        assert old is None or overlap(item, old) >= SAME_OBJECT


def test_the_best_match_takes_the_name() -> None:
    known = [bar("c01", 0, 0, 10, 10), bar("c02", 20, 0, 10, 10)]
    nearly, exactly = bar("n1", 1, 0, 10, 10), bar("n2", 0, 0, 10, 10)
    elsewhere, half = bar("n3", 0, 30, 10, 10), bar("n4", 20, 0, 10, 5)
    names = named_as_before([nearly, exactly, elsewhere, half], known, ["c07"])
    assert names == {"n2": "c01", "n1": "c08", "n3": "c09", "n4": "c10"}


@pytest.mark.parametrize(
    "mask",
    [
        np.zeros((3, 3), bool),
        np.ones((3, 3), np.uint8),
        np.ones(4, bool),
        np.pad(np.ones((2, 2), bool), ((0, 1), (0, 0))),
        np.pad(np.ones((2, 2), bool), ((0, 0), (1, 0))),
        np.zeros((0, 2), bool),
    ],
)
def test_a_mask_that_is_empty_or_loose_is_refused(mask: np.ndarray) -> None:
    with pytest.raises(ValueError, match="mask of c01"):
        replace(bar("c01", 0, 0, 2, 2), mask=mask)


def test_a_repair_touches_something_and_names_it_once() -> None:
    item = bar("c01", 0, 0, 2, 2)
    with pytest.raises(ValueError, match="at least one"):
        Repair(ActionKind.JOIN, "?", (), ())
    for before, after in (((item, item), ()), ((item,), (item, item))):
        with pytest.raises(ValueError, match="once"):
            Repair(ActionKind.JOIN, "?", before, after)
