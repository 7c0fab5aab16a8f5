"""A network that works when it is let go, and a desk that takes note of what becomes of jobs."""

from collections.abc import Callable
from threading import Event
from typing import Any

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent

from karyogui.services.progress import Monitor, Progress
from karyogui.workers.network_queue import Job, NetworkQueue, Priority


class Gate:
    """What a job does while `go` is clear: report, and look whether it may go on."""

    def __init__(self) -> None:
        self.go = Event()
        self.go.set()

    def __call__(self, monitor: Monitor) -> None:
        monitor.report(Progress(0, 1, ""))
        while not self.go.wait(0.002):
            monitor.report(Progress(0, 1, ""))
        monitor.report(Progress(1, 1, ""))  # the last moment to stop


class Desk:
    """A queue over a made-up network, and what its jobs told, in order."""

    def __init__(self, quiet_ms: int = 0) -> None:
        self.networks = 0
        self.queue = NetworkQueue(self._make_network, quiet_ms=quiet_ms)
        self.gate = Gate()
        self.begun: list[str] = []
        self.done: list[str] = []
        self.told: list[tuple[str, str]] = []
        self.used: list[Any] = []
        self.tasks: list[Any] = []
        self.titles: list[str] = []
        self.queue.started.connect(self._on_started)
        self._looking = 0
        self.most = 0

    def job(self, name: str, cell_id: int = 1, work: Callable[[Monitor], Any] | None = None) -> Job:
        def begin(network: Any, monitor: Monitor) -> str:
            self._looking += 1
            self.most = max(self.most, self._looking)
            try:
                self.begun.append(name)
                self.used.append(network)
                (work or self.gate)(monitor)
                self.done.append(name)
            finally:
                self._looking -= 1
            return f"{name} done"

        return Job(
            cell_id,
            lambda: name,
            begin,
            lambda result: self.told.append((name, result)),
            lambda error: self.told.append((name, str(error))),
            lambda: self.told.append((name, "cancelled")),
        )

    def submit(self, name: str, priority: Priority, cell_id: int = 1, first: bool = False) -> Job:
        job = self.job(name, cell_id)
        self.queue.submit(job, priority, first)
        return job

    def wait(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        """Handle events until something is so."""
        clock = QElapsedTimer()
        clock.start()
        while not condition():
            assert clock.elapsed() < 1000 * seconds, "it did not come"
            QCoreApplication.processEvents()

    def wait_for(self, name: str) -> None:
        """Until a job has been begun."""
        self.wait(lambda: self.begun[-1:] == [name])

    def settle(self) -> None:
        """Let everything be done."""
        self.gate.go.set()
        self.wait(lambda: self.queue.running is None and not self.queue.cells(*Priority))

    def close(self) -> None:
        self.queue.stop()
        self.queue.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _make_network(self) -> Any:
        self.networks += 1
        return f"network {self.networks}"

    def _on_started(self, task: Any, title: str) -> None:
        self.tasks.append(task)
        self.titles.append(title)
