"""A case without anything that says whose it is: new names, dates shifted, no free text.

Only what is named here is kept: a table or column that is added later is left out until somebody
says what of it may go out.
"""

from __future__ import annotations

import hashlib
import io
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from karyogui.errors import KaryoError
from karyogui.services.pictures import read_picture
from karyogui.storage.case_file import Change, Rows
from karyogui.storage.trail_rows import Row

KEPT: dict[str, tuple[str, ...]] = {
    "case": ("id", "is_demo"),
    "cell": ("id", "case_id", "position", "thumbnail"),
    "picture": ("id", "cell_id", "position", "width", "height", "kind", "slot"),
    "analysis": (
        *("id", "cell_id", "revision", "seconds", "model_name", "model_version", "model_sha256"),
        *("model_device", "model_runtime", "assignment_method", "disagreeing", "alternative"),
        *("alternative_margin", "scale", "stretch", "quality", "recipe", "awaits_answer"),
        *("separation_check", "separation"),
    ),
    "chromosome": (
        *("id", "analysis_id", "position", "chromosome_id", "segment_key", "angle", "box"),
        *("type_probabilities", "polarity_probabilities", "zoom_box", "assigned_type"),
        *("assigned_polarity", "confidence", "reasons", "margin", "moved"),
    ),
    "separated_object": (
        *("id", "analysis_id", "position", "object_id", "kind", "mask_key", "origin", "box"),
        *("score", "turn", "by_person"),
    ),
    "placement": (
        *("cell_id", "chromosome_id", "slot", "slot_index", "turn", "mirrored", "confirmed"),
        *("proposed", "away"),
    ),
    "edit": ("id", "cell_id", "analysis_id", "by_person", "text", "kind", "before", "after"),
    "recipe": ("id", "cell_id", "recipe"),
    "check_decision": (
        "id", "cell_id", "object_id", "mask_key", "origin", "kind", "is_right",
    ),
    "first_look": ("id", "cell_id", "quality"),
    "exclusion": ("id", "cell_id", "withdrawn"),
}  # fmt: skip
"""Columns that go out as they are; names, dates, persons and free text are replaced."""
LEFT_OUT = {
    "sign_off": "Sign-offs are left out: they name persons.",
    "sitting": "Sittings are left out: they name persons.",
    "origin": "Where the case had come from is left out.",
}
DATES = ("created", "at")
MARGIN = 12
"""Pixels around a chromosome that are kept of a photograph nobody has looked through for text."""
REMOVED = "(removed)"


@dataclass
class Anonymiser:
    """Called with a case's rows and a reader of its pictures; gives what may go out."""

    pictures_are_clean: bool = False
    _persons: dict[str, str] = field(default_factory=dict)
    _shift: timedelta = field(
        default_factory=lambda: timedelta(days=-365 - secrets.randbelow(3650))
    )

    def __call__(self, rows: Rows, read: Callable[[str], bytes]) -> Change:
        """`KaryoError` for a photograph of which nobody knows what on it is a chromosome."""
        told: dict[str, str] = {}
        kept: Rows = {}
        for table, each in rows.items():
            if table in KEPT:
                kept[table] = [self._row(table, row) for row in each]
            elif each:
                told[table] = LEFT_OUT.get(table, f"{table.replace('_', ' ')}: left out.")
        pictures: dict[str, bytes] = {}
        for row, original in zip(kept["picture"], rows["picture"], strict=True):
            data = self._picture(original, rows, read)
            key = hashlib.sha256(data).hexdigest() + ".png"
            pictures[key] = data
            row |= {"key": key, "sha256": key.partition(".")[0]}
        for table, column in (("chromosome", "segment_key"), ("separated_object", "mask_key")):
            for row in kept[table]:
                pictures[row[column]] = read(row[column])
        if not self.pictures_are_clean:
            photographs = {r["cell_id"] for r in kept["picture"] if r["kind"] == "metaphase"}
            for row in kept["cell"]:
                if row["id"] in photographs:
                    row["thumbnail"] = None
        return Change(kept, pictures, tuple(told.values()))

    def _row(self, table: str, row: Row) -> Row:
        kept = {column: row[column] for column in KEPT[table] if column in row}
        for column in DATES:
            if column in row:
                kept[column] = self._shifted(row[column])
        if "who" in row:
            kept["who"] = self._person(str(row["who"]))
        if table == "case":
            kept |= {"name": f"Case {secrets.token_hex(3)}", "details": "{}", "deleted_at": None}
        elif table == "cell":
            kept |= {"name": f"Cell {row['position'] + 1}", "slide": None}
        elif table == "picture":
            kept["name"] = f"picture {row['position'] + 1}.png"
        elif table == "chromosome":
            kept["source"] = f"picture of {row['chromosome_id']}"
        elif table == "exclusion":
            kept["reason"] = REMOVED
        return kept

    def _person(self, who: str) -> str:
        if who in PROGRAMS:
            return who
        return self._persons.setdefault(who, f"Person {len(self._persons) + 1}")

    def _shifted(self, stored: Any) -> Any:  # noqa: ANN401 (a raw value of SQLite)
        if not isinstance(stored, str):
            return None
        return str(datetime.fromisoformat(stored) + self._shift)

    def _picture(self, row: Row, rows: Rows, read: Callable[[str], bytes]) -> bytes:
        """A picture as PNG, without anything that its file says besides the pixels."""
        grey = read_picture(read(row["key"]), row["name"])
        if row["kind"] == "metaphase" and not self.pictures_are_clean:
            grey = _around_chromosomes(grey, _boxes(row["cell_id"], rows))
        buffer = io.BytesIO()
        Image.fromarray(grey).save(buffer, "PNG")
        return buffer.getvalue()


PROGRAMS = ("KaryoGUI", "Finished karyogram")
"""Who stands in a trail and is no person."""


def _boxes(cell_id: int, rows: Rows) -> list[list[int]]:
    """Where the chromosomes and nuclei of a cell are in its photograph: x, y, width, height."""
    looks = {row["id"] for row in rows["analysis"] if row["cell_id"] == cell_id}
    found = [
        json.loads(row["box"])
        for row in rows["separated_object"]
        if row["analysis_id"] in looks and row["kind"] in ("chromosome", "nucleus")
    ]
    if not found:
        raise KaryoError(
            "A photograph that was not analysed may have a name burned into it.",
            "Analyse it, exclude nothing of it, or confirm that no text is in the pictures.",
        )
    return found


def _around_chromosomes(grey: NDArray[np.uint8], boxes: list[list[int]]) -> NDArray[np.uint8]:
    """A photograph (h, w) with nothing but what lies around boxes; the rest is its background."""
    kept = np.full_like(grey, np.median(grey))
    for x, y, width, height in boxes:
        top, left = max(0, y - MARGIN), max(0, x - MARGIN)
        here = np.s_[top : y + height + MARGIN, left : x + width + MARGIN]
        kept[here] = grey[here]
    return kept
