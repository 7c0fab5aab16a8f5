"""The karyogram keeps its chromosomes under any sequence of edits, and every edit can go back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.chromosome import Assignment, Chromosome, Polarity, Segment
from karyogui.domain.karyogram import MARKER, SLOTS, TRAY, Change, Karyogram, Placement, slot_name

FEW_SLOTS = ("1", "7", "21", "X", MARKER, TRAY)
"""Few enough that random edits meet in the same slot."""


def karyogram(**slots: str) -> Karyogram:
    """A karyogram such as `karyogram(c1="ab", tray="c")`: one letter is one chromosome."""
    return Karyogram(
        Placement(letter, slot.removeprefix("c"), index)
        for slot, letters in slots.items()
        for index, letter in enumerate(letters)
    )


def standing(board: Karyogram) -> dict[str, str]:
    return {slot: "".join(board.in_slot(slot)) for slot in SLOTS if board.in_slot(slot)}


def assert_sound(board: Karyogram, ids: frozenset[str]) -> None:
    placements = board.placements
    assert Counter(p.chromosome_id for p in placements) == Counter(ids)
    assert len(board) == len(ids)
    assert sum(board.counts.values()) == len(ids)
    assert set(board.counts) == set(SLOTS)
    for slot in SLOTS:
        members = [p for p in placements if p.slot == slot]
        assert [p.index for p in members] == list(range(board.counts[slot]))
        assert tuple(p.chromosome_id for p in members) == board.in_slot(slot)
    assert all(0.0 <= p.turn < 360.0 for p in placements)


# Moving


def test_move_goes_to_the_right_end_and_closes_the_gap() -> None:
    board = karyogram(c21="abc", c22="d")
    board.apply(board.move(["b"], "22"))
    assert standing(board) == {"21": "ac", "22": "db"}
    assert board.placement("c").index == 1


def test_a_count_is_never_forced() -> None:
    board = karyogram(c21="ab", tray="cdefg")
    board.apply(board.move("cdefg", "21"))
    assert board.counts["21"] == 7
    board.apply(board.move("abcdefg", TRAY))
    assert board.counts["21"] == 0


@pytest.mark.parametrize(
    ("ids", "slot", "index", "expected"),
    [
        ("e", "1", 0, {"1": "eabcd"}),
        ("e", "1", 2, {"1": "abecd"}),
        ("e", "1", 99, {"1": "abcde"}),
        ("e", "1", -3, {"1": "eabcd"}),
        ("d", "1", 0, {"1": "dabc", "X": "e"}),
        ("a", "1", None, {"1": "bcda", "X": "e"}),
        ("ac", "1", 1, {"1": "bacd", "X": "e"}),
        ("ca", "X", 0, {"1": "bd", "X": "cae"}),
        ("ea", "7", None, {"1": "bcd", "7": "ea"}),
        ("aab", "7", None, {"1": "cd", "7": "ab", "X": "e"}),
    ],
)
def test_move_keeps_the_order_given(
    ids: str, slot: str, index: int | None, expected: dict[str, str]
) -> None:
    board = karyogram(c1="abcd", X="e")
    board.apply(board.move(ids, slot, index))
    assert standing(board) == expected


def test_move_to_another_slot_confirms_and_to_the_tray_withdraws() -> None:
    board = karyogram(c1="ab", c2="c")
    board.apply(board.move("a", "2"))
    assert board.placement("a").confirmed
    assert not board.placement("c").confirmed
    board.apply(board.move("a", TRAY))
    assert not board.placement("a").confirmed


def test_reordering_a_slot_says_nothing_about_the_type() -> None:
    board = karyogram(c1="abc")
    board.apply(board.move("a", "1"))
    board.apply(board.swap("b", "c"))
    assert standing(board) == {"1": "cba"}
    assert not any(p.confirmed for p in board.placements)


def test_a_move_is_told_and_stored_the_same_way_every_time() -> None:
    board = karyogram(c3="ab", c1="cd", X="ef")
    change = board.move("ace", "7")
    assert change.text == "Move 3 chromosomes to 7"
    assert [p.chromosome_id for p in change.after] == ["b", "d", "f", "a", "c", "e"]
    assert board.move("a", TRAY).text == "Move chromosome to the tray"
    assert slot_name(MARKER) == "markers"


def test_swap_exchanges_places_and_keeps_the_turns() -> None:
    board = karyogram(c21="ab", c22="cd")
    board.apply(board.turn("a", 180))
    board.apply(board.swap("a", "d"))
    assert standing(board) == {"21": "db", "22": "ca"}
    assert board.placement("a").turn == 180
    assert board.placement("d").turn == 0
    assert board.placement("a").confirmed
    assert board.placement("d").confirmed


def test_swap_with_the_tray_confirms_only_what_left_it() -> None:
    board = karyogram(c21="a", tray="b")
    board.apply(board.swap("a", "b"))
    assert standing(board) == {"21": "b", TRAY: "a"}
    assert board.placement("b").confirmed
    assert not board.placement("a").confirmed


def test_swap_with_itself_is_nothing() -> None:
    assert karyogram(c21="ab").swap("a", "a").is_empty


# Turning, mirroring, confirming


@pytest.mark.parametrize(
    ("steps", "turn"),
    [((180, 180), 0), ((-1,), 359), ((350, 20), 10), ((90, -180), 270), ((-1e-20,), 0)],
)
def test_turns_add_up_within_one_circle(steps: tuple[float, ...], turn: float) -> None:
    board = karyogram(c1="a")
    for step in steps:
        board.apply(board.turn("a", step))
    assert board.placement("a").turn == pytest.approx(turn)
    assert 0 <= board.placement("a").turn < 360


def test_mirror_twice_is_the_picture_as_it_was() -> None:
    board = karyogram(c1="ab")
    board.apply(board.mirror("a"))
    assert board.placement("a").mirrored
    assert not board.placement("b").mirrored
    board.apply(board.mirror("a"))
    assert not board.placement("a").mirrored


def test_confirming_can_be_withdrawn_and_repeating_it_is_empty() -> None:
    board = karyogram(c1="ab")
    board.apply(board.confirm("ab"))
    assert all(p.confirmed for p in board.placements)
    assert board.confirm("ab").is_empty
    board.apply(board.confirm("a", False))
    assert not board.placement("a").confirmed


# Applying


def test_edits_alter_nothing_until_applied() -> None:
    board = karyogram(c1="ab", c2="c")
    before = board.placements
    board.move("a", "2")
    board.swap("a", "c")
    board.turn("a", 90)
    assert board.placements == before


def test_listeners_hear_every_change_once_and_empty_ones_never() -> None:
    board = karyogram(c1="ab")
    heard: list[Change] = []
    stop = board.listen(heard.append)
    change = board.move("a", "2")
    board.apply(change)
    board.apply(board.move("a", "2"))
    assert heard == [change]
    stop()
    stop()
    board.apply(change.inverse)
    assert heard == [change]


def test_a_listener_may_end_itself_while_it_listens() -> None:
    board = karyogram(c1="ab")
    heard: list[str] = []

    def once(change: Change) -> None:
        heard.append("once")
        stop()

    stop = board.listen(once)
    board.listen(lambda change: heard.append("always"))
    board.apply(board.turn("a", 1))
    board.apply(board.turn("a", 1))
    assert heard == ["once", "always", "always"]


A0, B1 = Placement("a", "1", 0), Placement("b", "1", 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param((A0,), (), id="loses one"),
        pytest.param((), (Placement("z", "2", 0),), id="adds one"),
        pytest.param((A0,), (replace(A0, chromosome_id="z"),), id="exchanges one"),
        pytest.param((B1,), (replace(B1, slot="2", index=0),) * 2, id="twice after"),
        pytest.param((B1, B1), (replace(B1, slot="2", index=0),), id="twice before"),
        pytest.param((replace(A0, turn=5),), (A0,), id="starts elsewhere"),
        pytest.param((Placement("z", "1", 0),), (Placement("z", "2", 0),), id="not of this cell"),
        pytest.param((A0,), (replace(A0, slot="2"),), id="leaves a gap"),
        pytest.param((B1,), (replace(B1, index=0),), id="two in one place"),
        pytest.param((B1,), (replace(B1, slot="23", index=0),), id="unknown slot"),
    ],
)
def test_a_change_that_breaks_the_karyogram_is_refused_and_leaves_it(
    before: tuple[Placement, ...], after: tuple[Placement, ...]
) -> None:
    board = karyogram(c1="ab")
    heard: list[Change] = []
    board.listen(heard.append)
    with pytest.raises(ValueError, match="change"):
        board.apply(Change("Broken", before, after))
    assert standing(board) == {"1": "ab"}
    assert heard == []


def test_composing_changes_that_do_not_follow_each_other_is_refused() -> None:
    board = karyogram(c1="ab")
    with pytest.raises(ValueError, match="start"):
        board.move("a", "2").then(board.move("a", "3"))


def test_unknown_slots_and_chromosomes_are_errors() -> None:
    board = karyogram(c1="a")
    with pytest.raises(ValueError, match="'23'"):
        board.move("a", "23")
    with pytest.raises(KeyError):
        board.move("z", "1")
    with pytest.raises(KeyError):
        board.placement("z")
    with pytest.raises(ValueError, match="twice"):
        Karyogram([A0, replace(A0, slot="2")])
    with pytest.raises(ValueError, match="'23'"):
        Karyogram([Placement("a", "23", 0)])


def test_stored_places_with_gaps_are_closed_on_loading() -> None:
    board = Karyogram([Placement("a", "1", 7), Placement("b", "1", 2), Placement("c", "1", 7)])
    assert [(p.chromosome_id, p.index) for p in board.placements] == [("b", 0), ("a", 1), ("c", 2)]


# An assignment


def test_an_assignment_moves_without_confirming_and_keeps_turns() -> None:
    board = Karyogram([A0, Placement("b", "1", 1, 180.0, True, True), Placement("c", "2", 0)])
    change = board.assign({"a": "2", "b": "2", "c": "2"}, "Assign again: Algorithm 1 (paper)")
    board.apply(change)
    assert board.in_slot("2") == ("c", "a", "b")
    assert board.placement("b") == Placement("b", "2", 2, 180.0, True, True)
    assert not board.placement("a").confirmed
    assert change.by_program
    assert change.inverse.by_program
    board.apply(change.inverse)
    assert board.in_slot("1") == ("a", "b")


def test_an_assignment_that_changes_nothing_is_empty() -> None:
    board = Karyogram([A0])
    assert board.assign({"a": A0.slot}, "Assign").is_empty
    assert board.assign({}, "Assign").is_empty


# The first karyogram


def chromosome(name: str, kind: str | None, confidence: float, q_up: bool = False) -> Chromosome:
    segment = Segment(name, np.full((4, 2), 255, np.uint8), np.zeros((4, 2), np.bool_))
    polarity = Polarity.Q_UP if q_up else Polarity.Q_DOWN
    return Chromosome(name, segment, None, Assignment(kind, polarity, confidence))


def test_first_karyogram_follows_the_assignment_whatever_the_counts() -> None:
    board = Karyogram.from_analysis(
        [
            chromosome("a", "21", 0.4),
            chromosome("b", "21", 0.9, q_up=True),
            chromosome("c", "21", 0.7),
            chromosome("d", None, 0.2),
            replace(chromosome("e", "1", 1.0), assigned=None),
        ]
    )
    assert standing(board) == {"21": "bca", TRAY: "de"}
    assert {p.chromosome_id: p.turn for p in board.placements if p.turn} == {"b": 180.0}
    assert not any(p.confirmed or p.mirrored for p in board.placements)


def test_empty_cell_has_an_empty_karyogram() -> None:
    board = Karyogram.from_analysis([])
    assert len(board) == 0
    assert set(board.counts.values()) == {0}
    assert board.move([], "1").is_empty


# Any sequence of edits

IDS = tuple("abcdefgh")
boards = st.fixed_dictionaries({name: st.sampled_from(FEW_SLOTS) for name in IDS})
some = st.lists(st.sampled_from(IDS), max_size=4)
one = st.sampled_from(IDS)
degrees = st.floats(-720, 720, allow_nan=False) | st.sampled_from((180.0, 1.0, -5.0, -1e-20))
edits = st.lists(
    st.one_of(
        st.tuples(
            st.just("move"), some, st.sampled_from(FEW_SLOTS), st.none() | st.integers(-1, 9)
        ),
        st.tuples(st.just("swap"), one, one),
        st.tuples(st.just("turn"), some, degrees),
        st.tuples(st.just("mirror"), some),
        st.tuples(st.just("confirm"), some, st.booleans()),
    ),
    max_size=25,
)


def board_of(slots: dict[str, str]) -> Karyogram:
    return Karyogram(Placement(name, slot, 0) for name, slot in slots.items())


@settings(deadline=None)
@given(boards, edits)
def test_any_edits_keep_every_chromosome_and_undo_exactly(
    slots: dict[str, str], steps: list[tuple[Any, ...]]
) -> None:
    board = board_of(slots)
    history = [board.placements]
    done: list[Change] = []
    for name, *arguments in steps:
        change: Change = getattr(board, name)(*arguments)
        board.apply(change)
        assert_sound(board, frozenset(IDS))
        assert change.is_empty == (board.placements == history[-1])
        done.append(change)
        history.append(board.placements)
    for change, earlier in zip(reversed(done), reversed(history[:-1]), strict=True):
        board.apply(change.inverse)
        assert board.placements == earlier
    for change in done:
        board.apply(change)
    assert board.placements == history[-1]


@settings(deadline=None)
@given(boards, edits, st.integers(0, 25))
def test_composed_changes_do_what_they_do_one_after_another(
    slots: dict[str, str], steps: list[tuple[Any, ...]], split: int
) -> None:
    stepwise, at_once = board_of(slots), board_of(slots)
    start = stepwise.placements
    parts = [Change("", (), ()), Change("", (), ())]
    for number, (name, *arguments) in enumerate(steps):
        change: Change = getattr(stepwise, name)(*arguments)
        stepwise.apply(change)
        parts[number >= split] = parts[number >= split].then(change)
    whole = parts[0].then(parts[1])
    assert whole.is_empty == (stepwise.placements == start)
    at_once.apply(whole)
    assert at_once.placements == stepwise.placements
    at_once.apply(whole.inverse)
    assert at_once.placements == start


@settings(deadline=None)
@given(boards, edits)
def test_only_moves_and_swaps_change_counts_and_only_as_asked(
    slots: dict[str, str], steps: list[tuple[Any, ...]]
) -> None:
    board = board_of(slots)
    expected = dict(slots)
    for name, *arguments in steps:
        board.apply(getattr(board, name)(*arguments))
        if name == "move":
            expected |= dict.fromkeys(arguments[0], arguments[1])
        elif name == "swap":
            first, second = arguments
            expected |= {first: expected[second], second: expected[first]}
        assert {p.chromosome_id: p.slot for p in board.placements} == expected
        assert board.counts == dict.fromkeys(SLOTS, 0) | Counter(expected.values())
