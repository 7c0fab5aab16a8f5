"""What an entry of the trail is called: a few words without names or free text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
