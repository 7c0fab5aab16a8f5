"""The brush and the eraser: they extend the outline of an object, or take from it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPen
from PySide6.QtWidgets import QGraphicsEllipseItem

from karyogui.domain.separation import SeparatedObject
from karyogui.errors import KaryoError
from karyogui.ui.metaphase.colours import ACCENT
from karyogui.ui.metaphase.tools.base import MetaphaseHost, Pointer
from karyogui.ui.metaphase.tools.drawing import WIDTH, DrawingTool, Points
from karyogui.ui.theme import PAPER

LEAST_RADIUS, MOST_RADIUS = 1.0, 64.0
GROWTH = 1.2
"""How much larger the brush gets with each press of a key."""
_STEPS = {"[": -1.0, "]": 1.0}


class BrushTool(DrawingTool):
    """Paints an object: the selected one, or else the one under where the stroke begins."""

    id = "brush"
    label = "Brush"
    icon = "brush"
    shortcut = "B"
    tip = "Extend the outline of an object"
    hint = "Draw from an object outwards;  [  ]  or Ctrl and the wheel: size.  Esc: done"
    cursor = Qt.CursorShape.BlankCursor
    busy_cursor = Qt.CursorShape.BlankCursor
    erases = False

    def __init__(self, host: MetaphaseHost) -> None:
        super().__init__(host)
        self.radius = 0.0
        self._circle: tuple[QGraphicsEllipseItem, QGraphicsEllipseItem] | None = None
        self._at = QPointF()

    def begin(self) -> None:
        """The first time half as wide as a chromosome."""
        from karyogui.services.repair_geometry import chromosome_width

        super().begin()
        if not self.radius:
            self.radius = max(2.0, chromosome_width(list(self._scene.objects.values())) / 4)

    def end(self) -> None:
        """Take the circle away."""
        super().end()
        self._hide()

    def press(self, pointer: Pointer) -> None:
        """Begin a broad line."""
        super().press(pointer)
        self._thicken()
        self._show(pointer.page)

    def move(self, pointer: Pointer) -> None:
        """Take the circle along."""
        super().move(pointer)
        self._show(pointer.page)

    def hover(self, pointer: Pointer | None) -> None:
        """Show what the brush would touch, and whose outline it is."""
        if pointer is None:
            self._hide()
            self._scene.set_hovered(None)
        else:
            self._show(pointer.page)
            one = len(self._scene.selected_ids) == 1
            self._scene.set_hovered(None if one else self._scene.object_at(pointer.page))

    def wants(self, event: QKeyEvent) -> bool:
        """The brackets, by what is typed: they are in different places on each keyboard."""
        return event.text() in _STEPS or super().wants(event)

    def key(self, event: QKeyEvent) -> bool:
        """`[` makes it smaller, `]` larger."""
        if event.text() not in _STEPS:
            return super().key(event)
        self._resize(_STEPS[event.text()])
        return True

    def wheel(self, steps: float, modifiers: Qt.KeyboardModifier) -> bool:
        """The wheel with Ctrl changes the size."""
        if not modifiers & Qt.KeyboardModifier.ControlModifier:
            return False
        self._resize(steps)
        return True

    def _at_cursor(self, place: QPointF) -> None:
        super()._at_cursor(place)
        self._show(place)

    def _set_point(self, place: QPointF) -> None:
        super()._set_point(place)
        self._thicken()

    def finish(self, points: Points) -> None:
        """Paint it."""
        from karyogui.services.repair_geometry import brush

        size = (int(self._scene.page.width()), int(self._scene.page.height()))
        meant = self._meant(points)
        self._ask(brush(meant, points, self.radius, self.erases, size))

    def _meant(self, points: Points) -> SeparatedObject:
        chosen = self._scene.selected_ids
        if len(chosen) == 1:
            return self._scene.objects[chosen[0]]
        under = self._scene.object_at(QPointF(*points[0]), self.radius)
        along = self._along(points)
        if under is None and not along:
            raise KaryoError("There is no object under the brush.", "Begin on one, or select it.")
        return self._scene.objects[under] if under is not None else along[0]

    def _resize(self, steps: float) -> None:
        self.radius = min(MOST_RADIUS, max(LEAST_RADIUS, self.radius * GROWTH**steps))
        self._thicken()
        if self._circle is not None:
            self._show(self._at)
        self._host.show_hint(f"{self.label}: {2 * self.radius:.0f} pixels wide")

    def _thicken(self) -> None:
        if self.stroke is not None:
            self.stroke.thicken(self.radius, PAPER if self.erases else ACCENT)

    def _show(self, at: QPointF) -> None:
        """The circle cursor: its size is that of the brush, in pixels of the picture."""
        self._at = at
        if self._circle is None:
            self._circle = (self._ring(2 * WIDTH, PAPER), self._ring(WIDTH, ACCENT))
        for ring in self._circle:
            ring.setRect(
                at.x() - self.radius, at.y() - self.radius, 2 * self.radius, 2 * self.radius
            )

    def _ring(self, width: float, colour: str) -> QGraphicsEllipseItem:
        ring = QGraphicsEllipseItem()
        pen = QPen(QColor(colour), width)
        pen.setCosmetic(True)
        # Colour is never the only signal: the eraser's circle is dashed.
        pen.setStyle(Qt.PenStyle.DashLine if self.erases else Qt.PenStyle.SolidLine)
        ring.setPen(pen)
        self._scene.overlay.addToGroup(ring)
        return ring

    def _hide(self) -> None:
        for ring in self._circle or ():
            self._scene.overlay.removeFromGroup(ring)
            self._scene.removeItem(ring)
        self._circle = None


class EraserTool(BrushTool):
    """Takes pixels away from an object."""

    id = "eraser"
    label = "Eraser"
    icon = "eraser"
    shortcut = "E"
    tip = "Take pixels away from an object"
    hint = (
        "Draw over what does not belong to the object;  [  ]  or Ctrl and the wheel: size.  Esc: "
        "done"
    )
    erases = True
