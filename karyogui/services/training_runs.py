"""Earlier trainings, from the `run.json` in each run's folder."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from karyogui.errors import KaryoError
from karyogui.log import in_short
from model.vocabulary.files import read_plain_text
from model.vocabulary.training_request import TrainingRequest

log = logging.getLogger(__name__)

RECORD = "run.json"
CHECKPOINT = "checkpoint.safetensors"
SLACK_SECONDS = 2.0
"""Clocks of the process table are no finer."""


@dataclass(frozen=True)
class PastRun:
    """One training.

    `state` is running, finished, stopped, failed, or interrupted: its process is gone without a
    word. `created`, `started` (of the last process) and `ended` are ISO times in UTC, `ended`
    empty while unknown. `figures` are those of the last whole epoch, accuracies as fractions;
    `weights` None until finished; `sentence` and `hint` say why it failed.
    """

    folder: Path
    request: TrainingRequest
    state: str
    created: str
    started: str = ""
    ended: str = ""
    name: str = ""
    device: str = ""
    epochs_done: int = 0
    epochs_total: int = 0
    figures: Mapping[str, object] = field(default_factory=dict)
    weights: Path | None = None
    sentence: str = ""
    hint: str = ""

    @property
    def can_resume(self) -> bool:
        """Whether it can go on from a checkpoint: `replace(request, resume=True)`."""
        is_open = self.state in ("stopped", "failed", "interrupted")
        return is_open and (self.folder / CHECKPOINT).is_file()


def past_runs(folder: Path) -> tuple[PastRun, ...]:
    """The runs whose folders lie in `folder`, newest first; what cannot be read is left out."""
    found = [_read(path) for path in folder.glob(f"*/{RECORD}")]
    runs = [run for run in found if run is not None]
    return tuple(sorted(runs, key=lambda run: (run.created, run.folder.name), reverse=True))


def _read(path: Path) -> PastRun | None:
    try:
        told = json.loads(read_plain_text(path))
        run = _run(path.parent, told)
        if run.state == "running" and not _is_alive(int(told["pid"]), run.started):
            run = replace(run, state="interrupted")
    except (
        OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, KaryoError,
    ) as error:  # fmt: skip
        log.warning("the training %s cannot be read: %s", path.parent.name, in_short(error))
        return None
    return run


def _run(folder: Path, told: dict[str, Any]) -> PastRun:
    if "request" in told:
        request = TrainingRequest.from_json(told["request"])
    else:  # written before there were requests
        request = TrainingRequest.of_arguments(told["arguments"])
    # The folder may have been moved since; it is where the run goes on.
    request = replace(request, out=folder, resume=False)
    weights = folder / told["weights"] if told["weights"] else None
    return PastRun(
        folder=folder,
        request=request,
        state=str(told["state"]),
        created=str(told["created"]),
        started=str(told["started"]),
        ended=str(told.get("ended") or ""),
        name=str(told.get("name", folder.name)),
        device=str(told.get("device", "")),
        epochs_done=int(told.get("epochs_done", 0)),
        epochs_total=int(told.get("epochs_total", 0)),
        figures=dict(told["figures"]),
        weights=weights if weights is not None and weights.is_file() else None,
        sentence=str(told["sentence"]),
        hint=str(told["hint"]),
    )


def _is_alive(pid: int, started: str) -> bool:
    """Whether the process that said at `started` that it runs is still the one of that number.

    A later process of the same number began after that moment.
    """
    began = process_start(pid)
    if began is None:
        return False
    return began <= datetime.fromisoformat(started).timestamp() + SLACK_SECONDS


def process_start(pid: int) -> float | None:
    """When the process of that number began, in seconds since 1970; None when there is none."""
    if pid <= 0:
        return None
    import psutil  # here, because the window's start need not wait for it

    try:
        process = psutil.Process(pid)
        # One that ended and was only not yet fetched by who started it still has its number.
        is_over = process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return None if is_over else float(process.create_time())
    except psutil.Error:
        return None
