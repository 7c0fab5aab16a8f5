"""Karyograms as pictures: sheets painted with Pillow, grey on white, at `layout.DPI`."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageFont

from karyogui.domain.report import CellReport, ReportData
from karyogui.export.fonts import pillow_font, printable, runs
from karyogui.export.layout import (
    LABEL_SIZE,
    SHEET_WIDTH,
    SMALL_SIZE,
    Sheet,
    lay_out,
    mm,
)
from karyogui.export.scripts import visual
from karyogui.export.wording import AID, DEMO_CELL, NO_CELLS, PROPOSAL_HEADING

_MARGIN = round(mm(8))
_ANCHORS = {"left": "ls", "middle": "ms", "right": "rs"}
_LEADING = 1.35
_CAPTION_GREY = 90


def karyogram_image(report: CellReport) -> Image.Image:
    """One cell's karyogram with its labels: mode L, background exactly 255."""
    sheet = lay_out(report)
    image = chromosomes_image(sheet)
    draw = ImageDraw.Draw(image)
    for line in sheet.lines:
        ends = (line.x0, line.y0, line.x1, line.y1)
        draw.line(ends, fill=round(255 * line.grey), width=max(1, round(line.width)))
    for text in sheet.texts:
        draw.text(
            (text.x, text.y),
            printable(text.text),
            fill=round(255 * text.grey),
            font=pillow_font(round(text.size), text.bold),
            anchor=_ANCHORS[text.anchor],
        )
    return image


def chromosomes_image(sheet: Sheet) -> Image.Image:
    """Only the chromosomes of a sheet: mode L, for a painter that sets lines and letters itself."""
    image = Image.new("L", (sheet.width, sheet.height), 255)
    for picture in sheet.pictures:
        ink = Image.fromarray(picture.pixels)
        # The boxes of slanting neighbours may overlap; white is no ink.
        image.paste(ink, (picture.x, picture.y), Image.eval(ink, lambda value: 255 * (value < 255)))
    return image


def cell_pages(data: ReportData) -> list[Image.Image]:
    """One page per cell with its name, proposal and karyogram; at least one page, mode L."""
    if not data.cells:
        return [_page(data.case_name, [], Image.new("L", (SHEET_WIDTH, 1), 255), [NO_CELLS])]
    return [_cell_page(data, report) for report in data.cells]


def stacked(pages: list[Image.Image]) -> Image.Image:
    """All pages below one another."""
    tall = Image.new("L", (max(p.width for p in pages), sum(p.height for p in pages)), 255)
    y = 0
    for page in pages:
        tall.paste(page, (0, y))
        y += page.height
    return tall


def _cell_page(data: ReportData, report: CellReport) -> Image.Image:
    head = [f"{PROPOSAL_HEADING}: {report.iscn}"] if str(report.iscn) else []
    foot = ([DEMO_CELL] if data.is_demo else []) + [AID]
    return _page(f"{data.case_name} · {report.cell.name}", head, karyogram_image(report), foot)


def _page(title: str, head: list[str], picture: Image.Image, foot: list[str]) -> Image.Image:
    """A picture with lines above and below it; long lines wrap."""
    above = _block(title, LABEL_SIZE, True) + [
        line for text in head for line in _block(text, LABEL_SIZE, False)
    ]
    below = [line for text in foot for line in _block(text, SMALL_SIZE, False)]
    gap = round(mm(5))
    top = _MARGIN + sum(line.height for line in above) + gap
    height = top + picture.height + gap + sum(line.height for line in below) + _MARGIN
    page = Image.new("L", (picture.width + 2 * _MARGIN, height), 255)
    page.paste(picture, (_MARGIN, top))
    y = _MARGIN
    for line in above:
        page.paste(line, (_MARGIN, y))
        y += line.height
    y = top + picture.height + gap
    for line in below:
        page.paste(line, (_MARGIN, y))
        y += line.height
    return page


def _block(text: str, size: float, bold: bool) -> list[Image.Image]:
    """Lines of text as pictures as wide as a sheet."""
    height = round(_LEADING * size)
    lines = []
    for words in _wrapped(printable(text), size, bold):
        line = Image.new("L", (SHEET_WIDTH, height), 255)
        grey, x = 0 if bold else _CAPTION_GREY, 0.0
        for piece, font in _pieces(words, size, bold):
            ImageDraw.Draw(line).text((x, size), piece, fill=grey, font=font, anchor="ls")
            x += font.getlength(piece)
        lines.append(line)
    return lines


def _pieces(text: str, size: float, bold: bool) -> Iterator[tuple[str, ImageFont.FreeTypeFont]]:
    """A line in pieces with the font of each, as they follow each other from the left.

    What is written from the right is put in order here, and not by Pillow, which cannot
    everywhere.
    """
    for face, piece in runs(visual(text)):
        yield piece, pillow_font(round(size), bold, face)


def _length(text: str, size: float, bold: bool) -> float:
    return sum(font.getlength(piece) for piece, font in _pieces(text, size, bold))


def _wrapped(text: str, size: float, bold: bool) -> list[str]:
    """Lines no wider than a sheet; a word that is too long alone is broken."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if _length(joined, size, bold) <= SHEET_WIDTH:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if _length(lines[-1] + character, size, bold) > SHEET_WIDTH:
                lines.append("")
            lines[-1] += character
    return [line for line in lines if line]
