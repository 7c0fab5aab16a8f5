"""Splitting what crosses or touches: click on it, choose which parts belong together, take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPathItem

from karyogui.domain.separation import SeparatedObject
from karyogui.errors import KaryoError
from karyogui.ui.metaphase.outlines import outlines
from karyogui.ui.metaphase.tools.base import TAKE, MetaphaseHost, MetaphaseTool, Pointer, number_of
from karyogui.ui.metaphase.tools.drawing import taken_ids
from karyogui.ui.metaphase.tools.select import REACH
from karyogui.ui.theme import PAPER

if TYPE_CHECKING:
    from karyogui.services.proposals import Mask, Pairing


LOOKS: tuple[tuple[str, Qt.PenStyle], ...] = (
    ("#1f5fd0", Qt.PenStyle.SolidLine),
    ("#c2410c", Qt.PenStyle.DashLine),
    ("#0f766e", Qt.PenStyle.DotLine),
    ("#86198f", Qt.PenStyle.DashDotLine),
)
"""Colour and line of the chromosomes: colour is never the only signal."""
_WIDTH, _SEAM = 2.5, 4.5
_SHADE = 0.28


class SplitTool(MetaphaseTool):
    """Shows how a cluster may be split; a click or its number chooses, Enter takes it."""

    id = "split"
    label = "Split crossing"
    icon = "split"
    shortcut = "S"
    tip = "Choose how two, three or four chromosomes that cross or touch are split"
    hint = "Click on chromosomes that cross or touch.  Esc: done"
    cursor = Qt.CursorShape.PointingHandCursor
    busy_cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, host: MetaphaseHost) -> None:
        super().__init__(host)
        self._object: SeparatedObject | None = None
        self._shown: list[QGraphicsItem] = []
        self.proposals: tuple[Pairing, ...] = ()
        self.chosen = 0

    def begin(self) -> None:
        """Propose at once for a selected object."""
        super().begin()
        if len(self._scene.selected_ids) == 1:
            self._propose(self._scene.selected_ids[0], None)

    def press(self, pointer: Pointer) -> None:
        """Propose for the crossing clicked; on the same one, show the next proposal."""
        under = self._scene.object_at(pointer.page, REACH / self._host.zoom)
        if under is None:
            self.cancel()
            self._host.show_hint(self.hint)
        elif self.proposals and self._object is not None and under == self._object.id:
            self._choose((self.chosen + 1) % len(self.proposals))
        else:
            self._propose(under, pointer.page)

    def hover(self, pointer: Pointer | None) -> None:
        """Outline what would be looked at."""
        reach = REACH / self._host.zoom
        under = self._scene.object_at(pointer.page, reach) if pointer is not None else None
        self._scene.set_hovered(None if self.proposals else under)

    def wants(self, event: QKeyEvent) -> bool:
        """The numbers and Enter, while there is something to choose."""
        return bool(self.proposals) and (
            event.key() in TAKE or number_of(event) < len(self.proposals)
        )

    def key(self, event: QKeyEvent) -> bool:
        """1 … 9 choose; Enter takes."""
        if not self.wants(event):
            return False
        if event.key() in TAKE:
            self._take()
        else:
            self._choose(number_of(event))
        return True

    def cancel(self) -> bool:
        """Forget the proposals: what they were for is selected as before."""
        was_for, was_there = self._object, bool(self.proposals)
        self._clear()
        self._object, self.proposals, self.chosen = None, (), 0
        if was_for is not None and not self._scene.selected_ids:
            self._scene.set_selected_ids((was_for.id,))
        return was_there

    def _propose(self, object_id: str, near: QPointF | None) -> None:

        from karyogui.services.proposals import split_proposals

        self.cancel()
        obj = self._scene.objects[object_id]
        try:
            at = None if near is None else (near.x(), near.y())
            self.proposals = split_proposals(obj, at)
        except KaryoError as error:
            self._host.show_hint(str(error))
            return
        self._object = obj
        self._scene.set_hovered(None)
        self._scene.set_selected_ids(())
        self._choose(0)

    def _choose(self, number: int) -> None:
        if self._object is None:
            return
        self._clear()
        self.chosen, pairing = number, self.proposals[number]
        for mask, (colour, style) in zip(pairing.masks, LOOKS, strict=False):
            self._draw(mask, self._object.origin, colour, style)
        count, into = len(self.proposals), f"{len(pairing.masks)} chromosomes"
        others = "its number or a click shows another, " if count > 1 else ""
        self._host.show_hint(
            f"Proposal {number + 1} of {count}, {into}: {others}Enter takes it.  Esc: none"
        )

    def _take(self) -> None:

        from karyogui.services.proposals import split_crossing

        obj, pairing = self._object, self.proposals[self.chosen]
        self.cancel()
        self._host.show_hint(self.hint)
        if obj is not None:
            self._host.request_repair(split_crossing(obj, pairing, taken_ids(self._scene)))

    # -- drawing ---------------------------------------------------------------------------------

    def _draw(self, mask: Mask, origin: tuple[int, int], colour: str, style: Qt.PenStyle) -> None:
        path = QPainterPath()
        for line in outlines(mask, origin):
            path.addPolygon(QPolygonF([QPointF(x, y) for x, y in line.tolist()]))
            path.closeSubpath()
        seam = QGraphicsPathItem(path)
        seam.setPen(_pen(PAPER, _SEAM, Qt.PenStyle.SolidLine))
        shade = QColor(colour)
        shade.setAlphaF(_SHADE)
        seam.setBrush(shade)
        edge = QGraphicsPathItem(path)
        edge.setPen(_pen(colour, _WIDTH, style))
        for item in (seam, edge):
            self._scene.overlay.addToGroup(item)
            self._shown.append(item)

    def _clear(self) -> None:
        for item in self._shown:
            self._scene.overlay.removeFromGroup(item)
            self._scene.removeItem(item)
        self._shown = []


def _pen(colour: str, width: float, style: Qt.PenStyle) -> QPen:
    pen = QPen(QColor(colour), width, style)
    pen.setCosmetic(True)
    return pen
