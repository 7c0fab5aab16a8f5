"""What a board tool is: it turns mouse events into at most one edit a gesture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPoint, QPointF, Qt

from karyogui.domain.karyogram import Change
from karyogui.ui.board.scene import BoardScene


@dataclass(frozen=True)
class Pointer:
    """Where the mouse is, on the page and in the view (logical pixels), and the keys held."""

    page: QPointF
    view: QPoint
    modifiers: Qt.KeyboardModifier


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


class BoardTool:
    """A tool that does nothing; each tool overrides what it needs.

    `id` is for settings and tests, `label` and `icon` for the menu.
    """

    id = ""
    label = ""
    icon = ""
    cursor = Qt.CursorShape.ArrowCursor
    busy_cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, host: ToolHost) -> None:
        self._host = host

    def press(self, pointer: Pointer) -> None:
        """The button went down: a gesture begins."""

    def move(self, pointer: Pointer) -> None:
        """The mouse moved during a gesture."""

    def release(self, pointer: Pointer) -> None:
        """The button came up: the gesture is complete."""

    def hover(self, pointer: Pointer | None) -> None:
        """The mouse moved without a button, or left the board (None)."""

    def modifiers_changed(self, modifiers: Qt.KeyboardModifier) -> None:
        """Shift, Ctrl or Alt went down or up during a gesture."""

    def cancel(self) -> bool:
        """Give up the gesture and leave everything as it was; False when there is none."""
        return False
