"""Labelled changes in the database: each act a row, the last one of a change counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from karyogui.domain.karyogram import Change
from karyogui.domain.labelled_changes import LabelledChange
from karyogui.domain.review import Edit
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.storage.tables import CellRow, LabelledChangeRow, PlacementRow

Labelled = tuple[tuple[LabelledChange, ...], Mapping[str, str]]
"""The changes of a cell, and where its chromosomes stand, by id."""
NOTHING_LABELLED: Labelled = ((), {})


def labelled_in(session: Session, here: ColumnElement[bool]) -> dict[int, Labelled]:
    """The changes of all cells for which `here` holds, of those that have any."""
    rows: dict[int, list[LabelledChangeRow]] = defaultdict(list)
    found = select(LabelledChangeRow).join(CellRow).where(here).order_by(LabelledChangeRow.id)
    for row in session.scalars(found):
        rows[row.cell_id].append(row)
    changes = {cell_id: changes_from(told) for cell_id, told in rows.items()}
    labelled = [cell_id for cell_id, told in changes.items() if told]
    slots: dict[int, dict[str, str]] = defaultdict(dict)
    standing = select(PlacementRow.cell_id, PlacementRow.chromosome_id, PlacementRow.slot).where(
        PlacementRow.cell_id.in_(labelled), PlacementRow.away.is_(False)
    )
    for cell_id, chromosome_id, slot in session.execute(standing):
        slots[cell_id][chromosome_id] = slot
    return {cell_id: (changes[cell_id], slots[cell_id]) for cell_id in labelled}


def changes_from(rows: Iterable[LabelledChangeRow]) -> tuple[LabelledChange, ...]:
    """The changes that a cell has now, in the order in which they were first entered.

    ValueError where what they are about is no list of chromosomes.
    """
    last: dict[str, LabelledChangeRow] = {}
    for row in rows:
        ids: object = row.chromosome_ids
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in (row.text, *ids)):
            raise ValueError("a labelled change is about no chromosomes")
        last[row.change_id] = row
    standing = [
        LabelledChange(row.change_id, row.text, tuple(row.chromosome_ids), row.who, row.at)
        for row in last.values()
        if not row.removed
    ]
    return tuple(sorted(standing, key=lambda change: change.number))


def trail_entry(row: LabelledChangeRow) -> Edit:
    """An act as an entry of the audit trail."""
    return Edit(row.who, row.at, Change(row.told, (), (), kind=ActionKind.LABEL))


def add_change(
    session: Session,
    cell: CellRow,
    before: LabelledChange | None,
    after: LabelledChange | None,
    who: str,
) -> Edit:
    """Store that a change is entered, altered or removed; returns the trail's entry.

    `KaryoError`, and nothing is stored, when `before` is not what the cell has.
    """
    change = after or before
    if change is None:
        raise ValueError("neither before nor after")
    known = {c.id: c for c in changes_from(cell.labelled_changes)}
    if not _same(known.get(change.id), before):
        raise KaryoError(
            "The labelled changes of this cell are others by now; nothing was stored.",
            "Open the cell again.",
        )
    row = LabelledChangeRow(
        cell_id=cell.id,
        change_id=change.id,
        text=change.text,
        chromosome_ids=list(change.chromosome_ids),
        removed=after is None,
        told=change_words(before, after),
        who=who,
        at=datetime.now(UTC),
    )
    session.add(row)
    return trail_entry(row)


def change_words(before: LabelledChange | None, after: LabelledChange | None) -> str:
    """What was done, in words for the trail."""
    if after is None:
        return f"Change removed: {_of(before)}"
    if before is None:
        return f"Change entered: {_of(after)}"
    return f"Change altered: {_of(before)} to {_of(after)}"


def _of(change: LabelledChange | None) -> str:
    if change is None:
        return ""
    carried = ", ".join(change.chromosome_ids)
    return f"{change.text} on {carried}" if carried else change.text


def _same(one: LabelledChange | None, other: LabelledChange | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.text, one.chromosome_ids) == (other.text, other.chromosome_ids)
