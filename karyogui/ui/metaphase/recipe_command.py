"""The undo command of an enhancement: it has happened when it enters the history."""

from __future__ import annotations

from collections.abc import Callable

from karyogui.domain.recipe import Recipe
from karyogui.ui.board.commands import DoneCommand


class ChangeRecipe(DoneCommand):
    """Another recipe; `record` keeps one with the cell and says whether that worked."""

    def __init__(self, record: Callable[[Recipe], bool], before: Recipe, after: Recipe) -> None:
        super().__init__("Enhancement")
        self._record = record
        self._before, self._after = before, after

    def undo(self) -> None:
        """Record the earlier recipe unless that is already so."""
        if self.is_done:
            self.is_done = not self._record(self._before)

    def redo(self) -> None:
        """Record the later recipe unless that is already so, as when it enters the history."""
        if not self.is_done:
            self.is_done = self._record(self._after)
