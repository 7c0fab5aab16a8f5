"""Photographs are judged one after another, step aside, and never stop at a bad one."""

import logging
from threading import Event
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from karyogui.domain.separation import Quality
from karyogui.errors import KaryoError
from karyogui.services.progress import Monitor, Progress
from karyogui.workers.quality_queue import QualityQueue

GOOD = Quality(46, 0, 0, 0.9, 550, True, "46 objects, none crossing.", 0.9)


class Judge:
    """Judges when `go` is set; `refusals` are raised for their cells."""

    def __init__(self) -> None:
        self.go = Event()
        self.refusals: dict[int, Exception] = {}
        self.begun: list[int] = []

    def judge(self, cell_id: int, assessor: Any, monitor: Monitor) -> Quality | None:
        assert assessor == "eye"
        self.begun.append(cell_id)
        while not self.go.wait(0.01):
            monitor.report(Progress(0, 1, ""))
        if cell_id in self.refusals:
            raise self.refusals[cell_id]
        monitor.report(Progress(1, 1, ""))
        return GOOD


class Desk:
    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.judge = Judge()
        self.queue = QualityQueue(self.judge, lambda: "eye")  # type: ignore
        self.told: list[int] = []
        self.queue.judged.connect(lambda cell_id, _: self.told.append(cell_id))

    def let_go(self) -> None:
        self.judge.go.set()
        self.qtbot.waitUntil(lambda: not self.queue.is_busy and self.queue.task is None)

    def begin(self, cell_id: int) -> None:
        self.qtbot.waitUntil(lambda: self.judge.begun[-1:] == [cell_id])


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def test_cells_are_judged_in_order_and_once(desk: Desk) -> None:
    desk.queue.set_waiting([3, 1])
    desk.begin(3)
    desk.queue.set_waiting([3, 1, 2, 2])
    assert desk.queue.count == 3
    desk.let_go()
    assert desk.told == desk.judge.begun == [3, 1, 2]
    desk.queue.set_waiting([1, 2, 3])  # the list of cells has not been read anew yet
    assert not desk.queue.is_busy


def test_what_is_no_longer_there_is_not_judged(desk: Desk) -> None:
    desk.queue.set_waiting([1, 2, 3])
    desk.begin(1)
    desk.queue.set_waiting([1, 3])
    desk.let_go()
    assert desk.told == [1, 3]


def test_a_paused_queue_steps_aside_and_begins_again_with_the_same_cell(desk: Desk) -> None:
    desk.queue.set_waiting([1, 2])
    desk.begin(1)
    desk.queue.pause()
    desk.qtbot.waitUntil(lambda: desk.queue.task is None)
    assert (desk.queue.count, desk.told) == (2, [])
    desk.queue.set_waiting([1, 2])
    assert desk.queue.task is None
    desk.queue.resume()
    desk.let_go()
    assert desk.told == [1, 2]
    assert desk.judge.begun == [1, 1, 2]


def test_a_cell_that_cannot_be_judged_does_not_stop_the_others(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.judge.refusals[1] = ValueError("odd")
    with caplog.at_level(logging.WARNING):
        desk.queue.set_waiting([1, 2])
        desk.let_go()
    assert desk.told == [2]
    assert "cell 1 was not judged" in caplog.text
    desk.queue.set_waiting([1])
    assert not desk.queue.is_busy


def test_what_keeps_all_cells_from_being_judged_ends_the_work(desk: Desk) -> None:
    desk.judge.refusals[1] = KaryoError("The weights are damaged.")
    desk.queue.set_waiting([1, 2])
    desk.let_go()
    desk.queue.set_waiting([1, 2])
    assert not desk.queue.is_busy
    desk.queue.set_waiting([1, 2, 3])  # a new one is tried
    desk.let_go()
    assert desk.told == [3]


def test_a_cancelled_queue_leaves_the_rest_out_until_it_is_taken_up(desk: Desk) -> None:
    desk.queue.set_waiting([1, 2])
    desk.begin(1)
    assert desk.queue.task is not None
    desk.queue.task.cancel()
    desk.qtbot.waitUntil(lambda: not desk.queue.is_busy)
    desk.queue.set_waiting([1, 2])
    assert not desk.queue.is_busy
    desk.queue.take_up()
    desk.queue.set_waiting([1, 2])
    desk.let_go()
    assert desk.told == [1, 2]


@pytest.mark.parametrize("paused", [False, True])
def test_leaving_out_ends_at_once(desk: Desk, paused: bool) -> None:
    desk.queue.set_waiting([1, 2])
    desk.begin(1)
    if paused:
        desk.queue.pause()
    desk.queue.leave_out()
    desk.qtbot.waitUntil(lambda: desk.queue.task is None)
    desk.queue.resume()
    assert (desk.queue.is_busy, desk.told) == (False, [])
