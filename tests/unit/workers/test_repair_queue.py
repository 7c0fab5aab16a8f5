"""Repairs in the background: one after the other, each with one outcome."""

from threading import Event
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from karyogui.domain.separation import ObjectKind, Repair, RepairKind, SeparatedObject
from karyogui.errors import KaryoError
from karyogui.services.progress import Monitor, Progress
from karyogui.workers.repair_queue import RepairJob, RepairQueue

THING = SeparatedObject("c01", ObjectKind.CHROMOSOME, np.ones((4, 2), bool), (0, 0), (0, 0, 2, 4))


class Repairs:
    """Applies nothing; waits for `go`, and fails for the cells in `broken`."""

    def __init__(self) -> None:
        self.go = Event()
        self.broken: set[int] = set()
        self.applied: list[tuple[Any, ...]] = []

    def apply(
        self, cell_id: int, repair: Repair, repairer: str, assigner: str, who: str, monitor: Monitor
    ) -> str:
        while not self.go.wait(0.01):
            monitor.report(Progress(0, 1))
        if cell_id in self.broken:
            raise KaryoError("The disk is full.")
        self.applied.append((cell_id, repair.text, repairer, assigner, who))
        return f"cell {cell_id}"


def job(cell_id: int = 1, text: str = "Cut") -> RepairJob:
    return RepairJob(cell_id, Repair(RepairKind.CUT, text, (THING,), (THING,)), "Ann")


class Desk:
    def __init__(self) -> None:
        self.repairs = Repairs()
        self.queue = RepairQueue(self.repairs, lambda: "eye", lambda: "rule")  # type: ignore
        self.outcomes: list[tuple[RepairJob, object]] = []
        self.tasks: list[Any] = []
        self.queue.repaired.connect(lambda *told: self.outcomes.append(told))
        self.queue.failed.connect(lambda *told: self.outcomes.append(told))
        self.queue.task_started.connect(self.tasks.append)


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk()


def test_jobs_are_done_in_order(qtbot: QtBot, desk: Desk) -> None:
    jobs = [job(1, "first"), job(2, "second"), job(1, "third")]
    for each in jobs:
        desk.queue.add(each)
    assert desk.queue.is_busy
    desk.repairs.go.set()
    qtbot.waitUntil(lambda: not desk.queue.is_busy)
    assert [told[1] for told in desk.repairs.applied] == ["first", "second", "third"]
    assert desk.repairs.applied[0] == (1, "first", "eye", "rule", "Ann")
    assert desk.outcomes == [(jobs[0], "cell 1"), (jobs[1], "cell 2"), (jobs[2], "cell 1")]


def test_what_has_not_been_begun_can_be_withdrawn(qtbot: QtBot, desk: Desk) -> None:
    first, second = job(), job()
    desk.queue.add(first)
    desk.queue.add(second)
    assert not desk.queue.withdraw(first)
    assert desk.queue.withdraw(second)
    assert not desk.queue.withdraw(second)
    desk.repairs.go.set()
    qtbot.waitUntil(lambda: not desk.queue.is_busy)
    assert [told[0] for told in desk.outcomes] == [first]


def test_a_failure_does_not_stop_the_others(qtbot: QtBot, desk: Desk) -> None:
    desk.repairs.broken = {1}
    desk.queue.add(job(1))
    desk.queue.add(job(2))
    desk.repairs.go.set()
    qtbot.waitUntil(lambda: not desk.queue.is_busy)
    (_, error), (_, cell) = desk.outcomes
    assert isinstance(error, KaryoError)
    assert cell == "cell 2"


def test_a_cancelled_one_has_failed_without_a_reason(qtbot: QtBot, desk: Desk) -> None:
    only = job()
    desk.queue.add(only)
    desk.tasks[0].cancel()
    qtbot.waitUntil(lambda: not desk.queue.is_busy)
    assert desk.outcomes == [(only, None)]
    assert not desk.repairs.applied


def test_finish_waits_for_all_of_them(qtbot: QtBot, desk: Desk) -> None:
    desk.queue.add(job(1))
    desk.queue.add(job(2))
    desk.repairs.go.set()
    desk.queue.finish()
    assert len(desk.outcomes) == 2
    assert not desk.queue.is_busy
    assert len(desk.tasks) == 2
