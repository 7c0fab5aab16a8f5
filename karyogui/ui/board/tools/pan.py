"""The pan tool: moves the page under the view. Also reached by Space or the middle button."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt

from karyogui.ui.board.tools.base import BoardTool, Pointer, ToolHost


class PanTool(BoardTool):
    """Dragging moves the page; it edits nothing."""

    id = "pan"
    label = "Pan"
    icon = "pan"
    cursor = Qt.CursorShape.OpenHandCursor
    busy_cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._last: QPoint | None = None
        self._moved = QPoint()

    def press(self, pointer: Pointer) -> None:
        """Grasp the page."""
        self._last, self._moved = pointer.view, QPoint()

    def move(self, pointer: Pointer) -> None:
        """Take the page along."""
        if self._last is None:
            return
        step = pointer.view - self._last
        self._last = pointer.view
        self._moved += step
        self._host.pan_by(step.x(), step.y())

    def release(self, pointer: Pointer) -> None:
        """Let go of the page."""
        self.move(pointer)
        self._last = None

    def cancel(self) -> bool:
        """Put the page back where it was grasped."""
        if self._last is None:
            return False
        self._host.pan_by(-self._moved.x(), -self._moved.y())
        self._last = None
        return True
