"""Repairs waiting for the network: looked at in the background, one after another."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from karyogui.domain.cell import Cell
from karyogui.domain.separation import Repair
from karyogui.services.ports import Assigner, Repairer
from karyogui.services.progress import Monitor
from karyogui.services.repairing import RepairService
from karyogui.workers.task import Task


@dataclass(frozen=True, eq=False)
class RepairJob:
    """A repair of a stored cell that `who` asked for."""

    cell_id: int
    repair: Repair
    who: str


class RepairQueue(QObject):
    """Runs `repairs.apply` for each job, in the order in which they came.

    For each job exactly one of `repaired(RepairJob, Cell)` and `failed(RepairJob, Exception)`
    comes, the exception None for one that was cancelled; `task_started(Task)` comes before it.
    A failure leaves the jobs behind it in the queue: whoever listens knows which of them are void.
    """

    task_started = Signal(object)
    repaired = Signal(object, object)
    failed = Signal(object, object)
    changed = Signal()
    """Other jobs are waiting, or none are."""

    def __init__(
        self,
        repairs: RepairService,
        make_repairer: Callable[[], Repairer],
        make_assigner: Callable[[], Assigner],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._repairs = repairs
        self._make_repairer, self._make_assigner = make_repairer, make_assigner
        self._waiting: deque[RepairJob] = deque()
        self._task: Task | None = None

    @property
    def is_busy(self) -> bool:
        """Whether any job is yet to be done."""
        return self._task is not None or bool(self._waiting)

    def add(self, job: RepairJob) -> None:
        """Put a job at the end."""
        self._waiting.append(job)
        self.changed.emit()
        self._start_next()

    def withdraw(self, job: RepairJob) -> bool:
        """Forget a job; False when it has been started already."""
        if job not in self._waiting:
            return False
        self._waiting.remove(job)
        self.changed.emit()
        return True

    def finish(self) -> None:
        """Do everything that waits, now, while the caller waits (for closing the window)."""
        while self._task is not None:
            self._task.finish()

    def _start_next(self) -> None:
        if self._task is not None or not self._waiting:
            return
        job = self._waiting.popleft()
        repairer, assigner = self._make_repairer(), self._make_assigner()

        def work(monitor: Monitor) -> Cell:
            return self._repairs.apply(
                job.cell_id, job.repair, repairer, assigner, job.who, monitor
            )

        task = Task(work, self)
        task.succeeded.connect(lambda cell: self.repaired.emit(job, cell))
        task.failed.connect(lambda error: self.failed.emit(job, error))
        task.cancelled.connect(lambda: self.failed.emit(job, None))
        task.ended.connect(self._on_ended)
        self._task = task
        self.task_started.emit(task)
        task.start()

    def _on_ended(self) -> None:
        if self._task is not None:
            self._task.deleteLater()
        self._task = None
        self.changed.emit()
        self._start_next()
