"""The undo command of an enhancement: it has happened when it enters the history."""

from __future__ import annotations

from collections.abc import Callable

from karyogui.domain.recipe import Recipe
from karyogui.ui.board.commands import Show, Step


class ChangeRecipe(Step):
    """Another recipe; `keep` records one with the cell and returns what shows it."""

    def __init__(self, keep: Callable[[Recipe], Show | None], before: Recipe, after: Recipe):
        super().__init__("Enhancement")
        self._keep = keep
        self._before, self._after = before, after

    def record(self, back: bool) -> Show | None:
        """Record the earlier recipe, or the later one again."""
        return self._keep(self._before if back else self._after)
