"""A report holds what was analysed; a file appears whole or not at all."""

from pathlib import Path
from typing import BinaryIO

import pytest

from karyogui.domain.case import CaseDetails
from karyogui.domain.cell import Cell
from karyogui.domain.findings import find
from karyogui.domain.iscn import propose
from karyogui.domain.karyogram import Karyogram
from karyogui.domain.report import ReportData
from karyogui.errors import KaryoError
from karyogui.services.progress import SilentMonitor
from karyogui.services.reporting import Output
from karyogui.services.workspace import Workspace
from tests.unit.services.fakes import FakeAnalyser, full_disk, make_cell_folder, read_only


class TextWriter:
    def write(self, data: ReportData, target: BinaryIO) -> None:
        target.write(data.case_name.encode())


class FailingWriter:
    def __init__(self, failure: object) -> None:
        self.failure = failure

    def write(self, data: ReportData, target: BinaryIO) -> None:
        target.write(b"half of ")
        self.failure()


def test_a_report_is_the_case_as_it_stands(workspace: Workspace, analysed: Cell) -> None:
    details = CaseDetails(patient_name="A. Person")
    workspace.library.set_details(analysed.case_id, details)
    karyogram = Karyogram(analysed.placements)
    change = karyogram.move(["c01"], "X")
    karyogram.apply(change)
    workspace.reviews.record(analysed.id, change, "ann")
    workspace.reviews.sign_off(analysed.id, "bea")
    data = workspace.reports.report_data(analysed.case_id)
    assert (data.case_name, data.details, data.is_demo) == ("cell 1", details, False)
    assert data.software.startswith("KaryoGUI")
    (report,) = data.cells
    cell = report.cell
    assert set(cell.placements) == set(karyogram.placements)
    assert report.findings == find(karyogram.counts)
    assert report.iscn == propose(karyogram.counts)
    assert len(cell.chromosomes) == 6
    assert cell.reviewed_by == "bea"
    assert len(cell.edits) == 1


def test_one_file_that_cannot_be_written_does_not_keep_the_others(
    workspace: Workspace, analysed: Cell, tmp_path: Path
) -> None:
    (tmp_path / "b.txt").mkdir()
    outputs = [Output(TextWriter(), (analysed.id,), tmp_path / f"{name}.txt") for name in "abc"]
    outputs.insert(1, Output(FailingWriter(full_disk), (analysed.id,), tmp_path / "d.txt"))
    done = workspace.reports.export_all(analysed.case_id, outputs, SilentMonitor())
    assert [path.name for path in done.written] == ["a.txt", "c.txt"]
    assert ["d.txt" in done.problems[0], "b.txt" in done.problems[1]] == [True, True]
    assert sorted(p.name for p in tmp_path.glob("*.txt")) == ["a.txt", "b.txt", "c.txt"]


def test_only_analysed_cells_are_reported(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("1", "2"):
        make_cell_folder(tmp_path / "case" / name, 2)
    outcome = workspace.importer.import_paths([tmp_path / "case"], SilentMonitor())
    (case_id,) = outcome.case_ids
    with pytest.raises(KaryoError, match="No cell of case has been analysed"):
        workspace.reports.report_data(case_id)
    workspace.analysis.analyse(outcome.cell_ids[1], FakeAnalyser(), SilentMonitor())
    assert [r.cell.name for r in workspace.reports.report_data(case_id).cells] == ["2"]
    with pytest.raises(KaryoError, match="Not analysed yet: 1"):
        workspace.reports.report_data(case_id, outcome.cell_ids)
    chosen = workspace.reports.report_data(case_id, outcome.cell_ids[1:])
    assert [report.cell.name for report in chosen.cells] == ["2"]


def test_an_export_replaces_the_file(workspace: Workspace, analysed: Cell, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "report.txt"
    data = workspace.reports.report_data(analysed.case_id)
    for _ in range(2):
        assert workspace.reports.export(data, TextWriter(), path) == path
    assert path.read_text() == "cell 1"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("failure", "words"), [(full_disk, "The disk is full"), (read_only, "read-only")]
)
def test_a_refusing_disk_keeps_the_old_file(
    workspace: Workspace, analysed: Cell, tmp_path: Path, failure: object, words: str
) -> None:
    path = tmp_path / "out" / "report.txt"
    path.parent.mkdir()
    path.write_text("old")
    data = workspace.reports.report_data(analysed.case_id)
    with pytest.raises(KaryoError, match=words):
        workspace.reports.export(data, FailingWriter(failure), path)
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_a_bug_in_an_exporter_leaves_no_half_file(
    workspace: Workspace, analysed: Cell, tmp_path: Path
) -> None:
    def bug() -> None:
        raise ZeroDivisionError

    data = workspace.reports.report_data(analysed.case_id)
    with pytest.raises(ZeroDivisionError):
        workspace.reports.export(data, FailingWriter(bug), tmp_path / "out" / "report.txt")
    assert list((tmp_path / "out").iterdir()) == []
