"""`analyse` over several processes, at the terminal: lines out, sentences and a bar beside them."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from karyogui.domain.amounts import amount
from karyogui.domain.cell import PictureKind
from karyogui.domain.recipe import Recipe
from karyogui.errors import KaryoError
from karyogui.services.batch_record import RECORD_FILE
from karyogui.services.discovery import Found
from karyogui.services.file_names import safe_name
from karyogui.services.ports import Network
from karyogui.workers.batch import BatchProgress, BatchRequest, BatchTally, run_batch, usual_jobs

PLAIN_SECONDS = 30.0
"""Between two lines about the progress where there is no terminal."""
BAR = 24
MOST_JOBS = 256
DONE, REFUSED = 0, 2


def run(
    found: Found,
    options: argparse.Namespace,
    choice: PictureKind | None,
    open_network: Callable[[], Network],
    recipe: Recipe | None = None,
) -> int:
    """Analyse what was found; 0 when all of it was of use, else 2."""
    jobs = usual_jobs() if options.jobs is None else options.jobs
    if not 1 <= jobs <= MOST_JOBS:
        raise KaryoError(f"--jobs takes a number from 1 to {MOST_JOBS}.")
    out = options.out or Path(f"{safe_name(options.inputs[0].absolute().name, 'batch')}-results")
    request = BatchRequest(
        out,
        jobs,
        options.resume,
        open_network,
        _fingerprint(options.weights),
        options.separator,
        choice,
        recipe,
    )
    console = Console()
    try:
        with _terminable():
            tally, all_good = run_batch(found, request, console)
    except KeyboardInterrupt:
        console.clear()
        _say(f"Finished results are kept in {out / RECORD_FILE}: --resume continues from there.")
        raise
    finally:
        console.clear()
    _say(summary(tally, jobs, out))
    return DONE if all_good else REFUSED


def _fingerprint(weights: Path) -> str:
    # What is no file, or cannot be read, the network refuses with its own sentence.
    with suppress(OSError):
        if weights.is_file():
            with weights.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    return ""


def summary(tally: BatchTally, jobs: int, out: Path) -> str:
    """The last sentence."""
    counts = {
        "analysed": tally.analysed,
        "refused": tally.refused,
        "left out": tally.left_out,
        "failed": tally.failed,
        "finished before": tally.before,
    }
    told = [f"{count:,} {word}" for word, count in counts.items() if count]
    pace = ""
    if tally.analysed and tally.seconds > 0:
        processes = amount(jobs, "process", "processes")
        pace = f"; {60 * tally.analysed / tally.seconds:.1f} a minute with {processes}"
    return f"{', '.join(told) or 'Nothing to do'}{pace}. Results: {out / RECORD_FILE}"


@contextmanager
def _terminable() -> Iterator[None]:
    """Let a request to end (SIGTERM) be as Ctrl+C: processes end, nothing half written stays."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Console:
    """Lines of JSON to the standard output; sentences, and a bar or plain lines, to the error."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._has_reader = True
        self._told_at = time.monotonic()
        self._told_stage = ""

    def line(self, text: str) -> None:
        """Print a line; where nobody reads any more the record has it all the same."""
        if not self._has_reader:
            return
        try:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            self._has_reader = False
            # Or Python complains when it flushes at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def sentence(self, text: str) -> None:
        """Print a sentence above the bar."""
        self.clear()
        _say(text)

    def progress(self, progress: BatchProgress) -> None:
        """Draw the bar again, or now and then a line."""
        text = progress_words(progress)
        if self._is_terminal:
            share = progress.done / max(1, progress.total)
            full = round(BAR * share)
            line = f"[{'#' * full}{'.' * (BAR - full)}] {text}"
            width = max(20, shutil.get_terminal_size().columns - 1)
            _write(f"\r\x1b[K{line[:width]}")
            return
        now = time.monotonic()
        is_last = progress.done >= progress.total
        is_new = progress.stage != self._told_stage
        if is_last or is_new or now - self._told_at >= PLAIN_SECONDS:
            self._told_at, self._told_stage = now, progress.stage
            _write(text + "\n")

    def clear(self) -> None:
        """Take the bar away."""
        if self._is_terminal:
            _write("\r\x1b[K")


def progress_words(progress: BatchProgress) -> str:
    """The progress in words."""
    text = f"{progress.stage} {progress.done:,} of {progress.total:,}"
    if progress.bad:
        text += f", {progress.bad:,} of no use"
    if progress.seconds_left is not None and progress.done < progress.total:
        text += f", about {_duration(progress.seconds_left)} left"
    return text


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def _say(sentence: str) -> None:
    encoding = sys.stderr.encoding or "utf-8"
    _write(sentence.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _write(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
