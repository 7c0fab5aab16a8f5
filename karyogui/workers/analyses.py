"""Cells to be analysed, as jobs for the network."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from karyogui.domain.cell import Cell
from karyogui.services.analysis import AnalysisService
from karyogui.services.ports import Network
from karyogui.services.progress import Monitor
from karyogui.workers.network_queue import Job, NetworkQueue, Priority


class Analyses(QObject):
    """Has `analysis.analyse` done for each cell added; `cell_analysed(Cell)` comes after it.

    A failure gives up all that wait: what keeps one cell from being analysed (missing weights, a
    full disk) keeps the next one too, and is reported once. So does cancelling.
    """

    cell_analysed = Signal(object)
    failed = Signal(object)

    def __init__(
        self, analysis: AnalysisService, queue: NetworkQueue, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._analysis, self._queue = analysis, queue
        self._jobs: dict[int, Job] = {}
        self._anew: set[int] = set()

    @property
    def waiting(self) -> tuple[int, ...]:
        """Ids of the cells that are yet to be analysed, the present one first."""
        return self._queue.cells(Priority.ASKED, Priority.UNASKED)

    @property
    def anew(self) -> tuple[int, ...]:
        """Those of them whose repairs are to be replaced."""
        return tuple(cell_id for cell_id in self.waiting if cell_id in self._anew)

    def add(self, cell_ids: Iterable[int], asked: bool = True, anew: bool = False) -> None:
        """Put cells at the end; one that is waiting already keeps its place, or gets a better one.

        `asked` says whether a person asked for it, `anew` that repairs are to be replaced.
        """
        unasked = self._queue.cells(Priority.UNASKED)
        for cell_id in dict.fromkeys(cell_ids):
            job = self._jobs.get(cell_id)
            if anew and (job is None or self._queue.is_waiting(job)):
                self._anew.add(cell_id)
            if job is None:
                job = self._jobs[cell_id] = self._job(cell_id)
            elif not asked or cell_id not in unasked:
                continue
            self._queue.submit(job, Priority.ASKED if asked else Priority.UNASKED)

    def prefer(self, cell_id: int) -> None:
        """Analyse a waiting cell next: somebody is looking at it."""
        if cell_id in self._jobs:
            self._queue.submit(self._jobs[cell_id], Priority.ASKED, first=True)

    def cancel(self) -> None:
        """Stop the present cell and forget the others; all stay as they were."""
        self._anew.clear()
        for job in tuple(self._jobs.values()):
            if self._queue.is_waiting(job):
                del self._jobs[job.cell_id]
            self._queue.cancel(job)

    def _job(self, cell_id: int) -> Job:
        def work(network: Network, monitor: Monitor) -> Cell:
            return self._analysis.analyse(cell_id, network, monitor, cell_id in self._anew)

        def succeeded(cell: Cell) -> None:
            self._forget(cell_id)
            self.cell_analysed.emit(cell)

        def failed(error: Exception) -> None:
            self._forget(cell_id)
            self.cancel()
            self.failed.emit(error)

        def cancelled() -> None:
            if cell_id in self._jobs:  # and not with all the others
                self._forget(cell_id)
                self.cancel()

        return Job(cell_id, lambda: "Analysing", work, succeeded, failed, cancelled)

    def _forget(self, cell_id: int) -> None:
        del self._jobs[cell_id]
        self._anew.discard(cell_id)
