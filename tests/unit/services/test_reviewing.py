"""Edits are safe when `record` returns, sign-offs freeze, and the order asks the doubtful first."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from karyogui.domain.case import CaseState
from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.karyogram import TRAY, Change, Karyogram, Placement
from karyogui.domain.review import review_queue
from karyogui.errors import KaryoError
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.storage.database import Database
from tests.unit.services.fakes import FakeAnalyser, full_disk, make_cell_folder

REPOSITORY = Path(__file__).resolve().parents[3]


def test_an_edit_is_stored_with_who_when_and_what(workspace: Workspace, analysed: Cell) -> None:
    karyogram = Karyogram(analysed.placements)
    change = karyogram.move(["c02", "c01"], "21")
    karyogram.apply(change)
    workspace.reviews.record(analysed.id, change, " ann ")
    cell = workspace.library.cell(analysed.id)
    assert Karyogram(cell.placements).placements == karyogram.placements
    (edit,) = cell.edits
    assert edit.change == change
    assert edit.who == "ann"
    assert edit.when.tzinfo is not None
    assert cell.chromosomes[1].predicted == analysed.chromosomes[1].predicted
    assert cell.chromosomes[1].assigned == analysed.chromosomes[1].assigned
    assert workspace.library.summaries()[0].state is CaseState.IN_REVIEW


def test_every_kind_of_edit_and_its_undoing_comes_back(
    workspace: Workspace, analysed: Cell
) -> None:
    karyogram = Karyogram(analysed.placements)
    steps = [
        lambda: karyogram.move(["c01"], TRAY),
        lambda: karyogram.swap("c02", "c03"),
        lambda: karyogram.turn(["c04", "c05"], 12.5),
        lambda: karyogram.mirror(["c04"]),
        lambda: karyogram.confirm(["c05"]),
    ]
    done = []
    for step in steps:
        change = step()
        karyogram.apply(change)
        workspace.reviews.record(analysed.id, change, "ann")
        done.append(change)
        stored = Karyogram(workspace.library.cell(analysed.id).placements)
        assert stored.placements == karyogram.placements
    for change in reversed(done):
        workspace.reviews.record(analysed.id, change.inverse, "ann")
    cell = workspace.library.cell(analysed.id)
    assert set(cell.placements) == set(analysed.placements)
    assert len(cell.edits) == 10


def test_an_empty_change_is_no_edit(workspace: Workspace, analysed: Cell) -> None:
    workspace.reviews.record(analysed.id, Change("Nothing", (), ()), "ann")
    assert workspace.library.cell(analysed.id).edits == ()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda change: replace(change, before=(replace(change.before[0], index=7),)),
        lambda change: replace(change, after=()),
        lambda change: Change("?", (Placement("c99", "1", 0),), (Placement("c99", "2", 0),)),
    ],
)
def test_a_change_that_does_not_fit_is_refused_whole(
    workspace: Workspace, analysed: Cell, spoil: object
) -> None:
    change = spoil(Karyogram(analysed.placements).turn(["c01"], 5.0))
    with pytest.raises(KaryoError, match="does not fit"):
        workspace.reviews.record(analysed.id, change, "ann")
    cell = workspace.library.cell(analysed.id)
    assert set(cell.placements) == set(analysed.placements)
    assert cell.edits == ()


def test_a_cell_that_was_not_analysed_cannot_be_edited_or_signed(
    workspace: Workspace, imported: Cell
) -> None:
    change = Change("?", (Placement("c01", "1", 0),), (Placement("c01", "2", 0),))
    with pytest.raises(KaryoError, match="not been analysed"):
        workspace.reviews.record(imported.id, change, "ann")
    with pytest.raises(KaryoError, match="not been analysed"):
        workspace.reviews.sign_off(imported.id, "ann")


def test_a_sign_off_freezes_until_it_is_withdrawn(workspace: Workspace, analysed: Cell) -> None:
    signed = workspace.reviews.sign_off(analysed.id, "bea")
    cell = workspace.library.cell(analysed.id)
    assert (cell.reviewed_by, cell.reviewed_at) == ("bea", signed.when)
    assert signed.meaning
    change = Karyogram(cell.placements).confirm(["c01"])
    with pytest.raises(KaryoError, match="signed off and cannot be edited"):
        workspace.reviews.record(cell.id, change, "ann")
    with pytest.raises(KaryoError, match="signed off"):
        workspace.reviews.sign_off(cell.id, "ann")
    workspace.reviews.withdraw_sign_off(cell.id, "bea")
    workspace.reviews.record(cell.id, change, "ann")
    cell = workspace.library.cell(cell.id)
    assert (cell.reviewed_by, cell.reviewed_at) == ("", None)
    with pytest.raises(KaryoError, match="not signed off"):
        workspace.reviews.withdraw_sign_off(cell.id, "bea")


def test_a_full_disk_at_an_edit_is_told_and_nothing_is_lost(
    workspace: Workspace, analysed: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    karyogram = Karyogram(analysed.placements)
    first = karyogram.confirm(["c01"])
    workspace.reviews.record(analysed.id, first, "ann")
    karyogram.apply(first)
    second = karyogram.confirm(["c02"])
    # SQLite's own limit of pages makes it say what it says on a full disk.
    database = workspace._database
    with database.read() as session:
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar()
    limit = f"PRAGMA max_page_count = {pages}"
    write = Database.write

    def small(self: Database) -> object:
        context = write(self)

        class Limited:
            def __enter__(self) -> object:
                session = context.__enter__()
                session.connection().exec_driver_sql(limit)
                return session

            def __exit__(self, *error: object) -> object:
                return context.__exit__(*error)

        return Limited()

    monkeypatch.setattr(Database, "write", small)
    huge = replace(second, text="x" * 3_000_000)
    with pytest.raises(KaryoError, match="The disk is full"):
        workspace.reviews.record(analysed.id, huge, "ann")
    monkeypatch.undo()
    cell = workspace.library.cell(analysed.id)
    assert [edit.change for edit in cell.edits] == [first]
    assert not Karyogram(cell.placements).placement("c02").confirmed


def test_edits_survive_a_killed_process(tmp_path: Path) -> None:
    """Another process edits and is killed in the middle of its life, without any goodbye."""
    folder = make_cell_folder(tmp_path / "cell")
    code = f"""
import sys
from pathlib import Path
from karyogui.domain.karyogram import Karyogram
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import open_workspace
from tests.unit.services.fakes import FakeAnalyser

workspace = open_workspace(Path({str(tmp_path / "data")!r}))
outcome = workspace.importer.import_paths([Path({str(folder)!r})], SilentMonitor())
cell = workspace.analysis.analyse(outcome.cell_ids[0], FakeAnalyser(), SilentMonitor())
karyogram = Karyogram(cell.placements)
for slot in ("X", "21"):
    change = karyogram.move(["c01"], slot)
    karyogram.apply(change)
    workspace.reviews.record(cell.id, change, "ann")
print("recorded", flush=True)
sys.stdin.read()
"""
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdin is not None
    with child.stdin, child.stdout:
        assert child.stdout.readline() == "recorded\n"
        os.kill(child.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        child.wait()
    workspace = open_workspace(tmp_path / "data")
    try:
        (summary,) = workspace.library.summaries()
        cell = workspace.library.cell(summary.cells[0].id)
        assert Karyogram(cell.placements).placement("c01").slot == "21"
        assert [edit.change.after[0].slot for edit in cell.edits] == ["X", "21"]
    finally:
        workspace.close()


def review_order(chromosomes: Sequence[Chromosome], karyogram: Karyogram) -> tuple[str, ...]:
    return tuple(item.chromosome_id for item in review_queue(chromosomes, karyogram))


class TestReviewOrder:
    """FakeAnalyser: confidence 0.99, 0.95 (with a reason), 0.91, 0.87, 0.83, 0.79; no margins.

    The rules themselves are tested in the domain.
    """

    def test_least_certain_first(self, analysed: Cell) -> None:
        karyogram = Karyogram(analysed.placements)
        assert review_order(analysed.chromosomes, karyogram) == ("c06", "c05", "c04", "c02")

    def test_the_tray_comes_before_all(self, analysed: Cell) -> None:
        karyogram = Karyogram(analysed.placements)
        karyogram.apply(karyogram.move(["c01"], TRAY))
        assert review_order(analysed.chromosomes, karyogram)[0] == "c01"

    def test_confirmed_ones_ask_no_more(self, analysed: Cell) -> None:
        karyogram = Karyogram(analysed.placements)
        karyogram.apply(karyogram.confirm(["c06", "c02"]))
        assert review_order(analysed.chromosomes, karyogram) == ("c05", "c04")

    def test_a_chromosome_that_was_not_analysed_asks(self, analysed: Cell) -> None:
        bare = [replace(c, predicted=None, assigned=None) for c in analysed.chromosomes[:1]]
        karyogram = Karyogram.from_analysis(bare)
        assert review_order(bare, karyogram) == ("c01",)


def test_the_row_follows_the_edits(workspace: Workspace, imported: Cell) -> None:
    workspace.analysis.analyse(imported.id, FakeAnalyser(), SilentMonitor())
    before = workspace.library.summaries()[0].cells[0]
    karyogram = Karyogram(workspace.library.cell(imported.id).placements)
    workspace.reviews.record(imported.id, karyogram.move(["c01"], TRAY), "ann")
    after = workspace.library.summaries()[0].cells[0]
    assert after.findings != before.findings
    assert after.chromosome_count == before.chromosome_count


def test_a_full_file_system_call_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "mkdir", full_disk)
    with pytest.raises(KaryoError, match="The disk is full"):
        open_workspace(tmp_path / "data")
