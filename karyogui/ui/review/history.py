"""Undo and redo of the open cell, in order also while a repair is being looked at."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand

from karyogui.domain.sitting import ActionKind
from karyogui.ui.board.commands import EditHistory


class History(QObject):
    """Steps through an `EditHistory`; a step that has to wait is taken as soon as it can be."""

    stepped = Signal(object)
    """A person has undone or redone something: the `ActionKind`."""

    def __init__(self, stack: EditHistory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stack = stack
        self._postponed: deque[ActionKind] = deque()
        self.must_wait: Callable[[QUndoCommand], bool] = lambda _: False
        """Whether a command cannot be undone or redone at present."""

    @property
    def is_stepping(self) -> bool:
        """Whether what happens now is an undo or a redo, and nothing new."""
        return self._stack.is_stepping

    @property
    def postponed(self) -> int:
        """How many steps wait."""
        return len(self._postponed)

    def undo(self) -> None:
        """Undo the last edit."""
        self._want(ActionKind.UNDO)

    def redo(self) -> None:
        """Do again what was undone."""
        self._want(ActionKind.REDO)

    def go_on(self) -> None:
        """Take the steps that waited, as far as they can be taken now."""
        while self._postponed and self._step(self._postponed[0]):
            self._postponed.popleft()

    def forget(self) -> None:
        """Take none of the steps that wait: another cell is open."""
        self._postponed.clear()

    def _want(self, kind: ActionKind) -> None:
        if self._postponed or not self._step(kind):
            self._postponed.append(kind)

    def _step(self, kind: ActionKind) -> bool:
        """Take a step; False when it has to wait."""
        stack, back, before = self._stack, kind is ActionKind.UNDO, self._stack.index()
        at = before - 1 if back else before
        if not 0 <= at < stack.count():
            return True
        if self.must_wait(stack.command(at)):
            return False
        if back:
            stack.undo()
        else:
            stack.redo()
        if stack.index() != before:  # else it was refused, and told
            self.stepped.emit(kind)
        return True
