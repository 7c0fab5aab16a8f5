"""What the scenes of the board and of the photograph share: the canvas around, a rubber band."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsScene

from karyogui.ui.board.colours import ACCENT
from karyogui.ui.board.items import cosmetic_pen
from karyogui.ui.theme import LIGHT, Theme
from karyogui.ui.zoom_view import repaint_views

_INSIDE = 0.08
"""Opacity of a rubber band."""


class SpecimenScene(QGraphicsScene):
    """A scene whose canvas follows the theme, and over which a rubber band can be drawn."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.colours = LIGHT
        self._band: QRectF | None = None

    def set_colours(self, colours: Theme) -> None:
        """Follow the theme; what lies on sheet or picture stays as it is."""
        self.colours = colours
        repaint_views(self)

    def set_band(self, band: QRectF | None) -> None:
        """Show a rubber band, or none."""
        self._band = band
        repaint_views(self)

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """The canvas."""
        painter.fillRect(QRectF(rect), QColor(self.colours.canvas))

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """The rubber band."""
        if self._band is not None:
            painter.setPen(cosmetic_pen(painter, ACCENT, 1.0))
            inside = QColor(ACCENT)
            inside.setAlphaF(_INSIDE)
            painter.setBrush(inside)
            painter.drawRect(self._band)
