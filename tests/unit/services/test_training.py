"""A training request becomes arguments; lines of its process become events."""

from pathlib import Path

import pytest

from karyogui.services.training import TrainingEvent, TrainingRequest


def test_the_command_of_a_request() -> None:
    request = TrainingRequest(Path("a.zip"), Path("out"), "paper", 3, "cpu", resume=True)
    assert request.command() == [
        "train",
        *("--data", "a.zip", "--out", "out", "--preset", "paper"),
        *("--epochs", "3", "--device", "cpu", "--resume"),
    ]
    assert "--epochs" not in TrainingRequest(Path("a"), Path("b")).command()


def test_a_line_becomes_an_event() -> None:
    event = TrainingEvent.parse('{"event": "epoch", "loss": 0.5, "type_acc": null}\n')
    assert event == TrainingEvent("epoch", {"loss": 0.5, "type_acc": None})


@pytest.mark.parametrize("line", ["", "warning: x", "[1]", "{}", '{"event": 3}', "{"])
def test_any_other_line_is_none(line: str) -> None:
    assert TrainingEvent.parse(line) is None
