"""A line along one chromosome: its mask, what is shared, what is left, and what is no course."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from karyogui.domain.separation import ObjectKind, SeparatedObject
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.services.courses import course
from karyogui.services.repair_geometry import mark
from karyogui.services.repairing import repaired_objects
from tests import course_bench
from tests.unit.services.test_repair_geometry import (
    SIZE,
    Mask,
    applied,
    as_object,
    on_page,
    overlap,
    rod,
    whole,
)

MIDDLE = (60.0, 50.0)
BESIDE = as_object(rod((20, 90), 30, 9, 0), "c09")
"""Tells how wide a chromosome is."""


def stain_of(*masks: Mask) -> NDArray[np.float32]:
    """Light falls through all of them."""
    through = np.ones(SIZE[::-1], np.float32)
    for each in (*masks, rod((20, 90), 30, 9, 0)):
        through *= np.where(each, 0.45, 1.0)
    return np.asarray((1.0 - through) / 0.4, np.float32)


def line_of(degrees: float, length: float, centre: tuple[float, float] = MIDDLE) -> list:
    """Along the middle of a rod."""
    angle = np.deg2rad(degrees)
    at = np.linspace(-length / 2, length / 2, 20)
    return [(centre[0] + a * np.cos(angle), centre[1] + a * np.sin(angle)) for a in at]


def chromosomes(objects: Sequence[SeparatedObject]) -> list[Mask]:
    kept = [o for o in objects if o.kind is ObjectKind.CHROMOSOME and o.id != BESIDE.id]
    return on_page(kept)


@given(st.floats(0, 180), st.floats(50, 70), st.floats(50, 70))
@settings(max_examples=25, deadline=None)
def test_of_three_in_one_place_each_is_outlined_by_a_line(
    turn: float, second: float, third: float
) -> None:
    turns = (turn, turn + second, turn + second + third)
    truth = [rod(MIDDLE, 66, 9, each) for each in turns]
    heap = as_object(truth[0] | truth[1] | truth[2])
    objects: Sequence[SeparatedObject] = (heap, BESIDE)
    used = {"c01", "c09"}
    for each, mask in zip(turns, truth, strict=True):
        if max(overlap(page, mask) for page in chromosomes(objects)) > 0.75:
            continue  # what was left of the others is this one already
        repair = course(line_of(each, 62), stain_of(*truth), objects, used)
        used |= {o.id for o in repair.after}
        objects = repaired_objects(objects, repair)
        # Nothing is lost: every pixel of the heap belongs to somebody.
        assert not (whole([heap]) & ~whole(objects)).any()
    for mask in truth:
        assert max(overlap(page, mask) for page in chromosomes(objects)) > 0.75


def test_both_of_a_crossing_have_the_pixels_that_they_share() -> None:
    one, other = rod(MIDDLE, 66, 9, 0), rod(MIDDLE, 60, 9, 80)
    repair = course(
        line_of(0, 60), stain_of(one, other), (as_object(one | other), BESIDE), {"c01", "c09"}
    )
    assert repair.kind is ActionKind.COURSE
    assert [o.id for o in repair.after] == ["c10", "c11"]
    drawn, left = on_page(repair.after)
    assert overlap(drawn, one) > 0.85
    assert overlap(left, other) > 0.85
    assert overlap(drawn & left, one & other) > 0.6
    made, rest = repair.after
    assert made.by_person
    assert not rest.by_person  # nobody has looked whether that is one whole chromosome
    assert rest.score < 0.5


def test_it_is_taken_back_whole() -> None:
    one, other = rod(MIDDLE, 66, 9, 0), rod(MIDDLE, 60, 9, 80)
    objects = (as_object(one | other), BESIDE)
    repair = course(line_of(0, 60), stain_of(one, other), objects, {"c01", "c09"})
    done = applied(objects, repair)
    assert applied(list(done.values()), repair.inverse) == {o.id: o for o in objects}


def test_the_same_line_gives_the_same_mask() -> None:
    one, other = rod(MIDDLE, 66, 9, 10), rod(MIDDLE, 60, 9, 80)
    objects = (as_object(one | other), BESIDE)
    first, again = (
        course(line_of(10, 60), stain_of(one, other), objects, {"c01", "c09"}) for _ in range(2)
    )
    for before, now in zip(first.after, again.after, strict=True):
        assert before.is_like(now)


def test_what_is_only_crossed_stays_the_very_same_object() -> None:
    one, other = rod(MIDDLE, 66, 9, 0), rod(MIDDLE, 60, 9, 90)
    # The separation has found the upright one; of the other only both halves, as two.
    halves = one & ~other
    left, right = halves.copy(), halves.copy()
    left[:, 60:], right[:, :60] = False, False
    objects = (
        as_object(other, "c01"),
        as_object(left, "c02"),
        as_object(right, "c03"),
        BESIDE,
    )
    repair = course(line_of(0, 60), stain_of(one, other), objects, {o.id for o in objects})
    assert {o.id for o in repair.before} == {"c02", "c03"}
    assert len(repair.after) == 1
    assert overlap(on_page(repair.after)[0], one) > 0.85


def test_one_that_was_drawn_before_is_not_eaten_by_the_next_line() -> None:
    turns = (0, 40, 110)
    truth = [rod(MIDDLE, 66, 9, each) for each in turns]
    objects: Sequence[SeparatedObject] = (as_object(truth[0] | truth[1] | truth[2]), BESIDE)
    used = {"c01", "c09"}
    first = course(line_of(turns[0], 62), stain_of(*truth), objects, used)
    objects = repaired_objects(objects, first)
    second = course(
        line_of(turns[1], 62), stain_of(*truth), objects, used | {o.id for o in objects}
    )
    assert first.after[0].id not in {o.id for o in second.before}


def test_a_chromosome_that_was_never_found_is_outlined_from_the_stain() -> None:
    alone = rod(MIDDLE, 60, 9, 30)
    repair = course(line_of(30, 50), stain_of(alone), (BESIDE,), {"c09"})
    assert not repair.before
    assert overlap(on_page(repair.after)[0], alone) > 0.85


def test_a_tip_that_the_line_leaves_out_belongs_to_it_all_the_same() -> None:
    alone = rod(MIDDLE, 60, 9, 0)
    repair = course(line_of(0, 44), stain_of(alone), (as_object(alone), BESIDE), {"c01", "c09"})
    assert len(repair.after) == 1
    assert overlap(on_page(repair.after)[0], alone) > 0.95


def test_a_piece_too_small_for_a_chromosome_is_debris_and_said_to_be() -> None:
    bar, stub = rod(MIDDLE, 66, 9, 0), rod((60, 57), 8, 9, 90)
    repair = course(
        line_of(0, 60), stain_of(bar, stub), (as_object(bar | stub), BESIDE), {"c01", "c09"}
    )
    assert [o.kind for o in repair.after] == [ObjectKind.CHROMOSOME, ObjectKind.DEBRIS]
    assert repair.text == "Draw the course of a chromosome, 1 piece too small for a chromosome"


def test_a_nucleus_under_the_line_stays_as_it_is() -> None:
    bar, nucleus = rod(MIDDLE, 66, 9, 0), rod((78, 50), 30, 44, 0)
    (marked,) = mark((as_object(nucleus, "c02"),), ObjectKind.NUCLEUS).after
    objects = (as_object(bar & ~nucleus), marked, BESIDE)
    repair = course(line_of(0, 60), stain_of(bar, nucleus), objects, {"c01", "c02", "c09"})
    assert [o.id for o in repair.before] == ["c01"]
    assert overlap(on_page(repair.after)[0], bar) > 0.75


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ([(-40, -10), (-20, -30), (-5, -5)], "This line is outside the picture."),
        ([(60, 50)], "This line is too short for a chromosome."),
        ([(60, 50), (60, 50)], "This line is too short for a chromosome."),
        ([(60, 50), (63, 50)], "This line is too short for a chromosome."),
        ([(90, 10), (110, 30)], "There is no chromosome under this line."),
        ([(20, 90), (110, 10), (60, 50)], "The line leaves the chromosome for a while."),
        ([(-30, 50), (28, 50)], "There is no chromosome under this line."),
    ],
)
def test_what_is_no_course_is_told_in_a_sentence(
    line: list[tuple[float, float]], sentence: str
) -> None:
    one, other = rod(MIDDLE, 66, 9, 0), rod(MIDDLE, 60, 9, 80)
    objects = (as_object(one | other), BESIDE)
    with pytest.raises(KaryoError) as refused:
        course(line, stain_of(one, other), objects, {"c01", "c09"})
    assert refused.value.sentence == sentence


@given(
    st.lists(st.tuples(st.floats(-30, 150), st.floats(-30, 130)), min_size=1, max_size=7),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_drawn_no_pixel_is_lost(line: list[tuple[float, float]]) -> None:
    one, other = rod(MIDDLE, 66, 9, 0), rod(MIDDLE, 60, 9, 70)
    objects = (as_object(one | other), BESIDE)
    try:
        repair = course(line, stain_of(one, other), objects, {"c01", "c09"})
    except KaryoError:
        return
    after = repaired_objects(objects, repair)
    assert not (whole(objects) & ~whole(after)).any()


@pytest.mark.parametrize(("count", "seed"), [(2, 1), (3, 2), (4, 3)])
def test_generated_heaps_are_solved_within_three_actions_for_a_chromosome(
    count: int, seed: int
) -> None:
    heap = course_bench.cluster(count, seed)
    assert heap is not None
    course_bench.solve(heap, np.random.default_rng(seed), clicks=0)
    assert min(heap.scores()) >= course_bench.RIGHT
    assert not heap.superfluous()
    assert heap.actions <= 3 * count
    assert not heap.refused
