"""The record as a whole: check it, back it up, restore it, erase, export and import a case."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from karyogui.domain.details import NAME, fitting
from karyogui.errors import KaryoError
from karyogui.services.anonymising import Anonymiser
from karyogui.services.trail_texts import NONE, Notes, Said
from karyogui.storage.backup import BACKUP_SUFFIX as BACKUP_SUFFIX
from karyogui.storage.backup import BackedUp as BackedUp
from karyogui.storage.backup import Restored as Restored
from karyogui.storage.backup import back_up as back_up
from karyogui.storage.backup import daily_backup, forget_old_databases
from karyogui.storage.backup import refuse_no_backup as refuse_no_backup
from karyogui.storage.backup import restore as restore
from karyogui.storage.bundle import CASE, is_bundle
from karyogui.storage.case_file import CASE_SUFFIX as CASE_SUFFIX
from karyogui.storage.case_file import ImportedCase as ImportedCase
from karyogui.storage.case_file import export_case, import_case
from karyogui.storage.checking import Checked as Checked
from karyogui.storage.checking import Finding as Finding
from karyogui.storage.checking import check_folder as check_folder
from karyogui.storage.damage import contained
from karyogui.storage.database import Database
from karyogui.storage.erasing import Erased, erase_case
from karyogui.storage.image_store import ImageStore
from karyogui.storage.reading import altered_parts, trail_entries


@dataclass(frozen=True)
class TrailEntry:
    """One line of a trail, to be read: when, who, what, and the values before and after."""

    seq: int
    at: datetime
    who: str
    act: str
    cell: str = ""
    reason: str = ""
    before: str = ""
    after: str = ""
    elsewhere: bool = False
    clock_set_back: float = 0.0


class RecordService:
    """What concerns a data folder as a whole, or a case for good."""

    def __init__(self, folder: Path, database: Database, images: ImageStore) -> None:
        self.folder = folder
        self._database, self._images = database, images

    def check(self) -> Checked:
        """Check everything in the folder; takes as long as reading it all."""
        return check_folder(self.folder)

    def back_up(self, target: Path, replace: bool = False) -> BackedUp:
        """Write all into one file; see `karyogui.storage.backup`."""
        return back_up(self.folder, target, replace)

    def daily_backup(self, place: Path, kept: int) -> BackedUp | None:
        """Today's backup, unless there is one already; only the last `kept` of them stay."""
        return daily_backup(self.folder, place, kept)

    def erase(self, case_id: int, reason: str) -> Erased:
        """Delete a case for good; `KaryoError` without a reason, then nothing is deleted."""
        why = fitting(reason.strip(), "reason")
        if not why:
            raise KaryoError("A case is erased with a reason.", "Say why it is erased.")
        done = erase_case(self._database, self._images, case_id, why)
        forget_old_databases(self.folder)
        return done

    def export_case(
        self, case_id: int, target: Path, anonymous: bool = False, pictures_are_clean: bool = False
    ) -> tuple[str, ...]:
        """Write a case into a file; returns a sentence for each thing that was left out.

        An anonymous form keeps of a photograph only what lies around its chromosomes, unless a
        person has made sure that no text is burned into it (`pictures_are_clean`).
        """
        change = Anonymiser(pictures_are_clean) if anonymous else None
        return export_case(self._database, self._images, case_id, target, change)

    def import_case(self, path: Path, name: str | None = None) -> ImportedCase:
        """Bring in a case that was exported elsewhere; its trail stays readable."""
        wanted = fitting(name.strip(), NAME) if name else None
        return import_case(self._database, self._images, path, wanted)

    def note(self, act: str, before: str = "", after: str = "", reason: str = "") -> None:
        """Put into the trail what is stored elsewhere: a model, a setting."""
        values = {"note": {"": {"was": {"": before}, "now": {"": after}}}}
        self._database.note(act, {"values": values, "reason": reason})

    def altered(self, case_id: int) -> tuple[str, ...]:
        """What of a case was altered outside the program, in sentences; cheap."""
        return altered_parts(self._database, case_id)

    def trail(self, case_id: int | None) -> tuple[TrailEntry, ...]:
        """The trail of a case, or of what belongs to none, oldest first."""
        with contained("the trail of this case"):
            entries = list(trail_entries(self._database, case_id))
        notes = Notes()
        return tuple(_entry(told, elsewhere, notes) for told, elsewhere in entries)


def is_case_file(path: Path) -> bool:
    """Whether a file is a case that was exported."""
    return path.is_file() and (path.suffix == CASE_SUFFIX or is_bundle(path, CASE))


def _entry(told: dict[str, Any], elsewhere: bool, notes: Notes) -> TrailEntry:
    """An entry to be read; one that is damaged says so in its place."""
    try:
        said = notes.said(told.get("added", {}))
    except UNREADABLE:
        said = Said(after="what was said cannot be read")
    try:
        return _whole_entry(told, elsewhere, said)
    except UNREADABLE:
        seq = told.get("seq")
        number = seq if isinstance(seq, int) else 0
        return TrailEntry(number, NEVER, "", "entry that cannot be read", elsewhere=elsewhere)


NEVER = datetime(1970, 1, 1, tzinfo=UTC)
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError)


def _whole_entry(told: dict[str, Any], elsewhere: bool, said: Said) -> TrailEntry:
    content = _content(told.get("content"))
    before, after = _sides(content.get("values", {}))
    several = f"{len(said.cells)} cells: {', '.join(said.cells)}" if len(said.cells) > 1 else ""
    return TrailEntry(
        seq=int(told["seq"]),
        at=datetime.fromisoformat(told["at"]),
        who=str(told["who"]),
        act=str(told["act"]),
        cell=str(told.get("cell") or several),
        reason=str(content.get("reason", "")) or said.reason,
        before="; ".join(filter(None, (before, said.before))),
        after="; ".join(filter(None, (after, said.after))),
        elsewhere=elsewhere,
        clock_set_back=float(content.get("clock_set_back", 0.0)),
    )


def _content(text: object) -> dict[str, Any]:
    try:
        told = json.loads(str(text)) if text is not None else {}
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _sides(values: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """The values before and after, in a line each; of a chromosome with its id."""
    before: list[str] = []
    after: list[str] = []
    for table, rows in values.items():
        for key, change in rows.items():
            was, now = _fields(change.get("was", {})), _fields(change.get("now", {}))
            which = f"{key.rpartition('/')[2]} " if table == "placement" else ""
            for name in [n for n in {**was, **now} if was.get(n) != now.get(n)]:
                label = f"{which}{name.replace('_', ' ')}: " if name else ""
                before.append(f"{label}{was.get(name, NONE)}")
                after.append(f"{label}{now.get(name, NONE)}")
    return "; ".join(before), "; ".join(after)


UNTOLD = frozenset(("id", "cell_id", "case_id", "chromosome_id", "slot_index", "proposed", "away"))
"""Columns of which a person who reads the trail learns nothing."""


def _fields(values: dict[str, Any]) -> dict[str, Any]:
    """Values with the fields of a case's details each by itself."""
    told = {name: value for name, value in values.items() if name not in UNTOLD}
    details = told.pop("details", None)
    if isinstance(details, str):
        told |= _content(details)
    return {name: value for name, value in told.items() if value not in ("", None)}


def names_of_findings(findings: Sequence[Finding]) -> str:
    """How many findings of which kinds: `2 trail, 1 pictures`."""
    kinds = dict.fromkeys(finding.kind for finding in findings)
    return ", ".join(f"{sum(f.kind == kind for f in findings)} {kind}" for kind in kinds)
