import pytest

from karyogui.domain.karyogram import TRAY
from karyogui.layout.karyogram import KaryogramLayout, Piece, karyogram_layout
from karyogui.ui.board.navigation import Walk, next_to_review, stretch, walk


@pytest.fixture
def board() -> KaryogramLayout:
    counts = {"1": 2, "2": 1, "5": 2, "6": 2, "21": 3, TRAY: 2}
    members = {s: [Piece(f"{s}-{n}", 16, 60) for n in range(c)] for s, c in counts.items()}
    return karyogram_layout(members, 900, 700, 0.7)


@pytest.mark.parametrize(
    ("start", "step", "end"),
    [
        ("1-0", Walk.RIGHT, "1-1"),
        ("1-1", Walk.RIGHT, "2-0"),
        ("5-1", Walk.RIGHT, "6-0"),
        ("6-0", Walk.LEFT, "5-1"),
        ("1-0", Walk.LEFT, "1-0"),
        (f"{TRAY}-1", Walk.RIGHT, f"{TRAY}-1"),
        ("1-0", Walk.DOWN, "6-0"),
        ("6-1", Walk.DOWN, "21-0"),
        ("1-0", Walk.UP, "1-0"),
        ("21-2", Walk.DOWN, f"{TRAY}-1"),
        (f"{TRAY}-0", Walk.DOWN, f"{TRAY}-0"),
        (f"{TRAY}-0", Walk.UP, "21-0"),
        ("2-0", Walk.LINE_START, "1-0"),
        ("2-0", Walk.LINE_END, "5-1"),
        ("6-0", Walk.FIRST, "1-0"),
        ("6-0", Walk.LAST, f"{TRAY}-1"),
        (None, Walk.RIGHT, "1-0"),
        (None, Walk.LAST, f"{TRAY}-1"),
        ("gone", Walk.DOWN, "1-0"),
    ],
)
def test_one_step(board: KaryogramLayout, start: str | None, step: Walk, end: str) -> None:
    assert walk(board, start, step) == end


def test_an_empty_board_has_nowhere_to_go() -> None:
    assert walk(karyogram_layout({}, 900, 700, 1), None, Walk.RIGHT) is None


def test_a_stretch_runs_either_way() -> None:
    assert stretch("abcde", "d", "b") == stretch("abcde", "b", "d") == ("b", "c", "d")


@pytest.mark.parametrize(
    ("current", "step", "expected"),
    [(None, 1, "a"), (None, -1, "c"), ("a", 1, "b"), ("c", 1, "a"), ("a", -1, "c"), ("z", 1, "a")],
)
def test_going_round_the_review_order(current: str | None, step: int, expected: str) -> None:
    assert next_to_review(tuple("abc"), tuple("abc"), current, step) == expected


def test_after_confirming_the_next_one_follows_and_not_the_first() -> None:
    assert next_to_review("acd", "abcd", "b", 1) == "c"
    assert next_to_review("acd", "abcd", "b", -1) == "a"


def test_nothing_asks_for_review() -> None:
    assert next_to_review("", "ab", "a", 1) is None
