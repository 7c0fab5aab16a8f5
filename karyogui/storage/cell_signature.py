"""The signature of a cell's row: what `signing` hashes, with the karyotype as it is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any

from sqlalchemy.orm import Session

from karyogui.domain.cell import Cell
from karyogui.domain.iscn import propose
from karyogui.domain.karyogram import slot_counts
from karyogui.storage import mapping
from karyogui.storage.case_check import case_findings
from karyogui.storage.database import raw_connection
from karyogui.storage.signing import STRING, broken_sign_offs, digest_of, signed_parts
from karyogui.storage.tables import CellRow, SignOffRow


def with_word(session: Session, cell: Cell) -> Cell:
    """A cell with the sentence that its sign-off does not hold, where that is so."""
    broken = "" if cell.reviewed_at is None else altered_since(session, cell.case_id, cell.id)
    return replace(cell, broken=broken) if broken else cell


def altered_since(session: Session, case_id: int, cell_id: int) -> str:
    """What of a signed cell was altered outside the program, in a sentence; empty for nothing."""
    raw = raw_connection(session.connection())
    broken = [found.sentence for found in broken_sign_offs(raw, case_id, cell_id)]
    broken = broken or [found.sentence for found in case_findings(raw, case_id, cell_id)]
    return broken[0] if broken else ""


def signature(session: Session, cell: CellRow, row: SignOffRow) -> tuple[dict[str, Any], str]:
    """What a sign-off of a cell signs, by its parts, and the hash of it all."""
    session.flush()
    seen = mapping.metaphase_from(cell, None)
    counts = slot_counts(seen.placements)
    string = str(propose(counts, seen.open_check, seen.quality, seen.has_photograph))
    signed = signed_parts(raw_connection(session.connection()), cell.id) | {STRING: string}
    at = row.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return signed, digest_of(signed, row.who, at, row.meaning)
