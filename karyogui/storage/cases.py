"""Cases in the database: the browser's rows, details, names, and the bin."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session, selectinload, undefer

from karyogui.domain.case import Case, CaseDetails, CaseState, CaseSummary, CellSummary
from karyogui.domain.case_review import CaseReview
from karyogui.domain.cell import PictureKind, SourcePicture
from karyogui.domain.findings import condensed, find
from karyogui.domain.karyogram import SLOTS
from karyogui.domain.labelled_changes import propose_cell
from karyogui.domain.notes import case_note
from karyogui.domain.review import Exclusion
from karyogui.domain.separation_check import CheckEntry, open_entries, unsettled
from karyogui.domain.sitting import REPAIRS, CorrectionCost, Sitting
from karyogui.errors import KaryoError
from karyogui.storage import mapping
from karyogui.storage.case_reviews import details_act, refuse_change, review_of, reviews_of
from karyogui.storage.cell_rows import cell_row
from karyogui.storage.cell_signature import with_word
from karyogui.storage.checks import Seen, entries_of
from karyogui.storage.damage import contained
from karyogui.storage.database import Database, raw_connection
from karyogui.storage.labelled_changes import NOTHING_LABELLED, Labelled, labelled_in
from karyogui.storage.names import next_case_id
from karyogui.storage.names import unique_name as unique_name
from karyogui.storage.notes import case_entries, noted_slides
from karyogui.storage.tables import (
    AnalysisRow,
    CaseRow,
    CellRow,
    CheckDecisionRow,
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

AT_ONCE = 500
"""Pictures that are looked for in one query: SQLite takes so many values."""

_OUTLINE = (
    CellRow.pictures, CellRow.analyses, CellRow.placements, CellRow.edits, CellRow.sign_offs,
    CellRow.recipes, CellRow.sittings, CellRow.first_looks, CellRow.check_decisions,
    CellRow.exclusions, CellRow.notes,
)  # fmt: skip
"""What is read of all cells of a case at once; cell by cell it takes ten times as long."""


@dataclass(frozen=True)
class NewCell:
    """A cell about to be stored; its pictures are in the image store. `thumbnail` is PNG data.

    Cells of one `case_key` are of one case, which is then named `case_name`.
    """

    case_key: str
    case_name: str
    name: str
    pictures: tuple[SourcePicture, ...]
    thumbnail: bytes | None
    is_demo: bool = False
    slide: str = ""


@dataclass(frozen=True)
class Place:
    """Where a picture is in the data folder."""

    case_id: int
    case: str
    slide: str
    cell: str
    picture: str
    in_bin: bool = False


@dataclass(frozen=True)
class _Work:
    """What the summaries need to know of every cell, gathered in a few small queries."""

    counts: Mapping[int, Mapping[str, int]]
    pictures: Mapping[int, int]
    analysed: frozenset[int]
    edited: frozenset[int]
    signed: frozenset[int]
    photographs: frozenset[int]
    qualities: Mapping[int, dict[str, Any]]
    costs: Mapping[int, CorrectionCost]
    open_checks: Mapping[int, tuple[CheckEntry, ...]]
    excluded: Mapping[int, Exclusion]
    slides: Mapping[int, str | None]
    labelled: Mapping[int, Labelled]


class CaseStore:
    """Reads and writes cases. Each call is one session; what it returns is plain domain."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def summaries(self, deleted: bool) -> tuple[CaseSummary, ...]:
        """The browser's rows, newest first. Reads no picture but one small thumbnail per case."""
        chosen = CaseRow.deleted_at.is_not(None) if deleted else CaseRow.deleted_at.is_(None)
        with self._database.read() as session:
            rows = session.scalars(
                select(CaseRow).where(chosen).order_by(CaseRow.created.desc(), CaseRow.id.desc())
            ).all()
            if not rows:  # a new data folder, or an empty bin
                return ()
            ids = [row.id for row in rows]
            cells = defaultdict(list)
            for cell in session.scalars(
                select(CellRow).join(CaseRow).where(chosen).order_by(CellRow.position)
            ):
                cells[cell.case_id].append(cell)
            work = _work(session)
            thumbnails = _thumbnails(session, ids)
            reviews = reviews_of(session)
            return tuple(
                _summary(
                    row,
                    cells[row.id],
                    work,
                    thumbnails.get(row.id),
                    reviews.get(row.id, CaseReview()),
                )
                for row in rows
            )

    def load(self, case_id: int) -> Case:
        """A case with its cells; the cells come without their chromosomes."""
        with self._database.read() as session, contained("this case"):
            row = _case(session, case_id)
            work = _work(session, case_id)
            rows = session.scalars(
                select(CellRow)
                .where(CellRow.case_id == case_id)
                .order_by(CellRow.position)
                .options(*(selectinload(part) for part in _OUTLINE))
            )
            cells = tuple(with_word(session, mapping.metaphase_from(cell, None)) for cell in rows)
            trail = case_entries(row.notes)
            return Case(
                id=row.id,
                name=row.name,
                created=row.created,
                state=review_of(session, case_id).state(
                    _case_state((_state(c.id, work), c.id in work.excluded) for c in cells)
                ),
                details=mapping.details_from(row.details),
                cells=cells,
                deleted=row.deleted_at is not None,
                note=case_note(trail),
                trail=tuple(trail),
            )

    def has_real(self) -> bool:
        """Whether there is any case, in the bin too, that is not of the demonstration."""
        with self._database.read() as session:
            real = select(CaseRow.id).where(CaseRow.is_demo.is_(False)).limit(1)
            return session.scalar(real) is not None

    def is_demo(self, case_id: int) -> bool:
        """Whether the case holds the demonstration cells."""
        with self._database.read() as session:
            return _case(session, case_id).is_demo

    def rename(self, case_id: int, name: str) -> None:
        """Give a case another name; `KaryoError` when another case has it."""
        with self._database.write() as session:
            row = _case(session, case_id)
            refuse_change(session, case_id, "renamed")
            if name in _names(session, without=case_id):
                raise KaryoError(f"There is another case named {name}.", "Choose another name.")
            row.name = name

    def set_details(self, case_id: int, details: CaseDetails, who: str) -> None:
        """Store the report's fields, and on record who changed which.

        `KaryoError`, with nothing stored, while an approved report stands.
        """
        with self._database.write() as session:
            row = _case(session, case_id)
            after = mapping.details_to(details)
            act = details_act(session, case_id, row.details, after, who)
            if act is not None:
                session.add(act)
                row.details = row.details | after

    def set_deleted(self, case_ids: Iterable[int], deleted: bool) -> None:
        """Move cases to the bin, or take them out of it (renamed where the name is taken)."""
        with self._database.write() as session:
            for case_id in case_ids:
                row = _case(session, case_id)
                if deleted:
                    refuse_change(session, case_id, "moved to the bin")
                if not deleted and row.deleted_at is not None:
                    row.name = unique_name(row.name, _names(session, without=case_id))
                row.deleted_at = datetime.now(UTC) if deleted else None

    def places(self, digests: Iterable[str]) -> dict[str, Place]:
        """Where pictures of these sha256 are, by them; one outside the bin before one in it."""
        wanted = list(dict.fromkeys(digests))
        found: dict[str, Place] = {}
        with self._database.read() as session:
            for start in range(0, len(wanted), AT_ONCE):
                rows = session.execute(
                    select(PictureRow, CellRow, CaseRow)
                    .join(CellRow, PictureRow.cell_id == CellRow.id)
                    .join(CaseRow, CellRow.case_id == CaseRow.id)
                    .where(PictureRow.sha256.in_(wanted[start : start + AT_ONCE]))
                    .order_by(CaseRow.deleted_at.is_not(None), PictureRow.id)
                )
                for picture, cell, case in rows:
                    place = Place(
                        case.id, case.name, cell.slide or "", cell.name, picture.name,
                        case.deleted_at is not None,
                    )  # fmt: skip
                    found.setdefault(picture.sha256, place)
        return found

    def exclude(self, cell_ids: Iterable[int], reason: str, who: str) -> None:
        """Let cells count in their cases no more, all or none; they keep all that they have.

        Those that are excluded already are left alone.
        """
        self._set_excluded(cell_ids, who, reason, excluded=True)

    def take_back(self, cell_ids: Iterable[int], who: str) -> None:
        """Let excluded cells count again, all or none; both acts stay on record."""
        self._set_excluded(cell_ids, who, "", excluded=False)

    def _set_excluded(
        self, cell_ids: Iterable[int], who: str, reason: str, *, excluded: bool
    ) -> None:
        with self._database.write() as session:
            for cell_id in cell_ids:
                cell = cell_row(session, cell_id)
                refuse_change(session, cell.case_id, "given other cells that count")
                last = cell.exclusions[-1] if cell.exclusions else None
                if excluded is not (last is not None and not last.withdrawn):
                    session.add(
                        ExclusionRow(
                            cell_id=cell.id,
                            who=who,
                            at=datetime.now(UTC),
                            reason=reason,
                            withdrawn=not excluded,
                        )
                    )

    def add(
        self, cells: Sequence[NewCell], case_id: int | None
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Store new cells, all or none: in one case, or in new cases by their keys.

        Returns the ids of the cases and of the cells. Names that are taken get a number.
        """
        with self._database.write() as session:
            cases: dict[str, CaseRow] = {}
            added = []
            for new in cells:
                if case_id is not None:
                    row = _case(session, case_id)
                    refuse_change(session, case_id, "given more cells")
                else:
                    row = cases.get(new.case_key) or _new_case(session, new)
                    cases[new.case_key] = row
                added.append(_add_cell(session, row, new))
            session.flush()
            case_ids = tuple(dict.fromkeys(cell.case_id for cell in added))
            return case_ids, tuple(cell.id for cell in added)


def _case(session: Session, case_id: int) -> CaseRow:
    row = session.get(CaseRow, case_id)
    if row is None:
        raise KaryoError("This case is not in the data folder.")
    return row


def _names(session: Session, without: int | None = None) -> set[str]:
    """Names of the cases outside the bin, but for one of them."""
    rows = session.execute(select(CaseRow.id, CaseRow.name).where(CaseRow.deleted_at.is_(None)))
    return {name for case_id, name in rows if case_id != without}


def _new_case(session: Session, new: NewCell) -> CaseRow:
    row = CaseRow(
        id=next_case_id(raw_connection(session.connection())),
        name=unique_name(new.case_name, _names(session)),
        created=datetime.now(UTC),
        details=mapping.details_to(CaseDetails()),
        is_demo=new.is_demo,
    )
    session.add(row)
    session.flush()
    return row


def _add_cell(session: Session, row: CaseRow, new: NewCell) -> CellRow:
    cell = CellRow(
        case_id=row.id,
        position=len(row.cells),
        name=unique_name(
            new.name, [other.name for other in row.cells if (other.slide or "") == new.slide]
        ),
        created=datetime.now(UTC),
        thumbnail=new.thumbnail,
        slide=new.slide or None,
    )
    cell.pictures = [
        PictureRow(
            position=position,
            name=picture.name,
            key=picture.key,
            width=picture.width,
            height=picture.height,
            sha256=picture.sha256,
            kind=str(picture.kind),
            slot=picture.slot,
        )
        for position, picture in enumerate(new.pictures)
    ]
    row.cells.append(cell)
    return cell


def _work(session: Session, case_id: int | None = None) -> _Work:
    here = true() if case_id is None else CellRow.case_id == case_id
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    in_slot = (
        select(PlacementRow.cell_id, PlacementRow.slot, func.count())
        .join(CellRow)
        .where(here, PlacementRow.away.is_(False))
        .group_by(PlacementRow.cell_id, PlacementRow.slot)
    )
    for cell_id, slot, count in session.execute(in_slot):
        counts[cell_id][slot] = count
    pictures = select(PictureRow.cell_id, func.count()).join(CellRow).where(here)
    last = select(func.max(SignOffRow.id)).group_by(SignOffRow.cell_id)
    signed = select(SignOffRow.cell_id).where(
        and_(SignOffRow.id.in_(last), SignOffRow.withdrawn.is_(False))
    )
    repaired = EditRow.kind.in_([str(kind) for kind in REPAIRS])
    edited = select(EditRow.cell_id).join(CellRow).where(here, EditRow.by_person | repaired)
    photographs = select(PictureRow.cell_id).where(PictureRow.kind == str(PictureKind.METAPHASE))
    newest = select(func.max(AnalysisRow.id)).group_by(AnalysisRow.cell_id)
    qualities = select(AnalysisRow.cell_id, AnalysisRow.quality).where(
        and_(AnalysisRow.id.in_(newest), AnalysisRow.quality.is_not(None))
    )
    enhanced = select(RecipeRow.cell_id, func.max(RecipeRow.at).label("at"))
    last_recipe = enhanced.group_by(RecipeRow.cell_id).subquery()
    first_looks = (
        select(FirstLookRow.cell_id, FirstLookRow.quality)
        .outerjoin(last_recipe, last_recipe.c.cell_id == FirstLookRow.cell_id)
        .where(or_(last_recipe.c.at.is_(None), FirstLookRow.at >= last_recipe.c.at))
        .order_by(FirstLookRow.id)
    )
    sittings: dict[int, list[Sitting]] = defaultdict(list)
    for row in session.scalars(select(SittingRow).join(CellRow).where(here)):
        sittings[row.cell_id].append(mapping.sitting_from(row))
    return _Work(
        photographs=frozenset(session.scalars(photographs)),
        qualities=dict([*session.execute(first_looks), *session.execute(qualities)]),
        costs={cell_id: CorrectionCost.of(rows) for cell_id, rows in sittings.items()},
        counts=counts,
        pictures=dict(session.execute(pictures.group_by(PictureRow.cell_id)).all()),
        analysed=frozenset(session.scalars(select(AnalysisRow.cell_id).join(CellRow).where(here))),
        edited=frozenset(session.scalars(edited.distinct())),
        signed=frozenset(session.scalars(signed)),
        open_checks=_open_checks(session, here),
        excluded=_excluded(session, here),
        slides=noted_slides(session, here),
        labelled=labelled_in(session, here),
    )


def _open_checks(session: Session, here: ColumnElement[bool]) -> dict[int, tuple[CheckEntry, ...]]:
    """Entries of separation checks that nobody has worked off, by cell."""
    newest = select(func.max(AnalysisRow.id)).group_by(AnalysisRow.cell_id)
    checks = (
        select(AnalysisRow.cell_id, AnalysisRow.separation_check)
        .join(CellRow)
        .where(here, AnalysisRow.id.in_(newest), AnalysisRow.separation_check.is_not(None))
    )
    objects = (
        select(AnalysisRow.cell_id, SeparatedObjectRow)
        .join(AnalysisRow, SeparatedObjectRow.analysis_id == AnalysisRow.id)
        .join(CellRow)
        .where(here, AnalysisRow.id.in_(newest), AnalysisRow.separation_check.is_not(None))
    )
    present: dict[int, dict[str, tuple[Seen, bool]]] = defaultdict(dict)
    for cell_id, row in session.execute(objects):
        present[cell_id][row.object_id] = (Seen.of(row), row.by_person)
    decisions: dict[int, list[CheckDecisionRow]] = defaultdict(list)
    told = select(CheckDecisionRow).join(CellRow).where(here).order_by(CheckDecisionRow.id)
    for decision in session.scalars(told):
        decisions[decision.cell_id].append(decision)
    return {
        cell_id: open_entries(entries_of(stored, present[cell_id], decisions[cell_id]))
        for cell_id, stored in session.execute(checks)
        if stored
    }


def _excluded(session: Session, here: ColumnElement[bool]) -> dict[int, Exclusion]:
    newest = select(func.max(ExclusionRow.id)).group_by(ExclusionRow.cell_id)
    rows = session.scalars(
        select(ExclusionRow).join(CellRow).where(here, ExclusionRow.id.in_(newest))
    )
    found = {row.cell_id: mapping.exclusion_from(row) for row in rows}
    return {cell_id: exclusion for cell_id, exclusion in found.items() if exclusion is not None}


def _case_state(cells: Iterable[tuple[CaseState, bool]]) -> CaseState:
    """How far a case has come, by the states of its cells and whether each is excluded.

    Excluded cells do not count, unless there are no others.
    """
    told = list(cells)
    counted = [state for state, is_excluded in told if not is_excluded]
    return mapping.case_state(counted or [state for state, _ in told])


def _thumbnails(session: Session, case_ids: Sequence[int]) -> dict[int, bytes | None]:
    first = select(CellRow).where(CellRow.position == 0).options(undefer(CellRow.thumbnail))
    chosen = set(case_ids)
    return {c.case_id: c.thumbnail for c in session.scalars(first) if c.case_id in chosen}


def _state(cell_id: int, work: _Work) -> CaseState:
    return mapping.cell_state(
        cell_id in work.analysed, cell_id in work.edited, cell_id in work.signed
    )


def _summary(
    row: CaseRow,
    cells: Sequence[CellRow],
    work: _Work,
    thumbnail: bytes | None,
    review: CaseReview,
) -> CaseSummary:
    summaries = tuple(_cell_summary(cell, work) for cell in cells)
    state = _case_state((summary.state, summary.is_excluded) for summary in summaries)
    return CaseSummary(row.id, row.name, row.created, review.state(state), summaries, thumbnail)


def _cell_summary(cell: CellRow, work: _Work) -> CellSummary:
    findings: tuple[str, ...] = ()
    iscn = ""
    # How many chromosomes a photograph shows is not known before analysis.
    count = 0 if cell.id in work.photographs else work.pictures.get(cell.id, 0)
    if cell.id in work.analysed:
        counts = dict.fromkeys(SLOTS, 0) | dict(work.counts.get(cell.id, {}))
        count = sum(counts.values())
        check = work.open_checks.get(cell.id, ())
        doubt = (f"{unsettled(check)}.",) if check else ()
        quality = mapping.quality_from(work.qualities.get(cell.id))
        has_bands = quality is None or quality.has_bands
        findings = (*doubt, *(f.text for f in condensed(find(counts, has_bands))))
        changes, slots = work.labelled.get(cell.id, NOTHING_LABELLED)
        is_photograph = cell.id in work.photographs
        iscn = str(propose_cell(counts, changes, slots, check, has_bands, is_photograph))
    cost = work.costs.get(cell.id, CorrectionCost({}, 0.0))
    slide = work.slides.get(cell.id)
    return CellSummary(
        cell.id,
        cell.case_id,
        cell.name,
        count,
        _state(cell.id, work),
        findings,
        iscn,
        slide=slide if slide is not None else cell.slide or "",
        has_photograph=cell.id in work.photographs,
        quality=mapping.quality_from(work.qualities.get(cell.id)),
        corrections=cost.corrections,
        seconds=cost.seconds_active,
        exclusion=work.excluded.get(cell.id),
    )
