"""What a case knows of each of its cells, and what persons ruled about its lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from karyogui.domain.case_result.protocol import Unit
from karyogui.domain.karyogram import TRAY


class CellStatus(StrEnum):
    """How far a person examined a cell; the value is the word shown.

    A karyotyped cell is analysed too, and an analysed one counted. One that is scored was looked at
    for one feature alone, and one that is excluded does not count at all.
    """

    OPEN = "to do"
    COUNTED = "counted"
    ANALYSED = "analysed"
    KARYOTYPED = "karyotyped"
    SCORED = "scored"
    EXCLUDED = "excluded"

    @property
    def is_counted(self) -> bool:
        """Whether the number of its chromosomes is established."""
        return self is CellStatus.COUNTED or self.is_analysed

    @property
    def is_analysed(self) -> bool:
        """Whether every one of its chromosomes was evaluated."""
        return self in (CellStatus.ANALYSED, CellStatus.KARYOTYPED)


@dataclass(frozen=True)
class CaseCell:
    """One cell as evidence of its case.

    `counts` are those of its board per slot, None where there is no board; `structural` the changes
    a person entered, each as ISCN writes it; `number` how many chromosomes a person counted in the
    photograph. `culture` and `colony` are empty where nobody noted them. `excluded` is the reason
    why it does not count, empty for a cell that does. `bands` is its band level. `unsettled` says
    what of its separation is still to be checked, so that its count is not settled. `has_board`
    tells whether any chromosome of it was placed, `is_signed` whether a sign-off stands.
    """

    id: int
    name: str
    status: CellStatus = CellStatus.OPEN
    counts: Mapping[str, int] | None = None
    structural: tuple[str, ...] = ()
    number: int | None = None
    culture: str = ""
    slide: str = ""
    colony: str = ""
    excluded: str = ""
    bands: int | None = None
    unsettled: str = ""
    has_board: bool = False
    has_photograph: bool = False
    is_signed: bool = False

    @property
    def is_excluded(self) -> bool:
        """Whether it does not count."""
        return bool(self.excluded)

    @property
    def placed(self) -> int | None:
        """Chromosomes on its board without the tray, None where there is no board."""
        if self.counts is None:
            return None
        return sum(number for slot, number in self.counts.items() if slot != TRAY)

    def unit(self, unit: Unit) -> tuple[str, str]:
        """What it stands for: itself, or the colony of its culture that it grew in."""
        if unit is Unit.COLONY and self.colony:
            return self.culture, self.colony
        return "", f"cell {self.id}"


class RulingKind(StrEnum):
    """What a person may decide against the rules, with a reason; the value is the word for it."""

    REPORT = "report"
    """A change is a result although too few cells show it."""
    DISREGARD = "disregard"
    """A change is no result although enough cells show it: an artefact, a polymorphism."""
    PLACE = "place"
    """A cell belongs to the line with these changes."""
    COMPOSITE = "composite"
    """Related lines are written as one composite karyotype."""
    SEPARATE = "separate"
    """Related lines are written each by itself."""
    CHIMERA = "chimera"
    """Lines of different sex are those of two persons: `chi`."""
    DONOR = "donor"
    """Lines of the other sex, or a cell, are those of a transplant's donor: recipient//donor."""


@dataclass(frozen=True)
class Ruling:
    """A person's decision that overrules the grouping, and why.

    `subject` is the change it is about, or the id of the cell; `changes` are those of the line that
    a cell is placed in.
    """

    kind: RulingKind
    subject: str
    reason: str
    who: str
    when: datetime
    changes: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What it decides; a later ruling on the same takes its place."""
        group = {
            RulingKind.DISREGARD: RulingKind.REPORT,
            RulingKind.SEPARATE: RulingKind.COMPOSITE,
            RulingKind.DONOR: RulingKind.CHIMERA,
        }.get(self.kind, self.kind)
        return str(group), self.subject
