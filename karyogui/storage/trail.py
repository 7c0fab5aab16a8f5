"""The trail: every stored change is an entry, bound to the one before by its hash.

Triggers that only the program's own connections have note which rows a transaction touches, by
whatever statement; at its end an entry for each case records their hashes, and what was before. So
a change made outside the program is in no entry, and a table that is added is bound at once.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from karyogui.domain.review import PROGRAM
from karyogui.storage.trail_rows import (
    Bound,
    Owner,
    Owners,
    Row,
    belongs_to_case,
    bound_tables,
    row_hash,
    rows_of_case,
    rows_of_keys,
    rows_of_no_case,
)

WORDS: tuple[tuple[str, str], ...] = (
    ("report_version", "report approved"),
    ("case_act", "act on the report"),
    ("reading_decision", "decision between two readings"),
    ("second_reading", "second reading"),
    ("case_note", "note of the case"),
    ("cell_note", "note of the cell"),
    ("sign_off", "signed off"),
    ("report_version", "report approved"),
    ("case_act", "report signed, withdrawn or amended"),
    ("reading_decision", "second reading resolved"),
    ("second_reading", "second reading"),
    ("exclusion", "excluded or taken back"),
    ("check_decision", "object looked at"),
    ("recipe", "enhancement"),
    ("sitting", "sitting"),
    ("analysis", "analysed"),
    ("first_look", "quality judged"),
)
"""What rows of a table mean, the weightiest first."""


def act_of(
    rows: Mapping[str, Mapping[str, str | None]],
    values: Mapping[str, Mapping[str, Any]],
    texts: Sequence[str],
) -> str:
    """What a transaction did, by the rows that it touched."""
    if "origin" in rows and "case" in rows:
        return "case imported"
    if texts:
        return texts[0]
    for change in values.get("case", {}).values():
        return _case_changed(change)
    if "case" in rows:
        return "case created"
    if "cell" in rows and "picture" in rows:
        added = sum(digest is not None for digest in rows["cell"].values())
        return f"{added} cells added" if added != 1 else "cell added"
    for table, words in WORDS:
        if table in rows:
            return words
    if set(rows) == {"cell"}:
        return "cell changed" if values.get("cell") else "small picture renewed"
    return ", ".join(f"{table.replace('_', ' ')} changed" for table in sorted(rows))


def _case_changed(change: Mapping[str, Any]) -> str:
    now = change.get("now")
    if now is None:
        return "case removed"
    if "deleted_at" in now:
        return "moved to the bin" if now["deleted_at"] else "taken out of the bin"
    told = {"name": "renamed", "details": "details changed"}
    return ", ".join(told.get(column, f"{column} changed") for column in sorted(now))


BEGINNING = "0" * 64
"""What the first entry has for the hash of the one before."""
BEGUN = "data folder begun"
TAKEN_OVER = "taken over as it was stored"
ERASED = "case erased"
CLOCK_SLACK = 2.0
"""Seconds by which a clock may be set right silently."""


@dataclass(frozen=True)
class Head:
    """The newest entry: its number and its hash."""

    seq: int = 0
    sha256: str = BEGINNING


@dataclass
class _Change:
    """What a transaction did to one case's rows."""

    rows: dict[str, dict[str, str | None]] = field(default_factory=lambda: defaultdict(dict))
    values: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    cells: set[int] = field(default_factory=set)
    who: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    is_of_case: bool = False
    """Whether a row of it belongs to the case and to none of its cells."""

    @property
    def cell_id(self) -> int | None:
        """The one cell that all of it is about; None where it is about more."""
        return next(iter(self.cells)) if len(self.cells) == 1 and not self.is_of_case else None


def watch(connection: sqlite3.Connection) -> None:
    """Let a connection note what it changes; outside a transaction, once for each connection."""
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS touched (n INTEGER PRIMARY KEY, t TEXT, k TEXT, was TEXT)"
    )
    there = {n for (n,) in connection.execute("SELECT name FROM main.sqlite_master")}
    for bound in bound_tables().values():
        if bound.name not in there:
            continue
        for act, side in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
            connection.execute(_trigger(bound, act, side))
        # A key that is altered leaves the old one and comes under the new one.
        connection.execute(_trigger(bound, "UPDATE", "NEW", was=False))


def _trigger(bound: Bound, act: str, side: str, was: bool = True) -> str:
    key = _json_array(f'{side}."{column}"' for column in bound.key)
    kept = "NULL"
    if act != "INSERT" and was:
        plain = [c for c in bound.columns if c not in bound.blobs]
        kept = "json_object(" + ", ".join(f"'{c}', OLD.\"{c}\"" for c in plain) + ")"
    name = f"{bound.name}_{act.lower()}_{side.lower()}"
    return (
        f'CREATE TEMP TRIGGER IF NOT EXISTS "{name}" AFTER {act} ON main."{bound.name}" '
        f"BEGIN INSERT INTO touched (t, k, was) VALUES ('{bound.name}', {key}, {kept}); END"
    )


def _json_array(parts: Iterable[str]) -> str:
    return "json_array(" + ", ".join(parts) + ")"


def head(connection: sqlite3.Connection) -> Head:
    """The newest entry; before the first one an empty head."""
    row = connection.execute("SELECT seq, sha256 FROM trail ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(*row) if row else Head()


def identity(connection: sqlite3.Connection) -> str:
    """The hash of the first entry, by which a library is known from all others; empty for none."""
    row = connection.execute("SELECT sha256 FROM trail WHERE seq = 1").fetchone()
    return row[0] if row else ""


def forget_touched(connection: sqlite3.Connection) -> None:
    """Begin a transaction with nothing noted."""
    connection.execute("DELETE FROM touched")


def append_touched(connection: sqlite3.Connection, who: str, reason: str = "") -> Head:
    """Write the entries of what the transaction has changed by now; returns the new head."""
    found = _touched(connection)
    present = head(connection)
    for owner_id, change in found.items():
        persons = change.who or {who}
        telling = next(iter(persons)) if len(persons) == 1 else who
        present = append(
            connection,
            present,
            who=_program_or(telling, change),
            act=act_of(change.rows, change.values, change.texts),
            case_id=owner_id,
            cell_id=change.cell_id,
            content={"rows": change.rows, "values": change.values, "reason": reason},
        )
    forget_touched(connection)
    return present


def append(
    connection: sqlite3.Connection,
    before: Head,
    *,
    who: str,
    act: str,
    case_id: int | None = None,
    cell_id: int | None = None,
    content: Mapping[str, Any] | None = None,
) -> Head:
    """Write one entry behind `before`; returns the new head."""
    now = datetime.now(UTC)
    told = {name: value for name, value in (content or {}).items() if value}
    back = _set_back(connection, before, now)
    if back:
        told["clock_set_back"] = back
    # Without the salt a name could be guessed from the hash after it was erased.
    text = canonical({**told, "salt": secrets.token_hex(16)})
    entry = {
        "seq": before.seq + 1,
        "at": now.isoformat(timespec="microseconds"),
        "who": who,
        "act": act,
        "case_id": case_id,
        "cell_id": cell_id,
        "content_sha256": hashlib.sha256(text.encode("ascii")).hexdigest(),
        "previous": before.sha256,
    }
    digest = entry_hash(entry)
    names = ", ".join([*entry, "content", "sha256"])
    places = ", ".join("?" * (len(entry) + 2))
    connection.execute(
        f"INSERT INTO trail ({names}) VALUES ({places})", (*entry.values(), text, digest)
    )
    return Head(before.seq + 1, digest)


def entry_hash(entry: Mapping[str, Any]) -> str:
    """The hash of an entry: of everything in it, its content by the content's own hash."""
    bound = ("seq", "at", "who", "act", "case_id", "cell_id", "content_sha256", "previous")
    return hashlib.sha256(canonical([entry[name] for name in bound]).encode("ascii")).hexdigest()


def canonical(value: object) -> str:
    """JSON that is the same for the same value, in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def begin(connection: sqlite3.Connection, who: str) -> Head:
    """Write the first entry and take over all that is stored; returns the head."""
    append(connection, Head(), who=who, act=BEGUN)
    return take_over(connection)


def take_over(connection: sqlite3.Connection, unsound: frozenset[int | None] = frozenset()) -> Head:
    """Bind rows that no entry binds as they are, case by case: those a migration has altered.

    `unsound` are cases that had been altered outside the program before: they stay so.
    """
    present = head(connection)
    cases = [i for (i,) in connection.execute('SELECT id FROM "case" ORDER BY id')]
    for case_id in (*cases, None):
        if case_id in unsound:
            continue
        known, rows = known_hashes(connection, case_id), {}
        for bound in bound_tables().values():
            now = {
                bound.key_of(row): row_hash(bound.name, row)
                for row in rows_bound(connection, bound, case_id)
            }
            was = known.get(bound.name, {})
            changed: dict[str, str | None] = {k: h for k, h in now.items() if was.get(k) != h}
            changed |= dict.fromkeys(was.keys() - now.keys())
            if changed:
                rows[bound.name] = changed
        if rows:
            present = append(
                connection,
                present,
                who=PROGRAM,
                act=TAKEN_OVER,
                case_id=case_id,
                content={"rows": rows},
            )
    return present


def known_hashes(
    connection: sqlite3.Connection, case_id: int | None, cell_id: int | None = None
) -> dict[str, dict[str, str]]:
    """What the trail says of the rows of a case, or of no case, that are there: table, key, hash.

    An entry that cannot be read says nothing. With a `cell_id` entries of other cells are left out.
    """
    known: dict[str, dict[str, str]] = defaultdict(dict)
    told = connection.execute(
        "SELECT content FROM trail WHERE case_id IS ? AND content IS NOT NULL "
        "AND (? IS NULL OR ifnull(cell_id, ?) = ?) ORDER BY seq",
        (case_id, *(cell_id,) * 3),
    )
    for (text,) in told:
        replay(known, recorded_rows(text))
    return known


def recorded_rows(text: str) -> dict[str, dict[str, str | None]]:
    """The rows that an entry's content is about; none where it cannot be read."""
    try:
        rows = json.loads(text).get("rows", {})
        return {str(table): dict(keys) for table, keys in rows.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}


def replay(known: dict[str, dict[str, str]], rows: Mapping[str, Mapping[str, str | None]]) -> None:
    """Take an entry's rows over into what is known."""
    for table, keys in rows.items():
        for key, digest in keys.items():
            if digest is None:
                known[table].pop(key, None)
            else:
                known[table][key] = digest


def rows_bound(
    connection: sqlite3.Connection, bound: Bound, case_id: int | None, cell_id: int | None = None
) -> Iterable[Row]:
    """The rows of a table that belong to a case, or to none; of one cell, and of no other, only."""
    if case_id is None:
        return rows_of_no_case(connection, bound)
    return rows_of_case(connection, bound, case_id, cell_id) if belongs_to_case(bound) else ()


def _touched(connection: sqlite3.Connection) -> dict[int | None, _Change]:
    """What the transaction has changed, by case."""
    first: dict[str, dict[str, str | None]] = {}
    for table, key, was in connection.execute("SELECT t, k, was FROM touched ORDER BY n"):
        first.setdefault(table, {}).setdefault(key, was)
    gone: dict[tuple[str, str], Row] = {}
    present: dict[str, dict[str, Row]] = {}
    for table, keys in first.items():
        bound = bound_tables()[table]
        wanted = [tuple(json.loads(key)) for key in keys]
        present[table] = {
            json.dumps([row[c] for c in bound.key], separators=(",", ":"), ensure_ascii=False): row
            for row in rows_of_keys(connection, bound, wanted)
        }
        for key, was in keys.items():
            if was is not None and _same_key(key) not in present[table]:
                row = json.loads(was)
                gone[table, bound.key_of(row)] = row
    return _by_case(Owners(connection, gone), first, present)


def _same_key(key: str) -> str:
    """A key as SQLite wrote it, written as Python does."""
    return json.dumps(json.loads(key), separators=(",", ":"), ensure_ascii=False)


def _by_case(
    owners: Owners,
    first: Mapping[str, Mapping[str, str | None]],
    present: Mapping[str, Mapping[str, Row]],
) -> dict[int | None, _Change]:
    changes: dict[int | None, _Change] = defaultdict(_Change)
    for table, keys in first.items():
        bound = bound_tables()[table]
        for key, text in keys.items():
            now = present[table].get(_same_key(key))
            was = None if text is None else json.loads(text)
            row = now or was
            if row is None:  # made and deleted by the same transaction
                continue
            owner = owners.of(table, row)
            _add(changes[owner.case_id], bound, owner, was, now)
    return changes


def _add(change: _Change, bound: Bound, owner: Owner, was: Row | None, now: Row | None) -> None:
    key = bound.key_of(now or was or {})
    change.rows[bound.name][key] = None if now is None else row_hash(bound.name, now)
    if owner.cell_id is not None:
        change.cells.add(owner.cell_id)
    change.is_of_case |= owner.cell_id is None
    if was is None and now is not None:
        if now.get("who"):
            change.who.add(str(now["who"]))
        if bound.name == "edit":
            change.texts.append(str(now["text"]))
    elif was is not None and now is None:
        change.values[bound.name][key] = {"was": was}
    elif was is not None and now is not None:
        other = [c for c in was if _as_recorded(was[c]) != _as_recorded(now.get(c))]
        if other:
            change.values[bound.name][key] = {
                "was": {c: was[c] for c in other},
                "now": {c: now.get(c) for c in other},
            }


def _as_recorded(value: object) -> object:
    """A value with the digits that SQLite writes into JSON."""
    return float(f"{value:.15g}") if isinstance(value, float) else value


PROGRAMS_TABLES = frozenset(
    ("analysis", "chromosome", "separated_object", "first_look", "placement", "cell")
)
"""What the program writes of itself, when no person is named beside it."""


def _program_or(who: str, change: _Change) -> str:
    by_program = not change.who and change.rows.keys() <= PROGRAMS_TABLES
    made = change.rows.keys() & {"analysis", "first_look"}
    is_picture = set(change.rows) == {"cell"} and not change.values
    return PROGRAM if by_program and (made or is_picture) else who


def _set_back(connection: sqlite3.Connection, before: Head, now: datetime) -> float:
    """By how many seconds the clock was set back since the last entry; 0 when it was not."""
    row = connection.execute("SELECT at FROM trail WHERE seq = ?", (before.seq,)).fetchone()
    if row is None:
        return 0.0
    try:
        back = (datetime.fromisoformat(row[0]) - now).total_seconds()
    except (TypeError, ValueError):
        return 0.0
    return round(back, 1) if back > CLOCK_SLACK else 0.0
