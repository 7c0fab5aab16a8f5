"""Acts on reports of cases and the versions that were approved, in the database; only added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from karyogui.domain.case_review import ActKind, CaseAct, CaseReview, ReportVersion, Role
from karyogui.errors import KaryoError
from karyogui.storage.case_check import NO_CELL, case_findings
from karyogui.storage.damage import contained
from karyogui.storage.database import Database, raw_connection
from karyogui.storage.tables import CaseActRow, CaseRow, ReportVersionRow


class CaseReviewStore:
    """Reads and adds; each call is one session and at most one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def review(self, case_id: int) -> CaseReview:
        """All acts on a case's report, and its versions."""
        with self._database.read() as session:
            return review_of(session, case_id)

    def altered(self, case_id: int) -> str:
        """What of a case as a whole, its signatures above all, was altered outside the program.

        The first such thing in a sentence; empty for nothing.
        """
        with self._database.read() as session:
            raw = raw_connection(session.connection())
            found = case_findings(raw, case_id, NO_CELL)
        return found[0].sentence if found else ""

    def add(
        self,
        case_id: int,
        act: Callable[[CaseReview], CaseAct],
        version: tuple[ReportVersion, bytes] | None = None,
        reason: str = "",
    ) -> CaseReview:
        """Store the act that `act` makes of what is stored now, with the version it approves.

        `act` raises `KaryoError` for an act that cannot be; then nothing is stored. The `reason`
        stands in the trail. Returns the review with it.
        """
        with self._database.write(reason) as session:
            if session.get(CaseRow, case_id) is None:
                raise KaryoError("This case is not in the data folder.")
            session.add(act_to(case_id, act(review_of(session, case_id))))
            if version is not None:
                told, pdf = version
                session.add(
                    ReportVersionRow(
                        case_id=case_id,
                        number=told.number,
                        who=told.who,
                        at=told.when,
                        reason=told.reason,
                        content=dict(told.content),
                        pdf=pdf,
                    )
                )
            session.flush()
            return review_of(session, case_id)

    def pdf(self, case_id: int, number: int) -> bytes:
        """The file of an approved version, as it was issued; `KaryoError` where there is none."""
        chosen = select(ReportVersionRow.pdf).where(
            ReportVersionRow.case_id == case_id, ReportVersionRow.number == number
        )
        with self._database.read() as session:
            stored = session.scalar(chosen)
        if stored is None:
            raise KaryoError(f"There is no version {number} of this report.")
        if altered := self.altered(case_id):
            raise KaryoError(
                f"Version {number} is not shown: {altered}",
                "Run `check` on the data folder, and restore a backup.",
            )
        return stored


def review_of(session: Session, case_id: int) -> CaseReview:
    """The review of one case; see `reviews_of`. `KaryoError` where it is damaged."""
    with contained("the report of this case"):
        return reviews_of(session, [case_id]).get(case_id, CaseReview())


def reviews_of(session: Session, case_ids: Iterable[int] | None = None) -> dict[int, CaseReview]:
    """The reviews of cases that have any act, by their ids; of all cases where none are named."""
    acts: dict[int, list[CaseAct]] = defaultdict(list)
    versions: dict[int, list[ReportVersion]] = defaultdict(list)
    act_rows = select(CaseActRow).order_by(CaseActRow.id)
    version_rows = select(ReportVersionRow).order_by(ReportVersionRow.number)
    if case_ids is not None:
        chosen = list(case_ids)
        act_rows = act_rows.where(CaseActRow.case_id.in_(chosen))
        version_rows = version_rows.where(ReportVersionRow.case_id.in_(chosen))
    for act in session.scalars(act_rows):
        acts[act.case_id].append(act_from(act))
    for row in session.scalars(version_rows):
        versions[row.case_id].append(
            ReportVersion(row.number, row.who, row.at, row.reason, dict(row.content))
        )
    return {i: CaseReview(tuple(acts[i]), tuple(versions[i])) for i in {*acts, *versions}}


def refuse_change(session: Session, case_id: int, act: str) -> None:
    """`KaryoError` while an approved report stands; `act` is a participle: it cannot be `renamed`.

    What was approved is amended, not changed.
    """
    review = review_of(session, case_id)
    if review.is_released:
        raise KaryoError(
            f"Version {review.version} of the report of this case is approved: the case cannot be "
            f"{act}.",
            "Begin an amendment in the report of the case first.",
        )


def act_from(row: CaseActRow) -> CaseAct:
    """An act as stored."""
    return CaseAct(
        kind=ActKind(row.kind),
        who=row.who,
        when=row.at,
        version=row.version,
        role=Role(row.role) if row.role else None,
        meaning=row.meaning,
        reason=row.reason,
        fingerprint=row.fingerprint,
        told=tuple(row.told),
    )


def act_to(case_id: int, act: CaseAct) -> CaseActRow:
    """The row of an act."""
    return CaseActRow(
        case_id=case_id,
        kind=str(act.kind),
        who=act.who,
        at=act.when,
        version=act.version,
        role=None if act.role is None else str(act.role),
        meaning=act.meaning,
        reason=act.reason,
        fingerprint=act.fingerprint,
        told=list(act.told),
    )


def refuse_if_released(review: CaseReview) -> None:
    """`KaryoError` while an approved report stands, which is amended and not changed."""
    if review.is_released:
        raise KaryoError(
            f"Version {review.version} of this report is approved and stays as it is.",
            "Begin an amendment in the report of the case first.",
        )


def details_act(
    session: Session, case_id: int, before: dict[str, str], after: dict[str, str], who: str
) -> CaseActRow | None:
    """The act of changed details, None where nothing is otherwise.

    `KaryoError` while an approved report stands: it is amended, not changed.
    """
    told = tuple(
        f"{name}: “{before.get(name, '')}” → “{text}”"
        for name, text in after.items()
        if before.get(name, "") != text
    )
    if not told:
        return None
    review = review_of(session, case_id)
    refuse_if_released(review)
    act = CaseAct(ActKind.DETAILS, who, datetime.now(UTC), review.version, told=told)
    return act_to(case_id, act)
