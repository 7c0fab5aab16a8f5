"""What can be done with labelled changes."""

from __future__ import annotations

from collections.abc import Callable

from karyogui.ui.action_spec import ActionSpec, Scope
from karyogui.ui.changes.controller import ChangesController


def change_actions(
    changes: ChangesController, enter: Callable[[], object]
) -> tuple[ActionSpec, ...]:
    """Enter one on what is selected, on the board or in the strip."""
    return (
        ActionSpec(
            "chromosome.change", "Structural change…", "change", enter, ("A",),
            lambda: changes.can_enter, Scope.CHROMOSOMES,
            tip="Label a change (del, t, der …) on the selected chromosomes",
            otherwise="Needs an analysed cell that is not signed off",
        ),
    )  # fmt: skip
