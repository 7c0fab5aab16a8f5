"""Work of the model package in another process: its lines come as they are written.

A network that is loaded, or that crashes, does so outside the window; cancelling ends the process.
"""

from __future__ import annotations

import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import IO

from karyogui.errors import KaryoError
from karyogui.paths import PROGRAM
from karyogui.services.progress import Cancelled
from model.vocabulary.assets import ROOT

POLL_SECONDS = 0.1
"""How often the caller is asked whether to go on."""
PATIENCE_SECONDS = 5.0
"""How long a process may take to end when it is told to, before it is killed."""
REFUSED = 2
"""Exit status of a known error, whose sentence is the last line."""
KEPT_LINES = 20


def run_child(
    arguments: Sequence[str],
    heard: Callable[[str], None],
    program: Sequence[str] = PROGRAM,
    poll_seconds: float = POLL_SECONDS,
) -> None:
    """Run a program to its end; `heard` gets each line, and an empty one while there is none.

    `Cancelled` raised by `heard` ends the process. Raises `KaryoError` with the process's own
    sentence when it refuses, and with its last line when it fails otherwise.
    """
    try:
        process = subprocess.Popen(
            [*program, *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            # Only Windows has it: no console window flashes up.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise KaryoError(f"The model's program could not be started ({error}).") from error
    assert process.stdout is not None
    lines: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    tail: list[str] = []
    try:
        while True:
            try:
                line = lines.get(timeout=poll_seconds)
            except queue.Empty:
                heard("")
                continue
            if line is None:
                break
            tail = [*tail, line][-KEPT_LINES:]
            heard(line)
        status = process.wait()
    except Cancelled:
        _end(process)
        raise
    finally:
        if process.poll() is None:
            _end(process)
        reader.join(PATIENCE_SECONDS)
        process.stdout.close()
    if status:
        raise _failure(status, tail)


def _read(source: IO[str], lines: queue.Queue[str | None]) -> None:
    for line in source:
        if line.strip():
            lines.put(line.strip())
    lines.put(None)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _failure(status: int, tail: Sequence[str]) -> KaryoError:
    last = tail[-1] if tail else ""
    if status == REFUSED and last:
        return KaryoError(last)
    return KaryoError(
        f"The model's program ended unexpectedly (exit status {status}).",
        f"Its last words: {last}" if last else "",
    )
