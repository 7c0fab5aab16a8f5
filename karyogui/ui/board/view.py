"""The board's view: a karyogram that can be zoomed, and edited by mouse."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from karyogui.domain.karyogram import Change
from karyogui.ui.board.items import rectangle
from karyogui.ui.board.scene import BoardScene
from karyogui.ui.board.select_tool import SelectTool
from karyogui.ui.zoom_view import ZoomView

_AROUND = 24


class BoardView(ZoomView):
    """Lays the karyogram out for its size until the user zooms."""

    def __init__(
        self,
        scene: BoardScene,
        edit: Callable[[Change], bool],
        tooltip: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(scene, tooltip, parent)
        self.board_scene = scene
        self._edit = edit
        self._tool = SelectTool(self)

    def edit(self, change: Change) -> bool:
        """Make a change happen as one undo step."""
        return self._edit(change)

    def fit(self) -> None:
        """Lay out for the view's size and show the whole page."""
        size = self.viewport().size()
        self.board_scene.fit_page(size.width(), size.height())
        super().fit()

    def reveal(self, chromosome_id: str) -> None:
        """Bring a chromosome into view."""
        if not self.is_fitted:
            self.ensureVisible(self.area_of(chromosome_id), _AROUND, _AROUND)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the inspector; the second click selects as the first did."""
        self.mousePressEvent(event)
        chromosome_id = self.object_at(event.position().toPoint())
        if chromosome_id is not None and event.button() is Qt.MouseButton.LeftButton:
            self.inspection_requested.emit(chromosome_id)

    # -- what a view of something says -----------------------------------------------------------

    @property
    def is_empty(self) -> bool:
        """Whether there is no karyogram."""
        return self.board_scene.is_empty

    @property
    def page(self) -> QRectF:
        """The page as it is laid out."""
        return rectangle(self.board_scene.board.page)

    @property
    def gesture(self) -> SelectTool:
        """What the left button does."""
        return self._tool

    def whole_zoom(self) -> float:
        """The zoom at which the page just fits; it is never enlarged for that."""
        page, size = self.page, self.viewport().size()
        return min(1.0, size.width() / page.width(), size.height() / page.height())

    def object_at(self, position: QPoint) -> str | None:
        """The id of the chromosome under a point of the view."""
        at = self.mapToScene(position)
        return self.board_scene.board.chromosome_at(at.x(), at.y())

    def area_of(self, object_id: str) -> QRectF:
        """Where a chromosome lies on the page."""
        return rectangle(self.board_scene.board.spots[object_id])

    def pick(self, object_id: str) -> None:
        """Select a chromosome alone, unless it is among the selected already."""
        if object_id not in self.board_scene.selected:
            self.board_scene.select((object_id,))
