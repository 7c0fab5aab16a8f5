"""What is stored of a photograph: objects, repairs, recipes, sittings; nothing is altered."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.exc import OperationalError

from karyogui.domain.analysis import AssignmentSummary, Reassignment
from karyogui.domain.case import CaseState, CellSummary
from karyogui.domain.cell import Cell, PictureKind
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.karyogram import TRAY, Change, Karyogram
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.domain.separation_check import AWAITED, CheckEntry, CheckKind, EntryState
from karyogui.domain.sitting import ActionKind, Sitting
from karyogui.errors import KaryoError
from karyogui.services.repairing import repaired_objects
from karyogui.storage import image_store, repairs
from karyogui.storage.cases import NewCell
from karyogui.storage.tables import AnalysisRow, ChromosomeRow, RecipeRow, SeparatedObjectRow
from tests.unit.services.fakes import files_in, full_disk
from tests.unit.services.metaphases import (
    QUALITY,
    Bench,
    FakeReader,
    changed,
    cut,
    mask_of,
    open_bench,
    separated,
)

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[Bench]:
    opened = open_bench(tmp_path / "data", slide="slide 2")
    yield opened
    opened.database.close()


@pytest.fixture
def bench(raw: Bench) -> Bench:
    raw.analyse()
    return raw


def summary_of(bench: Bench) -> CellSummary:
    (case,) = bench.rows()
    (cell,) = case.cells
    return cell


def rows(bench: Bench, table: str) -> list[tuple[object, ...]]:
    with bench.database.read() as session:
        found = session.connection().exec_driver_sql(f'SELECT * FROM "{table}" ORDER BY 1, 2')
        return [tuple(row) for row in found]


def everything(bench: Bench) -> dict[str, list[tuple[object, ...]]]:
    tables = ("analysis", "chromosome", "separated_object", "placement", "edit", "recipe", "cell")
    return {table: rows(bench, table) for table in tables}


@dataclass(frozen=True)
class Made:
    """A repair of a cell, ready to be stored."""

    cell: Cell
    repair: Repair
    objects: tuple[SeparatedObject, ...]
    chromosomes: tuple[Chromosome, ...]

    def store(self, bench: Bench) -> bool:
        return bench.cells.add_repair(self.cell, self.repair, self.objects, self.chromosomes, "ann")


def repaired(bench: Bench) -> Made:
    """The first chromosome cut in two, as the service would have it stored."""
    cell = bench.cell
    repair = cut(bench.object("c01"), 18, "c10", "c11")
    objects = repaired_objects(cell.objects, repair)
    present = {c.id: c for c in cell.chromosomes}
    like = present["c01"]
    items = [
        present.get(item.id, Chromosome(item.id, like.segment))
        for item in objects
        if item.kind is ObjectKind.CHROMOSOME
    ]
    return Made(cell, repair, objects, tuple(items))


# Objects and masks


def test_objects_come_back_as_they_were(raw: Bench) -> None:
    odd = np.zeros((13, 5), bool)
    odd[0, 2] = odd[12, 0] = odd[5, 4] = odd[3:9, 1] = True
    raw.reader.found = (
        *separated(),
        SeparatedObject(
            "c10", ObjectKind.DELETED, odd, (0, 119), (0, 0, 140, 120), 0.125, -3.5, True
        ),
    )
    cell = raw.analyse()
    assert len(cell.objects) == 10
    for stored, given in zip(cell.objects, raw.reader.found, strict=True):
        assert replace(stored, mask=given.mask).__dict__ == given.__dict__
        assert np.array_equal(stored.mask, given.mask)
        assert stored.mask.dtype == np.bool_


def test_an_outline_reads_no_object(bench: Bench) -> None:
    outline = bench.cells.outline(bench.cell_id)
    assert (outline.objects, outline.chromosomes) == ((), ())
    assert outline.has_photograph
    assert (outline.quality, outline.revision) == (QUALITY, 1)


def test_the_separation_check_is_stored_and_open_until_a_person_has_worked_it_off(
    raw: Bench,
) -> None:
    rejected = next(o for o in separated() if o.kind is not ObjectKind.CHROMOSOME)
    raw.reader.check = (
        CheckEntry("c01", CheckKind.SEVERAL, 0.75, ("4", "13")),
        CheckEntry(rejected.id, CheckKind.REJECTED, 0.5, ("21",), 0.9),
    )
    cell = raw.analyse()
    assert cell.check == cell.open_check == raw.reader.check
    told = "Count not settled: 1 object may be two chromosomes, 1 rejected object may be a chromos"
    assert summary_of(raw).iscn.startswith(told)
    assert summary_of(raw).findings[0].startswith(told)

    assert repaired(raw).store(raw)
    after = raw.cell
    states = [entry.state for entry in after.check]
    assert states == [EntryState.REPAIRED, EntryState.OPEN]
    assert after.open_check == cell.check[1:]
    assert summary_of(raw).iscn.startswith("Count not settled: 1 rejected object")
    assert AWAITED in summary_of(raw).iscn
    assert AWAITED in summary_of(raw).findings[0]

    confirmed = tuple(replace(p, confirmed=True) for p in cell.placements)
    assert replace(cell, placements=confirmed).open_check == cell.check  # types, not outlines


def test_another_assignment_keeps_objects_quality_and_recipe(raw: Bench) -> None:
    raw.cells.record_recipe(raw.cell_id, Recipe(gamma=2.0), "ann")
    before = raw.analyse()
    again = Reassignment(
        tuple(c.predicted for c in before.chromosomes if c.predicted),
        tuple(c.assigned for c in before.chromosomes if c.assigned),
        AssignmentSummary("dispatch"),
    )
    raw.cells.add_reassignment(raw.cell_id, again)
    after = raw.cell
    assert after.revision == 2
    assert [o.id for o in after.objects] == [o.id for o in before.objects]
    assert np.array_equal(after.objects[0].mask, before.objects[0].mask)
    assert (after.quality, after.analysed_recipe) == (QUALITY, Recipe(gamma=2.0))


def test_the_kind_of_a_picture_is_kept(raw: Bench) -> None:
    (picture,) = raw.cell.pictures
    assert picture.kind is PictureKind.METAPHASE
    assert raw.cell.has_photograph
    assert raw.cases.load(raw.cell.case_id).cells[0].has_photograph
    assert raw.cell.slide == "slide 2"


def test_a_quality_of_another_version_is_none_rather_than_a_crash(raw: Bench) -> None:
    for stored in ({"objects": 4}, {**QUALITY.__dict__, "beauty": 1.0}):
        with raw.database.write() as session:
            analysis = AnalysisRow(
                cell_id=raw.cell_id, revision=len(stored), at=NOW, seconds=1.0, model_name="m",
                model_version="1", model_sha256="ab", model_device="cpu", quality=stored,
            )  # fmt: skip
            session.add(analysis)
        assert raw.cell.quality == (None if len(stored) == 1 else QUALITY)


# Repairs


def test_a_repair_is_a_revision_more_and_alters_none(bench: Bench) -> None:
    board = Karyogram(bench.cell.placements)
    bench.reviews.record(bench.cell_id, board.move(["c04"], "X"), "ann")
    before = everything(bench)
    repaired(bench).store(bench)
    after = everything(bench)
    for table in ("analysis", "chromosome", "separated_object", "edit"):
        assert set(before[table]) < set(after[table])
    cell = bench.cell
    board = Karyogram(cell.placements)
    assert board.placement("c04").slot == "X"  # a person's decision
    assert board.in_slot(TRAY) == ("c10", "c11")  # what is new
    assert cell.awaits_answer
    assert "c01" not in {p.chromosome_id for p in cell.placements}  # what is gone
    assert (cell.revision, cell.quality) == (2, QUALITY)
    edit = cell.edits[-1]
    assert {p.chromosome_id for p in edit.change.before} == {"c01"}
    assert {p.chromosome_id for p in edit.change.after} == {"c10", "c11"}
    assert (edit.change.kind, edit.change.repairs) == (ActionKind.CUT, True)


def answer(bench: Bench, **types: str) -> bool:
    """Every chromosome as at the analysis, some of other types; the new ones as the first was."""
    cell = bench.cell
    (first, *_) = bench.cells.load(bench.cell_id).chromosomes
    told = []
    for item in cell.chromosomes:
        said = item if item.predicted is not None else replace(first, id=item.id)
        assert said.assigned is not None
        kind = types.get(item.id, said.assigned.type)
        told.append(replace(said, assigned=replace(said.assigned, type=kind)))
    assert cell.assignment is not None
    return bench.cells.add_answer(cell, told, cell.assignment)


def test_what_no_person_decided_on_is_placed_anew_by_the_answer(bench: Bench) -> None:
    repaired(bench).store(bench)
    before = everything(bench)
    assert answer(bench, c03="9", c10="1", c11="1")
    after = everything(bench)
    for table in ("analysis", "chromosome", "separated_object", "edit"):
        assert set(before[table]) < set(after[table])
    board = Karyogram(bench.cell.placements)
    assert board.placement("c03").slot == "9"
    assert board.in_slot("1") == ("c10", "c11")
    edit = bench.cell.edits[-1]
    assert (edit.change.kind, edit.change.by_program) == (ActionKind.ANSWER, True)


def test_an_answer_that_nobody_awaits_is_not_stored(bench: Bench) -> None:
    before = everything(bench)
    assert not answer(bench)
    assert everything(bench) == before


def test_a_signed_off_or_unanalysed_cell_is_not_repaired(raw: Bench) -> None:
    raw.analyse()
    made = repaired(raw)
    raw.reviews.sign_off(raw.cell_id, "ann")
    before = everything(raw)
    with pytest.raises(KaryoError, match="signed off and cannot be repaired"):
        made.store(raw)
    assert everything(raw) == before
    (picture,) = raw.cell.pictures
    other = open_bench_beside(raw)
    with pytest.raises(KaryoError, match="has not been analysed"):
        replace(made, cell=replace(made.cell, id=other)).store(raw)
    assert everything(raw)["analysis"] == before["analysis"]
    assert picture.kind is PictureKind.METAPHASE


def open_bench_beside(bench: Bench) -> int:
    """Another cell in the same data folder, not analysed."""

    new = NewCell("l", "case 2", "cell 1", bench.cell.pictures, None)
    return bench.cases.add([new], None)[1][0]


def test_a_repair_of_an_earlier_revision_is_refused(bench: Bench) -> None:
    made = repaired(bench)
    assert made.store(bench)
    before = everything(bench)
    assert not made.store(bench)
    assert everything(bench) == before


@pytest.mark.parametrize("at", [1, 2])
def test_a_full_disk_stores_nothing_of_a_repair(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    made = repaired(bench)
    last = replace(made.objects[-1], mask=mask_of(31))
    made = replace(made, objects=(*made.objects[:-1], last))
    before, files = everything(bench), files_in(tmp_path / "data" / "pictures")
    calls = []

    def write(target: object, data: bytes) -> None:
        calls.append(data)
        if len(calls) == at:
            full_disk()
        target.write(data)  # type: ignore[attr-defined]

    monkeypatch.setattr(image_store, "_write_all", write)
    with pytest.raises(KaryoError, match="disk is full"):
        made.store(bench)
    monkeypatch.undo()
    assert everything(bench) == before
    assert files_in(tmp_path / "data" / "pictures") == files
    made.store(bench)


def test_a_full_database_takes_the_pictures_back(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("?", {}, sqlite3.OperationalError("database or disk is full"))

    made = repaired(bench)
    before, files = everything(bench), files_in(tmp_path / "data" / "pictures")
    monkeypatch.setattr(repairs, "replace_placements", refuse)
    with pytest.raises(KaryoError, match="disk is full"):
        made.store(bench)
    assert everything(bench) == before
    assert files_in(tmp_path / "data" / "pictures") == files


def test_a_repair_is_not_recorded_as_an_edit(bench: Bench) -> None:
    board = Karyogram(bench.cell.placements)
    gone = board.repaired(board.placements[1:], "Cut", ActionKind.CUT)
    with pytest.raises(ValueError, match="more than its placements"):
        bench.cells.record(bench.cell_id, gone, "ann")
    assert len(bench.cell.placements) == 6


def test_the_kind_of_an_edit_is_kept(bench: Bench) -> None:
    board = Karyogram(bench.cell.placements)
    for change in (board.mirror(["c01"]), Change("?", (), ())):
        board.apply(change)
        bench.cells.record(bench.cell_id, change, "ann")
    assert [edit.change.kind for edit in bench.cell.edits] == [ActionKind.MIRROR, None]


# Recipes


def test_the_last_recipe_counts_and_the_earlier_ones_stay(bench: Bench) -> None:
    recipes = (Recipe(gamma=2.0), Recipe(flatten=True, unsharp=0.25), Recipe(), None)
    shown = []
    for recipe in recipes:
        bench.cells.record_recipe(bench.cell_id, recipe, "ann")
        shown.append(bench.cell.recipe)
    assert shown == [recipes[0], recipes[1], None, None]
    with bench.database.read() as session:
        stored = [(row.who, row.recipe) for row in session.query(RecipeRow).order_by(RecipeRow.id)]
    # Setting what holds already is no act.
    assert stored == [
        ("ann", recipes[0].to_json()), ("ann", recipes[1].to_json()), ("ann", None),
    ]  # fmt: skip


def test_a_signed_off_cell_takes_no_recipe(bench: Bench) -> None:
    bench.reviews.sign_off(bench.cell_id, "ann")
    with pytest.raises(KaryoError, match="signed off and cannot be enhanced"):
        bench.cells.record_recipe(bench.cell_id, Recipe(gamma=2.0), "ann")
    assert rows(bench, "recipe") == []


# Sittings and summaries


def test_sittings_come_back_and_unknown_acts_are_left_out(bench: Bench) -> None:
    made = Sitting("ann", NOW, NOW, 12.5, {ActionKind.CUT: 2, ActionKind.CONFIRM: 9})
    bench.cells.add_sitting(bench.cell_id, made)
    bench.cells.add_sitting(bench.cell_id, replace(made, actions={"dance": 3}))  # type: ignore[dict-item]
    assert bench.cell.sittings == (made, replace(made, actions={}))


def test_a_summary_tells_of_photograph_quality_slide_and_cost(raw: Bench) -> None:
    new = summary_of(raw)
    assert (new.has_photograph, new.slide, new.state) == (True, "slide 2", CaseState.NEW)
    assert new.chromosome_count == 0  # nobody has counted yet
    assert (new.quality, new.corrections, new.seconds) == (None, 0, 0.0)
    raw.analyse()
    for actions in ({ActionKind.CUT: 2, ActionKind.UNDO: 1}, {ActionKind.MOVE: 1}):
        raw.cells.add_sitting(raw.cell_id, Sitting("ann", NOW, NOW, 10.0, actions))
    summary = summary_of(raw)
    assert (summary.quality, summary.corrections, summary.seconds) == (QUALITY, 3, 20.0)
    assert (summary.chromosome_count, summary.state) == (6, CaseState.ANALYSED)


def test_a_summary_tells_the_quality_of_the_present_revision(bench: Bench) -> None:
    class Doubtful(FakeReader):
        def analyse(self, *arguments: object) -> object:
            result = super().analyse(*arguments)  # type: ignore[arg-type]
            return replace(result, quality=replace(QUALITY, worth=False))

    bench.reader = Doubtful()
    bench.analyse()
    bench.repair(cut(bench.object("c01"), 18, "c10", "c11"))
    assert summary_of(bench).quality == replace(QUALITY, worth=False)
    assert summary_of(bench).chromosome_count == 7


def test_a_cell_that_a_person_repaired_is_in_review(bench: Bench) -> None:
    bench.repair(changed(ActionKind.MARK, bench.object("c08"), kind=ObjectKind.NUCLEUS))
    assert summary_of(bench).state is CaseState.IN_REVIEW


def test_each_revision_has_its_own_objects(bench: Bench) -> None:
    bench.repair(cut(bench.object("c01"), 18, "c10", "c11"))
    with bench.database.read() as session:
        counts = [
            (
                session.query(SeparatedObjectRow).filter_by(analysis_id=n).count(),
                session.query(ChromosomeRow).filter_by(analysis_id=n).count(),
            )
            for n in (1, 2)
        ]
    assert counts == [(9, 6), (10, 7)]
