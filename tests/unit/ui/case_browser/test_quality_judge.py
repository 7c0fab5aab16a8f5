"""Photographs are judged one after another, step aside, and never stop at a bad one."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from karyogui.domain.separation import Quality
from karyogui.errors import KaryoError
from karyogui.services.progress import Monitor, Progress
from karyogui.ui.case_browser.judging import QualityJudge
from karyogui.workers.network_queue import Priority
from tests.unit.workers.desks import Desk

GOOD = Quality(46, 0, 0, 0.9, 550, True, "46 objects, none crossing.", 0.9)


class Service:
    """Judges when the desk's gate is open; `refusals` are raised for their cells."""

    def __init__(self, desk: Desk) -> None:
        self._gate = desk.gate
        self.refusals: dict[int, Exception] = {}
        self.begun: list[int] = []

    def judge(self, cell_id: int, assessor: Any, monitor: Monitor) -> Quality | None:
        assert assessor == "network 1"
        self.begun.append(cell_id)
        self._gate(monitor)
        if cell_id in self.refusals:
            raise self.refusals[cell_id]
        monitor.report(Progress(1, 1, ""))
        return GOOD


class Bench(Desk):
    def __init__(self) -> None:
        super().__init__()
        self.gate.go.clear()
        self.service = Service(self)
        self.judge = QualityJudge(self.service, self.queue)  # type: ignore
        self.heard: list[int] = []
        self.judge.judged.connect(lambda cell_id, _: self.heard.append(cell_id))

    def begin(self, cell_id: int) -> None:
        self.wait(lambda: self.service.begun[-1:] == [cell_id])


@pytest.fixture
def desk(qapp: QApplication) -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def test_cells_are_judged_in_order_and_once(desk: Bench) -> None:
    desk.judge.take([3, 1])
    desk.begin(3)
    desk.judge.take([3, 1, 2, 2])
    assert desk.judge.count == 3
    desk.settle()
    assert desk.heard == desk.service.begun == [3, 1, 2]
    assert desk.titles == [
        "Judging quality, 2 left", "Judging quality, 2 left", "Judging quality",
    ]  # fmt: skip
    desk.judge.take([1, 2, 3])  # the list of cells has not been read again yet
    assert not desk.judge.count


def test_what_is_no_longer_there_is_not_judged(desk: Bench) -> None:
    desk.judge.take([1, 2, 3])
    desk.begin(1)
    desk.judge.take([1, 3])
    desk.settle()
    assert desk.heard == [1, 3]


def test_it_steps_aside_and_begins_again_with_the_same_cell(desk: Bench) -> None:
    desk.judge.take([1, 2])
    desk.begin(1)
    desk.submit("asked", Priority.ASKED)
    desk.wait_for("asked")
    assert (desk.judge.count, desk.heard) == (2, [])
    desk.judge.take([1, 2])
    assert desk.service.begun == [1]
    desk.settle()
    assert desk.heard == [1, 2]
    assert desk.service.begun == [1, 1, 2]


def test_a_cell_that_cannot_be_judged_does_not_stop_the_others(
    desk: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    desk.service.refusals[1] = ValueError("odd")
    with caplog.at_level(logging.WARNING):
        desk.judge.take([1, 2])
        desk.settle()
    assert desk.heard == [2]
    assert "cell 1 was not judged" in caplog.text
    desk.judge.take([1])
    assert not desk.judge.count


def test_what_keeps_all_cells_from_being_judged_ends_the_work(desk: Bench) -> None:
    desk.service.refusals[1] = KaryoError("The weights are damaged.")
    desk.judge.take([1, 2])
    desk.settle()
    desk.judge.take([1, 2])
    assert not desk.judge.count
    desk.judge.take([1, 2, 3])  # a new one is tried
    desk.settle()
    assert desk.heard == [3]


def test_cancelling_leaves_the_rest_out_until_it_is_taken_up(desk: Bench) -> None:
    desk.judge.take([1, 2])
    desk.begin(1)
    desk.tasks[0].cancel()
    desk.wait(lambda: not desk.judge.count)
    desk.judge.take([1, 2])
    assert not desk.judge.count
    desk.judge.set_wanted(False)
    desk.judge.set_wanted(True)
    desk.settle()
    assert desk.heard == [1, 2]


@pytest.mark.parametrize("steps_aside", [False, True])
def test_what_is_not_wanted_any_more_ends_at_once(desk: Bench, steps_aside: bool) -> None:
    desk.judge.take([1, 2])
    desk.begin(1)
    if steps_aside:
        desk.submit("asked", Priority.ASKED)
        desk.wait_for("asked")
    desk.judge.set_wanted(False)
    desk.settle()
    assert (desk.judge.count, desk.heard) == (0, [])
