"""The review of a case: who stands for its report, in which order, and what is still missing.

Analysed by, checked by, approved by: an act is a named person's word on the report as it was at
that moment, told by its fingerprint. Once the report says something else the act no longer holds,
and nothing has to be locked to keep it true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from karyogui.domain.case import CaseState
from karyogui.domain.persons import is_same_person, names_a_person
from karyogui.errors import KaryoError


class Role(StrEnum):
    """What a person stands for; the value is the participle shown."""

    ANALYSED = "analysed"
    CHECKED = "checked"
    APPROVED = "approved"


class ActKind(StrEnum):
    """What was done to a case's report. `DETAILS` is a change of what a person typed.

    `ACCEPT` lets the report leave although something is not met; `INSIST` takes that back.
    """

    SIGN = "sign"
    WITHDRAW = "withdraw"
    AMEND = "amend"
    DETAILS = "details"
    ACCEPT = "accept"
    INSIST = "insist"


@dataclass(frozen=True)
class CaseAct:
    """One act on a case's report, never altered.

    `fingerprint` is that of the report's content as signed; `version` the number that the report
    bears or will bear. `reason` is why a signature is withdrawn, an amendment begun or something
    unmet accepted. `told` is what a change of the details did, a line for each field, or what is
    accepted, a sentence each.
    """

    kind: ActKind
    who: str
    when: datetime
    version: int = 1
    role: Role | None = None
    meaning: str = ""
    reason: str = ""
    fingerprint: str = ""
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportVersion:
    """An approved report as it was issued: its number, why it was amended, its content by field."""

    number: int
    who: str
    when: datetime
    reason: str
    content: dict[str, str]


@dataclass(frozen=True)
class CaseReview:
    """All acts on a case's report in order, and the versions that were approved."""

    acts: tuple[CaseAct, ...] = ()
    versions: tuple[ReportVersion, ...] = ()
    needs_third: bool = False

    @property
    def is_amending(self) -> bool:
        """Whether an amendment of the last version was begun and is not approved yet."""
        begun = [act for act in self.acts if act.kind is ActKind.AMEND]
        return bool(begun) and begun[-1].version > len(self.versions)

    @property
    def is_released(self) -> bool:
        """Whether the last version stands and no amendment is under way."""
        return bool(self.versions) and not self.is_amending

    @property
    def version(self) -> int:
        """The number that the report bears, or that the one under way will bear."""
        return len(self.versions) + (0 if self.is_released else 1)

    @property
    def amendment_reason(self) -> str:
        """Why the version under way, or the last one, amends the one before; empty for none."""
        begun = [a for a in self.acts if a.kind is ActKind.AMEND and a.version == self.version]
        return begun[-1].reason if begun else ""

    def signature(self, role: Role, fingerprint: str) -> CaseAct | None:
        """Who stands in a role for the report of this content; None where nobody does."""
        last = self.last_signature(role)
        if last is None:
            return None
        return last if self.is_released or last.fingerprint == fingerprint else None

    def last_signature(self, role: Role) -> CaseAct | None:
        """The last signature of a role for the present version that was not withdrawn."""
        found = None
        for act in self.acts:
            if act.version != self.version or act.role is not role:
                continue
            if act.kind is ActKind.SIGN:
                found = act
            elif act.kind is ActKind.WITHDRAW:
                found = None
        return found

    @property
    def acceptances(self) -> tuple[CaseAct, ...]:
        """What of the present version is accepted although it is not met, oldest first."""
        found: list[CaseAct] = []
        for act in self.acts:
            if act.version != self.version:
                continue
            if act.kind is ActKind.ACCEPT:
                found.append(act)
            elif act.kind is ActKind.INSIST:
                found.clear()
        return tuple(found)

    def state(self, of_cells: CaseState, fingerprint: str | None = None) -> CaseState:
        """How far the case has come; without a fingerprint a signature is taken as it stands."""

        def holds(role: Role) -> bool:
            last = self.last_signature(role)
            return last is not None and fingerprint in (None, last.fingerprint)

        if self.is_released:
            return CaseState.AMENDED if len(self.versions) > 1 else CaseState.APPROVED
        if holds(Role.ANALYSED) and holds(Role.CHECKED):
            return CaseState.REVIEWED
        if holds(Role.ANALYSED) or self.is_amending:
            return CaseState.IN_REVIEW
        return of_cells

    def needs(self, role: Role, fingerprint: str, missing: Sequence[str] = ()) -> tuple[str, ...]:
        """What stands in the way of a signature, a sentence each; none when nothing does.

        `missing` are the blocks of the report that are empty or wrong, a sentence each.
        """
        if self.is_released:
            return (f"Version {self.version} is approved: begin an amendment to change it.",)
        if self.signature(role, fingerprint) is not None:
            return (f"The report is {role} already.",)
        needs: list[str] = []
        for before in _BEFORE[role]:
            if self.signature(before, fingerprint) is None:
                changed = self.last_signature(before) is not None
                told = f"has changed since it was {before}" if changed else f"is not {before} yet"
                needs.append(f"The report {told}.")
        return (*needs, *missing)

    def refuse_person(self, role: Role, who: str, fingerprint: str) -> None:
        """`KaryoError` for no person's name, and for a person who stands in another role."""
        if not names_a_person(who):
            raise KaryoError(
                "A report is signed by a named person.", "Type your first and last name."
            )
        apart = {Role.ANALYSED, Role.CHECKED} - {role}
        for other in sorted(apart) if role is not Role.APPROVED or self.needs_third else ():
            signed = self.signature(other, fingerprint)
            if signed is not None and is_same_person(signed.who, who):
                raise KaryoError(
                    f"{signed.who} has {other} this report and cannot be the one who {_DOES[role]}"
                    " it.",
                    "Another person signs here.",
                )


_BEFORE: dict[Role, tuple[Role, ...]] = {
    Role.ANALYSED: (),
    Role.CHECKED: (Role.ANALYSED,),
    Role.APPROVED: (Role.ANALYSED, Role.CHECKED),
}
_DOES = {Role.ANALYSED: "analyses", Role.CHECKED: "checks", Role.APPROVED: "approves"}
