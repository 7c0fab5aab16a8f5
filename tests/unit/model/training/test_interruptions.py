"""Trainings as processes: killed at any moment, told to pause and stop, on a full disk."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch

from karyogui.services.training_runs import past_runs
from model.training.checkpoint import load_checkpoint
from tests.unit.model.training.programs import (
    arguments,
    environment,
    events_in,
    run_tiny,
    start_tiny,
)

KILLS = 3


def assert_same(a: Path, b: Path) -> None:
    """History and weights are those of the other run."""
    first, second = (load_checkpoint(run / "checkpoint.safetensors") for run in (a, b))
    plain = [
        [{k: v for k, v in entry.items() if k != "seconds"} for entry in run.position.history]
        for run in (first, second)
    ]
    assert plain[0] == plain[1]
    assert first.tensors.keys() == second.tensors.keys()
    assert [n for n in first.tensors if not torch.equal(first.tensors[n], second.tensors[n])] == []
    assert (a / "tiny.safetensors").read_bytes() == (b / "tiny.safetensors").read_bytes()


def test_killed_again_and_again_it_ends_as_if_nothing_had_been(
    archive: Path, undisturbed: Path, tmp_path: Path
) -> None:
    """SIGKILL at random moments, in a batch, in a write, between epochs: nothing is lost."""
    rng = random.Random(20190301)
    out = tmp_path / "runs" / "killed"
    seen = 0
    for _ in range(KILLS):
        process = start_tiny(archive, out, "--resume", SAVE_EVERY="0")
        assert process.stdout is not None
        batches = rng.randint(1, 12)
        for line in process.stdout:
            batches -= json.loads(line)["event"] == "batch"
            if not batches:
                break
        time.sleep(rng.uniform(0, 0.03))
        process.kill()
        process.communicate()
        (run,) = past_runs(tmp_path / "runs")
        assert run.state == "interrupted"
        assert run.can_resume
        position = load_checkpoint(out / "checkpoint.safetensors").position
        now = len(position.history) + position.batch / 5
        assert now > seen
        seen = now
    events = run_tiny(archive, out, "--resume")
    assert events[-1]["event"] == "finished"
    assert_same(out, undisturbed)
    (run,) = past_runs(tmp_path / "runs")
    assert (run.state, run.epochs_done, run.epochs_total) == ("finished", 9, 9)
    assert run.weights == out / "tiny.safetensors"


class Talk:
    """A training that is talked to over its standard input."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def until(self, kind: str) -> dict[str, Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event: dict[str, Any] = json.loads(line)
            if event["event"] == kind:
                return event
        raise AssertionError(f"it ended without “{kind}”")


def test_pause_go_on_stop_a_full_disk_and_resume(
    archive: Path, undisturbed: Path, tmp_path: Path
) -> None:
    """One training that is paused, stopped while paused, refused by the disk, and ends well."""
    out = tmp_path / "runs" / "talk"
    talk = Talk(start_tiny(archive, out))
    talk.until("batch")
    talk.say("pause")
    talk.until("paused")
    assert past_runs(out.parent)[0].state == "running"
    talk.say("go on")
    talk.until("resumed")
    talk.until("epoch")
    talk.say("pause")
    talk.until("paused")
    talk.say("stop")
    talk.until("stopped")
    talk.process.communicate(timeout=60)
    assert talk.process.returncode == 0
    (run,) = past_runs(out.parent)
    assert (run.state, run.can_resume) == ("stopped", True)
    if sys.platform != "win32":
        assert_a_full_disk_is_told(archive, out)
    run_tiny(archive, out, "--resume")
    assert_same(out, undisturbed)


def assert_a_full_disk_is_told(archive: Path, out: Path) -> None:
    """The system itself refuses the bytes, in the middle of the checkpoint's file."""
    before = (out / "checkpoint.safetensors").read_bytes()
    limited = (
        "import resource, runpy, sys; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); "
        "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    measured = environment()  # the measuring of coverage could not write either
    unmeasured = {k: v for k, v in measured.items() if not k.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-c", limited, *arguments(archive, out, "--resume")],
        env=unmeasured, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2
    failed = events_in(done.stdout)[-1]
    assert failed["event"] == "failed"
    assert "could not be written" in failed["sentence"]
    assert "File too large" in failed["sentence"]
    assert done.stderr.count("\n") == 1
    assert (out / "checkpoint.safetensors").read_bytes() == before
    assert not list(out.glob(".*"))
    (run,) = past_runs(out.parent)
    assert (run.state, run.sentence, run.can_resume) == ("failed", failed["sentence"], True)
