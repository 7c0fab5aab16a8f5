import io
import json
import os
import threading
import time
from collections.abc import Iterator

import pytest

from model.training.events import Reporter, StopRequest


class Gone(io.StringIO):
    """A reader that has closed its end."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_one_json_object_a_line() -> None:
    out = io.StringIO()
    reporter = Reporter(out)
    reporter.say("batch", step="G-Net", loss=1.5)
    reporter.say("stopped")
    lines = out.getvalue().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"event": "batch", "step": "G-Net", "loss": 1.5}, {"event": "stopped"},
    ]  # fmt: skip


def test_it_speaks_on_the_standard_output_of_the_moment(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Reporter().say("stopped")
    assert capsys.readouterr().out == '{"event": "stopped"}\n'


@pytest.mark.parametrize("closed", [False, True])
def test_a_reader_that_has_gone_does_not_end_the_training(closed: bool) -> None:
    out = io.StringIO() if closed else Gone()
    if closed:
        out.close()
    reporter = Reporter(out)
    reporter.say("batch")
    reporter.say("batch")


def waited(stop: StopRequest) -> bool:
    """Whether a stop is asked for, once the listener has read everything."""
    for thread in threading.enumerate():
        foreign = thread.name.startswith("Dummy")  # begun by a library, cannot be waited for
        if thread is not threading.current_thread() and thread.daemon and not foreign:
            thread.join(0.5)
    return bool(stop)


@pytest.mark.parametrize(
    ("text", "asked"),
    [("stop\n", True), ("  stop  \n", True), ("hello\nstop\nmore\n", True), ("stop", True),
     ("", False), ("stopp\nSTOP\n", False)],
)  # fmt: skip
def test_the_line_stop_asks_for_a_stop(text: str, asked: bool) -> None:
    assert waited(StopRequest(io.StringIO(text))) is asked


def test_without_an_input_only_the_program_can_ask() -> None:
    stop = StopRequest()
    assert not stop
    stop.ask()
    assert stop


def test_nothing_is_read_after_stop() -> None:
    read = []

    class Lines(io.StringIO):
        def __iter__(self) -> Iterator[str]:  # type: ignore[override]
            for line in ("go\n", "stop\n", "late\n"):
                read.append(line)
                yield line

    assert waited(StopRequest(Lines()))
    assert read == ["go\n", "stop\n"]


def test_a_pause_holds_until_go_on() -> None:
    told = io.StringIO()
    reader, writer = os.pipe()
    with os.fdopen(reader) as source, os.fdopen(writer, "w", buffering=1) as speaker:
        request = StopRequest(source)
        assert request.wait_while_paused(Reporter(told)) == 0.0
        speaker.write("pause\n")
        while request._may_go_on.is_set():
            time.sleep(0.001)
        waiting = threading.Thread(target=request.wait_while_paused, args=(Reporter(told),))
        waiting.start()
        while "paused" not in told.getvalue():
            time.sleep(0.001)
        assert waiting.is_alive()
        speaker.write("go on\n")
        waiting.join(20)
        assert not waiting.is_alive()
    assert [json.loads(line)["event"] for line in told.getvalue().splitlines()] == [
        "paused", "resumed",
    ]  # fmt: skip
    assert not request


@pytest.mark.parametrize(("last", "stops"), [("stop\n", True), ("", False)])
def test_a_pause_ends_with_stop_and_when_nobody_is_left(last: str, stops: bool) -> None:
    """Otherwise a training whose window is gone would wait for ever."""
    request = StopRequest(io.StringIO("pause\n" + last))
    assert waited(request) is stops
    request.wait_while_paused(Reporter(io.StringIO()))
