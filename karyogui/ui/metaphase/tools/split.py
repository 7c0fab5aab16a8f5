"""Splitting a crossing: click it, choose which arms belong together, take it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from karyogui.domain.separation import SeparatedObject
from karyogui.errors import KaryoError
from karyogui.services.crossings import Pairing, crossing_proposals, split_crossing
from karyogui.ui.metaphase.tools.base import MetaphaseHost, MetaphaseTool, Pointer
from karyogui.ui.metaphase.tools.drag import REACH

_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine)
_COLOURS = ("#1f6fd0", "#b3541e")
_WIDTH = 2.5


class SplitTool(MetaphaseTool):
    """Shows how a crossing may be two chromosomes; 1, 2, 3 or a click chooses, Enter takes it."""

    id = "split"
    label = "Split crossing"
    icon = "split"
    cursor = Qt.CursorShape.PointingHandCursor
    hint = "Click on a crossing to see how it may be two chromosomes. Esc ends."

    def __init__(self, host: MetaphaseHost) -> None:
        super().__init__(host)
        self._object: SeparatedObject | None = None
        self._proposals: tuple[Pairing, ...] = ()
        self._chosen = 0
        self._shown: list[QGraphicsPathItem] = []

    @property
    def proposals(self) -> int:
        """How many proposals are shown to choose from; 0 when none are."""
        return len(self._proposals)

    def begin(self) -> None:
        """Propose at once for a selected object."""
        self._host.show_hint(self.hint)
        chosen = self._host.metaphase_scene.selected_ids
        if len(chosen) == 1:
            self._propose(chosen[0], None)

    def end(self) -> None:
        """Leave nothing behind."""
        super().end()
        self._host.show_hint("")

    def press(self, pointer: Pointer) -> None:
        """Propose for the crossing clicked; on the same one, show the next proposal."""
        scene = self._host.metaphase_scene
        under = scene.object_at(pointer.page, REACH / self._host.zoom)
        if under is None:
            self.cancel()
        elif self._object is not None and under == self._object.id and self._proposals:
            self._choose((self._chosen + 1) % len(self._proposals))
        else:
            self._propose(under, pointer.page)

    def key(self, event: QKeyEvent) -> bool:
        """1, 2, 3 choose; Enter takes."""
        if not self._proposals:
            return False
        number = event.key() - Qt.Key.Key_1
        if 0 <= number < len(self._proposals):
            self._choose(number)
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
            return True
        return False

    def double_click(self, pointer: Pointer) -> bool:
        """A double click is two clicks here."""
        self.press(pointer)
        return True

    def cancel(self) -> bool:
        """Forget the proposals."""
        for item in self._shown:
            self._host.metaphase_scene.overlay.removeFromGroup(item)
            self._host.metaphase_scene.removeItem(item)
        was_there = bool(self._proposals)
        self._object, self._proposals, self._shown = None, (), []
        return was_there

    def _propose(self, object_id: str, near: QPointF | None) -> None:
        self.cancel()
        scene = self._host.metaphase_scene
        obj = scene.objects[object_id]
        try:
            at = None if near is None else (near.x(), near.y())
            self._proposals = crossing_proposals(obj, at)
        except KaryoError as error:
            self._host.show_hint(f"{error.sentence} {error.hint}".strip())
            return
        self._object = obj
        scene.set_selected_ids((object_id,))
        self._choose(0)

    def _choose(self, number: int) -> None:
        assert self._object is not None
        self._chosen = number
        overlay, scene = self._host.metaphase_scene.overlay, self._host.metaphase_scene
        for item in self._shown:
            overlay.removeFromGroup(item)
            scene.removeItem(item)
        pairing = self._proposals[number]
        self._shown = []
        for mask, style, colour in zip(
            (pairing.first, pairing.second), _STYLES, _COLOURS, strict=True
        ):
            item = QGraphicsPathItem(_outline(mask, self._object.origin))
            pen = QPen(QColor(colour), _WIDTH, style)
            pen.setCosmetic(True)
            item.setPen(pen)
            overlay.addToGroup(item)
            self._shown.append(item)
        self._host.show_hint(
            f"Proposal {number + 1} of {len(self._proposals)}: click or 1 … "
            f"{len(self._proposals)} for another, Enter takes it."
        )

    def _take(self) -> None:
        obj, pairing = self._object, self._proposals[self._chosen]
        assert obj is not None
        self.cancel()
        self._host.show_hint(self.hint)
        scene = self._host.metaphase_scene
        taken = {*scene.used_ids, *scene.objects}
        self._host.request_repair(split_crossing(obj, pairing, taken))


def _outline(mask: NDArray[np.bool_], origin: tuple[int, int]) -> QPainterPath:
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    path = QPainterPath()
    for contour in contours:
        points = contour[:, 0, :] + np.array(origin) + 0.5
        path.moveTo(*(float(v) for v in points[0]))
        for x, y in points[1:]:
            path.lineTo(float(x), float(y))
        path.closeSubpath()
    return path
