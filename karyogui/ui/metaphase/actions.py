"""What can be done in the metaphase view."""

from __future__ import annotations

from collections.abc import Callable

from karyogui.ui.action_spec import ActionSpec, Scope
from karyogui.ui.metaphase.controller import MetaphaseController
from karyogui.ui.metaphase.regions import RegionController
from karyogui.ui.metaphase.repair_tools import RepairTools
from karyogui.ui.metaphase.tools import TOOLS
from karyogui.ui.metaphase.tools.base import MetaphaseTool


def metaphase_actions(
    metaphase: MetaphaseController, regions: RegionController
) -> tuple[ActionSpec, ...]:
    """What is shown beside and over the picture."""

    def has_picture() -> bool:
        cell = metaphase.panel.cell
        return cell is not None and cell.has_photograph

    def switch(
        name: str, text: str, icon: str, toggle: Callable[[], object], key: str
    ) -> ActionSpec:
        action_id = f"metaphase.{name}"
        return ActionSpec(action_id, text, icon, toggle, (key,), has_picture, checkable=True,
                          otherwise="Needs a photograph")  # fmt: skip

    rejected = "Show nuclei, debris and deleted objects"
    return (
        switch("labels", "Show labels", "labels", metaphase.toggle_labels, "F6"),
        switch("rejected", rejected, "rejected", metaphase.toggle_rejected, "F7"),
        switch("strip", "Display and enhancement", "histogram", metaphase.toggle_strip, "F8"),
        ActionSpec(
            "metaphase.region",
            "Analyse a region…",
            "region",
            regions.draw_region,
            enabled_when=has_picture,
            tip="Draw round a part of the picture: it is analysed as a cell of its own",
        ),
        ActionSpec(
            "metaphase.divide",
            "Divide into two cells…",
            "divide",
            regions.draw_division,
            enabled_when=has_picture,
            tip="Draw round one of two cells: the rest of the picture is the other",
        ),
    )


def _tool(tools: RepairTools, kind: type[MetaphaseTool]) -> ActionSpec:
    return ActionSpec(
        f"repair.{kind.id}",
        kind.label,
        kind.icon,
        lambda: tools.choose(kind.id),
        (kind.shortcut,),
        lambda: tools.can_repair,
        scope=Scope.METAPHASE,
        checkable=True,
        tip=kind.tip,
        otherwise=lambda: tools.obstacle,
    )


def repair_actions(
    tools: RepairTools, mark_as: Callable[[str], object], is_at_entry: Callable[[], bool]
) -> tuple[ActionSpec, ...]:
    """The tools, and what can be done with the selected objects; `mark_as` says what they are."""

    def is_selected() -> bool:
        return tools.can_repair and tools.has_selection

    def can_be_marked() -> bool:
        # A tool that proposes something for an entry shows that in place of the selection.
        return is_selected() or is_at_entry()

    def act(
        name: str,
        text: str,
        keys: tuple[str, ...],
        callback: Callable[[], object],
        tip: str = "",
        possible: Callable[[], bool] = is_selected,
    ) -> ActionSpec:
        return ActionSpec(
            f"repair.{name}",
            text,
            f"repair-{name}",
            callback,
            keys,
            possible,
            scope=Scope.METAPHASE,
            tip=tip,
            otherwise=lambda: tools.obstacle or "Needs selected objects",
        )

    def mark(kind: str, key: str) -> ActionSpec:
        return act(kind, f"Mark as {kind}", (key,), lambda: mark_as(kind), possible=can_be_marked)

    def turn(name: str, text: str, key: str, degrees: float) -> ActionSpec:
        return act(name, f"Turn crop {text}", (key,), lambda: tools.rotate(degrees))

    return (
        *(_tool(tools, each) for each in TOOLS),
        act(
            "delete",
            "Delete object",
            ("Del", "Backspace"),
            tools.delete,
            tip="Take it off the board; it stays in the picture and can be restored",
        ),
        act("restore", "Restore object", ("Shift+Del",), tools.restore, "Bring back deleted ones"),
        mark("chromosome", "H"),
        mark("nucleus", "Shift+U"),
        mark("debris", "Shift+D"),
        turn("right", "right by 1°", "]", 1.0),
        turn("left", "left by 1°", "[", -1.0),
        turn("right_more", "right by 5°", "}", 5.0),
        turn("left_more", "left by 5°", "{", -5.0),
    )


METAPHASE_KEYS: tuple[tuple[str, str], ...] = (
    ("0  +  −", "Fit to window, zoom in, zoom out"),
    ("Mouse wheel", "Zoom at the pointer"),
    ("Space and drag, arrow keys", "Move the picture"),
    ("Click", "Select; again on a crossing: the other one"),
    ("Drag", "Select everything a rubber band touches"),
    ("Shift and click", "Select several"),
    ("1 … 6, Enter", "Choose how a crossing is split, and split it"),
    ("[  ], Ctrl and wheel", "Size of brush and eraser"),
    ("Shift and drag", "Cut along a straight line"),
    ("Arrow keys, Space, Enter", "With a tool: move the cross, set a point, finish"),
    ("Esc", "Cancel what is being drawn, then leave the tool"),
)
"""Keys and mouse that the metaphase view itself handles, for the overview."""
