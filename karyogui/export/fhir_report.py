"""The report of a case as a FHIR R4 bundle: a DiagnosticReport and its Observations.

Codes: LOINC 62355-3 with 62356-1 (result in ISCN), 62357-9 (interpretation) and 62358-7 (band
level), the variant 69548-6 with its component 81291-7, whose code is the string itself in the
system of ISCN. `fhir.resources` has R4B, in which these resources are as in R4, and does not check
status values and codes: `faults` does.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from karyogui.domain.case_report import CaseReport
from karyogui.domain.case_review import Role
from karyogui.domain.report_template import ReportTemplate
from karyogui.errors import KaryoError
from karyogui.export.base import needing

LOINC = "http://loinc.org"
ISCN = "https://iscn.karger.com"
CATEGORY = "http://terminology.hl7.org/CodeSystem/v2-0074"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
CODES: dict[str, str] = {
    "62355-3": "Chromosome analysis panel - Blood or Tissue by Banding",
    "62356-1": "Chromosome analysis result in ISCN expression",
    "62357-9": "Chromosome analysis overall interpretation",
    "62358-7": "ISCN band level",
    "69548-6": "Genetic variant assessment",
    "81291-7": "Variant ISCN",
}
"""Every LOINC code that is written, with its display."""
STATUSES: dict[str, frozenset[str]] = {
    "DiagnosticReport": frozenset(
        (
            *("registered", "partial", "preliminary", "final", "amended", "corrected"),
            *("appended", "cancelled", "entered-in-error", "unknown"),
        )
    ),
    "Observation": frozenset(
        (
            *("registered", "preliminary", "final", "amended", "corrected", "cancelled"),
            *("entered-in-error", "unknown"),
        )
    ),
}
_SPACE = uuid.UUID("6f1d3c7e-6a8b-4d57-9a63-2f6e1b1c9d10")
"""A name space of our own, so that a report written twice has the same identifiers."""


class FhirReport:
    """One JSON file: a bundle of type `collection`."""

    id = "case-fhir"
    label = "FHIR (JSON)"
    suffix = ".json"

    def render(self, report: CaseReport, template: ReportTemplate, pdf: bytes) -> bytes:
        """The bundle, checked against the specification by `fhir.resources` and by `faults`."""
        bundle = _bundle(report, template, pdf)
        _check(bundle)
        return json.dumps(bundle, ensure_ascii=False, indent=2).encode()


def status_of(report: CaseReport) -> str:
    """Preliminary → final → amended."""
    if not report.is_final:
        return "preliminary"
    return "amended" if report.review.version > 1 else "final"


def faults(bundle: Mapping[str, Any]) -> tuple[str, ...]:
    """Statuses, codes and references that nobody defines, a sentence each."""
    found = []
    entries = bundle.get("entry", [])
    there = {entry.get("fullUrl") for entry in entries}
    for resource in (entry["resource"] for entry in entries):
        kind, status = resource["resourceType"], resource.get("status")
        if kind in STATUSES and status not in STATUSES[kind]:
            found.append(f"{kind} has the status {status}, which does not exist.")
        for coding in _codings(resource):
            system, code = coding.get("system"), coding.get("code")
            if not system or not code:
                found.append(f"A code of {kind} lacks its system or its value.")
            elif system == LOINC and coding.get("display") != CODES.get(code):
                found.append(f"LOINC {code} of {kind} is not one that a report has.")
        found += [
            f"{kind} refers to {reference}, which is not in the file."
            for reference in _references(resource)
            if reference not in there
        ]
    return tuple(found)


def _check(bundle: Mapping[str, Any]) -> None:
    with needing("fhir.resources", "FHIR"):
        from fhir.resources.R4B.bundle import Bundle
    try:
        Bundle.model_validate(bundle)
    except ValueError as error:
        raise KaryoError("The report could not be written as FHIR.", str(error)) from error
    if wrong := faults(bundle):
        raise KaryoError("The report could not be written as FHIR.", " ".join(wrong))


def _bundle(report: CaseReport, template: ReportTemplate, pdf: bytes) -> dict[str, Any]:
    made = (report.created or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    patient, observations = _patient(report), _observations(report, made)
    diagnostic = _diagnostic(report, template, pdf, made, observations)
    specimen = _specimen(report)
    resources = [diagnostic, patient, *([specimen] if specimen else []), *observations]
    if specimen:
        diagnostic["specimen"] = [_reference(report, "specimen")]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": made,
        "language": template.language,
        "identifier": {
            "system": "urn:ietf:rfc:3986",
            "value": f"urn:uuid:{_uuid(report, 'bundle')}",
        },
        "entry": [{"fullUrl": f"urn:uuid:{each['id']}", "resource": each} for each in resources],
    }


def _diagnostic(
    report: CaseReport,
    template: ReportTemplate,
    pdf: bytes,
    made: str,
    observations: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    details = report.details
    told: dict[str, Any] = {
        "resourceType": "DiagnosticReport",
        "id": _uuid(report, "report"),
        "language": template.language,
        "status": status_of(report),
        "category": [{"coding": [{"system": CATEGORY, "code": "GE", "display": "Genetics"}]}],
        "code": _loinc("62355-3"),
        "subject": _reference(report, "patient"),
        "issued": made,
        "result": [{"reference": f"urn:uuid:{each['id']}"} for each in observations],
        "presentedForm": [
            {
                "contentType": "application/pdf",
                "language": template.language,
                "data": base64.b64encode(pdf).decode(),
                "title": template["title"],
            }
        ],
    }
    if details.report_number.strip():
        told["identifier"] = [{"value": details.report_number.strip()}]
    if details.laboratory.strip():
        told["performer"] = [{"display": details.laboratory.strip()}]
    signed = [act.who for role in Role if (act := report.signature(role))]
    if signed:
        told["resultsInterpreter"] = [{"display": who} for who in signed]
    conclusion = "\n".join(t for t in (details.result_words, details.interpretation) if t.strip())
    if conclusion:
        told["conclusion"] = conclusion
    return told


def _patient(report: CaseReport) -> dict[str, Any]:
    details = report.details
    told: dict[str, Any] = {"resourceType": "Patient", "id": _uuid(report, "patient")}
    if details.patient_identifier.strip():
        told["identifier"] = [{"value": details.patient_identifier.strip()}]
    if details.patient_name.strip():
        told["name"] = [{"text": details.patient_name.strip()}]
    if details.date_of_birth.strip():
        told["birthDate"] = details.date_of_birth.strip()
    return told


def _specimen(report: CaseReport) -> dict[str, Any] | None:
    """The specimen with its cultures; None where nothing is known of either."""
    details, cultures = report.details, report.result.dated_cultures
    told: dict[str, Any] = {"resourceType": "Specimen", "id": _uuid(report, "specimen")}
    if details.specimen.strip():
        told["type"] = {"text": details.specimen.strip()}
    if details.received.strip():
        told["receivedTime"] = details.received.strip()
    if details.sampled.strip():
        told["collection"] = {"collectedDateTime": details.sampled.strip()}
    if cultures:
        told["processing"] = [
            {
                "description": f"Culture {one.name}",
                "timePeriod": {
                    name: day
                    for name, day in (("start", one.set_up), ("end", one.harvested))
                    if day
                },
            }
            for one in cultures
        ]
    return {**told, "subject": _reference(report, "patient")} if len(told) > 2 else None


def _observations(report: CaseReport, made: str) -> list[dict[str, Any]]:
    """The result as text and as variant, the band level, the interpretation: what there is."""
    details = report.details
    iscn = details.iscn.strip()
    found = []
    if iscn:
        coded = {"coding": [{"system": ISCN, "code": iscn}], "text": iscn}
        if details.iscn_edition:
            coded["coding"][0]["version"] = details.iscn_edition  # type: ignore[index]
        found.append(_observation(report, "62356-1", made, {"valueString": iscn}))
        component = [{"code": _loinc("81291-7"), "valueCodeableConcept": coded}]
        found.append(_observation(report, "69548-6", made, {"component": component}))
    if details.band_level.strip():
        value = {"valueString": details.band_level.strip()}
        found.append(_observation(report, "62358-7", made, value))
    if details.interpretation.strip():
        value = {"valueString": details.interpretation.strip()}
        found.append(_observation(report, "62357-9", made, value))
    return found


def _observation(
    report: CaseReport, code: str, made: str, value: Mapping[str, Any]
) -> dict[str, Any]:
    status = status_of(report)
    return {
        "resourceType": "Observation",
        "id": _uuid(report, code),
        "status": status,
        "category": [{"coding": [{"system": OBSERVATION_CATEGORY, "code": "laboratory"}]}],
        "code": _loinc(code),
        "subject": _reference(report, "patient"),
        "issued": made,
        **value,
    }


def _loinc(code: str) -> dict[str, Any]:
    return {"coding": [{"system": LOINC, "code": code, "display": CODES[code]}]}


def _uuid(report: CaseReport, what: str) -> str:
    number = report.details.report_number.strip() or report.case_name
    laboratory = report.details.laboratory.strip()
    name = f"{laboratory}|{number}|{report.case_id}|{report.review.version}|{what}"
    return str(uuid.uuid5(_SPACE, name))


def _reference(report: CaseReport, what: str) -> dict[str, str]:
    return {"reference": f"urn:uuid:{_uuid(report, what)}"}


def _codings(told: object) -> Iterator[Mapping[str, Any]]:
    for each in _parts(told):
        yield from each.get("coding", ())


def _references(told: object) -> Iterator[str]:
    for each in _parts(told):
        if isinstance(each.get("reference"), str):
            yield each["reference"]


def _parts(told: object) -> Iterator[Mapping[str, Any]]:
    """Every object within a resource, itself too."""
    if isinstance(told, Mapping):
        yield told
        for value in told.values():
            yield from _parts(value)
    elif isinstance(told, (list, tuple)):
        for value in told:
            yield from _parts(value)
