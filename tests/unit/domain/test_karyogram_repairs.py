"""A repair of the separation is one change of the same karyogram: chromosomes go and come."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.karyogram import MARKER, SLOTS, TRAY, Change, Karyogram, Placement
from karyogui.domain.sitting import ActionKind

FEW_SLOTS = ("1", "7", "X", MARKER, TRAY)
"""Few enough that chromosomes meet in the same slot."""

placements = st.dictionaries(
    st.sampled_from("abcdefghij"),
    st.tuples(
        st.sampled_from(FEW_SLOTS), st.integers(0, 9), st.sampled_from((0.0, 180.0)), st.booleans()
    ),
).map(
    lambda found: [
        Placement(i, slot, index, turn, confirmed=confirmed)
        for i, (slot, index, turn, confirmed) in found.items()
    ]
)


def board_of(**slots: str) -> Karyogram:
    return Karyogram(
        Placement(letter, slot.removeprefix("c"), index)
        for slot, letters in slots.items()
        for index, letter in enumerate(letters)
    )


def repaired(board: Karyogram, target: list[Placement]) -> Change:
    return board.repaired(target, "Cut a chromosome into 2", ActionKind.CUT)


def assert_sound(board: Karyogram, ids: set[str]) -> None:
    assert Counter(p.chromosome_id for p in board.placements) == Counter(ids)
    assert len(board) == sum(board.counts.values()) == len(ids)
    for slot in SLOTS:
        assert [board.placement(i).index for i in board.in_slot(slot)] == list(
            range(board.counts[slot])
        )


@settings(deadline=None)
@given(placements, st.lists(placements, min_size=1, max_size=4))
def test_any_repairs_leave_a_sound_board_and_undo_exactly(
    first: list[Placement], targets: list[list[Placement]]
) -> None:
    board = Karyogram(first)
    heard: list[Change] = []
    board.listen(heard.append)
    history, done = [board.placements], []
    for target in targets:
        change = repaired(board, target)
        board.apply(change)
        assert_sound(board, {p.chromosome_id for p in target})
        assert board.placements == Karyogram(target).placements
        done.append(change)
        history.append(board.placements)
    assert heard == [change for change in done if not change.is_empty]
    for change, earlier in zip(reversed(done), reversed(history[:-1]), strict=True):
        board.apply(change.inverse)
        assert board.placements == earlier
    for change in done:
        board.apply(change)
    assert board.placements == history[-1]


@settings(deadline=None)
@given(placements, placements, placements)
def test_a_repair_composes_with_what_follows(
    first: list[Placement], second: list[Placement], third: list[Placement]
) -> None:
    stepwise, at_once = Karyogram(first), Karyogram(first)
    start = stepwise.placements
    changes = []
    for target in (second, third):
        changes.append(repaired(stepwise, target))
        stepwise.apply(changes[-1])
    whole = changes[0].then(changes[1])
    at_once.apply(whole)
    assert at_once.placements == stepwise.placements
    at_once.apply(whole.inverse)
    assert at_once.placements == start


def test_a_cut_takes_one_and_brings_two() -> None:
    board = board_of(c5="ab", c7="c")
    heard: list[Change] = []
    board.listen(heard.append)
    target = [Placement("b", "5", 0), Placement("c", "7", 0), Placement("d", "5", 1)]
    change = repaired(board, [*target, Placement("e", TRAY, 0)])
    assert {p.chromosome_id for p in change.before} == {"a", "b"}
    assert {p.chromosome_id for p in change.after} == {"b", "d", "e"}
    assert (change.kind, change.text) == (ActionKind.CUT, "Cut a chromosome into 2")
    assert change.by_program  # nobody decided where each one stands
    board.apply(change)
    assert heard == [change]
    assert board.in_slot("5") == ("b", "d")
    with pytest.raises(KeyError):
        board.placement("a")
    board.apply(board.move(["e"], "7"))  # the board goes on as ever
    assert board.in_slot("7") == ("c", "e")


def test_all_may_go() -> None:
    board = board_of(c5="ab")
    change = repaired(board, [])
    board.apply(change)
    assert len(board) == 0
    board.apply(change.inverse)
    assert board.in_slot("5") == ("a", "b")


def test_a_repair_that_moves_nothing_is_empty() -> None:
    board = board_of(c5="ab")
    assert repaired(board, list(board.placements)).is_empty


A0, B1 = Placement("a", "1", 0), Placement("b", "1", 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param((A0,), (), id="leaves a gap"),
        pytest.param((), (replace(A0, slot="2"),), id="brings one that stands already"),
        pytest.param((B1,), (replace(A0, slot="2"), Placement("z", "1", 1)), id="one stands twice"),
        pytest.param((), (Placement("z", "1", 1),), id="two in one place"),
        pytest.param((B1,), (Placement("z", "1", 1),) * 2, id="the same one twice"),
        pytest.param((B1,), (Placement("z", "99", 0),), id="unknown slot"),
        pytest.param((Placement("y", "1", 1),), (), id="takes one that is not there"),
        pytest.param((replace(B1, turn=90.0),), (), id="starts elsewhere"),
    ],
)
def test_a_repair_that_breaks_the_karyogram_is_refused(
    before: tuple[Placement, ...], after: tuple[Placement, ...]
) -> None:
    board = board_of(c1="ab")
    heard: list[Change] = []
    board.listen(heard.append)
    with pytest.raises(ValueError, match=r"change|repair"):
        board.apply(Change("Broken", before, after, repairs=True))
    assert board.in_slot("1") == ("a", "b")
    assert heard == []


def test_a_change_does_not_follow_a_repair_that_took_its_chromosome() -> None:
    board = board_of(c1="ab")
    taken = repaired(board, [A0])
    with pytest.raises(ValueError, match="start"):
        taken.then(board.turn("b", 5))


def test_every_edit_tells_its_kind() -> None:
    board = board_of(c1="ab", c2="c")
    changes = {
        ActionKind.MOVE: board.move("a", "2"),
        ActionKind.SWAP: board.swap("a", "c"),
        ActionKind.TURN: board.turn("a", 5),
        ActionKind.MIRROR: board.mirror("a"),
        ActionKind.CONFIRM: board.confirm("a"),
        ActionKind.ASSIGN: board.assign({"a": "2"}, "Assign"),
        ActionKind.JOIN: board.repaired([A0], "Join", ActionKind.JOIN),
    }
    for kind, change in changes.items():
        assert change.kind is kind
        assert change.inverse.kind is kind
        assert change.repairs == change.inverse.repairs == (kind is ActionKind.JOIN)
    turned = board.turn("a", 5)
    board.apply(turned)
    assert turned.then(board.turn("a", 5)).kind is ActionKind.TURN
