"""The report of a case: put together, signed in its order, approved, amended."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from karyogui.domain.case import CaseDetails
from karyogui.domain.case_report import CaseReport, ReportLine, ReportResult, version_of
from karyogui.domain.case_result import PRESETS, CaseCell, CaseResult, CellStatus, Protocol, Unit
from karyogui.domain.case_result.needs import unmet
from karyogui.domain.case_result.statistics import interval
from karyogui.domain.case_review import ActKind, CaseAct, CaseReview, Role
from karyogui.domain.details import fitting
from karyogui.domain.iscn import Edition
from karyogui.domain.persons import names_a_person
from karyogui.domain.report import CellReport
from karyogui.domain.written_for import with_origins
from karyogui.errors import KaryoError
from karyogui.services.case_work import CaseView, presets_of, view_of
from karyogui.services.reporting import ReportService, software
from karyogui.settings import Settings
from karyogui.storage.case_reviews import CaseReviewStore, refuse_if_released
from karyogui.storage.cases import CaseStore
from karyogui.storage.files import write_atomically

Render = Callable[[CaseReport], bytes]
"""Makes the file of a report: exporters stand above the services and are handed in."""
IsReviewed = Callable[[CaseCell], bool]


@dataclass(frozen=True)
class HouseRules:
    """What a laboratory asks of its reports: its protocols, and whether three persons sign."""

    needs_third: bool = False
    presets: tuple[Protocol, ...] = PRESETS


_PLAIN_RULES = HouseRules()


def house_rules(values: Settings) -> HouseRules:
    """What the settings say of a laboratory's reports; what cannot be read is left out."""
    return HouseRules(values.third_approves, presets_of(values.protocols)[0])


class CaseReportService:
    """What the window and the command line do with the report of a case."""

    def __init__(
        self,
        cases: CaseStore,
        reviews: CaseReviewStore,
        reports: ReportService,
        open_differences: Callable[[int], int],
    ) -> None:
        """`open_differences` says how many of second readings of a case are not resolved."""
        self._cases, self._reviews, self._reports = cases, reviews, reports
        self._open_differences = open_differences

    def report(self, case_id: int, rules: HouseRules = _PLAIN_RULES) -> CaseReport:
        """The report as it would be now; cells without an analysis take no part in it.

        Where nobody typed another one, its karyotype is that of the case.
        """
        view = view_of(*self._cases.evidence(case_id), rules.presets)

        @cache
        def is_altered(cell_id: int) -> bool:
            return self._cases.is_altered(case_id, cell_id)

        def is_reviewed(cell: CaseCell) -> bool:
            """Whether a sign-off holds: nothing that was signed is other now."""
            return cell.is_signed and not is_altered(cell.id)

        case, result = view.case, self._result(view, is_reviewed)
        review = self._reviews.review(case_id)
        return CaseReport(
            case_id=case_id,
            case_name=case.name,
            details=_with_karyotype(with_origins(case.details, review.acts), result.iscn),
            result=result,
            review=replace(review, needs_third=rules.needs_third),
            open_cells=_open_cells(view, result, is_reviewed),
            open_differences=self._open_differences(case_id),
            created=datetime.now(UTC),
            software=software(),
            is_demo=self._cases.is_demo(case_id),
            altered=self._reviews.altered(case_id),
        )

    def refuse_if_released(self, case_id: int) -> None:
        """`KaryoError` while an approved report stands, which is amended and not changed."""
        refuse_if_released(self._reviews.review(case_id))

    def sign(
        self, case_id: int, role: Role, who: str, meaning: str, rules: HouseRules = _PLAIN_RULES
    ) -> CaseReview:
        """Store that a named person has analysed or checked the case.

        `KaryoError`, with nothing stored, for what is missing, and for a person who stands in
        another role already.
        """
        report = self.report(case_id, rules)
        act = _signature(report, role, who, meaning)
        return self._reviews.add(case_id, lambda review: _checked(report, review, act))

    def approve(
        self,
        case_id: int,
        who: str,
        meaning: str,
        render: Render,
        rules: HouseRules = _PLAIN_RULES,
    ) -> CaseReview:
        """Store a person's approval, and with it the report as issued: a version that stays.

        `KaryoError`, with nothing stored, as for `sign`, and for what `render` cannot make.
        """
        report = self.report(case_id, rules)
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
                raise KaryoError(f"Nobody has signed the report as {role}.")
            return _act(ActKind.WITHDRAW, who, review.version, reason, role)

        return self._reviews.add(case_id, act, reason=reason.strip())

    def amend(self, case_id: int, who: str, reason: str) -> CaseReview:
        """Begin the next version of an approved report; the one before stays as it was issued."""
        _asked_for(who, reason, "An amendment is begun with a reason.")

        def act(review: CaseReview) -> CaseAct:
            if not review.is_released:
                raise KaryoError("There is no approved report to amend.")
            return _act(ActKind.AMEND, who, review.version + 1, reason)

        return self._reviews.add(case_id, act, reason=reason.strip())

    def accept(
        self, case_id: int, who: str, reason: str, rules: HouseRules = _PLAIN_RULES
    ) -> CaseReview:
        """Store that the report may leave although something of it is unmet, and why.

        It holds for what is unmet now, in the version under way: what comes later is asked again.
        `KaryoError` without a reason or a person, where nothing is unmet, and for an approved one.
        """
        _asked_for(who, reason, "What is not met is accepted with a reason.")
        report = self.report(case_id, rules)
        told = tuple(one.text for one in report.not_accepted)
        if not told:
            raise KaryoError("There is nothing to accept: everything asked for is done.")
        accepted = f"{reason.strip()} (not met: {' '.join(told)})"
        act = _acceptance(ActKind.ACCEPT, who, reason, told)
        return self._reviews.add(case_id, act, reason=accepted)

    def insist(self, case_id: int, who: str, reason: str) -> CaseReview:
        """Store that nothing of what was accepted is accepted any more, and why."""
        _asked_for(who, reason, "An acceptance is taken back with a reason.")
        if not self._reviews.review(case_id).acceptances:
            raise KaryoError("Nothing was accepted.")
        act = _acceptance(ActKind.INSIST, who, reason)
        return self._reviews.add(case_id, act, reason=reason.strip())

    def write(self, path: Path, data: bytes) -> Path:
        """Write a file beside `path` and rename it; `KaryoError` where that cannot be."""
        write_atomically(path, lambda target: target.write(data))
        return path

    def version(self, case_id: int, number: int) -> bytes:
        """The file of an approved version as it was issued."""
        return self._reviews.pdf(case_id, number)

    def _result(self, view: CaseView, is_reviewed: IsReviewed) -> ReportResult:
        """What the cells say together, as a report states it; each line with its karyogram."""
        found, protocol, done = view.result, view.protocol, view.progress
        cells = {cell.id: cell for cell in view.cells}
        lines = tuple(
            ReportLine(
                text,
                len(line.cells),
                self._shown([cells[i] for i in line.cells], is_reviewed),
                line.donor,
            )
            for text, line in zip(_texts(found), found.lines, strict=True)
        )
        abnormal = found.abnormal_count
        between = None
        if found.excluded is None and found.cell_count:
            low, high = interval(abnormal, found.cell_count, protocol.confidence)
            between = (100.0 * low, 100.0 * high)
        return ReportResult(
            lines=lines,
            iscn=view.iscn,
            counted=done.counted,
            analysed=done.analysed,
            karyotyped=done.karyotyped,
            colonies=found.units if protocol.unit is Unit.COLONY else None,
            unit=found.units if found.excluded is not None else found.cell_count,
            confidence=round(100 * protocol.confidence),
            excluded_percent=found.excluded,
            abnormal=abnormal,
            interval=between,
            excluded_cells=sum(cell.status is CellStatus.EXCLUDED for cell in view.cells),
            protocol=protocol,
            unmet=unmet(done, found, view.cells, view.case.details.band_level),
            decided=_decided(view),
            cultures=view.cultures,
        )

    def _shown(self, cells: Sequence[CaseCell], is_reviewed: IsReviewed) -> CellReport | None:
        """The cell that shows a line: a signed-off one first, then one with a photograph."""
        seen = [cell for cell in cells if cell.has_board]
        if not seen:
            return None
        seen.sort(key=lambda cell: not cell.has_photograph)
        return self._reports.cell_report(next(filter(is_reviewed, seen), seen[0]).id)


def _open_cells(view: CaseView, result: ReportResult, is_reviewed: IsReviewed) -> tuple[str, ...]:
    """Cells that the report shows, or that are called karyotyped, and nobody signed off."""
    shown = {line.shown.cell.id for line in result.lines if line.shown is not None}
    shown |= {cell.id for cell in view.cells if cell.status is CellStatus.KARYOTYPED}
    cells = [cell for cell in view.cells if cell.id in shown]
    return tuple(cell.name for cell in cells if not is_reviewed(cell))


def _with_karyotype(details: CaseDetails, iscn: str) -> CaseDetails:
    """The details with the karyotype of the case where nobody typed another one."""
    if details.iscn.strip() or not iscn:
        return details
    edition = details.iscn_edition or str(Edition.OF_2024)
    return replace(details, iscn=iscn, iscn_edition=edition)


def _texts(found: CaseResult) -> list[str]:
    """The lines as they stand in the string, without their numbers; else their changes alone."""
    own = found.text.removeprefix("mos ").removeprefix("chi ").removeprefix("//")
    parts = re.split(r"//?", own)
    if len(parts) == len(found.lines) and all(parts):
        return [re.sub(r"\[[^\[\]]*\]$", "", part) for part in parts]
    return [", ".join(line.texts) or found.constitution.sex for line in found.lines]


def _decided(view: CaseView) -> tuple[str, ...]:
    """What persons decided against the rules, a sentence each; a signature holds for that too."""
    case = view.case
    told = [
        f"{str(one.kind).capitalize()} {one.subject} {' '.join(one.changes)}".rstrip()
        + f": {one.reason} ({one.who})."
        for one in case.note.rulings
    ]
    if case.note.iscn:
        told.append(f"Karyotype {case.note.iscn}: {case.note.iscn_reason}.")
    return tuple(told)


def _signature(report: CaseReport, role: Role, who: str, meaning: str) -> CaseAct:
    needs = report.needs(role)
    if needs:
        raise KaryoError(f"The report cannot be signed as {role} yet.", " ".join(needs))
    if not meaning.strip():
        raise KaryoError("A signature needs its meaning.", "Choose its meaning.")
    return CaseAct(
        ActKind.SIGN,
        _plain(who),
        datetime.now(UTC),
        report.review.version,
        role,
        meaning.strip(),
        fingerprint=report.fingerprint,
    )


def _acceptance(
    kind: ActKind, who: str, reason: str, told: tuple[str, ...] = ()
) -> Callable[[CaseReview], CaseAct]:
    def act(review: CaseReview) -> CaseAct:
        refuse_if_released(review)
        return replace(_act(kind, who, review.version, reason), told=told)

    return act


def _act(kind: ActKind, who: str, version: int, reason: str, role: Role | None = None) -> CaseAct:
    """An act that has a reason, by a person, now."""
    return CaseAct(kind, _plain(who), datetime.now(UTC), version, role, reason=reason.strip())


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


def _asked_for(who: str, reason: str, told: str) -> None:
    if not names_a_person(who):
        raise KaryoError("A named person does this.", "Type your first and last name.")
    if not fitting(reason.strip(), "reason"):
        raise KaryoError(told, "Say why.")


def _plain(who: str) -> str:
    return fitting(" ".join(who.split()), "name of the person")
