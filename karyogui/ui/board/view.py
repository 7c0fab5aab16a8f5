"""The board's view: zoom, pan, and handing mouse events to a tool."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
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

from karyogui.domain.karyogram import Change
from karyogui.ui.board.geometry import Box
from karyogui.ui.board.items import rectangle
from karyogui.ui.board.scene import BoardScene
from karyogui.ui.board.tools import TOOLS
from karyogui.ui.board.tools.base import BoardTool, Pointer
from karyogui.ui.board.tools.pan import PanTool

ZOOM_STEP = 1.25
_LARGEST_ZOOM = 16.0
_AROUND = 24
_MODIFIERS: dict[int, Qt.KeyboardModifier] = {
    Qt.Key.Key_Control: Qt.KeyboardModifier.ControlModifier,
    Qt.Key.Key_Alt: Qt.KeyboardModifier.AltModifier,
    Qt.Key.Key_Shift: Qt.KeyboardModifier.ShiftModifier,
}


class BoardView(QGraphicsView):
    """Shows the whole page until the user zooms, and again after `fit`."""

    hint_changed = Signal(str)
    inspection_requested = Signal(str)
    """A chromosome was double-clicked: its id."""
    context_menu_requested = Signal(object)
    """A `QPoint` on the screen; what lies under it is selected by then."""

    def __init__(
        self,
        scene: BoardScene,
        edit: Callable[[Change], bool],
        tooltip: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(scene, parent)
        self.board_scene = scene
        self._edit, self._tooltip = edit, tooltip
        self._is_fitted = True
        self._tools = {tool.id: tool(self) for tool in TOOLS}
        self._tool: BoardTool = next(iter(self._tools.values()))
        self._acting: BoardTool | None = None
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

    # -- what tools may do -----------------------------------------------------------------------

    def edit(self, change: Change) -> bool:
        """Make a change happen as one undo step."""
        return self._edit(change)

    def pan_by(self, dx: int, dy: int) -> None:
        """Move the page by logical pixels; a page that fits whole stays where it is."""
        if not self._is_fitted:
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - dx)
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - dy)

    def show_hint(self, text: str) -> None:
        """Say what could be done now."""
        self.hint_changed.emit(text)

    # -- tools -----------------------------------------------------------------------------------

    @property
    def tool(self) -> str:
        """The chosen tool's id."""
        return self._tool.id

    def choose_tool(self, tool_id: str) -> None:
        """Let another of `TOOLS` have the left button; KeyError for an unknown id."""
        self.cancel_gesture()
        self._tool = self._tools[tool_id]
        self._show_cursor()

    @property
    def is_busy(self) -> bool:
        """Whether a mouse button is down and a gesture under way."""
        return self._acting is not None

    def cancel_gesture(self) -> bool:
        """Give up a drag or a rubber band; False when there is none."""
        acting, self._acting = self._acting, None
        self._show_cursor()
        return acting is not None and acting.cancel()

    def _pan_tool(self) -> BoardTool:
        return self._tools[PanTool.id]

    def _show_cursor(self) -> None:
        tool = self._pan_tool() if self._space_is_down else self._tool
        shape = self._acting.busy_cursor if self._acting else tool.cursor
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
        """Lay out for the view's size and show the whole page."""
        self._is_fitted = True
        size = self.viewport().size()
        self.board_scene.fit_page(size.width(), size.height())
        self.show_whole_page()

    def show_whole_page(self) -> None:
        """Show the page as it is laid out now, unless the user has zoomed."""
        if not self._is_fitted:
            return
        page, size = self.board_scene.board.page, self.viewport().size()
        zoom = min(1.0, size.width() / page.width, size.height() / page.height)
        self.resetTransform()
        self.scale(zoom, zoom)
        self.centerOn(QPointF(page.centre_x, page.centre_y))

    def zoom_by(self, factor: float, at: QPoint | None = None) -> None:
        """Zoom about a point of the view (default: its middle); zooming out ends in `fit`."""
        at = self.viewport().rect().center() if at is None else at
        page, size = self.board_scene.board.page, self.viewport().size()
        whole = min(1.0, size.width() / page.width, size.height() / page.height)
        target = min(self.zoom * factor, _LARGEST_ZOOM)
        if self.board_scene.is_empty:
            return
        if target <= whole * 1.001:
            if not self._is_fitted:
                self.fit()
            return
        self._is_fitted = False
        under = self.mapToScene(at)
        self.scale(target / self.zoom, target / self.zoom)
        offset = self.mapFromScene(under) - at
        self.pan_by(-offset.x(), -offset.y())

    def reveal(self, chromosome_id: str) -> None:
        """Bring a chromosome into view."""
        if not self._is_fitted:
            spot = self.board_scene.board.spots[chromosome_id]
            self.ensureVisible(rectangle(spot), _AROUND, _AROUND)

    # -- events ----------------------------------------------------------------------------------

    def _pointer(self, event: QMouseEvent) -> Pointer:
        position = event.position().toPoint()
        return Pointer(self.mapToScene(position), position, event.modifiers())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture with the chosen tool, or pan with Space or the middle button."""
        if self._acting is not None:
            return
        if event.button() is Qt.MouseButton.MiddleButton:
            self._acting = self._pan_tool()
        elif event.button() is Qt.MouseButton.LeftButton:
            self._acting = self._pan_tool() if self._space_is_down else self._tool
        else:
            return
        self._acting_button = event.button()
        self._acting.press(self._pointer(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the gesture, or hover."""
        if self._acting is None:
            self._tool.hover(self._pointer(event))
        else:
            self.viewport().setCursor(self._acting.busy_cursor)
            self._acting.move(self._pointer(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Complete the gesture."""
        if self._acting is not None and event.button() is self._acting_button:
            acting, self._acting = self._acting, None
            self._show_cursor()
            acting.release(self._pointer(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the inspector; the second click selects as the first did."""
        self.mousePressEvent(event)
        at = self._pointer(event).page
        chromosome_id = self.board_scene.board.chromosome_at(at.x(), at.y())
        if chromosome_id is not None and event.button() is Qt.MouseButton.LeftButton:
            self.inspection_requested.emit(chromosome_id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Select what is under the pointer and ask for a menu."""
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            at = self.mapToScene(event.pos())
            chromosome_id = self.board_scene.board.chromosome_at(at.x(), at.y())
            if chromosome_id and chromosome_id not in self.board_scene.selected:
                self.board_scene.select((chromosome_id,))
        self.context_menu_requested.emit(event.globalPos())

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        self._tool.hover(None)
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A Space released elsewhere is not seen here."""
        self._space_is_down = False
        self._show_cursor()
        super().focusOutEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom to the pointer."""
        self.zoom_by(ZOOM_STEP ** (event.angleDelta().y() / 120), event.position().toPoint())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space pans while it is held; Ctrl and Alt change what a drop means."""
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

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips are made when they are asked for, so they are never out of date."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            at = self.mapToScene(event.pos())
            chromosome_id = self.board_scene.board.chromosome_at(at.x(), at.y())
            if chromosome_id is None or self._acting is not None:
                QToolTip.hideText()
            else:
                spot = self.board_scene.board.spots[chromosome_id]
                text = self._tooltip(chromosome_id)
                QToolTip.showText(event.globalPos(), text, self, self._on_view(spot))
            return True
        return super().viewportEvent(event)

    def _on_view(self, box: Box) -> QRect:
        return self.mapFromScene(rectangle(box)).boundingRect()

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
