"""A training request becomes arguments and comes back; lines of its process become events."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from karyogui.services.training import AUGMENTATION, EPOCHS, TrainingEvent, TrainingRequest

FULL = TrainingRequest(
    Path("a.zip"),
    Path("out"),
    "paper",
    "cpu",
    classifier="resnet-stn",
    hold_out=-1,
    fine_tune=Path("w.safetensors"),
    name="new one",
    epochs={"g_net": 0, "weak_localisation": 2, "alternations": 3, "fused": 4},
    settings={
        "batch_size": 8,
        "learning_rate": 0.0012,
        "decay": "tenfold",
        "augmentation.rotation": 30.0,
        "augmentation.blur": 0.5,
    },
    resume=True,
    allow_missing_types=True,
    extra=("--share", "0.5"),
)


def test_a_plain_request_leaves_everything_to_the_preset() -> None:
    assert TrainingRequest(Path("a"), Path("b")).command() == [
        *("train", "--data", "a", "--out", "b", "--preset", "compact", "--device", "auto"),
        *("--hold-out", "0"),
    ]


def test_the_command_of_a_full_request() -> None:
    command = FULL.command()
    pairs = list(pairwise(command))
    for pair in (
        ("--classifier", "resnet-stn"), ("--hold-out", "-1"), ("--fine-tune", "w.safetensors"),
        ("--name", "new one"), ("--epochs-g-net", "0"), ("--epochs-weak-localisation", "2"),
        ("--alternations", "3"), ("--epochs-fused", "4"), ("--batch-size", "8"),
        ("--learning-rate", "0.0012"), ("--decay", "tenfold"),
        ("--augmentation", "rotation=30.0"), ("--augmentation", "blur=0.5"), ("--share", "0.5"),
    ):  # fmt: skip
        assert pair in pairs
    assert {"--resume", "--allow-missing-types"} <= set(command)


@pytest.mark.parametrize(
    "request_",
    [FULL, TrainingRequest(Path("a"), Path("b")),
     TrainingRequest(Path("a"), Path("b"), epochs={"total": 5})],
)  # fmt: skip
def test_a_request_comes_back_from_its_arguments(request_: TrainingRequest) -> None:
    assert TrainingRequest.parse(request_.command()[1:]) == request_


@pytest.mark.parametrize(
    "arguments",
    [["--data", "a"], ["--data", "a", "--out"], ["--data", "a", "--out", "b", "--seed", "x"],
     ["--data", "a", "--out", "b", "--augmentation", "blur"]],
)  # fmt: skip
def test_odd_arguments_are_a_value_error(arguments: list[str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        TrainingRequest.parse(arguments)


@pytest.mark.parametrize(
    "changes", [{"epochs": {"g-net": 1}}, {"settings": {"momentum": 0.9}}, {"settings": {"x.y": 1}}]
)
def test_an_unknown_name_is_a_value_error(changes: dict[str, dict[str, float]]) -> None:
    request = replace(TrainingRequest(Path("a"), Path("b")), **changes)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown"):
        request.command()


def test_the_training_program_understands_every_name() -> None:
    """Every name that a request can carry is an option of `main.py train`."""
    from dataclasses import fields

    from model.data.augment import Augmentation
    from model.training.settings import COMPACT_SETTINGS, chosen_settings
    from model.training.train import _parser

    strengths = {f"{AUGMENTATION}{f.name}": 0.0 for f in fields(Augmentation)}
    settings = {
        "batch_size": 2, "learning_rate": 0.5, "weight_decay": 0.25, "ema": 0.0,
        "decay": "tenfold", "seed": 3, "zoom_gradient": "boxcar", **strengths,
    }  # fmt: skip
    steps = {step: number for number, step in enumerate(EPOCHS[1:], start=1)}
    request = replace(FULL, fine_tune=None, epochs=steps, settings=settings, extra=())
    options = _parser().parse_args(request.command()[1:])
    chosen = chosen_settings(options, COMPACT_SETTINGS)
    assert vars(chosen.epochs) == steps
    assert (chosen.batch_size, chosen.learning_rate, chosen.weight_decay) == (2, 0.5, 0.25)
    assert (chosen.ema, chosen.decay, chosen.seed) == (0.0, "tenfold", 3)
    assert set(vars(chosen.augmentation).values()) == {0.0}
    assert (options.zoom_gradient, options.resume, options.allow_missing_types) == (
        "boxcar", True, True,
    )  # fmt: skip


def test_a_line_becomes_an_event() -> None:
    event = TrainingEvent.parse('{"event": "epoch", "loss": 0.5, "type_acc": null}\n')
    assert event == TrainingEvent("epoch", {"loss": 0.5, "type_acc": None})


@pytest.mark.parametrize("line", ["", "warning: x", "[1]", "{}", '{"event": 3}', "{"])
def test_any_other_line_is_none(line: str) -> None:
    assert TrainingEvent.parse(line) is None
