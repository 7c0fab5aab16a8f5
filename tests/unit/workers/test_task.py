import threading
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from karyogui.errors import KaryoError
from karyogui.services.progress import Cancelled, Monitor, Progress
from karyogui.workers.task import REPORT_INTERVAL, Task


class Outcomes:
    """Everything that a task tells, in order."""

    def __init__(self, task: Task) -> None:
        self.told: list[Any] = []
        self.progress: list[Progress] = []
        task.progressed.connect(self.progress.append)
        task.succeeded.connect(lambda result: self.told.append(("succeeded", result)))
        task.failed.connect(lambda error: self.told.append(("failed", error)))
        task.cancelled.connect(lambda: self.told.append("cancelled"))
        task.ended.connect(lambda: self.told.append("ended"))


@pytest.fixture
def run(qtbot: QtBot) -> Callable[[Task], Outcomes]:
    def start(task: Task) -> Outcomes:
        outcomes = Outcomes(task)
        with qtbot.waitSignal(task.ended):
            task.start()
        return outcomes

    return start


def test_a_result_is_told_once(run: Callable[[Task], Outcomes]) -> None:
    assert run(Task(lambda monitor: 42)).told == [("succeeded", 42), "ended"]


def test_an_error_is_told_as_it_is(run: Callable[[Task], Outcomes]) -> None:
    error = KaryoError("The disk is full.")

    def work(monitor: Monitor) -> None:
        raise error

    assert run(Task(work)).told == [("failed", error), "ended"]


def test_cancelled_raised_by_the_work_is_no_error(run: Callable[[Task], Outcomes]) -> None:
    def work(monitor: Monitor) -> None:
        raise Cancelled

    assert run(Task(work)).told == ["cancelled", "ended"]


def test_the_work_runs_beside_the_window(run: Callable[[Task], Outcomes]) -> None:
    outcomes = run(Task(lambda monitor: QThread.currentThread().isMainThread()))
    assert outcomes.told[0] == ("succeeded", False)


@pytest.mark.parametrize("late", [lambda: "a late result", lambda: 1 / 0])
def test_what_comes_after_cancelling_is_dropped(qtbot: QtBot, late: Callable[[], Any]) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(monitor: Monitor) -> Any:
        begun.set()
        go_on.wait(5)
        return late()

    task = Task(work)
    outcomes = Outcomes(task)
    with qtbot.waitSignal(task.ended):
        task.start()
        begun.wait(5)
        task.cancel()
        go_on.set()
    assert outcomes.told == ["cancelled", "ended"]


def test_cancelling_ends_the_work_at_its_next_report(qtbot: QtBot) -> None:
    reports: list[int] = []
    begun = threading.Event()

    def work(monitor: Monitor) -> None:
        for number in count():
            monitor.report(Progress(number, 1_000_000, ""))
            reports.append(number)
            begun.set()

    task = Task(work)
    outcomes = Outcomes(task)
    with qtbot.waitSignal(task.ended):
        task.start()
        begun.wait(5)
        task.cancel()
    assert outcomes.told == ["cancelled", "ended"]
    assert len(reports) < 1_000_000


def test_progress_is_thinned_out_but_the_last_is_told(run: Callable[[Task], Outcomes]) -> None:
    ticks = count()

    def work(monitor: Monitor) -> None:
        for done in range(1, 11):
            monitor.report(Progress(done, 10, ""))

    # Four reports in each interval.
    task = Task(work, clock=lambda: next(ticks) * REPORT_INTERVAL / 4)
    assert [progress.done for progress in run(task).progress] == [1, 5, 9, 10]


def test_shutting_down_waits_and_tells_the_outcome_at_once(qtbot: QtBot) -> None:
    begun = threading.Event()

    def work(monitor: Monitor) -> None:
        while True:
            begun.set()
            monitor.report(Progress(0, 2, ""))

    task = Task(work)
    outcomes = Outcomes(task)
    task.start()
    begun.wait(5)
    task.shut_down()
    assert outcomes.told == ["cancelled", "ended"]
    assert not task.isRunning()
    qtbot.wait(10)
    assert outcomes.told == ["cancelled", "ended"]
