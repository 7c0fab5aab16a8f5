"""Photographs waiting to be judged: in the background, whenever nothing else has to be done."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QThread, Signal

from karyogui.domain.separation import Quality
from karyogui.errors import KaryoError
from karyogui.log import in_short
from karyogui.services.ports import Assessor
from karyogui.services.progress import Monitor
from karyogui.services.quality import QualityService
from karyogui.workers.task import Task

log = logging.getLogger(__name__)


class QualityQueue(QObject):
    """Runs `quality.judge` for each cell added, while it is not paused.

    `task_started(Task)` comes for each cell, `judged(cell id, Quality)` after it, `changed`
    when `is_busy` may have. Nothing is ever asked of a person: what keeps one cell from being
    judged is logged, what keeps all of them (damaged weights, a full disk) ends the work. Those
    left out, and those cancelled, are taken up at the next start.
    """

    task_started = Signal(object)
    judged = Signal(int, object)
    changed = Signal()

    def __init__(
        self,
        quality: QualityService,
        make_assessor: Callable[[], Assessor],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._quality = quality
        self._make_assessor = make_assessor
        self._waiting: deque[int] = deque()
        self._left_out: set[int] = set()
        self._task: Task | None = None
        self._current: int | None = None
        self._is_paused = False

    @property
    def is_busy(self) -> bool:
        """Whether any cell is yet to be judged."""
        return self._current is not None or bool(self._waiting)

    @property
    def task(self) -> Task | None:
        """What runs at the moment."""
        return self._task

    @property
    def count(self) -> int:
        """Cells that are yet to be judged."""
        return len(self._waiting) + (self._current is not None)

    def set_waiting(self, cell_ids: Iterable[int]) -> None:
        """Judge these cells, in this order, and no others; those left out stay so."""
        here = {*self._left_out, self._current}
        wanted = deque(i for i in dict.fromkeys(cell_ids) if i not in here)
        if wanted != self._waiting:
            self._waiting = wanted
            self.changed.emit()
        self._start_next()

    def pause(self) -> None:
        """Make way: the present cell is given up and comes first after `resume`."""
        self._is_paused = True
        if self._task is not None:
            self._task.cancel()

    def resume(self) -> None:
        """Go on."""
        self._is_paused = False
        self._start_next()

    def leave_out(self) -> None:
        """Stop, and leave out what waits until the next start."""
        self._left_out.update(self._waiting)
        self._waiting.clear()
        if self._current is not None:
            self._left_out.add(self._current)
        if self._task is not None:
            self._task.cancel()
        self.changed.emit()

    def take_up(self) -> None:
        """What was left out may be added again."""
        self._left_out.clear()

    def forget(self, cell_id: int) -> None:
        """What was known of a cell holds no longer: it may be added again."""
        self._left_out.discard(cell_id)

    def _start_next(self) -> None:
        if self._task is not None or self._is_paused or not self._waiting:
            return
        cell_id = self._waiting.popleft()
        assessor = self._make_assessor()

        def work(monitor: Monitor) -> Quality | None:
            return self._quality.judge(cell_id, assessor, monitor)

        task = Task(work, self)
        task.succeeded.connect(lambda quality: self._on_succeeded(cell_id, quality))
        task.failed.connect(lambda error: self._on_failed(cell_id, error))
        task.cancelled.connect(lambda: self._on_cancelled(cell_id))
        task.ended.connect(self._on_ended)
        self._task, self._current = task, cell_id
        self.task_started.emit(task)
        task.start(QThread.Priority.LowPriority)

    def _on_succeeded(self, cell_id: int, quality: Quality | None) -> None:
        # Until the list of cells is read anew this one would seem to be without a quality.
        self._left_out.add(cell_id)
        if quality is not None:
            self.judged.emit(cell_id, quality)

    def _on_failed(self, cell_id: int, error: Exception) -> None:
        bug = None if isinstance(error, KaryoError) else error
        log.warning("cell %s was not judged: %s", cell_id, in_short(error), exc_info=bug)
        self._left_out.add(cell_id)
        if isinstance(error, KaryoError):
            self._left_out.update(self._waiting)
            self._waiting.clear()

    def _on_cancelled(self, cell_id: int) -> None:
        if self._is_paused:
            if cell_id not in self._left_out:
                self._waiting.appendleft(cell_id)
        else:
            self._left_out.update((cell_id, *self._waiting))
            self._waiting.clear()

    def _on_ended(self) -> None:
        if self._task is not None:
            self._task.deleteLater()
        self._task = self._current = None
        self._start_next()
        self.changed.emit()
