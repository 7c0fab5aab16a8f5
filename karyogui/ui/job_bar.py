"""Long work in the status bar: what runs, how far it is, how long it will take, and a cancel."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QToolButton, QWidget

from karyogui.services.progress import Monitor, Progress
from karyogui.ui import theme
from karyogui.ui.boxes import row_of
from karyogui.ui.dialogs.errors import show_error
from karyogui.ui.widgets import ElidedLabel
from karyogui.workers.task import Task

SHOW_AFTER_MS = 300
"""Shorter work shows nothing."""
ESTIMATE_AFTER = 2.0
"""Seconds after which the remaining time is shown."""
_LEAST_WIDTH = 60


def remaining_text(elapsed: float, progress: Progress) -> str:
    """Words for the time left after `elapsed` seconds; empty when nothing can be said yet."""
    if elapsed < ESTIMATE_AFTER or not 0 < progress.done < progress.total:
        return ""
    seconds = elapsed * (progress.total - progress.done) / progress.done
    if seconds < 60:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / 60)} min left"


class JobBar(QWidget):
    """Keeps the running tasks and shows the one that was started last."""

    idle = Signal()
    task_watched = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._tasks: list[tuple[Task, str, float]] = []
        self._label = ElidedLabel()
        # As wide as its words; where there is no room, it gives way and not what stands beside it.
        self._label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._label.setMinimumWidth(_LEAST_WIDTH)
        self._label.setText("")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(120)
        self._cancel = QToolButton()
        self._cancel.setToolTip("Cancel  (Ctrl+.)")
        self._cancel.setIconSize(QSize(12, 12))
        self._cancel.clicked.connect(self.cancel)
        self.setLayout(row_of(self._label, self._bar, self._cancel, gap=1, margins=(2, 0, 1, 0)))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOW_AFTER_MS)
        self._timer.timeout.connect(self.show)
        self.hide()

    @property
    def is_busy(self) -> bool:
        """Whether any task runs."""
        return bool(self._tasks)

    @property
    def text(self) -> str:
        """What is said about the present task."""
        return self._label.text()

    def run(
        self,
        title: str,
        work: Callable[[Monitor], Any],
        done: Callable[[Any], object],
        failed: Callable[[Exception], object] | None = None,
    ) -> Task:
        """Do long work in the background and show it.

        Its result goes to `done`, its error to `failed` or else into a dialog over the window.
        """
        task = Task(work, self)
        task.succeeded.connect(done)
        task.failed.connect(failed or partial(show_error, self.window()))
        task.ended.connect(task.deleteLater)
        self.watch(task, title)
        task.start()
        return task

    def watch(self, task: Task, title: str) -> None:
        """Show a task from now until it has ended; call before it is started."""
        self._tasks.append((task, title, time.monotonic()))
        task.progressed.connect(lambda progress: self._on_progressed(task, progress))
        task.ended.connect(lambda: self._on_ended(task))
        self._show_last()
        self._timer.start()
        self.task_watched.emit(task)

    def cancel(self) -> None:
        """Ask the task that is shown to stop."""
        if self._tasks:
            self._tasks[-1][0].cancel()
            self._label.setText("Stopping…")

    def shut_down(self) -> None:
        """Cancel everything and wait for it."""
        for task, _, _ in tuple(self._tasks):
            task.cancel()
        for task, _, _ in tuple(self._tasks):
            task.shut_down()

    def _show_last(self) -> None:
        self._cancel.setIcon(theme.icon("cancel"))
        if self._tasks:
            self._label.setText(self._tasks[-1][1])
            self._bar.setRange(0, 0)

    def _on_progressed(self, task: Task, progress: Progress) -> None:
        if not self._tasks or self._tasks[-1][0] is not task:
            return
        _, title, started = self._tasks[-1]
        # Before the first step is done the bar moves: an empty one looks as if nothing happened.
        self._bar.setRange(0, progress.total if progress.done else 0)
        self._bar.setValue(progress.done)
        left = remaining_text(time.monotonic() - started, progress)
        self._label.setText(" · ".join(part for part in (title, progress.message, left) if part))

    def _on_ended(self, task: Task) -> None:
        self._tasks = [entry for entry in self._tasks if entry[0] is not task]
        self._show_last()
        if not self._tasks:
            self._timer.stop()
            self.hide()
            self.idle.emit()
