"""What repairs have made is judged as the rest was, and never asks what a person has decided."""

from dataclasses import replace
from pathlib import Path

import pytest

from karyogui.domain.separation import ObjectKind, Repair
from karyogui.domain.separation_check import (
    SURE_OF_SEVERAL,
    CheckEntry,
    CheckKind,
    EntryState,
    asked_again,
)
from karyogui.domain.sitting import ActionKind
from karyogui.domain.trail import first_proposal
from tests.unit.services.metaphases import Bench, changed, cut, open_bench, separated

CROSSING = CheckEntry("c01", CheckKind.SEVERAL, 0.75, ("4", "13"))
STILL_TWO = CheckEntry("c10", CheckKind.SEVERAL, 0.9, ("5",), 0.5)
NO_MORE_THAN_A_PART = CheckEntry("c11", CheckKind.PART, 0.99, ("5",), 0.5)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = open_bench(tmp_path)
    bench.reader.check = (CROSSING,)
    bench.analyse()
    return bench


def open_ids(bench: Bench) -> list[str]:
    cell = bench.cell
    return [entry.object_id for entry in cell.open_check]


def test_only_what_is_new_is_judged_and_the_other_entries_stay(bench: Bench) -> None:
    bench.reader.doubts = (STILL_TWO,)
    bench.repair(cut(bench.object("c02"), 12, "c10", "c11"))
    assert bench.reader.judged == [("c10", "c11")]
    assert open_ids(bench) == ["c10", "c01"]
    assert [entry.later for entry in bench.cell.check] == [False, True]
    proposed = first_proposal(bench.cell).question
    assert "1 object may be two chromosomes" in proposed  # the program's own first word


def test_an_entry_of_a_repaired_object_is_worked_off_as_any_other(bench: Bench) -> None:
    bench.reader.doubts = (STILL_TWO,)
    bench.repair(cut(bench.object("c02"), 12, "c10", "c11"))
    bench.reviews.check(bench.cell_id, "c10", "ann")
    assert open_ids(bench) == ["c01"]
    bench.repair(cut(bench.object("c03"), 10, "c12", "c13"))  # judged again, and still right
    assert "c10" in bench.reader.judged[-1]
    assert open_ids(bench) == ["c01"]
    bench.repair(cut(bench.object("c10"), 6, "c14", "c15"))
    states = {entry.object_id: entry.state for entry in bench.cell.check}
    assert states["c10"] is EntryState.REPAIRED


def test_undoing_the_repair_takes_its_entries_away(bench: Bench) -> None:
    bench.reader.doubts = (STILL_TWO,)
    repair = cut(bench.object("c01"), 12, "c10", "c11")
    bench.repair(repair)
    assert open_ids(bench) == ["c10"]
    bench.repair(repair.inverse)
    assert open_ids(bench) == ["c01"]


def test_where_a_person_ends_a_chromosome_is_not_asked_again(bench: Bench) -> None:
    weak = replace(STILL_TWO, probability=SURE_OF_SEVERAL - 0.01)
    bench.reader.doubts = (weak, NO_MORE_THAN_A_PART)
    bench.repair(cut(bench.object("c02"), 12, "c10", "c11"))
    assert open_ids(bench) == ["c01"]


def test_what_was_joined_is_not_asked_whether_it_is_two(bench: Bench) -> None:
    one, two = bench.object("c02"), bench.object("c03")
    joined = replace(one, id="c10", by_person=True)
    bench.reader.doubts = (STILL_TWO,)
    bench.repair(Repair(ActionKind.JOIN, "Join 2 chromosomes", (one, two), (joined,)))
    assert bench.reader.judged == [("c10",)]
    assert open_ids(bench) == ["c01"]


def test_what_the_program_separates_after_a_repair_is_asked_about_as_everything(
    bench: Bench,
) -> None:
    found = replace(separated()[1], id="c12", by_person=False)
    doubt = CheckEntry("c12", CheckKind.PART, 0.2)
    bench.reader.doubts = (doubt,)
    bench.repair(Repair(ActionKind.LASSO, "Rest", (bench.object("c02"),), (found,)))
    assert open_ids(bench) == ["c01", "c12"]


def test_a_cell_without_a_check_gets_none_by_a_repair(tmp_path: Path) -> None:
    bench = open_bench(tmp_path)
    bench.reader.check = None  # type: ignore[assignment]
    bench.analyse()
    bench.reader.doubts = (STILL_TWO,)
    bench.repair(cut(bench.object("c02"), 12, "c10", "c11"))
    assert bench.reader.judged == []
    assert bench.cell.check == ()


def test_a_mark_as_debris_is_a_decision(bench: Bench) -> None:
    bench.reader.doubts = (CheckEntry("c01", CheckKind.REJECTED, 0.9, ("4",), 0.9),)
    bench.repair(changed(ActionKind.MARK, bench.object("c01"), kind=ObjectKind.DEBRIS))
    assert open_ids(bench) == []


def test_the_rule() -> None:
    entries = [CheckEntry("x", kind, 0.9) for kind in CheckKind]
    assert asked_again(entries, (), ()) == tuple(entries)
    assert [e.kind for e in asked_again(entries, {"x"}, ())] == [CheckKind.SEVERAL]
    assert asked_again(entries, {"x"}, {"x"}) == ()
