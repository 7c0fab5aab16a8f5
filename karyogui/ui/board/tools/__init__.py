"""The board's tools. A new one is one module and one name in `TOOLS`."""

from __future__ import annotations

from karyogui.ui.board.tools.base import BoardTool
from karyogui.ui.board.tools.pan import PanTool
from karyogui.ui.board.tools.select import SelectTool

TOOLS: tuple[type[BoardTool], ...] = (SelectTool, PanTool)
