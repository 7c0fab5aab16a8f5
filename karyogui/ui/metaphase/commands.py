"""The undo command of a repair: shown when it enters the history, stored a little later."""

from __future__ import annotations

from collections.abc import Callable

from karyogui.domain.separation import Repair, RepairKind
from karyogui.services.repair_geometry import turned_words
from karyogui.ui.board.commands import Show, Step


class RepairSeparation(Step):
    """One repair; undoing and redoing it are repairs too.

    `ask(command, wanted)` shows it done or undone and has that stored in the background; False
    when it cannot be. `is_done` tells what is shown; `stored` is as much of the repair as is
    stored, None for nothing. They differ while a repair is looked at.
    """

    def __init__(self, ask: Callable[[RepairSeparation, bool], bool], repair: Repair) -> None:
        super().__init__(repair.text)
        self._ask = ask
        self.repair = repair
        self.stored: Repair | None = None
        self.is_done = True

    def record(self, back: bool) -> Show | None:
        """Have it undone, or done again; it is shown at once."""
        if not self._ask(self, not back):
            return None
        self.is_done = not back
        return lambda: None

    def goes_on_with(self, repair: Repair) -> bool:
        """Whether a repair only turns on what this one has turned: then both are one step."""
        mine, its = self.repair, repair
        both = mine.kind is RepairKind.ROTATE and its.kind is RepairKind.ROTATE
        return both and self.is_done and [o.id for o in mine.after] == [o.id for o in its.before]

    def go_on(self, repair: Repair) -> None:
        """Take in a repair that goes on with this one."""
        self.repair = _up_to(self.repair, repair)
        self.setText(self.repair.text)

    def is_kept(self, repair: Repair, does: bool) -> None:
        """A part of it, or the undoing of all of it, is stored now."""
        self.stored = _up_to(self.repair, repair) if does else None

    def give_up(self) -> None:
        """The rest could not be stored: what is stored counts."""
        self.is_done = self.stored is not None
        self.repair = self.stored or self.repair


def _up_to(first: Repair, last: Repair) -> Repair:
    """From where one repair starts to where another ends."""
    text = last.text
    if last.kind is RepairKind.ROTATE:
        text = turned_words(first.before, last.after)
    return Repair(last.kind, text, first.before, last.after)
