"""From the raw pixels to what is seen: enhanced by the recipe, then mapped for the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import SeparatedObject
from karyogui.services.enhancement import enhance
from karyogui.ui.metaphase.display_settings import DisplaySettings
from karyogui.ui.metaphase.items import halves
from karyogui.ui.metaphase.outlines import Lines, outlines
from karyogui.ui.metaphase.scene import MetaphaseScene
from karyogui.workers.latest import LatestTask

Grey = NDArray[np.uint8]

MOST_PIXELS = 8_000_000
"""A larger picture is shown smaller: a preview must follow the slider."""
AT_ONCE = 1_500_000
"""Pixels up to which a picture is opened and enhanced at once; larger ones in the background."""
_PAUSE_MS = 25


@dataclass(frozen=True, eq=False)
class Rendering:
    """Enhanced pixels (h, w), and the `halves` that show them with `display`."""

    enhanced: Grey
    display: DisplaySettings
    levels: tuple[QImage, ...]

    @classmethod
    def of(cls, enhanced: Grey, display: DisplaySettings) -> Rendering:
        """Made in any thread: it takes a while where the picture is large."""
        return cls(enhanced, display, _levels(enhanced, display))


@dataclass(frozen=True, eq=False)
class Opened:
    """A raw picture (h, w), and what showing it and its objects takes, made where it was read."""

    pixels: Grey
    rendering: Rendering
    lines: Mapping[SeparatedObject, Lines]

    @classmethod
    def of(
        cls, pixels: Grey, objects: Sequence[SeparatedObject], display: DisplaySettings
    ) -> Opened:
        """Made in any thread."""
        lines = {each: outlines(each.mask, each.origin) for each in objects}
        return cls(pixels, Rendering.of(_shrunk(pixels), display), lines)


class ShownPicture(QObject):
    """Keeps the scene's picture in step with raw pixels, recipe and display settings."""

    enhanced_changed = Signal(object)
    """The pixels (h, w) before the display settings, for the histogram; None without a picture."""

    def __init__(self, scene: MetaphaseScene, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._raw: Grey | None = None
        self._rendering: Rendering | None = None
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
        return None if self._rendering is None else self._rendering.enhanced

    @property
    def display(self) -> DisplaySettings:
        """The display settings that the picture is shown with."""
        return self._display

    @property
    def recipe(self) -> Recipe:
        """The recipe that is shown, recorded or not."""
        return self._recipe

    def set_raw(self, pixels: Grey | None, ready: Rendering | None = None) -> None:
        """Show another raw picture (h, w); `ready` is its rendering where there is one already."""
        self._size = (0, 0) if pixels is None else (pixels.shape[1], pixels.shape[0])
        if pixels is not None and ready is None:
            ready = Rendering.of(_shrunk(pixels), self._display)
        self._raw = None if ready is None else ready.enhanced
        self._raw_is_shown = False
        self._pause.stop()
        self._making.forget()
        if self._raw is None or self._recipe.is_identity or self._takes_long():
            self._take(ready)
        if self._raw is not None and not self._recipe.is_identity:
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
        raw, recipe, display = self._raw, self._recipe, self._display
        if raw is None:
            self._making.forget()
            self._take(None)
        elif self._takes_long():
            self._making.run(lambda _: Rendering.of(enhance(raw, recipe), display), self._take)
        else:
            self._making.forget()
            self._take(Rendering.of(enhance(raw, recipe), display))

    def _takes_long(self) -> bool:
        large = self._raw is not None and self._raw.size > AT_ONCE
        return large and not self._recipe.is_identity

    def _take(self, rendering: Rendering | None) -> None:
        self._rendering = rendering
        self.enhanced_changed.emit(self.enhanced)
        self._show()

    def _show(self) -> None:
        if self._rendering is None or self._raw is None:
            self._scene.set_levels((), self._size)
        elif self._raw_is_shown:
            self._scene.set_levels(_levels(self._raw, self._display), self._size)
        else:
            if self._rendering.display != self._display:
                self._rendering = Rendering.of(self._rendering.enhanced, self._display)
            self._scene.set_levels(self._rendering.levels, self._size)


def _levels(pixels: Grey, display: DisplaySettings) -> tuple[QImage, ...]:
    import cv2

    if display != DisplaySettings():
        pixels = np.asarray(cv2.LUT(pixels, display.table()), np.uint8)
    return halves(pixels)


def _shrunk(pixels: Grey) -> Grey:
    """The picture with at most `MOST_PIXELS`; the same one when it has no more."""
    import cv2

    if pixels.size <= MOST_PIXELS:
        return pixels
    factor = (MOST_PIXELS / pixels.size) ** 0.5
    size = (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
