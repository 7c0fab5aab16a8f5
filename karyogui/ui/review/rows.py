"""The lists in the findings: as high as their rows, a small picture beside up to two lines each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtGui import QIcon, QPixmap, QResizeEvent
from PySide6.QtWidgets import QListWidget, QStyledItemDelegate, QStyleOptionViewItem

from karyogui.ui.images import grey_image, on_paper
from karyogui.ui.widgets import untinted

PICTURE = QSize(24, 32)
"""Logical pixels of an object in a list."""


class FittedList(QListWidget):
    """As high as its rows need at any width; beyond the first `most` rows it scrolls."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__()
        self._most = most

    def fit(self) -> None:
        """Be as high as the rows are at this width."""
        shown = self.count() if self._most is None else min(self.count(), self._most)
        self.doItemsLayout()  # the hint for a row knows nothing of the width
        heights = (self.visualItemRect(self.item(n)).height() for n in range(shown))
        self.setFixedHeight(max(1, sum(heights)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words wrap otherwise at another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()


class FindingDelegate(QStyledItemDelegate):
    """A line of the list beside its picture, over two lines of text where it needs them."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.features |= QStyleOptionViewItem.ViewItemFeature.WrapText
        option.text = option.text.replace(" %", "\N{NO-BREAK SPACE}%")


def row_picture(pixels: NDArray[np.uint8]) -> QIcon:
    """An object of (h, w) grey pixels on the specimen's background, at the size of a row."""
    return untinted(on_paper(QPixmap.fromImage(grey_image(pixels)), PICTURE))
