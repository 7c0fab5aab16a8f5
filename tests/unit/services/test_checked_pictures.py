"""Checked photographs become an archive of outlines that the training of the separation reads."""

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.case import CaseDetails
from karyogui.domain.cell import Cell, PictureKind
from karyogui.domain.separation import ObjectKind
from karyogui.domain.separation_check import CheckEntry, CheckKind
from karyogui.errors import KaryoError
from karyogui.services import checked_pictures
from karyogui.services.checked_pictures import (
    CheckedSummary,
    is_checked,
    summarise_checked,
    summary_of_archive,
    write_checked_pictures,
)
from karyogui.services.progress import Cancelled, SilentMonitor
from karyogui.services.workspace import Workspace
from model.data.outlines import OutlineArchive
from model.vocabulary.archive import FOLDS, fold_of
from model.vocabulary.training import LEAST_HELD_OUT, LEAST_LEARNED
from tests.unit.services.fakes import FakeAssigner, RecordingMonitor, encoded
from tests.unit.services.metaphases import FakeReader, cut, photograph, separated

DOUBTED = CheckEntry("c02", CheckKind.SEVERAL, 0.5)
New = Callable[..., Cell]


@pytest.fixture
def new(workspace: Workspace, tmp_path: Path) -> New:
    """Imports a photograph as the cell of a case of its own, and analyses it."""

    def make(case: str, *check: CheckEntry) -> Cell:
        folder = tmp_path / "in" / case
        folder.mkdir(parents=True)
        (folder / f"{case}.png").write_bytes(encoded(photograph()))
        kind = PictureKind.METAPHASE
        outcome = workspace.importer.import_paths([folder], SilentMonitor(), kind=kind)
        reader = FakeReader()
        reader.check = check
        return workspace.analysis.analyse(outcome.cell_ids[0], reader, SilentMonitor())

    return make


@pytest.fixture
def enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """One photograph is enough to learn from, and none is needed to measure on."""
    monkeypatch.setattr(checked_pictures, "LEAST_LEARNED", 1)
    monkeypatch.setattr(checked_pictures, "LEAST_HELD_OUT", 0)


def test_a_check_without_a_word_of_anybody_says_nothing(workspace: Workspace, new: New) -> None:
    cell = new("case 1")
    assert not is_checked(cell)
    assert summarise_checked(workspace) == CheckedSummary()
    workspace.reviews.sign_off(cell.id, "A person")
    assert summarise_checked(workspace).pictures == 1


def test_a_check_that_was_worked_off_counts(workspace: Workspace, new: New) -> None:
    cell = new("case 1", DOUBTED)
    assert not is_checked(workspace.library.cell(cell.id))
    workspace.reviews.check(cell.id, "c02", "A person")
    assert is_checked(workspace.library.cell(cell.id))
    workspace.reviews.check(cell.id, "c02", "A person", right=False)
    assert not is_checked(workspace.library.cell(cell.id))


def test_a_repair_counts_when_the_network_has_answered(workspace: Workspace, new: New) -> None:
    cell = new("case 1", DOUBTED)
    repair = cut(next(o for o in cell.objects if o.id == "c02"), 12, "c20", "c21")
    workspace.repairs.apply(cell.id, repair, "A person")
    assert not is_checked(workspace.library.cell(cell.id))
    workspace.repairs.answer(cell.id, FakeReader(), FakeAssigner("map"), SilentMonitor())
    assert is_checked(workspace.library.cell(cell.id))


def test_excluded_and_demonstration_cells_stay_out(
    workspace: Workspace, new: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [new(f"case {n}", DOUBTED) for n in range(3)]
    for cell in cells:
        workspace.reviews.check(cell.id, "c02", "A person")
    workspace.library.exclude([cells[0].id], "Two cells", "A person")
    monkeypatch.setattr(workspace.library, "is_demo", lambda case_id: case_id == cells[1].case_id)
    assert summarise_checked(workspace).pictures == 1


@pytest.mark.usefixtures("enough")
@pytest.mark.parametrize("name", ["set", "set.zip"])
def test_every_outline_is_written_as_it_stands(
    workspace: Workspace, new: New, tmp_path: Path, name: str
) -> None:
    cell = new("Jane Doe", DOUBTED)
    repair = cut(next(o for o in cell.objects if o.id == "c02"), 12, "c20", "c21")
    workspace.repairs.apply(cell.id, repair, "A person")
    workspace.repairs.answer(cell.id, FakeReader(), FakeAssigner("map"), SilentMonitor())
    target = tmp_path / "out" / name
    write_checked_pictures(workspace, target, SilentMonitor())
    archive = OutlineArchive(target)
    (own,) = archive.names
    assert np.array_equal(archive.picture(own), photograph())
    known = {o.id: o for o in workspace.library.cell(cell.id).objects}
    standing = [o for o in known.values() if o.kind is ObjectKind.CHROMOSOME]
    outlines = archive.outlines(own)
    assert len(outlines) == len(standing) == len(separated()) - 3 + 1
    for item, (mask, origin) in zip(standing, outlines, strict=True):
        assert origin == item.origin
        assert np.array_equal(mask, item.mask)
    ((mask, origin),) = archive.cut_by_border(own)
    assert origin == next(o.origin for o in known.values() if o.kind is ObjectKind.EDGE)
    everything = b"".join(p.read_bytes() for p in [target, *target.rglob("*")] if p.is_file())
    assert b"Jane" not in everything
    assert "Jane" not in str(list(target.rglob("*")))


@pytest.mark.usefixtures("enough")
def test_cases_of_one_person_are_one_case(workspace: Workspace, new: New, tmp_path: Path) -> None:
    for number, identifier in enumerate(("A 1", " a 1", "")):
        cell = new(f"case {number}", DOUBTED)
        details = CaseDetails(patient_identifier=identifier)
        workspace.library.set_details(cell.case_id, details)
        workspace.reviews.check(cell.id, "c02", "A person")
    found = write_checked_pictures(workspace, tmp_path / "set.zip", SilentMonitor())
    assert (found.cases, found.pictures) == (2, 3)
    archive = OutlineArchive(tmp_path / "set.zip")
    assert len({archive.case(name) for name in archive.names}) == 2
    assert {fold_of(archive.case(name)) for name in archive.names} == set(found.by_fold)
    assert summary_of_archive(tmp_path / "set.zip") == found


def test_too_few_are_refused_with_what_is_needed(
    workspace: Workspace, new: New, tmp_path: Path
) -> None:
    with pytest.raises(KaryoError, match="has been checked yet"):
        write_checked_pictures(workspace, tmp_path / "set.zip", SilentMonitor())
    cell = new("case 1", DOUBTED)
    workspace.reviews.check(cell.id, "c02", "A person")
    with pytest.raises(KaryoError, match=r"1 checked picture of 1 case.*At least 5 are needed"):
        write_checked_pictures(workspace, tmp_path / "set.zip", SilentMonitor())
    assert not (tmp_path / "set.zip").exists()


@pytest.mark.usefixtures("enough")
@pytest.mark.parametrize("name", ["set", "set.zip"])
def test_a_full_disk_and_a_cancel_leave_nothing(
    workspace: Workspace, new: New, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.reviews.sign_off(new("case 1").id, "A person")
    out = tmp_path / "out"
    with pytest.raises(Cancelled):
        write_checked_pictures(workspace, out / name, RecordingMonitor(cancel_at=1))
    assert list(out.iterdir()) == []

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(checked_pictures, "as_png", full)
    with pytest.raises(KaryoError, match="full"):
        write_checked_pictures(workspace, out / name, SilentMonitor())
    assert list(out.iterdir()) == []


def test_a_cell_of_cut_outs_or_altered_outside_does_not_count(new: New) -> None:
    cell = replace(new("case 1"), reviewed_by="A person", reviewed_at=new("case 2").analysed_at)
    assert is_checked(cell)
    assert not is_checked(replace(cell, broken="Altered."))
    assert not is_checked(replace(cell, awaits_answer=True))
    cut_outs = tuple(replace(p, kind=PictureKind.CUT_OUT) for p in cell.pictures)
    assert not is_checked(replace(cell, pictures=cut_outs))


@given(st.dictionaries(st.integers(0, FOLDS - 1), st.integers(1, 30)))
def test_the_best_fold_suffices_where_any_does(by_fold: dict[int, int]) -> None:
    found = CheckedSummary(len(by_fold), sum(by_fold.values()), by_fold)
    any_does = any(
        found.held_out(f) >= LEAST_HELD_OUT and found.pictures - found.held_out(f) >= LEAST_LEARNED
        for f in range(FOLDS)
    )
    assert found.suffices(found.best_fold) == any_does
    assert (found.complaint(found.best_fold) == "") == any_does
    for fold in range(FOLDS):
        assert bool(found.complaint(fold)) is not found.suffices(fold)
