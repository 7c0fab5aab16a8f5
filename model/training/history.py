"""`run.json` in a run's folder: what was asked for, how far it came, how it ended."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.training.events import Reporter
from model.training.loop import Stopped
from model.vocabulary.errors import ModelError
from model.vocabulary.files import read_plain_text, write_text
from model.vocabulary.training_request import TrainingRequest

FILE = "run.json"


class RunRecord:
    """Writes `run.json`, each time whole; a disk that refuses does not end the training.

    `state` is running, finished, stopped or failed. Who reads `running` must look whether the
    process `pid`, begun not after `started`, still exists: a killed one cannot say so.
    """

    def __init__(self, request: TrainingRequest) -> None:
        self._path = request.out / FILE
        self._begun = False
        self._told: dict[str, Any] = {
            "format": 2,
            "request": request.to_json(),
            "created": _now(),
            "started": _now(),
            "ended": None,
            "pid": os.getpid(),
            "state": "running",
            "sentence": "",
            "hint": "",
            "figures": {},
            "weights": None,
        }

    def begin(self, resumed: bool, **told: object) -> None:
        """The training starts; `told` are further facts. One that is resumed keeps its date."""
        self._begun = True
        if resumed:
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                before = json.loads(read_plain_text(self._path))
                self._told["created"] = before["created"]
                self._told["figures"] = before["figures"]
        self._told |= told
        self._write()

    def remember(self, figures: Mapping[str, Any]) -> None:
        """The figures of the last whole epoch."""
        self._told["figures"] = dict(figures)
        self._told["epochs_done"] = int(self._told.get("epochs_done", 0)) + 1
        self._write()

    def end(
        self, state: str, sentence: str = "", hint: str = "", weights: Path | None = None
    ) -> None:
        """How it ended. A refusal before the start does not overwrite an earlier run's record."""
        if not self._begun and (self._path.exists() or not self._path.parent.is_dir()):
            return
        self._told |= {"state": state, "sentence": sentence, "hint": hint, "ended": _now()}
        self._told["weights"] = weights.name if weights else None
        self._write()

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            write_text(self._path, json.dumps(self._told, indent=1) + "\n")


def end_early(error: Stopped | ModelError, reporter: Reporter, record: RunRecord | None) -> int:
    """Say why a training ends before it is finished, and keep that; its exit status."""
    if isinstance(error, Stopped):
        if record:
            record.end("stopped")
        reporter.say("stopped")
        return 0
    if record:
        record.end("failed", error.sentence, error.hint)
    reporter.say("failed", sentence=error.sentence, hint=error.hint)
    sys.stderr.write(f"{error}\n")
    return 2


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
