"""A training as asked for, and what its process tells, line by line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrainingRequest:
    """What to train. `epochs` None means the preset's own; `device` is auto, cpu or cuda."""

    data: Path
    out: Path
    preset: str = "compact"
    epochs: int | None = None
    device: str = "auto"
    resume: bool = False

    def command(self) -> list[str]:
        """The arguments of `main.py` that start this training."""
        arguments = ["train", "--data", str(self.data), "--out", str(self.out)]
        arguments += ["--preset", self.preset]
        if self.epochs is not None:
            arguments += ["--epochs", str(self.epochs)]
        arguments += ["--device", self.device]
        if self.resume:
            arguments.append("--resume")
        return arguments


@dataclass(frozen=True)
class TrainingEvent:
    """One line of a training: its `kind` (started, batch, epoch, finished, stopped, failed)."""

    kind: str
    fields: Mapping[str, object]

    @classmethod
    def parse(cls, line: str) -> TrainingEvent | None:
        """The event of a line; None for anything else that a process may print."""
        try:
            told = json.loads(line)
        except ValueError:
            return None
        if not isinstance(told, dict) or not isinstance(told.get("event"), str):
            return None
        return cls(told["event"], {key: value for key, value in told.items() if key != "event"})
