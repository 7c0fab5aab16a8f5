"""Cells waiting for the network: analysed in the background, one after another."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from itertools import chain

from PySide6.QtCore import QObject, Signal

from karyogui.domain.cell import Cell
from karyogui.services.analysis import AnalysisService
from karyogui.services.ports import Analyser
from karyogui.services.progress import Monitor
from karyogui.workers.task import Task


class AnalysisQueue(QObject):
    """Runs `analysis.analyse` for each cell added.

    The analyser (which loads the network) is made by `make_analyser` in the thread of the first
    cell and kept. `task_started(Task)` comes for each cell, `cell_analysed(Cell)` after it.
    A failure empties the queue: what keeps one cell from being analysed (missing weights, a full
    disk) keeps the next one too, and is told once. Cancelling empties it as well. Cells that
    nobody asked for come after those that a person did, and can be held back.
    """

    task_started = Signal(object)
    cell_analysed = Signal(object)
    failed = Signal(object)
    changed = Signal()

    def __init__(
        self,
        analysis: AnalysisService,
        make_analyser: Callable[[], Analyser],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._analysis = analysis
        self._make_analyser = make_analyser
        self._analyser: Analyser | None = None
        self._waiting: deque[int] = deque()
        self._unasked: set[int] = set()
        self._anew: set[int] = set()
        self._is_held = False
        self._task: Task | None = None
        self._current: int | None = None

    @property
    def waiting(self) -> tuple[int, ...]:
        """Ids of the cells that are yet to be analysed, the present one first."""
        current = () if self._current is None else (self._current,)
        return (*current, *self._waiting)

    def add(self, cell_ids: Iterable[int], asked: bool = True, anew: bool = False) -> None:
        """Put cells at the end; one that is waiting already keeps its place.

        `asked` tells whether a person asked for it, `anew` that repairs are to be replaced.
        """
        ids = dict.fromkeys(cell_ids)
        if anew:
            self._anew.update(i for i in ids if i != self._current)
        if asked:
            self._unasked.difference_update(ids)
        else:
            self._unasked.update(i for i in ids if i not in self.waiting)
        self._waiting.extend(i for i in ids if i not in self.waiting)
        self.changed.emit()
        self._start_next()

    def prefer(self, cell_id: int) -> None:
        """Analyse a waiting cell next: somebody is looking at it."""
        if cell_id in self._waiting:
            self._waiting.remove(cell_id)
            self._waiting.appendleft(cell_id)
            self._unasked.discard(cell_id)
            self._start_next()

    def hold(self, is_held: bool) -> None:
        """Hold back the cells that nobody asked for, or let them go; the present one goes on."""
        self._is_held = is_held
        self._start_next()

    def cancel(self) -> None:
        """Stop the present cell and forget the others; all stay as they were."""
        self._forget()
        if self._task is not None:
            self._task.cancel()
        self.changed.emit()

    def use(self, make_analyser: Callable[[], Analyser]) -> None:
        """From the next cell on, analyse with another network or device."""
        self._make_analyser = make_analyser
        self._analyser = None

    def analyser(self) -> Analyser:
        """The analyser in use, made when there is none yet: for looks outside the queue."""
        if self._analyser is None:
            self._analyser = self._make_analyser()
        return self._analyser

    def _next(self) -> int | None:
        """Which cell comes next; None when there is none, or all are held back."""
        asked = (i for i in self._waiting if i not in self._unasked)
        unasked = () if self._is_held else self._waiting
        return next(chain(asked, unasked), None)

    def _forget(self) -> None:
        self._waiting.clear()
        self._unasked.clear()
        self._anew.clear()

    def _start_next(self) -> None:
        cell_id = self._next()
        if self._task is not None or cell_id is None:
            return
        self._waiting.remove(cell_id)
        self._unasked.discard(cell_id)
        anew = cell_id in self._anew
        self._anew.discard(cell_id)
        make = self._make_analyser
        kept = self._analyser

        def work(monitor: Monitor) -> tuple[Analyser, Cell]:
            analyser = kept if kept is not None else make()
            return analyser, self._analysis.analyse(cell_id, analyser, monitor, anew)

        task = Task(work, self)
        task.succeeded.connect(lambda result: self._on_succeeded(make, *result))
        task.failed.connect(self._on_failed)
        task.cancelled.connect(self._forget)
        task.ended.connect(self._on_ended)
        self._task, self._current = task, cell_id
        self.task_started.emit(task)
        task.start()

    def _on_succeeded(self, make: Callable[[], Analyser], analyser: Analyser, cell: Cell) -> None:
        # The model may have been changed while the cell was analysed.
        if make is self._make_analyser:
            self._analyser = analyser
        self._current = None
        self.cell_analysed.emit(cell)

    def _on_failed(self, error: Exception) -> None:
        self._forget()
        self.failed.emit(error)

    def _on_ended(self) -> None:
        if self._task is not None:
            self._task.deleteLater()
        self._task = self._current = None
        self.changed.emit()
        self._start_next()
