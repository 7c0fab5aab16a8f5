"""Batches made before they are needed, so that the one who learns from them does not wait."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import cv2
import torch
from torch.utils.data import DataLoader, Dataset

Made = TypeVar("Made")

WAITING: int = 2
"""Batches that a maker is ahead."""
MOST_WORKERS: int = 14


def workers_for(device: torch.device) -> int:
    """Processes that make batches: on a CPU none, since it is the CPU that learns as well."""
    if device.type == "cpu":
        return 0
    return max(1, min(MOST_WORKERS, (os.cpu_count() or 1) - 1))


def made_ahead(make: Callable[[int], Made], numbers: Sequence[int], workers: int) -> Iterator[Made]:
    """`make(n)` of all numbers in their order, made by so many processes; of none by one thread.

    What is made must depend on its number alone, and travels fastest as tensors.
    """
    if not workers or not numbers:
        yield from _by_a_thread(make, numbers)
        return
    # Forked, processes share what the examples are made from; where there is no fork, each gets it.
    forks = "fork" in multiprocessing.get_all_start_methods()
    yield from DataLoader(
        _Numbered(make, numbers), batch_size=None, num_workers=workers, prefetch_factor=WAITING,
        collate_fn=_as_it_is, worker_init_fn=_begin_worker,
        multiprocessing_context="fork" if forks else None,
    )  # fmt: skip


def _by_a_thread(make: Callable[[int], Made], numbers: Sequence[int]) -> Iterator[Made]:
    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(make, n) for n in numbers[:WAITING]]
        for number in range(len(numbers)):
            ready = waiting.pop(0)
            if number + WAITING < len(numbers):
                waiting.append(pool.submit(make, numbers[number + WAITING]))
            yield ready.result()


class _Numbered(Dataset[Made]):
    def __init__(self, make: Callable[[int], Made], numbers: Sequence[int]) -> None:
        self._make = make
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: int) -> Made:
        return self._make(self._numbers[index])


def _as_it_is(made: Made) -> Made:
    return made


def _begin_worker(number: int) -> None:
    del number
    cv2.setNumThreads(1)
