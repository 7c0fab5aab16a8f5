"""The separation check in the database: its entries, and what persons say of them.

An entry and a decision are about an object as it was: under its id, with these pixels and of this
kind. So a repair works an entry off, undoing it opens the entry again, and a fine turn of a crop
does neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from karyogui.domain.karyogram import Change
from karyogui.domain.review import Edit
from karyogui.domain.separation import ObjectKind
from karyogui.domain.separation_check import CheckEntry, CheckKind, EntryState, decided_text
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.storage.tables import AnalysisRow, CellRow, CheckDecisionRow, SeparatedObjectRow

Stored = list[dict[str, Any]]


class Seen(NamedTuple):
    """What an entry or a decision is about."""

    object_id: str
    mask_key: str
    origin: tuple[int, ...]
    kind: str

    @classmethod
    def of(cls, row: SeparatedObjectRow | CheckDecisionRow) -> Seen:
        """An object of an analysis, or the one a decision was about."""
        return cls(row.object_id, row.mask_key, tuple(row.origin), row.kind)


def entries_to(
    check: Iterable[CheckEntry] | None, objects: Iterable[SeparatedObjectRow]
) -> Stored | None:
    """What is stored of a separation check of these objects; None where none was made."""
    if check is None:
        return None
    seen = {row.object_id: Seen.of(row) for row in objects}
    return [
        {
            "object_id": entry.object_id,
            "kind": str(entry.kind),
            "probability": entry.probability,
            "types": list(entry.types),
            "type_probability": entry.type_probability,
            **({"if_lacking": list(entry.if_lacking)} if entry.if_lacking else {}),
            "seen": None if entry.object_id not in seen else list(seen[entry.object_id][1:]),
        }
        for entry in check
    ]


def with_later(stored: Stored | None, later: Stored | None) -> Stored | None:
    """The entries of a check with those that a later look adds; what is seen alike stands once."""
    if not later:
        return stored
    again = {(e["object_id"], str(e["seen"])) for e in later}
    kept = [e for e in stored or () if (e["object_id"], str(e.get("seen"))) not in again]
    return [*kept, *({**entry, "later": True} for entry in later)]


def entries_of(
    stored: Sequence[Mapping[str, Any]] | None,
    objects: Mapping[str, tuple[Seen, bool]],
    decisions: Iterable[CheckDecisionRow],
) -> tuple[CheckEntry, ...]:
    """Entries with what has become of them; `objects` as they are now, and whether a person's."""
    right = {Seen.of(row): row.is_right for row in decisions}
    return tuple(_entry_of(each, objects.get(each["object_id"]), right) for each in stored or ())


def entries_in(analysis: AnalysisRow, cell: CellRow) -> tuple[CheckEntry, ...]:
    """The entries of an analysis of a cell."""
    if not analysis.separation_check:
        return ()
    objects = {row.object_id: (Seen.of(row), row.by_person) for row in analysis.objects}
    return entries_of(analysis.separation_check, objects, cell.check_decisions)


def _entry_of(
    stored: Mapping[str, Any],
    present: tuple[Seen, bool] | None,
    right: Mapping[Seen, bool],
) -> CheckEntry:
    entry = CheckEntry(
        stored["object_id"],
        CheckKind(stored["kind"]),
        stored["probability"],
        tuple(stored["types"]),
        stored["type_probability"],
        later=bool(stored.get("later")),
        if_lacking=tuple(stored.get("if_lacking", ())),
    )
    if present is None or not _is_as_seen(stored.get("seen"), *present):
        return replace(entry, state=EntryState.REPAIRED)
    return replace(entry, state=EntryState.RIGHT) if right.get(present[0]) else entry


def _is_as_seen(seen: Sequence[Any] | None, now: Seen, by_person: bool) -> bool:
    """Whether an object is as it was listed; entries of an older version only knew whose it is."""
    if seen is None:
        return not by_person
    mask_key, origin, kind = seen
    return (mask_key, tuple(origin), kind) == tuple(now[1:])


def add_decision(
    session: Session, cell: CellRow, analysis: AnalysisRow, object_id: str, right: bool, who: str
) -> Edit:
    """Store that an object is right as it is, or no longer said to be; returns the trail's entry.

    `KaryoError` for an object that is not there or that the check does not list.
    """
    row = next((o for o in analysis.objects if o.object_id == object_id), None)
    listed = {e.object_id for e in entries_in(analysis, cell) if e.state is not EntryState.REPAIRED}
    if row is None or object_id not in listed:
        raise KaryoError(
            "The separation check does not list this object any more; nothing was stored.",
            "Open the cell again.",
        )
    decision = CheckDecisionRow(
        cell_id=cell.id,
        object_id=row.object_id,
        mask_key=row.mask_key,
        origin=list(row.origin),
        kind=row.kind,
        is_right=right,
        who=who,
        at=datetime.now(UTC),
    )
    session.add(decision)
    return decision_from(decision)


def decision_from(row: CheckDecisionRow) -> Edit:
    """A decision as an entry of the audit trail."""
    text = decided_text(ObjectKind(row.kind), row.is_right)
    return Edit(row.who, row.at, Change(text, (), (), kind=ActionKind.CHECK))
