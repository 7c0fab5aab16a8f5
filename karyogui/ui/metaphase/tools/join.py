"""Joining: drag from one object to another."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from karyogui.errors import KaryoError
from karyogui.services import repair_geometry
from karyogui.ui.metaphase.tools.drag import REACH, DrawingTool


class JoinTool(DrawingTool):
    """Makes one object of the two at the ends of a line."""

    id = "join"
    label = "Join"
    icon = "join"
    hint = "Drag from one object to the other to make them one. Esc ends."

    def finish(self, points: list[tuple[float, float]]) -> None:
        """Join what lies at both ends."""
        scene, reach = self._host.metaphase_scene, REACH / self._host.zoom
        ends = [scene.object_at(QPointF(*point), reach) for point in (points[0], points[-1])]
        if None in ends or ends[0] == ends[1]:
            raise KaryoError("A join needs two objects.", "Drag from one to the other.")
        pair = [scene.objects[i] for i in ends if i is not None]
        width = repair_geometry.chromosome_width(list(scene.objects.values()))
        self._host.request_repair(repair_geometry.join(pair, width, self._taken()))
