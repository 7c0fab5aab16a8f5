import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from karyogui.workers.training_process import TrainingEnd, TrainingOutcome, TrainingProcess
from model.vocabulary.events import Event
from model.vocabulary.training_request import TrainingRequest

POLITE = """
import json, sys
say = lambda **event: print(json.dumps(event), flush=True)
say(event="started", steps=["global"], epochs={"global": 1}, arguments=sys.argv[1:])
print("a warning of some library", flush=True)
sys.stdout.write('{"event": "ep'); sys.stdout.flush()
sys.stdout.write('och", "step": "gl\\u00f6bal", "loss": 0.5}\\n'); sys.stdout.flush()
"""
WAIT = """
for line in sys.stdin:
    if line.strip() == "stop":
        say(event="stopped"); sys.exit(0)
"""
ENDINGS = {
    "finish": 'say(event="finished", weights="new.safetensors", metrics={})',
    "fail": 'say(event="failed", sentence="No cell in the archive.", hint="Look."); sys.exit(2)',
    "crash": 'sys.stderr.write("Segmentation fault\\n"); sys.exit(3)',
    "wait": WAIT,
    "patient": """
for line in sys.stdin:
    kinds = {"pause": "paused", "go on": "resumed", "stop": "stopped"}
    say(event=kinds[line.strip()])
    if line.strip() == "stop":
        sys.exit(0)
""",
    "refuse": """
sys.stdin.readline()
say(event="failed", sentence="The disk is full.", hint=""); sys.exit(2)
""",
    "deaf": "import time\nwhile True: time.sleep(0.05)",
}


class Heard:
    def __init__(self, process: TrainingProcess) -> None:
        self.events: list[Event] = []
        self.lines: list[str] = []
        self.outcomes: list[TrainingOutcome] = []
        process.event_received.connect(self.events.append)
        process.line_received.connect(self.lines.append)
        process.ended.connect(self.outcomes.append)


MakeProcess = Callable[..., TrainingProcess]


@pytest.fixture
def make(tmp_path: Path, qtbot: QtBot) -> MakeProcess:
    def build(ending: str, grace_ms: int = 60_000) -> TrainingProcess:
        script = tmp_path / "fake_training.py"
        script.write_text(POLITE + ENDINGS[ending], encoding="utf-8")
        return TrainingProcess(None, (sys.executable, str(script)), grace_ms)

    return build


def start(process: TrainingProcess, resume: bool = False) -> None:
    """In the folder of the fake program."""
    out = Path(process._program[-1]).parent / "out"
    process.start(TrainingRequest(Path("cells.zip"), out, resume=resume))


def test_events_lines_and_the_new_weights(qtbot: QtBot, make: MakeProcess) -> None:
    process = make("finish")
    heard = Heard(process)
    with qtbot.waitSignal(process.ended, timeout=20_000):
        start(process)
        assert process.is_running
    assert [event.kind for event in heard.events] == ["started", "epoch", "finished"]
    arguments = heard.events[0].fields["arguments"]
    assert isinstance(arguments, list)
    assert arguments[:2] == ["train", "--request"]
    assert TrainingRequest.read(Path(arguments[2])).data.name == "cells.zip"
    assert len(arguments) == 3
    assert heard.events[1].fields["step"] == "glöbal"
    assert heard.lines == ["a warning of some library"]
    assert heard.outcomes == [TrainingOutcome(TrainingEnd.FINISHED, Path("new.safetensors"))]
    assert not process.is_running


def test_a_failure_brings_its_sentence(qtbot: QtBot, make: MakeProcess) -> None:
    process = make("fail")
    heard = Heard(process)
    with qtbot.waitSignal(process.ended, timeout=20_000):
        start(process)
    (outcome,) = heard.outcomes
    assert outcome.end is TrainingEnd.FAILED
    assert (outcome.sentence, outcome.hint) == ("No cell in the archive.", "Look.")


def test_a_crash_is_told_with_its_last_words(qtbot: QtBot, make: MakeProcess) -> None:
    process = make("crash")
    heard = Heard(process)
    with qtbot.waitSignal(process.ended, timeout=20_000):
        start(process)
    (outcome,) = heard.outcomes
    assert outcome.end is TrainingEnd.FAILED
    assert "exit status 3" in outcome.sentence
    assert "Segmentation fault" in outcome.output


def test_stop_ends_it_politely(qtbot: QtBot, make: MakeProcess) -> None:
    process = make("wait")
    heard = Heard(process)
    with qtbot.waitSignal(process.event_received, timeout=20_000):
        start(process)
    with qtbot.waitSignal(process.ended, timeout=20_000):
        process.stop()
        process.stop()
    assert heard.outcomes == [TrainingOutcome(TrainingEnd.STOPPED)]


def test_a_training_that_does_not_listen_is_terminated(qtbot: QtBot, make: MakeProcess) -> None:
    process = make("deaf", grace_ms=1)
    heard = Heard(process)
    with qtbot.waitSignal(process.event_received, timeout=20_000):
        start(process)
    with qtbot.waitSignal(process.ended, timeout=20_000):
        process.stop()
    assert heard.outcomes == [TrainingOutcome(TrainingEnd.STOPPED)]


def test_a_program_that_does_not_start(qtbot: QtBot, tmp_path: Path) -> None:
    process = TrainingProcess(None, (str(tmp_path / "missing"),))
    heard = Heard(process)
    with qtbot.waitSignal(process.ended, timeout=20_000):
        start(process)
    assert [outcome.end for outcome in heard.outcomes] == [TrainingEnd.FAILED]


def test_resuming_is_said_beside_the_request(qtbot: QtBot, make: MakeProcess) -> None:
    process = make("finish")
    heard = Heard(process)
    with qtbot.waitSignal(process.ended, timeout=20_000):
        start(process, resume=True)
    arguments = heard.events[0].fields["arguments"]
    assert isinstance(arguments, list)
    assert arguments[3:] == ["--resume"]
    assert not TrainingRequest.read(Path(arguments[2])).resume


def test_a_folder_that_cannot_be_written_is_a_failure(
    qtbot: QtBot, make: MakeProcess, tmp_path: Path
) -> None:
    process = make("finish")
    heard = Heard(process)
    (tmp_path / "out").write_text("a file")
    start(process)
    (outcome,) = heard.outcomes
    assert outcome.end is TrainingEnd.FAILED
    assert "cannot be written" in outcome.sentence
    assert not process.is_running


def test_closing_the_window_ends_it(qtbot: QtBot, make: MakeProcess) -> None:
    process = make("deaf")
    heard = Heard(process)
    with qtbot.waitSignal(process.event_received, timeout=20_000):
        start(process)
    process.shut_down(wait_ms=1)
    assert not process.is_running
    assert [outcome.end for outcome in heard.outcomes] == [TrainingEnd.STOPPED]


def test_one_training_at_a_time(qtbot: QtBot, make: MakeProcess) -> None:
    process = make("wait")
    start(process)
    with pytest.raises(RuntimeError):
        start(process)
    process.shut_down(wait_ms=1)


def test_it_pauses_and_goes_on(qtbot: QtBot, make: MakeProcess) -> None:
    process = make("patient")
    process.pause()
    process.go_on()  # harmless: nothing runs
    heard = Heard(process)
    start(process)

    def told(kind: str) -> bool:
        return bool(heard.events) and heard.events[-1].kind == kind

    qtbot.waitUntil(lambda: told("epoch"), timeout=20_000)
    process.pause()
    qtbot.waitUntil(lambda: told("paused"), timeout=20_000)
    process.go_on()
    qtbot.waitUntil(lambda: told("resumed"), timeout=20_000)
    process.pause()
    with qtbot.waitSignal(process.ended, timeout=20_000):
        process.stop()
    assert heard.outcomes == [TrainingOutcome(TrainingEnd.STOPPED)]


def test_a_refusal_while_stopping_is_a_failure(qtbot: QtBot, make: MakeProcess) -> None:
    process = make("refuse")
    heard = Heard(process)
    with qtbot.waitSignal(process.event_received, timeout=20_000):
        start(process)
    with qtbot.waitSignal(process.ended, timeout=20_000):
        process.stop()
    (outcome,) = heard.outcomes
    assert (outcome.end, outcome.sentence) == (TrainingEnd.FAILED, "The disk is full.")
