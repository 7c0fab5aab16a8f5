"""What the panels of the karyogram, of the photograph and of the strip share."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from karyogui.ui.theme import Theme
from karyogui.ui.zoom_view import ZOOM_STEP

MESSAGE_MS = 4000
_MARGIN = 12


class Hint(QLabel):
    """Lies over `area` at its lower right, and lets the mouse through."""

    def __init__(self, area: QWidget) -> None:
        super().__init__(area)
        self._area = area
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._time = QTimer(self)
        self._time.setSingleShot(True)
        self._time.setInterval(MESSAGE_MS)
        self._time.timeout.connect(lambda: self.say(""))
        area.installEventFilter(self)
        self.hide()

    def set_colours(self, colours: Theme) -> None:
        """Follow the theme."""
        self.setStyleSheet(
            f"color: {colours.text}; background: {colours.hint}; padding: 4px 8px;"
            f" border: 1px solid {colours.border}; border-radius: 4px;"
        )

    def say(self, text: str) -> None:
        """Show a text until it is replaced; an empty one hides the line."""
        self._time.stop()
        self.setText(text)
        self.setVisible(bool(text))
        self._place()

    def say_for_a_while(self, text: str) -> None:
        """Show a text that goes away by itself."""
        self.say(text)
        self._time.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner."""
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        room = self._area.width() - 2 * _MARGIN
        self.setWordWrap(False)
        self.adjustSize()
        if self.width() > room:
            self.setWordWrap(True)
            self.resize(room, self.heightForWidth(room))
        corner = self._area.rect().bottomRight() - self.rect().bottomRight()
        self.move(corner.x() - _MARGIN, corner.y() - _MARGIN)


class Zoomed(Protocol):
    """A view that can be zoomed."""

    def zoom_by(self, factor: float) -> None: ...

    def fit(self) -> None: ...


class ViewPanel(QWidget):
    """A view that can be zoomed, with a hint in its corner; a subclass makes both."""

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
