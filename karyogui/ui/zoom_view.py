"""What the board and the metaphase share: zoom, pan, and handing mouse and keys to a tool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QToolTip, QWidget

ZOOM_STEP = 1.25
"""By a notch of the wheel or a key."""
_MODIFIERS: dict[int, Qt.KeyboardModifier] = {
    Qt.Key.Key_Control: Qt.KeyboardModifier.ControlModifier,
    Qt.Key.Key_Alt: Qt.KeyboardModifier.AltModifier,
    Qt.Key.Key_Shift: Qt.KeyboardModifier.ShiftModifier,
}


@dataclass(frozen=True)
class Pointer:
    """Where the mouse is, on the page and in the view (logical pixels), and the keys held."""

    page: QPointF
    view: QPoint
    modifiers: Qt.KeyboardModifier


class Gesture:
    """What a button that is held down does: nothing; each tool overrides what it needs."""

    cursor = Qt.CursorShape.ArrowCursor
    busy_cursor = Qt.CursorShape.ArrowCursor

    def press(self, pointer: Pointer) -> None:
        """The button went down: a gesture begins."""

    def move(self, pointer: Pointer) -> None:
        """The mouse moved during a gesture."""

    def release(self, pointer: Pointer) -> None:
        """The button came up: the gesture is complete."""

    def hover(self, pointer: Pointer | None) -> None:
        """The mouse moved without a button, or left the view (None)."""

    def modifiers_changed(self, modifiers: Qt.KeyboardModifier) -> None:
        """Shift, Ctrl or Alt went down or up during a gesture."""

    def wheel(self, steps: float, modifiers: Qt.KeyboardModifier) -> bool:
        """The wheel turned by `steps` notches; True when the tool has taken it, as for a radius."""
        return False

    def cancel(self) -> bool:
        """Give up the gesture and leave everything as it was; False when there is none."""
        return False


class Movable(Protocol):
    """What a hand needs of a view."""

    def pan_by(self, dx: int, dy: int) -> None:
        """Move the page under the view, in logical pixels."""


class Hand(Gesture):
    """Dragging moves the page; it edits nothing."""

    cursor = Qt.CursorShape.OpenHandCursor
    busy_cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, view: Movable) -> None:
        self._view = view
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
        self._view.pan_by(step.x(), step.y())

    def release(self, pointer: Pointer) -> None:
        """Let go of the page."""
        self.move(pointer)
        self._last = None

    def cancel(self) -> bool:
        """Put the page back where it was grasped."""
        if self._last is None:
            return False
        self._view.pan_by(-self._moved.x(), -self._moved.y())
        self._last = None
        return True


def repaint_views(scene: QGraphicsScene) -> None:
    """Paint everything again, wherever a scene is shown.

    Not `scene.update()`: Qt only remembers that one until the event loop comes round, and forgets
    it when a part of the view is painted before, as a second scene of the same window brings about.
    """
    for view in scene.views():
        view.viewport().update()


class ZoomView(QGraphicsView):
    """Shows the whole page until the user zooms, and again after `fit`.

    The wheel zooms to the pointer; Space or the middle button pans; the left button is the tool's.
    A view of something says what its page and its objects are.
    """

    hint_changed = Signal(str)
    inspection_requested = Signal(str)
    """An object was double-clicked: its id."""
    context_menu_requested = Signal(object)
    """A `QPoint` on the screen; what lies under it is selected by then."""

    largest_zoom = 16.0

    def __init__(
        self, scene: QGraphicsScene, tooltip: Callable[[str], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(scene, parent)
        self._tooltip = tooltip
        self._is_fitted = True
        self._hand = Hand(self)
        self._acting: Gesture | None = None
        self._acting_button = Qt.MouseButton.NoButton
        self._space_is_down = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # -- what a view of something says -----------------------------------------------------------

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look at."""
        raise NotImplementedError

    @property
    def page(self) -> QRectF:
        """What `fit` shows, in the scene's coordinates."""
        raise NotImplementedError

    @property
    def gesture(self) -> Gesture:
        """The tool that has the left button."""
        raise NotImplementedError

    def whole_zoom(self) -> float:
        """The zoom at which the page just fits."""
        raise NotImplementedError

    def object_at(self, position: QPoint) -> str | None:
        """The id of what lies under a point of the view."""
        raise NotImplementedError

    def area_of(self, object_id: str) -> QRectF:
        """Where an object is, in the scene's coordinates."""
        raise NotImplementedError

    def pick(self, object_id: str) -> None:
        """Select an object alone, unless it is among the selected already."""
        raise NotImplementedError

    def tooltip_target(self, position: QPoint) -> str | None:
        """The id of what a tooltip is about; None where there is nothing to say."""
        return self.object_at(position)

    # -- what tools may do -----------------------------------------------------------------------

    def pan_by(self, dx: int, dy: int) -> None:
        """Move the page by logical pixels; a page that fits whole stays where it is."""
        if not self._is_fitted:
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - dx)
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - dy)

    def show_hint(self, text: str) -> None:
        """Say what could be done now."""
        self.hint_changed.emit(text)

    # -- gestures --------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether a mouse button is down and a gesture under way."""
        return self._acting is not None

    def cancel_gesture(self) -> bool:
        """Give up what is under way; False when there is nothing."""
        acting, self._acting = self._acting or self.gesture, None
        self._show_cursor()
        return acting.cancel()

    def _show_cursor(self) -> None:
        if self._acting is not None:
            shape = self._acting.busy_cursor
        else:
            shape = (self._hand if self._space_is_down else self.gesture).cursor
        self.viewport().setCursor(shape)

    # -- zoom ------------------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """Logical pixels of the view for one of the page."""
        return float(self.transform().m11())

    @property
    def is_fitted(self) -> bool:
        """Whether the whole page is shown and follows the view's size."""
        return self._is_fitted

    def fit(self) -> None:
        """Show the whole page, and go on doing so when the view's size changes."""
        self._is_fitted = True
        self.show_whole_page()

    def show_whole_page(self) -> None:
        """Show the page as it is now, unless the user has zoomed."""
        if not self._is_fitted:
            return
        zoom = self.whole_zoom()
        self.resetTransform()
        self.scale(zoom, zoom)
        self.centerOn(self.page.center())

    def zoom_by(self, factor: float, at: QPoint | None = None) -> None:
        """Zoom about a point of the view (default: its middle); zooming out ends in `fit`."""
        if self.is_empty:
            return
        at = self.viewport().rect().center() if at is None else at
        whole = self.whole_zoom()
        target = min(self.zoom * factor, max(self.largest_zoom, whole))
        if target <= whole * 1.001:
            if not self._is_fitted:
                self.fit()
            return
        self._is_fitted = False
        under = self.mapToScene(at)
        self.scale(target / self.zoom, target / self.zoom)
        offset = self.mapFromScene(under) - at
        self.pan_by(-offset.x(), -offset.y())

    # -- mouse -----------------------------------------------------------------------------------

    def pointer_of(self, event: QMouseEvent) -> Pointer:
        """Where the mouse is; never rounded to whole pixels of the page."""
        inverse, _ = self.viewportTransform().inverted()
        page = inverse.map(event.position())
        return Pointer(page, event.position().toPoint(), event.modifiers())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture with the tool, or pan with Space or the middle button."""
        if self.is_busy or self.is_empty:
            return
        left = event.button() is Qt.MouseButton.LeftButton
        if event.button() is Qt.MouseButton.MiddleButton or (left and self._space_is_down):
            self._acting = self._hand
            self._show_cursor()
        elif left:
            self._acting = self.gesture
        else:
            return
        self._acting_button = event.button()
        self._acting.press(self.pointer_of(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the gesture, or hover."""
        if self._acting is None:
            self.gesture.hover(self.pointer_of(event))
        else:
            self._show_cursor()
            self._acting.move(self.pointer_of(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Complete the gesture."""
        if self._acting is not None and event.button() is self._acting_button:
            acting, self._acting = self._acting, None
            self._show_cursor()
            acting.release(self.pointer_of(event))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Select what is under the pointer and ask for a menu."""
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            under = self.object_at(event.pos())
            if under is not None:
                self.pick(under)
        self.context_menu_requested.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer, unless the tool takes the wheel."""
        steps = event.angleDelta().y() / 120
        if not self.gesture.wheel(steps, event.modifiers()):
            self.zoom_by(ZOOM_STEP**steps, event.position().toPoint())
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        self.gesture.hover(None)
        super().leaveEvent(event)

    # -- keys ------------------------------------------------------------------------------------

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A Space released elsewhere is not seen here."""
        self._space_is_down = False
        self._show_cursor()
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space pans while it is held; Ctrl and Alt change what a gesture means."""
        if event.key() == Qt.Key.Key_Space:
            self._space_is_down = True
            self._show_cursor()
        elif self._acting is not None and (modifier := _MODIFIERS.get(event.key())):
            # Platforms differ in whether the key itself is among the modifiers yet.
            self._acting.modifiers_changed(event.modifiers() | modifier)
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """The other half of `keyPressEvent`."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space_is_down = False
            self._show_cursor()
        elif self._acting is not None and (modifier := _MODIFIERS.get(event.key())):
            self._acting.modifiers_changed(event.modifiers() & ~modifier)
        else:
            event.ignore()

    # -- Qt --------------------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips are made when they are asked for, so they are never out of date."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            under = None if self.is_busy else self.tooltip_target(event.pos())
            if under is None:
                QToolTip.hideText()
            else:
                area = self.mapFromScene(self.area_of(under)).boundingRect()
                QToolTip.showText(event.globalPos(), self._tooltip(under), self, area)
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the size until the user zooms."""
        super().resizeEvent(event)
        if self._is_fitted:
            self.fit()

    def showEvent(self, event: QShowEvent) -> None:
        """The first size that counts."""
        super().showEvent(event)
        if self._is_fitted:
            self.fit()
