"""The short form of the mutations: a few of every reader; see `tests.mutations.run`."""

import os
from pathlib import Path
from random import Random

import pytest

from karyogui.services.training_runs import past_runs
from tests.mutations.mutate import mutated
from tests.mutations.readers import READERS, seeds
from tests.mutations.run import run

FOLDERS = ("databases", "backups", "daily backups")
"""Readers of which each trial makes whole data folders."""


def test_an_alteration_is_always_the_same_and_alters() -> None:
    data = bytes(range(256)) * 8
    made = [mutated(data, Random(n)) for n in range(200)]
    assert made == [mutated(data, Random(n)) for n in range(200)]
    assert sum(each != data for each in made) > 190


def test_the_sound_inputs_are_read(tmp_path: Path) -> None:
    """Else what is altered would only ever be refused."""
    for name in ("small files", "zips", "weights"):
        folder = tmp_path / name
        folder.mkdir()
        READERS[name].make(folder)
        for number, path in enumerate(seeds(folder)):
            scratch = tmp_path / f"{name} {number}"
            scratch.mkdir()
            assert READERS[name].read(path, scratch) == ""
            if path.name == "run.json":
                (run,) = past_runs(scratch)
                assert run.epochs_total == 5


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
@pytest.mark.parametrize(("name", "count"), [(n, 6 if n in FOLDERS else 40) for n in READERS])
def test_what_is_altered_is_refused_or_read_and_nothing_worse(name: str, count: int) -> None:
    ended, faults = run(count, (name,))
    assert faults == []
    assert sum(ended.values()) == count
