"""Tasks over several processes, each answered exactly once whatever becomes of a process.

A process that dies, hangs or takes too much memory loses its task and nothing else: another takes
its place. Only what is in hand is in the processes; all else waits in the caller's iterator.
"""

from __future__ import annotations

import logging
import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, cast

import psutil

from karyogui.errors import KaryoError
from karyogui.log import in_short

if TYPE_CHECKING:
    from multiprocessing.context import SpawnContext

log = logging.getLogger(__name__)

MEMORY_BYTES = 4 * 2**30
"""What one process may hold; more is taken from it by ending it."""
TIRED_BYTES = 2 * 2**30
"""With more than that a process is replaced between two tasks."""
TIME_LIMIT = 900.0
"""Seconds of one task by the clock."""
PATIENCE = 5.0
"""Seconds that processes get to end by themselves."""
POLL = 0.5
"""Seconds between two looks at memory and time."""
TRIES = 2
"""How often a task is given to a process when the process dies at it."""
DEAD_ON_ARRIVAL = 3
"""Processes in a row that die before they are ready: then it is given up."""
START = "spawn"
"""How a process begins: a fork would copy locks of threads."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

Task = Any
Work = Callable[[Task], object]


@dataclass(frozen=True)
class Outcome:
    """What became of a task: its `value`, or in `sentence` why there is none.

    It `was_lost` where the process died or was ended at it: it may go well another time.
    """

    value: Any = None
    sentence: str = ""
    was_lost: bool = False


@dataclass(frozen=True)
class _Ready:
    """The first word of a process; with a sentence it cannot work at all."""

    sentence: str = ""


@dataclass(eq=False)
class _Worker:
    process: multiprocessing.process.BaseProcess
    connection: Connection
    is_ready: bool = False
    task: Task = None
    began: float = 0.0
    spent: float = 0.0
    """Seconds of processor time when the task was given."""


class Pool:
    """Processes that do the `work` which `prepare` makes in each of them."""

    def __init__(
        self,
        jobs: int,
        prepare: Callable[[], Work],
        lost: Callable[[Task, str], None] = lambda task, why: None,
        *,
        memory: int = MEMORY_BYTES,
        time_limit: float = TIME_LIMIT,
        processor_limit: float = math.inf,
    ) -> None:
        """`prepare` is sent to the processes. `lost` hears of a task that is tried again.

        `processor_limit`: seconds of processor time, which a busy machine does not lengthen.
        """
        self._jobs = jobs
        self._prepare = prepare
        self._lost = lost
        self._memory = memory
        self._time_limit = time_limit
        self._processor_limit = processor_limit
        self._threads = max(1, (os.cpu_count() or 1) // jobs)
        self._workers: list[_Worker] = []
        self._again: list[Task] = []
        self._tries: dict[int, int] = {}
        self._stillborn = 0

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The processes that run now."""
        return tuple(w.process.pid for w in self._workers if w.process.pid is not None)

    def outcomes(self, tasks: Iterable[Task]) -> Generator[tuple[Task, Outcome]]:
        """Each task with its outcome, as they end.

        Raises `KaryoError` when the processes cannot prepare themselves.
        """
        waiting = iter(tasks)
        is_over = False
        while True:
            is_over = self._hand_out(waiting, is_over)
            if is_over and not any(worker.task is not None for worker in self._workers):
                return
            links: list[Any] = [w.connection for w in self._workers]
            for link in wait(links, POLL):
                worker = next((w for w in self._workers if w.connection is link), None)
                if worker is not None:
                    yield from self._heard(worker)
            yield from self._looked_after()

    def close(self) -> None:
        """End all processes, in the middle of whatever they do."""
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(PATIENCE)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.connection.close()
        self._workers.clear()

    # -- inside ----------------------------------------------------------------------------------

    def _hand_out(self, waiting: Iterator[Task], is_over: bool) -> bool:
        """Give every idle process a task, and begin new ones; whether the tasks are at an end."""
        idle = [w for w in self._workers if w.is_ready and w.task is None]
        starting = sum(not w.is_ready for w in self._workers)
        room = self._jobs - len(self._workers)
        held: list[Task] = []
        while not is_over and len(self._again) + len(held) < len(idle) + starting + room:
            task = next(waiting, None)
            if task is None:
                is_over = True
            else:
                held.append(task)
        self._again += held
        for worker in idle:
            if self._again:
                self._give(worker, self._again.pop(0))
        for _ in range(min(room, len(self._again) - starting)):
            self._workers.append(self._start())
        return is_over and not self._again

    def _give(self, worker: _Worker, task: Task) -> None:
        worker.task, worker.began = task, time.monotonic()
        worker.spent = _seconds_of(worker.process)
        self._tries[id(task)] = self._tries.get(id(task), 0) + 1
        # A process that has died meanwhile is found by its closed connection.
        with suppress(OSError):
            worker.connection.send(task)

    def _start(self) -> _Worker:
        context = cast("SpawnContext", multiprocessing.get_context(START))
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, self._prepare, self._threads), daemon=True
        )
        with _environment(dict.fromkeys(_THREADS, str(self._threads))):
            process.start()
        theirs.close()
        return _Worker(process, ours)

    def _heard(self, worker: _Worker) -> Iterator[tuple[Task, Outcome]]:
        try:
            word = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join(PATIENCE)
            yield from self._bury(worker, _ended(worker.process.exitcode), is_fault=False)
            return
        if isinstance(word, _Ready):
            if word.sentence:
                raise KaryoError(word.sentence)
            worker.is_ready, self._stillborn = True, 0
            return
        task, worker.task = worker.task, None
        self._tries.pop(id(task), None)
        yield task, word
        if _memory_of(worker.process) > TIRED_BYTES:
            self._retire(worker)

    def _looked_after(self) -> Iterator[tuple[Task, Outcome]]:
        """End the processes that go beyond their bounds."""
        for worker in [w for w in self._workers if w.task is not None]:
            if _memory_of(worker.process) > self._memory:
                limit = f"{self._memory / 2**30:.1f}"
                why = f"it takes more than {limit} GB of memory"
            elif time.monotonic() - worker.began > self._time_limit:
                most = self._time_limit
                told = f"{most / 60:.0f} minutes" if most >= 60 else f"{most:.0f} seconds"
                why = f"it takes more than {told}"
            elif _seconds_of(worker.process) - worker.spent > self._processor_limit:
                why = f"it takes more than {self._processor_limit:.0f} seconds of processor time"
            else:
                continue
            worker.process.kill()
            worker.process.join()
            yield from self._bury(worker, why, is_fault=True)

    def _bury(self, worker: _Worker, why: str, *, is_fault: bool) -> Iterator[tuple[Task, Outcome]]:
        """Forget a dead process; its task is tried again, unless that `is_fault` of the task."""
        worker.connection.close()
        self._workers.remove(worker)
        task = worker.task
        if not worker.is_ready:
            self._stillborn += 1
            if self._stillborn >= DEAD_ON_ARRIVAL:
                raise KaryoError(
                    f"The processes of the analysis cannot be started: {why}.",
                    "Start with fewer of them (--jobs), perhaps there is too little memory.",
                )
        if task is None:
            return
        log.info("a process of the batch was lost: %s", why)
        if is_fault or self._tries[id(task)] >= TRIES:
            self._tries.pop(id(task), None)
            yield task, Outcome(sentence=why, was_lost=True)
        else:
            self._lost(task, why)
            self._again.append(task)

    def _retire(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.connection.close()  # which ends it
        worker.process.join(PATIENCE)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()


def _serve(connection: Connection, prepare: Callable[[], Work], threads: int) -> None:
    """Be a process of the pool until its connection closes or its parent has ended."""
    # The parent alone answers Ctrl+C; the terminal sends it to all.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        work = _prepared(prepare, threads)
    except KaryoError as error:
        connection.send(_Ready(str(error)))
        return
    with suppress(EOFError, OSError):  # the parent has gone, or needs no more
        connection.send(_Ready())
        while True:
            connection.send(_done(work, connection.recv()))


def _prepared(prepare: Callable[[], Work], threads: int) -> Work:
    import cv2

    cv2.setNumThreads(threads)
    return prepare()


def _done(work: Work, task: Task) -> Outcome:
    try:
        return Outcome(work(task))
    except KaryoError as error:
        return Outcome(sentence=str(error))
    except MemoryError:
        return Outcome(sentence="it takes more memory than there is", was_lost=True)
    # One picture's bug must not end the others.
    except Exception as error:
        sentence = f"something went wrong inside KaryoGUI ({in_short(error)})"
        return Outcome(sentence=sentence, was_lost=True)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _memory_of(process: multiprocessing.process.BaseProcess) -> int:
    try:
        return int(psutil.Process(process.pid).memory_info().rss)
    except psutil.Error:
        return 0


def _seconds_of(process: multiprocessing.process.BaseProcess) -> float:
    """Seconds of processor time that a process has taken so far."""
    try:
        times = psutil.Process(process.pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _ended(status: int | None) -> str:
    """Why a process has ended, in words."""
    if status is not None and status < 0:
        with suppress(ValueError):
            return f"its process was ended by the signal {signal.Signals(-status).name}"
    return f"its process ended prematurely (status {status})"


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set variables of the environment for a moment: processes inherit it when they start."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
