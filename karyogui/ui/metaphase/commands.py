"""The step of a repair in the history: stored when it enters it, and answered to a little later."""

from __future__ import annotations

from collections.abc import Callable

from karyogui.domain.separation import Repair, RepairKind
from karyogui.ui.board.commands import Show, Step


class RepairSeparation(Step):
    """One repair; undoing and redoing it are repairs too.

    `store` stores a repair and returns what shows it, None when it is refused.
    """

    def __init__(self, store: Callable[[Repair], Show | None], repair: Repair) -> None:
        super().__init__(repair.text)
        self._store = store
        self.repair = repair

    def record(self, back: bool) -> Show | None:
        """Store the repair that undoes it, or the repair again."""
        return self._store(self.repair.inverse if back else self.repair)

    def goes_on_with(self, repair: Repair) -> bool:
        """Whether a repair only turns on what this one has turned: then both are one step."""
        mine, its = self.repair, repair
        both = mine.kind is RepairKind.ROTATE and its.kind is RepairKind.ROTATE
        return both and [o.id for o in mine.after] == [o.id for o in its.before]

    def go_on(self, repair: Repair) -> None:
        """Take in a repair that goes on with this one."""
        from karyogui.services.repair_geometry import turned_words

        before = self.repair.before
        text = turned_words(before, repair.after)
        self.repair = Repair(repair.kind, text, before, repair.after)
        self.setText(text)
