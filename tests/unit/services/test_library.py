"""Names, details and the bin; summaries read no pictures."""

from pathlib import Path

import pytest

from karyogui.domain.case import CaseDetails, CaseState
from karyogui.domain.cell import Cell
from karyogui.errors import KaryoError
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace
from karyogui.storage.image_store import ImageStore
from tests.unit.services.fakes import FakeAnalyser, make_cell_folder


def names(workspace: Workspace, deleted: bool = False) -> list[str]:
    return [case.name for case in workspace.library.summaries(deleted)]


def test_renaming(workspace: Workspace, imported: Cell) -> None:
    workspace.library.rename(imported.case_id, "  24-0173 ")
    assert names(workspace) == ["24-0173"]
    workspace.library.rename(imported.case_id, "24-0173")
    with pytest.raises(KaryoError, match="needs a name"):
        workspace.library.rename(imported.case_id, " ")


def test_two_cases_cannot_have_one_name(
    workspace: Workspace, imported: Cell, tmp_path: Path
) -> None:
    other = make_cell_folder(tmp_path / "other", 1)
    outcome = workspace.importer.import_paths([other], SilentMonitor())
    with pytest.raises(KaryoError, match="another case named cell 1"):
        workspace.library.rename(outcome.case_ids[0], "cell 1")


def test_details_are_kept(workspace: Workspace, imported: Cell) -> None:
    details = CaseDetails(patient_name="A. Person", band_level="550", comment="two\nlines")
    workspace.library.set_details(imported.case_id, details)
    assert workspace.library.case(imported.case_id).details == details


def test_deleting_can_be_undone(workspace: Workspace, imported: Cell) -> None:
    workspace.library.delete([imported.case_id])
    assert names(workspace) == []
    assert names(workspace, deleted=True) == ["cell 1"]
    workspace.library.restore([imported.case_id])
    assert names(workspace) == ["cell 1"]
    assert len(workspace.library.cell(imported.id).pictures) == 6


def test_a_restored_case_whose_name_was_taken_gets_a_number(
    workspace: Workspace, imported: Cell, cell_folder: Path
) -> None:
    workspace.library.delete([imported.case_id])
    workspace.importer.import_paths([cell_folder], SilentMonitor())
    assert names(workspace) == ["cell 1"]
    workspace.library.restore([imported.case_id])
    assert set(names(workspace)) == {"cell 1", "cell 1 (2)"}


def test_unknown_ids_are_told(workspace: Workspace) -> None:
    for call in (workspace.library.case, workspace.library.cell):
        with pytest.raises(KaryoError, match="not in the data folder"):
            call(99)
    with pytest.raises(KaryoError, match="no case named nobody"):
        workspace.library.case_named("nobody")


def test_a_case_is_found_by_its_name(workspace: Workspace, imported: Cell) -> None:
    assert workspace.library.case_named("cell 1").id == imported.case_id


def test_newest_case_first(workspace: Workspace, imported: Cell, tmp_path: Path) -> None:
    workspace.importer.import_paths([make_cell_folder(tmp_path / "later", 1)], SilentMonitor())
    assert names(workspace) == ["later", "cell 1"]


def test_summaries_and_cases_read_no_picture(
    workspace: Workspace, analysed: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a picture was read")

    monkeypatch.setattr(ImageStore, "read", refuse)
    (summary,) = workspace.library.summaries()
    assert summary.state is CaseState.ANALYSED
    assert summary.cells[0].findings
    assert summary.cells[0].iscn
    assert workspace.library.case(analysed.case_id).cells[0].chromosomes == ()


def test_a_case_is_as_far_as_its_cells(workspace: Workspace, tmp_path: Path) -> None:
    for cell in ("1", "2"):
        make_cell_folder(tmp_path / "case" / cell, 2)
    outcome = workspace.importer.import_paths([tmp_path / "case"], SilentMonitor())
    first, second = outcome.cell_ids
    states = []

    def note() -> None:
        (summary,) = workspace.library.summaries()
        assert workspace.library.case(summary.id).state is summary.state
        states.append(summary.state)

    note()
    workspace.analysis.analyse(first, FakeAnalyser(), SilentMonitor())
    note()
    workspace.analysis.analyse(second, FakeAnalyser(), SilentMonitor())
    note()
    workspace.reviews.sign_off(first, "ann")
    note()
    workspace.reviews.sign_off(second, "ann")
    note()
    workspace.reviews.withdraw_sign_off(second, "ann")
    note()
    assert states == ["new", "new", "analysed", "in review", "reviewed", "in review"]


def test_a_date_that_cannot_be_true_is_refused_and_nothing_is_stored(
    workspace: Workspace, imported: Cell
) -> None:
    library, case_id = workspace.library, imported.case_id
    library.set_details(case_id, CaseDetails(sampled="1.2.2026", received="2026-02-02"))
    kept = library.case(case_id).details
    assert kept.sampled == "2026-02-01"
    with pytest.raises(KaryoError, match="is before"):
        library.set_details(case_id, CaseDetails(sampled="2026-02-03", received="2026-02-02"))
    assert library.case(case_id).details == kept
    assert library.questions(case_id, kept) == ()
