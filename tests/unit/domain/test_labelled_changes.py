"""Labelled changes: how they fit the board, and the karyotype of the cell that they make."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.case_result.changes import Constitution, changes_of
from karyogui.domain.case_result.changes import line_of as line_of_set
from karyogui.domain.iscn import (
    CaseKaryotype,
    check,
    expected_counts,
    propose,
    reading,
    write,
)
from karyogui.domain.karyogram import SLOTS, TRAY
from karyogui.domain.labelled_changes import (
    LabelledChange,
    explained,
    for_case,
    labels_of,
    next_id,
    propose_cell,
    troubles,
)

Cell = tuple[dict[str, int], dict[str, str]]


def cell(**other: int) -> Cell:
    """Counts and slots of a female cell, but for the types given as `n8=3`; ids are `8a`, `8b`."""
    counts = dict.fromkeys(SLOTS, 0) | {str(n): 2 for n in range(1, 23)} | {"X": 2}
    counts |= {name.removeprefix("n"): count for name, count in other.items()}
    return counts, {f"{k}{'abcdef'[n]}": k for k, count in counts.items() for n in range(count)}


def labelled(*told: tuple[str, str]) -> list[LabelledChange]:
    return [LabelledChange(f"s{n}", t, tuple(ids.split())) for n, (t, ids) in enumerate(told)]


def proposal(cell: Cell, *told: tuple[str, str]) -> str:
    return str(propose_cell(cell[0], labelled(*told), cell[1]))


T9_22 = ("t(9;22)(q34;q11.2)", "9a 22b")
ROB = "rob(13;14)(q10;q10)"


@pytest.mark.parametrize(
    ("board", "told", "iscn"),
    [
        (cell(), [("del(5)(q31)", "5a")], "46,XX,del(5)(q31)"),
        (cell(), [T9_22], "46,XX,t(9;22)(q34;q11.2)"),
        (cell(n22=3), [T9_22, ("der(22)t(9;22)", "22c")],
         "47,XX,t(9;22)(q34;q11.2),+der(22)t(9;22)"),
        (cell(n14=1), [(ROB, "13a")], f"45,XX,{ROB}"),
        (cell(n13=1), [(ROB, "14a")], f"45,XX,{ROB}"),
        (cell(n13=3, n14=1), [(ROB, "13c")], f"46,XX,+13,{ROB}"),
        (cell(n8=3), [("i(8)(q10)", "8c")], "47,XX,+i(8)(q10)"),
        (cell(n8=3), [("i(8)(q10)", "8a 8b")], "47,XX,i(8)(q10),+i(8)(q10)"),
        (cell(), [("i(8)(q10)", "8a 8b")], "46,XX,i(8)(q10)×2"),
        (cell(), [("i(X)(q10)", "Xa")], "46,X,i(X)(q10)"),
        (cell(X=1, Y=1), [("t(X;8)(p22;q12)", "Xa 8a")], "46,Y,t(X;8)(p22;q12)"),
        (cell(X=3), [("del(X)(q21)", "Xc")], "47,XX,+del(X)(q21)"),
        (cell(mar=2), [("r", "mara"), ("dmin", "")], "48,XX,+r,+mar,dmin"),
        (cell(n7=1, n8=3), [("del(5)(q31)", "5a"), T9_22],
         "46,XX,del(5)(q31),-7,+8,t(9;22)(q34;q11.2)"),
    ],
)  # fmt: skip
def test_the_karyotype_of_a_cell(board: Cell, told: list[tuple[str, str]], iscn: str) -> None:
    if iscn.startswith("46,XX,del(5)(q31),-7"):  # a swap within group C is asked first
        assert "swap" in proposal(board, *told)
        return
    assert proposal(board, *told) == iscn
    assert check(iscn).valid


def test_without_changes_the_counts_alone_are_proposed() -> None:
    counts, slots = cell(n21=3)
    assert propose_cell(counts, (), slots) == propose(counts)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ([("t(9;22)(q34;q11.2)", "9a")], "needs 2 chromosomes: none is marked at 22"),
        ([("del(5)(q31)", "")], "needs a chromosome: none is marked at 5"),
        ([("del(5)(q31)", "7a")], "is at 7, not at 5"),
        ([("del(5)(q31)", "gone")], "no longer in the cell"),
        ([("?", "5a")], "not yet how"),
        ([("del(5)(q31)", "5a"), ("add(5)(p15)", "5a")], "write them as one derivative"),
        ([("del(5)(q99)", "5a")], "not valid"),
        ([("dmin", "5a")], "carried by no chromosome"),
    ],
)
def test_what_does_not_fit_the_board_is_told_and_no_string_proposed(
    told: list[tuple[str, str]], says: str
) -> None:
    counts, slots = cell()
    found = troubles(labelled(*told), slots)
    assert any(says in trouble.text for trouble in found)
    asked = propose_cell(counts, labelled(*told), slots)
    assert asked.text == ""
    assert says in asked.question


def test_a_chromosome_in_the_tray_and_several_troubles_are_told() -> None:
    counts, slots = cell()
    slots["5a"] = TRAY
    told = labelled(("del(5)(q31)", "5a"), ("?", "6a"))
    assert [t.change_id for t in troubles(told, slots)] == ["s0", "s1"]
    assert "1 more to settle" in propose_cell(counts, told, slots).question


def test_the_order_of_entering_does_not_matter() -> None:
    told = [("del(5)(q31)", "5a"), T9_22, ("i(17)(q10)", "17a"), ("del(X)(q21)", "Xa")]
    texts = {proposal(cell(), *order) for order in (told, told[::-1], told[2:] + told[:2])}
    assert len(texts) == 1


SINGLE = ["del({})(q11)", "add({})(q11)", "i({})(q10)", "inv({})(p11q11)", "?del({})(q11)"]


@st.composite
def cells(draw: st.DrawFn) -> tuple[Cell, list[LabelledChange]]:
    """Cells with some gains and losses, and changes of all sorts that fit their boards."""
    other = {
        f"n{k}": draw(st.integers(1, 4)) for k in draw(st.sets(st.integers(1, 22), max_size=3))
    }
    board = cell(**other, mar=draw(st.integers(0, 2)), X=draw(st.integers(1, 3)))
    free = [i for i in board[1] if board[1][i] not in (TRAY,)]
    told: list[tuple[str, tuple[str, ...]]] = []
    for _ in range(draw(st.integers(0, 5))):
        if not free:
            break
        own = free.pop(draw(st.integers(0, len(free) - 1)))
        kind = board[1][own]
        if kind == "mar":
            told.append(
                (draw(st.sampled_from(["r", "mar", "mar1", "der(?)t(?;9)(?;q22)"])), (own,))
            )
            continue
        partners = [i for i in free if board[1][i] not in (kind, "mar", "X", "Y")]
        if partners and kind != "X" and draw(st.booleans()):
            other_id = draw(st.sampled_from(partners))
            low, high = sorted((kind, board[1][other_id]), key=int)
            joined = draw(st.booleans())
            if not joined:
                free.remove(other_id)
                told.append((f"t({low};{high})(q11;q11)", (own, other_id)))
            else:
                told.append((f"dic({low};{high})(p11;p11)", (own,)))
            continue
        told.append((draw(st.sampled_from(SINGLE)).format(kind), (own,)))
    return board, [LabelledChange(f"s{n}", text, ids) for n, (text, ids) in enumerate(told)]


@settings(max_examples=300)
@given(cells())
def test_the_string_of_a_cell_is_valid_and_its_counts_are_those_of_the_board(
    given_cell: tuple[Cell, list[LabelledChange]],
) -> None:
    (counts, slots), changes = given_cell
    if troubles(changes, slots):
        return
    told = propose_cell(counts, changes, slots)
    if not told.text:
        assert told.question
        return
    assert check(told.text).valid
    expected = expected_counts(reading(told.text))[0]
    if not expected.is_certain:
        return
    board = Counter({k: n for k, n in counts.items() if k != TRAY})
    # What two types share is counted to the first of them, wherever it stands.
    for change in changes:
        if change.text.startswith("dic("):
            board[slots[change.chromosome_ids[0]]] -= 1
            board[change.text.removeprefix("dic(").partition(";")[0]] += 1
    assert {k: n for k, n in expected.counts.items() if n} == {k: n for k, n in board.items() if n}


@given(cells())
def test_no_change_is_lost_from_a_string(given_cell: tuple[Cell, list[LabelledChange]]) -> None:
    (counts, slots), changes = given_cell
    told = propose_cell(counts, changes, slots)
    for change in changes:
        assert change.text in told.text or told.question
        assert sum(explained(counts, changes, slots).values()) >= sum(counts.values())


def test_what_a_cell_gives_to_its_case() -> None:
    counts, slots = cell(n8=3)
    told = for_case(counts, labelled(T9_22, ("i(8)(q10)", "8a 8b")), slots)
    assert Counter(told.structural) == {
        "t(9;22)(q34;q11.2)": 1, "i(8)(q10)": 1, "+i(8)(q10)": 1,
    }  # fmt: skip
    assert told.counts == counts
    joined = for_case(cell(n13=1)[0], labelled((ROB, "14a")), cell(n13=1)[1])
    assert joined.structural == (ROB,)
    assert (joined.counts["13"], joined.counts["14"]) == (2, 1)


@given(cells())
def test_a_case_reads_back_the_counts_that_the_board_has(
    given_cell: tuple[Cell, list[LabelledChange]],
) -> None:
    (counts, slots), changes = given_cell
    told = for_case(counts, changes, slots)
    found = changes_of(told.counts, told.structural, Constitution("XX"))
    line = line_of_set(found, Constitution("XX"), None)
    assert set(told.structural) <= {copy.change for copy in found}
    if line.sex:
        assert check(write(CaseKaryotype((line,)))).valid


def test_labels_and_ids() -> None:
    told = labelled(T9_22, ("del(5)(q31)", "5a"), ("add(5)(p15)", "5a"))
    assert labels_of(told) == {"9a": "t", "22b": "t", "5a": "del, add"}
    assert next_id(told, ("s3",)) == "s4"
