"""A loop or a rectangle round a part of the picture that is to be a cell of its own."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from karyogui.ui.metaphase.tools.base import MetaphaseHost, Pointer
from karyogui.ui.metaphase.tools.drawing import DrawingTool, Points

HOW = "draw round it, with Shift a rectangle.  Esc: done"


class RegionTool(DrawingTool):
    """Hands on a closed line; the picture is not repaired by it."""

    def __init__(
        self, host: MetaphaseHost, name: str, what: str, take: Callable[[Points], None]
    ) -> None:
        """`what` says what the line is for; `take` gets its corners."""
        super().__init__(host)
        self.id, self.label, self.hint = name, "Region", f"{what}: {HOW}"
        self._take = take

    def move(self, pointer: Pointer) -> None:
        """Go on; with Shift it is a rectangle from where it began."""
        if self.stroke is None:
            return
        if pointer.modifiers & Qt.KeyboardModifier.ShiftModifier:
            end = pointer.page.x(), pointer.page.y()
            self.stroke.be(_rectangle(self.stroke.points[0], end))
        else:
            self.stroke.add(pointer.page)

    def finish(self, points: Points) -> None:
        """Hand on the line; two corners, as set by keys, are a rectangle."""
        self._take(_rectangle(*points) if len(points) == 2 else points)


def _rectangle(start: tuple[float, float], end: tuple[float, float]) -> Points:
    return [start, (end[0], start[1]), end, (start[0], end[1]), start]
