"""The undo command of a repair: it has happened when it enters the history."""

from __future__ import annotations

from collections.abc import Callable

from karyogui.domain.karyogram import Placement
from karyogui.domain.separation import Repair
from karyogui.ui.board.commands import DoneCommand

Do = Callable[[Repair, tuple[Placement, ...]], bool]
"""Repairs the open cell and lets its chromosomes stand exactly so; False when it cannot be."""


class RepairSeparation(DoneCommand):
    """One repair; undoing and redoing it are recorded repairs too.

    `before` and `after` are where all chromosomes stood, so that earlier and later edits of the
    history find what they left.
    """

    def __init__(
        self,
        do: Do,
        repair: Repair,
        before: tuple[Placement, ...],
        after: tuple[Placement, ...],
    ) -> None:
        super().__init__(repair.text)
        self._do = do
        self._repair = repair
        self._before, self._after = before, after

    def undo(self) -> None:
        """Undo the repair unless that is already so."""
        if self.is_done:
            self.is_done = not self._do(self._repair.inverse, self._before)

    def redo(self) -> None:
        """Repair again unless that is already so, as when it enters the history."""
        if not self.is_done:
            self.is_done = self._do(self._repair, self._after)
