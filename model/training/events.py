"""What a training says, one JSON object a line, and what it is asked: pause, go on, stop."""

from __future__ import annotations

import argparse
import io
import sys
import threading
import time
from pathlib import Path
from typing import TextIO

from model.vocabulary.events import Event


def add_window_options(parser: argparse.ArgumentParser) -> None:
    """The two options with which the window starts a training."""
    parser.add_argument(
        "--request", type=Path, metavar="FILE",
        help="a training as the window writes it; of the other options only --resume counts then",
    )  # fmt: skip
    parser.add_argument(
        "--listen", action=argparse.BooleanOptionalAction, default=not sys.stdin.isatty(),
        help="obey the lines “pause”, “go on” and “stop” (after the present batch); "
        "default unless a terminal",
    )  # fmt: skip


class Reporter:
    """Writes events, one JSON object a line, each with its kind under `event`."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = sys.stdout if out is None else out

    def say(self, event: str, **values: object) -> None:
        """One line at once; a reader that has gone away does not end the training."""
        try:
            self._out.write(Event(event, values).line + "\n")
            self._out.flush()
        except (BrokenPipeError, ValueError):
            self._out = io.StringIO()


class StopRequest:
    """Becomes set when the line `stop` arrives on an input; `pause` and `go on` hold it up."""

    def __init__(self, source: TextIO | None = None) -> None:
        self._asked = threading.Event()
        self._may_go_on = threading.Event()
        self._may_go_on.set()
        if source is not None:
            threading.Thread(target=self._listen, args=(source,), daemon=True).start()

    def __bool__(self) -> bool:
        return self._asked.is_set()

    def ask(self) -> None:
        """Ask the training to end after the present batch; a paused one ends at once."""
        self._asked.set()
        self._may_go_on.set()

    def wait_while_paused(self, reporter: Reporter) -> float:
        """Return at once unless paused; else say so and return at the order to go on or to stop.

        Returns the seconds waited.
        """
        if self._may_go_on.is_set():
            return 0.0
        reporter.say("paused")
        began = time.perf_counter()
        self._may_go_on.wait()
        if not self._asked.is_set():
            reporter.say("resumed")
        return time.perf_counter() - began

    def _listen(self, source: TextIO) -> None:
        for line in source:
            word = line.strip()
            if word == "stop":
                self.ask()
                return
            if word == "pause":
                self._may_go_on.clear()
            elif word == "go on":
                self._may_go_on.set()
        # Nobody is left who could say it.
        self._may_go_on.set()
