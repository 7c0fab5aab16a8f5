"""What can be done with the strip as a whole."""

from __future__ import annotations

from karyogui.ui.action_spec import NEEDS_OPEN, ActionSpec, Scope
from karyogui.ui.strip.controller import StripController


def strip_actions(strip: StripController) -> tuple[ActionSpec, ...]:
    """The page, the types one after the other, and how pictures are shown."""

    def is_open() -> bool:
        return strip.is_open

    panel = strip.panel
    return (
        ActionSpec(
            "view.strip", "Across cells", "strip", strip.show, ("Ctrl+5",), is_open,
            tip="The chromosomes of one type in all cells of the case, side by side",
            otherwise=NEEDS_OPEN,
        ),
        ActionSpec(
            "view.straight", "Straightened", "straight", strip.toggle_straightened, ("O",),
            is_open, Scope.STRIP, checkable=True,
            tip="Straightened, or the original pictures", otherwise=NEEDS_OPEN,
        ),
        ActionSpec(
            "view.next_type", "Next type", "next-type", lambda: panel.step_type(1), ("PgDown",),
            is_open, Scope.STRIP, otherwise=NEEDS_OPEN,
        ),
        ActionSpec(
            "view.previous_type", "Previous type", "previous-type", lambda: panel.step_type(-1),
            ("PgUp",), is_open, Scope.STRIP, otherwise=NEEDS_OPEN,
        ),
    )  # fmt: skip
