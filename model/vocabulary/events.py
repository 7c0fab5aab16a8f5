"""How a program of the model reports what it does: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """One line and its kind.

    A training: reading, left_out, warning, started, batch, epoch, paused, resumed; and one of
    finished, stopped, failed at the end. An evaluation: progress (`done` of `total` cells).
    """

    kind: str
    fields: Mapping[str, object]

    @property
    def line(self) -> str:
        """The event as its line, without the line's end."""
        return json.dumps({"event": self.kind, **self.fields})

    @classmethod
    def parse(cls, line: str) -> Event | None:
        """The event of a line; None for anything else that a process may print."""
        try:
            told = json.loads(line)
        except ValueError:
            return None
        if not isinstance(told, dict) or not isinstance(told.get("event"), str):
            return None
        return cls(told["event"], {key: value for key, value in told.items() if key != "event"})
