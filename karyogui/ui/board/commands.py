"""Undo commands: each holds a domain `Change` and knows the karyogram, nothing of the scene.

A change is applied and recorded at once (`Journal`); what cannot be recorded does not happen. The
history therefore takes only changes that have happened, and after a refused undo or redo it goes
back to where the karyogram stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand, QUndoStack

from karyogui.domain.karyogram import Change, Karyogram
from karyogui.domain.refitting import refitted
from karyogui.errors import KaryoError

_TURN = 1


class Journal:
    """Makes changes of one karyogram happen, each recorded or taken back."""

    def __init__(
        self,
        karyogram: Karyogram,
        record: Callable[[Change], None],
        refused: Callable[[KaryoError], None],
    ) -> None:
        self.karyogram = karyogram
        self._record = record
        self._refused = refused

    def commit(self, change: Change) -> bool:
        """Apply and record; when recording raises `KaryoError`, take back, tell, return False."""
        self.karyogram.apply(change)
        try:
            self._record(change)
        except Exception as error:
            self.karyogram.apply(change.inverse)
            if not isinstance(error, KaryoError):
                raise
            self._refused(error)
            return False
        return True


class DoneCommand(QUndoCommand):
    """Something that has already happened when it enters the history.

    `is_done` tells whether it holds at present; a refused undo or redo leaves it as it is, and the
    history goes back to it.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.is_done = True


class EditKaryogram(DoneCommand):
    """One edit that has already happened; undoing and redoing it are recorded edits too."""

    def __init__(self, journal: Journal, change: Change) -> None:
        super().__init__(change.text)
        self._journal = journal
        self.change = change

    def undo(self) -> None:
        """Revert the change unless that is already so."""
        if self.is_done:
            self.is_done = not self._again(self.change.inverse)

    def redo(self) -> None:
        """Apply the change unless that is already so, as when it enters the history."""
        if not self.is_done:
            self.is_done = self._again(self.change)

    def _again(self, change: Change) -> bool:
        """As it was, or where a repair has moved chromosomes meanwhile, the same from there."""
        return self._journal.commit(refitted(change, self._journal.karyogram))


class TurnFinely(EditKaryogram):
    """A fine rotation: consecutive ones of the same chromosomes are one step of the history."""

    def __init__(self, journal: Journal, change: Change, degrees: float) -> None:
        super().__init__(journal, change)
        self.degrees = degrees

    def id(self) -> int:
        """Only commands of one id are offered for merging."""
        return _TURN

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take in a later rotation of the same chromosomes; turned back to the start, vanish."""
        if not isinstance(other, TurnFinely) or _ids(other.change) != _ids(self.change):
            return False
        self.degrees += other.degrees
        change = self.change.then(other.change)
        self.change = replace(change, text=f"Turn by {self.degrees:g}°")
        self.setText(self.change.text)
        self.setObsolete(self.change.is_empty)
        return True


def _ids(change: Change) -> set[str]:
    return {placement.chromosome_id for placement in change.before}


class EditHistory(QUndoStack):
    """An undo stack that never disagrees with what has happened."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.indexChanged.connect(self._stand_where_the_karyogram_stands)

    def _stand_where_the_karyogram_stands(self, index: int) -> None:
        undone = self.command(index) if index < self.count() else None
        done = self.command(index - 1) if index > 0 else None
        if isinstance(undone, DoneCommand) and undone.is_done:
            self.redo()
        elif isinstance(done, DoneCommand) and not done.is_done:
            self.undo()
