"""Notes of a case and its cells: stored, in the trail, undone; and the result that they make."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from karyogui.domain.case_result import PRESETS, CellStatus, RulingKind
from karyogui.domain.notes import CellField, CultureTimes, NoteChange
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.services import case_work
from karyogui.services.case_work import CaseView
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace, open_workspace
from tests.unit.services.fakes import make_cell_folder, store_three_cells

fill = store_three_cells


def view(workspace: Workspace) -> CaseView:
    return workspace.case_work.view(workspace.library.summaries()[0].id)


def ids(workspace: Workspace) -> list[int]:
    return [cell.id for cell in view(workspace).cells]


def note(workspace: Workspace, field: CellField, typed: str, *cell_ids: int) -> NoteChange:
    change = case_work.set_field(view(workspace).case, cell_ids, field, typed)
    workspace.case_work.record(change, "ann")
    return change


def test_notes_of_cells_survive_a_restart_and_stand_in_the_trail(workspace: Workspace) -> None:
    first, second, _ = ids(workspace)
    note(workspace, CellField.STATUS, "analysed", first, second)
    note(workspace, CellField.CULTURE, " A ", first)
    note(workspace, CellField.STAGE, "103.4 / 12.7", first)
    note(workspace, CellField.BANDS, "550", first)
    folder = workspace.folder
    workspace.close()
    again = open_workspace(folder)
    try:
        one, two, three = view(again).cells
        assert (one.status, one.culture, one.bands) == (CellStatus.ANALYSED, "A", 550)
        assert (two.status, two.culture) == (CellStatus.ANALYSED, "")
        assert three.status is CellStatus.OPEN
        told = [e for e in again.library.cell(first).edits if e.change.kind is ActionKind.NOTE]
        assert [(edit.who, edit.change.text) for edit in told] == [
            ("ann", "Status: analysed"),
            ("ann", "Culture: A"),
            ("ann", "Stage coordinates: 103.4 / 12.7"),
            ("ann", "Band level: 550"),
        ]
    finally:
        again.close()


def test_an_act_is_undone_by_its_inverse_and_both_stay_on_record(workspace: Workspace) -> None:
    first, second, _ = ids(workspace)
    note(workspace, CellField.CULTURE, "A", first)
    change = note(workspace, CellField.CULTURE, "B", first, second)
    workspace.case_work.record(change.inverse, "bob")
    cells = view(workspace).cells
    assert [cell.culture for cell in cells] == ["A", "", ""]
    texts = [edit.change.text for edit in workspace.library.cell(second).edits[-2:]]
    assert texts == ["Culture: B", "Culture: none"]


def test_an_act_that_starts_from_something_else_is_refused(workspace: Workspace) -> None:
    first, second, _ = ids(workspace)
    case = view(workspace).case
    stale = case_work.set_field(case, [second, first], CellField.CULTURE, "B")
    note(workspace, CellField.CULTURE, "A", first)
    with pytest.raises(KaryoError, match="culture has been changed in the meantime"):
        workspace.case_work.record(stale, "bob")
    assert [cell.culture for cell in view(workspace).cells] == ["A", "", ""]


def test_marks_are_kept_and_make_the_number(workspace: Workspace) -> None:
    third = ids(workspace)[2]
    for marks in ([(1.0, 2.0)], [(1.0, 2.0), (3.26, 4.0)]):
        cell = workspace.library.cell(third)
        workspace.case_work.record(case_work.set_marks(cell, marks), "ann")
    note(workspace, CellField.STATUS, "counted", third)
    cell = workspace.library.cell(third)
    assert cell.note.marks == ((1.0, 2.0), (3.3, 4.0))
    assert view(workspace).cell(third).number == 2
    told = [edit.change.text for edit in cell.edits if edit.change.kind is ActionKind.NOTE]
    assert told == ["Count marks: 2 chromosomes", "Status: counted"]


def test_a_slide_that_was_noted_is_shown_by_the_browser_too(workspace: Workspace) -> None:
    first = ids(workspace)[0]
    note(workspace, CellField.SLIDE, "S7", first)
    assert [cell.slide for cell in workspace.library.summaries()[0].cells] == ["S7", "", ""]
    assert view(workspace).cell(first).slide == "S7"


def test_a_case_keeps_a_copy_of_its_protocol(workspace: Workspace) -> None:
    assert not view(workspace).is_chosen
    marrow = PRESETS[2]
    change = case_work.set_protocol(view(workspace).case, marrow)
    workspace.case_work.record(change, "ann")
    now = view(workspace)
    assert (now.protocol, now.is_chosen) == (marrow, True)
    workspace.case_work.record(change.inverse, "ann")
    assert not view(workspace).is_chosen
    assert [entry.text for entry in view(workspace).case.trail] == [
        f"Protocol: {marrow.name}",
        "Protocol: none",
    ]


def test_a_signed_cell_is_karyotyped_unless_a_person_says_otherwise(workspace: Workspace) -> None:
    first = ids(workspace)[0]
    workspace.reviews.sign_off(first, "ann")
    assert view(workspace).cell(first).status is CellStatus.KARYOTYPED
    note(workspace, CellField.STATUS, "scored", first)
    assert view(workspace).cell(first).status is CellStatus.SCORED


def test_an_excluded_cell_is_excluded_whatever_its_status(workspace: Workspace) -> None:
    first = ids(workspace)[0]
    note(workspace, CellField.STATUS, "analysed", first)
    workspace.library.exclude([first], "Bands too poor", "ann")
    cell = view(workspace).cell(first)
    assert (cell.status, cell.excluded) == (CellStatus.EXCLUDED, "Bands too poor")
    workspace.library.take_back([first], "ann")
    assert view(workspace).cell(first).status is CellStatus.ANALYSED


def test_rulings_are_stored_replaced_and_withdrawn(workspace: Workspace) -> None:
    for kind in (RulingKind.REPORT, RulingKind.DISREGARD):
        change = case_work.rule(view(workspace).case, kind, ["+8"], "Known clone", "ann")
        workspace.case_work.record(change, "ann")
    [ruling] = view(workspace).case.note.rulings
    assert (ruling.kind, ruling.who) == (RulingKind.DISREGARD, "ann")
    workspace.case_work.record(case_work.withdraw(view(workspace).case, ruling), "ann")
    assert view(workspace).case.note.rulings == ()


def test_a_typed_karyotype_needs_a_reason_and_goes_back_to_the_programs(
    workspace: Workspace,
) -> None:
    with pytest.raises(KaryoError, match="needs a reason"):
        case_work.set_iscn(view(workspace), "46,XX[20]", " ")
    change = case_work.set_iscn(view(workspace), " 46,XX[20]", "Counted at the microscope")
    workspace.case_work.record(change, "ann")
    assert view(workspace).iscn == "46,XX[20]"
    workspace.case_work.record(case_work.set_iscn(view(workspace), "", ""), "ann")
    assert view(workspace).iscn == view(workspace).result.text


def test_a_constitution_is_noted(workspace: Workspace) -> None:
    change = case_work.set_constitution(view(workspace).case, "xy", ["+21"])
    workspace.case_work.record(change, "ann")
    constitution = view(workspace).result.constitution
    assert (constitution.sex, constitution.changes) == ("XY", ("+21",))


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        (CellField.BANDS, "many", "no band level"),
        (CellField.BANDS, "-400", "no band level"),
        (CellField.BANDS, "٤٠٠", "no band level"),
        (CellField.STATUS, "excluded", "no status"),
        (CellField.STAGE, "1" * 201, "at most 200 characters"),
    ],
)
def test_bad_notes_are_refused_in_words(
    workspace: Workspace, field: CellField, typed: str, words: str
) -> None:
    with pytest.raises(KaryoError, match=words):
        case_work.set_field(view(workspace).case, ids(workspace)[:1], field, typed)


@pytest.mark.parametrize("sex", ["Y", "YX", "XZ", "U"])
def test_letters_that_are_no_constitution_are_refused(workspace: Workspace, sex: str) -> None:
    with pytest.raises(KaryoError, match="no sex chromosomes"):
        case_work.set_constitution(view(workspace).case, sex)


def test_bad_rulings_are_refused(workspace: Workspace) -> None:
    case = view(workspace).case
    with pytest.raises(KaryoError, match="needs a reason"):
        case_work.rule(case, RulingKind.REPORT, ["+8"], " ", "ann")
    with pytest.raises(KaryoError, match="cannot be written"):
        case_work.rule(case, RulingKind.PLACE, ["1"], "why", "ann", ["t(9;22"])


def test_a_cell_of_another_case_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    make_cell_folder(tmp_path / "other" / "1", 2)
    workspace.importer.import_paths([tmp_path / "other"], SilentMonitor())
    one, other = (workspace.library.case(s.id) for s in workspace.library.summaries())
    change = case_work.set_field(one, [one.cells[0].id], CellField.CULTURE, "A")
    wrong = NoteChange(change.text, other.id, change.before, change.after)
    with pytest.raises(KaryoError, match="is no cell of"):
        workspace.case_work.record(wrong, "ann")


def test_dates_of_cultures_are_stored_undone_and_held_against_the_details(
    workspace: Workspace,
) -> None:
    case_id = view(workspace).case.id
    note(workspace, CellField.CULTURE, "A", *ids(workspace))
    details = replace(workspace.library.case(case_id).details, sampled="2026-03-01")
    workspace.library.set_details(case_id, details, "ann")
    times = {"A": CultureTimes("2026-03-02", "2026-03-05"), "B": CultureTimes("2026-03-02")}
    change = case_work.set_cultures(view(workspace).case, times)
    workspace.case_work.record(change, "ann")
    told = [one.text for one in view(workspace).cultures]
    assert told == ["A: set up 2026-03-02, harvested 2026-03-05", "B: set up 2026-03-02"]
    entry = view(workspace).case.trail[-1]
    assert entry.text == "Cultures: A 2026-03-02 to 2026-03-05; B 2026-03-02 to ?"
    # A date of the specimen that a culture cannot have followed is refused, too.
    with pytest.raises(KaryoError, match="setting up of culture A"):
        workspace.library.set_details(case_id, replace(details, sampled="2026-03-03"), "ann")
    workspace.case_work.record(change.inverse, "ann")
    assert [one.text for one in view(workspace).cultures] == ["A: no dates"]
    with pytest.raises(KaryoError, match="is before the date of sampling"):
        case_work.set_cultures(view(workspace).case, {"A": CultureTimes("2026-02-01")})
