"""Imports bring in every good picture byte for byte, tell every bad one, and never half a cell."""

import os
import sys
from pathlib import Path

import pytest

from karyogui.domain.case import CaseState
from karyogui.domain.cell import Cell
from karyogui.errors import KaryoError
from karyogui.services import discovery, importing
from karyogui.services.progress import Cancelled, SilentMonitor
from karyogui.services.workspace import Workspace
from tests.unit.services.fakes import (
    RecordingMonitor,
    blob,
    encoded,
    files_in,
    full_disk,
    make_cell_folder,
)


def test_a_cell_comes_in_with_its_pictures(imported: Cell, workspace: Workspace) -> None:
    assert [picture.name for picture in imported.pictures] == [f"{n}.png" for n in range(1, 7)]
    assert (imported.pictures[0].width, imported.pictures[0].height) == (14, 57)
    assert imported.chromosomes == ()
    assert not imported.is_analysed
    (summary,) = workspace.library.summaries()
    assert summary.name == "cell 1"
    assert summary.state is CaseState.NEW
    assert summary.chromosome_count == 6
    assert summary.thumbnail is not None
    assert summary.thumbnail.startswith(b"\x89PNG")


def test_the_original_bytes_are_kept(imported: Cell, cell_folder: Path, data_folder: Path) -> None:
    for picture in imported.pictures:
        stored = data_folder / "pictures" / picture.key[:2] / picture.key
        assert stored.read_bytes() == (cell_folder / picture.name).read_bytes()
        assert picture.key.startswith(picture.sha256)


def test_a_case_of_several_cells(workspace: Workspace, tmp_path: Path) -> None:
    for cell in ("cell 1", "cell 2"):
        make_cell_folder(tmp_path / "case" / cell, 3)
    outcome = workspace.importer.import_paths([tmp_path / "case"], SilentMonitor())
    case = workspace.library.case(outcome.case_ids[0])
    assert case.name == "case"
    assert [cell.name for cell in case.cells] == ["cell 1", "cell 2"]
    assert outcome.cell_ids == tuple(cell.id for cell in case.cells)


def test_cells_can_join_a_case(workspace: Workspace, imported: Cell, cell_folder: Path) -> None:
    outcome = workspace.importer.import_paths([cell_folder], SilentMonitor(), imported.case_id)
    assert outcome.case_ids == (imported.case_id,)
    names = [cell.name for cell in workspace.library.case(imported.case_id).cells]
    assert names == ["cell 1", "cell 1 (2)"]


def test_a_name_that_is_taken_gets_a_number(
    workspace: Workspace, imported: Cell, cell_folder: Path
) -> None:
    workspace.importer.import_paths([cell_folder], SilentMonitor())
    assert {case.name for case in workspace.library.summaries()} == {"cell 1", "cell 1 (2)"}


def test_cells_of_one_name_from_two_places_stay_two_cases(
    workspace: Workspace, tmp_path: Path
) -> None:
    one = make_cell_folder(tmp_path / "a" / "cell", 2)
    other = make_cell_folder(tmp_path / "b" / "cell", 2)
    assert len(workspace.importer.import_paths([one, other], SilentMonitor()).case_ids) == 2


def test_bad_pictures_are_left_out_and_told(workspace: Workspace, cell_folder: Path) -> None:
    (cell_folder / "7.png").write_bytes(b"")
    (cell_folder / "8.png").write_bytes(encoded(blob())[:60])
    outcome = workspace.importer.import_paths([cell_folder], SilentMonitor())
    assert len(workspace.library.cell(outcome.cell_ids[0]).pictures) == 6
    assert len(outcome.problems) == 2
    assert "cell 1: 7.png is empty" in outcome.problems[0]
    assert "cell 1: 8.png is damaged" in outcome.problems[1]


def test_nothing_usable_is_a_refusal_in_words(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.png").write_bytes(b"")
    with pytest.raises(KaryoError, match=r"0\.png is empty.*2 more"):
        workspace.importer.import_paths([folder], SilentMonitor())
    with pytest.raises(KaryoError, match="does not exist"):
        workspace.importer.import_paths([tmp_path / "gone"], SilentMonitor())
    with pytest.raises(KaryoError, match="nothing to import"):
        workspace.importer.import_paths([], SilentMonitor())
    assert workspace.library.summaries() == ()


@pytest.mark.parametrize("report", range(1, 8))
def test_a_cancelled_import_leaves_nothing(
    workspace: Workspace, cell_folder: Path, data_folder: Path, report: int
) -> None:
    before = files_in(data_folder / "pictures")
    with pytest.raises(Cancelled):
        workspace.importer.import_paths([cell_folder], RecordingMonitor(report))
    assert workspace.library.summaries() == ()
    assert files_in(data_folder / "pictures") == before


def test_a_full_disk_stores_nothing_by_half(
    workspace: Workspace,
    cell_folder: Path,
    tmp_path: Path,
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = make_cell_folder(tmp_path / "kept", 2)
    workspace.importer.import_paths([kept], SilentMonitor())
    before = files_in(data_folder / "pictures")
    syncs = 0
    fsync = os.fsync

    def fills_up(descriptor: int) -> None:
        nonlocal syncs
        syncs += 1
        if syncs > 3:
            full_disk()
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", fills_up)
    with pytest.raises(KaryoError, match="The disk is full"):
        workspace.importer.import_paths([cell_folder], SilentMonitor())
    assert [case.name for case in workspace.library.summaries()] == ["kept"]
    assert files_in(data_folder / "pictures") == before


def test_a_failing_database_takes_the_pictures_back(
    workspace: Workspace, cell_folder: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing.CaseStore, "add", full_disk)
    with pytest.raises(OSError, match="No space"):
        workspace.importer.import_paths([cell_folder], SilentMonitor())
    assert files_in(data_folder / "pictures") == set()


def test_progress_counts_every_picture(workspace: Workspace, cell_folder: Path) -> None:
    monitor = RecordingMonitor()
    workspace.importer.import_paths([cell_folder], monitor)
    assert [report.done for report in monitor.reports] == list(range(7))
    assert {report.total for report in monitor.reports} == {6}


def test_only_the_demonstration_cells_are_marked(
    workspace: Workspace, cell_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked = []
    monkeypatch.setattr(discovery, "DEMO", cell_folder.parent.resolve())
    for _ in range(2):
        outcome = workspace.importer.import_paths([cell_folder], SilentMonitor())
        marked.append(workspace.importer._cases.is_demo(outcome.case_ids[0]))
        monkeypatch.undo()
    assert marked == [True, False]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are always Unicode")
def test_no_name_of_a_file_stops_an_import(workspace: Workspace, tmp_path: Path) -> None:
    names = [
        b"M\xfcller/1.png", b"CON/\xe4.png", b"L" * 251 + b"/1.png",
        b"long/" + b"x" * 251 + b".png", b"new\nline/1.png",
    ]  # fmt: skip
    for number, name in enumerate(names):
        path = tmp_path / "odd" / os.fsdecode(name)
        path.parent.mkdir(parents=True)
        path.write_bytes(encoded(blob(seed=number)))
    outcome = workspace.importer.import_paths([tmp_path / "odd"], SilentMonitor())
    assert outcome.problems == ()
    (case,) = workspace.library.summaries()
    assert {c.name for c in case.cells} == {"M\u00fcller", "CON", "L" * 251, "long", "new line"}
    cells = [workspace.library.cell(cell_id) for cell_id in outcome.cell_ids]
    assert "\u00e4.png" in {cell.pictures[0].name for cell in cells}
