"""What stands on every page of the PDF report: whose it is, what it is not, page x of y."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
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
_LABEL_WIDTH = 130.0
"""Points for the label of the page."""


@dataclass(frozen=True)
class Furniture:
    """What stands on the pages beside their story, and what the file says of itself.

    `first_head` stands on the first page where it is not empty, `head` on the later ones, `foot` on
    all of them beside the label of the page; `banner` stands above everything on all of them, and
    `later_note` under it on the later ones.
    """

    head: str
    foot: str
    title: str
    author: str
    creator: str
    subject: str = "Karyogram report"
    language: str = "en-GB"
    first_head: str = ""
    banner: str = ""
    later_note: str = ""
    label: Callable[[int, int], str] = "page {} of {}".format


class _CountingCanvas(Canvas):  # type: ignore[misc]
    """Keeps the pages back until their number is known, then prints `page x of y` on each."""

    def __init__(self, label: Callable[[int, int], str], *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as Canvas takes them
        kwargs["initialFontName"] = REGULAR  # else Helvetica is named on every page, not embedded
        super().__init__(*args, **kwargs)
        self._label = label
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        pages = self._pages
        for number, page in enumerate(pages, start=1):
            self.__dict__.update(page)
            label = paragraph(self._label(number, len(pages)), "quiet-right")
            label.wrap(_LABEL_WIDTH, PAGE_HEIGHT)
            label.drawOn(self, PAGE_WIDTH - MARGIN - _LABEL_WIDTH, MARGIN - 12)
            super().showPage()
        super().save()


def build(
    data: ReportData,
    story: Sequence[Flowable],
    target: BinaryIO,
    first_head: str = "",
    banner: str = "",
) -> None:
    """Write the report's `story`: later pages have a running head, the first page `first_head`."""
    furniture = Furniture(
        head=running_name(data),
        foot=_foot(data),
        title="Karyogram report",  # a case's name is often a person's
        author=printable(data.details.laboratory),
        creator=printable(data.software),
        first_head=first_head,
        banner=banner,
    )
    build_pages(furniture, story, target)


def build_pages(furniture: Furniture, story: Sequence[Flowable], target: BinaryIO) -> None:
    """Write `story` as a whole PDF with what stands on its pages."""
    foot = paragraph(furniture.foot, "quiet")
    foot_height = foot.wrap(TEXT_WIDTH - _LABEL_WIDTH, PAGE_HEIGHT)[1]
    # The last line of the foot stands on the same line as `page x of y`.
    bottom = MARGIN - 12 + foot_height + 2 * _GAP

    def draw_foot(canvas: Canvas) -> None:
        canvas.saveState()
        _rule(canvas, bottom - _GAP)
        foot.drawOn(canvas, MARGIN, MARGIN - 12)
        canvas.restoreState()

    def page(name: str, head: str, note: str, later: str) -> PageTemplate:
        over = ((furniture.banner, "banner"), (note, "banner-note"), (head, "quiet"))
        heads = [paragraph(text, style) for text, style in over if text]
        heights = [each.wrap(TEXT_WIDTH, PAGE_HEIGHT)[1] for each in heads]

        def draw(canvas: Canvas, document: object) -> None:
            draw_foot(canvas)
            canvas.saveState()
            y = PAGE_HEIGHT - MARGIN
            for each, height in zip(heads, heights, strict=True):
                y -= height
                each.drawOn(canvas, MARGIN, y)
            if heads:
                _rule(canvas, y - _GAP)
            canvas.restoreState()

        frame = _frame(bottom, sum(heights) + 3 * _GAP if heads else 0.0)
        return PageTemplate(name, [frame], onPage=draw, autoNextPageTemplate=later or None)

    document = BaseDocTemplate(
        target,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        title=furniture.title,
        author=furniture.author,
        subject=furniture.subject,
        creator=furniture.creator,
        lang=furniture.language,
    )
    document.addPageTemplates(
        [
            page("first", furniture.first_head, "", "later"),
            page("later", furniture.head, furniture.later_note, ""),
        ]
    )
    document.build(list(story), canvasmaker=partial(_CountingCanvas, furniture.label))


def _rule(canvas: Canvas, y: float) -> None:
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, y, PAGE_WIDTH - MARGIN, y)


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
