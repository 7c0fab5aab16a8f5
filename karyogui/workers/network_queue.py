"""Work waiting for the network: in one thread, one piece at a time, the most urgent first."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from itertools import count
from typing import Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from karyogui.services.ports import Network
from karyogui.services.progress import Cancelled, Monitor, Progress
from karyogui.workers.task import Task

QUIET_MS = 400
"""How long nobody has asked for anything before work is begun that nobody waits for."""


class Priority(IntEnum):
    """Who waits for a job; the smaller number goes first.

    A quick look goes before the analyses that nobody asked for, so that a person who has imported
    a case sees early which of its cells are worth the work.
    """

    REPAIR = 0
    ASKED = 1
    QUALITY = 2
    UNASKED = 3

    @property
    def is_awaited(self) -> bool:
        """Whether a person waits for it: then it stops what is less urgent."""
        return self <= Priority.ASKED


def _nothing(*_: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True, eq=False)
class Job:
    """Work for the network at one cell.

    Exactly one of `succeeded(result)`, `failed(error)` and `cancelled()` is called, once, in the
    thread of the queue. `work` may be begun several times: it is stopped at a report to its
    monitor when something more urgent comes, and must leave the cell as it was then.
    """

    cell_id: int
    title: Callable[[], str]
    work: Callable[[Network, Monitor], Any]
    succeeded: Callable[[Any], object] = _nothing
    failed: Callable[[Exception], object] = _nothing
    cancelled: Callable[[], object] = _nothing


Entry = tuple[Priority, int, Job]
"""A job and its place: by priority, then by a number that is never given twice."""


class _Run:
    """One go at a job. It is the job's monitor, and may have to make way."""

    def __init__(self, entry: Entry, network: Network, parent: QObject) -> None:
        self.priority, self._place, self.job = entry
        self.makes_way = False
        self._is_done = False
        self._result: Any = None
        self._error: Exception | None = None
        self._network = network
        self.task = Task(self._work, parent)
        self.task.failed.connect(self._on_failed)

    @property
    def entry(self) -> Entry:
        """Where the job belongs when it has to be begun again."""
        return self.priority, self._place, self.job

    @property
    def begins_again(self) -> bool:
        """Whether the run only made way: the job has not ended."""
        stopped = not self._is_done and self._error is None
        return self.makes_way and stopped and not self.task.is_cancelled

    def report(self, progress: Progress) -> None:
        """Called by the work, in its thread."""
        if self.makes_way:
            raise Cancelled
        self.task.report(progress)

    def tell(self) -> None:
        """Tell the outcome of the job. What was done before it could be stopped is done."""
        if self._is_done:
            self.job.succeeded(self._result)
        elif self._error is not None:
            self.job.failed(self._error)
        else:
            self.job.cancelled()

    def _work(self, _monitor: Monitor) -> None:
        self._result = self.job.work(self._network, self)
        self._is_done = True

    def _on_failed(self, error: Exception) -> None:
        self._error = error


class NetworkQueue(QObject):
    """Gives jobs to the network, one after another.

    A job that a person waits for stops a less urgent one, which is begun again at its place.
    `started(Task, title)` comes for each go at a job. The network is made by `make_network` for the
    first job and kept.
    """

    started = Signal(object, str)
    changed = Signal()
    """Other jobs are waiting or running; emitted once for all that are submitted in one go."""

    def __init__(
        self,
        make_network: Callable[[], Network],
        parent: QObject | None = None,
        quiet_ms: int = QUIET_MS,
    ) -> None:
        super().__init__(parent)
        self._make_network = make_network
        self._network: Network | None = None
        self._waiting: list[Entry] = []
        self._run: _Run | None = None
        self._is_stopped = False
        self._places = count()
        self._first_places = count(-1, -1)
        self._quiet = _timer(self, quiet_ms, self._start_next)
        self._telling = _timer(self, 0, self.changed.emit)

    # -- what there is to do -----------------------------------------------------------------------

    @property
    def running(self) -> Job | None:
        """What the network is busy with."""
        return self._run.job if self._run else None

    def is_waiting(self, job: Job) -> bool:
        """Whether a job has not been begun with, or has made way."""
        return any(waiting is job for *_, waiting in self._waiting)

    def cells(self, *priorities: Priority) -> tuple[int, ...]:
        """Ids of the cells that have work of these priorities to be done, in its order.

        Those of `Priority.REPAIR` have findings that are being renewed.
        """
        entries = [self._run.entry] if self._run else []
        found = (job for kind, _, job in (*entries, *self._waiting) if kind in priorities)
        return tuple(dict.fromkeys(job.cell_id for job in found))

    # -- what is asked of it -----------------------------------------------------------------------

    def submit(self, job: Job, priority: Priority, first: bool = False) -> None:
        """Do a job: after those of its priority, or before them.

        One that waits already changes its place; one that runs may only become more urgent.
        """
        if self._is_stopped:
            job.cancelled()
            return
        if self._run is not None and self._run.job is job:
            self._run.priority = min(priority, self._run.priority)
            return
        self._take(job)
        place = next(self._first_places if first else self._places)
        insort(self._waiting, (priority, place, job))
        if self._run is not None and priority.is_awaited and priority < self._run.priority:
            self._run.makes_way = True
        self._quiet.start()
        self._telling.start()
        self._start_next()

    def cancel(self, job: Job) -> bool:
        """Give a job up; False when it runs, and ends at its next report, or has ended."""
        if self._take(job):
            self._telling.start()
            job.cancelled()
            return True
        if self._run is not None and self._run.job is job:
            self._run.task.cancel()
        return False

    def use(self, make_network: Callable[[], Network]) -> None:
        """From the next job on, use another network or device."""
        self._make_network, self._network = make_network, None

    def stop(self) -> None:
        """Give everything up, at once and for good: the window closes."""
        self._is_stopped = True
        self._quiet.stop()
        waiting, self._waiting = self._waiting, []
        if self._run is not None:
            self._run.task.shut_down()
        for *_, job in waiting:
            job.cancelled()
        self._telling.stop()

    # -- inside ------------------------------------------------------------------------------------

    def _take(self, job: Job) -> bool:
        """Take a job out of those that wait; False when it is not among them."""
        before = len(self._waiting)
        self._waiting = [entry for entry in self._waiting if entry[2] is not job]
        return len(self._waiting) < before

    def _start_next(self) -> None:
        if self._run is not None or not self._waiting:
            return
        priority = self._waiting[0][0]
        if self._quiet.isActive() and not priority.is_awaited:
            return
        if self._network is None:
            self._network = self._make_network()
        self._run = run = _Run(self._waiting.pop(0), self._network, self)
        run.task.ended.connect(self._on_ended)
        self.started.emit(run.task, run.job.title())
        is_quick_look = priority is Priority.QUALITY
        low, usual = QThread.Priority.LowPriority, QThread.Priority.InheritPriority
        run.task.start(low if is_quick_look else usual)

    def _on_ended(self) -> None:
        run, self._run = self._run, None
        assert run is not None
        run.task.deleteLater()
        if run.priority.is_awaited:
            self._quiet.start()
        try:
            if run.begins_again and not self._is_stopped:
                insort(self._waiting, run.entry)
            else:
                run.tell()
        finally:
            self._telling.stop()
            self.changed.emit()
            self._start_next()


def _timer(parent: QObject, milliseconds: int, act: Callable[[], object]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(act)
    return timer
