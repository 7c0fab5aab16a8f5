"""What a training says: one JSON object a line."""

from __future__ import annotations

import io
import json
import sys
import threading
from typing import TextIO


class Reporter:
    """Writes events, one JSON object a line, each with its kind under `event`."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = sys.stdout if out is None else out

    def say(self, event: str, **values: object) -> None:
        """One line at once; a reader that has gone away does not end the training."""
        try:
            self._out.write(json.dumps({"event": event, **values}) + "\n")
            self._out.flush()
        except (BrokenPipeError, ValueError):
            self._out = io.StringIO()


class StopRequest:
    """Becomes set when the line `stop` arrives on an input."""

    def __init__(self, source: TextIO | None = None) -> None:
        self._asked = threading.Event()
        if source is not None:
            threading.Thread(target=self._listen, args=(source,), daemon=True).start()

    def __bool__(self) -> bool:
        return self._asked.is_set()

    def ask(self) -> None:
        """Ask the training to end after the present batch."""
        self._asked.set()

    def _listen(self, source: TextIO) -> None:
        for line in source:
            if line.strip() == "stop":
                self._asked.set()
                return
