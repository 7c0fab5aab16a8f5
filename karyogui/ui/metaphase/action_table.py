"""The actions of the metaphase view, part of the table in `ui.actions`."""

from __future__ import annotations

from karyogui.ui.action_spec import ActionSpec, Need

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

METAPHASE_KEYS: tuple[tuple[str, str], ...] = (
    ("0  +  −", "Fit to window, zoom in, zoom out"),
    ("Mouse wheel", "Zoom to the pointer"),
    ("Space and drag", "Move the picture"),
    ("Click", "Select; again on a crossing: the other one"),
    ("Drag", "Select what a rubber band touches"),
    ("Shift and click", "Select several"),
    ("Esc", "Give up what is under way"),
)
"""Keys and mouse that the metaphase view itself handles, for the overview."""
