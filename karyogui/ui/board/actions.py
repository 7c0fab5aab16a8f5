"""What can be done with chromosomes on the board."""

from __future__ import annotations

from collections.abc import Callable

from karyogui.domain.karyogram import TRAY
from karyogui.ui.action_spec import ActionSpec, Scope
from karyogui.ui.board.panel import BoardPanel


def board_actions(board: BoardPanel, is_seen: Callable[[], bool]) -> tuple[ActionSpec, ...]:
    """Acts on the selection.

    `is_seen` says whether a person sees what would be turned or moved.
    """

    def is_selected() -> bool:
        return bool(board.karyogram) and bool(board.selection) and is_seen()

    def act(
        action_id: str,
        text: str,
        icon: str,
        callback: Callable[[], object],
        key: str,
        tip: str = "",
    ) -> ActionSpec:
        return ActionSpec(
            action_id,
            text,
            icon,
            callback,
            (key,),
            is_selected,
            scope=Scope.BOARD,
            tip=tip,
            otherwise="Needs a selected chromosome",
        )

    def turn(degrees: float) -> Callable[[], None]:
        return lambda: board.turn_selection(degrees)

    return (
        act("chromosome.turn", "Turn by 180°", "turn", turn(180.0), "R"),
        act("chromosome.right", "Turn right by 1°", "turn-right", turn(1.0), "]"),
        act("chromosome.left", "Turn left by 1°", "turn-left", turn(-1.0), "["),
        act(
            "chromosome.mirror",
            "Mirror",
            "mirror",
            board.mirror_selection,
            "Ctrl+M",
            tip="Reflect left to right: marked and logged",
        ),
        act(
            "chromosome.tray",
            "Move to the tray",
            "tray",
            lambda: board.move_selection(TRAY),
            "Del",
        ),
    )


BOARD_KEYS: tuple[tuple[str, str], ...] = (
    ("Arrow keys", "Walk the board from slot to slot"),
    ("1 … 22, X, Y, M", "Move the selection there; M: marker"),
    ("Shift+[  Shift+]", "Turn by 5°"),
    ("0", "Fit to window"),
    ("Space and drag", "Move the view"),
    ("Mouse wheel", "Zoom at the pointer"),
    ("Shift and click", "Select several"),
    ("Esc", "Cancel a drag"),
)
"""Keys that the board itself handles, for the overview."""
