"""What tools that draw a line with the mouse share, and the line itself."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.errors import KaryoError
from karyogui.ui.metaphase.colours import ACCENT
from karyogui.ui.metaphase.scene import MetaphaseScene
from karyogui.ui.metaphase.tools.base import MetaphaseHost, MetaphaseTool, Pointer
from karyogui.ui.metaphase.tools.key_cursor import KeyCursor
from karyogui.ui.theme import PAPER

WIDTH = 2.0
"""Logical pixels of a drawn line."""
_SEAM = 4.0
_STEP = 0.5
"""Pixels of the picture between two points of a line at which is looked what lies there."""

Points = list[tuple[float, float]]


def taken_ids(scene: MetaphaseScene) -> set[str]:
    """Ids that a new object must not have."""
    return {*scene.used_ids, *scene.objects}


class Stain:
    """How much darker than the background the scene's picture is, found once for each picture."""

    def __init__(self) -> None:
        self._picture: NDArray[np.uint8] | None = None
        self._stain: NDArray[np.float32] | None = None

    def of(self, scene: MetaphaseScene) -> NDArray[np.float32]:
        """(H, W) as `staining` returns it."""
        from karyogui.services.repair_geometry import staining

        if self._stain is None or self._picture is not scene.pixels:
            self._picture = scene.pixels
            self._stain = staining(self._picture)
        return self._stain


class Stroke:
    """A line under the mouse, in pixels of the picture; it exists only while a gesture lasts."""

    def __init__(self, scene: MetaphaseScene) -> None:
        self._scene = scene
        self.points: Points = []
        self._ahead: Points = []
        # On a white seam, or it would not be seen on dark bands.
        self._items = [
            self._line(PAPER, _SEAM),
            self._line(ACCENT, WIDTH),
        ]

    def add(self, point: QPointF) -> None:
        """Go on to a point."""
        self.points.append((point.x(), point.y()))
        self._ahead = []
        self._show()

    def lead(self, point: QPointF) -> None:
        """Show how it would go on to a point."""
        self._ahead = [(point.x(), point.y())]
        self._show()

    def stretch(self, point: QPointF) -> None:
        """Be the straight line from the first point to this one."""
        self.be([*self.points[:1], (point.x(), point.y())])

    def be(self, points: Points) -> None:
        """Be another line that begins where this one does."""
        self.points = points
        self._show()

    def thicken(self, radius: float, colour: str) -> None:
        """Be as wide as a brush of that radius (pixels of the picture)."""
        shade = QColor(colour)
        shade.setAlphaF(0.45)
        pen = QPen(shade, 2 * radius, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._items[0].hide()
        self._items[1].setPen(pen)

    def remove(self) -> None:
        """Leave nothing on the picture."""
        for item in self._items:
            self._scene.overlay.removeFromGroup(item)
            self._scene.removeItem(item)

    def _line(self, colour: str, width: float) -> QGraphicsPathItem:
        item = QGraphicsPathItem()
        pen = QPen(QColor(colour), width)
        pen.setCosmetic(True)
        item.setPen(pen)
        self._scene.overlay.addToGroup(item)
        return item

    def _show(self) -> None:
        path = QPainterPath(QPointF(*self.points[0]))
        for x, y in (*self.points[1:], *self._ahead):
            path.lineTo(x, y)
        if len(self.points) == 1:  # a point has no length, and would not be seen
            path.lineTo(self.points[0][0] + 0.01, self.points[0][1])
        for item in self._items:
            item.setPath(path)


class DrawingTool(MetaphaseTool):
    """Collects a line while the button is down; `finish` makes a repair of it.

    With Shift the line is straight. Without a mouse arrow keys move a cross over the picture, Space
    sets a point of the line there, and Enter finishes it.
    """

    cursor = Qt.CursorShape.CrossCursor
    busy_cursor = Qt.CursorShape.CrossCursor

    def __init__(self, host: MetaphaseHost) -> None:
        super().__init__(host)
        self.stroke: Stroke | None = None
        self.cursor_keys = KeyCursor(host)

    def end(self) -> None:
        """Take the cross away, too."""
        super().end()
        self.cursor_keys.hide()

    def press(self, pointer: Pointer) -> None:
        """Begin a line."""
        self.cancel()
        self.cursor_keys.hide()
        self._host.show_hint(self.hint)
        self.stroke = Stroke(self._scene)
        self.stroke.add(pointer.page)

    def move(self, pointer: Pointer) -> None:
        """Go on; with Shift straight from where it began."""
        if self.stroke is None:
            return
        if pointer.modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.stroke.stretch(pointer.page)
        else:
            self.stroke.add(pointer.page)

    def release(self, pointer: Pointer) -> None:
        """Make the repair; what cannot be done is said in the corner."""
        if self.stroke is None:
            return
        self.move(pointer)
        self._finish(self.stroke.points)

    def wants(self, event: QKeyEvent) -> bool:
        """Arrows; Space and Enter when there is something to set or to finish."""
        keys = self.cursor_keys
        return (
            keys.moves(event)
            or (keys.sets(event) and keys.place is not None)
            or (keys.ends(event) and self.stroke is not None)
        )

    def key(self, event: QKeyEvent) -> bool:
        """Arrows move the cross, Space sets a point, Enter finishes the line."""
        keys = self.cursor_keys
        if not DrawingTool.wants(self, event):
            return False
        if keys.moves(event):
            self._at_cursor(keys.step(event))
        elif keys.sets(event) and keys.place is not None:
            self._set_point(keys.place)
        elif self.stroke is not None:
            if keys.place is not None:
                self._set_point(keys.place)
            self._finish(self.stroke.points)
        return True

    def _at_cursor(self, place: QPointF) -> None:
        """The cross has moved."""
        if self.stroke is None:
            self._host.show_hint(f"{self.label}: Space sets a point.  Shift: small steps")
        else:
            self.stroke.lead(place)

    def _set_point(self, place: QPointF) -> None:
        if self.stroke is None:
            self.stroke = Stroke(self._scene)
        if self.stroke.points[-1:] != [(place.x(), place.y())]:
            self.stroke.add(place)
        self._host.show_hint("Space sets another point, Enter finishes.  Esc: none")

    def _finish(self, points: Points) -> None:
        self.cancel()
        self._host.show_hint(self.hint)
        try:
            self.finish(points)
        except KaryoError as error:
            self._host.show_hint(str(error))

    def cancel(self) -> bool:
        """Forget the line."""
        stroke, self.stroke = self.stroke, None
        if stroke is not None:
            stroke.remove()
        return stroke is not None

    def finish(self, points: Points) -> None:
        """Ask for the repair that a line means; KaryoError when it means none."""
        raise NotImplementedError

    def _ask(self, repair: Repair) -> None:
        """Ask for a repair without its leftovers, and say what became of them."""
        from karyogui.services.leftovers import size_doubt, tidied
        from karyogui.services.repair_geometry import chromosome_width

        width = chromosome_width(list(self._scene.objects.values()))
        tidy = tidied(repair, width, taken_ids(self._scene))
        self._host.request_repair(tidy)
        doubt = size_doubt(tidy.after, width)
        if tidy.text != repair.text and any(o.kind is ObjectKind.DEBRIS for o in tidy.after):
            doubt = "H makes a chromosome of it."
        if tidy.text != repair.text or doubt:
            self._host.show_hint(f"{tidy.text}.  {doubt}".strip())

    def _along(self, points: Points) -> list[SeparatedObject]:
        """The objects that a line lies on: selected ones, then those under most of it, first."""
        scene, lengths = self._scene, Counter[str]()
        for (x0, y0), (x1, y1) in zip(points, points[1:] or points, strict=False):
            steps = max(1, int(np.hypot(x1 - x0, y1 - y0) / _STEP))
            for step in range(steps):
                at = QPointF(x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps)
                lengths.update(scene.objects_at(at))
        chosen = set(scene.selected_ids)
        order = sorted(lengths, key=lambda i: (i not in chosen, -lengths[i]))
        return [scene.objects[i] for i in order]
