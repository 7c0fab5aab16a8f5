"""Asks, during an import, what to do with pictures that are there already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QWidget,
)

from karyogui.services.progress import Monitor, Progress
from karyogui.services.repeats import Repeat
from karyogui.ui.boxes import filling
from karyogui.ui.dialogs.parts import Role, accepted, stacked
from karyogui.ui.widgets import text_label

WAIT_SECONDS = 0.1
"""How often an import that waits for an answer looks whether it was cancelled."""


class RepeatsDialog(QDialog):
    """Each picture with where it is already; accepted where both are to be kept."""

    def __init__(self, parent: QWidget | None, repeats: Sequence[Repeat]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Pictures already imported")
        count = len(repeats)
        what = "One picture is the same as another, or looks so."
        if count > 1:
            what = f"{count} pictures are the same as others, or look so."
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.addItems([str(repeat) for repeat in repeats])
        buttons = QDialogButtonBox()
        leave = buttons.addButton("Leave out the copies", Role.RejectRole)
        buttons.addButton("Keep both", Role.AcceptRole)
        leave.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        told = f"{what} Everything else is imported."
        stacked(self, text_label(told, wrap=True), filling(self.list), buttons)
        self.resize(560, 300)


@dataclass(eq=False)
class _Question:
    """What a thread waits for."""

    repeats: Sequence[Repeat]
    answered: Event = field(default_factory=Event)
    keeps: bool = False


class RepeatsAsker(QObject):
    """Asks in the window's thread on behalf of an import in another one."""

    _asked = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._asked.connect(self._ask, Qt.ConnectionType.QueuedConnection)

    def ask(self, monitor: Monitor, repeats: Sequence[Repeat]) -> bool:
        """Whether a person keeps both; waits for the answer, or `Cancelled` by the monitor."""
        question = _Question(repeats)
        self._asked.emit(question)
        while not question.answered.wait(WAIT_SECONDS):
            monitor.report(Progress(0, 1, "Waiting for an answer"))
        return question.keeps

    def _ask(self, question: _Question) -> None:
        question.keeps = accepted(RepeatsDialog(self._window, question.repeats))
        question.answered.set()
