"""From proposal to result: only what still holds counts, however it was reached."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import SLOTS, TRAY, Change, Karyogram, Placement
from karyogui.domain.review import PROGRAM, Edit
from karyogui.domain.separation_check import CheckEntry, CheckKind
from karyogui.domain.sitting import ActionKind
from karyogui.domain.trail import first_proposal, lasting_repairs, proposed_placements
from tests.unit.domain.trails import NOW

START = tuple(Placement(f"c{n:02d}", slot, n % 2) for n, slot in enumerate("1122"))


def worked(*changes: Change, start: tuple[Placement, ...] = START, **fields: object) -> Cell:
    """A cell after changes of a person."""
    board = Karyogram(start)
    for change in changes:
        board.apply(change)
    edits = tuple(Edit("ann", NOW, change) for change in changes)
    cell = Cell(1, 1, "a", (), placements=board.placements, edits=edits)
    return replace(cell, **fields)  # type: ignore[arg-type]


def slots(placements: tuple[Placement, ...]) -> dict[str, tuple[str, float]]:
    return {p.chromosome_id: (p.slot, p.turn) for p in placements}


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(SLOTS), st.booleans()), max_size=12))
def test_the_proposal_is_found_whatever_was_done_and_undone(
    acts: list[tuple[int, str, bool]],
) -> None:
    board, done = Karyogram(START), []
    for number, slot, back in acts:
        move = board.move([f"c{number:02d}"], slot)
        steps = [move, move.inverse] if back else [move]
        for change in steps:
            board.apply(change)
        done += steps
    cell = worked(*done)
    assert slots(proposed_placements(cell)) == slots(START)


def test_what_was_decided_before_the_last_look_counts_as_a_persons() -> None:
    moved = Karyogram(START).move(["c00"], "2")
    board = Karyogram(START)
    board.apply(moved)
    look = Change("Analysed again", board.placements, board.placements, by_program=True)
    cell = worked(moved)
    cell = replace(cell, edits=(*cell.edits, Edit(PROGRAM, NOW, look)))
    assert slots(proposed_placements(cell)) == slots(START)


def test_a_repair_is_taken_out_of_the_proposal_and_its_check_is_open_again() -> None:
    before = START[2:]
    after = (replace(before[0], index=0), Placement("c09", TRAY, 0))
    split = Change("Split", before[1:], after[1:], True, ActionKind.SPLIT, repairs=True)
    entry = CheckEntry("c03", CheckKind.SEVERAL, 0.8)
    cell = worked(split, check=(entry,))
    assert {p.chromosome_id for p in proposed_placements(cell)} == {"c00", "c01", "c02", "c03"}
    assert "may be two chromosomes" in str(first_proposal(cell))
    assert [e.change.text for e in lasting_repairs(cell)] == ["Split"]


def test_repairs_that_were_undone_or_restored_by_hand_are_none() -> None:
    gone = Change("Delete c03", START[3:], (), True, ActionKind.DELETE, repairs=True)
    again = replace(gone.inverse, text="Restore c03", kind=ActionKind.RESTORE)
    assert lasting_repairs(worked(gone, again)) == ()
    assert lasting_repairs(worked(gone, gone.inverse)) == ()
    assert len(lasting_repairs(worked(gone, gone.inverse, gone))) == 1


def test_turns_that_follow_each_other_are_undone_as_one() -> None:
    turns = [Change(f"Turn by {n}°", (), (), True, ActionKind.ROTATE) for n in (5, 5)]
    back = Change("Undo: Turn by 10°", (), (), True, ActionKind.ROTATE)
    assert lasting_repairs(worked(*turns, back)) == ()
