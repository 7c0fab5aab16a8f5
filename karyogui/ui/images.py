"""From grey-level arrays to Qt pictures, at the sizes at which they are shown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from karyogui.ui import theme

_LEVELS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0)
_OVERSAMPLED = 1.5
_MOST_PIXELS = 4_000_000


def grey_image(pixels: NDArray[np.uint8]) -> QImage:
    """An opaque grey picture of an (h, w) uint8 array."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, width, QImage.Format.Format_Grayscale8)
    return image.copy()  # the array's memory is not Qt's to keep


def rgb_image(pixels: NDArray[np.uint8]) -> QImage:
    """An opaque coloured picture of an (h, w, 3) uint8 array."""
    pixels = np.ascontiguousarray(pixels)
    height, width, _ = pixels.shape
    image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()  # as above


def chromosome_image(
    crop: NDArray[np.uint8], mask: NDArray[np.bool_], factor: float = 1.0
) -> QImage:
    """A chromosome's (h, w) picture `factor` times as large, see-through outside its mask.

    Grey levels are resampled with a wide filter, not Qt's bilinear one, so that bands stay crisp
    when enlarged and do not alias when reduced. An empty mask counts as full.
    """
    from PIL import Image

    shown = mask if mask.any() else np.ones_like(mask)
    grey = np.ascontiguousarray(crop)
    alpha = np.where(shown, 255, 0).astype(np.uint8)
    if factor != 1.0:
        height, width = crop.shape
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        method = Image.Resampling.BICUBIC if factor > 1 else Image.Resampling.LANCZOS
        grey = np.asarray(Image.fromarray(grey).resize(size, method))
        alpha = np.asarray(Image.fromarray(alpha).resize(size, method))
    height, width = grey.shape
    pixels = np.ascontiguousarray(np.stack([grey, grey, grey, alpha], axis=-1))
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def on_paper(source: QPixmap, size: QSize, ratio: float = 2.0) -> QPixmap:
    """A picture fitted on the specimen's background; sharp where a pixel is `ratio` of them.

    Of an empty one the background alone.
    """
    sheet = QPixmap(size * ratio)
    sheet.fill(QColor(theme.PAPER))
    if not source.isNull():
        keep, smooth = (
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        fitted = source.scaled(sheet.size(), keep, smooth)
        painter = QPainter(sheet)
        left, top = (sheet.width() - fitted.width()) // 2, (sheet.height() - fitted.height()) // 2
        painter.drawPixmap(left, top, fitted)
        painter.end()
    sheet.setDevicePixelRatio(ratio)
    return sheet


class ChromosomePictures:
    """One chromosome's picture at the few sizes that painting needs, each made once."""

    def __init__(self, crop: NDArray[np.uint8], mask: NDArray[np.bool_]) -> None:
        self._crop, self._mask = crop, mask
        self._made: dict[float, QPixmap] = {}

    def at(self, scale: float) -> QPixmap:
        """The smallest ready size that paints smoothly at `scale` device pixels to a source pixel.

        A little more than needed, so that the outline is smooth too, not a staircase.
        """
        level = next((level for level in _LEVELS if level >= scale * _OVERSAMPLED), _LEVELS[-1])
        while level > 1.0 and self._crop.size * level**2 > _MOST_PIXELS:
            level /= 2
        if level not in self._made:
            image = chromosome_image(self._crop, self._mask, level)
            self._made[level] = QPixmap.fromImage(image)
        return self._made[level]
