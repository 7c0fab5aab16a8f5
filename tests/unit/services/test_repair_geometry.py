"""Repairs of outlines: nothing is lost, everything can be taken back."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.services.repair_geometry import (
    DEPTH,
    brush,
    chromosome_width,
    cut,
    delete,
    join,
    lasso,
    mark,
    restore,
    rotate,
    staining,
)

SIZE = (120, 100)
"""Width and height of the picture."""
Mask = NDArray[np.bool_]


def rod(centre: tuple[float, float], length: float, width: float, degrees: float) -> Mask:
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(float) + 0.5
    angle = np.deg2rad(degrees)
    dx, dy = x - centre[0], y - centre[1]
    along = dx * np.cos(angle) + dy * np.sin(angle)
    across = -dx * np.sin(angle) + dy * np.cos(angle)
    return (np.abs(along) <= length / 2) & (np.abs(across) <= width / 2)


def as_object(mask: Mask, object_id: str = "c01", margin: int = 3) -> SeparatedObject:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    x, y = int(columns[0]), int(rows[0])
    tight = mask[y : rows[-1] + 1, x : columns[-1] + 1]
    h, w = tight.shape
    box = (x - margin, y - margin, w + 2 * margin, h + 2 * margin)
    return SeparatedObject(object_id, ObjectKind.CHROMOSOME, tight, (x, y), box, 0.8)


def overlap(one: Mask, other: Mask) -> float:
    """Intersection over union."""
    return float((one & other).sum() / (one | other).sum())


def on_page(objects: Sequence[SeparatedObject]) -> list[Mask]:
    """Each object's mask over the whole picture."""
    pages = []
    for each in objects:
        page = np.zeros((SIZE[1], SIZE[0]), bool)
        x, y = each.origin
        page[y : y + each.mask.shape[0], x : x + each.mask.shape[1]] = each.mask
        pages.append(page)
    return pages


def whole(objects: Sequence[SeparatedObject]) -> Mask:
    return reduce(or_, on_page(objects))


def applied(objects: Sequence[SeparatedObject], repair: Repair) -> dict[str, SeparatedObject]:
    left = {each.id: each for each in objects}
    for gone in repair.before:
        assert left.pop(gone.id) is gone
    assert not set(left) & {each.id for each in repair.after}
    return left | {each.id: each for each in repair.after}


rods = st.builds(
    rod,
    st.tuples(st.floats(45, 75), st.floats(40, 60)),
    st.floats(24, 60),
    st.floats(6, 14),
    st.floats(0, 180),
)
places = st.tuples(st.floats(-10, 130), st.floats(-10, 110))
lines = st.lists(places, min_size=2, max_size=6)


def through(middle: tuple[float, float], angle: float) -> list[tuple[float, float]]:
    """A line from outside to outside by way of a place where the rods are."""
    x, y = 80 * math.cos(math.radians(angle)), 80 * math.sin(math.radians(angle))
    return [(middle[0] - x, middle[1] - y), middle, (middle[0] + x, middle[1] + y)]


crossing_lines = st.builds(
    through, st.tuples(st.floats(45, 75), st.floats(40, 60)), st.floats(0, 180)
)
likely_cuts = st.one_of(crossing_lines, crossing_lines, lines)


# -- cut -------------------------------------------------------------------------------------------


@given(rods, likely_cuts)
def test_a_cut_loses_no_pixel_and_gives_none_twice(
    mask: Mask, line: list[tuple[float, float]]
) -> None:
    obj = as_object(mask)
    try:
        repair = cut(obj, line, {"c01", "c46"})
    except KaryoError:
        assume(False)
    pages = on_page(repair.after)
    assert len(pages) >= 2
    assert (np.sum(pages, axis=0) == mask).all()
    assert [each.id for each in repair.after] == [f"c{47 + n}" for n in range(len(pages))]


@given(rods, likely_cuts)
def test_joining_what_was_cut_covers_it_again(mask: Mask, line: list[tuple[float, float]]) -> None:
    obj = as_object(mask)
    try:
        pieces = cut(obj, line, {"c01"}).after
    except KaryoError:
        assume(False)
    (joined,) = join(pieces, 10.0, {"c01"} | {each.id for each in pieces}).after
    assert (whole([joined]) == mask).all()
    assert joined.id not in {"c01"} | {each.id for each in pieces}
    assert joined.box == obj.box


@pytest.mark.parametrize(
    "line",
    [
        [(60, 20), (60, 80)],
        [(60, 20), (61, 40), (58, 60), (60, 80)],
        [(60, 42), (60, 53)],  # ends inside, a little before the other side
        [(52, 20), (68, 80)],
    ],
)
def test_a_line_across_cuts_in_two(line: list[tuple[float, float]]) -> None:
    obj = as_object(rod((60, 50), 60, 12, 0))
    repair = cut(obj, line, {"c01"})
    assert repair.kind is ActionKind.CUT
    assert repair.text == "Cut a chromosome into 2"
    left, right = sorted(repair.after, key=lambda each: each.origin[0])
    assert left.origin[0] == 30
    assert abs(left.mask.shape[1] - 30) <= 5
    assert all(each.by_person and each.kind is ObjectKind.CHROMOSOME for each in repair.after)
    # The margin of the box is that of the object, and never outside the old box.
    assert left.box[:2] == obj.box[:2]
    assert right.box[0] + right.box[2] == obj.box[0] + obj.box[2]
    assert left.box[2] == left.mask.shape[1] + 6


@pytest.mark.parametrize(
    "line",
    [
        [(60, 20), (60, 46)],
        [(35, 50), (80, 50)],  # along the middle, from inside to inside
        [(5, 5), (100, 6)],
        [(60, 50)],
        [(31, 40), (31, 60)],  # a sliver of one column is a crumb
    ],
)
def test_a_line_that_does_not_separate_says_so(line: list[tuple[float, float]]) -> None:
    with pytest.raises(KaryoError, match="does not separate"):
        cut(as_object(rod((60, 50), 60, 12, 0)), line, {"c01"})


def test_crumbs_go_with_the_piece_beside_them() -> None:
    mask = rod((60, 50), 60, 12, 0)
    wavy = [(60, 20), (60, 43), (88.5, 43), (88.5, 46), (60, 46), (60, 80)]
    repair = cut(as_object(mask), wavy, {"c01"})
    assert len(repair.after) == 2
    assert (whole(repair.after) == mask).all()


def test_a_part_that_lay_apart_goes_with_the_nearest_piece() -> None:
    mask = rod((60, 50), 60, 12, 0) | rod((96, 50), 6, 12, 0)
    repair = cut(as_object(mask), [(60, 20), (60, 80)], {"c01"})
    left, right = sorted(repair.after, key=lambda each: each.origin[0])
    assert left.origin[0] + left.mask.shape[1] in (60, 61)
    assert right.origin[0] + right.mask.shape[1] == 99
    assert (whole(repair.after) == mask).all()


# -- join ------------------------------------------------------------------------------------------


def test_a_narrow_gap_is_filled_as_wide_as_the_chromosome() -> None:
    one, other = as_object(rod((40, 50), 30, 10, 0)), as_object(rod((76, 50), 30, 10, 0), "c02")
    repair = join([one, other], 10.0, {"c01", "c02"})
    (joined,) = repair.after
    page = whole([joined])
    assert page[48:52, 25:91].all()
    assert page[:, 57].sum() >= 8
    assert page.sum() <= 66 * 10
    assert joined.id == "c03"
    assert joined.kind is ObjectKind.CHROMOSOME


def test_a_wide_gap_stays_open() -> None:
    one, other = as_object(rod((30, 50), 20, 10, 0)), as_object(rod((90, 50), 20, 10, 0), "c02")
    (joined,) = join([one, other], 10.0, {"c01", "c02"}).after
    assert whole([joined]).sum() == whole([one, other]).sum()


@given(st.lists(rods, min_size=2, max_size=4))
def test_a_join_keeps_every_pixel(masks: list[Mask]) -> None:
    objects = [as_object(mask, f"c{n + 1:02d}") for n, mask in enumerate(masks)]
    (joined,) = join(objects, 10.0, {each.id for each in objects}).after
    assert not (whole(objects) & ~whole([joined])).any()
    assert joined.mask.any(axis=1)[[0, -1]].all()
    assert joined.mask.any(axis=0)[[0, -1]].all()


def test_one_object_cannot_be_joined() -> None:
    with pytest.raises(KaryoError, match="two objects"):
        join([as_object(rod((60, 50), 30, 10, 0))], 10.0, {"c01"})


# -- brush and lasso -------------------------------------------------------------------------------


@given(rods, lines, st.floats(1, 12))
def test_the_brush_only_adds_or_only_erases(
    mask: Mask, stroke: list[tuple[float, float]], radius: float
) -> None:
    obj = as_object(mask)
    for erase in (False, True):
        try:
            repair = brush(obj, stroke, radius, erase, SIZE)
        except KaryoError:
            continue
        (after,) = repair.after
        assert after.id == obj.id
        assert after.by_person
        assert repair.before == (obj,)
        page = whole([after])
        assert page.any()
        assert (page != mask).any()
        assert not ((page & ~mask) if erase else (mask & ~page)).any()
        x, y, w, h = after.box
        assert x >= 0
        assert y >= 0
        assert x + w <= SIZE[0]
        assert y + h <= SIZE[1]


def test_the_brush_reaches_the_border_and_no_farther() -> None:
    obj = as_object(rod((20, 50), 30, 10, 0))
    (after,) = brush(obj, [(20, 50), (-20, 50)], 4, False, SIZE).after
    assert after.origin[0] == 0
    assert whole([after])[50, 0]


@pytest.mark.parametrize(
    ("stroke", "erase", "sentence"),
    [
        ([(60, 50)], False, "changed nothing"),
        ([(10, 10)], True, "changed nothing"),
        ([(10, 10), (20, 10)], False, "does not touch"),
        ([(20, 50), (100, 50)], True, "whole object"),
    ],
)
def test_a_stroke_without_sense_says_so(
    stroke: list[tuple[float, float]], erase: bool, sentence: str
) -> None:
    with pytest.raises(KaryoError, match=sentence):
        brush(as_object(rod((60, 50), 30, 10, 0)), stroke, 9 if erase else 3, erase, SIZE)


def test_a_lasso_takes_what_is_dark_or_all_of_it() -> None:
    dark = rod((60, 50), 30, 10, 0)
    loop = [(35, 35), (85, 35), (85, 65), (35, 65)]
    (made,) = lasso(loop, dark, {"c46"}, [as_object(dark)]).after
    assert made.id == "c47"
    assert made.kind is ObjectKind.CHROMOSOME
    assert (whole([made]) == dark).all()
    assert made.box == (42, 42, 36, 16)
    (pale,) = lasso(loop, np.zeros_like(dark), {"c46"}).after
    assert pale.mask.all()
    assert pale.mask.shape == (30, 50)


def test_a_lasso_leaves_specks_out_and_fills_pin_holes() -> None:
    dark = rod((60, 50), 30, 10, 0)
    seen = dark.copy()
    seen[50, 60] = False
    seen[38, 40] = True
    (made,) = lasso([(35, 35), (85, 35), (85, 65), (35, 65)], seen, set()).after
    assert (whole([made]) == dark).all()


@pytest.mark.parametrize(
    "loop",
    [
        [],
        [(3, 3)],
        [(3, 3), (5, 3), (4, 5)],
        [(-30, 3), (-9, 3), (-9, 9)],
        [(3, 3), (50, 40), (97, 77), (99, 79)],
    ],
)
def test_a_lasso_round_nothing_says_so(loop: list[tuple[float, float]]) -> None:
    with pytest.raises(KaryoError, match="too small"):
        lasso(loop, np.ones((100, 120), bool), set())


@pytest.mark.parametrize("inverted", [False, True])
def test_stain_is_told_from_an_uneven_background(inverted: bool) -> None:
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    grey = 220 - 0.3 * x - 0.2 * y
    stained = rod((60, 50), 40, 12, 30)
    picture = np.where(stained, grey * 0.45, grey).astype(np.uint8)
    dark = staining(np.subtract(255, picture, dtype=np.uint8) if inverted else picture) > DEPTH
    assert (dark & stained).sum() > 0.9 * stained.sum()
    assert (dark & ~stained).sum() < 0.15 * stained.sum()


# -- marks -----------------------------------------------------------------------------------------


def test_marks_keep_ids_and_outlines() -> None:
    objects = [as_object(rod((60, 50), 30, 10, 0), i) for i in ("c01", "c02")]
    for repair, kind in (
        (delete(objects), ObjectKind.DELETED),
        (mark(objects, ObjectKind.NUCLEUS), ObjectKind.NUCLEUS),
    ):
        assert [each.id for each in repair.after] == ["c01", "c02"]
        assert all(a.kind is kind and a.by_person for a in repair.after)
        assert all(a.mask is b.mask for a, b in zip(repair.after, repair.before, strict=True))
    back = restore(delete(objects).after)
    assert {each.kind for each in back.after} == {ObjectKind.CHROMOSOME}
    assert back.kind is ActionKind.RESTORE
    assert back.text == "Restore 2 objects"


def test_a_mark_that_changes_nothing_says_so() -> None:
    obj = as_object(rod((60, 50), 30, 10, 0))
    for call in (
        lambda: mark([obj], ObjectKind.CHROMOSOME),
        lambda: restore([obj]),
        lambda: delete([]),
        lambda: rotate([], 1.0),
    ):
        with pytest.raises(KaryoError):
            call()


@given(st.lists(st.sampled_from([-5.0, -1.0, 1.0, 5.0, 90.0]), max_size=80))
def test_turns_add_up_and_stay_within_a_half_turn(turns: list[float]) -> None:
    obj = as_object(rod((60, 50), 30, 10, 0))
    for degrees in turns:
        (obj,) = rotate([obj], degrees).after
    assert -180 <= obj.turn < 180
    assert (obj.turn - sum(turns)) % 360 == 0


def test_the_width_is_measured_on_chromosomes() -> None:
    objects = [as_object(rod((60, 50), 50, w, 0)) for w in (10, 12, 14)]
    nucleus = replace(as_object(rod((60, 50), 60, 60, 0)), kind=ObjectKind.NUCLEUS)
    assert 10 <= chromosome_width([*objects, nucleus]) <= 14
    assert chromosome_width([nucleus]) > 0


# -- taking back -----------------------------------------------------------------------------------

REPAIRS: dict[str, Callable[[SeparatedObject, SeparatedObject], Repair]] = {
    "cut": lambda a, _: cut(a, [(40, 20), (40, 80)], {"c01", "c02"}),
    "join": lambda a, b: join([a, b], 10.0, {"c01", "c02"}),
    "extend": lambda a, _: brush(a, [(40, 50), (40, 40)], 4, False, SIZE),
    "erase": lambda a, _: brush(a, [(40, 44), (44, 44)], 3, True, SIZE),
    "lasso": lambda *_: lasso([(5, 5), (30, 5), (5, 30)], np.ones((100, 120), bool), {"c02"}),
    "delete": lambda a, b: delete([a, b]),
    "mark": lambda a, _: mark([a], ObjectKind.DEBRIS),
    "rotate": lambda a, b: rotate([a, b], 5.0),
}


@pytest.mark.parametrize("make", REPAIRS.values(), ids=REPAIRS)
def test_the_inverse_brings_everything_back(
    make: Callable[[SeparatedObject, SeparatedObject], Repair],
) -> None:
    objects = (as_object(rod((40, 50), 30, 10, 0)), as_object(rod((76, 50), 30, 10, 0), "c02"))
    repair = make(*objects)
    after = applied(objects, repair)
    assert applied(list(after.values()), repair.inverse) == {each.id: each for each in objects}
