"""Files of the report of a case. To add one: a class here or beside, a name in `CASE_EXPORTERS`."""

from __future__ import annotations

from typing import Protocol

from karyogui.domain.case_report import CaseReport
from karyogui.domain.report_template import ReportTemplate
from karyogui.export.dicom_report import DicomKaryogram, DicomPdf
from karyogui.export.fhir_report import FhirReport
from karyogui.export.hl7_report import Hl7Report


class CaseExporter(Protocol):
    """One file format of a report; `pdf` is the report itself, which some formats carry."""

    @property
    def id(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def suffix(self) -> str: ...

    def render(self, report: CaseReport, template: ReportTemplate, pdf: bytes) -> bytes:
        """The whole file. `KaryoError` where something that it needs is not there."""


class CasePdf:
    """The report as it is seen in the window."""

    id = "case-pdf"
    label = "Report (PDF)"
    suffix = ".pdf"

    def render(self, report: CaseReport, template: ReportTemplate, pdf: bytes) -> bytes:
        return pdf


CASE_EXPORTERS: tuple[CaseExporter, ...] = (
    CasePdf(),
    FhirReport(),
    DicomPdf(),
    DicomKaryogram(),
    Hl7Report(),
)
"""Every format, in the order of the menu."""
