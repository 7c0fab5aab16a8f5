"""How the picture is shown, and the strip beside it that holds this form and the recipe's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QDoubleSpinBox, QFrame, QSpinBox, QWidget

from karyogui.services.enhancement import histogram
from karyogui.ui.boxes import REST, column_of, filling, row_of
from karyogui.ui.metaphase.display_settings import (
    LEAST_GAMMA,
    MOST_GAMMA,
    DisplaySettings,
    automatic,
)
from karyogui.ui.metaphase.histogram import HistogramWidget
from karyogui.ui.metaphase.recipe_form import RecipeForm
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import button, text_label


class DisplayForm(QWidget):
    """How the picture is shown on this screen."""

    display_changed = Signal(object)
    """The `DisplaySettings` to show the picture with."""

    def __init__(self) -> None:
        super().__init__()
        self._settings = DisplaySettings()
        self.histogram = HistogramWidget()
        self.black = self._spin_box("Black point")
        self.white = self._spin_box("White point")
        self.gamma = QDoubleSpinBox()
        self.gamma.setRange(LEAST_GAMMA, MOST_GAMMA)
        self.gamma.setSingleStep(0.05)
        self.gamma.setAccessibleName("Gamma of the display")
        self.gamma.setToolTip("Gamma: above 1 the middle grey levels are shown darker")
        self.auto = button("Auto", self.set_automatic)
        self.auto.setToolTip("Stretch the grey levels of this picture from black to white")
        self.reset = button("Reset", lambda: self._choose(DisplaySettings()))
        self.reset.setToolTip("Show the grey levels as they are")
        head = row_of(
            text_label("Display", "caption"), REST, text_label("only on this screen", "note")
        )
        fields = (self.black, self.gamma, self.white)
        for field in fields:
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
            field.setFixedWidth(56)
            field.setKeyboardTracking(False)
        numbers = row_of(*fields, REST, self.auto, self.reset, gap=1)
        self.setLayout(column_of(head, filling(self.histogram), numbers, gap=1, margins=0))
        self._show(self._settings)
        self.histogram.display_changed.connect(self._choose)
        self.black.valueChanged.connect(lambda v: self._choose(self._settings.with_black(v)))
        self.white.valueChanged.connect(lambda v: self._choose(self._settings.with_white(v)))
        self.gamma.valueChanged.connect(lambda v: self._choose(self._settings.with_gamma(v)))

    @property
    def settings(self) -> DisplaySettings:
        """The settings chosen."""
        return self._settings

    def show_picture(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show the histogram of a picture (h, w); the settings stay."""
        empty = np.zeros(256, np.int64)
        self.histogram.show_counts(empty if pixels is None else histogram(pixels))

    def set_automatic(self) -> None:
        """Choose settings that suit the present picture."""
        self._choose(automatic(self.histogram.counts))

    def _choose(self, settings: DisplaySettings) -> None:
        changed = settings != self._settings
        self._settings = settings
        # Also when nothing changed: a number that was out of range goes back to what holds.
        self._show(settings)
        if changed:
            self.display_changed.emit(settings)

    def _show(self, settings: DisplaySettings) -> None:
        self.histogram.show_settings(settings)
        for field in (self.black, self.white, self.gamma):
            field.blockSignals(True)
        self.black.setValue(settings.black)
        self.white.setValue(settings.white)
        self.gamma.setValue(settings.gamma)
        for field in (self.black, self.white, self.gamma):
            field.blockSignals(False)
        self.reset.setEnabled(settings != DisplaySettings())

    def _spin_box(self, name: str) -> QSpinBox:
        field = QSpinBox()
        field.setRange(0, 255)
        field.setAccessibleName(name)
        field.setToolTip(f"{name}: grey level 0 to 255")
        return field


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
