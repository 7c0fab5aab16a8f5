"""The metaphase's view: zoom, pan, labels, and handing mouse and keys to a tool."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, QTimer, Signal
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
from PySide6.QtWidgets import QFrame, QGraphicsView, QToolTip, QWidget

from karyogui.domain.separation import Repair
from karyogui.ui.metaphase.label_layer import LabelLayer
from karyogui.ui.metaphase.scene import MetaphaseScene
from karyogui.ui.metaphase.tools.base import MetaphaseTool, Pointer
from karyogui.ui.metaphase.tools.select import REACH, SelectTool

ZOOM_STEP = 1.25
LARGEST_ZOOM = 32.0
_AROUND = 32
_AIR = 8
_LABEL_MS = 60
_MODIFIERS: dict[int, Qt.KeyboardModifier] = {
    Qt.Key.Key_Control: Qt.KeyboardModifier.ControlModifier,
    Qt.Key.Key_Alt: Qt.KeyboardModifier.AltModifier,
    Qt.Key.Key_Shift: Qt.KeyboardModifier.ShiftModifier,
}
_ZOOM_KEYS = {
    Qt.Key.Key_Plus: ZOOM_STEP,
    Qt.Key.Key_Equal: ZOOM_STEP,
    Qt.Key.Key_Minus: 1 / ZOOM_STEP,
}
_PAN_STEP = 48
_PAN_KEYS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (_PAN_STEP, 0),
    Qt.Key.Key_Right: (-_PAN_STEP, 0),
    Qt.Key.Key_Up: (0, _PAN_STEP),
    Qt.Key.Key_Down: (0, -_PAN_STEP),
}


class MetaphaseView(QGraphicsView):
    """Shows the whole picture until the user zooms, and again after `fit`."""

    repair_requested = Signal(object)
    """A tool has made a `Repair`."""
    hint_changed = Signal(str)
    tool_changed = Signal(str)
    """Another tool has the left button: its id."""
    inspection_requested = Signal(str)
    """An object was double-clicked: its id."""
    context_menu_requested = Signal(object)
    """A `QPoint` on the screen; what lies under it is selected by then."""

    def __init__(
        self,
        scene: MetaphaseScene,
        tooltip: Callable[[str], str] = lambda _: "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(scene, parent)
        self.metaphase_scene = scene
        self._tooltip = tooltip
        self._is_fitted = True
        self._select = SelectTool(self)
        self._tool: MetaphaseTool = self._select
        self._acting: MetaphaseTool | None = None
        self._panning_from: QPoint | None = None
        self._button = Qt.MouseButton.NoButton
        self._space_is_down = False
        self.labels = LabelLayer(scene, self)
        self._label_time = QTimer(self)
        self._label_time.setSingleShot(True)
        self._label_time.setInterval(_LABEL_MS)
        self._label_time.timeout.connect(self._place_labels)
        scene.objects_changed.connect(self._label_time.start)
        scene.selection_changed.connect(lambda _: self._label_time.start())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        # Labels and outlines keep their size on the screen: small updates would leave traces.
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setMouseTracking(True)
        self.setAcceptDrops(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # -- what tools may do -----------------------------------------------------------------------

    def request_repair(self, repair: Repair) -> None:
        """Ask for a repair; it happens as one undo step."""
        self.repair_requested.emit(repair)

    def show_hint(self, text: str) -> None:
        """Say what could be done now."""
        self.hint_changed.emit(text)

    # -- tools -----------------------------------------------------------------------------------

    @property
    def tool(self) -> MetaphaseTool:
        """Who has the left button."""
        return self._tool

    def set_tool(self, tool: MetaphaseTool | None) -> None:
        """Let another tool have the left button; None for the select tool."""
        chosen = tool or self._select
        if chosen is self._tool:
            return
        self.cancel_gesture()
        self._tool.end()
        self.metaphase_scene.set_hovered(None)
        self.show_hint("")
        self._tool = chosen
        self._tool.begin()
        self._show_cursor()
        self.tool_changed.emit(chosen.id)

    def end_tool(self) -> None:
        """Give the left button back to the select tool."""
        self.set_tool(None)

    @property
    def is_busy(self) -> bool:
        """Whether a mouse button is down and a gesture under way."""
        return self._acting is not None or self._panning_from is not None

    def cancel_gesture(self) -> bool:
        """Give up what is under way; False when there is nothing."""
        acting, self._acting = self._acting or self._tool, None
        panned, self._panning_from = self._panning_from is not None, None
        self._show_cursor()
        return acting.cancel() or panned

    def _show_cursor(self) -> None:
        if self._panning_from is not None:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._space_is_down:
            shape = Qt.CursorShape.OpenHandCursor
        else:
            shape = self._acting.busy_cursor if self._acting else self._tool.cursor
        self.viewport().setCursor(shape)

    # -- zoom ------------------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """Logical pixels of the view for one of the picture."""
        return float(self.transform().m11())

    @property
    def is_fitted(self) -> bool:
        """Whether the whole picture is shown and follows the view's size."""
        return self._is_fitted

    def _whole(self) -> float:
        """The zoom at which the picture just fits."""
        page, size = self.metaphase_scene.page, self.viewport().size()
        width, height = max(1, size.width() - 2 * _AIR), max(1, size.height() - 2 * _AIR)
        return min(width / max(1.0, page.width()), height / max(1.0, page.height()))

    def fit(self) -> None:
        """Show the whole picture, and go on doing so when the view's size changes."""
        self._is_fitted = True
        if self.metaphase_scene.is_empty:
            return
        whole = self._whole()
        self.resetTransform()
        self.scale(whole, whole)
        self.centerOn(self.metaphase_scene.page.center())
        self._place_labels()

    def zoom_by(self, factor: float, at: QPoint | None = None) -> None:
        """Zoom about a point of the view (default: its middle); zooming out ends in `fit`."""
        if self.metaphase_scene.is_empty:
            return
        at = self.viewport().rect().center() if at is None else at
        whole = self._whole()
        target = min(self.zoom * factor, max(LARGEST_ZOOM, whole))
        if target <= whole * 1.001:
            if not self._is_fitted:
                self.fit()
            return
        self._is_fitted = False
        under = self.mapToScene(at)
        self.scale(target / self.zoom, target / self.zoom)
        offset = self.mapFromScene(under) - at
        self.pan_by(-offset.x(), -offset.y())
        self._label_time.start()

    def pan_by(self, dx: int, dy: int) -> None:
        """Move the picture by logical pixels; one that fits whole stays where it is."""
        if not self._is_fitted:
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - dx)
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - dy)

    def reveal(self, object_ids: tuple[str, ...] | list[str]) -> None:
        """Bring objects into view."""
        area = self.metaphase_scene.rectangle_of(object_ids)
        if not self._is_fitted and not area.isEmpty():
            self.ensureVisible(area, _AROUND, _AROUND)

    def _place_labels(self) -> None:
        self.labels.place(self.zoom)
        self.viewport().update()

    # -- mouse -----------------------------------------------------------------------------------

    def pointer_of(self, event: QMouseEvent) -> Pointer:
        """Where the mouse is; never rounded to whole pixels of the picture."""
        inverse, _ = self.viewportTransform().inverted()
        page = inverse.map(event.position())
        return Pointer(page, event.position().toPoint(), event.modifiers())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture with the chosen tool, or pan with Space or the middle button."""
        if self.is_busy or self.metaphase_scene.is_empty:
            return
        left = event.button() is Qt.MouseButton.LeftButton
        if event.button() is Qt.MouseButton.MiddleButton or (left and self._space_is_down):
            self._panning_from = event.position().toPoint()
        elif left:
            self._acting = self._tool
        else:
            return
        self._button = event.button()
        self._show_cursor()
        if self._acting is not None:
            self._acting.press(self.pointer_of(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the gesture, or hover."""
        at = event.position().toPoint()
        if self._panning_from is not None:
            step, self._panning_from = at - self._panning_from, at
            self.pan_by(step.x(), step.y())
        elif self._acting is not None:
            self._acting.move(self.pointer_of(event))
        else:
            self._tool.hover(self.pointer_of(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Complete the gesture."""
        if event.button() is not self._button:
            return
        acting, self._acting = self._acting, None
        self._panning_from = None
        self._button = Qt.MouseButton.NoButton
        self._show_cursor()
        if acting is not None:
            acting.release(self.pointer_of(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Let the tool finish, or ask for the inspector."""
        if event.button() is not Qt.MouseButton.LeftButton or self.metaphase_scene.is_empty:
            return
        pointer = self.pointer_of(event)
        if self._tool.double_click(pointer):
            return
        under = self.metaphase_scene.object_at(pointer.page, REACH / self.zoom)
        if self._tool is self._select and under is not None:
            self.inspection_requested.emit(under)
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Select what is under the pointer and ask for a menu."""
        scene = self.metaphase_scene
        if event.reason() is QContextMenuEvent.Reason.Mouse and not scene.is_empty:
            under = scene.object_at(self.mapToScene(event.pos()), REACH / self.zoom)
            if under is not None and under not in scene.selected_ids:
                scene.set_selected_ids((under,))
        self.context_menu_requested.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom to the pointer, unless the tool takes the wheel."""
        steps = event.angleDelta().y() / 120
        if not self._tool.wheel(steps, event.modifiers()):
            self.zoom_by(ZOOM_STEP**steps, event.position().toPoint())
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        self._tool.hover(None)
        super().leaveEvent(event)

    # -- keys ------------------------------------------------------------------------------------

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A Space released elsewhere is not seen here."""
        self._space_is_down = False
        self._show_cursor()
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives up, Space and arrows pan, 0 + − zoom; the tool is asked first."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.escape()
        elif key == Qt.Key.Key_Space:
            self._space_is_down = True
            self._show_cursor()
        elif self._tool.key(event):
            event.accept()
        elif self._acting is not None and (modifier := _MODIFIERS.get(key)):
            # Platforms differ in whether the key itself is among the modifiers yet.
            self._acting.modifiers_changed(event.modifiers() | modifier)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in _ZOOM_KEYS:
            self.zoom_by(_ZOOM_KEYS[Qt.Key(key)])
        elif key in _PAN_KEYS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.pan_by(*_PAN_KEYS[key])
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

    def escape(self) -> None:
        """Give up what is under way; else the tool; else the selection."""
        if self.cancel_gesture():
            return
        if self._tool is not self._select:
            self.end_tool()
        else:
            self.metaphase_scene.set_selected_ids(())

    # -- Qt --------------------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips are made when they are asked for, so they are never out of date."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            scene = self.metaphase_scene
            at = self.mapToScene(event.pos())
            under = None if scene.is_empty else scene.object_at(at, REACH / self.zoom)
            if under is None or self.is_busy or self._tool is not self._select:
                QToolTip.hideText()
            else:
                area = self.mapFromScene(scene.rectangle_of((under,))).boundingRect()
                QToolTip.showText(event.globalPos(), self._tooltip(under), self, area)
            return True
        return super().viewportEvent(event)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """The scene's own, then the labels at their size on the screen."""
        super().drawForeground(painter, rect)
        self.labels.paint(painter)

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
