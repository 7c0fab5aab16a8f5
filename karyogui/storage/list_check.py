"""Whether the kept rows of the list say what is worked out from the cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from karyogui.storage.case_listing import WAY, kept_as
from karyogui.storage.damage import DAMAGE, words_of
from karyogui.storage.database import read_only_connection
from karyogui.storage.listing_tables import CaseListRow, CaseStaleRow, CaseSummaryRow
from karyogui.storage.tables import CaseRow


def altered_list_rows(path: Path) -> Iterator[tuple[int, str]]:
    """Cases whose kept rows are other than they are worked out, each with a sentence.

    Those that wait to be worked out, and those of another version, are left alone.
    """
    engine = create_engine("sqlite://", creator=lambda: read_only_connection(path))
    try:
        with Session(engine) as session:
            stale = set(session.scalars(select(CaseStaleRow.case_id)))
            there = set(session.scalars(select(CaseRow.id)))
            listed = {row.case_id: row for row in session.scalars(select(CaseListRow))}
            for case_id in sorted(there - listed.keys() - stale):
                yield case_id, f"Case {case_id} is missing from the list."
            kept_ids = set(session.scalars(select(CaseSummaryRow.case_id)))
            kept_ids |= set(session.execute(text("SELECT rowid FROM case_search")).scalars())
            for case_id in sorted((listed.keys() | kept_ids) - there - stale):
                yield case_id, f"The list names a case {case_id} that is not there."
            for case_id in sorted((there & listed.keys()) - stale):
                row = listed[case_id]
                if row.way != WAY:
                    continue
                try:
                    is_same = _is_as_worked_out(session, case_id, row)
                except DAMAGE as error:
                    session.rollback()
                    yield case_id, f"The list's row of case {case_id}: {words_of(error)}."
                else:
                    if not is_same:
                        yield case_id, f"The list's row of case {case_id} was altered."
    finally:
        engine.dispose()


def _is_as_worked_out(session: Session, case_id: int, row: CaseListRow) -> bool:
    wanted, document, words = kept_as(session, case_id)
    present = {name: getattr(row, name) for name in wanted}
    kept = session.get(CaseSummaryRow, case_id)
    indexed = session.execute(
        text("SELECT text FROM case_search WHERE rowid = :id"), {"id": case_id}
    ).scalar()
    is_same = kept is not None and kept.document == document
    return present == wanted and is_same and indexed == words
