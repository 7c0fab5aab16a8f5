"""Which faults an entry of either list points to, and what stays silent."""

from dataclasses import replace

import numpy as np
import pytest

from model.data.cells import counts_of
from model.data.metaphases import Truth
from model.evaluation.metaphases.cells import FoundCell, FoundObject, KnownCell
from model.evaluation.metaphases.matching import tally
from model.evaluation.metaphases.silence import (
    FaultKind,
    Listed,
    class_of,
    faults_of,
    listed,
    review_list,
)
from model.evaluation.metaphases.summary import Measured, Resampled, silence
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES
from model.vocabulary.results import REVIEW_MARGIN, CheckKind
from tests.unit.model.metaphases import NORMAL_XX, boxes

BOXES = [tuple(map(int, box)) for box in boxes(len(NORMAL_XX))]
KNOWN = KnownCell(
    "a1", "a",
    tuple(Truth(k, tuple(map(float, b))) for k, b in zip(NORMAL_XX, BOXES, strict=True)),
    counts_of(NORMAL_XX), True,
)  # fmt: skip


def thing(
    box: tuple[int, ...], kind: int | None, what: ObjectKind = ObjectKind.CHROMOSOME
) -> FoundObject:
    x, y, w, h = box
    mask = np.ones((h, w), np.bool_)
    return FoundObject(what, 0.9, (x, y, w, h), mask, (x, y), kind, margin=10.0)


def whole() -> list[FoundObject]:
    return [thing(b, k) for b, k in zip(BOXES, NORMAL_XX, strict=True)]


def lists(objects: list[FoundObject]) -> Listed:
    found = FoundCell("a1", tuple(objects), 1.0)
    return listed(KNOWN, found, tally(KNOWN, found))


def entry(o: FoundObject, kind: CheckKind) -> FoundObject:
    return replace(o, check=kind, doubt=0.5)


def test_a_cell_without_faults_is_not_silent_and_an_entry_in_it_is_needless() -> None:
    objects = whole()
    assert lists(objects) == Listed((), (), frozenset(), frozenset(), 0, False)
    objects[3] = entry(objects[3], CheckKind.SEVERAL)
    told = lists(objects)
    assert (told.needless, told.is_silent) == (1, False)


def test_a_rejected_chromosome_is_silent_until_an_entry_points_to_it() -> None:
    objects = [thing(b, k) for b, k in zip(BOXES[:-2], NORMAL_XX[:-2], strict=True)]
    # both X are rejected, and the cell's sex chromosomes are then unusual: none is left to name
    objects += [thing(b, None, ObjectKind.DEBRIS) for b in BOXES[-2:]]
    told = lists(objects)
    assert [f.kind for f in told.silent] == [FaultKind.MISS, FaultKind.MISS]
    assert told.is_silent
    objects[-2:] = [entry(o, CheckKind.REJECTED) for o in objects[-2:]]
    told = lists(objects)
    assert (told.silent, told.needless, told.is_silent) == ((), 0, False)


def test_a_missing_partner_names_the_one_that_is_left_but_not_the_rejected_one() -> None:
    objects = [thing(b, k) for b, k in zip(BOXES[1:], NORMAL_XX[1:], strict=True)]
    told = lists([*objects, thing(BOXES[0], None, ObjectKind.DEBRIS)])
    assert told.review == {0}  # the other one of its type
    assert [f.kind for f in told.silent] == [FaultKind.MISS]


@pytest.mark.parametrize(("margin", "silent"), [(REVIEW_MARGIN - 0.1, 0), (REVIEW_MARGIN, 2)])
def test_two_that_changed_places_are_silent_faults_but_the_counts_are_right(
    margin: float, silent: int
) -> None:
    objects = whole()
    first, other = objects[0], objects[4]
    objects[0] = replace(first, type=other.type, margin=margin)
    objects[4] = replace(other, type=first.type, margin=margin)
    told = lists(objects)
    assert len(told.silent) == silent
    assert not told.is_silent


def test_a_merge_is_pointed_to_by_the_object_that_holds_it() -> None:
    (x, y, _, h), (u, _, v, _) = BOXES[0], BOXES[1]
    both = (x, y, u + v - x, h)
    kept = [thing(b, k) for b, k in zip(BOXES[2:], NORMAL_XX[2:], strict=True)]
    objects = [thing(both, 0), *kept]
    found = FoundCell("a1", tuple(objects), 1.0)
    faults = faults_of(KNOWN, found, tally(KNOWN, found))
    assert [(f.kind, f.objects) for f in faults] == [(FaultKind.MERGE, (0,))]
    assert class_of(0, found, faults) == "several"
    assert class_of(1, found, faults) == "one"
    objects[0] = entry(objects[0], CheckKind.SEVERAL)
    assert not lists(objects).silent


def test_the_review_list_names_every_y_and_group_g_with_it() -> None:
    objects = whole()
    y = TYPES.index("Y")
    found = FoundCell("a1", (*objects, thing((0, 0, 5, 5), y)), 1.0)
    named = review_list(found)
    small = {i for i, o in enumerate(objects) if o.type is not None and TYPES[o.type] in
             ("21", "22", "X")}  # fmt: skip
    assert named == {*small, len(objects)}  # XXY is unusual


def test_figures_of_silence() -> None:
    bad = [thing(b, k) for b, k in zip(BOXES[1:], NORMAL_XX[1:], strict=True)]
    cells = [FoundCell("a1", tuple(whole()), 1.0), FoundCell("a2", tuple(bad), 1.0)]
    told = silence(Measured.of([KNOWN, KNOWN], cells), Resampled(["a", "b"]))
    assert told["faults"]["value"] == told["silent_faults"]["value"] == 0.5
    assert told["listed"]["value"] == 0.0
    assert told["silent_cells"]["value"] == 0.5
    assert told["needless_entries"]["median"]["value"] == 0


def test_a_loss_leads_to_what_is_held_back_for_it_and_its_other_homologue_is_named() -> None:
    objects = [thing(b, k) for b, k in zip(BOXES[1:], NORMAL_XX[1:], strict=True)]
    gone = thing(BOXES[0], None, ObjectKind.DEBRIS)
    told = lists([*objects, gone])
    assert told.is_silent
    assert told.silent_at_first
    assert told.never == told.silent
    told = lists([*objects, replace(gone, held=(NORMAL_XX[0],))])
    assert (told.silent_at_first, told.is_silent, told.never) == (True, False, ())
    assert told.later == {len(objects)}
    assert (told.check, told.needless) == (frozenset(), 0)
    other = (NORMAL_XX[0] + 5) % 22
    told = lists([*objects, replace(gone, held=(other,))])
    assert told.is_silent
    assert told.later == frozenset()


def test_what_is_held_back_for_a_loss_and_is_right_is_needless() -> None:
    objects = [thing(b, k) for b, k in zip(BOXES[1:], NORMAL_XX[1:], strict=True)]
    objects[7] = replace(objects[7], held=(NORMAL_XX[0],))
    told = lists([*objects, thing(BOXES[0], None, ObjectKind.DEBRIS)])
    assert (told.needless, told.is_silent) == (1, True)
    whole_again = [replace(o, held=(NORMAL_XX[0],)) for o in whole()]
    assert (lists(whole_again).needless, lists(whole_again).later) == (0, frozenset())


def test_of_a_wrong_type_that_the_settled_counts_show_the_review_list_tells() -> None:
    objects = whole()
    objects[0] = replace(objects[0], type=objects[4].type)
    # what looked like a missing partner at first hid it: a third one was a false object's name
    extra = replace(thing((0, 0, 9, 9), NORMAL_XX[0]), check=CheckKind.OUTLINE, doubt=0.5)
    told = lists([*objects, extra])
    assert not told.is_silent
    assert told.never == ()
