"""Cases in the database: the browser's rows, details, names, and the bin."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, selectinload

from karyogui.domain.case import AnyCell, Case, CaseDetails, CaseState, NotedCell
from karyogui.domain.case_result import CaseCell
from karyogui.domain.cell import Cell, SourcePicture
from karyogui.domain.notes import CellNote, case_note
from karyogui.errors import KaryoError
from karyogui.storage import mapping
from karyogui.storage.case_reviews import details_act, refuse_change, review_of
from karyogui.storage.case_summaries import (
    Evidence,
    case_state_of,
    evidence_of,
    known_of,
    state_of,
)
from karyogui.storage.cell_rows import cell_row
from karyogui.storage.damage import contained
from karyogui.storage.database import Database, raw_connection
from karyogui.storage.notes import case_entries, cell_notes
from karyogui.storage.signing import altered_since, with_word
from karyogui.storage.tables import (
    CaseRow,
    CellRow,
    ExclusionRow,
    PictureRow,
)

AT_ONCE = 500
"""Pictures that are looked for in one query: SQLite takes so many values."""

_OUTLINE = (
    CellRow.pictures, CellRow.analyses, CellRow.placements, CellRow.edits, CellRow.sign_offs,
    CellRow.recipes, CellRow.sittings, CellRow.first_looks, CellRow.check_decisions,
    CellRow.exclusions, CellRow.notes, CellRow.labelled_changes,
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
class CellPlace:
    """Where a picture is in the data folder."""

    case_id: int
    case: str
    slide: str
    cell: str
    picture: str
    in_bin: bool = False


class CaseStore:
    """Reads and writes cases. Each call is one session; what it returns is plain domain."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, case_id: int) -> Case[Cell]:
        """A case with its cells; the cells come without their chromosomes."""
        with self._database.read() as session, contained("this case"):
            row = _case(session, case_id)
            rows = session.scalars(
                select(CellRow)
                .where(CellRow.case_id == case_id)
                .order_by(CellRow.position)
                .options(*(selectinload(part) for part in _OUTLINE))
            )
            cells = tuple(with_word(session, mapping.cell_from(cell, None)) for cell in rows)
            work = known_of(session, CellRow.case_id == case_id)
            return _case_of(row, cells, _state(session, case_id, work))

    def evidence(self, case_id: int) -> tuple[Case[NotedCell], tuple[CaseCell, ...]]:
        """A case with what its cells say together: of hundreds in a tenth of the time of `load`."""
        with self._database.read() as session, contained("this case"):
            row, chosen = _case(session, case_id), CellRow.case_id == case_id
            work = known_of(session, chosen)
            cells, told = _evidence(session, chosen, work)
            return _case_of(row, cells, _state(session, case_id, work)), told

    def noted_again(
        self, case: Case[NotedCell], told: Sequence[CaseCell], cell_ids: Collection[int]
    ) -> tuple[Case[NotedCell], tuple[CaseCell, ...]]:
        """What `evidence` says now, where since then only the case and these cells were noted of.

        Only they are read again, for a page of hundreds that is shown again after each act.
        """
        with self._database.read() as session, contained("this case"):
            row = _case(session, case.id)
            chosen = and_(CellRow.case_id == case.id, CellRow.id.in_(cell_ids))
            work = known_of(session, chosen) if cell_ids else None
            cells, evidence = _evidence(session, chosen, work) if work else ((), ())
            noted = {cell.id: cell for cell in cells}
            known = {each.id: each for each in evidence}
            all_cells = tuple(noted.get(cell.id, cell) for cell in case.cells)
            return (
                _case_of(row, all_cells, case.state),
                tuple(known.get(each.id, each) for each in told),
            )

    def name_and_cells(self, case_id: int) -> tuple[str, tuple[int, ...]]:
        """A case's name, and the ids of its cells in their order."""
        with self._database.read() as session, contained("this case"):
            return _case(session, case_id).name, _cell_ids(session, case_id)

    def is_altered(self, case_id: int, cell_id: int) -> bool:
        """Whether a cell is other than it was signed, changed outside the program."""
        with self._database.read() as session:
            return bool(altered_since(session, case_id, cell_id))

    def named(self, name: str, in_bin: bool = False) -> tuple[int, ...]:
        """Ids of the cases of that name outside the bin, or in it, the newest first."""
        is_there = CaseRow.deleted_at.is_not(None) if in_bin else CaseRow.deleted_at.is_(None)
        with self._database.read() as session:
            chosen = select(CaseRow.id).where(CaseRow.name == name, is_there)
            newest = chosen.order_by(CaseRow.created.desc(), CaseRow.id.desc())
            return tuple(session.scalars(newest))

    def ids(self) -> tuple[int, ...]:
        """Ids of the cases outside the bin, oldest first."""
        with self._database.read() as session:
            chosen = select(CaseRow.id).where(CaseRow.deleted_at.is_(None))
            return tuple(session.scalars(chosen.order_by(CaseRow.id)))

    def has_cell(self, cell_id: int) -> bool:
        """Whether the cell is in a case outside the bin."""
        with self._database.read() as session:
            chosen = (
                select(CellRow.id)
                .join(CaseRow)
                .where(CellRow.id == cell_id, CaseRow.deleted_at.is_(None))
            )
            return session.scalar(chosen) is not None

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

    def places(self, digests: Iterable[str]) -> dict[str, CellPlace]:
        """Where pictures of these sha256 are, by them; one outside the bin before one in it."""
        wanted = list(dict.fromkeys(digests))
        found: dict[str, CellPlace] = {}
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
                    place = CellPlace(
                        case.id, case.name, cell.slide or "", cell.name, picture.name,
                        case.deleted_at is not None,
                    )  # fmt: skip
                    found.setdefault(picture.sha256, place)
        return found

    def exclude(self, cell_ids: Iterable[int], reason: str, who: str) -> None:
        """Let cells no longer count in their cases, all or none; they keep all that they have.

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


def _case_of(row: CaseRow, cells: tuple[AnyCell, ...], state: CaseState) -> Case[AnyCell]:
    trail = case_entries(row.notes)
    details, note = mapping.details_from(row.details), case_note(trail)
    return Case(row.id, row.name, row.created, state, details, cells, note, tuple(trail))


def _evidence(
    session: Session, chosen: ColumnElement[bool], work: Evidence
) -> tuple[tuple[NotedCell, ...], tuple[CaseCell, ...]]:
    """Cells in their order with their notes, and what each says for the result of its case."""
    notes = cell_notes(session, chosen)
    names = select(CellRow.id, CellRow.name, CellRow.slide)
    found = session.execute(names.where(chosen).order_by(CellRow.position)).all()
    cells = tuple(NotedCell(i, name, notes.get(i, CellNote())) for i, name, _ in found)
    slides = [slide or "" for *_, slide in found]
    told = [evidence_of(cell, work, slide) for cell, slide in zip(cells, slides, strict=True)]
    return cells, tuple(told)


def _cell_ids(session: Session, case_id: int) -> tuple[int, ...]:
    cells = select(CellRow.id).where(CellRow.case_id == case_id)
    return tuple(session.scalars(cells.order_by(CellRow.position)))


def _state(session: Session, case_id: int, work: Evidence) -> CaseState:
    ids = _cell_ids(session, case_id)
    cells = case_state_of((state_of(i, work), i in work.excluded) for i in ids)
    return review_of(session, case_id).state(cells)


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


def unique_name(name: str, taken: Iterable[str]) -> str:
    """`name`, or `name (2)`, `name (3)` … where it is taken."""
    names = set(taken)
    result, number = name, 1
    while result in names:
        number += 1
        result = f"{name} ({number})"
    return result


def next_case_id(connection: sqlite3.Connection) -> int:
    """A number that no case has or had: the trail still has entries for those that were erased."""
    (last,) = connection.execute(
        'SELECT max(ifnull((SELECT max(id) FROM "case"), 0), '
        "ifnull((SELECT max(case_id) FROM trail), 0))"
    ).fetchone()
    return int(last) + 1
