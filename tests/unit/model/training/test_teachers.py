"""Distillation: what a network learns from the answers of others."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F

from model.data.cells import read_archive
from model.data.dataset import plain_batches, samples_of
from model.training.losses import multi_task_loss, soft_multi_task_loss
from model.training.teachers import Teachers
from model.weights import DEFAULT, load_model
from tests.unit.model.builders import TINY
from tests.unit.model.training.conftest import Outcome, Stop, Train

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def teacher(whole: tuple[Outcome, Path]) -> Path:
    return whole[1] / "tiny.safetensors"


def tensors(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / "tiny.safetensors")


def same(a: Path, b: Path) -> bool:
    first, second = tensors(a), tensors(b)
    return all(torch.equal(first[name], second[name]) for name in first)


@given(st.integers(0, 23), st.integers(0, 1), st.integers(0, 1000))
def test_a_teacher_who_is_certain_says_what_a_label_says(kind: int, arm: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(1, 24, generator=generator), torch.randn(1, 2, generator=generator)
    certain = F.one_hot(torch.tensor([kind]), 24).float(), F.one_hot(torch.tensor([arm]), 2).float()
    hard = multi_task_loss(logits, torch.tensor([kind]), torch.tensor([arm]))
    assert soft_multi_task_loss(logits, certain).item() == pytest.approx(hard.item(), rel=1e-5)


def test_the_loss_is_least_where_the_pupil_answers_as_its_teacher() -> None:
    answers = torch.tensor([[0.7, 0.3] + [0.0] * 22]), torch.tensor([[0.2, 0.8]])
    like = tuple(torch.log(a + 1e-9) for a in answers)
    sure = torch.tensor([[9.0, 0.0] + [0.0] * 22]), torch.tensor([[0.0, 9.0]])
    alike = soft_multi_task_loss((like[0], like[1]), answers)
    assert alike < soft_multi_task_loss(sure, answers)


def test_a_pupil_comes_to_answer_as_its_teacher(
    train: Train, archive: Path, teacher: Path, tmp_path: Path
) -> None:
    """Of two trainings from the same start, the taught one ends nearer to the teacher."""
    for name, arguments in (("alone", ()), ("taught", ("--teacher-weight", "1"))):
        taught = ("--teacher", str(teacher), *arguments) if arguments else ()
        assert train(tmp_path / name, *taught, "--seed", "5").status == 0
    samples = samples_of(read_archive(archive).cells, TINY)
    (batch,) = plain_batches(samples, TINY, len(samples))
    images = batch.images(TINY, CPU)
    wanted = load_model(teacher, CPU).net(images, batch.sizes).type.softmax(1)
    losses = []
    for name in ("alone", "taught"):
        net = load_model(tmp_path / name / "tiny.safetensors", CPU).net
        losses.append(F.cross_entropy(net(images, batch.sizes).type, wanted).item())
    assert losses[1] < losses[0]


def test_the_card_names_the_teachers(train: Train, teacher: Path, tmp_path: Path) -> None:
    outcome = train(tmp_path, "--teacher", str(teacher), "--teacher", str(teacher))
    assert outcome.status == 0
    card = json.loads((tmp_path / "tiny.json").read_text())
    own = json.loads(teacher.with_suffix(".json").read_text())
    assert card["teachers"]["weight"] == 0.5
    assert [t["sha256"] for t in card["teachers"]["networks"]] == [own["sha256"]] * 2
    assert "teachers" not in own


def test_a_teacher_without_weight_changes_nothing(
    train: Train, teacher: Path, whole: tuple[Outcome, Path], tmp_path: Path
) -> None:
    train(tmp_path, "--teacher", str(teacher), "--teacher-weight", "0")
    assert same(tmp_path, whole[1])


def test_a_stopped_pupil_goes_on_to_the_same_weights(
    train: Train, teacher: Path, tmp_path: Path
) -> None:
    arguments = ("--teacher", str(teacher), "--resume")
    train(tmp_path / "whole", *arguments)
    train(tmp_path / "halves", *arguments, stop=Stop(41))
    assert not (tmp_path / "halves" / "tiny.safetensors").exists()
    refused = train(tmp_path / "halves", "--resume")
    assert "other settings" in refused.named("failed")[0]["sentence"]
    train(tmp_path / "halves", *arguments)
    assert same(tmp_path / "whole", tmp_path / "halves")


def test_validation_is_by_the_labels_alone(
    train: Train, teacher: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the losses of a taught and an untaught network can be compared."""
    validating: list[bool] = []
    ask = Teachers.loss

    def watched(self: Teachers, *arguments: Any) -> Tensor:
        validating.append(torch.is_inference_mode_enabled())
        return ask(self, *arguments)

    monkeypatch.setattr(Teachers, "loss", watched)
    train(tmp_path, "--teacher", str(teacher))
    assert validating
    assert not any(validating)


@pytest.mark.parametrize("weight", ["-0.1", "1.5", "nan"])
def test_a_weight_that_is_no_share_is_refused(
    train: Train, teacher: Path, tmp_path: Path, weight: str
) -> None:
    outcome = train(tmp_path, "--teacher", str(teacher), "--teacher-weight", weight)
    assert outcome.status == 2
    assert "weight cannot be" in outcome.named("failed")[0]["sentence"]


def test_a_teacher_who_has_seen_the_held_out_cases_is_refused(
    train: Train, teacher: Path, tmp_path: Path
) -> None:
    outcome = train(tmp_path, "--teacher", str(teacher), "--hold-out", "1")
    assert outcome.status == 2
    assert "has seen cases of fold 1" in outcome.named("failed")[0]["sentence"]


def test_a_teacher_for_other_pictures_is_refused(train: Train, tmp_path: Path) -> None:
    outcome = train(tmp_path, "--teacher", str(DEFAULT))
    assert outcome.status == 2
    assert "another kind" in outcome.named("failed")[0]["sentence"]
