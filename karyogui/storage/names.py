"""Names and numbers that are free."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


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
