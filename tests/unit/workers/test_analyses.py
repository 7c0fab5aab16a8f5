"""Cells waiting for their analysis: in order, those asked for first, and all given up together."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from PySide6.QtWidgets import QApplication

from karyogui.domain.cell import Cell
from karyogui.errors import KaryoError
from karyogui.services.analysis import AnalysisService
from karyogui.services.progress import Monitor
from karyogui.workers.analyses import Analyses
from karyogui.workers.network_queue import Priority
from tests.unit.workers.desks import Desk


class Service:
    """Takes note of who analysed what; cell 9 cannot be analysed."""

    def __init__(self, desk: Desk) -> None:
        self._gate = desk.gate
        self.begun: list[int] = []
        self.calls: list[tuple[int, str]] = []
        self.anew: list[int] = []

    def analyse(self, cell_id: int, analyser: Any, monitor: Monitor, anew: bool = False) -> Cell:
        self.begun.append(cell_id)
        self._gate(monitor)
        if cell_id == 9:
            raise KaryoError("The weights are missing.")
        self.calls.append((cell_id, analyser))
        if anew:
            self.anew.append(cell_id)
        return Cell(cell_id, 1, f"cell {cell_id}", ())


class Bench(Desk):
    def __init__(self) -> None:
        super().__init__()
        self.service = Service(self)
        self.analyses = Analyses(cast(AnalysisService, self.service), self.queue)
        self.seen: list[int] = []
        self.analyses.cell_analysed.connect(lambda cell: self.seen.append(cell.id))


@pytest.fixture
def bench(qapp: QApplication) -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def test_cells_come_one_after_another_with_one_network(bench: Bench) -> None:
    bench.analyses.add([3, 1])
    bench.analyses.add([2, 1])
    assert bench.analyses.waiting == (3, 1, 2)
    bench.settle()
    assert bench.seen == [3, 1, 2]
    assert bench.service.calls == [(3, "network 1"), (1, "network 1"), (2, "network 1")]
    assert bench.networks == 1
    assert bench.titles == ["Analysing"] * 3


def test_another_model_is_loaded_for_the_next_cell(bench: Bench) -> None:
    bench.analyses.add([1])
    bench.settle()
    bench.queue.use(lambda: cast(Any, "another"))
    bench.analyses.add([1])
    bench.settle()
    assert bench.service.calls == [(1, "network 1"), (1, "another")]


def test_a_failure_is_told_once_and_gives_up_the_others(bench: Bench) -> None:
    errors: list[Exception] = []
    bench.analyses.failed.connect(errors.append)
    bench.analyses.add([1, 9, 2])
    bench.settle()
    assert [str(error) for error in errors] == ["The weights are missing."]
    assert bench.service.calls == [(1, "network 1")]
    assert not bench.analyses.waiting


@pytest.mark.parametrize("in_the_window", [False, True])
def test_cancelling_forgets_all_cells(bench: Bench, in_the_window: bool) -> None:
    bench.gate.go.clear()
    bench.analyses.add([1, 2])
    bench.analyses.add([3], asked=False)
    if in_the_window:
        bench.tasks[0].cancel()
    else:
        bench.analyses.cancel()
    bench.settle()
    assert len(bench.tasks) == 1
    assert not bench.service.calls
    bench.analyses.add([2])  # now it is wanted again
    bench.settle()
    assert bench.seen == [2]


def test_the_cell_that_is_looked_at_comes_next(bench: Bench) -> None:
    bench.analyses.add([1, 2, 3])
    bench.analyses.prefer(3)
    bench.analyses.prefer(7)
    bench.settle()
    assert bench.seen == [1, 3, 2]


def test_cells_that_were_asked_for_come_before_the_others(bench: Bench) -> None:
    bench.gate.go.clear()
    bench.analyses.add([1, 2, 3], asked=False)
    bench.wait(lambda: bench.service.begun == [1])
    bench.analyses.add([5, 3])
    bench.settle()
    # A person waits: the one that nobody asked for makes way, and comes next.
    assert bench.service.begun == [1, 5, 3, 1, 2]
    assert bench.seen == [5, 3, 1, 2]


def test_cells_that_nobody_asked_for_wait_for_those_asked_for_and_for_quick_looks(
    bench: Bench,
) -> None:
    bench.gate.go.clear()
    bench.submit("repair", Priority.REPAIR)
    bench.submit("look", Priority.QUALITY)
    bench.analyses.add([1, 2, 3, 4], asked=False)
    bench.analyses.add([5])
    bench.analyses.prefer(3)
    bench.analyses.add([2])
    assert bench.analyses.waiting == (3, 5, 2, 1, 4)
    bench.settle()
    assert bench.seen == [3, 5, 2, 1, 4]
    assert bench.titles == ["repair", *["Analysing"] * 3, "look", *["Analysing"] * 2]


def test_repairs_are_replaced_where_that_was_asked_for(bench: Bench) -> None:
    bench.gate.go.clear()
    bench.submit("repair", Priority.REPAIR)
    bench.analyses.add([1, 2])
    bench.analyses.add([2, 3], anew=True)
    bench.settle()
    assert (bench.seen, bench.service.anew) == ([1, 2, 3], [2, 3])
    bench.analyses.add([2])
    bench.settle()
    assert bench.service.anew == [2, 3]
