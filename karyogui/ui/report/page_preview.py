"""The pages of a report below each other, as they will be printed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QWidget

from karyogui.ui.boxes import REST, column_of
from karyogui.ui.images import rgb_image
from karyogui.ui.widgets import text_label

WIDTH = 620
"""Pixels of a page's width, before the screen's own factor."""


class PagePreview(QScrollArea):
    """Pages, or a sentence in their place; the place in them is kept when they are made again."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setAccessibleName("Preview of the report")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._sentence = text_label("", "muted", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._inside = QWidget()
        self._column = column_of(self._sentence, REST, gap=3, margins=3)
        self._inside.setLayout(self._column)
        self.pages: list[QLabel] = []
        self.setWidget(self._inside)

    @property
    def pixels(self) -> int:
        """How wide pages have to be made for this screen."""
        return round(WIDTH * self.devicePixelRatioF())

    @property
    def sentence(self) -> str:
        """What stands in the place of pages; empty where there are some."""
        return "" if self._sentence.isHidden() else self._sentence.text()

    def show_pages(self, pages: Sequence[NDArray[np.uint8]]) -> None:
        """Show pages (h, w, 3) uint8."""
        self._sentence.hide()
        while len(self.pages) > len(pages):
            old = self.pages.pop()
            self._column.removeWidget(old)
            old.deleteLater()
        while len(self.pages) < len(pages):
            page = QLabel()
            page.setFrameShape(QFrame.Shape.NoFrame)
            page.setProperty("role", "page")
            self.pages.append(page)
            at = self._column.count() - 1
            self._column.insertWidget(at, page, 0, Qt.AlignmentFlag.AlignHCenter)
        for number, (page, pixels) in enumerate(zip(self.pages, pages, strict=True), start=1):
            picture = QPixmap.fromImage(rgb_image(pixels))
            picture.setDevicePixelRatio(self.devicePixelRatioF())
            page.setPixmap(picture)
            page.setAccessibleName(f"Page {number} of {len(pages)}")

    def say(self, sentence: str) -> None:
        """Show a sentence and no pages."""
        self.show_pages(())
        self._sentence.setText(sentence)
        self._sentence.show()
