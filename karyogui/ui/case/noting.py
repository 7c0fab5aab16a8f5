"""An act on the notes of a case or of its cells: made, stored, shown, and a step of the history."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from karyogui.domain.notes import NoteChange
from karyogui.errors import KaryoError
from karyogui.ui.board.commands import EditHistory, Show
from karyogui.ui.dialogs.errors import show_error


def note(
    history: EditHistory,
    window: QWidget,
    make: Callable[[], NoteChange],
    record: Callable[[NoteChange], Show | None],
) -> None:
    """Make an act and have it recorded; what is refused is shown, and what changes nothing ends."""
    try:
        change = make()
    except KaryoError as error:
        show_error(window, error)
        return
    if not change.is_empty:
        sides = (change, change.inverse)
        history.do(change.text, lambda back: record(sides[back]))
