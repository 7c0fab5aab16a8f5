"""Leftovers of repairs: islands become objects, crumbs go with a word, specks are debris."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.separation import ObjectKind, Repair
from karyogui.errors import KaryoError
from karyogui.services.leftovers import size_doubt, tidied
from karyogui.services.repair_geometry import LEAST_CHROMOSOME, brush, cut, lasso, mark
from model.geometry.masks import components
from tests.unit.services.test_repair_geometry import (
    SIZE,
    Mask,
    as_object,
    lines,
    on_page,
    rod,
    rods,
    whole,
)

WIDTH = 10.0
BAR = as_object(rod((60, 50), 70, WIDTH, 0))
CHROMOSOME, DEBRIS = ObjectKind.CHROMOSOME, ObjectKind.DEBRIS


def across(x: float) -> Repair:
    """The eraser through the bar."""
    return brush(BAR, [(x, 40), (x, 60)], 3, True, SIZE)


def test_an_eraser_through_the_middle_leaves_two_chromosomes() -> None:
    repair = tidied(across(55), WIDTH, {"c01"})
    assert [(o.id, o.kind) for o in repair.after] == [("c01", CHROMOSOME), ("c02", CHROMOSOME)]
    assert all(components(o.mask)[1] == 1 for o in repair.after)
    assert (whole(repair.after) == whole(across(55).after)).all()
    assert repair.text == "Erase from the outline of a chromosome"


def test_an_island_too_small_for_a_chromosome_is_debris_with_a_word() -> None:
    repair = tidied(across(89), WIDTH, {"c01"})
    assert [(o.id, o.kind) for o in repair.after] == [("c01", CHROMOSOME), ("c02", DEBRIS)]
    assert repair.text.endswith(", 1 piece too small for a chromosome")
    assert repair.inverse.after == (BAR,)


def test_a_crumb_of_the_eraser_goes_with_a_word() -> None:
    repair = tidied(across(90.5), WIDTH, {"c01"})
    assert len(repair.after) == 1
    assert repair.text.endswith(", 1 crumb left out")


def test_parts_that_were_apart_before_stay_one_object() -> None:
    two = as_object(rod((40, 50), 40, WIDTH, 0) | rod((85, 50), 20, WIDTH, 0))
    repair = tidied(brush(two, [(22, 44), (24, 44)], 3, True, SIZE), WIDTH, {"c01"})
    assert len(repair.after) == 1
    assert components(repair.after[0].mask)[1] == 2


def test_a_chromosome_that_is_erased_to_a_rest_is_none_any_more() -> None:
    repair = tidied(brush(BAR, [(30, 50), (88, 50)], 7, True, SIZE), WIDTH, {"c01"})
    assert [o.kind for o in repair.after] == [DEBRIS]


def test_a_cut_off_tip_is_debris() -> None:
    repair = tidied(cut(BAR, [(88, 40), (88, 60)], {"c01"}), WIDTH, {"c01"})
    assert sorted(o.kind for o in repair.after) == [CHROMOSOME, DEBRIS]
    assert repair.text == "Cut a chromosome into 2, 1 piece too small for a chromosome"


def test_a_lasso_round_a_speck_makes_debris_of_it_and_h_a_chromosome() -> None:
    speck = rod((60, 50), 5, 5, 0)
    loop = [(50, 40), (70, 40), (70, 60), (50, 60)]
    repair = tidied(lasso(loop, speck, {"c01"}), WIDTH, {"c01"})
    (made,) = repair.after
    assert made.kind is DEBRIS
    assert repair.text == "Outline debris, too small for a chromosome"
    # A person may know better, and is not corrected again.
    (known,) = mark(repair.after, CHROMOSOME).after
    extended = brush(known, [(62, 50), (64, 50)], 2, False, SIZE)
    assert tidied(extended, WIDTH, {"c01", made.id}).after[0].kind is CHROMOSOME


def test_a_lasso_round_a_chromosome_makes_one() -> None:
    loop = [(20, 40), (100, 40), (100, 60), (20, 60)]
    repair = tidied(lasso(loop, on_page([BAR])[0], {"c01"}), WIDTH, {"c01"})
    assert repair.after[0].kind is CHROMOSOME
    assert repair.text == "Outline a new chromosome"


def test_what_is_painted_apart_is_no_part_of_it_though_it_is_larger() -> None:
    """The stroke leaves the picture and comes back elsewhere."""
    small = as_object(rod((45, 42), 24, 6, 0))
    stroke = [(0, 37), (44, 110), (46, 47), (46, 110), (0, 54)]
    repair = tidied(brush(small, stroke, 2.75, False, SIZE), WIDTH, {small.id})
    assert all(components(o.mask)[1] == 1 for o in repair.after)
    assert (whole(repair.after[:1]) & whole((small,))).sum() == small.mask.sum()


@given(rods, lines, st.floats(1, 12), st.booleans())
def test_of_brush_and_eraser_nothing_is_left_as_an_island(
    mask: Mask, stroke: list[tuple[float, float]], radius: float, erase: bool
) -> None:
    obj = as_object(mask)
    try:
        plain = brush(obj, stroke, radius, erase, SIZE)
    except KaryoError:
        return
    repair = tidied(plain, WIDTH, {obj.id})
    assert repair.after[0].id == obj.id
    assert len({o.id for o in repair.after}) == len(repair.after)
    lost = whole(plain.after) & ~whole(repair.after)
    assert not (whole(repair.after) & ~whole(plain.after)).any()
    assert not lost.any() or "left out" in repair.text
    labels, count = components(lost)
    assert all((labels == n).sum() < 12 or "left out" in repair.text for n in range(1, count + 1))
    for each in repair.after:
        assert components(each.mask)[1] == 1
        small = each.mask.sum() < LEAST_CHROMOSOME * WIDTH**2
        assert not small or each.kind is DEBRIS or each.mask.sum() >= obj.mask.sum()


def test_the_brush_over_everything_takes_the_page_and_no_more() -> None:
    stroke = [(x, y) for x in (-20.0, 60.0, 140.0) for y in (-20.0, 50.0, 120.0)]
    repair = tidied(brush(BAR, [(60, 50), *stroke], 64, False, SIZE), WIDTH, {"c01"})
    (after,) = repair.after
    assert after.mask.shape == (SIZE[1], SIZE[0])
    assert after.mask.all()
    assert after.box == (0, 0, *SIZE)
    with pytest.raises(KaryoError, match="whole object"):
        brush(after, [(60, 50), *stroke], 64, True, SIZE)


def test_a_nucleus_of_500_pixels_can_be_called_a_chromosome() -> None:
    yy, xx = np.mgrid[0:500, 0:500]
    nucleus = np.hypot(xx - 249.5, yy - 249.5) < 250
    obj = mark([as_object(nucleus)], ObjectKind.NUCLEUS).after
    (made,) = mark(obj, CHROMOSOME).after
    assert made.kind is CHROMOSOME
    assert (made.mask == nucleus).all()
    assert size_doubt([made], WIDTH).startswith("It is larger than any chromosome")
    assert size_doubt([as_object(rod((60, 50), 5, 5, 0))], WIDTH).startswith("It is smaller")
    assert size_doubt([BAR], WIDTH) == ""
