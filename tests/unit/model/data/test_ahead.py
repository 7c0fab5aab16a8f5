"""Batches made ahead: the same ones, in the same order, whoever makes them."""

import os
from collections.abc import Iterator
from functools import partial
from itertools import islice

import pytest
import torch

from model.data.ahead import made_ahead, workers_for


def made(number: int) -> tuple[int, int, torch.Tensor]:
    return number, os.getpid(), torch.full((3,), number)


def failing(number: int) -> int:
    if number == 5:
        raise ValueError("no batch 5")
    return number


@pytest.mark.parametrize("workers", [0, 2])
def test_all_are_made_in_their_order(workers: int) -> None:
    found = list(made_ahead(made, range(3, 12), workers))
    assert [number for number, _, _ in found] == list(range(3, 12))
    assert [int(values.sum()) for _, _, values in found] == [3 * n for n in range(3, 12)]
    by_this_process = {pid == os.getpid() for _, pid, _ in found}
    assert by_this_process == {workers == 0}


@pytest.mark.parametrize("workers", [0, 2])
def test_of_no_numbers_nothing_is_made(workers: int) -> None:
    assert list(made_ahead(made, range(4, 4), workers)) == []


@pytest.mark.parametrize("workers", [0, 2])
def test_what_goes_wrong_in_making_is_told_to_who_waits(workers: int) -> None:
    batches = made_ahead(failing, range(8), workers)
    assert list(islice(batches, 5)) == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="no batch 5"):
        next(batches)


@pytest.mark.parametrize("workers", [0, 2])
def test_it_can_be_left_in_the_middle(workers: int) -> None:
    batches = made_ahead(made, range(1000), workers)
    assert isinstance(batches, Iterator)
    assert next(batches)[0] == 0
    batches.close()  # type: ignore[attr-defined]


def test_no_more_than_a_few_are_ahead() -> None:
    begun: list[int] = []
    batches = made_ahead(partial(noted, begun), range(100), 0)
    assert next(batches) == 0
    assert next(batches) == 1
    assert len(begun) <= 4


def noted(begun: list[int], number: int) -> int:
    begun.append(number)
    return number


def test_a_processor_that_learns_has_nobody_beside_it() -> None:
    assert workers_for(torch.device("cpu")) == 0
    assert workers_for(torch.device("cuda")) >= 1
