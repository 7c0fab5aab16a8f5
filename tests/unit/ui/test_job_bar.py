import threading

import pytest
from PySide6.QtWidgets import QProgressBar
from pytestqt.qtbot import QtBot

from karyogui.services.progress import Monitor, Progress
from karyogui.ui.job_bar import JobBar, remaining_text
from karyogui.ui.status import StatusBar
from karyogui.workers.task import Task


@pytest.mark.parametrize(
    ("elapsed", "done", "text"),
    [
        (1.0, 5, ""),
        (10.0, 0, ""),
        (10.0, 5, "about 10 s left"),
        (120.0, 5, "about 2 min left"),
        (10.0, 10, ""),
    ],
)
def test_how_long_it_takes_is_told_after_two_seconds(elapsed: float, done: int, text: str) -> None:
    assert remaining_text(elapsed, Progress(done, 10, "")) == text


class Patient:
    """Work that reports again and again until it is let go or cancelled."""

    def __init__(self, message: str) -> None:
        self.message = message
        self.go_on = threading.Event()

    def __call__(self, monitor: Monitor) -> None:
        while not self.go_on.wait(0.005):
            monitor.report(Progress(3, 10, self.message))


def test_the_last_job_is_shown_and_cancelled_first(qtbot: QtBot) -> None:
    bar = JobBar()
    qtbot.addWidget(bar)
    works = [Patient("picture 3"), Patient("chromosome 7")]
    tasks = [Task(work, bar) for work in works]
    outcomes: list[str] = []
    for task, title in zip(tasks, ("Importing", "Analysing"), strict=True):
        task.cancelled.connect(lambda title=title: outcomes.append(title))
        bar.watch(task, title)
        task.start()
    qtbot.waitUntil(lambda: bar.text == "Analysing · chromosome 7")
    qtbot.waitUntil(bar.isVisible)
    bar.cancel()
    qtbot.waitUntil(lambda: outcomes == ["Analysing"])
    qtbot.waitUntil(lambda: "Importing" in bar.text)
    with qtbot.waitSignal(bar.idle):
        works[0].go_on.set()
    assert not bar.is_busy
    assert bar.isHidden()


def test_the_bar_moves_until_the_first_step_is_done(qtbot: QtBot) -> None:
    bar = JobBar()
    qtbot.addWidget(bar)
    done = 0
    go_on = threading.Event()

    def work(monitor: Monitor) -> None:
        while not go_on.wait(0.005):
            monitor.report(Progress(done, 4, f"{done} done"))

    task = Task(work, bar)
    bar.watch(task, "Analysing")
    task.start()
    (shown,) = bar.findChildren(QProgressBar)
    qtbot.waitUntil(lambda: "0 done" in bar.text)
    assert (shown.minimum(), shown.maximum()) == (0, 0)
    done = 3
    qtbot.waitUntil(lambda: "3 done" in bar.text)
    assert (shown.value(), shown.maximum()) == (3, 4)
    with qtbot.waitSignal(bar.idle):
        go_on.set()


def test_closing_ends_every_job(qtbot: QtBot) -> None:
    bar = JobBar()
    qtbot.addWidget(bar)
    tasks = [Task(Patient("…"), bar) for _ in range(2)]
    for task in tasks:
        bar.watch(task, "Working")
        task.start()
    bar.shut_down()
    assert all(task.has_ended and not task.isRunning() for task in tasks)
    assert not bar.is_busy


def test_a_long_line_gives_way_to_what_stands_beside_it(qtbot: QtBot) -> None:
    jobs = JobBar()
    bar = StatusBar(jobs)
    qtbot.addWidget(bar)
    bar.model.setText("model compact 1.2 · OpenVINO int8, CPU")
    bar.saved.setText("saved ✓")
    work = Patient("a cell with a very long name: separating chromosomes and many more words")
    task = Task(work, jobs)
    jobs.watch(task, "Analysing")
    task.start()
    bar.resize(700, 30)
    bar.show()
    qtbot.waitUntil(jobs.isVisible)
    qtbot.waitUntil(lambda: work.message in jobs.text)
    qtbot.waitUntil(lambda: bar.saved.geometry().right() < bar.width())
    assert bar.width() == 700
    work.go_on.set()
    qtbot.waitUntil(lambda: not jobs.is_busy)
