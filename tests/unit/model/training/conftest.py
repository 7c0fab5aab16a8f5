"""A training of the tiny network on a small generated archive, run inside the test's process."""

import dataclasses
import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch

import model.training.loop
import model.training.train
import model.vocabulary.presets
from model.vocabulary.training import COMPACT_SETTINGS, Augmentation, Epochs, TrainingSettings
from tests.unit.model.builders import TINY, case_in_fold, cell_files, write_folder
from tests.unit.model.training.programs import run_tiny

SETTINGS = dataclasses.replace(
    COMPACT_SETTINGS,
    epochs=Epochs(2, 1, 2, 1, 1, 3),
    batch_size=8,
    learning_rate=3e-3,
    augmentation=Augmentation(),
)
"""Nine epochs over all steps; three of them average their weights."""
KINDS = (0, 5, 11, 17, 20)


@dataclass
class Stop:
    """A stop that is asked for after so many batches."""

    after: int | None = None
    asked: int = field(default=0)

    def __call__(self, source: object) -> "Stop":
        return self

    def __bool__(self) -> bool:
        self.asked += 1
        return self.after is not None and self.asked >= self.after

    def wait_while_paused(self, reporter: object) -> float:
        return 0.0


@dataclass(frozen=True)
class Outcome:
    """How a training ended: exit status and the events it told."""

    status: int
    events: tuple[dict[str, Any], ...]

    def named(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]


Train = Callable[..., Outcome]


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four cases to learn from, one (fold 0) held out: 50 chromosomes in all."""
    files: dict[str, bytes] = {}
    for seed, case in enumerate([case_in_fold(0), *(case_in_fold(1, n) for n in range(4))]):
        files |= cell_files(case, "m1", [k for k in KINDS for _ in range(2)], seed=1000 * seed)
    return write_folder(tmp_path_factory.mktemp("archive") / "cells", files)


@pytest.fixture(scope="session")
def train(archive: Path) -> Train:
    """Runs `main.py train` with the tiny preset: `train(out, *arguments, stop=…, settings=…)`."""

    def run(
        out: Path, *arguments: str, data: Path = archive, stop: Stop | None = None,
        settings: TrainingSettings = SETTINGS,
    ) -> Outcome:  # fmt: skip
        told = io.StringIO()
        torch.set_num_threads(1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(model.vocabulary.presets, "PRESETS", (TINY,))
            patch.setattr(model.training.train, "settings_for", lambda config: settings)
            stopping = Stop() if stop is None else stop
            patch.setattr(model.training.train, "StopRequest", stopping)
            patch.setattr(model.training.loop, "SECONDS_BETWEEN_BATCH_EVENTS", -1.0)
            patch.setattr("sys.stdin", io.StringIO())
            patch.setattr("sys.stdout", told)
            status = model.training.train.main(
                ["--data", os.fspath(data), "--out", os.fspath(out), "--preset", "tiny",
                 "--device", "cpu", "--allow-missing-types", *arguments]
            )  # fmt: skip
        lines = told.getvalue().splitlines()
        return Outcome(status, tuple(json.loads(line) for line in lines))

    return run


@pytest.fixture(scope="session")
def whole(train: Train, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    """An uninterrupted training and its folder, for reading only."""
    folder = tmp_path_factory.mktemp("whole")
    return train(folder), folder


@pytest.fixture(scope="session")
def undisturbed(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training as a program (in double precision) that nobody disturbed."""
    folder = tmp_path_factory.mktemp("runs") / "undisturbed"
    run_tiny(archive, folder)
    return folder
