"""What the PDF report of a case says: letterhead, fields, one section per cell, signature."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, HRFlowable, KeepTogether, PageBreak, Spacer

from karyogui.domain.amounts import amount
from karyogui.domain.case import CaseDetails
from karyogui.domain.cell import Cell
from karyogui.domain.report import CellReport, ReportData
from karyogui.export.facts import UNPLACED, cell_title, exclusion_text, standings, when_text
from karyogui.export.pdf_cell import cell_story
from karyogui.export.pdf_metaphase import metaphase_page
from karyogui.export.pdf_style import (
    ACCENT,
    INK,
    RULE,
    TEXT_WIDTH,
    field_columns,
    grid,
    labelled,
    paragraph,
)
from karyogui.export.wording import DEMO_CELL, NO_CELLS, UNIDENTIFIED

_PATIENT = (
    ("Patient", "patient_name"),
    ("Identifier", "patient_identifier"),
    ("Date of birth", "date_of_birth"),
    ("Sex as given", "sex_as_given"),
    ("Requested by", "requester"),
)
_SPECIMEN = (
    ("Specimen", "specimen"),
    ("Sampled", "sampled"),
    ("Received", "received"),
    ("Reported", "reported"),
    ("Culture", "culture"),
    ("Slide", "slide"),
    ("Banding", "banding"),
    ("Band level", "band_level"),
)


def case_story(data: ReportData) -> list[Flowable]:
    """One cell: signed at the end. Several: the first page names all of them, and is signed."""
    story = [*_letterhead(data), *_fields(data.details)]
    if data.is_demo:
        story.append(paragraph(DEMO_CELL, "bold"))
    if not data.cells:
        story += [Spacer(0, 6 * mm), paragraph(NO_CELLS)]
    closing = [*_excluded(data.excluded), *_comment(data.details), *_closing(data)]
    if len(data.cells) <= 1:
        cells = [flowable for report in data.cells for flowable in cell_story(report, 1, 1)]
        pages = [flowable for report in data.cells for flowable in metaphase_page(report, 1, 1)]
        return [*story, *cells, *closing, *pages]
    story += [*_overview(data.cells), *closing]
    for number, report in enumerate(data.cells, start=1):
        story += [PageBreak(), *cell_story(report, number, len(data.cells))]
        story += metaphase_page(report, number, len(data.cells))
    return story


def _letterhead(data: ReportData) -> list[Flowable]:
    laboratory = data.details.laboratory.strip()
    left = [paragraph(laboratory, "laboratory")] if laboratory else []
    right = [
        paragraph("Karyogram report", "title"),
        paragraph(f"{when_text(data.created)}\n{_state(data.cells)}", "quiet-right"),
    ]
    head = grid(
        [[left, right]],
        [TEXT_WIDTH * 0.58, TEXT_WIDTH * 0.42],
        [("LEFTPADDING", (0, 0), (0, 0), 0), ("RIGHTPADDING", (1, 0), (1, 0), 0)],
    )
    rule = HRFlowable(width="100%", thickness=1, color=ACCENT, spaceBefore=1, spaceAfter=0)
    return [head, rule, paragraph(f"Case {data.case_name}", "case")]


def _state(reports: tuple[CellReport, ...]) -> str:
    """How far the review has come, in a few words."""
    waiting = sum(not report.cell.reviewed_by for report in reports)
    if not waiting:
        return "all cells reviewed" if reports else ""
    if waiting == len(reports):
        return "preliminary: not yet reviewed"
    return f"preliminary: {waiting} of {amount(len(reports), 'cell')} not yet reviewed"


def _fields(details: CaseDetails) -> list[Flowable]:
    """Patient and request on the left, specimen on the right: only what is filled in."""
    columns = [
        [(label, value) for label, name in group if (value := str(getattr(details, name)).strip())]
        for group in (_PATIENT, _SPECIMEN)
    ]
    if details.is_unidentified:
        columns[0].insert(0, ("Patient", UNIDENTIFIED))
    columns = [column for column in columns if column]
    story: list[Flowable] = []
    if columns:
        story.append(field_columns(columns, 25 * mm, 8))
    if details.reason.strip():
        story.append(labelled("Reason for referral", details.reason.strip()))
    if story:
        story.append(
            HRFlowable(width="100%", thickness=0.5, color=RULE, spaceBefore=3, spaceAfter=3)
        )
    return story


def _overview(reports: tuple[CellReport, ...]) -> list[Flowable]:
    """One line per cell, so that the first page says what the others hold."""
    head = ("Cell", "Chromosomes", "ISCN proposal (cell finding) or question", "Reviewed")
    rows: list[list[Flowable]] = [[paragraph(text, "bold") for text in head]]
    for report in reports:
        cell = report.cell
        unplaced = sum(standing.type == UNPLACED for standing in standings(report))
        count = str(len(cell.chromosomes) - unplaced)
        count += f" and {unplaced} unplaced" if unplaced else ""
        review = cell.reviewed_by or cell.broken or "not yet"
        if cell.reviewed_at:
            review += f", {when_text(cell.reviewed_at)}"
        texts = (cell_title(cell), count, str(report.iscn) or "none", review)
        rows.append([paragraph(text) for text in texts])
    widths = [45 * mm, 32 * mm, 62 * mm, TEXT_WIDTH - 139 * mm]
    return [
        paragraph(f"{amount(len(reports), 'cell')} in this report", "section"),
        grid(rows, widths, heading=True),
    ]


def _excluded(cells: tuple[Cell, ...]) -> list[Flowable]:
    """Cells of the case that do not count in it: never left out silently."""
    if not cells:
        return []
    title = paragraph(f"{amount(len(cells), 'cell')} excluded from the case", "section")
    lines = [paragraph(f"{cell_title(cell)}: {exclusion_text(cell)}.") for cell in cells]
    return [title, *lines]


def _comment(details: CaseDetails) -> list[Flowable]:
    comment = details.comment.strip()
    return [paragraph("Comment", "section"), paragraph(comment)] if comment else []


def _closing(data: ReportData) -> list[Flowable]:
    """What the report is and is not, and the line to sign on."""
    cells = [report.cell for report in data.cells]
    models = dict.fromkeys(str(cell.model) for cell in cells if cell.model)
    if models:
        how = (
            f"AI-assisted: a neural network, {', '.join(models)}, proposed type and polarity of "
            "every chromosome; what a person corrected is listed with each cell."
        )
    else:
        how = "No neural network took part in this report."
    scope = (
        "Cell findings and ISCN proposals are about single cells. They are not the ISCN result of "
        "the case, which a qualified person states from all cells examined."
    )
    names = dict.fromkeys(cell.reviewed_by for cell in cells if cell.reviewed_by)
    section = [paragraph("About this report", "section"), paragraph(how), paragraph(scope)]
    return [KeepTogether([*section, _signature(", ".join(names))])]


def _signature(name: str) -> Flowable:
    gap = 6 * mm
    wide = (TEXT_WIDTH - 2 * gap) / 5
    empty = paragraph("")
    captions = [paragraph(text, "quiet") for text in ("Reviewed by (name)", "Signature", "Date")]
    return grid(
        [
            [paragraph(name), empty, empty, empty, empty],
            [captions[0], empty, captions[1], empty, captions[2]],
        ],
        [2 * wide, gap, 2 * wide, gap, wide],
        [
            ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
            ("TOPPADDING", (0, 0), (-1, 0), 11 * mm),
            *(("LINEBELOW", (column, 0), (column, 0), 0.6, INK) for column in (0, 2, 4)),
        ],
    )
