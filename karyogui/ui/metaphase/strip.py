"""The strip under the picture: display settings, and beside them the enhancement recipe."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame

from karyogui.ui.metaphase.display_form import DisplayForm
from karyogui.ui.metaphase.recipe_form import RecipeForm
from karyogui.ui.theme import GRID

_WIDE_FROM = 680


class DisplayStrip(QFrame):
    """Two forms side by side, or one under the other where there is little room."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "strip")
        self.display = DisplayForm()
        self.recipe = RecipeForm()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        self._row.setSpacing(6 * GRID)
        self._row.addWidget(self.display, 2)
        self._row.addWidget(self.recipe, 3)
        # A layout's own least width would keep the strip wide for ever.
        self.setMinimumWidth(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand one under the other when narrow."""
        super().resizeEvent(event)
        wide = event.size().width() >= _WIDE_FROM
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._row.direction() is not direction:
            self._row.setDirection(direction)
            self._row.setSpacing((6 if wide else 3) * GRID)
            # Stretched downwards, the forms would take room from the picture.
            for place, share in enumerate((2, 3)):
                self._row.setStretch(place, share if wide else 0)
            self.updateGeometry()
