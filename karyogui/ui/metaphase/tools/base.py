"""What a metaphase tool is: it turns mouse and keys into at most one repair a gesture."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from karyogui.domain.separation import Repair
from karyogui.ui.metaphase.scene import MetaphaseScene
from karyogui.ui.zoom_view import Gesture, Pointer

__all__ = ["TAKE", "MetaphaseHost", "MetaphaseTool", "Pointer", "number_of"]

TAKE = frozenset((Qt.Key.Key_Return, Qt.Key.Key_Enter))
"""Keys that take what a tool proposes."""


def number_of(event: QKeyEvent) -> int:
    """Which proposal a digit means, from 0; more than any for another key."""
    return int(event.text()) - 1 if event.text() in set("123456789") else 99


class MetaphaseHost(Protocol):
    """What a tool may do to the metaphase."""

    @property
    def metaphase_scene(self) -> MetaphaseScene:
        """The scene: objects, selection, and the overlay for what a tool draws."""

    @property
    def zoom(self) -> float:
        """Logical pixels of the view for one of the picture."""

    def middle(self) -> QPointF:
        """The place of the picture in the middle of what is seen."""

    def show_place(self, place: QPointF) -> None:
        """Bring a place of the picture into view."""

    def request_repair(self, repair: Repair) -> None:
        """Ask for a repair; it happens as one undo step."""

    def show_hint(self, text: str) -> None:
        """Say what could be done now; an empty text says nothing."""

    def end_tool(self) -> None:
        """Give the left button back to the select tool."""


class MetaphaseTool(Gesture):
    """A tool that does nothing; each tool overrides what it needs.

    `id` is for tests; `label`, `icon`, `shortcut` and `tip` are for the menu; `hint` is shown while
    it has the left button. In a `Pointer`, `page` is the place in pixels of the raw picture: (x, y)
    is the top left corner of pixel [y, x].
    """

    id = ""
    label = ""
    icon = ""
    shortcut = ""
    tip = ""
    hint = ""

    def __init__(self, host: MetaphaseHost) -> None:
        self._host = host

    @property
    def _scene(self) -> MetaphaseScene:
        return self._host.metaphase_scene

    def at_once(self) -> bool:
        """Do without a gesture what the selection says enough for; False when it does not."""
        return False

    def begin(self) -> None:
        """The tool was chosen."""
        self._host.show_hint(self.hint)

    def end(self) -> None:
        """Another tool was chosen, or another cell opened; whatever is drawn must go."""
        self.cancel()
        self._host.show_hint("")

    def double_click(self, pointer: Pointer) -> bool:
        """The button was clicked twice; False when that means no more than another press."""
        return False

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key is the tool's own now, and not the window's."""
        return False

    def key(self, event: QKeyEvent) -> bool:
        """A key was pressed; True when the tool has taken it."""
        return False
