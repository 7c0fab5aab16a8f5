"""A cell that is excluded counts no more, and keeps everything; both acts stand in the trail."""

import io
import json

import pytest

from karyogui.domain.case import CaseState
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.export.case_json import CaseJson
from karyogui.services.workspace import Workspace
from tests.unit.services.fakes import store_three_cells

fill = store_three_cells


def cell_ids(workspace: Workspace) -> list[int]:
    return [cell.id for cell in workspace.library.summaries()[0].cells]


def test_it_does_not_count_in_the_case_and_is_named_in_its_report(workspace: Workspace) -> None:
    first, second, third = cell_ids(workspace)
    workspace.library.exclude([second, third], "Bands too poor. ", "ann")
    (case,) = workspace.library.summaries()
    assert [cell.id for cell in case.counted_cells] == [first]
    assert case.chromosome_count == 2
    assert case.state is CaseState.ANALYSED  # the third was not analysed, and does not count
    data = workspace.reports.report_data(case.id)
    assert [report.cell.id for report in data.cells] == [first]
    target = io.BytesIO()
    CaseJson().write(data, target)
    told = json.loads(target.getvalue())["excluded"]
    assert [(each["cell"], each["reason"], each["who"]) for each in told] == [
        ("2", "Bands too poor.", "ann"), ("3", "Bands too poor.", "ann"),
    ]  # fmt: skip


def test_it_is_reported_where_it_is_asked_for(workspace: Workspace) -> None:
    first, second, _ = cell_ids(workspace)
    workspace.library.exclude([second], "Incomplete", "ann")
    case_id = workspace.library.summaries()[0].id
    only = workspace.reports.report_data(case_id, [second])
    assert [report.cell.is_excluded for report in only.cells] == [True]
    assert only.excluded == ()
    assert [c.id for c in workspace.reports.report_data(case_id, [first]).excluded] == [second]


def test_a_signed_cell_stays_signed_and_legible_and_both_acts_stand_in_the_trail(
    workspace: Workspace,
) -> None:
    first, *_ = cell_ids(workspace)
    workspace.reviews.sign_off(first, "bea")
    workspace.library.exclude([first], "Not of this case", "ann")
    cell = workspace.library.cell(first)
    assert (cell.reviewed_by, cell.is_excluded, len(cell.chromosomes)) == ("bea", True, 2)
    workspace.library.exclude([first], "Another reason", "ann")  # it is already
    workspace.library.take_back([first], "cem")
    workspace.library.take_back([first], "cem")
    again = workspace.library.cell(first)
    assert (again.reviewed_by, again.exclusion) == ("bea", None)
    assert len(again.chromosomes) == 2
    told = [(e.who, e.change.text) for e in again.edits if e.change.kind is ActionKind.EXCLUDE]
    assert told == [
        ("ann", "Excluded from the case: Not of this case"), ("cem", "Taken back into the case"),
    ]  # fmt: skip


def test_a_case_is_as_far_as_the_cells_that_count(workspace: Workspace) -> None:
    first, second, third = cell_ids(workspace)
    workspace.reviews.sign_off(first, "bea")
    workspace.library.exclude([second, third], "Incomplete", "ann")
    assert workspace.library.summaries()[0].state is CaseState.REVIEWED
    assert workspace.library.case(workspace.library.summaries()[0].id).state is CaseState.REVIEWED


def test_no_reason_and_no_such_cell_are_told_and_store_nothing(workspace: Workspace) -> None:
    first, *_ = cell_ids(workspace)
    with pytest.raises(KaryoError, match="with a reason"):
        workspace.library.exclude([first], "  ", "ann")
    with pytest.raises(KaryoError, match="not in the data folder"):
        workspace.library.exclude([first, 99], "Incomplete", "ann")
    assert not workspace.library.cell(first).is_excluded


def test_a_case_of_excluded_cells_alone_says_so(workspace: Workspace) -> None:
    workspace.library.exclude(cell_ids(workspace), "Incomplete", "")
    (case,) = workspace.library.summaries()
    assert (case.counted_cells, case.findings) == ((), ())
    with pytest.raises(KaryoError, match="Every analysed cell of case is excluded"):
        workspace.reports.report_data(case.id)
