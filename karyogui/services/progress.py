"""Progress and cancelling of long work, independent of who shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Cancelled(Exception):  # noqa: N818 - it is not an error
    """Raised inside long work when its monitor says so; the case stays as it was."""


@dataclass(frozen=True)
class Progress:
    """How far a job has come: `done` of `total` steps and what it is doing."""

    done: int
    total: int
    message: str


class Monitor(Protocol):
    """What long work reports to."""

    def report(self, progress: Progress) -> None:
        """Tell how far the work has come; raises `Cancelled` when it should stop."""


class SilentMonitor:
    """A monitor that shows nothing and never cancels."""

    def report(self, progress: Progress) -> None:
        """Do nothing."""
