"""Reports of a case to print, complete and signed where a test does not take something away."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from karyogui.domain.case import CaseDetails
from karyogui.domain.case_report import CaseReport, ReportLine, ReportResult, version_of
from karyogui.domain.case_review import ActKind, CaseAct, CaseReview, Role
from tests.unit.export.builders import cell, counts_of, metaphase_cell

WHEN = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
SIGNERS = {Role.ANALYSED: "Ann Nowak", Role.CHECKED: "Bert Özil", Role.APPROVED: "Carla Ruiz"}
DETAILS = CaseDetails(
    patient_name="Łukasz Őry",
    patient_identifier="P-123456",
    date_of_birth="1990-02-28",
    sex_as_given="male",
    specimen="Peripheral blood",
    sampled="2026-03-01",
    received="2026-03-02",
    reported="2026-03-10",
    reason="Developmental delay",
    requester="Dr. Anna Becker",
    laboratory="Institute of Human Genetics",
    culture="2",
    band_level="500",
    report_number="R-2026-0173",
    method="Lymphocyte culture, 72 h",
    iscn="mos 47,XY,+21[15]/46,XY[5]",
    iscn_edition="2024",
    result_words="Mosaic of two lines.",
    interpretation="The result confirms Down syndrome.",
)


def unsigned(**details: Any) -> CaseReport:
    """Complete, but nobody stands for it; `details` replace those of the case."""
    lines = (
        ReportLine("47,XY,+21", 15, metaphase_cell()),
        ReportLine("46,XY", 5, cell(counts_of(X=1, Y=1), name="cell B")),
    )
    result = ReportResult(
        lines,
        DETAILS.iscn,
        counted=20,
        analysed=5,
        karyotyped=2,
        unit=20,
        abnormal=15,
        interval=(50.9, 91.3),
    )
    return CaseReport(
        1,
        "24-0173",
        replace(DETAILS, **details),
        result,
        created=WHEN,
        software="KaryoGUI 1.0",
    )


def signed(report: CaseReport, *roles: Role) -> CaseReport:
    """The report with signatures of these roles, all of them by default, for what it says."""
    acts = [
        CaseAct(
            ActKind.SIGN,
            SIGNERS[role],
            WHEN,
            report.review.version,
            role,
            f"I have {role} it",
            fingerprint=report.fingerprint,
        )
        for role in roles or tuple(Role)
    ]
    return replace(report, review=replace(report.review, acts=(*report.review.acts, *acts)))


def approved(report: CaseReport) -> CaseReport:
    """The report as it leaves."""
    report = signed(report)
    versions = (*report.review.versions, version_of(report, SIGNERS[Role.APPROVED], WHEN))
    return replace(report, review=replace(report.review, versions=versions))


def amending(report: CaseReport, reason: str, **details: Any) -> CaseReport:
    """An approved report that is being amended."""
    number = len(report.review.versions) + 1
    act = CaseAct(ActKind.AMEND, "Ann Nowak", WHEN, number, reason=reason)
    return replace(
        report,
        details=replace(report.details, **details),
        review=CaseReview((*report.review.acts, act), report.review.versions),
    )
