"""Processes that die, hang or swell lose their task and nothing else."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import psutil
import pytest

from karyogui.errors import KaryoError
from karyogui.workers import pool as pools
from karyogui.workers.pool import Pool

posix = pytest.mark.skipif(os.name == "nt", reason="signals of Unix")


def act(folder: Path, task: tuple[str, int]) -> object:
    """Do what a task says."""
    word, number = task
    match word:
        case "double":
            return 2 * number
        case "refuse":
            raise KaryoError(f"{number} is refused.")
        case "bug":
            raise ValueError("secret")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "die once":
            mark = folder / str(number)
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return number
        case "hang":
            time.sleep(600)
        case "spin":
            while True:
                pass
        case "sleep":
            time.sleep(number)
            return number
        case "swell":
            held = b"." * (600 << 20)
            time.sleep(600)
            return held
        case "pid":
            return os.getpid()
    return None


def prepare(folder: Path) -> Callable[[tuple[str, int]], object]:
    return partial(act, folder)


def refuse() -> Callable[[object], object]:
    raise KaryoError("These are no weights.")


def die() -> Callable[[object], object]:
    os._exit(3)


def outcomes(pool: Pool, tasks: list[tuple[str, int]]) -> dict[tuple[str, int], pools.Outcome]:
    found = list(pool.outcomes(tasks))
    assert sorted(task for task, _ in found) == sorted(tasks)  # each exactly once
    return dict(found)


def test_every_task_is_answered_by_one_of_the_processes(tmp_path: Path) -> None:
    with closing(Pool(2, partial(prepare, tmp_path))) as pool:
        tasks = [("double", n) for n in range(30)] + [("refuse", 7), ("bug", 1)]
        found = outcomes(pool, tasks)
        assert len(pool.process_ids) == 2
        again = outcomes(pool, [("double", 100)])
    assert [found["double", n].value for n in range(30)] == [2 * n for n in range(30)]
    assert found["refuse", 7].sentence == "7 is refused."
    assert found["bug", 1].was_lost
    assert "ValueError at test_pool.py" in found["bug", 1].sentence
    assert "secret" not in found["bug", 1].sentence
    assert again["double", 100].value == 200
    assert pool.process_ids == ()


@posix
def test_a_process_that_is_killed_is_replaced(tmp_path: Path) -> None:
    told: list[tuple[object, str]] = []
    lost = lambda task, why: told.append((task, why))  # noqa: E731
    with closing(Pool(2, partial(prepare, tmp_path), lost)) as pool:
        tasks = [("die", 1), ("die once", 2), *(("double", n) for n in range(8))]
        found = outcomes(pool, tasks)
    assert found["die", 1].was_lost
    assert "SIGKILL" in found["die", 1].sentence
    assert found["die once", 2].value == 2
    assert {task for task, _ in told} == {("die", 1), ("die once", 2)}
    assert all(found["double", n].value == 2 * n for n in range(8))


@posix
def test_one_that_is_killed_from_outside_while_idle_is_replaced(tmp_path: Path) -> None:
    with closing(Pool(1, partial(prepare, tmp_path))) as pool:
        first = outcomes(pool, [("pid", 0)])["pid", 0].value
        os.kill(first, signal.SIGKILL)
        second = outcomes(pool, [("pid", 0)])["pid", 0].value
    assert second != first


@posix
def test_a_hang_and_a_swelling_are_ended_and_not_tried_again(tmp_path: Path) -> None:
    told: list[object] = []
    pool = Pool(
        2, partial(prepare, tmp_path), lambda *_: told.append(1), memory=400 << 20, time_limit=4.0
    )
    with closing(pool):
        found = outcomes(pool, [("hang", 0), ("swell", 0), ("double", 4)])
    assert "4 seconds" in found["hang", 0].sentence
    assert "memory" in found["swell", 0].sentence
    assert found["double", 4].value == 8
    assert told == []


@posix
def test_processor_time_is_bounded_whatever_the_clock_says(tmp_path: Path) -> None:
    with closing(Pool(2, partial(prepare, tmp_path), processor_limit=1.0)) as pool:
        found = outcomes(pool, [("spin", 0), ("sleep", 3)])
    assert "1 seconds of processor time" in found["spin", 0].sentence
    assert found["sleep", 3].value == 3


def test_what_cannot_be_prepared_is_told_once() -> None:
    with closing(Pool(2, refuse)) as pool, pytest.raises(KaryoError, match="no weights"):
        list(pool.outcomes([1, 2, 3]))


def test_processes_that_die_at_their_start_end_it() -> None:
    with closing(Pool(1, die)) as pool, pytest.raises(KaryoError, match="cannot be started"):
        list(pool.outcomes([1]))


def test_tasks_are_taken_when_they_are_needed(tmp_path: Path) -> None:
    taken = 0

    def tasks() -> Iterator[tuple[str, int]]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield "double", number

    with closing(Pool(1, partial(prepare, tmp_path))) as pool:
        found = pool.outcomes(tasks())
        for count in range(1, 20):
            next(found)
            assert taken <= count + 3
        found.close()


@posix
def test_nothing_is_left_when_the_pool_is_closed_in_the_middle(tmp_path: Path) -> None:
    pool = Pool(2, partial(prepare, tmp_path))
    found = pool.outcomes([("pid", 0), ("pid", 1), ("hang", 0), ("hang", 1)])
    next(found)
    ids = pool.process_ids
    pool.close()
    assert ids
    assert not any(psutil.pid_exists(each) for each in ids)
