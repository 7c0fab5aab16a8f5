"""Drawing the course: a line along one chromosome through a cluster outlines that chromosome."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from karyogui.ui.metaphase.tools.base import MetaphaseHost, Pointer
from karyogui.ui.metaphase.tools.drawing import DrawingTool, Points, Stain, taken_ids


class CourseTool(DrawingTool):
    """Follows one chromosome: in one stroke, or click by click until Enter or a double click."""

    id = "course"
    label = "Draw the course"
    icon = "course"
    shortcut = "W"
    tip = "Draw along one chromosome through a cluster; the rest is separated again"
    hint = "Draw along one chromosome from end to end, or click along it.  Esc: done"

    def __init__(self, host: MetaphaseHost) -> None:
        super().__init__(host)
        self._stain = Stain()
        self._pressed: Pointer | None = None
        self._is_new = False
        self._is_drag = False

    def press(self, pointer: Pointer) -> None:
        """Begin a line, or go on with one that is drawn click by click."""
        self._is_drag, self._is_new = False, self.stroke is None
        if self.stroke is None:
            super().press(pointer)
        else:
            self.cursor_keys.hide()
            self.stroke.add(pointer.page)
        self._pressed = pointer

    def move(self, pointer: Pointer) -> None:
        """Draw, once the mouse has really moved."""
        if self._pressed is None or self.stroke is None:
            return
        away = (pointer.view - self._pressed.view).manhattanLength()
        self._is_drag = self._is_drag or away >= QApplication.startDragDistance()
        if self._is_drag:
            super().move(pointer)

    def release(self, pointer: Pointer) -> None:
        """A stroke is complete; a click waits for the next one."""
        self._pressed = None
        if self._is_drag and self._is_new:
            super().release(pointer)
        elif self.stroke is not None:
            self._host.show_hint(
                "Keep clicking along the chromosome; Enter or a double click finishes.  Esc: none"
            )

    def hover(self, pointer: Pointer | None) -> None:
        """Show how the line would go on."""
        if pointer is not None and self.stroke is not None:
            self.cursor_keys.hide()
            self.stroke.lead(pointer.page)

    def double_click(self, pointer: Pointer) -> bool:
        """Finish a line that is drawn click by click."""
        if self.stroke is None:
            return False
        self._finish(self.stroke.points)
        return True

    def cancel(self) -> bool:
        """Forget the line."""
        self._pressed = None
        return super().cancel()

    def finish(self, points: Points) -> None:
        """Outline the chromosome, and say what is left."""
        from karyogui.services.courses import course

        objects = list(self._scene.objects.values())
        stain = self._stain.of(self._scene)
        repair = course(points, stain, objects, taken_ids(self._scene))
        self._host.request_repair(repair)
        self._host.show_hint(f"{repair.text}.  Esc: done")
