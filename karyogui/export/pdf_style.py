"""The look of the PDF report: sizes, greys, and the few building blocks that share them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import CondPageBreak, Flowable, Paragraph, Table

from karyogui.export.fonts import BOLD, REGULAR, printable, register
from karyogui.export.scripts import set_text

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN = 15 * mm
TEXT_WIDTH = PAGE_WIDTH - 2 * MARGIN

INK = HexColor("#111111")
QUIET = HexColor("#555555")
ACCENT = HexColor("#1f3a5f")
RULE = HexColor("#9aa3ad")
FAINT = HexColor("#eef1f4")
ALARM = HexColor("#a11616")

TableCommand = tuple[Any, ...]


@lru_cache(maxsize=1)
def styles() -> dict[str, ParagraphStyle]:
    """Every paragraph style by name. Words too long for their line are broken, never clipped."""
    register()
    body = ParagraphStyle(
        "body", fontName=REGULAR, fontSize=8.5, leading=11.5, textColor=INK, splitLongWords=1
    )

    def style(name: str, parent: ParagraphStyle = body, **changes: object) -> ParagraphStyle:
        return ParagraphStyle(name, parent=parent, **changes)

    quiet = style("quiet", textColor=QUIET, fontSize=7.5, leading=10)
    bold = style("bold", fontName=BOLD)
    made = (
        body,
        quiet,
        bold,
        style("label", textColor=QUIET),
        style("centre", alignment=TA_CENTER, fontSize=8),
        style("centre-bold", bold, alignment=TA_CENTER, fontSize=8),
        style("quiet-right", quiet, alignment=TA_RIGHT),
        style("banner", bold, fontSize=10, leading=14, textColor=ALARM, alignment=TA_CENTER),
        style("banner-note", fontSize=7.5, leading=11, textColor=ALARM, alignment=TA_CENTER),
        style("laboratory", bold, fontSize=10.5, leading=14),
        style("title", bold, fontSize=15, leading=19, textColor=ACCENT, alignment=TA_RIGHT),
        style("case", bold, fontSize=12, leading=16, spaceBefore=6, spaceAfter=4),
        style("cell", bold, fontSize=11, leading=14, textColor=ACCENT, spaceBefore=4, spaceAfter=3),
        style(
            "section", bold, fontSize=9.5, leading=13, spaceBefore=9, spaceAfter=3, keepWithNext=1
        ),
        style("long-section", bold, fontSize=9.5, leading=13, spaceBefore=9, spaceAfter=3),
        style("proposal", bold, fontSize=19, leading=24),
        style("long-proposal", bold, fontSize=12, leading=16),
        style("question", bold, fontSize=11.5, leading=15),
    )
    return {style.name: style for style in made}


def paragraph(text: str, style: str = "body") -> Paragraph:
    """Plain text as a paragraph; line breaks stay, nothing is taken for mark-up."""
    return set_text(printable(text), styles()[style])


def large_karyotype(text: str) -> Paragraph:
    """A karyotype as what a page is about: large, or smaller over lines that end between items."""
    large = styles()["proposal"]
    width = TEXT_WIDTH - 6 * mm
    fits = stringWidth(printable(text), large.fontName, large.fontSize) < width
    return paragraph(text, "proposal") if fits else karyotype(text, "long-proposal", width)


def karyotype(text: str, style: str, width: float = TEXT_WIDTH) -> Paragraph:
    """A text with a karyotype whose lines end behind commas, slashes and spaces where they can."""
    look = styles()[style]
    lines = [""]
    for part in re.split(r"(?<=[,/ ])(?![,/ ])", text):
        longer = stringWidth(printable(lines[-1] + part), look.fontName, look.fontSize)
        if lines[-1] and longer > width:
            lines.append("")
        lines[-1] += part
    return paragraph("\n".join(line.rstrip() for line in lines), style)


def long_section(title: str, text: str) -> list[Flowable]:
    """A heading and a text that goes on over the page, with a few lines of it below its heading."""
    return [CondPageBreak(22 * mm), paragraph(title, "long-section"), paragraph(text)]


def labelled(label: str, text: str, colon: str = ":") -> Paragraph:
    """`Label: text` as a paragraph that may run over pages."""
    return set_text(printable(text), styles()["body"], f"{label}{colon}")


def grid(
    rows: Sequence[Sequence[Flowable]],
    widths: Sequence[float],
    commands: Sequence[TableCommand] = (),
    heading: bool = False,
) -> Table:
    """A table between thin rules; `heading` sets the first row apart and repeats it on each page.

    Rows may be split across pages, so no text is too long to print.
    """
    look: list[TableCommand] = [
        ("FONTNAME", (0, 0), (-1, -1), REGULAR),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
    if heading:
        look += [
            ("BACKGROUND", (0, 0), (-1, 0), FAINT),
            ("LINEBELOW", (0, 0), (-1, 0), 0.6, RULE),
            ("LINEBELOW", (0, 1), (-1, -1), 0.25, RULE),
        ]
    return Table(
        [list(row) for row in rows],
        colWidths=list(widths),
        style=[*look, *commands],
        repeatRows=1 if heading else 0,
        splitInRow=1,
        hAlign="LEFT",
    )


def panel(rows: Sequence[Flowable]) -> Table:
    """Rows one below the other on a faint ground between two rules: what a page is about."""
    return grid(
        [[row] for row in rows],
        [TEXT_WIDTH],
        [
            ("BACKGROUND", (0, 0), (-1, -1), FAINT),
            ("LINEABOVE", (0, 0), (-1, 0), 0.8, RULE),
            ("LINEBELOW", (0, -1), (-1, -1), 0.8, RULE),
            ("LEFTPADDING", (0, 0), (-1, -1), 6),
            ("TOPPADDING", (0, 0), (-1, 0), 5),
            ("BOTTOMPADDING", (0, -1), (-1, -1), 5),
        ],
    )


def field_columns(
    columns: Sequence[Sequence[tuple[str, str]]], label_width: float, gap: float
) -> Table:
    """Columns of labels and values side by side over the whole width, `gap` points apart."""
    rows: list[list[Flowable]] = [
        [part for label, value in line for part in (paragraph(label, "label"), paragraph(value))]
        for line in zip_longest(*columns, fillvalue=("", ""))
    ]
    widths = [label_width, TEXT_WIDTH / len(columns) - label_width] * len(columns)
    close = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), gap)]
    return grid(rows, widths, close)
