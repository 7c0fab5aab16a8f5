"""Whether the rows of a case are as they were stored."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from karyogui.storage import trail
from karyogui.storage.trail_rows import Row, bound_tables, row_hash, select_rows


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be: of which kind, where, and in one sentence."""

    kind: str
    where: str
    sentence: str
    case_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """For `check --json`."""
        told: dict[str, Any] = {"kind": self.kind, "where": self.where, "sentence": self.sentence}
        return told | ({} if self.case_id is None else {"case_id": self.case_id})


def entry_fault(entry: Row) -> str:
    """What is wrong with an entry by itself, in a sentence; empty for nothing."""
    seq, content = entry["seq"], entry["content"]
    if content is not None:
        digest = hashlib.sha256(str(content).encode("utf-8", "surrogateescape")).hexdigest()
        if digest != entry["content_sha256"]:
            return f"The content of entry {seq} of the trail was altered."
    if trail.entry_hash(entry) != entry["sha256"]:
        return f"Entry {seq} of the trail was altered."
    return ""


def case_findings(
    connection: sqlite3.Connection, case_id: int | None, cell_id: int | None = None
) -> list[Finding]:
    """Rows of a case, or of none, that are other than the trail says; and entries altered.

    With a `cell_id` only what belongs to that cell, or to the case as a whole.
    """
    findings = [
        Finding("trail", f"trail {entry['seq']}", sentence, case_id)
        for entry in _entries_with_faults(connection, case_id, cell_id)
        if (sentence := entry["fault"])
    ]
    known = trail.known_hashes(connection, case_id, cell_id)
    for bound in bound_tables().values():
        was = dict(known.get(bound.name, {}))
        for row in trail.rows_bound(connection, bound, case_id, cell_id):
            key = bound.key_of(row)
            digest = was.pop(key, None)
            if digest is None:
                how = "was put in outside the program"
            elif digest != row_hash(bound.name, row):
                how = "was altered outside the program"
            else:
                continue
            findings.append(_row_finding(bound.name, key, how, case_id))
        if was and cell_id is not None:  # rows of other cells in the same entries
            others = trail.rows_bound(connection, bound, case_id)
            was = {k: was[k] for k in was.keys() - {bound.key_of(row) for row in others}}
        for key in was:
            how = "was deleted outside the program"
            findings.append(_row_finding(bound.name, key, how, case_id))
    return findings


def _entries_with_faults(
    connection: sqlite3.Connection, case_id: int | None, cell_id: int | None
) -> Iterator[Row]:
    """Entries of one case; those of no case are looked at with the chain."""
    if case_id is None:
        return
    sql = "SELECT * FROM trail WHERE case_id IS ? AND (? IS NULL OR ifnull(cell_id, ?) = ?)"
    for entry in select_rows(connection, f"{sql} ORDER BY seq", (case_id, *(cell_id,) * 3)):
        yield entry | {"fault": entry_fault(entry)}


def _row_finding(table: str, key: str, how: str, case_id: int | None) -> Finding:
    of = "" if case_id is None else f" of case {case_id}"
    name = table.replace("_", " ")
    where = f"{table} {key}"
    return Finding("trail", where, f"The {name} {key}{of} {how}.", case_id)


def altered_cases(connection: sqlite3.Connection) -> frozenset[int | None]:
    """Cases of which something was altered outside the program."""
    told = connection.execute('SELECT id FROM "case" UNION SELECT case_id FROM trail')
    return frozenset(i for (i,) in [*told.fetchall(), (None,)] if case_findings(connection, i))
