"""What a tool draws over the picture: one path on the scene's overlay."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from karyogui.ui.metaphase.scene import MetaphaseScene

WIDTH = 2.0
"""Logical pixels of a drawn line."""


class Stroke:
    """A line under the mouse, in pixels of the picture; it exists only while a gesture lasts."""

    def __init__(self, scene: MetaphaseScene, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> None:
        self._scene = scene
        self.points: list[tuple[float, float]] = []
        self._item = QGraphicsPathItem()
        pen = QPen(QColor(scene.colours.accent), WIDTH, style)
        pen.setCosmetic(True)
        self._item.setPen(pen)
        scene.overlay.addToGroup(self._item)

    def add(self, point: QPointF) -> None:
        """Go on to a point."""
        self.points.append((point.x(), point.y()))
        self._show()

    def stretch(self, point: QPointF) -> None:
        """Be the straight line from the first point to this one."""
        self.points = [*self.points[:1], (point.x(), point.y())]
        self._show()

    def thicken(self, radius: float, colour: str) -> None:
        """Be as wide as a brush of that radius (pixels of the picture)."""
        shade = QColor(colour)
        shade.setAlphaF(0.45)
        pen = QPen(shade, 2 * radius, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._item.setPen(pen)

    def remove(self) -> None:
        """Leave nothing on the picture."""
        self._scene.overlay.removeFromGroup(self._item)
        self._scene.removeItem(self._item)

    def _show(self) -> None:
        path = QPainterPath(QPointF(*self.points[0]))
        for x, y in self.points[1:]:
            path.lineTo(x, y)
        if len(self.points) == 1:  # a point has no length, and would not be seen
            path.lineTo(self.points[0][0] + 0.01, self.points[0][1])
        self._item.setPath(path)
