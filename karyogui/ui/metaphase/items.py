"""What lies on the metaphase: the picture and the outlines. Items paint what they are given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from karyogui.domain.separation import ObjectKind, SeparatedObject
from karyogui.ui.board.items import cosmetic_pen
from karyogui.ui.images import grey_image
from karyogui.ui.metaphase.colours import ACCENT, AMBER, DASHES, OUTLINES
from karyogui.ui.metaphase.outlines import Lines, outlines
from karyogui.ui.theme import PAPER

LOW_SCORE = 0.5
"""Scores below ask for a person's eye: it may not be one whole object."""
_AIR = 16.0
_SHARP_FROM = 6.0
"""Device pixels to a pixel of the picture from which single pixels are meant to be seen."""
_LEAST_SIDE = 64
_Z = {ObjectKind.CHROMOSOME: 2.0}


def halves(pixels: NDArray[np.uint8]) -> tuple[QImage, ...]:
    """An (h, w) picture at its own size and at halves of it, largest first; made in any thread."""
    import cv2

    levels = [grey_image(pixels)]
    while min(pixels.shape) >= 2 * _LEAST_SIDE:
        half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
        pixels = np.asarray(cv2.resize(pixels, half, interpolation=cv2.INTER_AREA), np.uint8)
        levels.append(grey_image(pixels))
    return tuple(levels)


class PictureItem(QGraphicsItem):
    """The picture, at its own size and at halves of it, so that it never aliases when small."""

    def __init__(self) -> None:
        super().__init__()
        self._levels: list[QPixmap] = []
        self._size = (0, 0)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def show_levels(self, levels: Sequence[QImage], size: tuple[int, int]) -> None:
        """Paint `halves` over (width, height) of the scene; an empty sequence paints nothing."""
        self.prepareGeometryChange()
        self._size = size
        self._levels = [QPixmap.fromImage(level) for level in levels]
        self.update()

    def boundingRect(self) -> QRectF:
        """The whole picture."""
        return QRectF(0, 0, *self._size)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """The exposed part of the level nearest to the zoom."""
        if not self._levels:
            return
        scale = abs(painter.deviceTransform().m11())
        full = self._levels[0].width() / max(1, self._size[0])
        level = 0
        while level + 1 < len(self._levels) and scale <= full / 2 ** (level + 1):
            level += 1
        pixmap = self._levels[level]
        x, y = pixmap.width() / self._size[0], pixmap.height() / self._size[1]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < _SHARP_FROM * full)
        # Whole pixels of the picture, or the edge of the exposed part would show as a seam.
        part = option.exposedRect.adjusted(-2, -2, 2, 2).toAlignedRect().toRectF()
        part = part.intersected(self.boundingRect())
        source = QRectF(part.x() * x, part.y() * y, part.width() * x, part.height() * y)
        painter.drawPixmap(part, pixmap, source)


class ObjectItem(QGraphicsItem):
    """The outline of one object. It lets the mouse through: tools ask the scene."""

    def __init__(self, shown: SeparatedObject, lines: Lines | None = None) -> None:
        super().__init__()
        self.shown = shown
        self.lines = outlines(shown.mask, shown.origin) if lines is None else lines
        self._path = QPainterPath()
        for line in self.lines:
            polygon = QPolygonF([QPointF(x, y) for x, y in line.tolist()])
            self._path.addPolygon(polygon)
            self._path.closeSubpath()
        self._is_selected = self._is_hovered = False
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(_Z.get(shown.kind, 1.0))

    @property
    def is_doubtful(self) -> bool:
        """Whether the separation is unsure of it, and no person has looked at it since."""
        shown = self.shown
        is_chromosome = shown.kind is ObjectKind.CHROMOSOME
        return is_chromosome and shown.score < LOW_SCORE and not shown.by_person

    @property
    def is_selected(self) -> bool:
        """Whether it is painted as selected."""
        return self._is_selected

    @property
    def colour(self) -> str:
        """What its outline and label are painted in when it is not selected."""
        return AMBER if self.is_doubtful else OUTLINES[self.shown.kind]

    def mark(self, selected: bool, hovered: bool) -> None:
        """Paint as selected, as under the pointer."""
        if (selected, hovered) != (self._is_selected, self._is_hovered):
            self._is_selected, self._is_hovered = selected, hovered
            # The selected outline must not be crossed by its neighbours'.
            self.setZValue(_Z.get(self.shown.kind, 1.0) + (2.0 if selected else 0.0))
            self.update()

    def boundingRect(self) -> QRectF:
        """The outline with room for its pen at small zooms."""
        return self._path.boundingRect().adjusted(-_AIR, -_AIR, _AIR, _AIR)

    def shape(self) -> QPainterPath:
        """The outline itself."""
        return self._path

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """A thin line; selected a strong one on a white seam, so that it shows on dark bands."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._is_selected:
            painter.setPen(cosmetic_pen(painter, PAPER, 4.0))
            painter.drawPath(self._path)
            painter.setPen(self._pen(painter, ACCENT, 2.25))
        else:
            painter.setPen(self._pen(painter, self.colour, 2.0 if self._is_hovered else 1.25))
        painter.drawPath(self._path)

    def _pen(self, painter: QPainter, colour: str, width: float) -> QPen:
        pen = cosmetic_pen(painter, colour, width)
        if self.shown.kind is not ObjectKind.CHROMOSOME:
            pen.setStyle(DASHES[self.shown.kind])
        elif not self._is_selected and not self._is_hovered and not self.is_doubtful:
            colour_with_air = QColor(colour)
            colour_with_air.setAlphaF(0.85)
            pen.setColor(colour_with_air)
        return pen
