"""Reviewed chromosomes become an archive that the training reads."""

import csv
import errno
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from karyogui.domain.case import CaseDetails
from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import TYPES
from karyogui.domain.karyogram import MARKER, TRAY, Change, Karyogram
from karyogui.errors import KaryoError
from karyogui.services.progress import Cancelled, SilentMonitor
from karyogui.services.training_set import TrainingSetSummary, summarise, write_training_set
from karyogui.services.workspace import Workspace
from model.data.cells import Archive, read_archive
from tests.unit.services.fakes import FakeAnalyser, RecordingMonitor, make_cell_folder


def edit(workspace: Workspace, cell_id: int, *steps: tuple[str, object]) -> None:
    """Record edits of a person: `("move", (ids, slot))` and so on."""
    for name, arguments in steps:
        karyogram = Karyogram(workspace.library.cell(cell_id).placements)
        change: Change = getattr(karyogram, name)(*arguments)  # type: ignore[misc]
        workspace.reviews.record(cell_id, change, "A person")


def new_cell(workspace: Workspace, tmp_path: Path, case: str, cell: str) -> Cell:
    folder = make_cell_folder(tmp_path / case / cell)
    outcome = workspace.importer.import_paths([folder], SilentMonitor())
    return workspace.analysis.analyse(outcome.cell_ids[0], FakeAnalyser(), SilentMonitor())


def written(workspace: Workspace, target: Path) -> Archive:
    write_training_set(workspace.library, target, SilentMonitor())
    return read_archive(target)


def test_nothing_reviewed_is_told(workspace: Workspace, analysed: Cell, tmp_path: Path) -> None:
    assert summarise(workspace.library) == TrainingSetSummary()
    with pytest.raises(KaryoError, match="No chromosome has been reviewed"):
        write_training_set(workspace.library, tmp_path / "a", SilentMonitor())
    assert not (tmp_path / "a").exists()


def test_only_what_a_person_decided_on_goes_in(
    workspace: Workspace, analysed: Cell, tmp_path: Path
) -> None:
    edit(
        workspace, analysed.id,
        ("confirm", (["c01"],)), ("move", (["c02"], "X")), ("move", (["c03"], MARKER)),
        ("move", (["c04"], TRAY)), ("confirm", (["c05"],)), ("confirm", (["c05"], False)),
    )  # fmt: skip
    summary = summarise(workspace.library)
    assert (summary.cases, summary.cells, summary.partial_cells) == (1, 1, 1)
    assert summary.counts == {"1": 1, "X": 1}
    assert summary.chromosomes == 2
    assert len(summary.missing_types) == 22
    (cell,) = written(workspace, tmp_path / "set").cells
    assert [TYPES[kind] for kind in cell.types] == ["1", "X"]
    assert cell.counts is None
    assert not cell.complete
    assert cell.is_numerically_normal


def test_a_signed_off_cell_goes_in_whole(
    workspace: Workspace, analysed: Cell, tmp_path: Path
) -> None:
    edit(workspace, analysed.id, ("move", (["c06"], MARKER)))
    workspace.reviews.sign_off(analysed.id, "A person")
    summary = summarise(workspace.library)
    assert (summary.cells, summary.partial_cells, summary.chromosomes) == (1, 0, 5)
    (cell,) = written(workspace, tmp_path / "set").cells
    assert cell.complete
    assert cell.counts == tuple(1 if kind < 5 else 0 for kind in range(24))
    workspace.reviews.withdraw_sign_off(analysed.id, "A person")
    assert summarise(workspace.library).cells == 0


@pytest.mark.parametrize("turn", [0.0, 90.0, 180.0, 270.0, 10.0])
@pytest.mark.parametrize("mirrored", [False, True])
def test_pictures_stand_as_on_the_board_but_for_the_mirror(
    workspace: Workspace, analysed: Cell, tmp_path: Path, turn: float, mirrored: bool
) -> None:
    from karyogui.export.pictures import render

    edit(workspace, analysed.id, ("turn", (["c01"], turn)), ("confirm", (["c01"],)))
    if mirrored:
        edit(workspace, analysed.id, ("mirror", (["c01"],)))
    cell = workspace.library.cell(analysed.id)
    chromosome = next(c for c in cell.chromosomes if c.id == "c01")
    placement = next(p for p in cell.placements if p.chromosome_id == "c01")
    shown = render(chromosome, placement, 1.0)
    expected = shown[:, ::-1] if mirrored else shown
    (picture,) = written(workspace, tmp_path / "set").cells[0].pictures
    inside = picture < 200
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    trimmed = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    seen = expected < 200
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    wanted = expected[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert np.abs(np.subtract(trimmed.shape, wanted.shape)).max() <= 1
    height, width = np.minimum(trimmed.shape, wanted.shape)
    difference = trimmed[:height, :width].astype(float) - wanted[:height, :width]
    assert np.abs(difference).mean() < (1.0 if turn % 90 == 0 else 12.0)
    assert set(picture[0]) | set(picture[-1]) == {255}


@pytest.mark.parametrize("name", ["set", "set.zip"])
def test_names_are_opaque_and_the_same_each_time(
    workspace: Workspace, tmp_path: Path, name: str
) -> None:
    first = new_cell(workspace, tmp_path, "Jane Doe", "Jane cell")
    workspace.library.set_details(
        first.case_id, CaseDetails(patient_name="Jane Doe", patient_identifier="1234-56")
    )
    edit(workspace, first.id, ("confirm", (["c01", "c02"],)))
    target = tmp_path / "out" / name
    archive = written(workspace, target)
    again = written(workspace, tmp_path / "again" / name)
    assert [(c.case, c.name) for c in archive.cells] == [(c.case, c.name) for c in again.cells]
    assert target.is_file() == name.endswith(".zip")
    everything = b"".join(p.read_bytes() for p in [target, *target.rglob("*")] if p.is_file())
    names = " ".join(str(p.relative_to(target)) for p in target.rglob("*"))
    for secret in ("Jane", "Doe", "1234"):
        assert secret not in names
        assert secret.encode() not in everything
    assert [p.name for p in target.parent.iterdir()] == [name]


def test_cases_of_one_person_stay_together(workspace: Workspace, tmp_path: Path) -> None:
    cells = [new_cell(workspace, tmp_path, f"case {n}", "m") for n in range(3)]
    for cell, identifier in zip(cells, ("A 1", " a 1", ""), strict=True):
        workspace.library.set_details(cell.case_id, CaseDetails(patient_identifier=identifier))
        edit(workspace, cell.id, ("confirm", (["c01"],)))
    assert summarise(workspace.library).cases == 2
    archive = written(workspace, tmp_path / "set")
    assert len(archive.cells) == 3
    assert len({cell.case for cell in archive.cells}) == 2


def test_the_bin_and_the_demonstration_stay_out(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [new_cell(workspace, tmp_path, f"case {n}", "m") for n in range(3)]
    for cell in cells:
        edit(workspace, cell.id, ("confirm", (["c01"],)))
    workspace.library.delete([cells[0].case_id])
    monkeypatch.setattr(workspace.library, "is_demo", lambda case_id: case_id == cells[1].case_id)
    assert summarise(workspace.library).cells == 1


def test_an_excluded_cell_stays_out(workspace: Workspace, analysed: Cell) -> None:
    workspace.reviews.sign_off(analysed.id, "A person")
    workspace.library.exclude([analysed.id], "Bands too poor", "A person")
    assert summarise(workspace.library) == TrainingSetSummary()


def test_the_manifest_names_every_cell(
    workspace: Workspace, analysed: Cell, tmp_path: Path
) -> None:
    edit(workspace, analysed.id, ("confirm", (["c01"],)))
    write_training_set(workspace.library, tmp_path / "set", SilentMonitor())
    (row,) = csv.DictReader((tmp_path / "set" / "manifest.csv").read_text().splitlines())
    assert row["chromosomes"] == "1"
    assert {row[kind] for kind in TYPES} == {""}


def test_a_folder_that_exists_is_left_alone(
    workspace: Workspace, analysed: Cell, tmp_path: Path
) -> None:
    edit(workspace, analysed.id, ("confirm", (["c01"],)))
    (tmp_path / "set").mkdir()
    with pytest.raises(KaryoError, match="exists already"):
        write_training_set(workspace.library, tmp_path / "set", SilentMonitor())


@pytest.mark.parametrize("name", ["set", "set.zip"])
def test_cancelled_or_refused_it_leaves_nothing(
    workspace: Workspace, analysed: Cell, tmp_path: Path, name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    edit(workspace, analysed.id, ("confirm", (["c01"],)))
    target = tmp_path / "new" / name
    with pytest.raises(Cancelled):
        write_training_set(workspace.library, target, RecordingMonitor(cancel_at=2))
    assert list(target.parent.iterdir()) == []

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(KaryoError, match="disk is full"):
        write_training_set(workspace.library, target, SilentMonitor())
    assert list(target.parent.iterdir()) == []


def test_progress_names_the_cells(workspace: Workspace, analysed: Cell, tmp_path: Path) -> None:
    edit(workspace, analysed.id, ("confirm", (["c01"],)))
    monitor = RecordingMonitor()
    write_training_set(workspace.library, tmp_path / "set", monitor)
    assert analysed.name in monitor.reports[0].message
    assert (monitor.reports[-1].done, monitor.reports[-1].total) == (1, 1)


def test_what_is_kept_over_another_analysis_is_still_reviewed(
    workspace: Workspace, analysed: Cell
) -> None:
    edit(workspace, analysed.id, ("move", (["c02"], "X")))
    workspace.analysis.analyse(analysed.id, FakeAnalyser(shift=3), SilentMonitor())
    assert summarise(workspace.library).counts == {"X": 1}
    assert replace(summarise(workspace.library), counts={}).missing_types == TYPES
