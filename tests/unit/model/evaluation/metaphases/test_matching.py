import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.data.cells import counts_of
from model.data.metaphases import Truth
from model.evaluation.metaphases.cells import FoundCell, FoundObject, KnownCell, mask_of, runs_of
from model.evaluation.metaphases.matching import Tally, box_ious, matched, pixels_in, tally
from model.vocabulary.kinds import ObjectKind

Box = tuple[int, int, int, int]
A, B = (10, 10, 20, 40), (40, 10, 20, 40)
BOTH = (10, 10, 50, 40)
UPPER, LOWER = (10, 10, 20, 19), (10, 31, 20, 19)


def known(*boxes: Box) -> KnownCell:
    truths = tuple(Truth(i, tuple(map(float, box))) for i, box in enumerate(boxes))
    return KnownCell("a1", "a", truths, counts_of(tuple(t.type for t in truths)), True)


def thing(
    box: Box, kind: int | None = None, what: ObjectKind = ObjectKind.CHROMOSOME
) -> FoundObject:
    """An object that fills its box."""
    x, y, w, h = box
    return FoundObject(what, 0.9, (x, y, w, h), np.ones((h, w), np.bool_), (x, y), kind)


def outcome(truth: KnownCell, *objects: FoundObject) -> Tally:
    return tally(truth, FoundCell("a1", objects, 1.0))


def kinds(t: Tally) -> dict[str, int]:
    return {
        "separated": t.separated, "merges": len(t.merges), "splits": len(t.splits),
        "misses": len(t.misses), "false": len(t.false), "wrong": len(t.wrong),
        "corrections": t.corrections,
    }  # fmt: skip


def expected(**given: int) -> dict[str, int]:
    nothing = dict.fromkeys(kinds(outcome(known())), 0)
    return {**nothing, **given}


def test_truth_itself_needs_nothing() -> None:
    t = outcome(known(A, B), thing(B, 1), thing(A, 0))
    assert kinds(t) == expected(separated=2)
    assert t.pairs == ((0, 1), (1, 0))
    assert (t.ious, t.identified) == ((1.0, 1.0), 2)


def test_a_wrong_type_and_none_at_all_are_wrong_classes() -> None:
    t = outcome(known(A, B), thing(A, 5), thing(B, None))
    assert kinds(t) == expected(separated=2, wrong=2, corrections=2)
    assert t.identified == 0
    assert not tally(known(A), FoundCell("a1", (thing(A),), 1.0), classes=False).wrong


def test_one_object_over_two_is_a_merge() -> None:
    t = outcome(known(A, B), thing(BOTH, 0))
    assert kinds(t) == expected(merges=1, corrections=1)
    assert t.merges == ((0, 1),)


def test_a_merge_of_three_needs_two_cuts() -> None:
    third = (70, 10, 20, 40)
    t = outcome(known(A, B, third), thing((10, 10, 80, 40)))
    assert (t.merges, t.cuts, t.corrections) == (((0, 1, 2),), 2, 2)


def test_a_merge_that_still_fits_its_larger_half_is_a_pair_and_a_merge() -> None:
    large, small = (10, 10, 20, 60), (10, 70, 20, 20)
    t = outcome(known(large, small), thing((10, 10, 20, 80), 0))
    assert kinds(t) == expected(separated=1, merges=1, corrections=1)


def test_two_objects_in_one_are_a_split() -> None:
    t = outcome(known(A), thing(UPPER), thing(LOWER))
    assert kinds(t) == expected(splits=1, corrections=1)
    pieces = [thing((10, 10 + 10 * i, 20, 10)) for i in range(4)]
    t = outcome(known(A), *pieces)
    assert (len(t.splits), t.joins, t.corrections) == (1, 3, 3)


def test_a_piece_beside_a_pair_is_a_split() -> None:
    t = outcome(known(A), thing((10, 10, 20, 30), 0), thing((10, 42, 20, 8)))
    assert kinds(t) == expected(separated=1, splits=1, corrections=1)


def test_one_piece_alone_is_a_miss_and_a_false_object() -> None:
    t = outcome(known(A), thing(UPPER))
    assert kinds(t) == expected(misses=1, false=1, corrections=2)


def test_nothing_found_is_all_missed_and_nothing_true_is_all_false() -> None:
    assert kinds(outcome(known(A, B))) == expected(misses=2, corrections=2)
    assert kinds(outcome(known(), thing(A))) == expected(false=1, corrections=1)


def test_rejected_objects_are_no_objects_but_told() -> None:
    t = outcome(known(A, B), thing(A, 0), thing(B, None, ObjectKind.DEBRIS))
    assert kinds(t) == expected(separated=1, misses=1, corrections=1)
    assert (t.misses, t.rejected) == ((1,), (1,))


def test_the_whole_picture_as_one_object_is_one_merge_of_everything() -> None:
    boxes = [(10 + 30 * i, 10, 20, 40) for i in range(10)]
    t = outcome(known(*boxes), thing((0, 0, 320, 60)))
    assert kinds(t) == expected(merges=1, corrections=9)


def test_every_object_twice_is_no_second_pair() -> None:
    t = outcome(known(A, B), thing(A, 0), thing(A, 0), thing(B, 1), thing(B, 1))
    assert (t.separated, t.corrections) == (2, 2)


def test_what_lies_there_as_debris_is_a_miss_and_no_merge_of_what_reaches_into_its_box() -> None:
    mask = np.zeros((60, 60), np.bool_)
    mask[:, 20:40] = True
    beside = FoundObject(ObjectKind.CHROMOSOME, 0.9, (0, 0, 60, 60), mask, (0, 0), 0)
    debris = FoundObject(
        ObjectKind.DEBRIS, 0.3, (38, 20, 20, 20), np.ones((20, 20), bool), (38, 20)
    )
    truth = known((0, 0, 60, 60), (36, 20, 22, 20))
    assert kinds(outcome(truth, beside)) == expected(separated=1, merges=1, corrections=1)
    t = outcome(truth, beside, debris)
    assert kinds(t) == expected(separated=1, misses=1, corrections=1)
    assert t.rejected == (1,)


def test_a_wide_box_with_hardly_a_pixel_there_holds_nobody() -> None:
    # A thin diagonal: its box covers the other, its mask does not.
    mask = np.eye(60, dtype=np.bool_)
    diagonal = FoundObject(ObjectKind.CHROMOSOME, 0.9, (0, 0, 60, 60), mask, (0, 0), 0)
    t = outcome(known((0, 0, 60, 60), (35, 5, 20, 20)), diagonal)
    assert kinds(t) == expected(separated=1, misses=1, corrections=1)


def test_as_many_pairs_as_possible_before_the_best_pair() -> None:
    # Greedily the best pair (0.9) would leave only one.
    ious = np.array([[0.9, 0.6], [0.6, 0.0]])
    assert matched(ious) == ((0, 1), (1, 0))
    assert matched(np.zeros((0, 3))) == matched(np.zeros((3, 0))) == ()


BOX = st.tuples(*(st.integers(0, 60) for _ in range(2)), *(st.integers(1, 40) for _ in range(2)))


@given(st.lists(BOX, max_size=6), st.lists(BOX, max_size=6))
def test_everything_is_accounted_for(truths: list[Box], objects: list[Box]) -> None:
    t = outcome(known(*truths), *map(thing, objects))
    lonely = set(range(len(truths))) - {a for a, _ in t.pairs}
    merged = {a for group in t.merges for a in group}
    assert len({a for a, _ in t.pairs}) == len({b for _, b in t.pairs}) == t.separated
    assert sum(len(g) for g in t.merges) == len(merged)
    assert set(t.misses) <= lonely - merged
    in_splits = [o for group in t.splits for o in group]
    assert len(in_splits) == len(set(in_splits))
    assert not set(in_splits) & set(t.false)
    assert (t.corrections == len(t.wrong)) == (
        t.separated == len(truths) == len(objects)
    )  # only what is one to one needs no repair


@given(st.lists(BOX, max_size=5), st.lists(BOX, max_size=5))
def test_pixels_and_boxes_agree_on_full_masks(first: list[Box], second: list[Box]) -> None:
    a, b = (np.array(x, np.float64).reshape(-1, 4) for x in (first, second))
    pixels = pixels_in(a, [thing(box) for box in second])
    areas = a[:, 2:].prod(1)[:, None] + b[:, 2:].prod(1)[None]
    assert box_ious(a, b) == pytest.approx(pixels / (areas - pixels))


@given(arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_masks_come_back_from_their_runs(mask: np.ndarray) -> None:
    assert np.array_equal(mask_of(runs_of(mask), mask.shape), mask)


def test_a_cell_comes_back_from_json() -> None:
    probabilities = np.full(24, 1 / 24)
    one = FoundObject(ObjectKind.EDGE, 0.25, (1, 2, 3, 2), np.eye(2, 3, dtype=np.bool_), (1, 2), 7,
                      probabilities)  # fmt: skip
    cell = FoundCell("a1", (one, thing(A)), 1.5, 0.5, "", ("told",), 100, "learned")
    back = FoundCell.from_json(json.loads(json.dumps(cell.to_json())))
    again = back.objects[0]
    assert (again.kind, again.score, again.box, again.origin, again.type) == (
        ObjectKind.EDGE, 0.25, (1, 2, 3, 2), (1, 2), 7,
    )  # fmt: skip
    assert np.array_equal(again.mask, one.mask)
    assert again.probabilities == pytest.approx(probabilities, abs=1e-6)
    assert back.objects[1].probabilities is None
    assert (back.name, back.warnings, back.method) == ("a1", ("told",), "learned")
    assert (back.seconds_separation, back.seconds_classification) == (1.5, 0.5)
    assert back.peak_memory == 100
    with pytest.raises((KeyError, TypeError, ValueError)):
        FoundCell.from_json({**cell.to_json(), "objects": [{}]})
