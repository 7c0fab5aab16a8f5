"""Records of trainings: which there are, how they ended, whether they can go on."""

import json
import logging
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from karyogui.services.training_runs import past_runs, process_start
from model.vocabulary.training_request import TrainingRequest

CREATED = "2026-01-02T03:04:05.000+00:00"


def write_run(folder: Path, **changes: Any) -> Path:
    folder.mkdir(parents=True)
    told = {
        "format": 2,
        "request": TrainingRequest(
            Path("/d/cells.zip"), Path("/elsewhere"), epochs={"total": 5}, resume=True
        ).to_json(),
        "created": CREATED, "started": CREATED, "ended": None, "pid": os.getpid(),
        "state": "stopped", "sentence": "", "hint": "", "figures": {"val_type_acc": 0.5},
        "weights": None, "name": "tiny", "device": "cpu", "epochs_done": 2, "epochs_total": 5,
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(told | changes))
    return folder


def test_runs_are_listed_newest_first(tmp_path: Path) -> None:
    for name, day in (("a", 2), ("b", 4), ("c", 3)):
        write_run(tmp_path / name, created=f"2026-01-{day:02d}T00:00:00+00:00")
    (tmp_path / "weights only").mkdir()
    assert [run.folder.name for run in past_runs(tmp_path)] == ["b", "c", "a"]
    assert past_runs(tmp_path / "missing") == ()


def test_a_run_tells_what_was_asked_for_where_it_lies_now(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a")
    (run,) = past_runs(tmp_path)
    assert run.request == TrainingRequest(Path("/d/cells.zip"), folder, epochs={"total": 5})
    assert (run.state, run.name, run.device) == ("stopped", "tiny", "cpu")
    assert (run.epochs_done, run.epochs_total) == (2, 5)
    assert run.figures == {"val_type_acc": 0.5}
    assert not run.can_resume
    (folder / "checkpoint.safetensors").touch()
    assert run.can_resume


def test_a_run_of_an_older_version_tells_it_by_its_arguments(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a")
    told = json.loads((folder / "run.json").read_text())
    del told["request"]
    told |= {
        "format": 1,
        "arguments": [
            "--data", "/d/cells.zip", "--out", "/elsewhere", "--epochs", "5", "--resume",
            "--more-data", "/d/more.zip", "--augmentation", "blur=0.5", "--no-listen",
        ],
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(told))
    (run,) = past_runs(tmp_path)
    assert run.request == TrainingRequest(
        Path("/d/cells.zip"), folder, epochs={"total": 5}, more_data=(Path("/d/more.zip"),),
        settings={"augmentation.blur": 0.5},
    )  # fmt: skip


def test_a_finished_run_has_its_weights_while_they_are_there(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", state="finished", weights="tiny.safetensors")
    (folder / "checkpoint.safetensors").touch()
    assert past_runs(tmp_path)[0].weights is None
    (folder / "tiny.safetensors").touch()
    (run,) = past_runs(tmp_path)
    assert run.weights == folder / "tiny.safetensors"
    assert not run.can_resume


def now(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat()


def test_a_run_whose_process_lives_is_running(tmp_path: Path) -> None:
    write_run(tmp_path / "a", state="running", started=now())
    assert past_runs(tmp_path)[0].state == "running"


def test_a_run_whose_process_is_gone_was_interrupted(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    folder = write_run(tmp_path / "a", state="running", started=now(), pid=process.pid)
    (folder / "checkpoint.safetensors").touch()
    (run,) = past_runs(tmp_path)
    assert run.state == "interrupted"
    assert run.can_resume


def test_another_process_with_its_number_does_not_count(tmp_path: Path) -> None:
    """This very process bears the number, but began long after the run said that it runs."""
    write_run(tmp_path / "a", state="running", started=now(days=400))
    assert past_runs(tmp_path)[0].state == "interrupted"


def test_a_killed_process_that_nobody_fetched_is_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert process_start(process.pid) is not None
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert process_start(process.pid) is None
    process.communicate()


@pytest.mark.parametrize("pid", [0, -1, 2**22 + 5])
def test_a_number_of_no_process_has_no_start(pid: int) -> None:
    assert process_start(pid) is None


def test_the_start_of_a_process_is_a_time() -> None:
    began = process_start(os.getpid())
    assert began is not None
    assert 0 <= datetime.now(UTC).timestamp() - began < 86_400


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"arguments": 3}',
        '{"request": 3}',
        '{"arguments": ["--data", "a"], "state": "stopped"}',
    ],
)
def test_a_damaged_record_is_left_out_and_logged(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    write_run(tmp_path / "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "run.json").write_text(text)
    with caplog.at_level(logging.WARNING):
        assert [run.folder.name for run in past_runs(tmp_path)] == ["good"]
    assert "bad" in caplog.text
