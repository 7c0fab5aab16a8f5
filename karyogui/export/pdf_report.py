"""The report of a case as PDF (A4)."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

from karyogui.domain.report import ReportData


class PdfReport:
    """Everything that is known of a case on paper; text selectable, karyograms at print quality."""

    id = "pdf-report"
    label = "Report (PDF)"
    suffix = ".pdf"
    prints = True

    def write(self, data: ReportData, target: BinaryIO) -> None:
        from karyogui.export.pdf_case import case_story
        from karyogui.export.pdf_pages import build

        buffer = BytesIO()  # reportlab closes and seeks what it writes to
        build(data, case_story(data), buffer)
        target.write(buffer.getvalue())
