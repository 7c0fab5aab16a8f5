"""A repair is stored at once and answered to later, and goes back; only what is new is seen."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from karyogui.domain.case import CaseState
from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import TRAY, Karyogram
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import ObjectKind, Repair, new_object_id
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.services.progress import Cancelled
from karyogui.services.workspace import Workspace
from model.vocabulary.results import Scale
from tests.unit.services.fakes import RecordingMonitor
from tests.unit.services.metaphases import (
    Bench,
    FakeReader,
    assert_same,
    changed,
    cut,
    open_bench,
    photograph,
    places,
    shown,
    thing,
)


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[Bench]:
    bench = open_bench(tmp_path / "photographs")
    yield bench
    bench.database.close()


@pytest.fixture
def bench(raw: Bench) -> Bench:
    raw.analyse()
    return raw


def a_cut(bench: Bench, name: str = "c01", first: str = "c10", second: str = "c11") -> Repair:
    return cut(bench.object(name), 18, first, second)


def test_only_what_is_new_is_looked_at(bench: Bench) -> None:
    done = bench.repair(a_cut(bench))
    assert bench.reader.looked_at == [("c10", "c11")]
    assert bench.reader.scales == [Scale(1.25)]
    assert [c.id for c in done.chromosomes] == ["c02", "c03", "c04", "c05", "c06", "c10", "c11"]
    assert [o.id for o in done.objects][-2:] == ["c10", "c11"]
    types = {c.id: c.assigned.type for c in done.chromosomes if c.assigned}
    assert types == {
        "c02": "2", "c03": "3", "c04": "4", "c05": "5", "c06": "6", "c10": "19", "c11": "13",
    }  # fmt: skip
    board = Karyogram(done.placements)
    assert board.in_slot("1") == ()
    assert (board.in_slot("19"), board.in_slot("13")) == (("c10",), ("c11",))
    assert done.revision == 3  # the repair, and the answer to it


def test_pictures_of_a_cell_are_read_for_its_first_repair_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(bench.images, "read", lambda key: read.append(key) or stored(key))
    stored = type(bench.images).read.__get__(bench.images)
    repair = a_cut(bench)
    turned = changed(ActionKind.ROTATE, bench.object("c02"), turn=8.0)
    bench.restart()
    bench.repair(repair)
    assert len(read) > 10  # crops and masks
    read.clear()
    bench.repair(turned)
    done = bench.repair(repair.inverse)
    assert len(set(read)) <= 3  # the photograph, and the crop that comes back
    bench.restart()
    assert_same(done, bench.cell)


def test_a_repair_is_stored_before_anybody_looks(bench: Bench) -> None:
    before = bench.cell
    cell = bench.repairs.apply(bench.cell_id, a_cut(bench), "ann")
    assert bench.reader.looked_at == []
    assert cell.awaits_answer
    assert bench.repairs.awaiting() == (bench.cell_id,)
    chromosomes = {c.id: c for c in cell.chromosomes}
    new = {i: chromosomes.pop(i) for i in ("c10", "c11")}
    assert all(c.predicted is None and c.assigned is None for c in new.values())
    assert all(c.segment.crop.shape == c.segment.mask.shape for c in new.values())
    assert {i: c.predicted for i, c in chromosomes.items()} == {
        c.id: c.predicted for c in before.chromosomes if c.id != "c01"
    }
    board = Karyogram(cell.placements)
    assert board.in_slot(TRAY) == ("c10", "c11")
    assert [p for p in board.placements if p.slot != TRAY] == [
        p for p in before.placements if p.chromosome_id != "c01"
    ]
    with pytest.raises(KaryoError, match="still being analysed"):
        bench.reviews.sign_off(bench.cell_id, "ann")
    with pytest.raises(KaryoError, match="still being analysed"):
        bench.analysis.reassign(bench.cell_id, bench.assigner)
    done = bench.answer()
    assert not done.awaits_answer
    assert bench.repairs.awaiting() == ()
    answer = done.edits[-1]
    assert (answer.who, answer.change.kind) == ("KaryoGUI", ActionKind.ANSWER)
    assert answer.change.by_program
    bench.reviews.sign_off(bench.cell_id, "ann")


def test_a_repair_that_is_taken_back_before_the_answer_needs_none(bench: Bench) -> None:
    before, repair = bench.cell, a_cut(bench)
    bench.repairs.apply(bench.cell_id, repair, "ann")
    cell = bench.repairs.apply(bench.cell_id, repair.inverse, "ann")
    assert not cell.awaits_answer
    assert_same(cell, before)


def test_what_a_person_does_with_a_new_chromosome_before_the_answer_stays(bench: Bench) -> None:
    board = Karyogram(bench.repairs.apply(bench.cell_id, a_cut(bench), "ann").placements)
    bench.reviews.record(bench.cell_id, board.move(["c10"], "X"), "ann")
    board = Karyogram(bench.answer().placements)
    assert (board.in_slot("X"), board.in_slot("13")) == (("c10",), ("c11",))


def test_a_repair_goes_back_exactly_without_the_network(bench: Bench) -> None:
    before = bench.cell
    repair = a_cut(bench)
    after = bench.repair(repair)
    bench.reader.looked_at.clear()
    assert_same(bench.repair(repair.inverse), before)
    assert_same(bench.repair(repair), after)
    assert_same(bench.repair(repair.inverse), before)
    assert bench.reader.looked_at == []


def test_it_goes_back_exactly_with_what_a_person_had_placed(bench: Bench) -> None:
    board = Karyogram(bench.cell.placements)
    for change in (board.move(["c01", "c05"], "X"), board.turn(["c02"], 180.0)):
        board.apply(change)
        bench.reviews.record(bench.cell_id, change, "ann")
    before = bench.cell
    bench.assigner.types = {"c03": "9", "c05": "10"}
    repair = a_cut(bench)
    after = bench.repair(repair)
    board = Karyogram(after.placements)
    assert board.in_slot("X") == ("c05",)  # decided on, whatever the assignment says
    assert board.placement("c02").turn == 180.0
    assert board.in_slot("9") == ("c03",)
    assert places(bench.repair(repair.inverse)) == places(before)
    assert places(bench.repair(repair)) == places(after)


def test_what_came_back_is_still_decided_on(bench: Bench) -> None:
    board = Karyogram(bench.cell.placements)
    bench.reviews.record(bench.cell_id, board.move(["c01"], "X"), "ann")
    repair = a_cut(bench)
    bench.repair(repair)
    bench.repair(repair.inverse)
    done = bench.repair(cut(bench.object("c02"), 10, "c10", "c11"))
    assert Karyogram(done.placements).placement("c01").slot == "X"


def test_ids_of_another_life_carry_no_decision(bench: Bench) -> None:
    repair = a_cut(bench)
    board = Karyogram(bench.repair(repair).placements)
    moved = board.move(["c10"], "X")
    board.apply(moved)
    bench.reviews.record(bench.cell_id, moved, "ann")
    bench.repair(repair.inverse)
    bench.repair(cut(bench.object("c02"), 10, "c10", "c11"))  # the same ids, other chromosomes
    done = bench.repair(changed(ActionKind.DELETE, bench.object("c03"), kind=ObjectKind.DELETED))
    assert Karyogram(done.placements).placement("c10").slot == "11"


def test_who_stays_in_a_slot_keeps_the_place(bench: Bench) -> None:
    bench.assigner.types = dict.fromkeys(("c02", "c03", "c04"), "7")
    bench.repair(a_cut(bench))
    board = Karyogram(bench.cell.placements)
    order = board.move(["c04"], "7", 0)
    bench.reviews.record(bench.cell_id, order, "ann")
    bench.assigner.types |= {"c05": "7"}
    done = bench.repair(changed(ActionKind.DELETE, bench.object("c03"), kind=ObjectKind.DELETED))
    assert Karyogram(done.placements).in_slot("7") == ("c04", "c02", "c05")


def test_a_turned_crop_is_seen_and_a_confirmed_one_stays(bench: Bench) -> None:
    board = Karyogram(bench.cell.placements)
    bench.reviews.record(bench.cell_id, board.move(["c01"], "X"), "ann")
    done = bench.repair(changed(ActionKind.ROTATE, bench.object("c01"), turn=7.0))
    assert bench.reader.looked_at == [("c01",)]
    (first, *_) = done.chromosomes
    assert first.segment.angle == -5.0
    placement = Karyogram(done.placements).placement("c01")
    assert (placement.slot, placement.turn, placement.confirmed) == ("X", 0.0, True)


def test_what_was_deleted_is_recoverable_with_its_decision(bench: Bench) -> None:
    board = Karyogram(bench.cell.placements)
    bench.reviews.record(bench.cell_id, board.move(["c01"], "X"), "ann")
    gone = bench.repair(changed(ActionKind.DELETE, bench.object("c01"), kind=ObjectKind.DELETED))
    assert "c01" not in {c.id for c in gone.chromosomes}
    assert bench.object("c01").kind is ObjectKind.DELETED  # never hidden
    back = bench.repair(
        changed(ActionKind.RESTORE, bench.object("c01"), kind=ObjectKind.CHROMOSOME)
    )
    assert Karyogram(back.placements).placement("c01").slot == "X"
    assert bench.reader.looked_at == []


def test_rejected_objects_become_chromosomes_and_debris(bench: Bench) -> None:
    done = bench.repair(changed(ActionKind.MARK, bench.object("c07"), kind=ObjectKind.CHROMOSOME))
    assert bench.reader.looked_at == [("c07",)]
    assert Karyogram(done.placements).placement("c07").slot == "15"
    before = bench.cell
    done = bench.repair(changed(ActionKind.MARK, bench.object("c08"), kind=ObjectKind.NUCLEUS))
    assert places(done) == places(before)
    assert done.edits[-1].change.is_empty  # told all the same
    assert done.edits[-1].change.text == "Mark a chromosome"


def test_a_lasso_and_a_join_are_looked_at(bench: Bench) -> None:
    new = replace(thing("c10", 120, 70, 17), by_person=True)
    done = bench.repair(Repair(ActionKind.LASSO, "Outline a new chromosome", (), (new,)))
    assert Karyogram(done.placements).placement("c10").slot == "18"
    joined = replace(thing("c12", 5, 5, 21), by_person=True)
    parts = (bench.object("c01"), bench.object("c10"))
    join = Repair(ActionKind.JOIN, "Join 2 objects", parts, (joined,))
    done = bench.repair(join)
    assert {"c01", "c10"}.isdisjoint(c.id for c in done.chromosomes)
    assert Karyogram(done.placements).placement("c12").slot == "22"
    assert shown(bench.repair(join.inverse))[0][0] == "c01"  # in its old order


def test_all_may_be_deleted_and_the_scale_is_not_forgotten(bench: Bench) -> None:
    for name in [c.id for c in bench.cell.chromosomes]:
        bench.repair(changed(ActionKind.DELETE, bench.object(name), kind=ObjectKind.DELETED))
    assert bench.cell.chromosomes == ()
    assert bench.cell.placements == ()

    class Forgetful(type(bench.assigner)):  # type: ignore[misc]
        def assign(self, *arguments: object) -> object:
            done = super().assign(*arguments)
            return replace(done, summary=replace(done.summary, scale=None))

    scale = bench.cell.assignment.scale if bench.cell.assignment else None
    bench.assigner = Forgetful("map")
    done = bench.repair(changed(ActionKind.MARK, bench.object("c07"), kind=ObjectKind.CHROMOSOME))
    assert done.assignment is not None
    assert done.assignment.scale == scale


def test_the_trail_tells_who_did_what(bench: Bench) -> None:
    repair = a_cut(bench)
    bench.repair(repair, who="  ")
    bench.repair(repair.inverse, who=" ann ")
    first, answer, second = bench.cell.edits
    assert (answer.who, answer.change.by_program) == ("KaryoGUI", True)
    assert (first.who, first.change.text) == ("unknown person", "Cut a chromosome into 2")
    assert (second.who, second.change.text) == ("ann", "Undo: Cut a chromosome into 2")
    assert first.change.kind is ActionKind.CUT
    assert first.change.repairs
    assert first.change.by_program  # nobody decided on each place
    assert {p.chromosome_id for p in first.change.before} == {"c01"}
    assert {p.chromosome_id for p in first.change.after} == {"c10", "c11"}
    assert bench.rows()[0].state is CaseState.IN_REVIEW


def test_the_network_of_the_analysis_stands_in_the_record(bench: Bench) -> None:
    before = bench.cell
    after = bench.repair(a_cut(bench))
    assert (after.model, after.seconds, after.analysed_at) == (
        before.model, before.seconds, before.analysed_at,
    )  # fmt: skip
    assert after.quality == before.quality
    assert bench.assigner.asked == [(before.model, before.assignment)]


# Recipes


def test_after_another_recipe_everything_is_looked_at_anew(bench: Bench) -> None:
    recipe = Recipe(gamma=2.0)
    cell = bench.repairs.set_recipe(bench.cell_id, recipe, "ann")
    assert (cell.recipe, cell.analysed_recipe) == (recipe, None)
    repair = a_cut(bench)
    done = bench.repair(repair)
    assert bench.reader.looked_at == [("c02", "c03", "c04", "c05", "c06", "c10", "c11")]
    assert done.analysed_recipe == recipe
    (picture,) = bench.reader.pictures
    assert np.array_equal(picture.pixels, photograph())
    assert not np.array_equal(picture.enhanced, picture.pixels)
    bench.reader.looked_at.clear()
    bench.restart()
    bench.repair(cut(bench.object("c02"), 10, "c12", "c13"))
    assert bench.reader.looked_at == [("c12", "c13")]


def test_with_the_recipe_taken_back_what_was_seen_holds_again(bench: Bench) -> None:
    repair = a_cut(bench)
    bench.repair(repair)
    bench.repairs.set_recipe(bench.cell_id, Recipe(gamma=2.0), "ann")
    bench.repairs.set_recipe(bench.cell_id, None, "ann")
    bench.reader.looked_at.clear()
    bench.repair(repair.inverse)
    assert bench.reader.looked_at == []


def test_the_predictions_of_another_network_do_not_hold(bench: Bench) -> None:
    repair = a_cut(bench)
    bench.repair(repair)
    bench.repair(repair.inverse)
    bench.reader = FakeReader("2.0")
    bench.analyse()
    bench.repair(a_cut(bench))
    assert bench.reader.looked_at == [("c10", "c11")]


def test_a_recipe_for_cut_outs_is_refused(workspace: Workspace, analysed: Cell) -> None:
    with pytest.raises(KaryoError, match="no photograph to enhance"):
        workspace.repairs.set_recipe(analysed.id, Recipe(gamma=2.0), "ann")
    assert workspace.library.cell(analysed.id).recipe is None


# Refusals: the cell is as it was


def assert_untouched(bench: Bench, before: Cell) -> None:
    after = bench.cell
    assert_same(after, before)
    assert (after.revision, after.edits) == (before.revision, before.edits)


def test_a_repair_of_objects_that_have_changed_is_refused(bench: Bench) -> None:
    stale, repair = bench.object("c01"), a_cut(bench)
    bench.repair(changed(ActionKind.ROTATE, bench.object("c01"), turn=3.0))
    before = bench.cell
    bench.reader.looked_at.clear()
    gone = Repair(ActionKind.DELETE, "?", (thing("c99", 1, 1, 9),), ())
    marked = changed(ActionKind.MARK, replace(stale, turn=3.0, kind=ObjectKind.DEBRIS))
    for refused in (repair, gone, marked, cut(stale, 9, "c10", "c11")):
        with pytest.raises(KaryoError, match="have changed since"):
            bench.repair(refused)
    with pytest.raises(KaryoError, match="already exists"):
        bench.repair(cut(bench.object("c01"), 9, "c10", "c02"))
    assert_untouched(bench, before)
    assert bench.reader.looked_at == []


def test_what_happened_meanwhile_is_not_overwritten_but_answered_to(bench: Bench) -> None:
    def at_the_same_time() -> None:
        bench.reader.meanwhile = lambda: None
        other = cut(bench.object("c02"), 10, "c12", "c13")
        bench.repairs.apply(bench.cell_id, other, "ann")

    bench.reader.meanwhile = at_the_same_time
    done = bench.repair(a_cut(bench))
    assert {"c10", "c11", "c12", "c13"} <= {c.id for c in done.chromosomes}
    assert all(c.predicted is not None for c in done.chromosomes)
    assert bench.reader.looked_at == [("c10", "c11"), ("c12", "c13")]
    assert (done.revision, done.awaits_answer) == (4, False)


def test_a_move_meanwhile_is_kept(bench: Bench) -> None:
    board = Karyogram(bench.cell.placements)
    move = board.move(["c02"], "X")
    bench.reader.meanwhile = lambda: bench.reviews.record(bench.cell_id, move, "ann")
    done = bench.repair(a_cut(bench))
    assert Karyogram(done.placements).in_slot("X") == ("c02",)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_cancelling_leaves_the_repair_and_its_answer_comes_later(bench: Bench, at: int) -> None:
    repaired = bench.repairs.apply(bench.cell_id, a_cut(bench), "ann")
    with pytest.raises(Cancelled):
        bench.answer(RecordingMonitor(cancel_at=at))
    assert_untouched(bench, repaired)
    bench.restart()
    assert bench.repairs.awaiting() == (bench.cell_id,)
    done = bench.answer()
    assert (done.revision, done.awaits_answer) == (3, False)


def test_a_refusal_of_the_network_leaves_the_repair_and_can_be_tried_again(bench: Bench) -> None:
    def refuse() -> None:
        raise KaryoError("Not enough memory.")

    repaired = bench.repairs.apply(bench.cell_id, a_cut(bench), "ann")
    bench.reader.meanwhile = refuse
    with pytest.raises(KaryoError, match="Not enough memory"):
        bench.answer()
    assert_untouched(bench, repaired)
    bench.reader.meanwhile = lambda: None
    assert not bench.answer().awaits_answer


def test_cut_outs_unanalysed_and_signed_off_cells_are_refused(
    raw: Bench, workspace: Workspace, analysed: Cell
) -> None:
    repair = changed(ActionKind.DELETE, thing("c01", 5, 5, 30), kind=ObjectKind.DELETED)
    with pytest.raises(KaryoError, match="no photograph to repair"):
        workspace.repairs.apply(analysed.id, repair, "ann")
    with pytest.raises(KaryoError, match="has not been analysed"):
        raw.repair(repair)
    raw.analyse()
    raw.reviews.sign_off(raw.cell_id, "ann")
    before = raw.cell
    with pytest.raises(KaryoError, match="signed off and cannot be repaired"):
        raw.repair(repair)
    with pytest.raises(KaryoError, match="signed off and cannot be enhanced"):
        raw.repairs.set_recipe(raw.cell_id, Recipe(gamma=2.0), "ann")
    assert_untouched(raw, before)
    assert raw.reader.looked_at == []


# Any acts, one after another


def act(bench: Bench, random: Random) -> Callable[[], object]:
    """Do something at random; returns what undoes it."""
    cell = bench.cell
    board = Karyogram(cell.placements)
    name = random.choice(sorted(o.id for o in cell.objects))
    item = bench.object(name)
    standing = [c.id for c in cell.chromosomes]
    kind = random.choice(("cut", "turn", "mark", "move", "mirror"))
    if kind in ("move", "mirror") and standing:
        chosen = random.sample(standing, min(2, len(standing)))
        slot = random.choice(("1", "X", "tray"))
        change = board.move(chosen, slot, 0) if kind == "move" else board.mirror(chosen)
        bench.reviews.record(bench.cell_id, change, "ann")
        return lambda: bench.reviews.record(bench.cell_id, change.inverse, "ann")
    if kind == "cut" and item.mask.shape[0] > 8:
        first = new_object_id(cell.used_ids)
        second = new_object_id((*cell.used_ids, first))
        repair = cut(item, item.mask.shape[0] // 2, first, second)
    elif kind == "turn":
        repair = changed(ActionKind.ROTATE, item, turn=item.turn + random.choice((-4.0, 9.5)))
    else:
        other = random.choice([kind for kind in ObjectKind if kind is not item.kind])
        repair = changed(ActionKind.MARK, item, kind=other)
    bench.assigner.types = {i: random.choice(("1", "2", "X", None)) for i in standing[::3]}
    assert_same(bench.repair(repair), bench.cell)
    return lambda: bench.repair(repair.inverse)


@pytest.mark.parametrize("seed", range(2))
def test_whatever_was_done_goes_back_step_by_step(bench: Bench, seed: int) -> None:
    random = Random(seed)
    history = [bench.cell]
    undo = []
    for _ in range(9):
        undo.append(act(bench, random))
        cell = bench.cell
        standing = {o.id for o in cell.objects if o.kind is ObjectKind.CHROMOSOME}
        assert standing == {c.id for c in cell.chromosomes}
        assert standing == {p.chromosome_id for p in cell.placements}
        assert len(cell.placements) == len(standing)
        history.append(cell)
    bench.restart()
    for back, earlier in zip(reversed(undo), reversed(history[:-1]), strict=True):
        back()
        assert shown(bench.cell) == shown(earlier)
        assert places(bench.cell) == places(earlier)
    acts = [edit for edit in bench.cell.edits if edit.change.kind is not ActionKind.ANSWER]
    assert len(acts) == 2 * len(undo)
