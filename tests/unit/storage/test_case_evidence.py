"""What a case's page reads of its cells: the same as they say whole, in a few queries."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from karyogui.domain.case_result import CellStatus
from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import TRAY, Karyogram, slot_counts
from karyogui.domain.labelled_changes import LabelledChange
from karyogui.domain.notes import CellField, value_of
from karyogui.domain.review import close_calls
from karyogui.domain.separation_check import CheckEntry, CheckKind, unsettled
from karyogui.domain.sitting import ActionKind
from karyogui.services import case_work
from karyogui.services.case_work import CaseWork
from karyogui.services.progress import SilentMonitor
from karyogui.services.reporting import cell_report
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.storage.case_summaries import work_of
from karyogui.storage.notes import NoteStore
from tests.unit.services.fakes import FakeAnalyser, make_cell_folder
from tests.unit.services.metaphases import Bench, changed, open_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    opened = open_bench(tmp_path / "photographs", slide="slide 1")
    opened.reader.check = (CheckEntry("c03", CheckKind.SEVERAL, 0.6, ("3",), 0.5),)
    opened.analyse()
    yield opened
    opened.database.close()


def is_as_whole(bench: Bench) -> Cell:
    """The cell, after it was compared with what is read of it for its case."""
    cell = bench.cell
    outline, (seen,) = bench.cases.evidence(cell.case_id)
    case = bench.cases.load(cell.case_id)
    assert (outline.name, outline.state, outline.details) == (case.name, case.state, case.details)
    assert [(c.id, c.name, c.note) for c in outline.cells] == [(cell.id, cell.name, cell.note)]
    assert outline.trail == case.trail
    if not cell.changes:
        assert seen.counts == (slot_counts(cell.placements) if cell.is_analysed else None)
    assert (seen.slide, seen.excluded != "") == (cell.slide, cell.is_excluded)
    assert (seen.is_signed, seen.has_photograph) == (cell.reviewed_at is not None, True)
    told = unsettled(cell.open_check, cell.waits)
    if told or not cell.changes:
        assert seen.unsettled == told
    (row,) = bench.rows()
    assert row.cells[0].iscn == str(cell_report(cell).iscn)
    assert seen.has_board is bool(cell.placements)
    return cell


def test_it_is_as_the_whole_cell_says_whatever_is_done_to_it(bench: Bench) -> None:
    cell = is_as_whole(bench)
    assert cell.open_check
    bench.reviews.check(cell.id, "c03", "ann")
    karyogram = Karyogram(is_as_whole(bench).placements)
    bench.reviews.record(cell.id, karyogram.move(["c01"], TRAY), "ann")
    assert is_as_whole(bench).slots["c01"] == TRAY
    bench.repair(changed(ActionKind.DELETE, bench.object("c06")))
    is_as_whole(bench)
    bench.repairs.apply(cell.id, changed(ActionKind.ROTATE, bench.object("c05"), turn=8.0), "ann")
    assert is_as_whole(bench).awaits_answer
    bench.answer()
    is_as_whole(bench)
    bench.reviews.label(cell.id, None, LabelledChange("s1", "del(5)(q31)", ("c05",)), "ann")
    is_as_whole(bench)
    bench.cases.exclude([cell.id], "smeared", "ann")
    is_as_whole(bench)
    bench.cases.take_back([cell.id], "ann")
    work = CaseWork(bench.cases, NoteStore(bench.database))
    fields = (CellField.CULTURE, CellField.SLIDE, CellField.BANDS)
    for field, typed in zip(fields, ("A", "7", "500"), strict=True):
        case = work.view(cell.case_id).case
        work.record(case_work.set_field(case, [cell.id], field, typed), "ann")
        is_as_whole(bench)
    bench.reviews.sign_off(cell.id, "ann")
    is_as_whole(bench)
    _, (seen,) = bench.cases.evidence(cell.case_id)
    assert (seen.status, seen.culture, seen.bands) == (CellStatus.KARYOTYPED, "A", 500)


def test_close_calls_are_counted_as_in_the_whole_cell(workspace: Workspace, tmp_path: Path) -> None:
    folder = make_cell_folder(tmp_path / "cell", 6)
    (cell_id,) = workspace.importer.import_paths([folder], SilentMonitor()).cell_ids
    cell = workspace.analysis.analyse(cell_id, FakeAnalyser(margin=1.0), SilentMonitor())

    def counted() -> int:
        cell = workspace.library.cell(cell_id)
        with workspace.library.listing._database.read() as session:
            told = work_of(session, [cell.case_id]).close_calls.get(cell_id, 0)
        assert told == close_calls(cell.chromosomes, cell.placements)
        return told

    at_first = counted()
    assert at_first > 3
    board = Karyogram(cell.placements)
    standing = [p.chromosome_id for p in cell.placements if p.slot != TRAY]
    for change in (board.confirm(standing[:1]), board.move(standing[1:2], TRAY)):
        workspace.reviews.record(cell_id, change, "ann")
        board.apply(change)
    assert counted() == at_first - 2
    workspace.analysis.analyse(cell_id, FakeAnalyser(), SilentMonitor())
    assert counted() == 0


def of_cells(folder: Path, count: int) -> Workspace:
    opened = open_workspace(folder / "data")
    for number in range(count):
        make_cell_folder(folder / "case" / f"{number}", 2)
    outcome = opened.importer.import_paths([folder / "case"], SilentMonitor())
    for cell_id in outcome.cell_ids:
        opened.analysis.analyse(cell_id, FakeAnalyser(), SilentMonitor())
    return opened


def test_many_cells_are_read_in_as_many_queries_as_few(tmp_path: Path) -> None:
    asked = []
    for count in (2, 7):
        workspace = of_cells(tmp_path / str(count), count)
        case_id = workspace.library.summaries()[0].id
        told: list[str] = []
        engine = workspace._database._engine
        event.listen(engine, "before_cursor_execute", lambda *a, told=told: told.append(a[2]))
        assert len(workspace.case_work.view(case_id).cells) == count
        asked.append(len(told))
        workspace.close()
    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        (CellField.STATUS, "analysed"),
        (CellField.CULTURE, "Ä „1“"),
        (CellField.CULTURE, "550"),
        (CellField.SLIDE, ""),
        (CellField.SLIDE, "1e3"),
        (CellField.STAGE, "103.4 / 12.7"),
        (CellField.BANDS, "550"),
    ],
)
def test_every_kind_of_note_is_read_as_it_was_written(
    bench: Bench, field: CellField, typed: str
) -> None:
    work = CaseWork(bench.cases, NoteStore(bench.database))
    for value in (typed, "", typed):
        case = bench.cases.load(bench.cell.case_id)
        work.record(case_work.set_field(case, [bench.cell.id], field, value), "A")
        is_as_whole(bench)
    work.record(case_work.set_marks(bench.cell, ((1.5, 2.0), (3.0, 4.25))), "A")
    cell = is_as_whole(bench)
    assert value_of(cell.note, CellField.MARKS)
    assert str(value_of(cell.note, field)) == typed
