"""Work in the background of which only the latest counts, such as a picture being opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject

from karyogui.services.progress import Monitor
from karyogui.workers.task import Task


@dataclass(frozen=True, eq=False)
class _Wish:
    work: Callable[[Monitor], Any]
    done: Callable[[Any], object]
    failed: Callable[[Exception], object]


class LatestTask(QObject):
    """Runs one piece of work at a time; of those asked for meanwhile only the last one follows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._task: Task | None = None
        self._next: _Wish | None = None

    @property
    def is_busy(self) -> bool:
        """Whether anything remains to be done."""
        return self._task is not None

    @property
    def has_next(self) -> bool:
        """Whether something else was asked for since the work that runs began."""
        return self._next is not None

    def run(
        self,
        work: Callable[[Monitor], Any],
        done: Callable[[Any], object],
        failed: Callable[[Exception], object] | None = None,
    ) -> None:
        """Give the result of `work` to `done`, or its error to `failed`, in the caller's thread."""
        self._next = _Wish(work, done, failed or _raise)
        if self._task is None:
            self._start()

    def forget(self) -> None:
        """Tell nobody of what runs or waits."""
        self._next = None
        if self._task is not None:
            self._task.cancel()

    def shut_down(self) -> None:
        """Forget everything and wait for the thread (for closing the window)."""
        self.forget()
        if self._task is not None:
            self._task.shut_down()

    def _start(self) -> None:
        wish, self._next = self._next, None
        if wish is None:
            return
        task = Task(wish.work, self)
        task.succeeded.connect(wish.done)
        task.failed.connect(wish.failed)
        task.ended.connect(self._on_ended)
        self._task = task
        task.start()

    def _on_ended(self) -> None:
        if self._task is not None:
            self._task.deleteLater()
        self._task = None
        self._start()


def _raise(error: Exception) -> None:
    raise error
