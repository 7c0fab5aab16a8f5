"""The quality of new photographs, judged by itself whenever the window has nothing else to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QObject, QTimer, Signal

from karyogui.domain.case import CaseState, CaseSummary
from karyogui.services.ports import Assessor
from karyogui.services.workspace import Workspace
from karyogui.settings import Settings, SettingsStore
from karyogui.ui.job_bar import JobBar
from karyogui.workers.analysis_queue import AnalysisQueue
from karyogui.workers.quality_queue import QualityQueue
from karyogui.workers.task import Task

QUIET_MS = 400
"""How long nothing else has run before photographs are judged."""


def unjudged(summaries: Sequence[CaseSummary]) -> tuple[int, ...]:
    """Ids of the photographs that nobody has analysed and whose quality is not known."""
    cells = (cell for summary in summaries for cell in summary.cells)
    return tuple(
        c.id for c in cells if c.has_photograph and c.quality is None and c.state is CaseState.NEW
    )


class QualityJudge(QObject):
    """Lets the quality queue run while no other job does, and analyses nobody asked for wait.

    So a person who imports a case sees first which of its cells are worth the work; what a person
    asks for makes the judging step aside.
    """

    judged = Signal(int, object)

    def __init__(
        self,
        workspace: Workspace,
        analyses: AnalysisQueue,
        jobs: JobBar,
        settings: SettingsStore,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._settings, self._jobs, self._analyses = settings, jobs, analyses
        self._is_wanted = settings.values.judge_quality
        self._unjudged: tuple[int, ...] = ()
        self.queue = QualityQueue(
            workspace.quality, lambda: cast(Assessor, analyses.analyser()), self
        )
        self.queue.pause()
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MS)
        self._quiet.timeout.connect(self.queue.resume)
        self.queue.task_started.connect(self._on_started)
        self.queue.judged.connect(self.judged)
        self.queue.changed.connect(lambda: analyses.hold(self.queue.is_busy))
        jobs.task_watched.connect(self._on_watched)
        jobs.idle.connect(self._quiet.start)
        self._stop_listening = settings.listen(self._on_settings)
        self._quiet.start()

    def take(self, summaries: Sequence[CaseSummary]) -> None:
        """Judge what is not judged among these cases."""
        self._unjudged = unjudged(summaries)
        if self._is_wanted:
            self.queue.set_waiting(self._unjudged)

    def stop(self) -> None:
        """Judge nothing any more: the data folder is about to be closed."""
        self._quiet.stop()
        self._stop_listening()
        self.queue.leave_out()

    def _on_started(self, task: Task) -> None:
        count = self.queue.count
        self._jobs.watch(task, "Judging quality" if count < 2 else f"Judging quality, {count} left")

    def _on_watched(self, task: Task) -> None:
        if task is not self.queue.task:
            self._quiet.stop()
            self.queue.pause()

    def _on_settings(self, values: Settings) -> None:
        if values.judge_quality == self._is_wanted:
            return
        self._is_wanted = values.judge_quality
        if self._is_wanted:
            self.queue.take_up()
            self.queue.set_waiting(self._unjudged)
        else:
            self.queue.leave_out()
