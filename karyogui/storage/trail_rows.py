"""Rows as the trail sees them: raw values, their hash, and the case that they belong to.

What a table is bound by is read out of its definition: a new table or column needs no word here.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import LargeBinary, Table

from karyogui.storage.tables import UNTRACED, Base

Row = dict[str, Any]
"""A row's values as SQLite has them, by column."""
HASH_DIGITS = 32
"""Hex digits of a row's hash: 128 bits."""
AT_ONCE = 400


@dataclass(frozen=True)
class Bound:
    """How the trail reads one table; `parent` is the column that leads towards the case, and to."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    blobs: frozenset[str]
    parent: tuple[str, str, str] | None

    def key_of(self, row: Mapping[str, Any]) -> str:
        """A row's key, as it stands in the trail."""
        return "/".join(str(row[column]) for column in self.key)


@cache
def bound_tables() -> dict[str, Bound]:
    """The tables that the trail binds, parents before children."""
    return {t.name: _bound(t) for t in Base.metadata.sorted_tables if t.name not in UNTRACED}


def _bound(table: Table) -> Bound:
    return Bound(
        table.name,
        tuple(column.name for column in table.primary_key.columns),
        tuple(column.name for column in table.columns),
        frozenset(c.name for c in table.columns if isinstance(c.type, LargeBinary)),
        _parent(table),
    )


@cache
def _parent(table: Table) -> tuple[str, str, str] | None:
    """The nearest way to the case: (column, table it refers to, column there)."""
    found: list[tuple[int, tuple[str, str, str]]] = []
    for foreign in sorted(table.foreign_keys, key=lambda key: key.parent.name):
        target = foreign.column.table
        steps = _steps(target, frozenset((table.name,)))
        if steps is not None:
            found.append((steps, (foreign.parent.name, target.name, foreign.column.name)))
    return min(found)[1] if found else None


def _steps(table: Table, seen: frozenset[str]) -> int | None:
    """How many foreign keys lead from a table to the case; None where none does."""
    if table.name == "case":
        return 0
    ways = [
        _steps(key.column.table, seen | {table.name})
        for key in table.foreign_keys
        if key.column.table.name not in seen
    ]
    told = [way for way in ways if way is not None]
    return 1 + min(told) if told else None


def row_hash(table: str, row: Mapping[str, Any]) -> str:
    """The hash of a row: of all that is not null, so that a later column alters nothing."""
    values = {name: plain(value) for name, value in row.items() if value is not None}
    text = json.dumps([table, values], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:HASH_DIGITS]


def plain(value: object) -> object:
    return {"sha256": hashlib.sha256(value).hexdigest()} if isinstance(value, bytes) else value


def select_rows(
    connection: sqlite3.Connection, sql: str, values: Iterable[Any] = ()
) -> Iterator[Row]:
    """Rows of a query as dictionaries."""
    cursor = connection.execute(sql, tuple(values))
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def rows_of_keys(
    connection: sqlite3.Connection, bound: Bound, keys: Iterable[tuple[Any, ...]]
) -> Iterator[Row]:
    """The rows of these keys that are there."""
    wanted = list(keys)
    one = "(" + ", ".join("?" * len(bound.key)) + ")"
    columns = ", ".join(f'"{column}"' for column in bound.key)
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        places = ", ".join([one] * len(part))
        sql = f'SELECT * FROM "{bound.name}" WHERE ({columns}) IN (VALUES {places})'
        yield from select_rows(connection, sql, (value for key in part for value in key))


def rows_of_case(
    connection: sqlite3.Connection, bound: Bound, case_id: int, cell_id: int | None = None
) -> Iterator[Row]:
    """The rows of a table that belong to a case, in the order of their keys.

    With a `cell_id`, of tables that belong to cells only those of that one.
    """
    order = ", ".join(f'"{bound.name}"."{column}"' for column in bound.key)
    joins, last = _joins(bound)
    sql = f'SELECT "{bound.name}".* FROM "{bound.name}"{joins} WHERE {last} = ?'
    is_of_cell = '"cell".' in joins or bound.name == "cell"
    if cell_id is not None and is_of_cell:
        return select_rows(
            connection, f'{sql} AND "cell".id = ? ORDER BY {order}', (case_id, cell_id)
        )
    return select_rows(connection, f"{sql} ORDER BY {order}", (case_id,))


def rows_of_no_case(connection: sqlite3.Connection, bound: Bound) -> Iterator[Row]:
    """The rows of a table that belong to no case: all, or those whose parent is not there."""
    if bound.name == "case":
        return iter(())
    if bound.parent is None:
        return select_rows(connection, f'SELECT * FROM "{bound.name}"')
    joins, last = _joins(bound, "LEFT JOIN")
    sql = (
        f'SELECT "{bound.name}".* FROM "{bound.name}"{joins} '
        f'LEFT JOIN "case" AS its_case ON its_case.id = {last} WHERE its_case.id IS NULL'
    )
    return select_rows(connection, sql)


def _joins(bound: Bound, join: str = "JOIN") -> tuple[str, str]:
    """The joins from a table up to the one that names the case, and the column that does."""
    if bound.name == "case":
        return "", '"case".id'
    joins, present = "", bound
    while present.parent is not None:
        column, target, other = present.parent
        if target == "case":
            return joins, f'"{present.name}"."{column}"'
        joins += f' {join} "{target}" ON "{target}"."{other}" = "{present.name}"."{column}"'
        present = bound_tables()[target]
    raise ValueError(f"{bound.name} belongs to no case")


def belongs_to_case(bound: Bound) -> bool:
    """Whether a foreign key leads from a table to the case."""
    return bound.name == "case" or bound.parent is not None


@dataclass(frozen=True)
class Owner:
    """The case, and the cell, that a row belongs to; None for none."""

    case_id: int | None
    cell_id: int | None


class Owners:
    """Finds out whose a row is; `gone` are rows deleted a moment ago, by table and key."""

    def __init__(
        self, connection: sqlite3.Connection, gone: Mapping[tuple[str, str], Row] | None = None
    ) -> None:
        self._connection = connection
        self._gone = gone or {}
        self._known: dict[tuple[str, str], Owner] = {}

    def of(self, table: str, row: Mapping[str, Any]) -> Owner:
        """Whose a row is."""
        if table == "case":
            return Owner(row["id"], None)
        parent = bound_tables()[table].parent
        if parent is None:
            return Owner(None, None)
        column, target, other = parent
        owner = self._of_parent(target, other, row.get(column))
        return Owner(owner.case_id, row["id"]) if table == "cell" else owner

    def _of_parent(self, table: str, column: str, value: int | None) -> Owner:
        if table == "case":
            return Owner(value, None)
        place = (table, str(value))
        if place not in self._known:
            sql = f'SELECT * FROM "{table}" WHERE "{column}" = ?'
            row = next(select_rows(self._connection, sql, (value,)), self._gone.get(place))
            self._known[place] = self.of(table, row) if row is not None else Owner(None, None)
        return self._known[place]
