"""A list that is as high as its rows need, at any width: their words wrap."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QListWidget


class FittedList(QListWidget):
    """Shows all its rows, or the first `most` and the rest by scrolling."""

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
