"""What persons said, as the trail tells it: notes, exclusions, signatures, decisions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from karyogui.domain.notes import CaseField, CellField, NoteEntry

Row = Mapping[str, Any]
NONE = "–"
_FIELDS: dict[str, CaseField | CellField] = {
    str(field): field for fields in (CellField, CaseField) for field in fields
}


@dataclass(frozen=True)
class Said:
    """What the rows of one entry say; `cells` are the names of the cells they are about."""

    cells: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    reason: str = ""


class Notes:
    """Goes through the entries of a case, oldest first, and knows what was noted before each."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, object, str], str] = {}

    def said(self, added: Mapping[str, Sequence[Row]]) -> Said:
        """What an entry's rows say; cells of which the same is said are told together."""
        told: dict[tuple[str, str, str], list[str]] = {}
        for table, rows in added.items():
            for row in rows:
                sides = self._noted(table, row) if table in _NOTES else _WORDS[table](row)
                told.setdefault(sides, []).append(str(row.get("cell") or ""))
        cells = tuple(dict.fromkeys(name for names in told.values() for name in names if name))
        before, after = [], []
        for (was, now, _), names in told.items():
            # Of all the cells of the entry, or of some of them only.
            some = {*names} != {*cells} and any(names)
            which = f"{', '.join(names)}: " if some else ""
            before.append(f"{which}{was or NONE}")
            after.append(f"{which}{now}")
        reasons = dict.fromkeys(reason for *_, reason in told if reason)
        return Said(cells, "; ".join(before), "; ".join(after), "; ".join(reasons))

    def _noted(self, table: str, row: Row) -> tuple[str, str, str]:
        field = str(row["field"])
        value = row["value"]
        value = json.loads(value) if isinstance(value, str) else value
        known = _FIELDS.get(field)
        text = f"{field}: {value}" if known is None else NoteEntry("", row["at"], known, value).text
        which = table, row.get("cell_id"), field
        before = self._last.get(which, "")
        self._last[which] = text
        return before, text, ""


_NOTES = ("cell_note", "case_note")


def _excluded(row: Row) -> tuple[str, str, str]:
    if row["withdrawn"]:
        return "excluded", "taken back into the case", str(row["reason"])
    return "", "excluded", str(row["reason"])


def _signed(row: Row) -> tuple[str, str, str]:
    meaning = str(row["meaning"])
    return (meaning, "withdrawn", "") if row["withdrawn"] else ("", meaning, "")


def _looked_at(row: Row) -> tuple[str, str, str]:
    if row["is_right"]:
        return "", f"object {row['object_id']} is right as it is", ""
    return "", f"object {row['object_id']} is to be looked at", ""


def _acted(row: Row) -> tuple[str, str, str]:
    told = json.loads(row["told"]) if isinstance(row["told"], str) else row["told"] or ()
    role = f" as {row['role']}" if row["role"] else ""
    words = str(row["meaning"]) or "; ".join(map(str, told))
    return "", f"{row['kind']}{role}{': ' if words else ''}{words}", str(row["reason"])


def _decided(row: Row) -> tuple[str, str, str]:
    reading = "second" if row["takes_second"] else "first"
    return "", f"{row['item']}: the {reading} reading holds", str(row["reason"])


_WORDS: dict[str, Callable[[Row], tuple[str, str, str]]] = {
    "exclusion": _excluded,
    "sign_off": _signed,
    "check_decision": _looked_at,
    "labelled_change": lambda row: ("", str(row["told"]), ""),
    "case_act": _acted,
    "reading_decision": _decided,
}
"""Before, after and reason of a row, by table."""
