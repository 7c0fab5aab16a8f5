"""The quality of new photographs, judged by itself when nothing is asked of the network."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from karyogui.domain.separation import Quality
from karyogui.errors import KaryoError
from karyogui.services.analysis import AnalysisService
from karyogui.services.ports import Network
from karyogui.services.progress import Monitor
from karyogui.workers.network_queue import Job, NetworkQueue, Priority

log = logging.getLogger(__name__)


class QualityJudge(QObject):
    """Has `analysis.judge` done for each cell; `judged(cell id, Quality)` comes after it.

    Nothing is ever asked of a person: what keeps one cell from being judged is logged, what keeps
    all of them (damaged weights, a full disk) ends the work. Those left out, and those cancelled,
    are taken up at the next start.
    """

    judged = Signal(int, object)

    def __init__(
        self,
        analysis: AnalysisService,
        queue: NetworkQueue,
        is_wanted: bool = True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._analysis, self._queue = analysis, queue
        self._is_wanted = is_wanted
        self._unjudged: tuple[int, ...] = ()
        self._jobs: dict[int, Job] = {}
        self._left_out: set[int] = set()

    @property
    def count(self) -> int:
        """Cells that are yet to be judged."""
        return len(self._jobs)

    def take(self, cell_ids: Iterable[int]) -> None:
        """Judge these cells, in this order, and no others; those left out stay so."""
        self._unjudged = tuple(dict.fromkeys(cell_ids))
        if not self._is_wanted:
            return
        waiting = {i: job for i, job in self._jobs.items() if self._queue.is_waiting(job)}
        running = self._jobs.keys() - waiting.keys()
        wanted = [i for i in self._unjudged if i not in self._left_out | running]
        if wanted == list(waiting):
            return
        for cell_id, job in waiting.items():
            del self._jobs[cell_id]
            self._queue.cancel(job)
        for cell_id in wanted:
            self._jobs[cell_id] = self._job(cell_id)
            self._queue.submit(self._jobs[cell_id], Priority.QUALITY)

    def set_wanted(self, is_wanted: bool) -> None:
        """Judge or stop judging; what was left out until now is taken up again."""
        if is_wanted == self._is_wanted:
            return
        self._is_wanted = is_wanted
        if is_wanted:
            self._left_out.clear()
            self.take(self._unjudged)
        else:
            self._leave_out()

    def forget(self, cell_id: int) -> None:
        """What was known of a cell holds no longer: it may be judged again."""
        self._left_out.discard(cell_id)

    def _leave_out(self) -> None:
        """Stop, and leave out what waits until it is wanted again."""
        self._left_out.update(self._jobs)
        jobs, self._jobs = self._jobs, {}
        for job in jobs.values():
            self._queue.cancel(job)

    def _job(self, cell_id: int) -> Job:
        def title() -> str:
            return "Judging quality" if self.count < 2 else f"Judging quality, {self.count} left"

        def work(network: Network, monitor: Monitor) -> Quality | None:
            return self._analysis.judge(cell_id, network, monitor)

        def succeeded(quality: Quality | None) -> None:
            # Until the list of cells is read again this one would seem to be without a quality.
            self._end(cell_id)
            if quality is not None:
                self.judged.emit(cell_id, quality)

        def failed(error: Exception) -> None:
            log.warning("cell %s was not judged", cell_id, exc_info=error)
            self._end(cell_id)
            if isinstance(error, KaryoError):
                self._leave_out()

        def cancelled() -> None:
            if cell_id in self._jobs:  # and not because it is not wanted any more
                self._leave_out()

        return Job(cell_id, title, work, succeeded, failed, cancelled)

    def _end(self, cell_id: int) -> None:
        self._jobs.pop(cell_id, None)
        self._left_out.add(cell_id)
