"""Starts `tiny_training.py`, a training in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("tiny_training.py")
ROOT = Path(__file__).parents[4]


def arguments(archive: Path, out: Path, *more: str) -> list[str]:
    return [
        str(PROGRAM), "--data", str(archive), "--out", str(out), "--preset", "tiny",
        "--device", "cpu", "--allow-missing-types", *more,
    ]  # fmt: skip


def environment(**more: str) -> dict[str, str]:
    """One thread each, and the repository's packages."""
    return os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **more}


def start_tiny(archive: Path, out: Path, *more: str, **env: str) -> subprocess.Popen[str]:
    """A training to talk to."""
    return subprocess.Popen(
        [sys.executable, *arguments(archive, out, "--listen", *more)],
        env=environment(**env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def run_tiny(archive: Path, out: Path, *more: str) -> list[dict[str, Any]]:
    """A training to its end; the events that it told."""
    process = start_tiny(archive, out, *more)
    told, _ = process.communicate(timeout=120)
    assert process.returncode == 0, told
    return events_in(told)


def events_in(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
