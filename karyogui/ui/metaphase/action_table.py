"""The actions of the metaphase view, part of the table in `ui.actions`."""

from __future__ import annotations

from karyogui.ui.action_spec import ActionSpec, Need, Scope
from karyogui.ui.metaphase.tools import TOOLS
from karyogui.ui.metaphase.tools.base import MetaphaseTool

METAPHASE_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "metaphase.labels",
        "Show labels",
        "labels",
        "metaphase.toggle_labels",
        ("F6",),
        need=Need.METAPHASE,
        checkable=True,
    ),
    ActionSpec(
        "metaphase.rejected",
        "Show nuclei, debris and deleted objects",
        "rejected",
        "metaphase.toggle_rejected",
        ("F7",),
        need=Need.METAPHASE,
        checkable=True,
    ),
    ActionSpec(
        "metaphase.strip",
        "Display and enhancement",
        "histogram",
        "metaphase.toggle_strip",
        ("F8",),
        need=Need.METAPHASE,
        checkable=True,
    ),
)


def _tool(tool: type[MetaphaseTool]) -> ActionSpec:
    return ActionSpec(
        f"repair.{tool.id}",
        tool.label,
        tool.icon,
        "repair_tools.choose",
        (tool.shortcut,),
        need=Need.REPAIR,
        arguments=(tool.id,),
        scope=Scope.METAPHASE,
        checkable=True,
        tip=tool.tip,
    )


def _act(
    name: str,
    text: str,
    keys: tuple[str, ...],
    callback: str,
    *arguments: object,
    separator: bool = False,
    tip: str = "",
) -> ActionSpec:
    return ActionSpec(
        f"repair.{name}",
        text,
        f"repair-{name}",
        f"repair_tools.{callback}",
        keys,
        need=Need.REPAIR_SELECTION,
        arguments=arguments,
        scope=Scope.METAPHASE,
        separator=separator,
        tip=tip,
    )


REPAIR_ACTIONS: tuple[ActionSpec, ...] = (
    *(_tool(tool) for tool in TOOLS),
    _act(
        "delete",
        "Delete object",
        ("Del", "Backspace"),
        "delete",
        separator=True,
        tip="Take it off the board; it stays in the picture and can be restored",
    ),
    _act("restore", "Restore object", ("R",), "restore", tip="Bring back what was deleted"),
    _act("chromosome", "Mark as chromosome", ("H",), "mark", "chromosome"),
    _act("nucleus", "Mark as nucleus", ("N",), "mark", "nucleus"),
    _act("debris", "Mark as debris", ("D",), "mark", "debris"),
    _act("right", "Turn crop right by 1°", ("]",), "rotate", 1.0, separator=True),
    _act("left", "Turn crop left by 1°", ("[",), "rotate", -1.0),
    _act("right_more", "Turn crop right by 5°", ("}",), "rotate", 5.0),
    _act("left_more", "Turn crop left by 5°", ("{",), "rotate", -5.0),
)

TOOL_BAR: tuple[str, ...] = (
    *(f"repair.{tool.id}" for tool in TOOLS),
    "",
    "repair.delete",
    "repair.restore",
)
"""Actions beside the picture, an empty one for a separator."""

METAPHASE_KEYS: tuple[tuple[str, str], ...] = (
    ("0  +  −", "Fit to window, zoom in, zoom out"),
    ("Mouse wheel", "Zoom to the pointer"),
    ("Space and drag, arrow keys", "Move the picture"),
    ("Click", "Select; again on a crossing: the other one"),
    ("Drag", "Select what a rubber band touches"),
    ("Shift and click", "Select several"),
    ("1  2  3, Enter", "Choose how a crossing is split, and split it"),
    ("[  ], Ctrl and wheel", "Size of brush and eraser"),
    ("Shift and drag", "Cut along a straight line"),
    ("Esc", "Give up what is under way, then the tool"),
)
"""Keys and mouse that the metaphase view itself handles, for the overview."""
