"""Whether a database is the one that its folder knows, with all that was stored in it."""

from __future__ import annotations

import sqlite3

from karyogui.storage import trail
from karyogui.storage.place import Anchor


def identity_faults(connection: sqlite3.Connection, anchor: Anchor) -> list[str]:
    """What speaks against a database being the folder's own, in sentences."""
    if trail.identity(connection) != anchor.library:
        return ["The database belongs to another data folder: it was put in place of this one's."]
    present, known = trail.head(connection), anchor.head
    if present.seq < known.seq:
        count = known.seq - present.seq
        lost = "the last change that was" if count == 1 else f"the last {count} changes that were"
        return [
            f"The database lacks {lost} stored: an older copy was put in its place, or the log "
            "beside it was lost."
        ]
    told = connection.execute("SELECT sha256 FROM trail WHERE seq = ?", (known.seq,)).fetchone()
    if told is None or told[0] != known.sha256:
        return [f"Entry {known.seq} of the trail is not the one that was stored."]
    return []
