"""What a board tool is: it turns mouse events into at most one edit a gesture."""

from __future__ import annotations

from typing import Protocol

from karyogui.domain.karyogram import Change
from karyogui.ui.board.scene import BoardScene
from karyogui.ui.zoom_view import Gesture, Pointer

__all__ = ["BoardTool", "Pointer", "ToolHost"]


class ToolHost(Protocol):
    """What a tool may do to the board."""

    @property
    def board_scene(self) -> BoardScene:
        """The scene: layout, selection, ghost and marks."""

    def edit(self, change: Change) -> bool:
        """Make a change happen as one undo step; False when nothing came of it."""

    def pan_by(self, dx: int, dy: int) -> None:
        """Move the page under the view, in logical pixels."""

    def show_hint(self, text: str) -> None:
        """Say what could be done now; an empty text says nothing."""


class BoardTool(Gesture):
    """A tool that does nothing; each tool overrides what it needs.

    `id` is for settings and tests, `label` and `icon` for the menu.
    """

    id = ""
    label = ""
    icon = ""

    def __init__(self, host: ToolHost) -> None:
        self._host = host
