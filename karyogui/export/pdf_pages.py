"""What stands on every page of the PDF report: whose it is, what it is not, page x of y."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from karyogui.domain.report import ReportData
from karyogui.export.facts import when_text
from karyogui.export.fonts import REGULAR, printable
from karyogui.export.pdf_style import (
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    QUIET,
    RULE,
    TEXT_WIDTH,
    paragraph,
)
from karyogui.export.wording import AID, DEMO_CELL, UNIDENTIFIED

# Binary streams as they are: as ASCII the pictures would take a quarter more. PDF is all we make.
rl_config.useA85 = 0

_LONGEST_RUNNING_NAME = 160
"""Characters of the case's name repeated on later pages; the first page has all of it."""
_GAP = 4


class _CountingCanvas(Canvas):  # type: ignore[misc]
    """Keeps the pages back until their number is known, then prints `page x of y` on each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as Canvas takes them
        kwargs["initialFontName"] = REGULAR  # else Helvetica is named on every page, not embedded
        super().__init__(*args, **kwargs)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self.setFont(REGULAR, 7.5)
            self.setFillColor(QUIET)
            label = f"page {number} of {len(self._pages)}"
            self.drawRightString(PAGE_WIDTH - MARGIN, MARGIN - 10, label)
            super().showPage()
        super().save()


def build(data: ReportData, story: Sequence[Flowable], target: BinaryIO) -> None:
    """Write `story` as a whole PDF: first page without, later pages with a running head."""
    head = paragraph(running_name(data), "quiet")
    foot = paragraph(_foot(data), "quiet")
    head_height = head.wrap(TEXT_WIDTH, PAGE_HEIGHT)[1]
    foot_height = foot.wrap(TEXT_WIDTH - 70, PAGE_HEIGHT)[1]
    # The last line of the foot stands on the same line as `page x of y`.
    bottom = MARGIN - 12 + foot_height + 2 * _GAP

    def draw_foot(canvas: Canvas, document: object) -> None:
        canvas.saveState()
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, bottom - _GAP, PAGE_WIDTH - MARGIN, bottom - _GAP)
        foot.drawOn(canvas, MARGIN, MARGIN - 12)
        canvas.restoreState()

    def draw_both(canvas: Canvas, document: object) -> None:
        draw_foot(canvas, document)
        top = PAGE_HEIGHT - MARGIN
        canvas.saveState()
        head.drawOn(canvas, MARGIN, top - head_height)
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, top - head_height - _GAP, PAGE_WIDTH - MARGIN, top - head_height - _GAP)
        canvas.restoreState()

    document = BaseDocTemplate(
        target,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        title=f"Karyogram report {printable(data.case_name)}",
        author=printable(data.details.laboratory),
        subject="Karyogram report",
        creator=printable(data.software),
        lang="en-GB",
    )
    later = head_height + 3 * _GAP
    document.addPageTemplates(
        [
            PageTemplate(
                "first", [_frame(bottom, 0)], onPage=draw_foot, autoNextPageTemplate="later"
            ),
            PageTemplate("later", [_frame(bottom, later)], onPage=draw_both),
        ]
    )
    document.build(list(story), canvasmaker=_CountingCanvas)


def _frame(bottom: float, head: float) -> Frame:
    height = PAGE_HEIGHT - MARGIN - head - bottom
    return Frame(
        MARGIN,
        bottom,
        TEXT_WIDTH,
        height,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )


def running_name(data: ReportData) -> str:
    """Whose page this is: case and, where filled in, the patient's name, identifier, birth date.

    A patient without name and identifier is unidentified.
    """
    details = data.details
    parts = (
        f"Case {data.case_name}",
        UNIDENTIFIED if details.is_unidentified else details.patient_name,
        details.patient_identifier,
        details.date_of_birth and f"born {details.date_of_birth}",
    )
    text = " · ".join(part.strip() for part in parts if part.strip()).replace("\n", " ")
    cut = _LONGEST_RUNNING_NAME
    return text if len(text) <= cut else f"{text[: cut - 1]}…"


def _foot(data: ReportData) -> str:
    made = f"{data.software} · {when_text(data.created)}"
    lines = ([DEMO_CELL] if data.is_demo else []) + [AID, made]
    return "\n".join(lines)
