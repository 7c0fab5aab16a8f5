"""A typed karyotype against a board: what is missing and what is too many, named and placed."""

import pytest
from hypothesis import given, settings

from karyogui.domain.board_comparison import compare_board
from karyogui.domain.labelled_changes import propose_cell, troubles
from tests.unit.domain.test_labelled_changes import (
    T9_22,
    Cell,
    LabelledChange,
    cell,
    cells,
    labelled,
)


def differences(typed: str, board: Cell, *told: tuple[str, str]) -> dict[str, str]:
    found = compare_board(typed, board[0], labelled(*told), board[1])
    assert found is not None
    return found.marks


@pytest.mark.parametrize(
    ("typed", "board", "told", "marks"),
    [
        ("46,XX", cell(), [], {}),
        ("47,XX,+21", cell(), [], {"21": "−1"}),
        ("46,XX", cell(n21=3), [], {"21": "+1"}),
        ("46,XY", cell(), [], {"X": "+1", "Y": "−1"}),
        ("46,XX,del(5)(q31)", cell(), [], {"5": "−del"}),
        ("46,XX", cell(), [("del(5)(q31)", "5a")], {"5": "+del"}),
        ("46,XX,t(9;22)(q34;q11.2)", cell(), [T9_22], {}),
        ("46,XX,t(9;22)(q34;q11.2)", cell(), [], {"9": "−t", "22": "−t"}),
        ("46,XX,del(5)(q33)", cell(), [("del(5)(q31)", "5a")], {"5": "−del +del"}),
        ("45,XX,rob(13;14)(q10;q10)", cell(n13=1), [("rob(13;14)(q10;q10)", "14a")], {}),
        ("48,XX,+mar,dmin", cell(), [], {"mar": "−1"}),
    ],
)
def test_differences_are_marked_at_their_slots(
    typed: str, board: Cell, told: list[tuple[str, str]], marks: dict[str, str]
) -> None:
    assert differences(typed, board, *told) == marks


def test_they_are_named_in_words() -> None:
    found = compare_board("47,XX,+8,t(9;22)(q34;q11.2)", *_given(cell(n21=1)))
    assert found is not None
    assert "one chromosome 8 missing (2 instead of 3)" in found.text
    assert "one chromosome 21 missing (1 instead of 2)" in found.text
    assert "t(9;22)(q34;q11.2) is not labelled" in found.text


def test_of_several_lines_the_nearest_is_compared_and_named() -> None:
    found = compare_board("47,XX,+8[3]/46,XX[17]", *_given(cell()))
    assert found is not None
    assert found.text == "The board shows line 2."
    typed = "47,XX,+8,t(9;22)(q34;q11.2)[3]/48,idem,+21[4]"
    board = cell(n8=3, n21=3)
    found = compare_board(typed, board[0], labelled(T9_22), board[1])
    assert found is not None
    assert (found.line, found.differences) == (2, ())


def test_what_the_string_leaves_open_is_not_compared() -> None:
    assert compare_board("45~47,XX,inc", *_given(cell())) is None


def test_the_tray_is_named() -> None:
    found = compare_board("46,XX", *_given(cell(tray=2)))
    assert found is not None
    assert "two chromosomes are unplaced" in found.text


@settings(max_examples=200)
@given(cells())
def test_a_board_never_differs_from_its_own_karyotype(
    given_cell: tuple[Cell, list[LabelledChange]],
) -> None:
    (counts, slots), changes = given_cell
    told = propose_cell(counts, changes, slots)
    if not told.text or troubles(changes, slots):
        return
    found = compare_board(told.text, counts, changes, slots)
    if found is not None:
        assert found.differences == ()


def _given(board: Cell) -> tuple[dict[str, int], list[LabelledChange], dict[str, str]]:
    return board[0], [], board[1]
