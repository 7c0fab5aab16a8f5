"""What the panels of the karyogram, of the photograph and of the strip share."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtWidgets import QWidget

from karyogui.ui.hint import Hint
from karyogui.ui.theme import Theme
from karyogui.ui.zoom_view import ZOOM_STEP


class Zoomed(Protocol):
    """A view that can be zoomed."""

    def zoom_by(self, factor: float) -> None: ...

    def fit(self) -> None: ...


class ViewPanel(QWidget):
    """A view that can be zoomed, with a hint in its corner; whoever inherits makes both."""

    view: Zoomed
    hint: Hint

    def zoom_in(self) -> None:
        """Zoom in about the middle of the view."""
        self.view.zoom_by(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Zoom out about the middle of the view."""
        self.view.zoom_by(1 / ZOOM_STEP)

    def zoom_fit(self) -> None:
        """Show everything, or everything at the usual size."""
        self.view.fit()

    def show_hint(self, text: str) -> None:
        """Show a hint in the corner until it is replaced; an empty text hides it."""
        self.hint.say(text)

    def show_message(self, text: str) -> None:
        """Show a hint that goes away by itself."""
        self.hint.say_for_a_while(text)

    def set_colours(self, colours: Theme) -> None:
        """Follow the theme."""
        self.hint.set_colours(colours)
