"""Who stands for a report of a case, in which order, and what becomes of it when it changes."""

from dataclasses import replace

import pytest

from karyogui.domain.case import CaseState
from karyogui.domain.case_report import CaseReport
from karyogui.domain.case_review import ActKind, CaseAct, CaseReview, Role
from karyogui.errors import KaryoError
from tests.unit.export.case_reports import WHEN, amending, approved, signed, unsigned


def state_of(report: CaseReport) -> CaseState:
    return report.review.state(CaseState.ANALYSED, report.fingerprint)


def test_a_case_goes_from_analysed_to_amended() -> None:
    report = unsigned()
    assert state_of(report) is CaseState.ANALYSED
    assert state_of(signed(report, Role.ANALYSED)) is CaseState.IN_REVIEW
    assert state_of(signed(report, Role.ANALYSED, Role.CHECKED)) is CaseState.REVIEWED
    report = approved(report)
    assert state_of(report) is CaseState.APPROVED
    report = amending(report, "The band level was wrong", band_level="400")
    assert state_of(report) is CaseState.IN_REVIEW
    assert state_of(approved(report)) is CaseState.AMENDED


def test_roles_come_one_after_the_other_and_each_names_what_is_missing() -> None:
    report = unsigned()
    assert report.needs(Role.ANALYSED) == ()
    assert report.needs(Role.CHECKED) == ("The report is not analysed yet.",)
    assert report.needs(Role.APPROVED) == (
        "The report is not analysed yet.",
        "The report is not checked yet.",
    )
    assert signed(report, Role.ANALYSED).needs(Role.CHECKED) == ()
    assert signed(report, Role.ANALYSED, Role.CHECKED).needs(Role.APPROVED) == ()
    assert signed(report).needs(Role.APPROVED) == ("The report is approved already.",)


def test_a_change_after_the_signature_takes_its_ground_away() -> None:
    report = signed(unsigned(), Role.ANALYSED)
    report = replace(report, details=replace(report.details, interpretation="Another one."))
    assert report.signature(Role.ANALYSED) is None
    assert report.needs(Role.CHECKED) == ("The report has changed since it was analysed.",)


def test_a_withdrawn_signature_counts_no_more_and_stays_on_record() -> None:
    report = signed(unsigned(), Role.ANALYSED)
    act = CaseAct(ActKind.WITHDRAW, "Ann Nowak", WHEN, 1, Role.ANALYSED, reason="A cell was missed")
    review = replace(report.review, acts=(*report.review.acts, act))
    assert review.signature(Role.ANALYSED, report.fingerprint) is None
    assert [a.kind for a in review.acts] == [ActKind.SIGN, ActKind.WITHDRAW]


@pytest.mark.parametrize("name", ["Ann Nowak", " ann  NOWAK", "Nowak, Ann", "Dr. Ann Nowak"])
def test_nobody_checks_own_work(name: str) -> None:
    report = signed(unsigned(), Role.ANALYSED)
    with pytest.raises(KaryoError, match="Ann Nowak has analysed this report"):
        report.review.refuse_person(Role.CHECKED, name, report.fingerprint)
    report.review.refuse_person(Role.CHECKED, "Bert Özil", report.fingerprint)


def test_who_approves_is_a_third_person_where_it_is_asked_for() -> None:
    report = signed(unsigned(), Role.ANALYSED, Role.CHECKED)
    report.review.refuse_person(Role.APPROVED, "Bert Özil", report.fingerprint)
    review = replace(report.review, needs_third=True)
    for name in ("Bert Özil", "ann nowak"):
        with pytest.raises(KaryoError, match="cannot be the one who approves"):
            review.refuse_person(Role.APPROVED, name, report.fingerprint)
    review.refuse_person(Role.APPROVED, "Carla Ruiz", report.fingerprint)


def test_nobody_in_particular_signs_nothing() -> None:
    with pytest.raises(KaryoError, match="named person"):
        CaseReview().refuse_person(Role.ANALYSED, "root", "")


def test_an_approved_report_takes_no_signature_before_an_amendment() -> None:
    report = approved(unsigned())
    for role in Role:
        assert report.needs(role) == ("Version 1 is approved: begin an amendment to change it.",)
