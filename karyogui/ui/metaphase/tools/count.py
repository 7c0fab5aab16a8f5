"""Counting: a click on each chromosome sets a numbered mark; nothing is separated or typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from karyogui.domain.notes import Mark
from karyogui.ui.board.items import label_font
from karyogui.ui.metaphase.colours import ACCENT
from karyogui.ui.metaphase.tools.base import MetaphaseHost, MetaphaseTool, Pointer
from karyogui.ui.metaphase.tools.key_cursor import KeyCursor
from karyogui.ui.theme import PAPER

_RADIUS = 9.0
"""Logical pixels of a mark at any zoom; a click within it takes the mark away."""


class MarkItem(QGraphicsItem):
    """A numbered disc that keeps its size on the screen."""

    def __init__(self, number: int, place: Mark, ground: str, ink: str) -> None:
        super().__init__()
        self._number, self._ground, self._ink = number, ground, ink
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setPos(*place)

    def boundingRect(self) -> QRectF:
        """The disc with its rim."""
        reach = _RADIUS + 2.0
        return QRectF(-reach, -reach, 2 * reach, 2 * reach)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """The disc, and its number in the middle."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._ink), 1.5))
        painter.setBrush(QColor(self._ground))
        painter.drawEllipse(QPointF(), _RADIUS, _RADIUS)
        painter.setFont(label_font(10 if self._number < 100 else 8, bold=True))
        painter.drawText(self.boundingRect(), Qt.AlignmentFlag.AlignCenter, str(self._number))


class CountTool(MetaphaseTool):
    """Sets and takes away marks. `changed` is asked to keep other marks, `done` when it ends."""

    id = "count"
    hint = "Click on each chromosome.  Click on a mark or ⌫: take it away.  Enter: counted"
    cursor = Qt.CursorShape.CrossCursor
    busy_cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self,
        host: MetaphaseHost,
        changed: Callable[[tuple[Mark, ...]], object],
        done: Callable[[], object],
    ) -> None:
        super().__init__(host)
        self._changed, self._done = changed, done
        self._marks: tuple[Mark, ...] = ()
        self._items: list[MarkItem] = []
        self._is_in_hand = False
        self.cursor_keys = KeyCursor(host)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks that are shown."""
        return self._marks

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Show these marks while the tool is in use."""
        self._marks = tuple(marks)
        self._draw()
        if self._is_in_hand:
            self._tell()

    def begin(self) -> None:
        """Show the marks and say what to do."""
        self._is_in_hand = True
        self._draw()
        self._tell()

    def end(self) -> None:
        """Take marks and cross out of sight; they are kept."""
        self._is_in_hand = False
        super().end()
        self.cursor_keys.hide()
        self._draw()

    def press(self, pointer: Pointer) -> None:
        """Set a mark, or take the one under the pointer away."""
        self.cursor_keys.hide()
        self._toggle(pointer.page)

    def wants(self, event: QKeyEvent) -> bool:
        """Arrows and Space, to count without a mouse; Enter and ⌫."""
        moves = KeyCursor.moves(event) or (self.cursor_keys.place is not None
                                           and KeyCursor.sets(event))  # fmt: skip
        return moves or KeyCursor.ends(event) or event.key() == Qt.Key.Key_Backspace

    def key(self, event: QKeyEvent) -> bool:
        """Move the cross, set a mark there, take the last one away, or finish."""
        if KeyCursor.moves(event):
            self.cursor_keys.step(event)
        elif KeyCursor.sets(event) and self.cursor_keys.place is not None:
            self._toggle(self.cursor_keys.place)
        elif event.key() == Qt.Key.Key_Backspace:
            if self._marks:
                self._changed(self._marks[:-1])
        elif KeyCursor.ends(event):
            self._done()
        else:
            return False
        return True

    def _toggle(self, place: QPointF) -> None:
        scene = self._scene
        if not scene.page.contains(place):
            return
        reach = _RADIUS / self._host.zoom
        near = [
            (abs(x - place.x()) + abs(y - place.y()), n)
            for n, (x, y) in enumerate(self._marks)
            if (x - place.x()) ** 2 + (y - place.y()) ** 2 <= reach**2
        ]
        if near:
            at = min(near)[1]
            self._changed(self._marks[:at] + self._marks[at + 1 :])
        else:
            self._changed((*self._marks, (place.x(), place.y())))

    def _tell(self) -> None:
        self._host.show_hint(f"{len(self._marks)} counted.  {self.hint}")

    def _draw(self) -> None:
        scene = self._scene
        for item in self._items:
            scene.removeItem(item)
        self._items = [
            MarkItem(number, place, ACCENT, PAPER)
            for number, place in enumerate(self._marks if self._is_in_hand else (), 1)
        ]
        for item in self._items:
            item.setZValue(scene.overlay.zValue() + 1.0)
            scene.addItem(item)
