"""The report of a case: put together, signed in its order, approved, amended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from karyogui.domain.case import Case
from karyogui.domain.case_report import CaseReport, ReportLine, ReportResult, version_of
from karyogui.domain.case_review import ActKind, CaseAct, CaseReview, Role
from karyogui.domain.cell import Cell
from karyogui.domain.findings import find
from karyogui.domain.iscn import propose
from karyogui.domain.karyogram import slot_counts
from karyogui.domain.persons import names_a_person
from karyogui.errors import KaryoError
from karyogui.services.reporting import ReportService, software
from karyogui.storage.case_reviews import CaseReviewStore
from karyogui.storage.cases import CaseStore
from karyogui.storage.files import write_atomically

Render = Callable[[CaseReport], bytes]
"""Makes the file of a report: exporters stand above the services and are handed in."""


class CaseReportService:
    """What the window and the command line do with the report of a case."""

    def __init__(self, cases: CaseStore, reviews: CaseReviewStore, reports: ReportService) -> None:
        self._cases, self._reviews, self._reports = cases, reviews, reports

    def report(self, case_id: int, needs_third: bool = False) -> CaseReport:
        """The report as it would be now; cells without an analysis take no part in it.

        With `needs_third` who approves must be a third person.
        """
        case = self._cases.load(case_id)
        counted = [c for c in case.cells if c.is_analysed and not c.is_excluded]
        return CaseReport(
            case_id=case_id,
            case_name=case.name,
            details=case.details,
            result=self._result(case, counted),
            review=replace(self._reviews.review(case_id), needs_third=needs_third),
            open_cells=tuple(cell.name for cell in counted if cell.reviewed_at is None),
            created=datetime.now(UTC),
            software=software(),
            is_demo=self._cases.is_demo(case_id),
        )

    def sign(
        self, case_id: int, role: Role, who: str, meaning: str, needs_third: bool = False
    ) -> CaseReview:
        """Store that a named person has analysed or checked the case.

        `KaryoError`, with nothing stored, for what is missing, and for a person who stands in
        another role already.
        """
        report = self.report(case_id, needs_third)
        act = _signature(report, role, who, meaning)
        return self._reviews.add(case_id, lambda review: _checked(report, review, act))

    def approve(
        self, case_id: int, who: str, meaning: str, render: Render, needs_third: bool = False
    ) -> CaseReview:
        """Store a person's approval, and with it the report as it leaves: a version for ever.

        `KaryoError`, with nothing stored, as for `sign`, and for what `render` cannot make.
        """
        report = self.report(case_id, needs_third)
        act = _signature(report, Role.APPROVED, who, meaning)
        version = version_of(report, act.who, act.when)
        review = CaseReview((*report.review.acts, act), (*report.review.versions, version))
        pdf = render(replace(report, review=review))
        return self._reviews.add(
            case_id, lambda now: _checked(report, now, act), version=(version, pdf)
        )

    def withdraw(self, case_id: int, role: Role, who: str, reason: str) -> CaseReview:
        """Store that a signature no longer holds, and why; it stays on record.

        `KaryoError` without a reason or a person, and for a version that was approved.
        """
        _asked_for(who, reason, "A signature is withdrawn with a reason.")

        def act(review: CaseReview) -> CaseAct:
            if review.is_released:
                raise KaryoError(
                    f"Version {review.version} is approved: its signatures stay.",
                    "Begin an amendment to change the report.",
                )
            if review.last_signature(role) is None:
                raise KaryoError(f"Nobody stands for the report as {role}.")
            return CaseAct(
                ActKind.WITHDRAW,
                _plain(who),
                datetime.now(UTC),
                review.version,
                role,
                reason=reason.strip(),
            )

        return self._reviews.add(case_id, act)

    def amend(self, case_id: int, who: str, reason: str) -> CaseReview:
        """Begin the next version of an approved report; the one before stays as it left."""
        _asked_for(who, reason, "An amendment is begun with a reason.")

        def act(review: CaseReview) -> CaseAct:
            if not review.is_released:
                raise KaryoError("There is no approved report to amend.")
            return CaseAct(
                ActKind.AMEND,
                _plain(who),
                datetime.now(UTC),
                review.version + 1,
                reason=reason.strip(),
            )

        return self._reviews.add(case_id, act)

    def write(self, path: Path, data: bytes) -> Path:
        """Write a file beside `path` and rename it; `KaryoError` where that cannot be."""
        write_atomically(path, partial(_put, data))
        return path

    def version(self, case_id: int, number: int) -> bytes:
        """The file of an approved version as it left."""
        return self._reviews.pdf(case_id, number)

    def _result(self, case: Case, counted: list[Cell]) -> ReportResult:
        """What the cells say together: equal karyotypes are one line, the normal one last."""
        found: dict[str, list[Cell]] = {}
        for cell in counted:
            text = propose(
                slot_counts(cell.placements), cell.open_check, cell.has_bands, cell.has_photograph
            ).text
            if text:
                found.setdefault(text, []).append(cell)
        abnormal = {text: find(slot_counts(cells[0].placements)) for text, cells in found.items()}
        order = sorted(found, key=lambda text: (not abnormal[text], -len(found[text])))
        lines = tuple(
            ReportLine(text, len(found[text]), self._reports.cell_report(_shown(found[text])))
            for text in order
        )
        signed = sum(cell.reviewed_at is not None for cell in counted)
        number = len(counted)
        excluded = _excluded_percent(number) if len(order) == 1 else None
        return ReportResult(
            lines=lines,
            iscn=_joined(order, found),
            counted=number,
            analysed=number,
            karyotyped=signed,
            unit=number,
            excluded_percent=excluded,
            excluded_cells=sum(cell.is_excluded for cell in case.cells),
        )


def _signature(report: CaseReport, role: Role, who: str, meaning: str) -> CaseAct:
    needs = report.needs(role)
    if needs:
        raise KaryoError(f"The report cannot be signed as {role} yet.", " ".join(needs))
    if not meaning.strip():
        raise KaryoError("A signature needs its meaning.", "Choose what it stands for.")
    return CaseAct(
        ActKind.SIGN,
        _plain(who),
        datetime.now(UTC),
        report.review.version,
        role,
        meaning.strip(),
        fingerprint=report.fingerprint,
    )


def _checked(report: CaseReport, now: CaseReview, act: CaseAct) -> CaseAct:
    """The act, where it still can be: somebody else may have acted since the report was made."""
    review = replace(now, needs_third=report.review.needs_third)
    if len(now.acts) != len(report.review.acts):
        raise KaryoError(
            "The report has changed while it was being signed.", "Look at it again, then sign."
        )
    assert act.role is not None
    review.refuse_person(act.role, act.who, act.fingerprint)
    return act


def _put(data: bytes, target: BinaryIO) -> None:
    target.write(data)


def _asked_for(who: str, reason: str, told: str) -> None:
    if not names_a_person(who):
        raise KaryoError("A named person does this.", "Type your first and last name.")
    if not reason.strip():
        raise KaryoError(told, "Say why.")


def _plain(who: str) -> str:
    return " ".join(who.split())


def _shown(cells: list[Cell]) -> int:
    """The cell that shows a line: a signed-off one first, then one with a photograph."""
    best = min(cells, key=lambda c: (c.reviewed_at is None, not c.has_photograph))
    return best.id


def _joined(order: list[str], found: Mapping[str, list[Cell]]) -> str:
    if len(order) == 1:
        return order[0]
    return "/".join(f"{text}[{len(found[text])}]" for text in order)


def _excluded_percent(number: int, confidence: float = 0.95) -> int | None:
    """What share of abnormal cells this many normal ones exclude, in whole per cent rounded up."""
    if number < 1:
        return None
    share = 1.0 - float((1.0 - confidence) ** (1.0 / number))
    return -int(-100.0 * share // 1.0)
