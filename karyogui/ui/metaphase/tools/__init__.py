"""The metaphase's tools. A new one is one module and one name in `TOOLS`."""

from __future__ import annotations

from karyogui.ui.metaphase.tools.base import MetaphaseTool
from karyogui.ui.metaphase.tools.brush import BrushTool, EraserTool
from karyogui.ui.metaphase.tools.course import CourseTool
from karyogui.ui.metaphase.tools.cut import CutTool
from karyogui.ui.metaphase.tools.join import JoinTool
from karyogui.ui.metaphase.tools.lasso import LassoTool
from karyogui.ui.metaphase.tools.split import SplitTool

TOOLS: tuple[type[MetaphaseTool], ...] = (
    CutTool,
    SplitTool,
    CourseTool,
    JoinTool,
    BrushTool,
    EraserTool,
    LassoTool,
)
"""The repair tools, as in the menu and in the bar; without one the select tool has the button."""
