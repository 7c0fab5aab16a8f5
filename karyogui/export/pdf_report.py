"""The report of a case as PDF (A4), and the page of a cell."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

from karyogui.domain.report import ReportData
from karyogui.export.wording import PRELIMINARY


class PdfReport:
    """Everything that is known of a case on paper; text selectable, karyograms at print quality."""

    id = "pdf-report"
    label = "Report (PDF)"
    suffix = ".pdf"
    prints = True

    def write(self, data: ReportData, target: BinaryIO) -> None:
        target.write(report_pdf(data))


def report_pdf(data: ReportData) -> bytes:
    """The report of the cells of `data`, whole."""
    from karyogui.export.pdf_case import case_story
    from karyogui.export.pdf_pages import build

    buffer = BytesIO()  # reportlab closes and seeks what it writes to
    build(data, case_story(data), buffer)
    return buffer.getvalue()


def cell_page_pdf(data: ReportData) -> bytes:
    """The only cell of `data`: its karyogram on a page, its photograph on the next, for printing.

    Each page says whose it is, and that it is preliminary where nobody has signed the cell off.
    """
    from karyogui.export.pdf_cell import cell_page
    from karyogui.export.pdf_metaphase import metaphase_page
    from karyogui.export.pdf_pages import build, running_name

    (report,) = data.cells
    banner = "" if report.cell.reviewed_by else PRELIMINARY
    buffer = BytesIO()
    story = [*cell_page(report), *metaphase_page(report, 1, 1)]
    build(data, story, buffer, running_name(data), banner)
    return buffer.getvalue()
