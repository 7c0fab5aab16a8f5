"""Drawings of the inspector: the selected chromosome enlarged, and its probabilities as bars."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from karyogui.domain.chromosome import Chromosome
from karyogui.domain.karyogram import Placement
from karyogui.domain.review import per_cent
from karyogui.ui import theme
from karyogui.ui.images import chromosome_image
from karyogui.ui.theme import GRID

MARGIN = 3 * GRID
LARGEST = 6.0
"""Enlarged at most this many times; a single pixel is not a band."""
ENLARGED = 3.0
"""The picture is resampled well to this many times its size, and only stretched beyond it."""

Box = tuple[float, float, float, float]


def standing(placement: Placement) -> QTransform:
    """How the upright crop stands on the board: mirrored left to right, then turned clockwise."""
    transform = QTransform().rotate(placement.turn)
    return transform.scale(-1.0, 1.0) if placement.mirrored else transform


def zoom_box_corners(box: Box, size: QSize) -> QPolygonF:
    """The varifocal box in coordinates of the crop's centre; `size` is the crop's, in pixels."""
    left, top, right, bottom = box
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    w, h = size.width(), size.height()
    return QPolygonF([QPointF((x - 0.5) * w, (y - 0.5) * h) for x, y in corners])


class ChromosomeView(QWidget):
    """One chromosome on white, as large as fits, the way it stands on the board."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._size = QSize()
        self._transform = QTransform()
        self._box: Box | None = None
        self._box_shown = False
        self.setMinimumHeight(136)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_chromosome(self, chromosome: Chromosome | None, placement: Placement | None) -> None:
        """Show a chromosome, or nothing."""
        self._image, self._box = QImage(), None
        if chromosome is not None and placement is not None:
            crop = chromosome.segment.crop
            self._image = chromosome_image(crop, chromosome.segment.mask, ENLARGED)
            self._size = QSize(crop.shape[1], crop.shape[0])
            self._transform = standing(placement)
            self._box = chromosome.predicted.zoom_box if chromosome.predicted else None
        self.update()

    def show_object(self, pixels: NDArray[np.uint8], mask: NDArray[np.bool_]) -> None:
        """Show an object of a photograph, (h, w) grey and bool, as it lies there."""
        self._box = None
        self._image = chromosome_image(pixels, mask, ENLARGED)
        self._size = QSize(pixels.shape[1], pixels.shape[0])
        self._transform = QTransform()
        self.update()

    def show_zoom_box(self, shown: bool) -> None:
        """Draw the box that the network looked at more closely, or not."""
        self._box_shown = shown
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        painter.fillRect(self.rect(), QColor(theme.PAPER))
        if self._image.isNull():
            return
        w, h = self._size.width(), self._size.height()
        frame = QRectF(-w / 2, -h / 2, w, h)
        extent = self._transform.mapRect(frame)
        room = QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        scale = min(room.width() / extent.width(), room.height() / extent.height(), LARGEST)
        place = self._transform * QTransform().scale(scale, scale)
        place *= QTransform().translate(self.width() / 2, self.height() / 2)
        painter.setTransform(place)
        painter.drawImage(frame, self._image)
        painter.resetTransform()
        if self._box_shown and self._box is not None:
            painter.setPen(QPen(QColor(theme.LIGHT.accent), 1.5, Qt.PenStyle.DashLine))
            painter.drawPolygon(place.map(zoom_box_corners(self._box, self._size)))


class ProbabilityBars(QWidget):
    """The most probable types, one row each: name, bar, per cent. The slot's type is accented."""

    ROW = 5 * GRID
    ROWS = 5

    def __init__(self) -> None:
        super().__init__()
        self._values: tuple[tuple[str, float], ...] = ()
        self._accented = ""
        self.setFixedHeight(self.ROW * self.ROWS)

    def show_values(self, values: tuple[tuple[str, float], ...], accented: str) -> None:
        """Show (type, probability 0 … 1) pairs, best first; `accented` is the type stood in."""
        self._values, self._accented = values[: self.ROWS], accented
        spoken = ", ".join(f"{kind} {per_cent(value)}" for kind, value in self._values)
        self.setAccessibleDescription(spoken)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.current()
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("22") + 2 * GRID
        right = metrics.horizontalAdvance("> 99 %") + 2 * GRID
        width = max(self.width() - left - right, 1)
        middle = Qt.AlignmentFlag.AlignVCenter
        for number, (kind, value) in enumerate(self._values):
            row = QRectF(0, number * self.ROW, self.width(), self.ROW)
            bar = QRectF(left, row.center().y() - GRID / 2, width, GRID)
            strong = kind == self._accented
            painter.setPen(QColor(colours.text if strong or not number else colours.muted))
            painter.drawText(
                QRectF(0, row.y(), left - 2 * GRID, self.ROW),
                middle | Qt.AlignmentFlag.AlignRight,
                kind,
            )
            painter.drawText(row, middle | Qt.AlignmentFlag.AlignRight, per_cent(value))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.border))
            painter.drawRoundedRect(bar, 2, 2)
            painter.setBrush(QColor(colours.accent if strong else colours.muted))
            bar.setWidth(max(width * value, 2.0))
            painter.drawRoundedRect(bar, 2, 2)
