"""What a sign-off holds: the hash of everything that was signed, part by part.

Numbers of rows are left out, so that a sign-off can be verified wherever the case goes.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

from sqlalchemy.orm import Session

from karyogui.domain.cell import Cell
from karyogui.domain.trail import present_proposal
from karyogui.storage import mapping
from karyogui.storage.case_check import case_findings
from karyogui.storage.damage import DAMAGE
from karyogui.storage.database import raw_connection
from karyogui.storage.tables import Base, CellRow, SignOffRow
from karyogui.storage.trail import canonical, recorded_rows
from karyogui.storage.trail_rows import Row, bound_tables, plain, select_rows

UNSIGNED = frozenset(
    ("case", "cell", "analysis", "chromosome", "separated_object", "edit", "sign_off", "sitting",
     "first_look", "exclusion", "origin", "second_reading")
)  # fmt: skip
"""Tables that are no part by their name: signed in another way, or telling what was done."""
NETWORK = ("model_name", "model_version", "model_sha256", "model_device", "model_runtime")
OF_THE_ANALYSIS = {"labels": "chromosome", "separation": "separated_object"}
PART_NAMES = {"picture": "pictures", "placement": "placements"}
FROZEN = frozenset(("network", "labels", "separation", "pictures", "placements", "recipe"))
"""Parts that nobody can change while the sign-off stands; of the others the trail may say so."""
TABLES = {"details": "case"}
STRING = "string"
"""The part that is the karyotype as it was shown, in words: it follows from the others."""


def signed_parts(connection: sqlite3.Connection, cell_id: int) -> dict[str, str]:
    """The hashes of all that a sign-off of a cell signs, by part; a table added later is one."""
    looks = select_rows(
        connection,
        "SELECT * FROM analysis WHERE cell_id = ? ORDER BY revision DESC LIMIT 1",
        (cell_id,),
    )
    look = next(looks, {})
    (details,) = connection.execute(
        'SELECT details FROM "case" JOIN cell ON cell.case_id = "case".id WHERE cell.id = ?',
        (cell_id,),
    ).fetchone() or ("{}",)
    parts = {
        "details": _digest({k: v for k, v in json.loads(details).items() if v != ""}),
        "network": _digest({name: look.get(name) for name in NETWORK}),
    }
    for part, table in OF_THE_ANALYSIS.items():
        sql = f'SELECT * FROM "{table}" WHERE analysis_id = ?'
        parts[part] = _rows_digest(table, list(select_rows(connection, sql, (look.get("id"),))))
    for name, bound in bound_tables().items():
        if name in UNSIGNED or bound.parent is None or bound.parent[1] != "cell":
            continue
        sql = f'SELECT * FROM "{name}" WHERE "{bound.parent[0]}" = ?'
        rows = list(select_rows(connection, sql, (cell_id,)))
        if rows:
            parts[PART_NAMES.get(name, name)] = _rows_digest(name, rows)
    return parts


def digest_of(signed: Mapping[str, Any], who: str, at: str, meaning: str) -> str:
    """The hash of a sign-off: what was signed, by whom, when and with what meaning."""
    return _digest([signed, who, at, meaning])


def _digest(value: object) -> str:
    return hashlib.sha256(canonical(value).encode("ascii")).hexdigest()


def _rows_digest(table: str, rows: list[Row]) -> str:
    """The hash of rows in no order, without the numbers that the database gave them."""
    columns = Base.metadata.tables[table].columns
    numbers = {c.name for c in columns if c.foreign_keys or (c.primary_key and c.name == "id")}
    told = [
        {k: plain(v) for k, v in row.items() if v is not None and k not in numbers} for row in rows
    ]
    return _digest(sorted(canonical(row) for row in told))


@dataclass(frozen=True)
class BrokenSignOff:
    """A sign-off that no longer holds: of which cell, by whom, and what is other now."""

    case_id: int
    cell_id: int
    cell: str
    who: str
    parts: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What is wrong, in words."""
        what = ", ".join(self.parts)
        return (
            f"The sign-off of {self.cell} by {self.who} does not hold: "
            f"altered since, outside the program: {what}."
        )


def broken_sign_offs(
    connection: sqlite3.Connection, case_id: int | None = None, cell_id: int | None = None
) -> list[BrokenSignOff]:
    """The sign-offs that hold by their row and not by what they signed; of a case, cell or all."""
    sql = (
        "SELECT sign_off.*, cell.name AS cell_name, cell.case_id AS case_id "
        "FROM sign_off JOIN cell ON cell.id = sign_off.cell_id "
        "WHERE sign_off.id IN (SELECT max(id) FROM sign_off GROUP BY cell_id) "
        "AND NOT withdrawn AND digest IS NOT NULL"
    )
    of_one = " AND ? IN (cell.case_id, -1) AND ? IN (cell.id, -1)"
    values = [-1 if number is None else number for number in (case_id, cell_id)]
    return [
        BrokenSignOff(row["case_id"], row["cell_id"], row["cell_name"], row["who"], parts)
        for row in list(select_rows(connection, sql + of_one, values))
        if (parts := _broken_parts(connection, row))
    ]


def _broken_parts(connection: sqlite3.Connection, row: Row) -> tuple[str, ...]:
    try:
        signed = json.loads(row["signed"])
        if digest_of(signed, row["who"], row["at"], row["meaning"]) != row["digest"]:
            return ("the sign-off itself",)
        now = signed_parts(connection, row["cell_id"])
        other = [p for p, digest in signed.items() if p != STRING and now.get(p) != digest]
        if all(part in FROZEN for part in other):
            return tuple(other)
        told = _tables_recorded_since(connection, row)
    except DAMAGE:
        return ("what cannot be read any more",)
    return tuple(p for p in other if p in FROZEN or TABLES.get(p, p) not in told)


def _tables_recorded_since(connection: sqlite3.Connection, row: Row) -> set[str]:
    """Tables of whose rows in this case the trail has a change after the sign-off.

    After it in the trail, whose order does not follow the clock: that may have been set back.
    """
    entries = connection.execute(
        "SELECT content FROM trail WHERE case_id = ? AND content IS NOT NULL ORDER BY seq DESC",
        (row["case_id"],),
    )
    tables: set[str] = set()
    for (text,) in entries:
        rows = recorded_rows(text)
        tables |= rows.keys()
        if str(row["id"]) in rows.get("sign_off", ()):
            break
    return tables


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
    seen = mapping.cell_from(cell, None)
    signed = signed_parts(raw_connection(session.connection()), cell.id)
    signed[STRING] = str(present_proposal(seen))
    at = row.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return signed, digest_of(signed, row.who, at, row.meaning)
