"""Lines of a program of the model become events."""

import pytest

from model.vocabulary.events import Event


def test_a_line_becomes_an_event() -> None:
    event = Event.parse('{"event": "epoch", "loss": 0.5, "type_acc": null}\n')
    assert event == Event("epoch", {"loss": 0.5, "type_acc": None})


@pytest.mark.parametrize("line", ["", "warning: x", "[1]", "{}", '{"event": 3}', "{"])
def test_any_other_line_is_none(line: str) -> None:
    assert Event.parse(line) is None


def test_an_event_comes_back_from_its_line() -> None:
    event = Event("progress", {"done": 3, "total": 9})
    assert Event.parse(event.line) == event
