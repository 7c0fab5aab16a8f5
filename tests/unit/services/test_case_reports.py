"""A case from its cells to an approved report and two amendments, in the database."""

import errno
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from karyogui.domain.case import CaseDetails, CaseState
from karyogui.domain.case_report import CaseReport
from karyogui.domain.case_result import PRESETS, RulingKind
from karyogui.domain.case_review import ActKind, Role
from karyogui.domain.notes import CellField
from karyogui.errors import KaryoError
from karyogui.services.case_reports import HouseRules
from karyogui.services.case_work import rule, set_field, set_protocol
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace
from tests.stored import Stored
from tests.unit.export.case_reports import DETAILS
from tests.unit.services.fakes import FakeAnalyser, make_cell_folder
from tests.unit.services.whole_cells import stored_case

MEANING = "I stand for it"


def fill(workspace: Workspace, folder: Path) -> None:
    complete(workspace, stored_case(workspace, folder))


@pytest.fixture
def case_id() -> int:
    """Of the one case that there is."""
    return 1


@pytest.fixture
def begun(stored: Stored, tmp_path: Path) -> Iterator[Workspace]:
    """A data folder with the case as it was analysed, and nothing else done."""
    yield from stored.opened(stored_case, tmp_path / "begun")


def complete(workspace: Workspace, case_id: int) -> None:
    """Everything that a final report needs, but for signatures."""
    for cell in workspace.library.case(case_id).cells:
        if cell.reviewed_at is None:
            workspace.reviews.sign_off(cell.id, "Ann Nowak")
    iscn = workspace.case_reports.report(case_id).result.iscn
    workspace.library.set_details(case_id, replace(DETAILS, iscn=iscn), "Ann Nowak")
    accept(workspace, case_id)


def accept(workspace: Workspace, case_id: int) -> None:
    """What two cells leave unmet of the protocol is accepted."""
    if workspace.case_reports.report(case_id).not_accepted:
        workspace.case_reports.accept(case_id, "Ann Nowak", "Only two cells divided")


def rendered(report: CaseReport) -> bytes:
    """What stands for the file: whether it was final, and which version."""
    return f"{report.is_final} {report.review.version} {report.details.comment}".encode()


def state(workspace: Workspace) -> CaseState:
    (summary,) = workspace.library.summaries()
    assert workspace.library.case(summary.id).state is summary.state
    return summary.state


def approve(workspace: Workspace, case_id: int) -> None:
    reports = workspace.case_reports
    accept(workspace, case_id)
    reports.sign(case_id, Role.ANALYSED, "Ann Nowak", MEANING)
    reports.sign(case_id, Role.CHECKED, "Bert Özil", MEANING)
    reports.approve(case_id, "Bert Özil", MEANING, rendered)


def test_from_cells_to_an_amended_amendment(workspace: Workspace, case_id: int) -> None:
    reports = workspace.case_reports
    report = reports.report(case_id)
    assert report.missing == ()
    reports.sign(case_id, Role.ANALYSED, "Ann Nowak", MEANING)
    assert state(workspace) is CaseState.IN_REVIEW
    reports.sign(case_id, Role.CHECKED, "Bert Özil", MEANING)
    assert state(workspace) is CaseState.REVIEWED
    reports.approve(case_id, "Bert Özil", MEANING, rendered)
    assert state(workspace) is CaseState.APPROVED
    for number, comment in ((2, "First."), (3, "Second.")):
        reports.amend(case_id, "Ann Nowak", f"Reason of {number}")
        details = workspace.library.case(case_id).details
        workspace.library.set_details(case_id, replace(details, comment=comment), "Ann Nowak")
        approve(workspace, case_id)
        assert state(workspace) is CaseState.AMENDED
    assert reports.version(case_id, 1) == b"True 1 "
    assert reports.version(case_id, 2) == b"True 2 First."
    assert reports.version(case_id, 3) == b"True 3 Second."
    last = reports.report(case_id)
    assert last.is_final
    assert last.differences == (("comment", "First.", "Second."),)
    with pytest.raises(KaryoError, match="no version 4"):
        reports.version(case_id, 4)


def test_nothing_of_an_approved_case_is_changed_without_an_amendment(
    workspace: Workspace, case_id: int, tmp_path: Path
) -> None:
    approve(workspace, case_id)
    cell = workspace.library.case(case_id).cells[0]
    more = make_cell_folder(tmp_path / "more", 2)
    acts = (
        lambda: workspace.library.rename(case_id, "another"),
        lambda: workspace.library.delete([case_id]),
        lambda: workspace.library.exclude([cell.id], "Bands too poor", "Ann Nowak"),
        lambda: workspace.importer.import_paths([more], SilentMonitor(), case_id),
    )
    for act in acts:
        with pytest.raises(KaryoError, match="Version 1 of the report of this case is approved"):
            act()
    workspace.case_reports.amend(case_id, "Ann Nowak", "A cell more was looked at")
    for act in acts:
        act()


def test_an_approved_report_is_not_changed_but_amended(workspace: Workspace, case_id: int) -> None:
    approve(workspace, case_id)
    before = workspace.library.case(case_id).details
    with pytest.raises(KaryoError, match="Version 1 of this report is approved"):
        workspace.library.set_details(case_id, replace(before, comment="x"), "Ann Nowak")
    assert workspace.library.case(case_id).details == before
    with pytest.raises(KaryoError, match="Version 1 of this report is approved"):
        workspace.case_reports.refuse_if_released(case_id)
    with pytest.raises(KaryoError, match="its signatures stay"):
        workspace.case_reports.withdraw(case_id, Role.APPROVED, "Bert Özil", "No")
    with pytest.raises(KaryoError, match="with a reason"):
        workspace.case_reports.amend(case_id, "Ann Nowak", "  ")
    with pytest.raises(KaryoError, match="named person"):
        workspace.case_reports.amend(case_id, "unknown", "why")


def test_what_is_missing_is_named_and_nothing_is_stored(begun: Workspace, case_id: int) -> None:
    reports = begun.case_reports
    with pytest.raises(KaryoError) as refused:
        reports.sign(case_id, Role.ANALYSED, "Ann Nowak", MEANING)
    assert "Empty: result in ISCN." in str(refused.value.hint)
    complete(begun, case_id)
    with pytest.raises(KaryoError) as refused:
        reports.sign(case_id, Role.CHECKED, "Bert Özil", MEANING)
    assert "not analysed yet" in str(refused.value.hint)
    details = begun.library.case(case_id).details
    begun.library.set_details(case_id, replace(details, requester=""), "Ann Nowak")
    reports.sign(case_id, Role.ANALYSED, "Ann Nowak", MEANING)
    reports.sign(case_id, Role.CHECKED, "Bert Özil", MEANING)
    with pytest.raises(KaryoError) as refused:
        reports.approve(case_id, "Bert Özil", MEANING, rendered)
    assert "Empty: requester." in str(refused.value.hint)
    assert reports.report(case_id).review.versions == ()


def test_one_person_under_two_spellings_is_refused(workspace: Workspace, case_id: int) -> None:
    reports = workspace.case_reports
    reports.sign(case_id, Role.ANALYSED, "Ann Nowak", MEANING)
    for name in ("ann nowak", "  Ann   Nowak ", "Nowak, Ann"):
        with pytest.raises(KaryoError, match="Ann Nowak has analysed"):
            reports.sign(case_id, Role.CHECKED, name, MEANING)
    reports.sign(case_id, Role.CHECKED, "Bert Özil", MEANING)
    with pytest.raises(KaryoError, match="Bert Özil has checked"):
        reports.approve(case_id, "bert ozil", MEANING, rendered, HouseRules(needs_third=True))
    reports.approve(case_id, "Carla Ruiz", MEANING, rendered, HouseRules(needs_third=True))


def test_a_change_after_a_signature_asks_for_it_again(workspace: Workspace, case_id: int) -> None:
    reports = workspace.case_reports
    reports.sign(case_id, Role.ANALYSED, "Ann Nowak", MEANING)
    details = workspace.library.case(case_id).details
    workspace.library.set_details(case_id, replace(details, comment="More."), "Ann Nowak")
    assert reports.report(case_id).needs(Role.CHECKED) == (
        "The report has changed since it was analysed.",
    )
    acts = reports.report(case_id).review.acts
    told = [act.told for act in acts if act.kind is ActKind.DETAILS]
    assert told[-1] == ("comment: “” → “More.”",)


def _exclude(workspace: Workspace, case_id: int) -> None:
    workspace.library.exclude([_last_cell(workspace, case_id)], "smeared", "Ann Nowak")


def _overrule(workspace: Workspace, case_id: int) -> None:
    case = workspace.library.case(case_id)
    act = rule(case, RulingKind.DISREGARD, ["+X"], "an artefact", "Ann Nowak")
    workspace.case_work.record(act, "Ann Nowak")


def _name_a_culture(workspace: Workspace, case_id: int) -> None:
    case = workspace.library.case(case_id)
    act = set_field(case, [cell.id for cell in case.cells], CellField.CULTURE, "A")
    workspace.case_work.record(act, "Ann Nowak")


def _other_protocol(workspace: Workspace, case_id: int) -> None:
    case = workspace.library.case(case_id)
    workspace.case_work.record(set_protocol(case, PRESETS[1]), "Ann Nowak")


def _other_edition(workspace: Workspace, case_id: int) -> None:
    details = workspace.library.case(case_id).details
    workspace.library.set_details(case_id, replace(details, iscn_edition="2020"), "Ann Nowak")


def _analyse_again(workspace: Workspace, case_id: int) -> None:
    cell_id = workspace.library.case(case_id).cells[0].id  # the one whose karyogram is shown
    workspace.reviews.withdraw_sign_off(cell_id, "Ann Nowak")
    network = FakeAnalyser(version="2.0")
    workspace.analysis.analyse(cell_id, network, SilentMonitor(), anew=True)
    workspace.reviews.sign_off(cell_id, "Ann Nowak")


def _last_cell(workspace: Workspace, case_id: int) -> int:
    return workspace.library.case(case_id).cells[-1].id


@pytest.mark.parametrize(
    "act",
    [_exclude, _overrule, _name_a_culture, _other_protocol, _other_edition, _analyse_again],
)
def test_nothing_that_a_signature_stands_for_changes_in_silence(
    workspace: Workspace, case_id: int, act: Callable[[Workspace, int], None]
) -> None:
    reports = workspace.case_reports
    reports.sign(case_id, Role.ANALYSED, "Ann Nowak", MEANING)
    reports.sign(case_id, Role.CHECKED, "Bert Özil", MEANING)
    assert reports.report(case_id).needs(Role.APPROVED) == ()
    act(workspace, case_id)
    report = reports.report(case_id)
    assert report.signature(Role.ANALYSED) is None
    assert "The report has changed since it was analysed." in report.needs(Role.APPROVED)
    with pytest.raises(KaryoError):
        reports.approve(case_id, "Bert Özil", MEANING, rendered)


def test_what_is_not_met_is_accepted_by_a_person_with_a_reason(
    begun: Workspace, case_id: int
) -> None:
    reports = begun.case_reports
    for who, reason, told in (
        ("Ann Nowak", "  ", "with a reason"),
        ("unknown", "why", "A named person"),
    ):
        with pytest.raises(KaryoError, match=told):
            reports.accept(case_id, who, reason)
    assert reports.report(case_id).review.acts == ()
    complete(begun, case_id)
    report = reports.report(case_id)
    assert report.not_accepted == ()
    (act,) = report.accepted
    assert (act.who, act.reason) == ("Ann Nowak", "Only two cells divided")
    assert "18 more cells to count." in act.told
    with pytest.raises(KaryoError, match="nothing to accept"):
        reports.accept(case_id, "Ann Nowak", "once more")
    entry = begun.record.trail(case_id)[-1]
    assert entry.who == "Ann Nowak"
    assert entry.reason.startswith("Only two cells divided (not met: ")
    assert "18 more cells to count." in entry.reason
    _exclude(begun, case_id)
    assert "19 more cells to count." in reports.report(case_id).missing
    with pytest.raises(KaryoError, match="taken back with a reason"):
        reports.insist(case_id, "Ann Nowak", "")
    reports.insist(case_id, "Ann Nowak", "More came")
    assert reports.report(case_id).accepted == ()


def test_a_withdrawn_signature_names_its_reason(workspace: Workspace, case_id: int) -> None:
    reports = workspace.case_reports
    with pytest.raises(KaryoError, match="Nobody has signed"):
        reports.withdraw(case_id, Role.ANALYSED, "Ann Nowak", "why")
    reports.sign(case_id, Role.ANALYSED, "Ann Nowak", MEANING)
    with pytest.raises(KaryoError, match="with a reason"):
        reports.withdraw(case_id, Role.ANALYSED, "Ann Nowak", "")
    review = reports.withdraw(case_id, Role.ANALYSED, "Ann Nowak", "A cell was missed")
    assert review.acts[-1].reason == "A cell was missed"
    assert reports.report(case_id).signature(Role.ANALYSED) is None


def test_a_report_that_cannot_be_made_is_not_approved(workspace: Workspace, case_id: int) -> None:
    reports = workspace.case_reports
    reports.sign(case_id, Role.ANALYSED, "Ann Nowak", MEANING)
    reports.sign(case_id, Role.CHECKED, "Bert Özil", MEANING)

    def refuse(_: CaseReport) -> bytes:
        raise KaryoError("No such letter.")

    with pytest.raises(KaryoError, match="No such letter"):
        reports.approve(case_id, "Bert Özil", MEANING, refuse)
    assert reports.report(case_id).review.versions == ()
    assert state(workspace) is CaseState.REVIEWED


def test_an_empty_case_has_a_report_that_says_so(begun: Workspace, case_id: int) -> None:
    begun.library.exclude(
        [cell.id for cell in begun.library.case(case_id).cells], "smeared", "Ann Nowak"
    )
    report = begun.case_reports.report(case_id)
    assert report.details == CaseDetails()
    assert report.result.lines == ()
    assert "No cell was counted." in report.missing


def test_a_file_that_cannot_be_replaced_is_named_and_stays(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.pdf"
    target.write_bytes(b"the one before")

    def locked(*_: object) -> None:
        raise PermissionError(errno.EACCES, "open elsewhere")

    monkeypatch.setattr("os.replace", locked)
    monkeypatch.setattr("pathlib.Path.replace", locked)
    with pytest.raises(KaryoError, match="read-only, or open in another program") as refused:
        workspace.case_reports.write(target, b"the new one")
    assert "Close it there" in str(refused.value.hint)
    assert target.read_bytes() == b"the one before"
    assert [path.name for path in tmp_path.glob("*report*")] == ["report.pdf"]


def test_a_protected_file_stays_although_its_folder_may_be_written_to(
    workspace: Workspace, tmp_path: Path
) -> None:
    target = tmp_path / "report.pdf"
    target.write_bytes(b"the one before")
    target.chmod(0o444)
    with pytest.raises(KaryoError, match="read-only, or open in another program"):
        workspace.case_reports.write(target, b"the new one")
    with pytest.raises(KaryoError, match="read-only, or open in another program"):
        workspace.record.back_up(target, True)
    assert target.read_bytes() == b"the one before"
    assert [path.name for path in tmp_path.glob("*report*")] == ["report.pdf"]


def test_the_karyotype_follows_the_cells_until_another_one_is_typed(
    begun: Workspace, case_id: int
) -> None:
    reports = begun.case_reports
    for cell in begun.library.case(case_id).cells:
        begun.reviews.sign_off(cell.id, "Ann Nowak")
    report = reports.report(case_id)
    assert report.details.iscn == report.result.iscn != ""
    assert report.details.iscn_edition == "2024"
    assert begun.library.case(case_id).details.iscn == ""
    details = begun.library.case(case_id).details
    begun.library.set_details(case_id, replace(details, iscn="46,XY"), "Ann Nowak")
    assert reports.report(case_id).details.iscn == "46,XY"
    assert reports.report(case_id).result.iscn == report.result.iscn
