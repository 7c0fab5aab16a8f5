"""What the rows of the case browser say, gathered from a few cases in a few small queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from karyogui.domain.case import CaseState, CaseSummary, CellSummary, NotedCell
from karyogui.domain.case_result import CaseCell
from karyogui.domain.case_result.of_case import case_cell
from karyogui.domain.case_review import CaseReview
from karyogui.domain.cell import PictureKind
from karyogui.domain.complement import Complement
from karyogui.domain.findings import condensed, find
from karyogui.domain.karyogram import SLOTS
from karyogui.domain.labelled_changes import propose_cell
from karyogui.domain.review import Exclusion
from karyogui.domain.separation_check import (
    AWAITED,
    UNCHECKED,
    CheckEntry,
    open_entries,
    unsettled,
)
from karyogui.domain.sitting import REPAIRS, CorrectionCost, Sitting
from karyogui.storage import mapping
from karyogui.storage.case_reviews import reviews_of
from karyogui.storage.checks import Seen, entries_of
from karyogui.storage.labelled_changes import NOTHING_LABELLED, Labelled, labelled_in
from karyogui.storage.notes import noted_slides
from karyogui.storage.tables import (
    AnalysisRow,
    CaseRow,
    CellRow,
    CheckDecisionRow,
    ChromosomeRow,
    EditRow,
    ExclusionRow,
    FirstLookRow,
    PictureRow,
    PlacementRow,
    RecipeRow,
    SeparatedObjectRow,
    SignOffRow,
    SittingRow,
)
from model.vocabulary.results import REVIEW_MARGIN

Cells = Select[int]
"""Ids of cells."""


@dataclass(frozen=True)
class Evidence:
    """What is known of the cells of cases for their results, gathered in a few small queries."""

    counts: Mapping[int, Mapping[str, int]]
    analysed: frozenset[int]
    edited: frozenset[int]
    signed: frozenset[int]
    photographs: frozenset[int]
    qualities: Mapping[int, dict[str, Any]]
    checks: Mapping[int, tuple[CheckEntry, ...]]
    excluded: Mapping[int, Exclusion]
    labelled: Mapping[int, Labelled]
    waits: Mapping[int, str]


@dataclass(frozen=True)
class Work(Evidence):
    """What the summaries need to know besides."""

    pictures: Mapping[int, int]
    costs: Mapping[int, CorrectionCost]
    slides: Mapping[int, str | None]
    close_calls: Mapping[int, int]


def summaries_of(session: Session, rows: Sequence[CaseRow]) -> tuple[CaseSummary, ...]:
    """Summaries of cases without their thumbnails, in the order given."""
    ids = [row.id for row in rows]
    cells = defaultdict(list)
    ordered = select(CellRow).where(CellRow.case_id.in_(ids)).order_by(CellRow.position)
    for cell in session.scalars(ordered):
        cells[cell.case_id].append(cell)
    work = work_of(session, ids)
    reviews = reviews_of(session, ids)
    return tuple(
        _summary(row, cells[row.id], work, reviews.get(row.id, CaseReview())) for row in rows
    )


def work_of(session: Session, case_ids: Sequence[int]) -> Work:
    """What is known of the cells of these cases."""
    here = select(CellRow.id).where(CellRow.case_id.in_(case_ids))
    pictures = select(PictureRow.cell_id, func.count()).where(PictureRow.cell_id.in_(here))
    sittings: dict[int, list[Sitting]] = defaultdict(list)
    for row in session.scalars(select(SittingRow).where(SittingRow.cell_id.in_(here))):
        sittings[row.cell_id].append(mapping.sitting_from(row))
    return Work(
        **vars(known_of(session, CellRow.case_id.in_(case_ids))),
        pictures=dict(session.execute(pictures.group_by(PictureRow.cell_id)).all()),
        costs={cell_id: CorrectionCost.of(rows) for cell_id, rows in sittings.items()},
        slides=noted_slides(session, CellRow.case_id.in_(case_ids)),
        close_calls=_close_calls(session, here),
    )


def known_of(session: Session, chosen: ColumnElement[bool]) -> Evidence:
    """What is known of the cells for which `chosen` holds for the results of their cases."""
    here = select(CellRow.id).where(chosen)
    # A row for each cell: one for each of its slots takes four times as long, of hundreds of cells.
    slots = (
        select(PlacementRow.cell_id, func.group_concat(PlacementRow.slot))
        .where(PlacementRow.cell_id.in_(here), PlacementRow.away.is_(False))
        .group_by(PlacementRow.cell_id)
    )
    last = _newest(SignOffRow, here)
    signed = select(SignOffRow.cell_id).where(
        and_(SignOffRow.id.in_(last), SignOffRow.withdrawn.is_(False))
    )
    repaired = EditRow.kind.in_([str(kind) for kind in REPAIRS])
    edited = select(EditRow.cell_id).where(EditRow.cell_id.in_(here), EditRow.by_person | repaired)
    photographs = select(PictureRow.cell_id).where(
        PictureRow.cell_id.in_(here), PictureRow.kind == str(PictureKind.METAPHASE)
    )
    newest = _newest(AnalysisRow, here)
    qualities = select(AnalysisRow.cell_id, AnalysisRow.quality).where(
        and_(AnalysisRow.id.in_(newest), AnalysisRow.quality.is_not(None))
    )
    enhanced = select(RecipeRow.cell_id, func.max(RecipeRow.at).label("at"))
    of_recipes = RecipeRow.cell_id.in_(here)
    last_recipe = enhanced.where(of_recipes).group_by(RecipeRow.cell_id).subquery()
    first_looks = (
        select(FirstLookRow.cell_id, FirstLookRow.quality)
        .outerjoin(last_recipe, last_recipe.c.cell_id == FirstLookRow.cell_id)
        .where(FirstLookRow.cell_id.in_(here))
        .where(or_(last_recipe.c.at.is_(None), FirstLookRow.at >= last_recipe.c.at))
        .order_by(FirstLookRow.id)
    )
    labelled = labelled_in(session, chosen)
    return Evidence(
        photographs=frozenset(session.scalars(photographs)),
        qualities=dict([*session.execute(first_looks), *session.execute(qualities)]),
        counts={cell_id: _counted(names) for cell_id, names in session.execute(slots)},
        analysed=frozenset(
            session.scalars(select(AnalysisRow.cell_id).where(AnalysisRow.cell_id.in_(here)))
        ),
        edited=frozenset(session.scalars(edited.distinct())) | frozenset(labelled),
        signed=frozenset(session.scalars(signed)),
        checks=_checks(session, here),
        excluded=_excluded(session, here),
        labelled=labelled,
        waits=_waits(session, newest, photographs, frozenset(session.scalars(signed))),
    )


@lru_cache(maxsize=4096)
def _counted(slots: str) -> Mapping[str, int]:
    """How many stand in each of these slots; hundreds of cells mostly have the same."""
    return MappingProxyType(Counter(sorted(slots.split(","))))


def _newest(kind: type[SignOffRow | AnalysisRow | ExclusionRow], here: Cells) -> Select[int]:
    """The last row of each cell."""
    return select(func.max(kind.id)).where(kind.cell_id.in_(here)).group_by(kind.cell_id)


def _checks(session: Session, here: Cells) -> dict[int, tuple[CheckEntry, ...]]:
    """Entries of separation checks, by cell."""
    newest = _newest(AnalysisRow, here)
    checks = select(AnalysisRow.cell_id, AnalysisRow.separation_check).where(
        AnalysisRow.id.in_(newest), AnalysisRow.separation_check.is_not(None)
    )
    objects = (
        select(AnalysisRow.cell_id, SeparatedObjectRow)
        .join(AnalysisRow, SeparatedObjectRow.analysis_id == AnalysisRow.id)
        .where(AnalysisRow.id.in_(newest), AnalysisRow.separation_check.is_not(None))
    )
    present: dict[int, dict[str, tuple[Seen, bool]]] = defaultdict(dict)
    for cell_id, row in session.execute(objects):
        present[cell_id][row.object_id] = (Seen.of(row), row.by_person)
    decisions: dict[int, list[CheckDecisionRow]] = defaultdict(list)
    told = (
        select(CheckDecisionRow)
        .where(CheckDecisionRow.cell_id.in_(here))
        .order_by(CheckDecisionRow.id)
    )
    for decision in session.scalars(told):
        decisions[decision.cell_id].append(decision)
    return {
        cell_id: entries_of(stored, present[cell_id], decisions[cell_id])
        for cell_id, stored in session.execute(checks)
        if stored
    }


def _waits(
    session: Session, newest: Select[int], photographs: Select[int], signed: Collection[int]
) -> dict[int, str]:
    """What the counts of cells wait for (`Cell.waits`)."""
    unchecked = and_(AnalysisRow.separation_check.is_(None), AnalysisRow.cell_id.in_(photographs))
    rows = select(AnalysisRow.cell_id, AnalysisRow.awaits_answer).where(
        AnalysisRow.id.in_(newest), or_(AnalysisRow.awaits_answer.is_(True), unchecked)
    )
    told = {cell_id: AWAITED if awaits else UNCHECKED for cell_id, awaits in session.execute(rows)}
    return {i: waits for i, waits in told.items() if waits is AWAITED or i not in signed}


def _close_calls(session: Session, here: Cells) -> dict[int, int]:
    """How many types of each cell are close calls that nobody has decided (`close_calls`)."""
    item, standing = ChromosomeRow, PlacementRow
    rows = (
        select(AnalysisRow.cell_id, func.count())
        .join(item, item.analysis_id == AnalysisRow.id)
        .join(
            standing,
            and_(
                standing.cell_id == AnalysisRow.cell_id,
                standing.chromosome_id == item.chromosome_id,
            ),
        )
        .where(AnalysisRow.id.in_(_newest(AnalysisRow, here)), item.margin < REVIEW_MARGIN)
        .where(standing.away.is_(False), standing.confirmed.is_(False))
        .where(standing.slot == item.assigned_type)
        .group_by(AnalysisRow.cell_id)
    )
    return dict(session.execute(rows).all())


def _excluded(session: Session, here: Cells) -> dict[int, Exclusion]:
    newest = _newest(ExclusionRow, here)
    rows = session.scalars(select(ExclusionRow).where(ExclusionRow.id.in_(newest)))
    found = {row.cell_id: mapping.exclusion_from(row) for row in rows}
    return {cell_id: exclusion for cell_id, exclusion in found.items() if exclusion is not None}


def case_state_of(cells: Iterable[tuple[CaseState, bool]]) -> CaseState:
    """How far a case has come, by the states of its cells and whether each is excluded.

    Excluded cells do not count, unless there are no others.
    """
    told = list(cells)
    counted = [state for state, is_excluded in told if not is_excluded]
    return mapping.case_state(counted or [state for state, _ in told])


def thumbnails_of(session: Session, case_ids: Sequence[int]) -> dict[int, bytes | None]:
    """The thumbnail of each case: that of its first cell."""
    first = select(CellRow.case_id, CellRow.thumbnail).where(
        CellRow.case_id.in_(case_ids), CellRow.position == 0
    )
    return dict(session.execute(first).all())


def state_of(cell_id: int, work: Evidence) -> CaseState:
    """How far a cell has come."""
    return mapping.cell_state(
        cell_id in work.analysed, cell_id in work.edited, cell_id in work.signed
    )


def _summary(row: CaseRow, cells: Sequence[CellRow], work: Work, review: CaseReview) -> CaseSummary:
    summaries = tuple(_cell_summary(cell, work) for cell in cells)
    state = case_state_of((summary.state, summary.is_excluded) for summary in summaries)
    return CaseSummary(row.id, row.name, row.created, review.state(state), summaries)


def evidence_of(cell: NotedCell, work: Evidence, slide: str) -> CaseCell:
    """A cell as evidence of its case; `slide` is the folder that it was imported from."""
    counts = work.counts.get(cell.id, {})
    changes, slots = work.labelled.get(cell.id, NOTHING_LABELLED)
    is_analysed = cell.id in work.analysed
    return case_cell(
        cell,
        counts=dict.fromkeys(SLOTS, 0) | dict(counts) if is_analysed else None,
        changes=changes,
        slots=slots,
        check=work.checks.get(cell.id, ()),
        quality=mapping.quality_from(work.qualities.get(cell.id)),
        exclusion=work.excluded.get(cell.id),
        slide=slide,
        has_photograph=cell.id in work.photographs,
        is_signed=cell.id in work.signed,
        waits=work.waits.get(cell.id, ""),
    )


def _cell_summary(cell: CellRow, work: Work) -> CellSummary:
    findings: tuple[str, ...] = ()
    iscn = ""
    # How many chromosomes a photograph shows is not known before analysis.
    count = 0 if cell.id in work.photographs else work.pictures.get(cell.id, 0)
    if cell.id in work.analysed:
        counts = dict.fromkeys(SLOTS, 0) | dict(work.counts.get(cell.id, {}))
        count = sum(counts.values())
        check = open_entries(work.checks.get(cell.id, ()), Complement.of(counts).lacking)
        waits = work.waits.get(cell.id, "")
        doubt = (f"{unsettled(check, waits)}.",) if check or waits else ()
        quality = mapping.quality_from(work.qualities.get(cell.id))
        unread = "" if quality is None else quality.unreadable
        unbanded = (f"{unread}.",) if unread else ()
        findings = (*unbanded, *doubt, *(f.text for f in condensed(find(counts, not unread))))
        changes, slots = work.labelled.get(cell.id, NOTHING_LABELLED)
        is_photograph = cell.id in work.photographs
        proposal = propose_cell(
            counts,
            changes,
            slots,
            check,
            quality,
            is_photograph,
            close_calls=work.close_calls.get(cell.id, 0),
            waits=waits,
        )
        iscn = str(proposal)
    slide = work.slides.get(cell.id)
    cost = work.costs.get(cell.id, CorrectionCost({}, 0.0))
    return CellSummary(
        cell.id,
        cell.case_id,
        cell.name,
        count,
        state_of(cell.id, work),
        findings,
        iscn,
        slide=slide if slide is not None else cell.slide or "",
        has_photograph=cell.id in work.photographs,
        quality=mapping.quality_from(work.qualities.get(cell.id)),
        corrections=cost.corrections,
        seconds=cost.seconds_active,
        exclusion=work.excluded.get(cell.id),
    )
