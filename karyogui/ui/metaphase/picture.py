"""From the raw pixels to what is seen: enhanced by the recipe, then mapped for the screen."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from karyogui.domain.recipe import Recipe
from karyogui.services.enhancement import enhance
from karyogui.ui.metaphase.display_settings import DisplaySettings
from karyogui.ui.metaphase.latest import LatestTask
from karyogui.ui.metaphase.scene import MetaphaseScene

Grey = NDArray[np.uint8]

MOST_PIXELS = 8_000_000
"""A larger picture is shown smaller: a preview must follow the slider."""
AT_ONCE = 1_500_000
"""Pixels up to which a picture is opened and enhanced at once; larger ones in the background."""
_PAUSE_MS = 25


class ShownPicture(QObject):
    """Keeps the scene's picture in step with raw pixels, recipe and display settings."""

    enhanced_changed = Signal(object)
    """The pixels (h, w) before the display settings, for the histogram; None without a picture."""

    def __init__(self, scene: MetaphaseScene, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._raw: Grey | None = None
        self._enhanced: Grey | None = None
        self._size = (0, 0)
        self._recipe = Recipe()
        self._display = DisplaySettings()
        self._raw_is_shown = False
        self._making = LatestTask(self)
        # Several moves of a slider in one breath make one picture.
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._enhance)

    @property
    def enhanced(self) -> Grey | None:
        """The pixels (h, w) after the recipe, before the display settings."""
        return self._enhanced

    @property
    def recipe(self) -> Recipe:
        """The recipe that is shown, recorded or not."""
        return self._recipe

    def set_raw(self, pixels: Grey | None) -> None:
        """Show another raw picture (h, w)."""
        self._size = (0, 0) if pixels is None else (pixels.shape[1], pixels.shape[0])
        self._raw = None if pixels is None else _shrunk(pixels)
        self._raw_is_shown = False
        self._making.forget()
        if self._raw is not None and self._takes_long():
            self._take(self._raw)
        self._enhance()

    def set_recipe(self, recipe: Recipe) -> None:
        """Show the picture after another recipe, in a moment."""
        if recipe != self._recipe:
            self._recipe = recipe
            if not self._pause.isActive():
                self._pause.start()

    def set_display(self, display: DisplaySettings) -> None:
        """Show the picture with other display settings."""
        self._display = display
        self._show()

    def shut_down(self) -> None:
        """Wait for what is being made, because the window closes."""
        self._pause.stop()
        self._making.shut_down()

    def show_raw(self, shown: bool) -> None:
        """Show the picture as it was taken, for comparison."""
        self._raw_is_shown = shown
        self._show()

    def _enhance(self) -> None:
        self._pause.stop()
        raw, recipe = self._raw, self._recipe
        if raw is not None and self._takes_long():
            self._making.run(lambda: enhance(raw, recipe), self._take)
            return
        self._making.forget()
        self._take(None if raw is None else enhance(raw, recipe))

    def _takes_long(self) -> bool:
        large = self._raw is not None and self._raw.size > AT_ONCE
        return large and not self._recipe.is_identity

    def _take(self, enhanced: Grey | None) -> None:
        self._enhanced = enhanced
        self.enhanced_changed.emit(self._enhanced)
        self._show()

    def _show(self) -> None:
        pixels = self._raw if self._raw_is_shown else self._enhanced
        if pixels is not None and self._display != DisplaySettings():
            pixels = self._display.table()[pixels]
        self._scene.set_picture(pixels, self._size)


def _shrunk(pixels: Grey) -> Grey:
    """The picture with at most `MOST_PIXELS`; the very same one when it has no more."""
    if pixels.size <= MOST_PIXELS:
        return pixels
    factor = (MOST_PIXELS / pixels.size) ** 0.5
    size = (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
