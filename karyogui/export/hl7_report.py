r"""The report of a case as an HL7 v2 message ORU^R01 (version 2.5.1), with the PDF in it.

The karyotype stands as CWE in OBX-5, every character that separates escaped: the `~` of a range of
counts is `\R\`. The text is written here, read again by `hl7apy` and held to the structure of
the message.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from karyogui.domain.case_report import CaseReport
from karyogui.domain.case_review import Role
from karyogui.domain.report_template import ReportTemplate
from karyogui.errors import KaryoError
from karyogui.export.base import needing
from karyogui.export.fhir_report import CODES, status_of

VERSION = "2.5.1"
STATUS = {"preliminary": "P", "final": "F", "amended": "C"}
"""Table 0085: preliminary, final, correction of a final result."""
_ESCAPES = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}
_END = "\r"
_CODE = 20
"""Letters of a name that stands in the place of a code."""
_NAMELESS = "^^^^^^U"
"""The name of a patient who has none, its type unspecified: the field itself must be there."""
_SPACE = uuid.UUID("6f1d3c7e-6a8b-4d57-9a63-2f6e1b1c9d11")


class Hl7Report:
    """One message, its segments parted by carriage returns as the standard asks, in UTF-8."""

    id = "case-hl7"
    label = "HL7 v2 (ORU^R01)"
    suffix = ".hl7"

    def render(self, report: CaseReport, template: ReportTemplate, pdf: bytes) -> bytes:
        """The message, read again by `hl7apy`; `KaryoError` where that is not installed."""
        text = _END.join((*_head(report), *_results(report, template, pdf), *_specimen(report)))
        message = text + _END
        _check(message)
        return message.encode()


def escaped(text: str) -> str:
    """Text as it stands in a field: what separates is escaped, a new line is a break."""
    told = "".join(_ESCAPES.get(letter, letter) for letter in text.strip())
    return "\\.br\\".join(told.splitlines())


def _head(report: CaseReport) -> list[str]:
    details = report.details
    made = (report.created or datetime.now(UTC)).astimezone(UTC)
    name = f"{details.laboratory}|{details.report_number}|{report.case_id}|{made.isoformat()}"
    header = [
        *("MSH", "^~\\&", "KaryoGUI", escaped(details.laboratory[:_CODE]), "", ""),
        *(f"{made:%Y%m%d%H%M%S}+0000", "", "ORU^R01^ORU_R01"),
        *(uuid.uuid5(_SPACE, name).hex[:20], "T" if report.is_demo else "P", VERSION),
        *("", "", "", "", "", "UNICODE UTF-8"),
    ]
    patient = [
        *("PID", "1", "", f"{escaped(details.patient_identifier)}^^^^PI", ""),
        *(escaped(details.patient_name) or _NAMELESS, "", _date(details.date_of_birth)),
    ]
    order = [
        *("OBR", "1", "", escaped(details.report_number), _loinc("62355-3"), "", ""),
        *(_date(details.sampled), "", "", "", "", "", escaped(details.reason), "", "", ""),
        *("", "", "", "", "", f"{made:%Y%m%d%H%M%S}+0000", "", "GE", _status(report)),
        *("", "", "", "", "", "", _signed(report)),
    ]
    return [_segment(each) for each in (header, patient, order)]


def _results(report: CaseReport, template: ReportTemplate, pdf: bytes) -> list[str]:
    """The karyotype, what it means, the band level, and the report itself."""
    details = report.details
    iscn = escaped(details.iscn)
    edition = escaped(details.iscn_edition)
    told = [
        ("CWE", _loinc("62356-1"), f"{iscn}^{iscn}^ISCN^^^^{edition}" if iscn else ""),
        ("ST", _loinc("62358-7"), escaped(details.band_level)),
        ("TX", _loinc("62357-9"), escaped(details.interpretation)),
        (
            "ED",
            f"PDF^{escaped(template['title'])}^99KaryoGUI",
            f"KaryoGUI^application^pdf^Base64^{base64.b64encode(pdf).decode()}",
        ),
    ]
    found = [each for each in told if each[2]]
    return [
        _segment(["OBX", str(n), kind, code, "", value, "", "", "", "", "", _status(report)])
        for n, (kind, code, value) in enumerate(found, start=1)
    ]


def _specimen(report: CaseReport) -> list[str]:
    details = report.details
    if not details.specimen.strip():
        return []
    fields = ["SPM", "1", "", "", f"^{escaped(details.specimen)}", *[""] * 12]
    return [_segment([*fields, _date(details.sampled), _date(details.received)])]


def _segment(fields: Sequence[str]) -> str:
    return "|".join(fields).rstrip("|")


def _loinc(code: str) -> str:
    return f"{code}^{escaped(CODES[code])}^LN"


def _status(report: CaseReport) -> str:
    return STATUS[status_of(report)]


def _signed(report: CaseReport) -> str:
    """Who approved it, in the first component of a name and place."""
    act = report.signature(Role.APPROVED)
    return "" if act is None else f"&{escaped(act.who)}"


def _date(text: str) -> str:
    """A date as far as it is known: 2026-03-01 is 20260301, 2026-03 is 202603."""
    return text.strip().replace("-", "")


def _check(message: str) -> None:
    with needing("hl7apy", "HL7"):
        from hl7apy.consts import VALIDATION_LEVEL
        from hl7apy.exceptions import HL7apyException
        from hl7apy.parser import parse_message
    try:
        parse_message(message, validation_level=VALIDATION_LEVEL.TOLERANT).validate()
    except (HL7apyException, ValueError) as error:
        raise KaryoError("The report could not be written as HL7.", str(error)) from error
