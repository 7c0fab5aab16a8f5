"""Long work in a thread: a function that reports to a monitor, and exactly one outcome."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from karyogui.log import in_short
from karyogui.services.progress import Cancelled, Monitor, Progress

log = logging.getLogger(__name__)

REPORT_INTERVAL = 0.05
"""Seconds between two progress signals; more of them would only keep the window busy."""


class Task(QThread):
    """Runs `work(monitor)` in a thread of its own.

    Exactly one of `succeeded(result)`, `failed(exception)`, `cancelled()` is emitted, then
    `ended()`, all in the thread that made the task. After `cancel()` a late result or error is
    dropped and the outcome is `cancelled`. `Cancelled` raised by the work is no error.
    """

    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    ended = Signal()

    def __init__(
        self,
        work: Callable[[Monitor], Any],
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._clock = clock
        self._is_cancelled = False
        self._has_stopped = False
        self._last_report: float | None = None
        self._result: Any = None
        self._error: Exception | None = None
        self._has_ended = False
        # `finished` comes queued from the thread, so the outcome is reported where it was made.
        self.finished.connect(self._conclude)

    @property
    def has_ended(self) -> bool:
        """Whether the outcome has been reported."""
        return self._has_ended

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody has asked for it to stop."""
        return self._is_cancelled

    def cancel(self) -> None:
        """Ask the work to stop at its next report; never blocks."""
        self._is_cancelled = True

    def shut_down(self) -> None:
        """Cancel, wait for the thread, and report the outcome at once (for closing the window)."""
        self.cancel()
        self.wait()
        self._conclude()

    def report(self, progress: Progress) -> None:
        """Called by the work, in its thread: pass progress on, or end the work."""
        if self._is_cancelled:
            raise Cancelled
        now = self._clock()
        due = self._last_report is None or now - self._last_report >= REPORT_INTERVAL
        if due or progress.done >= progress.total:
            self._last_report = now
            self.progressed.emit(progress)

    def run(self) -> None:
        """The thread's body; use `start()`."""
        try:
            self._result = self._work(self)
        except Cancelled:
            self._has_stopped = True
        except Exception as error:
            # Whatever it is: the window tells a bug from the world's fault.
            log.info("a task failed: %s", in_short(error))
            self._error = error

    def _conclude(self) -> None:
        if self._has_ended:
            return
        self._has_ended = True
        if self._is_cancelled or self._has_stopped:
            self.cancelled.emit()
        elif self._error is not None:
            self.failed.emit(self._error)
        else:
            self.succeeded.emit(self._result)
        self.ended.emit()
