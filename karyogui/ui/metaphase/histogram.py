"""The picture's histogram with three handles: black, middle and white."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from karyogui.ui import theme
from karyogui.ui.metaphase.display_settings import DisplaySettings

HANDLES = ("black", "middle", "white")
_SIDE = 6.0
_FOOT = 12.0
_GRASP = 10.0
_STEP = 1
_LARGE_STEP = 10


class HistogramWidget(QWidget):
    """Bars of the 256 grey levels over a strip of handles. Drag a handle, or use the arrows.

    Left and right move the handle that was moved last, Up and Down choose another one, a double
    click takes everything back.
    """

    display_changed = Signal(object)
    """The `DisplaySettings` a person chose."""

    def __init__(self) -> None:
        super().__init__()
        self._counts = np.zeros(256, np.int64)
        self._settings = DisplaySettings()
        self._held: str | None = None
        self._chosen = "black"
        self.setMinimumSize(160, 48)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Histogram")
        self._describe()

    def sizeHint(self) -> QSize:
        """As wide as the grey levels."""
        return QSize(256 + 2 * int(_SIDE), 72)

    @property
    def counts(self) -> NDArray[np.int64]:
        """The histogram (256,) that is shown."""
        return self._counts

    def show_counts(self, counts: NDArray[np.int64]) -> None:
        """Show another histogram (256,)."""
        self._counts = counts
        self.update()

    def show_settings(self, settings: DisplaySettings) -> None:
        """Put the handles where the settings say."""
        if settings != self._settings:
            self._settings = settings
            self._describe()
            self.update()

    def handle_at(self, handle: str) -> QPointF:
        """Where the middle of a handle's foot is, in the widget."""
        level = {
            "black": float(self._settings.black),
            "middle": self._settings.middle,
            "white": float(self._settings.white),
        }[handle]
        return QPointF(self._x(level), self.height() - _FOOT / 2)

    # -- places ----------------------------------------------------------------------------------

    def _plot(self) -> QRectF:
        return QRectF(_SIDE, 1, self.width() - 2 * _SIDE, self.height() - _FOOT - 2)

    def _x(self, level: float) -> float:
        plot = self._plot()
        return plot.left() + plot.width() * level / 255

    def _level(self, x: float) -> float:
        plot = self._plot()
        return 255 * (x - plot.left()) / max(1.0, plot.width())

    def _nearest(self, x: float) -> str | None:
        distances = {each: abs(self.handle_at(each).x() - x) for each in HANDLES}
        nearest = min(HANDLES, key=lambda each: (distances[each], each == "middle"))
        return nearest if distances[nearest] <= _GRASP else None

    # -- mouse and keys --------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grasp the nearest handle."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._held = self._nearest(event.position().x())
            self._chosen = self._held or self._chosen
            self._describe()
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Take the handle along."""
        near = self._held or self._nearest(event.position().x())
        shape = Qt.CursorShape.SizeHorCursor if near else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        if self._held is not None:
            self._move(self._held, self._level(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take everything back."""
        self._held = None
        self._choose(DisplaySettings())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose and move a handle."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = _LARGE_STEP if shift else _STEP
        at = HANDLES.index(self._chosen)
        match event.key():
            case Qt.Key.Key_Left:
                self._step(-step)
            case Qt.Key.Key_Right:
                self._step(step)
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                by = 1 if event.key() == Qt.Key.Key_Up else -1
                self._chosen = HANDLES[(at + by) % len(HANDLES)]
                self._describe()
                self.update()
            case _:
                super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        settings = self._settings
        if self._chosen == "middle":
            # To the right the middle grey moves to lighter levels, so the picture gets darker.
            self._choose(settings.with_gamma(settings.gamma + by * 0.05))
        else:
            level = settings.black if self._chosen == "black" else settings.white
            self._move(self._chosen, level + by)

    def _move(self, handle: str, level: float) -> None:
        settings = self._settings
        if handle == "black":
            self._choose(settings.with_black(round(level)))
        elif handle == "white":
            self._choose(settings.with_white(round(level)))
        else:
            self._choose(settings.with_middle(level))

    def _choose(self, settings: DisplaySettings) -> None:
        if settings != self._settings:
            self.show_settings(settings)
            self.display_changed.emit(settings)

    def _describe(self) -> None:
        shown = self._settings
        self.setAccessibleDescription(
            f"Black {shown.black}, gamma {shown.gamma:.2f}, white {shown.white}; "
            f"the arrow keys move {self._chosen}"
        )

    # -- painting --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars, the curve of the grey levels, and the handles."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, plot = theme.current(), self._plot()
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.setBrush(QColor(colours.base))
        painter.drawRect(plot)
        self._paint_bars(painter, plot, QColor(colours.muted))
        self._paint_curve(painter, plot, QColor(colours.accent))
        for handle in HANDLES:
            self._paint_handle(painter, handle)
        painter.end()

    def _paint_bars(self, painter: QPainter, plot: QRectF, colour: QColor) -> None:
        if not self._counts.any():
            return
        # The background outnumbers everything: by the root, chromosomes can be seen too.
        heights = np.sqrt(self._counts / np.percentile(self._counts, 99.5).clip(1)).clip(0, 1)
        base = plot.bottom()
        points = [QPointF(plot.left(), base)]
        points += [
            QPointF(self._x(level), base - height * (plot.height() - 2))
            for level, height in enumerate(heights)
        ]
        points.append(QPointF(plot.right(), base))
        colour.setAlphaF(0.55)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF(points))

    def _paint_curve(self, painter: QPainter, plot: QRectF, colour: QColor) -> None:
        table = self._settings.table()
        points = [
            QPointF(self._x(level), plot.bottom() - shown / 255 * plot.height())
            for level, shown in enumerate(table)
        ]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1.25))
        painter.drawPolyline(QPolygonF(points))

    def _paint_handle(self, painter: QPainter, handle: str) -> None:
        colours, at = theme.current(), self.handle_at(handle)
        fill = {"black": "#000000", "middle": "#808080", "white": "#ffffff"}[handle]
        chosen = handle == self._chosen and self.hasFocus()
        painter.setPen(
            QPen(QColor(colours.accent if chosen else colours.muted), 2 if chosen else 1)
        )
        painter.setBrush(QColor(fill))
        top = at.y() - _FOOT / 2 + 1
        corners = [(0.0, 0.0), (5.0, 9.0), (-5.0, 9.0)]
        painter.drawPolygon(QPolygonF([QPointF(at.x() + x, top + y) for x, y in corners]))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show which handle the arrows move."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that no handle has the keys."""
        super().focusOutEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.update()
