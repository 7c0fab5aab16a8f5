"""The list of cases: pages and counters from rows that are worked out once and kept.

Every change of a case makes it stale (`listing_schema`); `freshen` works its rows out again. So an
edit costs the same whatever the size of the library, and a page is read by an index.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from zlib import crc32

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    column,
    delete,
    func,
    insert,
    select,
    table,
    text,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from karyogui import __version__
from karyogui.domain.case import CaseState, CaseSummary, CellSummary
from karyogui.domain.case_list import (
    CaseOrder,
    CasePage,
    CaseQuery,
    LibraryCounts,
    is_new,
    is_unjudged,
    search_text,
    sort_key,
)
from karyogui.domain.review import Exclusion
from karyogui.log import in_short
from karyogui.storage import mapping
from karyogui.storage.case_summaries import summaries_of, thumbnails_of
from karyogui.storage.database import Database
from karyogui.storage.listing_schema import SEARCH, CaseListRow, CaseStaleRow, CaseSummaryRow
from karyogui.storage.tables import CaseRow, CellRow

log = logging.getLogger(__name__)

AT_ONCE = 200
"""Cases that are worked out in one transaction."""
RULES = 3
"""Raised when a list row is worked out in another way from the same stored cases."""
WAY = ":".join(
    [
        str(RULES),
        __version__,
        *(f.name for kind in (CellSummary, CaseSummary) for f in fields(kind)),
    ]
)
SHORTEST = 3
"""Letters of the shortest word that the index knows."""
DAMAGED = "This case is damaged: its stored data cannot be read."
_INDEX = table(SEARCH, column("rowid", Integer), column("text", String))
_COLUMNS = {
    CaseOrder.NAME: CaseListRow.name,
    CaseOrder.CELLS: CaseListRow.cells,
    CaseOrder.CHROMOSOMES: CaseListRow.chromosomes,
    CaseOrder.STATE: CaseListRow.state_rank,
    CaseOrder.QUALITY: CaseListRow.quality,
    CaseOrder.OBJECTS: CaseListRow.objects,
    CaseOrder.CROSSINGS: CaseListRow.crossings,
    CaseOrder.TOUCHING: CaseListRow.touching,
    CaseOrder.CORRECTIONS: CaseListRow.corrections,
    CaseOrder.MINUTES: CaseListRow.minutes,
    CaseOrder.FINDINGS: CaseListRow.findings,
    CaseOrder.DATE: CaseListRow.date,
}


@dataclass(frozen=True)
class _Made:
    """A case's rows of `case_list` and `case_summary`, as they are stored."""

    summary: CaseSummary
    token: int
    row: dict[str, Any]
    document: str

    @classmethod
    def of(cls, summary: CaseSummary, in_bin: bool, token: int) -> _Made:
        """What cannot be ranked or written down raises here."""
        return cls(summary, token, _list_row(summary, in_bin), _document(summary))


class CaseListing:
    """Reads pages of the list and keeps its rows. From any thread; each call is one session."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._unread: set[int] = set()
        self._lock = Lock()
        # An index answers it: another version's rows are worked out again.
        other = select(CaseListRow.case_id).where((CaseListRow.way < WAY) | (CaseListRow.way > WAY))
        with database.read() as session:
            is_other = session.scalar(other.limit(1)) is not None
        if is_other and not database.is_read_only:
            again = "INSERT OR REPLACE INTO case_stale SELECT case_id, random() FROM case_list"
            with database.work_out() as session:
                session.execute(text(again))

    # -- keeping ---------------------------------------------------------------------------------

    @property
    def stale(self) -> int:
        """Cases whose rows have yet to be worked out."""
        with self._database.read() as session:
            return session.scalar(select(func.count()).select_from(CaseStaleRow)) or 0

    def freshen(self, most: int = AT_ONCE) -> int:
        """Work out the rows of so many cases that changed, the newest first; how many there were.

        They are `unread` until somebody says that they are shown.
        """
        done = 0
        while done < most and not self._database.is_read_only:
            made, gone = self._worked_out(min(AT_ONCE, most - done))
            if not made and not gone:
                break
            with self._database.work_out() as session:
                _keep(session, made)
                session.execute(delete(CaseStaleRow).where(CaseStaleRow.case_id.in_(gone)))
            done += len(made)
            with self._lock:
                self._unread |= {each.summary.id for each in made}
        return done

    @property
    def unread(self) -> frozenset[int]:
        """Cases whose rows were worked out since they were last shown."""
        with self._lock:
            return frozenset(self._unread)

    def tell(self, case_ids: Iterable[int]) -> None:
        """The window is about to show these rows as they are."""
        with self._lock:
            self._unread -= set(case_ids)

    def _worked_out(self, most: int) -> tuple[list[_Made], set[int]]:
        """Rows of so many stale cases, and the ids of cases that no longer exist."""
        with self._database.read() as session:
            waiting = select(CaseStaleRow.case_id, CaseStaleRow.token)
            tokens = dict(
                session.execute(waiting.order_by(CaseStaleRow.case_id.desc()).limit(most)).all()
            )
            if not tokens:
                return [], set()
            try:
                made = _make(session, tokens)
                return made, tokens.keys() - {each.summary.id for each in made}
            # One damaged case must not take the others' rows: each is tried by itself.
            except Exception as error:
                log.warning("cases are worked out one by one: %s", in_short(error))
        made = []
        for case_id, token in tokens.items():
            with self._database.read() as session:
                try:
                    made += _make(session, {case_id: token})
                except Exception as error:
                    log.warning("case %s is damaged: %s", case_id, in_short(error))
                    made += _damaged(session, case_id, token)
        return made, tokens.keys() - {each.summary.id for each in made}

    # -- reading ---------------------------------------------------------------------------------

    def page(self, query: CaseQuery, start: int, count: int) -> CasePage:
        """Rows `start` … `start + count` of a query."""
        if self._database.is_read_only and self.stale:
            return self._page_as_it_is(query, start, count)
        with self._database.read() as session:
            ids, matching, total = _found_ids(session, query, start, count)
            return CasePage(_summaries(session, ids), matching, total)

    def _page_as_it_is(self, query: CaseQuery, start: int, count: int) -> CasePage:
        """A page of a folder that is only looked at, and whose rows cannot be kept."""
        with self._database.read() as session:
            in_bin = CaseRow.deleted_at.is_not(None) == query.in_bin
            ids = session.scalars(select(CaseRow.id).where(in_bin)).all()
            rows = [_again(session, case_id) for case_id in ids]
            found = [
                row for row in rows
                if query.state in (None, row.state)
                and all(_searched(word) in _searched(search_text(row)) for word in query.words)
            ]  # fmt: skip
            found.sort(key=lambda row: sort_key(row, query.order), reverse=query.descending)
            page = found[start : start + count]
            thumbnails = thumbnails_of(session, [row.id for row in page])
        shown = tuple(replace(row, thumbnail=thumbnails.get(row.id)) for row in page)
        return CasePage(shown, len(found), len(rows))

    def found(self, query: CaseQuery, count: int) -> tuple[Sequence[int], int, int]:
        """Ids of the first rows of a query, how many match, and how many cases there are."""
        with self._database.read() as session:
            return _found_ids(session, query, 0, count)

    def of_cells(self, cell_ids: Iterable[int]) -> tuple[CellSummary, ...]:
        """What the list says of these cells, of those outside the bin."""
        wanted = set(cell_ids)
        with self._database.read() as session:
            cases = (
                select(CellRow.case_id)
                .join(CaseRow)
                .where(CellRow.id.in_(wanted), CaseRow.deleted_at.is_(None))
            )
            summaries = _summaries(session, session.scalars(cases.distinct()).all())
            return tuple(c for summary in summaries for c in summary.cells if c.id in wanted)

    def summaries(self, case_ids: Iterable[int]) -> tuple[CaseSummary, ...]:
        """Rows of these cases, of those that there are."""
        with self._database.read() as session:
            return _summaries(session, tuple(case_ids))

    def all(self, in_bin: bool = False) -> tuple[CaseSummary, ...]:
        """Every row, the newest first, as it is now; for what has to see each of them."""
        while self.freshen():
            pass
        if self._database.is_read_only and (count := self.stale):
            count += self.page(CaseQuery(in_bin=in_bin), 0, 0).total
            return self.page(CaseQuery(in_bin=in_bin), 0, count).summaries
        with self._database.read() as session:
            query = CaseQuery(in_bin=in_bin)
            ids = session.scalars(_ordered(_matching(query), query)).all()
            return _summaries(session, ids)

    def counts(self) -> LibraryCounts:
        """The counters of the cases outside the bin."""
        with self._database.read() as session:
            told = session.execute(
                select(
                    func.count(), func.sum(CaseListRow.new_cells), func.sum(CaseListRow.unjudged)
                ).where(CaseListRow.in_bin.is_(False))
            ).one()
            return LibraryCounts(*(number or 0 for number in told))

    def new_cells(self) -> tuple[int, ...]:
        """Ids of all cells that count and have not been analysed, the newest cases first."""
        return tuple(
            cell.id for summary in self._with(CaseListRow.new_cells, None)
            for cell in summary.cells if is_new(cell)
        )  # fmt: skip

    def unjudged(self, most: int) -> tuple[int, ...]:
        """Ids of photographs whose quality nobody has judged, of so many cases at most."""
        return tuple(
            cell.id for summary in self._with(CaseListRow.unjudged, most)
            for cell in summary.cells if is_unjudged(cell)
        )  # fmt: skip

    def _with(
        self, counter: InstrumentedAttribute[int], most: int | None
    ) -> tuple[CaseSummary, ...]:
        with self._database.read() as session:
            chosen = select(CaseListRow.case_id).where(CaseListRow.in_bin.is_(False), counter > 0)
            newest = chosen.order_by(CaseListRow.date.desc(), CaseListRow.case_id.desc())
            return _summaries(session, session.scalars(newest.limit(most)).all())


def _found_ids(
    session: Session, query: CaseQuery, start: int, count: int
) -> tuple[Sequence[int], int, int]:
    all_cases = select(func.count()).where(CaseListRow.in_bin.is_(query.in_bin))
    total = session.scalar(all_cases) or 0
    ordered = _ordered(_matching(query), query)
    if not query.words:
        of_state = all_cases.where(CaseListRow.state == str(query.state))
        matching = total if query.state is None else session.scalar(of_state) or 0
        return session.scalars(ordered.limit(count).offset(start)).all(), matching, total
    # What is searched for is looked up once, for the rows and for their number.
    counted = ordered.add_columns(func.count().over()).limit(count).offset(start)
    found = session.execute(counted).all()
    if not found and start:
        return (), session.scalar(select(func.count()).select_from(ordered.subquery())) or 0, total
    return [row[0] for row in found], (found[0][1] if found else 0), total


def _make(session: Session, tokens: dict[int, int]) -> list[_Made]:
    rows = session.scalars(select(CaseRow).where(CaseRow.id.in_(tokens))).all()
    summaries = summaries_of(session, rows)
    return [
        _Made.of(summary, row.deleted_at is not None, tokens[row.id])
        for row, summary in zip(rows, summaries, strict=True)
    ]


def kept_as(session: Session, case_id: int) -> tuple[dict[str, Any], str, str]:
    """How a case's rows are kept when they are worked out now: row, document, words of the index.

    `LookupError` for a case that cannot be read at all.
    """
    try:
        made = _make(session, {case_id: 0})
    except Exception as error:
        log.warning("case %s is damaged: %s", case_id, in_short(error))
        made = _damaged(session, case_id, 0)
    return made[0].row, made[0].document, _searched(search_text(made[0].summary))


def _damaged(session: Session, case_id: int, token: int) -> list[_Made]:
    """What can be said of a case that cannot be read."""
    read = text('SELECT CAST(name AS BLOB), deleted_at FROM "case" WHERE id = :id')
    row = session.execute(read, {"id": case_id}).first()
    if row is None:
        return []
    name = (row[0] or b"").decode("utf-8", "replace") or f"case {case_id}"
    when = datetime.fromtimestamp(0, UTC)
    summary = CaseSummary(case_id, name, when, CaseState.NEW, (), damage=DAMAGED)
    return [_Made.of(summary, row[1] is not None, token)]


def _keep(session: Session, made: Sequence[_Made]) -> None:
    ids = [{"id": each.summary.id} for each in made]
    if not ids:
        return
    for kind, rows in (
        (CaseListRow, [each.row for each in made]),
        (CaseSummaryRow, [{"case_id": m.summary.id, "document": m.document} for m in made]),
    ):
        session.execute(insert(kind).prefix_with("OR REPLACE"), rows)
    session.execute(text(f"DELETE FROM {SEARCH} WHERE rowid = :id"), ids)
    session.execute(
        text(f"INSERT INTO {SEARCH} (rowid, text) VALUES (:id, :text)"),
        [{"id": m.summary.id, "text": _searched(search_text(m.summary))} for m in made],
    )
    # Changed again meanwhile, one has another token and stays stale.
    session.execute(
        text("DELETE FROM case_stale WHERE case_id = :id AND token = :token"),
        [{"id": each.summary.id, "token": each.token} for each in made],
    )


def _list_row(summary: CaseSummary, in_bin: bool) -> dict[str, Any]:
    keys = {column.key: sort_key(summary, order) for order, column in _COLUMNS.items()}
    return {
        **keys,
        "case_id": summary.id,
        "way": WAY,
        "in_bin": in_bin,
        "state": summary.state.value,
        "new_cells": sum(map(is_new, summary.cells)),
        "unjudged": sum(map(is_unjudged, summary.cells)),
    }


def _matching(query: CaseQuery) -> Select[int]:
    in_bin: ColumnElement[bool] = CaseListRow.in_bin.is_(query.in_bin)
    if query.order is not CaseOrder.DATE and query.state is None:
        # All rows are looked at: one after the other is quicker than by an index of the bin.
        in_bin = type_coerce(CaseListRow.in_bin, Integer) + 0 == int(query.in_bin)
    chosen = select(CaseListRow.case_id).where(in_bin)
    if query.state is not None:
        chosen = chosen.where(CaseListRow.state == query.state.value)
    words = [word for word in map(_searched, query.words) if word]
    if words:
        chosen = chosen.where(CaseListRow.case_id.in_(_found(words)))
    return chosen


def _found(words: Sequence[str]) -> Select[int]:
    """The cases in whose text every word stands: long ones by the index, short ones by looking."""
    found = select(_INDEX.c.rowid)
    # In quotes nothing is an operator of the index's own language.
    phrases = ['"' + word.replace('"', '""') + '"' for word in words if len(word) >= SHORTEST]
    if phrases:
        matches = text(f"{SEARCH} MATCH :phrases").bindparams(phrases=" AND ".join(phrases))
        found = found.where(matches)
    for word in words:
        if len(word) < SHORTEST:
            found = found.where(_INDEX.c.text.contains(word, autoescape=True))
    return found


def _searched(words: str) -> str:
    """Text as the index keeps it: whatever the case of its letters."""
    return words.casefold().replace("\0", " ").encode("utf-8", "replace").decode()


def _ordered(chosen: Select[int], query: CaseQuery) -> Select[int]:
    column = _COLUMNS[query.order]
    ordered = chosen.order_by(column.desc() if query.descending else column.asc())
    if query.order is not CaseOrder.DATE:  # or an index would not serve
        ordered = ordered.order_by(CaseListRow.date.desc())
    return ordered.order_by(CaseListRow.case_id.desc())


def _summaries(session: Session, ids: Sequence[int]) -> tuple[CaseSummary, ...]:
    """Rows in the order of the ids; a document that is damaged is worked out again."""
    found: dict[int, CaseSummary] = {}
    thumbnails: dict[int, bytes | None] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        kept = select(CaseSummaryRow.case_id, CaseSummaryRow.document)
        for case_id, document in session.execute(kept.where(CaseSummaryRow.case_id.in_(some))):
            try:
                found[case_id] = _summary_of(document)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                found[case_id] = _again(session, case_id)
        thumbnails |= thumbnails_of(session, some)
    return tuple(
        replace(found[i], thumbnail=thumbnails.get(i)) for i in dict.fromkeys(ids) if i in found
    )


def _again(session: Session, case_id: int) -> CaseSummary:
    try:
        return _make(session, {case_id: 0})[0].summary
    except Exception as error:
        log.warning("case %s is damaged: %s", case_id, in_short(error))
        return _damaged(session, case_id, 0)[0].summary


def _document(summary: CaseSummary) -> str:
    told = _plain(summary)
    del told["thumbnail"]
    told["created"] = summary.created.isoformat()
    told["cells"] = [_plain_cell(cell) for cell in summary.cells]
    text = json.dumps(told)
    return f"{crc32(text.encode()):08x} {text}"


def _plain_cell(cell: CellSummary) -> dict[str, Any]:
    told = _plain(cell)
    told["quality"] = None if cell.quality is None else asdict(cell.quality)
    if cell.exclusion is not None:
        told["exclusion"] = asdict(cell.exclusion)
        told["exclusion"]["when"] = cell.exclusion.when.isoformat()
    return told


def _plain(row: CaseSummary | CellSummary) -> dict[str, Any]:
    return {f.name: getattr(row, f.name) for f in fields(row)}


def _summary_of(document: str) -> CaseSummary:
    # What was altered is worked out again: nothing but this would notice it.
    checksum, _, text = document.partition(" ")
    if checksum != f"{crc32(text.encode()):08x}":
        raise ValueError("the row was altered")
    told = json.loads(text)
    told["cells"] = tuple(_cell_of(cell) for cell in told["cells"])
    told["created"] = datetime.fromisoformat(told["created"])
    told["state"] = CaseState(told["state"])
    return CaseSummary(**told)


def _cell_of(told: dict[str, Any]) -> CellSummary:
    excluded = told["exclusion"]
    if excluded is not None:
        excluded = Exclusion(**excluded | {"when": datetime.fromisoformat(excluded["when"])})
    return CellSummary(
        **told
        | {
            "state": CaseState(told["state"]),
            "findings": tuple(told["findings"]),
            "quality": mapping.quality_from(told["quality"]),
            "exclusion": excluded,
        }
    )
