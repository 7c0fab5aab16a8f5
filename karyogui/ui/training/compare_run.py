"""The running comparison as a widget: progress with a cancel, then the table or a sentence."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from karyogui.errors import KaryoError
from karyogui.services.model_comparison import Comparison
from karyogui.services.progress import Monitor, Progress
from karyogui.ui.boxes import REST, column_of, filling, row_of
from karyogui.ui.job_bar import remaining_text
from karyogui.ui.training.comparison_view import ComparisonView
from karyogui.ui.widgets import set_role, text_label
from karyogui.workers.model_comparing import ComparisonRequest
from karyogui.workers.task import Task

Compare = Callable[[ComparisonRequest, Monitor], Comparison]
Start = Callable[[Task, str], None]
"""Shows a task in the status bar and starts it."""


class CompareRun(QWidget):
    """One comparison at a time; `ended(Comparison | None)` comes once for each."""

    ended = Signal(object)

    def __init__(self, compare: Compare, start: Start) -> None:
        super().__init__()
        self._compare = compare
        self._start = start
        self._task: Task | None = None
        self._began = 0.0
        self.words = text_label("The figures of both models will appear here.", "muted", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setAutoDefault(False)
        self.cancel_button.clicked.connect(self.cancel)
        self.view = ComparisonView()
        row = row_of(filling(self.bar), self.cancel_button, gap=2)
        self.setLayout(column_of(self.words, row, self.view, REST, gap=2, margins=0))
        self._show_running(False)
        self.view.hide()

    @property
    def is_running(self) -> bool:
        """Whether a comparison is under way."""
        return self._task is not None

    def run(self, request: ComparisonRequest) -> None:
        """Start a comparison; one at a time."""
        if self._task is not None:
            return
        self.view.hide()
        self._began = time.monotonic()
        self.bar.setRange(0, 0)
        self._say("Starting…")
        self._show_running(True)
        task = Task(partial(self._compare, request), self)
        task.progressed.connect(self._on_progressed)
        task.succeeded.connect(self._on_compared)
        task.failed.connect(self._on_failed)
        task.cancelled.connect(lambda: self._conclude(None, "The comparison was cancelled."))
        self._task = task
        self._start(task, "Comparing models")

    def cancel(self) -> None:
        """Ask the running comparison to end."""
        if self._task is not None:
            self._say("Cancelling…")
            self.cancel_button.setEnabled(False)
            self._task.cancel()

    def _on_progressed(self, progress: Progress) -> None:
        if not self.cancel_button.isEnabled():
            return
        # Unless cells are told one by one, only the start of the second model is known.
        self.bar.setRange(0, progress.total if progress.done else 0)
        self.bar.setValue(progress.done)
        elapsed = time.monotonic() - self._began
        counted = f"{progress.done} of {progress.total} cells" if progress.done else ""
        parts = (progress.message, counted, remaining_text(elapsed, progress) or f"{elapsed:.0f} s")
        self._say(" · ".join(part for part in parts if part))

    def _on_compared(self, comparison: Comparison) -> None:
        self.view.show_comparison(comparison)
        self.view.show()
        self._conclude(comparison, "")

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, KaryoError):
            self._conclude(None, str(error))
        else:
            self._conclude(None, "The comparison failed because of a fault in the program.")
        set_role(self.words, "error")

    def _conclude(self, comparison: Comparison | None, sentence: str) -> None:
        self._task = None
        self._say(sentence)
        self._show_running(False)
        self.ended.emit(comparison)

    def _say(self, sentence: str) -> None:
        set_role(self.words, "muted")
        self.words.setText(sentence)
        self.words.setVisible(bool(sentence))

    def _show_running(self, running: bool) -> None:
        self.bar.setVisible(running)
        self.cancel_button.setVisible(running)
        self.cancel_button.setEnabled(running)
