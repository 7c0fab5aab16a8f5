"""Whole trainings of a tiny network: what they tell, what they leave, how they go on."""

import dataclasses
import errno
import json
import math
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
import torch
from torch import Tensor

import model.training.checkpoint
import model.training.loop
import model.training.steps
from model.data.cells import read_archive
from model.data.splits import split
from model.training.checkpoint import load_checkpoint
from model.vocabulary.archive import fold_of
from model.vocabulary.labels import TYPES
from model.vocabulary.training_request import TrainingRequest
from model.weights import load_model
from tests.unit.model.builders import TINY, blob, cell_files, png, write_folder
from tests.unit.model.training.conftest import SETTINGS, Outcome, Stop, Train

STEPS = ["G-Net", "localisation", "L-Net", "weak localisation", "Varifocal-Net"]
EPOCHS = [2, 1, 2, 1, 3]
PACE = ("device", "images_per_second", "seconds_left", "memory")
BATCHES_PER_EPOCH = 5  # 40 chromosomes in batches of 8


def tensors_of(folder: Path) -> dict[str, Tensor]:
    """The weights in full precision, from the checkpoint of a finished training."""
    assert (folder / "tiny.safetensors").is_file()
    checkpoint = load_checkpoint(folder / "checkpoint.safetensors")
    assert checkpoint.position.phase == len(STEPS)
    return dict(checkpoint.tensors)


def assert_same_weights(a: Path, b: Path) -> None:
    first, second = tensors_of(a), tensors_of(b)
    assert first.keys() == second.keys()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []


def test_a_training_tells_its_course(whole: tuple[Outcome, Path]) -> None:
    outcome, _ = whole
    assert outcome.status == 0
    kinds = [event["event"] for event in outcome.events]
    assert kinds[:2] == ["reading", "started"]
    assert kinds[-1] == "finished"
    assert set(kinds[2:-1]) == {"batch", "epoch"}
    (started,) = outcome.named("started")
    assert started["preset"] == "tiny"
    assert started["device"] == "cpu"
    assert started["steps"] == STEPS
    assert started["epochs"] == dict(zip(STEPS, EPOCHS, strict=True))
    assert started["parameters"] > 1000
    assert started["processes"] == 1
    assert started["settings"] == SETTINGS.to_json() | {"augmentation": ANY}


def test_every_epoch_tells_its_figures(whole: tuple[Outcome, Path]) -> None:
    epochs = whole[0].named("epoch")
    wanted = [(s, e + 1, n) for s, n in zip(STEPS, EPOCHS, strict=True) for e in range(n)]
    assert [(e["step"], e["epoch"], e["epochs"]) for e in epochs] == wanted
    for event in epochs:
        assert event.keys() == {
            "event", "step", "epoch", "epochs", "seconds", "loss", "type_acc", "polarity_acc",
            "val_loss", "val_type_acc", "val_polarity_acc", "learning_rate", *PACE,
        }  # fmt: skip
        assert math.isfinite(event["loss"])
        assert math.isfinite(event["val_loss"])
        for name in ("type_acc", "polarity_acc", "val_type_acc", "val_polarity_acc"):
            assert event[name] is None or 0 <= event[name] <= 1
            assert (event[name] is None) == (event["step"] == "localisation")


def test_batches_tell_how_far_the_epoch_is(whole: tuple[Outcome, Path]) -> None:
    batches = whole[0].named("batch")
    first = [b for b in batches if (b["step"], b["epoch"]) == ("G-Net", 1)]
    assert [b["done"] for b in first] == list(range(1, BATCHES_PER_EPOCH + 1))
    assert {b["total"] for b in batches} == {BATCHES_PER_EPOCH}
    told = {"event", "step", "epoch", "done", "total", "loss", *PACE}
    assert all(b.keys() == told for b in batches)
    assert {b["device"] for b in batches} == {"cpu"}
    assert all(b["images_per_second"] > 0 for b in batches)
    assert all(b["memory"] is None or b["memory"] > 10 for b in batches)
    assert batches[-1]["seconds_left"] == 0


def test_the_network_learns(whole: tuple[Outcome, Path]) -> None:
    losses = [e["loss"] for e in whole[0].named("epoch") if e["step"] == "G-Net"]
    assert losses[-1] < losses[0]


def test_finished_weights_load_and_describe_themselves(
    whole: tuple[Outcome, Path], archive: Path
) -> None:
    outcome, folder = whole
    (finished,) = outcome.named("finished")
    weights = Path(finished["weights"])
    assert weights == folder / "tiny.safetensors"
    loaded = load_model(weights, torch.device("cpu"))
    assert loaded.config == TINY
    card = loaded.card
    assert card["name"] == card["preset"] == "tiny"
    assert card["metrics"] == finished["metrics"]
    assert card["metrics"].keys() == {"val_loss", "val_type_acc", "val_polarity_acc"}
    assert card["classes"] == list(TYPES)
    assert card["held_out_fold"] == 0
    assert card["split"] == "by case, fold 0 of 5 held out (1 cells)"
    assert card["data"] == "cells: 4 cells, 40 chromosomes"
    assert {"version", "created", "sha256", "settings", "parameters"} <= card.keys()
    assert len(card["history"]) == sum(EPOCHS)
    held_out = {c.case for c in split(read_archive(archive).cells, 0)[1]}
    assert len(held_out) == 1
    assert {fold_of(case) for case in held_out} == {0}
    assert not list(folder.glob(".*"))


@pytest.mark.parametrize("after", [3, 8, 14, 20, 27, 39])
def test_a_stopped_training_goes_on_to_the_same_weights(
    train: Train, whole: tuple[Outcome, Path], tmp_path: Path, after: int
) -> None:
    """Stopped in the middle of each step, of a first epoch and of a later one."""
    out = tmp_path / "halves"
    stopped = train(out, stop=Stop(after))
    assert stopped.status == 0
    assert stopped.events[-1] == {"event": "stopped"}
    assert not (out / "tiny.safetensors").exists()
    resumed = train(out, "--resume")
    assert resumed.named("finished")
    assert_same_weights(out, whole[1])
    told = [(e["step"], e["epoch"]) for e in (*stopped.named("epoch"), *resumed.named("epoch"))]
    assert told == [(e["step"], e["epoch"]) for e in whole[0].named("epoch")]
    (started,) = resumed.named("started")
    assert len(started["resumed_history"]) == (after - 1) // BATCHES_PER_EPOCH


def test_stopped_after_every_epoch_it_still_ends_the_same(
    train: Train, whole: tuple[Outcome, Path], tmp_path: Path
) -> None:
    out = tmp_path / "pieces"
    for _ in range(sum(EPOCHS)):
        assert train(out, "--resume", stop=Stop(BATCHES_PER_EPOCH + 1)).status == 0
    assert_same_weights(out, whole[1])


def test_a_finished_training_resumed_writes_the_same_again(
    train: Train, whole: tuple[Outcome, Path], tmp_path: Path
) -> None:
    out = tmp_path / "again"
    out.mkdir()
    shutil.copy(whole[1] / "checkpoint.safetensors", out)
    again = train(out, "--resume")
    assert again.named("epoch") == []
    assert again.named("finished")[0]["metrics"] == whole[0].named("finished")[0]["metrics"]
    assert (out / "tiny.safetensors").read_bytes() == (whole[1] / "tiny.safetensors").read_bytes()


def test_without_resume_it_starts_anew(
    train: Train, whole: tuple[Outcome, Path], tmp_path: Path
) -> None:
    out = tmp_path / "anew"
    train(out, stop=Stop(12))
    outcome = train(out)
    assert len(outcome.named("epoch")) == sum(EPOCHS)
    assert_same_weights(out, whole[1])


@pytest.mark.parametrize(
    "arguments",
    [
        ("--weight-decay", "0.5"),
        ("--hold-out", "1"),
        ("--batch-size", "4"),
        ("--zoom-gradient", "boxcar"),
    ],
    ids=lambda a: a[0],
)
def test_a_checkpoint_of_another_training_is_refused(
    train: Train, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    train(tmp_path, stop=Stop(7))
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    outcome = train(tmp_path, "--resume", *arguments)
    assert outcome.status == 2
    (failed,) = outcome.named("failed")
    assert "belongs to a training with other settings or other data" in failed["sentence"]
    assert failed["hint"]
    assert outcome.named("started") == []
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before


def test_a_checkpoint_of_other_data_is_refused(train: Train, tmp_path: Path, archive: Path) -> None:
    train(tmp_path, stop=Stop(7))
    other = write_folder(tmp_path / "other", cell_files("p", "m7", [0, 1, 2]))
    outcome = train(tmp_path, "--resume", "--hold-out", "-1", data=other)
    assert outcome.named("failed")


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x08\0\0\0\0\0\0\0{}      "])
def test_a_damaged_checkpoint_is_told(train: Train, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "checkpoint.safetensors").write_bytes(content)
    outcome = train(tmp_path, "--resume")
    assert outcome.status == 2
    (failed,) = outcome.named("failed")
    assert "checkpoint.safetensors cannot be read" in failed["sentence"]
    assert "--resume" in failed["hint"]


def test_a_loss_that_is_no_number_ends_it_in_one_sentence(train: Train, tmp_path: Path) -> None:
    wild = dataclasses.replace(SETTINGS, learning_rate=float("inf"))
    outcome = train(tmp_path, settings=wild)
    assert outcome.status == 2
    (failed,) = outcome.named("failed")
    assert failed["sentence"] == "The loss became nan in step G-Net, epoch 1, batch 2 of 5."
    assert "lower learning rate" in failed["hint"]
    assert outcome.events[-1] == failed


class NanInStep:
    """Stands for a step's loss: no number in batch `at` of step 4."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.loss = model.training.steps.multi_task_loss

    def __call__(self, *arguments: Any) -> Tensor:
        self.left -= 1
        return self.loss(*arguments) * (math.nan if self.left == 0 else 1.0)


def test_a_lost_loss_leaves_the_checkpoint_and_a_lower_rate_goes_on(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(model.training.steps, "multi_task_loss", NanInStep(at=8))
        outcome = train(tmp_path)
    (failed,) = outcome.named("failed")
    assert failed["sentence"] == "The loss became nan in step G-Net, epoch 2, batch 2 of 5."
    saved = load_checkpoint(tmp_path / "checkpoint.safetensors")
    assert (saved.position.phase, saved.position.epoch) == (0, 1)
    assert all(bool(v.isfinite().all()) for v in saved.tensors.values())
    lower = train(tmp_path, "--resume", "--learning-rate", "0.0005")
    (warning,) = lower.named("warning")
    assert warning["sentence"] == "The learning rate is 0.0005 from here on; it was 0.003."
    history = load_checkpoint(tmp_path / "checkpoint.safetensors").position.history
    assert [e["learning_rate"] for e in history] == [0.003] + [0.0005] * (sum(EPOCHS) - 1)
    assert lower.named("finished")
    again = train(tmp_path, "--resume", "--learning-rate", "0.0005")
    assert again.named("warning") == []


def test_weights_that_are_no_numbers_never_reach_the_checkpoint(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last step of an epoch can spoil them after its loss was still a number."""
    step = torch.optim.AdamW.step

    def spoil(optimiser: torch.optim.AdamW) -> None:
        step(optimiser)
        optimiser.param_groups[0]["params"][0].data.fill_(math.inf)

    train(tmp_path, stop=Stop(3))
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(torch.optim.AdamW, "step", spoil)
        outcome = train(tmp_path, "--resume", stop=Stop(1))
    (failed,) = outcome.named("failed")
    assert failed["sentence"] == "The weights are no longer numbers."
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before
    assert train(tmp_path, "--resume").named("finished")


class FullDisk:
    """Stands for `save_file`: after so many files the disk is full in the middle of one."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.save_file = model.training.checkpoint.save_file

    def __call__(self, tensors: dict[str, Tensor], path: Path, metadata: Any = None) -> None:
        self.left -= 1
        if self.left < 0:
            path.write_bytes(b"half a")
            raise OSError(errno.ENOSPC, "No space left on device")
        self.save_file(tensors, path, metadata)


def test_a_full_disk_keeps_the_last_checkpoint(
    train: Train, whole: tuple[Outcome, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "full"
    with monkeypatch.context() as patch:
        patch.setattr(model.training.checkpoint, "save_file", FullDisk(after=4))
        outcome = train(out)
    assert outcome.status == 2
    (failed,) = outcome.named("failed")
    assert failed["sentence"].startswith("checkpoint.safetensors could not be written")
    assert "No space left on device" in failed["sentence"]
    assert "make room and resume" in failed["hint"]
    assert {path.name for path in out.iterdir()} == {"checkpoint.safetensors", "run.json"}
    saved = load_checkpoint(out / "checkpoint.safetensors").position
    assert (saved.phase, saved.epoch) == (1, 1)
    assert train(out, "--resume").status == 0
    assert_same_weights(out, whole[1])


def test_a_folder_that_cannot_be_made_is_told(train: Train, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    outcome = train(tmp_path / "file" / "run")
    assert outcome.status == 2
    assert len(outcome.named("failed")) == 1


def test_what_is_left_out_of_the_data_is_told(train: Train, tmp_path: Path, archive: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(archive, data)
    picture = next(data.rglob("*-1.png"))
    picture.rename(picture.with_name("mar-1.png"))
    (told,) = train(tmp_path / "run", data=data).named("left_out")
    assert "“mar” is no chromosome type" in told["sentence"]


def test_a_missing_archive_is_told(train: Train, tmp_path: Path) -> None:
    outcome = train(tmp_path, data=tmp_path / "gone.zip")
    assert outcome.status == 2
    (failed,) = outcome.named("failed")
    assert "gone.zip" in failed["sentence"]


def test_a_picture_of_nothing_is_told_with_its_cell(train: Train, tmp_path: Path) -> None:
    white = png(blob() * 0 + 255)
    data = write_folder(tmp_path / "data", {"p1/m1/1-1.png": white, "p1/m1/2-1.png": png(blob())})
    outcome = train(tmp_path / "run", "--hold-out", "-1", data=data)
    (failed,) = outcome.named("failed")
    assert failed["sentence"] == "Cell p1/m1: No chromosome can be seen in the picture."


def test_a_request_is_trained_as_it_stands(train: Train, archive: Path, tmp_path: Path) -> None:
    """Of the other options only --resume counts beside it."""
    request = TrainingRequest(
        archive, tmp_path / "run", "tiny", "cpu", name="asked", epochs={"total": 5},
        settings={"seed": 3, "augmentation.blur": 0.0}, allow_missing_types=True,
    )  # fmt: skip
    file = request.write()
    outcome = train(tmp_path / "elsewhere", "--request", str(file), "--epochs", "9", stop=Stop(7))
    assert [e["event"] for e in outcome.events if e["event"] == "stopped"]
    outcome = train(tmp_path / "elsewhere", "--request", str(file), "--resume")
    (started,) = outcome.named("started")
    assert sum(started["epochs"].values()) == 5
    assert started["resumed_history"]
    assert (started["settings"]["seed"], started["settings"]["augmentation"]["blur"]) == (3, 0.0)
    assert (request.out / "asked.safetensors").exists()
    assert not (tmp_path / "elsewhere").exists()


def test_a_request_that_cannot_be_understood_is_told(train: Train, tmp_path: Path) -> None:
    (tmp_path / "request.json").write_text('{"data": "a", "out": "b", "hold_out": "all"}')
    outcome = train(tmp_path, "--request", str(tmp_path / "request.json"))
    assert outcome.status == 2
    (failed,) = outcome.named("failed")
    assert failed["sentence"] == "The training request cannot be understood (hold_out: 'all')."


def test_without_a_held_out_case_validation_is_null(train: Train, tmp_path: Path) -> None:
    outcome = train(tmp_path, "--hold-out", "-1", "--epochs", "5", "--name", "all")
    assert {e["val_loss"] for e in outcome.named("epoch")} == {None}
    (finished,) = outcome.named("finished")
    assert finished["metrics"] == {}
    card = json.loads((tmp_path / "all.json").read_text())
    assert card["held_out_fold"] is None
    assert card["split"] == "all cases"
    assert card["name"] == "all"


def test_a_number_of_epochs_is_spread_over_the_steps(train: Train, tmp_path: Path) -> None:
    outcome = train(tmp_path, "--epochs", "1", stop=Stop(1))
    (started,) = outcome.named("started")
    assert list(started["epochs"].values()) == [1, 1, 1, 1, 1]


def test_alternations_repeat_step_4(train: Train, tmp_path: Path) -> None:
    epochs = dataclasses.replace(SETTINGS.epochs, alternations=2, l_net=1)
    outcome = train(tmp_path, settings=dataclasses.replace(SETTINGS, epochs=epochs))
    steps = [e["step"] for e in outcome.named("epoch")]
    assert steps[3:-3] == ["L-Net", "weak localisation"] * 2


@pytest.mark.parametrize("gradient", ["boxcar", "sampler"])
def test_stage_2_as_printed_trains_the_classifiers_alone(
    train: Train, tmp_path: Path, gradient: str
) -> None:
    printed = dataclasses.replace(SETTINGS, fused_trains_all=False, ema=0.0, decay="tenfold")
    out = tmp_path / "printed"
    train(out, "--zoom-gradient", gradient, settings=printed, stop=Stop(31))
    before = load_checkpoint(out / "checkpoint.safetensors")
    assert (before.position.phase, before.position.epoch, before.position.batch) == (4, 0, 1)
    train(out, "--zoom-gradient", gradient, "--resume", settings=printed)
    after = load_checkpoint(out / "checkpoint.safetensors").tensors
    changed = {
        name
        for name, value in before.tensors.items()
        if name.startswith("net.") and not torch.equal(value, after[name])
    }
    assert changed
    assert all(name.startswith("net.fused") for name in changed)
