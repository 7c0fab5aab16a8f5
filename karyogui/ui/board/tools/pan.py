"""The pan tool: moves the page under the view. Also reached by Space or the middle button."""

from __future__ import annotations

from karyogui.ui.board.tools.base import BoardTool, ToolHost
from karyogui.ui.zoom_view import Hand


class PanTool(Hand, BoardTool):
    """The hand, chosen for the left button."""

    id = "pan"
    label = "Pan"
    icon = "pan"

    def __init__(self, host: ToolHost) -> None:
        BoardTool.__init__(self, host)
        Hand.__init__(self, host)
