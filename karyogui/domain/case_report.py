"""The report of a case: what it says, what is missing, and what differs from an earlier.

It says nothing of networks, checksums and corrections: those stand on the internal sheet.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from karyogui.domain.amounts import amount
from karyogui.domain.case import CaseDetails
from karyogui.domain.case_result import Need, Protocol
from karyogui.domain.case_result.needs import need
from karyogui.domain.case_review import CaseAct, CaseReview, ReportVersion, Role
from karyogui.domain.cultures import Culture
from karyogui.domain.iscn import Edition, check, reading
from karyogui.domain.karyogram import slot_counts
from karyogui.domain.report import CellReport
from karyogui.domain.written_for import KEPT, doubts

SEX = ("X", "Y")
PROTOCOL = "protocol"
KARYOGRAM = "karyogram"
"""What a field of the content begins with that only says whether a karyogram is the same."""


@dataclass(frozen=True)
class ReportLine:
    """One cell line: its text in ISCN, how many cells have it, and the cell that shows it.

    It `is_donor` where its cells are those of a transplant's donor.
    """

    iscn: str
    cells: int
    shown: CellReport | None = None
    is_donor: bool = False


@dataclass(frozen=True)
class ReportResult:
    """What the cells of a case say together, before a person states the result.

    `iscn` is the proposal. `unit` is how many cells or colonies the limits rest on;
    `excluded_percent` the share that none of them being abnormal excludes, and `interval` (per
    cent) what is told in its place where `abnormal` of them are. `protocol` is what they were
    worked by and `unmet` what of it, or of the cells, is not as a final report asks; `decided` are
    the persons' decisions about lines and karyotype, with their reasons; `cultures` come with their
    dates.
    """

    lines: tuple[ReportLine, ...] = ()
    iscn: str = ""
    counted: int = 0
    analysed: int = 0
    karyotyped: int = 0
    colonies: int | None = None
    unit: int = 0
    confidence: int = 95
    excluded_percent: int | None = None
    abnormal: int = 0
    interval: tuple[float, float] | None = None
    excluded_cells: int = 0
    protocol: Protocol | None = None
    unmet: tuple[Need, ...] = ()
    decided: tuple[str, ...] = ()
    cultures: tuple[Culture, ...] = ()

    @property
    def dated_cultures(self) -> tuple[Culture, ...]:
        """The cultures of which a date is known."""
        return tuple(one for one in self.cultures if one.set_up or one.harvested)


@dataclass(frozen=True)
class CaseReport:
    """All that a report says, in no language yet."""

    case_id: int
    case_name: str
    details: CaseDetails
    result: ReportResult
    review: CaseReview = field(default_factory=CaseReview)
    open_cells: tuple[str, ...] = ()
    open_differences: int = 0
    created: datetime | None = None
    software: str = ""
    is_demo: bool = False
    altered: str = ""
    """What of the case was altered outside the program, in a sentence: no signature holds then."""

    @property
    def content(self) -> dict[str, str]:
        """What the report says, by field: what is compared between versions and signed."""
        result = self.result
        told = self._first_content()
        for number, line in enumerate(self.without_sex().result.lines, start=1):
            told[f"{KARYOGRAM} {number}"] = _placed(line.shown)
        added = {
            PROTOCOL: _protocol_key(result.protocol),
            "cells excluded": str(result.excluded_cells or ""),
            "not met": " ".join(one.text for one in self.unmet),
            "accepted": " ".join(f"{act.who}: {act.reason}" for act in self.accepted),
            "decided": " ".join(result.decided),
            "dates of cultures": "; ".join(one.text for one in result.dated_cultures),
        }
        return told | {name: text for name, text in added.items() if text or name == PROTOCOL}

    def _first_content(self) -> dict[str, str]:
        """The content as versions hold it that were approved before protocols were in it."""
        typed = {n: text for n, text in asdict(self.details).items() if n not in KEPT.values()}
        details = {name: text for name, text in typed.items() if text.strip()}
        result = self.result
        told = {
            "case": self.case_name,
            "cells": f"{result.counted}/{result.analysed}/{result.karyotyped}"
            + ("" if result.colonies is None else f"/{result.colonies}"),
            "limits": _limits_key(result),
        }
        for number, line in enumerate(self.without_sex().result.lines, start=1):
            shown = f", {line.shown.cell.name}" if line.shown is not None else ""
            told[f"line {number}"] = f"{line.iscn} [{line.cells}]{shown}"
        for number, line in enumerate(result.lines, start=1):
            told[f"{KARYOGRAM} {number}"] = _shown(line.shown)
        return {**details, **told}

    def _content_like(self, stored: Mapping[str, str]) -> dict[str, str]:
        """What the report says now, in the form of the content of an approved version."""
        return self.content if PROTOCOL in stored else self._first_content()

    @property
    def unmet(self) -> tuple[Need, ...]:
        """What of protocol, cells and karyotype is not as a final report asks; accepted or not."""
        found = (*self.result.unmet, *_of_karyotype(self))
        return tuple(_undisclosed(n) for n in found) if self.details.sex_withheld else found

    @property
    def not_accepted(self) -> tuple[Need, ...]:
        """What is unmet and no person has accepted, so that the report cannot be final."""
        accepted = {text for act in self.review.acceptances for text in act.told}
        return tuple(one for one in self.unmet if one.text not in accepted)

    @property
    def accepted(self) -> tuple[CaseAct, ...]:
        """The acts that accept something which still is unmet."""
        texts = {one.text for one in self.unmet}
        return tuple(act for act in self.review.acceptances if texts & set(act.told))

    @property
    def fingerprint(self) -> str:
        """Tells whether the report still says what was signed."""
        text = json.dumps(self.content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def signature(self, role: Role) -> CaseAct | None:
        """Who stands in a role for what the report says now."""
        return None if self.altered else self.review.signature(role, self.fingerprint)

    @property
    def is_final(self) -> bool:
        """Whether this is the approved report and nothing was changed since."""
        versions = self.review.versions
        if self.altered or not self.review.is_released:
            return False
        approved = versions[-1].content
        return approved == self._content_like(approved)

    @property
    def open_points(self) -> tuple[Need, ...]:
        """What stands in the way of a final report but signatures, the gravest first."""
        found = (*self.not_accepted, *_empty(self), *_wrong(self), *_altered(self))
        return tuple(sorted(found, key=_weight))

    @property
    def missing(self) -> tuple[str, ...]:
        """What stands in the way of a final report but signatures, a sentence each."""
        return tuple(one.text for one in self.open_points)

    def needs(self, role: Role) -> tuple[str, ...]:
        """What stands in the way of a signature; approving asks for a complete report."""
        missing = self.missing if role is Role.APPROVED else _texts(_to_state(self))
        missing = (*_texts(_altered(self)), *missing)
        return tuple(dict.fromkeys(self.review.needs(role, self.fingerprint, missing)))

    @property
    def needs_for_final(self) -> tuple[str, ...]:
        """What stands in the way of the export as final, a sentence each."""
        if self.is_final:
            return ()
        if self.altered:
            return (self.altered,)
        if self.review.is_released:
            number = self.review.version
            return (
                f"The case has changed since version {number} was approved: begin an amendment.",
            )
        needs = [n for role in Role if not self.signature(role) for n in _role_needs(self, role)]
        return tuple(dict.fromkeys((*self.missing, *needs)))

    @property
    def differences(self) -> tuple[tuple[str, str, str], ...]:
        """What differs from the version before: field, what it was, what it is."""
        versions = self.review.versions
        earlier = versions[-2:-1] if self.review.is_released else versions[-1:]
        if not earlier:
            return ()
        before = earlier[0].content
        return differences(before, self._content_like(before))

    def without_sex(self) -> CaseReport:
        """The report with the sex chromosomes taken out of the pictures, where it is withheld."""
        if not self.details.sex_withheld:
            return self
        lines = tuple(
            replace(
                line,
                iscn=undisclosed(line.iscn),
                shown=None if line.shown is None else _without_sex(line.shown),
            )
            for line in self.result.lines
        )
        return replace(self, result=replace(self.result, lines=lines))


def differences(
    earlier: Mapping[str, str], later: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    """What differs between two versions: field, before, now; in the order of the later one."""
    names = dict.fromkeys((*later, *earlier))
    pairs = ((name, earlier.get(name, ""), later.get(name, "")) for name in names)
    return tuple(
        # Of a karyogram it is told that it is another one, not how that is noticed.
        (pair[0], "", "≠") if pair[0].startswith(KARYOGRAM) else pair
        for pair in pairs
        if pair[1] != pair[2]
    )


def undisclosed(iscn: str) -> str:
    """A karyotype with U in the place of its sex chromosomes."""
    told = reading(iscn)
    text = told.text
    for line in reversed(told.lines):
        if line.sex and "U" not in line.sex:
            start, end = line.sex_span
            text = f"{text[:start]}U{text[end:]}"
    return text


def version_of(report: CaseReport, who: str, when: datetime) -> ReportVersion:
    """The version that approving the report makes of it."""
    review = report.review
    return ReportVersion(review.version, who, when, review.amendment_reason, report.content)


REQUIRED: dict[str, str] = {
    "laboratory": "laboratory",
    "report_number": "report number",
    "patient_name": "patient's name",
    "patient_identifier": "patient's identifier",
    "date_of_birth": "date of birth",
    "requester": "requester",
    "specimen": "specimen",
    "sampled": "date of sampling",
    "received": "date of receipt",
    "reported": "date of the report",
    "reason": "reason for referral",
    "method": "method",
    "culture": "cultures",
    "banding": "banding",
    "band_level": "band level (or “below requirement”)",
    "iscn": "result in ISCN",
    "iscn_edition": "edition of ISCN",
    "result_words": "result in words",
    "interpretation": "interpretation",
}
"""The details that a final report must have, and their names; the two names of a person apart."""


def field_name(name: str) -> str:
    """A field of the details or of the content, as it is called in the window."""
    for words, kept in KEPT.items():
        if name == kept:
            return f"what the {field_name(words)} is for"
    return REQUIRED.get(name, name.replace("_", " ")).partition(" (")[0]


_PRENATAL = (
    *("amnio", "chorion", "chorial", "corion", "corial", "villi", "cord blood", "prenatal"),
    *("fetal", "foetal", "fotal", "fruchtw", "zotten", "nabelschnur", "pranatal", "cordon"),
    *("羊水", "绒毛", "脐血", "脐带血", "胎儿", "产前"),
)
"""What a prenatal specimen is called in the languages of reports, without accents."""
_NAMES = ("patient_name", "patient_identifier", "date_of_birth")
_PHONED = ("phoned_result", "phoned_to", "phoned_at", "phoned_read_back")


_GRAVEST = ("altered", "words", "wrong_iscn", "iscn", "identifiers", "differences")
"""Keys of needs that are told first: what contradicts itself, then whose it is, then doubts."""


def _weight(one: Need) -> int:
    return _GRAVEST.index(one.key) if one.key in _GRAVEST else len(_GRAVEST)


def _texts(needs: list[Need]) -> tuple[str, ...]:
    return tuple(one.text for one in needs)


def _altered(report: CaseReport) -> list[Need]:
    return [need(report.altered, "altered")] if report.altered else []


def _of_karyotype(report: CaseReport) -> list[Need]:
    """What is stated and is not what the cells make together."""
    stated, made = report.details.iscn.strip(), report.result.iscn
    if not stated or not report.result.lines or _wrong_iscn(report.details):
        return []
    if not made:
        return [need("The cells make no karyotype that the result could be held to.", "no_iscn")]
    if undisclosed(stated) == undisclosed(made) if report.details.sex_withheld else stated == made:
        return []
    told = f"The result stated is another one than the cells make: {made}."
    return [need(told, "iscn", iscn=made)]


def _empty(report: CaseReport) -> list[Need]:
    details, result = report.details, report.result
    empty = [n for n in REQUIRED if n not in _NAMES and not getattr(details, n).strip()]
    told = [need(f"Empty: {REQUIRED[name]}.", "empty", field=name) for name in empty]
    names = [name for name in _NAMES if getattr(details, name).strip()]
    if len(names) < 2:
        lacking = ", ".join(REQUIRED[name] for name in _NAMES if name not in names)
        text = f"A patient needs two identifiers; still empty: {lacking}."
        told.insert(0, need(text, "identifiers"))
    if _is_prenatal(report) and not details.gestational_age.strip():
        text = "Empty: gestational age (the specimen is prenatal)."
        told.append(need(text, "empty", field="gestational_age"))
    phoned = [name for name in _PHONED if getattr(details, name).strip()]
    if phoned and len(phoned) < len(_PHONED):
        text = "A phoned result needs all four: what, to whom, when, read back."
        told.append(need(text, "empty", field="phoned"))
    if not result.counted:
        told.append(need("No cell was counted.", "no_cell"))
    if not result.lines:
        told.append(need("No cell line has a karyogram.", "no_karyogram", line="–"))
    for number, line in enumerate(result.lines, start=1):
        if line.shown is None:
            text = f"Line {number} ({line.iscn}) has no karyogram."
            told.append(need(text, "no_karyogram", line=line.iscn))
    if result.excluded_percent is None and result.interval is None:
        text = "The limits give no percentage: no cells count towards them."
        told.append(need(text, "empty", field="limits"))
    return told


def _is_prenatal(report: CaseReport) -> bool:
    """Whether the protocol or the name of the specimen says so."""
    protocol = report.result.protocol
    letters = unicodedata.normalize("NFKD", report.details.specimen.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return bool(protocol and protocol.prenatal) or any(word in plain for word in _PRENATAL)


def _wrong(report: CaseReport) -> list[Need]:
    told = _to_state(report)
    details = report.details
    if details.sex_withheld and _reveals_sex(details):
        text = "The sex is withheld, but the result reveals it: write U in place of X and Y."
        told.append(need(text, "wrong_iscn"))
    shown = sum(line.shown is not None for line in report.result.lines)
    if report.result.karyotyped < shown:
        done = report.result.karyotyped
        text = f"The report shows {shown} karyograms, but {_cells(done)} called karyotyped."
        told.append(need(text, "shown", number=shown - done))
    if report.open_cells:
        names = ", ".join(report.open_cells[:5]) + (", …" if len(report.open_cells) > 5 else "")
        end = "" if names.endswith("…") else "."
        text = f"Not signed off: {names}{end}"
        told.append(need(text, "not_signed_off", cells=names))
    return told


def _to_state(report: CaseReport) -> list[Need]:
    """What no signature at all goes with."""
    told = []
    if not report.details.iscn.strip():
        told.append(need("Empty: result in ISCN.", "empty", field="iscn"))
    elif wrong := _wrong_iscn(report.details):
        told.append(need(wrong, "wrong_iscn"))
    told += [need(text, "words", field=n) for n, text in doubts(report.details).items()]
    if report.open_differences:
        n = report.open_differences
        text = f"{amount(n, 'difference')} of the second reading to be resolved."
        told.append(need(text, "differences", number=n))
    return told


def _wrong_iscn(details: CaseDetails) -> str:
    """What is wrong with the karyotype as it is stated, in its edition; empty for nothing."""
    edition = details.iscn_edition.strip()
    if edition not in ("", *Edition):
        return f"There is no edition {edition} of ISCN: 2016, 2020 or 2024."
    verdict = check(details.iscn, Edition(edition) if edition else Edition.OF_2024)
    wrong = next((p for p in verdict.problems if p.severity != "warning"), None)
    return "" if wrong is None else f"The result is not right in ISCN: {wrong.message}"


def _role_needs(report: CaseReport, role: Role) -> tuple[str, ...]:
    last = report.review.last_signature(role)
    changed = last is not None
    told = f"has changed since it was {role}" if changed else f"is not {role} yet"
    return (f"The report {told}.",)


def _reveals_sex(details: CaseDetails) -> bool:
    told = reading(details.iscn)
    changes = (change for line in told.lines for change in line.changes)
    disclosed = any(line.sex and "U" not in line.sex for line in told.lines)
    return disclosed or any(change.chromosome in SEX for change in changes)


def _limits_key(result: ReportResult) -> str:
    if result.interval is not None:
        low, high = result.interval
        return f"{result.abnormal}/{result.unit}: {low:.1f}-{high:.1f} ({result.confidence} %)"
    return f"{result.unit}: {result.excluded_percent} ({result.confidence} %)"


def _shown(report: CellReport | None) -> str:
    """Tells whether a karyogram is the same, so that a chromosome moved later is noticed."""
    if report is None:
        return ""
    counts = slot_counts(report.cell.placements)
    labels = sorted(change.text for change in report.cell.changes)
    told = f"{report.cell.name}|{sorted(counts.items())}|{labels}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _placed(report: CellReport | None) -> str:
    """Tells whether a karyogram is the same to the eye: which chromosome stands where, and how."""
    if report is None:
        return ""
    cell = report.cell
    places = sorted((p.chromosome_id, p.slot, p.index, p.turn, p.mirrored) for p in cell.placements)
    labels = sorted(change.text for change in cell.changes)
    model = "" if cell.model is None else repr(cell.model)
    told = f"{cell.name}|{places}|{labels}|{model}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _protocol_key(protocol: Protocol | None) -> str:
    if protocol is None:
        return ""
    asked = f"{protocol.counted}/{protocol.analysed}/{protocol.karyotyped}"
    return f"{protocol.name}: {asked}, {protocol.cultures}, {protocol.bands}"


def _undisclosed(one: Need) -> Need:
    """The need in words that do not reveal the sex."""
    text, values = one.text, dict(one.values)
    for name in ("line", "change", "iscn"):
        told = values.get(name, "")
        if name == "iscn" and told:
            values[name] = undisclosed(told)
        elif "X" in told or "Y" in told:
            values[name] = "U"
        text = text.replace(told, values[name]) if told else text
    return Need(text, one.key, tuple(values.items()))


def _without_sex(report: CellReport) -> CellReport:
    cell = report.cell
    hidden = {p.chromosome_id for p in cell.placements if p.slot in SEX}
    cell = replace(
        cell,
        chromosomes=tuple(c for c in cell.chromosomes if c.id not in hidden),
        placements=tuple(p for p in cell.placements if p.chromosome_id not in hidden),
    )
    return CellReport(cell, None, report.findings, report.iscn)


def _cells(number: int) -> str:
    return amount(number, "cell is", "cells are")
