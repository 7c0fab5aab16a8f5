"""`run.json`: what the history of trainings is made of."""

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from karyogui.services.training_runs import past_runs
from model.training.history import RunRecord
from model.vocabulary.training_request import TrainingRequest
from tests.unit.model.training.conftest import Outcome, Stop, Train


def told(folder: Path) -> dict[str, object]:
    record: dict[str, object] = json.loads((folder / "run.json").read_text())
    return record


def test_a_finished_training_is_on_record(whole: tuple[Outcome, Path]) -> None:
    outcome, folder = whole
    record = told(folder)
    (finished,) = outcome.named("finished")
    last = outcome.named("epoch")[-1]
    assert record["state"] == "finished"
    assert record["weights"] == "tiny.safetensors"
    assert record["figures"] == {k: v for k, v in last.items() if k != "event"}
    assert (record["epochs_done"], record["epochs_total"]) == (9, 9)
    assert record["pid"] == os.getpid()
    assert record["created"] <= record["ended"]  # type: ignore[operator]
    run = next(run for run in past_runs(folder.parent) if run.folder == folder)
    assert run.request.preset == "tiny"
    assert run.request.out == folder
    assert run.figures["val_type_acc"] == finished["metrics"]["val_type_acc"]


def test_a_resumed_training_keeps_when_it_was_made(train: Train, tmp_path: Path) -> None:
    train(tmp_path, stop=Stop(7))
    first = told(tmp_path)
    assert (first["state"], first["epochs_done"]) == ("stopped", 1)
    train(tmp_path, "--resume", stop=Stop(1))
    second = told(tmp_path)
    assert second["created"] == first["created"]
    assert second["started"] != first["started"]
    assert second["figures"] == first["figures"]
    assert second["epochs_done"] == 1


def test_a_failure_is_on_record_with_its_sentence(train: Train, tmp_path: Path) -> None:
    outcome = train(tmp_path, data=tmp_path / "gone.zip")
    (failed,) = outcome.named("failed")
    record = told(tmp_path)
    assert (record["state"], record["sentence"]) == ("failed", failed["sentence"])


def test_a_refusal_leaves_the_record_of_an_earlier_run(train: Train, tmp_path: Path) -> None:
    train(tmp_path, stop=Stop(7))
    before = told(tmp_path)
    assert train(tmp_path, "--resume", "--batch-size", "4").status == 2
    assert told(tmp_path) == before


def test_the_request_is_kept_with_absolute_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    request = TrainingRequest(Path("cells.zip"), tmp_path, fine_tune=Path("/w/a"), name="a=b")
    RunRecord(request).begin(resumed=False)
    kept = TrainingRequest.from_json(told(tmp_path)["request"])
    assert kept == replace(request, data=tmp_path / "cells.zip")


def test_a_disk_that_refuses_does_not_end_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = RunRecord(TrainingRequest(tmp_path, tmp_path))
    record.begin(resumed=False)
    before = told(tmp_path)

    def full(path: Path, *_: object, **__: object) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        record.remember({"loss": 1.0})
    assert told(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_a_damaged_record_does_not_keep_from_resuming(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{")
    RunRecord(TrainingRequest(tmp_path, tmp_path, resume=True)).begin(resumed=True, epochs_done=3)
    assert told(tmp_path)["epochs_done"] == 3
