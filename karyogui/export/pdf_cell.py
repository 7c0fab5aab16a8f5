"""One cell in the PDF report: proposal and karyogram, then the tables that stand behind them."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer

from karyogui.domain.amounts import amount
from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import TYPES
from karyogui.domain.findings import condensed
from karyogui.domain.karyogram import MARKER
from karyogui.domain.report import CellReport
from karyogui.domain.review import Edit, per_cent
from karyogui.domain.trail import lasting_repairs
from karyogui.export.facts import (
    UNPLACED,
    Asking,
    Correction,
    cell_title,
    corrections,
    cost_text,
    evidence,
    exclusion_text,
    labelled_changes,
    nearly_as_likely,
    result_text,
    source_name,
    standings,
    still_to_review,
    when_text,
    work_text,
)
from karyogui.export.pdf_karyogram import KaryogramFlowable
from karyogui.export.pdf_style import (
    FAINT,
    TEXT_WIDTH,
    grid,
    labelled,
    large_karyotype,
    panel,
    paragraph,
)
from karyogui.export.wording import EVIDENCE_DISAGREES, PROPOSAL_HEADING, assignment_line

NBSP = "\N{NO-BREAK SPACE}"


def cell_story(report: CellReport, number: int, of: int) -> list[Flowable]:
    """Everything about one cell; `number` of `of` cells, from 1."""
    cell = report.cell
    return [
        paragraph(f"Cell {number} of {of}: {cell_title(cell)}", "cell"),
        *_excluded(cell),
        _proposal(report),
        Spacer(0, 2 * mm),
        *_findings(report),
        _karyogram(report),
        *_counts(report),
        *_corrections(report),
        *_to_review(report),
        *_analysis(cell),
    ]


def cell_page(report: CellReport) -> list[Flowable]:
    """One cell by itself: what it proposes, its karyogram, and who reviewed it."""
    cell = report.cell
    return [
        paragraph(cell_title(cell), "cell"),
        *_excluded(cell),
        _proposal(report),
        Spacer(0, 2 * mm),
        *_findings(report),
        _karyogram(report),
        labelled("Reviewed", _review(cell)),
    ]


def _review(cell: Cell) -> str:
    """Who signed the cell off, and when."""
    review = cell.reviewed_by or cell.broken or "not yet"
    return f"{review}, {when_text(cell.reviewed_at)}" if cell.reviewed_at else review


def _excluded(cell: Cell) -> list[Flowable]:
    if not cell.is_excluded:
        return []
    return [paragraph(f"Excluded from the case: {exclusion_text(cell)}.", "question")]


def _proposal(report: CellReport) -> Flowable:
    """The proposal large, or the question in its place; both where a proposal is doubtful."""
    text, question = report.iscn.text, report.iscn.question
    rows: list[Flowable] = [paragraph(PROPOSAL_HEADING, "quiet")]
    if text:
        rows.append(large_karyotype(text))
    if question:
        rows.append(paragraph(question, "bold" if text else "question"))
    if not text and not question:
        rows.append(paragraph("none", "question"))
    return panel(rows)


def _findings(report: CellReport) -> list[Flowable]:
    text = " ".join(finding.text for finding in condensed(report.findings))
    if not text and report.cell.chromosomes and report.iscn.text:
        text = "No numerical finding in this cell."
    lines: list[Flowable] = [labelled("Cell findings", text)] if text else []
    if changes := labelled_changes(report):
        lines.append(labelled("Structural changes", ". ".join(changes) + "."))
    flag = evidence(report)
    if flag is not None:
        words = f"{EVIDENCE_DISAGREES} {' '.join(flag.sentences)}"
        if flag.by_pictures:
            words += f" By these pictures: {flag.by_pictures}."
        lines.append(labelled("Not resolved", words))
    if close := nearly_as_likely(report):
        lines.append(labelled("Assignment", close))
    return [*lines, Spacer(0, 2 * mm)] if lines else []


def _karyogram(report: CellReport) -> Flowable:
    cell = report.cell
    unplaced = sum(standing.type == UNPLACED for standing in standings(report))
    placed = amount(len(cell.chromosomes) - unplaced, "chromosome")
    rest = f", {amount(unplaced, 'object')} unplaced" if unplaced else ""
    text = f"Karyogram of this cell: {placed}{rest}; all at one scale." if cell.chromosomes else ""
    return KaryogramFlowable(report, paragraph(text, "quiet"))


def _counts(report: CellReport) -> list[Flowable]:
    """How many stand in each slot, in one line of the width of a page."""
    if not report.cell.chromosomes:
        return []
    names = [standing.type for standing in standings(report)]
    unplaced = names.count(UNPLACED)
    columns = [*TYPES, MARKER]
    found = {slot for finding in report.findings for slot in finding.slots}
    counts = [names.count(kind) for kind in columns]
    head = [paragraph(kind, "centre-bold") for kind in (*columns, "placed", UNPLACED)]
    body = [
        paragraph(str(count), "centre-bold" if kind in found else "centre")
        for kind, count in zip(columns, counts, strict=True)
    ]
    body += [
        paragraph(str(len(names) - unplaced), "centre-bold"),
        paragraph(str(unplaced), "centre"),
    ]
    narrow = (TEXT_WIDTH - 8 * mm - 13.5 * mm - 17 * mm) / len(TYPES)
    widths = [*[narrow] * len(TYPES), 8 * mm, 13.5 * mm, 17 * mm]
    marks = [
        ("BACKGROUND", (column, 1), (column, 1), FAINT)
        for column, kind in enumerate(columns)
        if kind in found
    ]
    tight = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]
    table = grid([head, body], widths, [*tight, *marks], heading=True)
    title = paragraph("Chromosomes per type", "section")
    return [KeepTogether([title, table])]


def _corrections(report: CellReport) -> list[Flowable]:
    cell = report.cell
    if not cell.chromosomes:
        return []
    title = paragraph("From proposal to result", "section")
    arrow = labelled("Proposal → result", result_text(report))
    summary = paragraph(_work_done(report))
    found, repairs = corrections(report), lasting_repairs(cell)
    if not found and not repairs:
        return [KeepTogether([title, arrow, summary])]
    story: list[Flowable] = [title, arrow, summary]
    if repairs:
        story += [Spacer(0, 1 * mm), _repairs(repairs)]
    if found:
        story += [Spacer(0, 2 * mm if repairs else 1 * mm), _changes(cell, found)]
    return story


def _repairs(repairs: Sequence[Edit]) -> Flowable:
    rows: list[list[Flowable]] = [
        [paragraph(text, "bold") for text in ("Repair of the photograph", "By", "At")]
    ]
    rows += [
        [paragraph(text) for text in (edit.change.text, edit.who, when_text(edit.when))]
        for edit in repairs
    ]
    return grid(rows, [92 * mm, 51 * mm, TEXT_WIDTH - 143 * mm], heading=True)


def _changes(cell: Cell, found: Sequence[Correction]) -> Flowable:
    acts = ("Predicted", "Proposed", "Present place", "Turned, mirrored", "Last edit")
    head = (_picture_heading(cell), *acts)
    rows: list[list[Flowable]] = [[paragraph(text, "bold") for text in head]]
    rows += [_correction_row(cell, correction) for correction in found]
    widths = [44 * mm, 19.5 * mm, 18.5 * mm, 29 * mm, 32 * mm, TEXT_WIDTH - 143 * mm]
    return grid(rows, widths, heading=True)


def _picture_heading(cell: Cell) -> str:
    """How the chromosomes of a cell are identified."""
    return "Object" if cell.has_photograph else "Picture"


def _work_done(report: CellReport) -> str:
    """How much a person did, and who."""
    cell, work = report.cell, work_text(report)
    # A metaphase has a page of its own, which tells the cost.
    tells = bool(cell.sittings) and not cell.has_photograph
    return f"{work} Correction cost: {cost_text(cell)}" if tells else work


def _correction_row(cell: Cell, correction: Correction) -> list[Flowable]:
    standing = correction.standing
    acts = []
    if correction.turned:
        acts.append(f"turned by {correction.turned:g}°")
    if standing.placement.mirrored:
        acts.append("mirrored")
    edit = correction.last_edit
    texts = (
        source_name(cell, standing.chromosome),
        correction.predicted or "–",
        correction.assigned,
        standing.place,
        ", ".join(acts) or "–",
        f"{edit.who}\n{when_text(edit.when)}" if edit else "–",
    )
    return [paragraph(text) for text in texts]


def _to_review(report: CellReport) -> list[Flowable]:
    cell = report.cell
    if not cell.chromosomes:
        return []
    title = paragraph("Still to be reviewed", "section")
    left = still_to_review(report)
    if not left:
        sentence = "No chromosome asks for review." if cell.model else "The cell was not analysed."
        return [KeepTogether([title, paragraph(sentence)])]
    head = (_picture_heading(cell), "Present place", "Most probable types", "Reason")
    rows: list[list[Flowable]] = [[paragraph(text, "bold") for text in head]]
    rows += [_review_row(cell, item) for item in left]
    widths = [44 * mm, 29 * mm, 50 * mm, TEXT_WIDTH - 123 * mm]
    return [title, grid(rows, widths, heading=True)]


def _review_row(cell: Cell, item: Asking) -> list[Flowable]:
    standing, chromosome = item.standing, item.standing.chromosome
    best = chromosome.predicted.best(3) if chromosome.predicted else ()
    texts = (
        source_name(cell, chromosome),
        standing.place,
        ", ".join(f"{kind}{NBSP}({_percent(probability)})" for kind, probability in best) or "–",
        " ".join(item.reasons),
    )
    return [paragraph(text) for text in texts]


def _percent(probability: float) -> str:
    """As on the board, and on one line with its type."""
    return per_cent(probability).replace(" ", NBSP)


def _analysis(cell: Cell) -> list[Flowable]:
    title = paragraph("Analysis and review", "section")
    lines: list[Paragraph] = []
    if cell.model:
        model = cell.model
        lines.append(
            labelled("Model", f"{model.name} {model.version}, weights sha256 {model.sha256}")
        )
        if cell.separation:
            lines.append(labelled("Separated by", cell.separation))
        run = [f"on {model.device}"]
        if cell.seconds is not None:
            run.append(f"in {cell.seconds:.1f} s")
        if cell.analysed_at:
            run.append(f"at {when_text(cell.analysed_at)}")
        if model.runtime:
            run.append(f"by {model.runtime}")
        lines.append(labelled("Analysed", " ".join(run)))
        if cell.assignment is not None:
            lines.append(labelled("Assigned", assignment_line(cell.assignment)))
    else:
        lines.append(labelled("Model", "none; this cell was placed by hand or not at all"))
    lines.append(labelled("Reviewed", _review(cell)))
    return [KeepTogether([title, *lines])]
