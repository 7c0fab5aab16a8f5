"""Which pictures the database names."""

from __future__ import annotations

import sqlite3
from itertools import chain

PICTURE_COLUMNS = (
    ("picture", "key"), ("chromosome", "segment_key"), ("separated_object", "mask_key"),
)  # fmt: skip
"""Where the database names pictures: table and column. Another place is added here."""


def named_pictures(connection: sqlite3.Connection) -> set[str]:
    """Keys of all pictures that a database of any version names."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    named: set[str] = set()
    for table, column in PICTURE_COLUMNS:
        if table in tables:
            told = connection.execute(f'SELECT "{column}" FROM "{table}"')
            named.update(map(str, chain.from_iterable(told)))
    return named
