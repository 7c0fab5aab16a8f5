"""A training request becomes a file and comes back, or comes from a command line."""

import argparse
import json
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest

from model.vocabulary.errors import ModelError
from model.vocabulary.presets import COMPACT
from model.vocabulary.training import COMPACT_SETTINGS, Augmentation
from model.vocabulary.training_request import (
    ALTERNATIONS,
    AUGMENTATION,
    STEPS,
    TrainingRequest,
    add_options,
    chosen_settings,
    with_zoom_gradient,
)

FULL = TrainingRequest(
    Path("/a.zip"),
    Path("/out"),
    "paper",
    "cpu",
    classifier="resnet-stn",
    hold_out=-1,
    fine_tune=Path("/w.safetensors"),
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
    more_data=(Path("/b.zip"), Path("/c")),
    teachers=(Path("/t.safetensors"),),
    teacher_weight=0.25,
    share=0.5,
)
FULL_ARGUMENTS = [
    "--data", "/a.zip", "--out", "/out", "--preset", "paper", "--device", "cpu",
    "--classifier", "resnet-stn", "--hold-out", "-1", "--fine-tune", "/w.safetensors",
    "--name", "new one", "--epochs-g-net", "0", "--epochs-weak-localisation", "2",
    "--alternations", "3", "--epochs-fused", "4", "--batch-size", "8",
    "--learning-rate", "0.0012", "--decay", "tenfold",
    "--augmentation", "rotation=30.0", "--augmentation", "blur=0.5",
    "--resume", "--allow-missing-types", "--more-data", "/b.zip", "--more-data", "/c",
    "--teacher", "/t.safetensors", "--teacher-weight", "0.25", "--share", "0.5",
]  # fmt: skip
PLAIN = TrainingRequest(Path("/a"), Path("/b"))
REQUESTS = [FULL, PLAIN, replace(PLAIN, epochs={"total": 5})]


def test_a_plain_request_leaves_everything_to_the_preset() -> None:
    assert chosen_settings(PLAIN, COMPACT_SETTINGS) == COMPACT_SETTINGS
    assert with_zoom_gradient(COMPACT, PLAIN) == COMPACT
    assert (PLAIN.preset, PLAIN.device, PLAIN.held_out) == ("compact", "auto", 0)


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_comes_back_from_its_file(request_: TrainingRequest, tmp_path: Path) -> None:
    written = replace(request_, out=tmp_path / "new" / "run")
    file = written.write()
    assert file == tmp_path / "new" / "run" / "request.json"
    assert TrainingRequest.read(file) == written
    assert [path.name for path in file.parent.iterdir()] == ["request.json"]


def test_files_are_named_absolutely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    near = TrainingRequest(
        Path("a"), Path("b"), fine_tune=Path("w"), more_data=(Path("c"),), teachers=(Path("t"),)
    )
    told = near.to_json()
    assert (told["data"], told["out"]) == (str(tmp_path / "a"), str(tmp_path / "b"))
    assert told["fine_tune"] == str(tmp_path / "w")
    assert (told["more_data"], told["teachers"]) == ([str(tmp_path / "c")], [str(tmp_path / "t")])


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (FULL_ARGUMENTS, FULL),
        (["--data", "/a", "--out=/b"], PLAIN),
        (["--data", "/a", "--out", "/b", "--epochs", "5", "--no-listen"], REQUESTS[2]),
    ],
)
def test_a_command_line_is_a_request(arguments: list[str], wanted: TrainingRequest) -> None:
    """So are the arguments on record of a training by an older version."""
    assert TrainingRequest.of_arguments(arguments) == wanted


@pytest.mark.parametrize(
    "arguments",
    [["--data", "a"], ["--data", "a", "--out"], ["--data", "a", "--out", "b", "--seed", "x"]],
)
def test_odd_arguments_are_refused(arguments: list[str]) -> None:
    with pytest.raises(ModelError, match="cannot be understood"):
        TrainingRequest.of_arguments(arguments)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"data": "a"}', '{"data": 3, "out": "b"}',
     '{"data": "a", "out": "b", "x": 1}',
     '{"data": "a", "out": "b", "hold_out": "0"}', '{"data": "a", "out": "b", "epochs": 3}',
     '{"data": "a", "out": "b", "teachers": [null]}'],
)  # fmt: skip
def test_odd_files_are_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(text)
    with pytest.raises(ModelError, match="training request"):
        TrainingRequest.read(file)


@pytest.mark.parametrize(
    "changes",
    [{"epochs": {"g-net": 1}}, {"settings": {"momentum": 0.9}}, {"settings": {"x.y": 1}},
     {"settings": {"augmentation.blurr": 0.5}}],
)  # fmt: skip
def test_an_unknown_name_is_refused(changes: dict[str, dict[str, float]]) -> None:
    request = replace(PLAIN, **changes)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="There is no"):
        chosen_settings(request, COMPACT_SETTINGS)


@pytest.mark.parametrize(
    "settings",
    [{"batch_size": 2.5}, {"seed": "1"}, {"ema": "x"}, {"decay": "linear"},
     {"augmentation.blur": "0.5"}],
)  # fmt: skip
def test_what_cannot_be_is_refused(settings: dict[str, float | str]) -> None:
    with pytest.raises(ModelError, match="cannot be"):
        chosen_settings(replace(PLAIN, settings=settings), COMPACT_SETTINGS)


def test_a_fold_and_a_gradient_that_there_are_not_are_refused() -> None:
    with pytest.raises(ModelError, match=r"Hold out cannot be 5\."):
        chosen_settings(replace(PLAIN, hold_out=5), COMPACT_SETTINGS)
    with pytest.raises(ModelError, match=r"Zoom gradient cannot be true\."):
        with_zoom_gradient(COMPACT, replace(PLAIN, settings={"zoom_gradient": "true"}))


def test_every_name_that_a_request_can_carry_is_heeded() -> None:
    strengths = {f"{AUGMENTATION}{f.name}": 0.0 for f in fields(Augmentation)}
    settings = {
        "batch_size": 2, "learning_rate": 0.5, "weight_decay": 0.25, "ema": 0.0,
        "decay": "tenfold", "seed": 3, "zoom_gradient": "boxcar", **strengths,
    }  # fmt: skip
    steps = {step: number for number, step in enumerate((*STEPS, ALTERNATIONS), start=1)}
    request = replace(PLAIN, epochs=steps, settings=settings)
    chosen = chosen_settings(request, COMPACT_SETTINGS)
    assert asdict(chosen.epochs) == steps
    assert (chosen.batch_size, chosen.learning_rate, chosen.weight_decay) == (2, 0.5, 0.25)
    assert (chosen.ema, chosen.decay, chosen.seed) == (0.0, "tenfold", 3)
    assert set(asdict(chosen.augmentation).values()) == {0.0}
    assert with_zoom_gradient(COMPACT, request).zoom_gradient == "boxcar"


def test_every_field_of_a_request_has_its_option() -> None:
    parser = argparse.ArgumentParser()
    add_options(parser)
    names = {action.dest for action in parser._actions} | {"teachers", "settings", "network"}
    assert {f.name for f in fields(TrainingRequest)} <= names


def test_a_file_is_plain_json(tmp_path: Path) -> None:
    file = replace(FULL, out=tmp_path).write()
    told = json.loads(file.read_text())
    assert told["settings"]["augmentation.rotation"] == 30.0
    assert (told["hold_out"], told["resume"]) == (-1, True)
