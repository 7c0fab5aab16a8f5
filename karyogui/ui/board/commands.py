"""Steps of the history: each holds a domain `Change` and knows the karyogram, nothing of the scene.

The record is asked first: what it refuses does not happen, and leaves board and history as they
are. Then the history moves, and then the change is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoGroup, QUndoStack

from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import Change, Karyogram
from karyogui.domain.refitting import refitted
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError

_TURN = 1
Show = Callable[[], None]
"""Shows what has been recorded."""
Store = Callable[[bool], Show | None]
"""Stores an act, or what takes it back where it is given True; None, with the reason shown, when
that is refused."""


class Journal:
    """Records changes of one karyogram, and makes them happen."""

    def __init__(
        self,
        karyogram: Karyogram,
        record: Callable[[Change], None],
        refused: Callable[[KaryoError], None],
    ) -> None:
        self.karyogram = karyogram
        self._record = record
        self._refused = refused

    def is_about(self, karyogram: Karyogram) -> bool:
        """Whether another karyogram holds the same chromosomes, wherever they stand."""
        return {p.chromosome_id for p in self.karyogram.placements} == {
            p.chromosome_id for p in karyogram.placements
        }

    def record(self, change: Change) -> Show | None:
        """Record a change and return what shows it; None, with the reason shown, when refused."""
        try:
            self._record(change)
        except KaryoError as error:
            self._refused(error)
            return None
        return lambda: self.karyogram.apply(change)


class Step(QUndoCommand):
    """One step of an `EditHistory`; it has happened when it enters the history.

    Qt's own undo and redo of it do nothing: the history asks `record` first.
    """

    def record(self, back: bool) -> Show | None:
        """Record that it is undone (or done again) and return what shows it; None when refused."""
        raise NotImplementedError


class StoredStep(Step):
    """One act that is stored beside the karyogram, such as a note or another recipe."""

    def __init__(self, text: str, store: Store) -> None:
        super().__init__(text)
        self._store = store

    def record(self, back: bool) -> Show | None:
        """Store what takes the act back, or the act again."""
        return self._store(back)


class EditKaryogram(Step):
    """One edit; undoing and redoing it are recorded edits too."""

    def __init__(self, journal: Journal, change: Change) -> None:
        super().__init__(change.text)
        self._journal = journal
        self.change = change

    def record(self, back: bool) -> Show | None:
        """As it was, or where a repair has moved chromosomes meanwhile, the same from there."""
        change = self.change.inverse if back else self.change
        return self._journal.record(refitted(change, self._journal.karyogram))


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


class EditHistory(QUndoGroup):
    """Steps that are recorded before it moves: it never says what did not happen.

    Each cell has steps of its own, which wait while another one is open.
    """

    stepped = Signal(object)
    """A person has undone or redone something: the `ActionKind`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_stepping = False
        """Whether what happens now is an undo or a redo, and nothing new."""
        self._stacks: dict[int | None, QUndoStack] = {}
        self._stack = self.turn_to(None)

    def turn_to(self, cell_id: int | None, begin: bool = True) -> QUndoStack:
        """Go on with the steps of a cell, or `begin` with none; None is for no cell."""
        stack = self._stacks.get(cell_id)
        if stack is None:
            stack = self._stacks[cell_id] = QUndoStack(self)
        elif begin:
            stack.clear()
        self._stack = stack
        self.setActiveStack(stack)
        return stack

    def index(self) -> int:
        """How many steps can be undone."""
        return self._stack.index()

    def count(self) -> int:
        """How many steps there are, undone ones included."""
        return self._stack.count()

    def command(self, at: int) -> QUndoCommand | None:
        """The step at a place, counted from 0."""
        return self._stack.command(at)

    def push(self, step: Step) -> None:
        """Add a step that has happened; those that were undone are forgotten."""
        self._stack.push(step)

    def do(self, text: str, store: Store) -> bool:
        """Store an act, add it as a step and show it; False, without a step, when refused."""
        show = store(False)
        if show is None:
            return False
        self.push(StoredStep(text, store))
        show()
        return True

    def undo(self) -> None:
        """Undo the last step, unless that is refused."""
        self._step(self.index() - 1, back=True)

    def redo(self) -> None:
        """Do the next step again, unless that is refused."""
        self._step(self.index(), back=False)

    def _step(self, at: int, back: bool) -> None:
        step = self.command(at) if 0 <= at < self.count() else None
        if not isinstance(step, Step):
            return
        self.is_stepping = True
        try:
            show = step.record(back)
            if show is not None:
                self._stack.setIndex(at if back else at + 1)
                show()
        finally:
            self.is_stepping = False
        if show is not None:
            self.stepped.emit(ActionKind.UNDO if back else ActionKind.REDO)


class Journals:
    """The journals of the cells that were open: each goes on when its cell is opened again.

    With it go on the steps of its history. After another analysis both begin again.
    """

    def __init__(
        self,
        history: EditHistory,
        record: Callable[[Change], None],
        refused: Callable[[KaryoError], None],
    ) -> None:
        self._history, self._record, self._refused = history, record, refused
        self._kept: dict[int, tuple[datetime | None, Journal]] = {}

    def open(self, cell: Cell, karyogram: Karyogram) -> Journal:
        """The journal with which a cell's steps record, on its karyogram as it stands now."""
        look, journal = self._kept.get(cell.id, (None, None))
        goes_on = journal is not None and look == cell.analysed_at and journal.is_about(karyogram)
        if journal is None or not goes_on:
            journal = Journal(karyogram, self._record, self._refused)
        journal.karyogram = karyogram
        self._kept[cell.id] = (cell.analysed_at, journal)
        self._history.turn_to(cell.id, begin=not goes_on)
        return journal
