"""The join tool: drag from one object to another, or select several and press its key."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF

from karyogui.domain.separation import SeparatedObject
from karyogui.errors import KaryoError
from karyogui.services.repair_geometry import chromosome_width, join
from karyogui.ui.metaphase.tools.base import Pointer
from karyogui.ui.metaphase.tools.drawing import DrawingTool, Points, taken_ids
from karyogui.ui.metaphase.tools.select import REACH


class JoinTool(DrawingTool):
    """Makes one object of two, or of all that are selected."""

    id = "join"
    label = "Join"
    icon = "join"
    shortcut = "J"
    tip = "Join what is selected; or drag from one object to the other"
    hint = "Drag from one object to the other.  Esc: done"

    def at_once(self) -> bool:
        """Join the selection, if it is of two or more."""
        chosen = [self._scene.objects[i] for i in self._scene.selected_ids]
        if len(chosen) < 2:
            return False
        self._join(chosen)
        return True

    def move(self, pointer: Pointer) -> None:
        """The line is straight, and what would be joined is outlined."""
        if self.stroke is not None:
            self.stroke.stretch(pointer.page)
            self._scene.set_hovered(self._scene.object_at(pointer.page, REACH / self._host.zoom))

    def hover(self, pointer: Pointer | None) -> None:
        """Outline what a drag would begin on."""
        reach = REACH / self._host.zoom
        under = self._scene.object_at(pointer.page, reach) if pointer is not None else None
        self._scene.set_hovered(under)

    def _at_cursor(self, place: QPointF) -> None:
        super()._at_cursor(place)
        self._scene.set_hovered(self._scene.object_at(place, REACH / self._host.zoom))

    def cancel(self) -> bool:
        """Forget the line, and the outline of its end."""
        self._scene.set_hovered(None)
        return super().cancel()

    def finish(self, points: Points) -> None:
        """Join what lies at both ends."""
        reach = REACH / self._host.zoom
        ends = [self._scene.object_at(QPointF(*at), reach) for at in (points[0], points[-1])]
        pair = [self._scene.objects[i] for i in dict.fromkeys(ends) if i is not None]
        if len(pair) < 2:
            raise KaryoError("Joining takes two objects.", "Drag from one to the other.")
        self._join(pair)

    def _join(self, objects: Sequence[SeparatedObject]) -> None:
        width = chromosome_width(list(self._scene.objects.values()))
        self._host.request_repair(join(objects, width, taken_ids(self._scene)))
