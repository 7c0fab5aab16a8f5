"""The metaphase's view: a photograph that can be zoomed, its labels, and the repair tools."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QGraphicsView, QWidget

from karyogui.domain.separation import Repair
from karyogui.ui.metaphase.label_layer import LabelLayer
from karyogui.ui.metaphase.scene import MetaphaseScene
from karyogui.ui.metaphase.tools.base import MetaphaseTool
from karyogui.ui.metaphase.tools.select import REACH, SelectTool
from karyogui.ui.zoom_view import ZOOM_STEP, ZoomView

_AROUND = 32
_AIR = 8
_LABEL_MS = 60
_CLOSE = 3.0
"""How many times an object fits into the view that shows it close."""
_CLOSEST = 6.0
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


class MetaphaseView(ZoomView):
    """The photograph with the outlines and labels of its objects."""

    repair_requested = Signal(object)
    """A tool has made a `Repair`."""
    tool_changed = Signal(str)
    """Another tool has the left button: its id."""

    largest_zoom = 32.0

    def __init__(
        self,
        scene: MetaphaseScene,
        tooltip: Callable[[str], str] = lambda _: "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(scene, tooltip, parent)
        self.metaphase_scene = scene
        self._select = SelectTool(self)
        self._tool: MetaphaseTool = self._select
        self.labels = LabelLayer(scene, self)
        self._label_time = QTimer(self)
        self._label_time.setSingleShot(True)
        self._label_time.setInterval(_LABEL_MS)
        self._label_time.timeout.connect(self._place_labels)
        scene.objects_changed.connect(self._label_time.start)
        scene.selection_changed.connect(lambda _: self._label_time.start())
        # Labels and outlines keep their size on the screen: small updates would leave traces.
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setAcceptDrops(False)

    def request_repair(self, repair: Repair) -> None:
        """Ask for a repair; it happens as one undo step."""
        self.repair_requested.emit(repair)

    # -- tools -----------------------------------------------------------------------------------

    @property
    def tool(self) -> MetaphaseTool:
        """Who has the left button."""
        return self._tool

    @property
    def has_tool(self) -> bool:
        """Whether a repair tool has the left button, and not the select tool."""
        return self._tool is not self._select

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

    # -- zoom ------------------------------------------------------------------------------------

    def fit(self) -> None:
        """Show the whole picture, and go on doing so when the view's size changes."""
        super().fit()
        if not self.is_empty:
            self._place_labels()

    def zoom_by(self, factor: float, at: QPoint | None = None) -> None:
        """Zoom; the labels find their places when it has come to rest."""
        super().zoom_by(factor, at)
        self._label_time.start()

    def reveal(self, object_ids: tuple[str, ...] | list[str]) -> None:
        """Bring objects into view."""
        area = self.metaphase_scene.rectangle_of(object_ids)
        if not self.is_fitted and not area.isEmpty():
            self.ensureVisible(area, _AROUND, _AROUND)

    def show_close(self, object_ids: Sequence[str]) -> None:
        """Zoom to objects so far that what lies around them is still in sight."""
        area = self.metaphase_scene.rectangle_of(object_ids)
        if area.isEmpty():
            return
        room, size = self.viewport().size(), max(area.width(), area.height())
        wanted = min(room.width(), room.height()) / (size * _CLOSE)
        self.zoom_by(min(wanted, _CLOSEST) / self.zoom)
        self.centerOn(area.center())
        self._label_time.start()

    def middle(self) -> QPointF:
        """The place of the picture in the middle of what is seen."""
        return self.mapToScene(self.viewport().rect().center())

    def show_place(self, place: QPointF) -> None:
        """Bring a place of the picture into view."""
        if not self.is_fitted:
            self.ensureVisible(QRectF(place, place), _AROUND, _AROUND)

    def _place_labels(self) -> None:
        self.labels.place(self.zoom)
        self.viewport().update()

    # -- mouse and keys --------------------------------------------------------------------------

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Let the tool finish, or ask for the inspector."""
        if event.button() is not Qt.MouseButton.LeftButton or self.is_empty:
            return
        pointer = self.pointer_of(event)
        if self._tool.double_click(pointer):
            return
        under = self.object_at(pointer.view)
        if self._tool is self._select and under is not None:
            self.inspection_requested.emit(under)
        else:
            self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives up, Space and arrows pan, 0 + − zoom; the tool is asked first."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.escape()
        elif (key != Qt.Key.Key_Space or self._tool.wants(event)) and self._tool.key(event):
            event.accept()
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in _ZOOM_KEYS:
            self.zoom_by(_ZOOM_KEYS[Qt.Key(key)])
        elif key in _PAN_KEYS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.pan_by(*_PAN_KEYS[key])
        else:
            super().keyPressEvent(event)

    def escape(self) -> None:
        """Give up what is under way; else the tool; else the selection."""
        if self.cancel_gesture():
            return
        if self._tool is not self._select:
            self.end_tool()
        else:
            self.metaphase_scene.set_selected_ids(())

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """The scene's own, then the labels at their size on the screen."""
        super().drawForeground(painter, rect)
        self.labels.paint(painter)

    # -- what a view of something says -----------------------------------------------------------

    @property
    def is_empty(self) -> bool:
        """Whether there is no picture."""
        return self.metaphase_scene.is_empty

    @property
    def page(self) -> QRectF:
        """The whole picture."""
        return self.metaphase_scene.page

    @property
    def gesture(self) -> MetaphaseTool:
        """Who has the left button."""
        return self._tool

    def whole_zoom(self) -> float:
        """The zoom at which the picture just fits, with some air; 1 without a picture."""
        if self.is_empty:
            return 1.0
        page, size = self.page, self.viewport().size()
        width, height = max(1, size.width() - 2 * _AIR), max(1, size.height() - 2 * _AIR)
        return min(width / page.width(), height / page.height())

    def object_at(self, position: QPoint) -> str | None:
        """The id of the object under a point of the view, or very near to it."""
        if self.is_empty:
            return None
        return self.metaphase_scene.object_at(self.mapToScene(position), REACH / self.zoom)

    def area_of(self, object_id: str) -> QRectF:
        """The rectangle around an object."""
        return self.metaphase_scene.rectangle_of((object_id,))

    def pick(self, object_id: str) -> None:
        """Select an object alone, unless it is among the selected already."""
        if object_id not in self.metaphase_scene.selected_ids:
            self.metaphase_scene.set_selected_ids((object_id,))

    def tooltip_target(self, position: QPoint) -> str | None:
        """A tool that draws is not disturbed by tooltips."""
        return self.object_at(position) if self._tool is self._select else None
