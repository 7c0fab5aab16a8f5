"""The metaphase's tools: each turns mouse and keys into at most one repair a gesture."""

from __future__ import annotations

from karyogui.ui.metaphase.tools.base import MetaphaseTool
from karyogui.ui.metaphase.tools.drag import BrushTool, CutTool, EraserTool, LassoTool
from karyogui.ui.metaphase.tools.join import JoinTool
from karyogui.ui.metaphase.tools.split import SplitTool

TOOLS: tuple[type[MetaphaseTool], ...] = (
    CutTool,
    SplitTool,
    JoinTool,
    BrushTool,
    EraserTool,
    LassoTool,
)
"""The repair tools in the order of the tool bar; the select tool is what is there without them."""
