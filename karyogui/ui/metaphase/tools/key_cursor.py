"""The place that arrow keys move over the picture, for tools that are used without a mouse."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPathItem

from karyogui.ui.metaphase.colours import ACCENT
from karyogui.ui.metaphase.tools.base import MetaphaseHost
from karyogui.ui.theme import PAPER

STEP, FINE_STEP = 10.0, 1.0
"""Logical pixels of a press; with Shift."""
_ARM = 9.0
_GAP = 3.0
_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ENTER = frozenset((Qt.Key.Key_Return, Qt.Key.Key_Enter))
_OTHERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class KeyCursor:
    """A cross on the picture; it is there from the first arrow key until the mouse moves."""

    def __init__(self, host: MetaphaseHost) -> None:
        self._host = host
        self.place: QPointF | None = None
        """Where it is, in pixels of the picture; None while it is not shown."""
        self._items: list[QGraphicsPathItem] = []

    @staticmethod
    def moves(event: QKeyEvent) -> bool:
        """Whether a key moves it."""
        return event.key() in _ARROWS and not event.modifiers() & _OTHERS

    @staticmethod
    def sets(event: QKeyEvent) -> bool:
        """Whether a key sets a point where it is."""
        return event.key() == Qt.Key.Key_Space

    @staticmethod
    def ends(event: QKeyEvent) -> bool:
        """Whether a key finishes what was begun."""
        return event.key() in _ENTER

    def step(self, event: QKeyEvent) -> QPointF:
        """Move by an arrow key, or appear in the middle of what is selected or seen."""
        scene = self._host.metaphase_scene
        if self.place is None:
            area = scene.rectangle_of(scene.selected_ids[:1])
            self.place = self._host.middle() if area.isEmpty() else area.center()
        else:
            right, down = _ARROWS[event.key()]
            fine = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            far = (FINE_STEP if fine else STEP) / self._host.zoom
            page = scene.page
            self.place = QPointF(
                min(max(self.place.x() + far * right, page.left()), page.right()),
                min(max(self.place.y() + far * down, page.top()), page.bottom()),
            )
        self._show(self.place)
        self._host.show_place(self.place)
        return self.place

    def hide(self) -> None:
        """The mouse is used again, or another tool."""
        scene = self._host.metaphase_scene
        for item in self._items:
            scene.removeItem(item)
        self._items, self.place = [], None

    def _show(self, place: QPointF) -> None:
        if not self._items:
            self._items = [self._cross(PAPER, 4.0), self._cross(ACCENT, 2.0)]
        for item in self._items:
            item.setPos(place)

    def _cross(self, colour: str, width: float) -> QGraphicsPathItem:
        """Four arms with a gap between them, so that what lies under it is seen."""
        path = QPainterPath()
        for right, down in _ARROWS.values():
            path.moveTo(_GAP * right, _GAP * down)
            path.lineTo(_ARM * right, _ARM * down)
        item = QGraphicsPathItem(path)
        item.setPen(QPen(QColor(colour), width))
        item.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self._host.metaphase_scene.addItem(item)
        item.setZValue(self._host.metaphase_scene.overlay.zValue() + 1)
        return item
