"""Steps of the history that change notes."""

from __future__ import annotations

from collections.abc import Callable

from karyogui.domain.notes import NoteChange
from karyogui.ui.board.commands import Show, Step


class Note(Step):
    """One act on the notes; `record` stores it, or what takes it back."""

    def __init__(self, change: NoteChange, record: Callable[[NoteChange], Show | None]) -> None:
        super().__init__(change.text)
        self._change, self._record = change, record

    def record(self, back: bool) -> Show | None:
        """Store the act again, or its inverse."""
        return self._record(self._change.inverse if back else self._change)
