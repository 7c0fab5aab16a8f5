"""What a repaired cell keeps: when it is analysed again, repaired at once elsewhere, reopened."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult
from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import Karyogram
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import ObjectKind, Repair
from karyogui.domain.sitting import ActionKind
from karyogui.domain.trail import first_proposal, lasting_repairs, proposed_placements
from karyogui.errors import KaryoError
from karyogui.services.progress import Monitor, SilentMonitor
from tests.unit.services.metaphases import Bench, FakeReader, changed, cut, open_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    opened = open_bench(tmp_path / "photographs")
    opened.analyse()
    yield opened
    opened.database.close()


def shown(cell: Cell) -> list[object]:
    """Every object, in comparable form."""
    return [(o.id, o.kind, o.mask.tobytes(), o.origin, o.turn, o.by_person) for o in cell.objects]


def said(cell: Cell) -> dict[str, object]:
    """What is known of every chromosome, in comparable form."""
    return {
        c.id: (c.segment.crop.tobytes(), c.segment.angle, c.segment.box, c.predicted)
        for c in cell.chromosomes
    }


def assert_same(one: Cell, other: Cell) -> None:
    assert shown(one) == shown(other)
    assert said(one) == said(other)
    assert set(one.placements) == set(other.placements)


def a_cut(bench: Bench) -> Repair:
    return cut(bench.object("c01"), 18, "c10", "c11")


def test_one_network_looks_at_a_cell(bench: Bench) -> None:
    repair = a_cut(bench)
    after = bench.repair(repair)
    before = bench.repair(repair.inverse)
    bench.reader.sha256 = "ba9876543210"
    assert_same(bench.repair(repair), after)  # nobody has to look
    other = cut(bench.object("c02"), 10, "c12", "c13")
    with pytest.raises(KaryoError, match="is chosen now"):
        bench.repair(other)
    bench.repair(other.inverse)
    assert_same(bench.repair(repair.inverse), before)


def test_no_repair_waits_for_the_look_at_another(bench: Bench) -> None:
    begun, go_on = Event(), Event()

    def take_long() -> None:
        begun.set()
        go_on.wait(10)

    bench.reader.meanwhile = take_long
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(bench.repair, a_cut(bench))
        assert begun.wait(10)
        other = cut(bench.object("c02"), 10, "c12", "c13")
        second = bench.repairs.apply(bench.cell_id, other, "ann")
        assert (second.revision, second.awaits_answer) == (3, True)
        go_on.set()
        done = first.result(10)
        assert (done.revision, done.awaits_answer) == (4, False)
    assert {"c10", "c11", "c12", "c13"} <= {c.id for c in bench.cell.chromosomes}


def test_an_assignment_of_an_earlier_state_is_not_kept(bench: Bench) -> None:
    late = bench.analysis.reassign(bench.cell_id, bench.assigner)
    after = bench.repair(changed(ActionKind.ROTATE, bench.object("c01"), turn=3.0))
    with pytest.raises(KaryoError, match="has changed while it was being assigned"):
        bench.analysis.keep_reassignment(bench.cell_id, late)
    assert_same(bench.cell, after)
    assert bench.cell.revision == after.revision


def test_analysed_again_the_same_chromosomes_stay_where_a_person_put_them(bench: Bench) -> None:
    board = Karyogram(bench.cell.placements)
    change = board.move(["c01", "c02", "c03"], "X")
    bench.reviews.record(bench.cell_id, change, "ann")
    found = list(bench.reader.found)
    found[1] = replace(found[1], origin=(26, 5))  # cut a little otherwise
    found[2] = replace(found[2], origin=(45, 80))  # found elsewhere: another one
    # Whatever ids another separation gives.
    names = ["c03", "c01", "c02", *(o.id for o in found[3:])]
    bench.reader.found = tuple(replace(o, id=i) for o, i in zip(found, names, strict=True))
    cell = bench.analyse()
    assert [o.id for o in cell.objects][:4] == ["c01", "c02", "c10", "c04"]
    assert Karyogram(cell.placements).in_slot("X") == ("c01", "c02")
    assert Karyogram(cell.placements).placement("c10").slot == "3"
    assert cell.assignment is not None
    assert cell.assignment.disagreeing == ("c10",)


def test_analysed_again_repairs_stay(bench: Bench) -> None:
    bench.repair(a_cut(bench))
    bench.repair(changed(ActionKind.DELETE, bench.object("c05"), kind=ObjectKind.DELETED))
    board = Karyogram(bench.cell.placements)
    bench.reviews.record(bench.cell_id, board.move(["c11"], "X"), "ann")
    before = bench.cell
    bench.reader.version = "2.0"
    after = bench.analyse()
    assert shown(after) == shown(before)
    assert [c.id for c in after.chromosomes] == [c.id for c in before.chromosomes]
    assert Karyogram(after.placements).in_slot("X") == ("c11",)
    assert after.model is not None
    assert (after.model.version, after.quality) == ("2.0", before.quality)
    assert bench.reader.looked_at == [("c10", "c11")]  # an analysis has a look of its own


def test_repairs_are_told_until_they_are_taken_back_or_separated_anew(bench: Bench) -> None:
    first = str(first_proposal(bench.cell))
    repair = cut(bench.object("c01"), 18, "c10", "c11")
    bench.repair(repair)
    bench.analyse()  # of what was repaired
    assert [e.change.kind for e in lasting_repairs(bench.cell)] == [ActionKind.CUT]
    assert str(first_proposal(bench.cell)) == first
    assert len(proposed_placements(bench.cell)) == 6
    bench.repair(repair.inverse)
    assert lasting_repairs(bench.cell) == ()
    bench.repair(repair)
    bench.analysis.analyse(bench.cell_id, bench.reader, SilentMonitor(), anew=True)
    assert lasting_repairs(bench.cell) == ()
    assert str(first_proposal(bench.cell)) == first


def test_separated_anew_where_a_person_asks_for_it(bench: Bench) -> None:
    bench.repair(a_cut(bench))
    cell = bench.analysis.analyse(bench.cell_id, bench.reader, SilentMonitor(), anew=True)
    assert [o.mask.shape for o in cell.objects] == [o.mask.shape for o in bench.reader.found]
    # Only the upper piece overlaps what is found there enough to be the same chromosome.
    assert [c.id for c in cell.chromosomes] == ["c10", "c02", "c03", "c04", "c05", "c06"]
    assert sorted(p.chromosome_id for p in cell.placements) == sorted(
        c.id for c in cell.chromosomes
    )


def test_what_is_at_stake_is_the_work_of_a_person_that_stands(bench: Bench) -> None:
    def at_stake() -> tuple[int, int, int]:
        told = bench.analysis.at_stake(bench.cell_id)
        assert told.is_something is bool(told.repaired or told.decided)
        return told.revision, told.repaired, told.decided

    assert at_stake() == (1, 0, 0)
    repair = a_cut(bench)
    bench.repair(repair)
    assert at_stake() == (3, 2, 0)
    move = Karyogram(bench.cell.placements).move(["c02"], "X")
    bench.reviews.record(bench.cell_id, move, "ann")
    for decided in (2, 1):  # turned, and turned back
        turn = Karyogram(bench.cell.placements).turn(["c03"], 180.0)
        bench.reviews.record(bench.cell_id, turn, "ann")
        assert at_stake() == (3, 2, decided)
    bench.repair(repair.inverse)
    assert at_stake() == (5, 0, 1)
    bench.analysis.analyse(bench.cell_id, bench.reader, SilentMonitor(), anew=True)
    assert at_stake() == (6, 0, 1)


def test_an_analyser_must_leave_repaired_objects(bench: Bench) -> None:
    class Stubborn(FakeReader):
        def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
            return super().analyse(replace(request, objects=()), monitor)

    before = bench.repair(a_cut(bench))
    bench.reader = Stubborn()
    with pytest.raises(ValueError, match="leave repaired objects"):
        bench.analyse()
    assert_same(bench.cell, before)
    assert bench.cell.revision == before.revision


def test_what_earlier_revisions_tell_needs_no_network_even_after_a_restart(bench: Bench) -> None:
    gone = changed(ActionKind.DELETE, bench.object("c02"), kind=ObjectKind.DELETED)
    before = bench.cell
    bench.repair(gone)
    bench.repair(a_cut(bench))
    bench.restart()
    bench.reader.looked_at.clear()
    back = changed(ActionKind.RESTORE, bench.object("c02"), kind=ObjectKind.CHROMOSOME)
    after = bench.repair(back)
    assert bench.reader.looked_at == []
    assert said(after)["c02"] == said(before)["c02"]
    # The same pixels under another id are the same sight; turned otherwise they are another.
    other = replace(bench.object("c03"), id="c20")
    bench.repair(Repair(ActionKind.CUT, "?", (bench.object("c03"),), (other,)))
    assert bench.reader.looked_at == []
    bench.repair(changed(ActionKind.ROTATE, bench.object("c20"), turn=1.0))
    assert bench.reader.looked_at == [("c20",)]


def test_enhancements_stand_in_the_trail(bench: Bench) -> None:
    recipe = Recipe(gamma=2.0)
    bench.repairs.set_recipe(bench.cell_id, recipe, "ann")
    bench.repair(a_cut(bench))
    bench.repairs.set_recipe(bench.cell_id, None, "bob")
    told = [(e.who, e.change.kind, e.change.text) for e in bench.cell.edits]
    assert told == [
        ("ann", ActionKind.ENHANCE, f"Enhancement: {recipe.text()}"),
        ("ann", ActionKind.CUT, "Cut a chromosome into 2"),
        ("KaryoGUI", ActionKind.ANSWER, "The network has looked at what was repaired"),
        ("bob", ActionKind.ENHANCE, "Enhancement taken back"),
    ]
