"""Rows of the lists in the findings: a small picture beside up to two lines of text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from karyogui.ui import theme
from karyogui.ui.images import grey_image
from karyogui.ui.widgets import untinted

PICTURE = QSize(24, 32)
"""Logical pixels of an object in a list."""


class RowDelegate(QStyledItemDelegate):
    """A line of the list beside its picture, over two lines of text where it needs them."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.features |= QStyleOptionViewItem.ViewItemFeature.WrapText
        option.text = option.text.replace(" %", "\N{NO-BREAK SPACE}%")


def row_picture(pixels: NDArray[np.uint8]) -> QIcon:
    """An object of (h, w) grey pixels on the specimen's background, at the size of a row."""
    ratio = 2
    source = QPixmap.fromImage(grey_image(pixels))
    fitted = source.scaled(
        PICTURE * ratio,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    sheet = QPixmap(PICTURE * ratio)
    sheet.fill(QColor(theme.PAPER))
    painter = QPainter(sheet)
    left, top = (sheet.width() - fitted.width()) // 2, (sheet.height() - fitted.height()) // 2
    painter.drawPixmap(left, top, fitted)
    painter.end()
    sheet.setDevicePixelRatio(ratio)
    return untinted(sheet)
