"""The actions of the metaphase view, part of the table in `ui.actions`."""

from __future__ import annotations

from karyogui.ui.action_spec import ActionSpec, Need, Scope

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


TOOL_OF: dict[str, str] = {
    "cut": "cut",
    "split": "split",
    "join_drag": "join",
    "brush": "brush",
    "eraser": "eraser",
    "lasso": "lasso",
}
"""Which tool an action takes up."""


def _tool(
    tool: str, text: str, icon: str, key: str, tip: str, separator: bool = False
) -> ActionSpec:
    return ActionSpec(
        f"metaphase.{tool}",
        text,
        icon,
        "repairs.choose",
        (key,),
        need=Need.OBJECTS,
        arguments=(TOOL_OF[tool],),
        scope=Scope.METAPHASE,
        checkable=True,
        separator=separator,
        tip=tip,
    )


def _act(
    name: str,
    text: str,
    icon: str,
    key: str,
    callback: str,
    *arguments: object,
    separator: bool = False,
) -> ActionSpec:
    return ActionSpec(
        f"metaphase.{name}",
        text,
        icon,
        f"repairs.{callback}",
        (key,),
        need=Need.OBJECT_SELECTION,
        arguments=arguments,
        scope=Scope.METAPHASE,
        separator=separator,
    )


REPAIR_ACTIONS: tuple[ActionSpec, ...] = (
    _tool("cut", "Cut", "cut", "C", "Draw a line across an object", separator=True),
    _tool("split", "Split crossing", "split", "S", "Choose which arms belong together"),
    _tool("join_drag", "Join by dragging", "join", "Shift+J", "Drag from one object to the other"),
    _tool("brush", "Brush", "brush", "B", "Extend the outline of an object"),
    _tool("eraser", "Eraser", "eraser", "E", "Take pixels away from an object"),
    _tool("lasso", "Lasso", "lasso", "L", "Outline a chromosome that was not found"),
    _act("join", "Join selected", "join", "J", "join", separator=True),
    _act("delete", "Delete object", "delete", "Del", "delete"),
    _act("restore", "Restore as chromosome", "restore", "H", "restore"),
    _act("nucleus", "Mark as nucleus", "rejected", "K", "mark", "nucleus"),
    _act("debris", "Mark as debris", "rejected", "D", "mark", "debris"),
    _act("right", "Turn right by 1°", "turn-right", "]", "rotate", 1.0, separator=True),
    _act("left", "Turn left by 1°", "turn-left", "[", "rotate", -1.0),
)
REPAIR_TOOLS: tuple[str, ...] = tuple(TOOL_OF)
"""Actions of the tool bar, in its order."""

METAPHASE_KEYS: tuple[tuple[str, str], ...] = (
    ("0  +  −", "Fit to window, zoom in, zoom out"),
    ("Mouse wheel", "Zoom to the pointer"),
    ("Space and drag, arrow keys", "Move the picture"),
    ("Click", "Select; again on a crossing: the other one"),
    ("Drag", "Select what a rubber band touches"),
    ("Shift and click", "Select several"),
    ("Esc", "Give up what is under way"),
)
"""Keys and mouse that the metaphase view itself handles, for the overview."""
