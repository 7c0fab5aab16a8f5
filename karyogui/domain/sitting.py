"""What work at a cell cost: actions by kind, and seconds in which a person was at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ActionKind(StrEnum):
    """What a person did; the value is the word shown."""

    CUT = "cut"
    SPLIT = "split crossing"
    COURSE = "course"
    JOIN = "join"
    BRUSH = "brush"
    LASSO = "lasso"
    DELETE = "delete"
    RESTORE = "restore"
    MARK = "mark"
    ROTATE = "rotate"
    MOVE = "move"
    SWAP = "swap"
    UNPLACE = "unplace"
    TURN = "turn"
    MIRROR = "mirror"
    CONFIRM = "confirm"
    CHECK = "check"
    """A word on an entry of the separation check: the object is right as it is."""
    ASSIGN = "assign again"
    ENHANCE = "enhance"
    EXCLUDE = "exclude"
    """The cell from its case, or taken back into it."""
    NOTE = "note"
    """Status, culture, coordinates, marks: something noted of the cell."""
    LABEL = "structural change"
    """Entered, altered or removed: a finding, which corrects nothing."""
    ANSWER = "answer"
    """The program's: what the network said of a repair."""
    UNDO = "undo"
    REDO = "redo"


REPAIRS: frozenset[ActionKind] = frozenset(
    (
        ActionKind.CUT,
        ActionKind.SPLIT,
        ActionKind.COURSE,
        ActionKind.JOIN,
        ActionKind.BRUSH,
        ActionKind.LASSO,
        ActionKind.DELETE,
        ActionKind.RESTORE,
        ActionKind.MARK,
        ActionKind.ROTATE,
    )
)
"""Acts on the separation of a photograph."""

NO_CORRECTIONS: frozenset[ActionKind] = frozenset(
    (
        ActionKind.CONFIRM,
        ActionKind.CHECK,
        ActionKind.ASSIGN,
        ActionKind.ENHANCE,
        ActionKind.EXCLUDE,
        ActionKind.NOTE,
        ActionKind.LABEL,
        ActionKind.ANSWER,
        ActionKind.UNDO,
        ActionKind.REDO,
    )
)
"""Acts that correct nothing the program did."""


@dataclass(frozen=True)
class Sitting:
    """One sitting of a person at one cell.

    `seconds_active` (≥ 0) leaves out pauses; `actions` counts by kind what was done.
    """

    who: str
    started: datetime
    ended: datetime
    seconds_active: float
    actions: Mapping[ActionKind, int]


@dataclass(frozen=True)
class CorrectionCost:
    """All sittings at a cell together."""

    actions: Mapping[ActionKind, int]
    seconds_active: float

    @classmethod
    def of(cls, sittings: Iterable[Sitting]) -> CorrectionCost:
        """The sum of sittings."""
        total: Counter[ActionKind] = Counter()
        seconds = 0.0
        for sitting in sittings:
            total.update(sitting.actions)
            seconds += sitting.seconds_active
        return cls({kind: total[kind] for kind in ActionKind if total[kind]}, seconds)

    @property
    def corrections(self) -> int:
        """How many of the actions corrected what the program had done."""
        return sum(n for kind, n in self.actions.items() if kind not in NO_CORRECTIONS)
