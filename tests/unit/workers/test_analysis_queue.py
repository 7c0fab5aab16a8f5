from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from karyogui.domain.cell import Cell
from karyogui.errors import KaryoError
from karyogui.services.analysis import AnalysisService
from karyogui.services.progress import Monitor, Progress
from karyogui.workers.analysis_queue import AnalysisQueue
from karyogui.workers.task import Task


class Service:
    """Takes note of who analysed what; cell 9 cannot be analysed."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, str]] = []

    def analyse(self, cell_id: int, analyser: Any, monitor: Monitor, anew: bool = False) -> Cell:
        monitor.report(Progress(0, 1, ""))
        if cell_id == 9:
            raise KaryoError("The weights are missing.")
        self.calls.append((cell_id, analyser))
        return Cell(cell_id, 1, f"cell {cell_id}", ())


class Networks:
    """Counts how often a network was loaded."""

    def __init__(self) -> None:
        self.loaded = 0

    def __call__(self) -> Any:
        self.loaded += 1
        return f"network {self.loaded}"


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def networks() -> Networks:
    return Networks()


@pytest.fixture
def queue(qtbot: QtBot, service: Service, networks: Networks) -> AnalysisQueue:
    return AnalysisQueue(cast(AnalysisService, service), networks)


def wait_until_empty(qtbot: QtBot, queue: AnalysisQueue) -> None:
    qtbot.waitUntil(lambda: not queue.waiting)


def test_cells_come_one_after_another_with_one_network(
    qtbot: QtBot, queue: AnalysisQueue, service: Service, networks: Networks
) -> None:
    seen: list[int] = []
    queue.cell_analysed.connect(lambda cell: seen.append(cell.id))
    queue.add([3, 1])
    queue.add([2, 1])
    assert queue.waiting == (3, 1, 2)
    wait_until_empty(qtbot, queue)
    assert seen == [3, 1, 2]
    assert service.calls == [(3, "network 1"), (1, "network 1"), (2, "network 1")]
    assert networks.loaded == 1


def test_another_model_is_loaded_for_the_next_cell(
    qtbot: QtBot, queue: AnalysisQueue, service: Service
) -> None:
    queue.add([1])
    wait_until_empty(qtbot, queue)
    queue.use(lambda: cast(Any, "another"))
    queue.add([1])
    wait_until_empty(qtbot, queue)
    assert service.calls == [(1, "network 1"), (1, "another")]


def test_a_failure_is_told_once_and_empties_the_queue(
    qtbot: QtBot, queue: AnalysisQueue, service: Service
) -> None:
    errors: list[Exception] = []
    queue.failed.connect(errors.append)
    queue.add([1, 9, 2])
    wait_until_empty(qtbot, queue)
    assert [str(error) for error in errors] == ["The weights are missing."]
    assert service.calls == [(1, "network 1")]


def test_cancelling_forgets_all_cells(qtbot: QtBot, queue: AnalysisQueue, service: Service) -> None:
    tasks: list[Task] = []
    queue.task_started.connect(tasks.append)
    queue.task_started.connect(lambda _: queue.cancel())
    queue.add([1, 2])
    wait_until_empty(qtbot, queue)
    assert len(tasks) == 1
    assert not service.calls


def test_the_cell_that_is_looked_at_comes_next(qtbot: QtBot, queue: AnalysisQueue) -> None:
    seen: list[int] = []
    queue.cell_analysed.connect(lambda cell: seen.append(cell.id))
    queue.add([1, 2, 3])
    queue.prefer(3)
    queue.prefer(7)
    wait_until_empty(qtbot, queue)
    assert seen == [1, 3, 2]


def test_cells_that_were_asked_for_come_before_the_others(
    qtbot: QtBot, queue: AnalysisQueue
) -> None:
    seen: list[int] = []
    queue.cell_analysed.connect(lambda cell: seen.append(cell.id))
    queue.add([1, 2, 3], asked=False)
    queue.add([5, 3])
    assert queue.waiting == (1, 2, 3, 5)
    wait_until_empty(qtbot, queue)
    assert seen == [1, 3, 5, 2]


def test_cells_that_nobody_asked_for_can_be_held_back(qtbot: QtBot, queue: AnalysisQueue) -> None:
    seen: list[int] = []
    queue.cell_analysed.connect(lambda cell: seen.append(cell.id))
    queue.hold(True)
    queue.add([1, 2, 3, 4], asked=False)
    queue.add([5])
    queue.prefer(3)
    queue.add([2])
    qtbot.waitUntil(lambda: len(queue.waiting) == 2)
    assert (seen, queue.waiting) == ([5, 3, 2], (1, 4))
    queue.hold(False)
    wait_until_empty(qtbot, queue)
    assert seen == [5, 3, 2, 1, 4]


def test_held_back_cells_are_forgotten_too(qtbot: QtBot, queue: AnalysisQueue) -> None:
    seen: list[int] = []
    queue.cell_analysed.connect(lambda cell: seen.append(cell.id))
    queue.hold(True)
    queue.add([1], asked=False)
    queue.cancel()
    queue.hold(False)
    assert not queue.waiting
    queue.hold(True)
    queue.add([1])  # now somebody asks for it
    wait_until_empty(qtbot, queue)
    assert seen == [1]
