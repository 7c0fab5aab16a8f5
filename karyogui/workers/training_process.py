"""Training as another program: `main.py train --request …` in a QProcess, a JSON object a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from karyogui.paths import PROGRAM
from model.vocabulary.assets import ROOT
from model.vocabulary.choices import SEPARATION
from model.vocabulary.events import Event

if TYPE_CHECKING:
    from model.vocabulary.training_request import TrainingRequest


GRACE_MS = 30_000
"""How long a training may take to end its batch after `stop`, before it is terminated."""
KILL_MS = 5_000
"""How long after terminating it is killed."""
KEPT_LINES = 40
"""Lines of output that go with a failure."""


class TrainingEnd(Enum):
    """How a training process ended."""

    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class TrainingOutcome:
    """The one outcome: `weights` when finished; a sentence and the last output when failed."""

    end: TrainingEnd
    weights: Path | None = None
    sentence: str = ""
    hint: str = ""
    output: str = ""


class TrainingProcess(QObject):
    """One training at a time, as a program.

    `event_received(Event)` comes for each event, `line_received(str)` for any other line,
    and `ended(TrainingOutcome)` exactly once, however the process ended.
    """

    event_received = Signal(object)
    line_received = Signal(str)
    ended = Signal(object)

    def __init__(
        self,
        parent: QObject | None = None,
        program: Sequence[str] = PROGRAM,
        grace_ms: int = GRACE_MS,
    ) -> None:
        super().__init__(parent)
        self._program = tuple(program)
        self._grace_ms = grace_ms
        self._process: QProcess | None = None
        self._tail: list[str] = []
        self._rest = b""
        self._last: Event | None = None
        self._stop_wanted = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._escalate)

    @property
    def is_running(self) -> bool:
        """Whether a training is under way."""
        return self._process is not None

    def start(self, request: TrainingRequest) -> None:
        """Write the request into the folder of its run and start; one training at a time."""
        if self._process is not None:
            raise RuntimeError("a training is already running")
        self._tail, self._rest, self._last, self._stop_wanted = [], b"", None, False
        try:
            file = replace(request, resume=False).write()
        except OSError as error:
            sentence = f"The folder {request.out} cannot be written ({error.strerror or error})."
            self.ended.emit(TrainingOutcome(TrainingEnd.FAILED, None, sentence))
            return
        verb = "train-separation" if request.network == SEPARATION else "train"
        arguments = [verb, "--request", str(file), *(["--resume"] if request.resume else [])]
        process = QProcess(self)
        process.setWorkingDirectory(str(ROOT))
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._conclude)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        process.start(self._program[0], [*self._program[1:], *arguments])

    def stop(self) -> None:
        """Ask politely (end after the current batch), later firmly. Harmless when it has ended."""
        if self._process is None or self._stop_wanted:
            return
        self._stop_wanted = True
        self._process.write(b"stop\n")
        self._timer.start(self._grace_ms)

    def pause(self) -> None:
        """Ask the training to wait after the present batch; its event `paused` says that it does.

        Harmless when none runs.
        """
        if self._process is not None:
            self._process.write(b"pause\n")

    def go_on(self) -> None:
        """Let a paused training go on; its event `resumed` says that it does."""
        if self._process is not None:
            self._process.write(b"go on\n")

    def shut_down(self, wait_ms: int = KILL_MS) -> None:
        """Stop and wait (for closing the window); what was saved at the last epoch is kept."""
        process = self._process
        if process is None:
            return
        self.stop()
        if not process.waitForFinished(wait_ms):
            process.kill()
            process.waitForFinished(KILL_MS)

    def _escalate(self) -> None:
        process = self._process
        if process is None:
            return
        process.terminate()
        QTimer.singleShot(KILL_MS, process, process.kill)

    def _read(self) -> None:
        if self._process is None:
            return
        self._rest += self._process.readAllStandardOutput().data()
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            self._take(line.decode("utf-8", errors="replace").strip())

    def _take(self, line: str) -> None:
        if not line:
            return
        event = Event.parse(line)
        if event is None:
            self._tail = [*self._tail, line][-KEPT_LINES:]
            self.line_received.emit(line)
            return
        if event.kind in ("finished", "stopped", "failed"):
            self._last = event
        self.event_received.emit(event)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        # Other errors are followed by `finished`; a program that never started is not.
        if error is QProcess.ProcessError.FailedToStart:
            self._conclude(-1)

    def _conclude(self, exit_code: int, *_: object) -> None:
        process = self._process
        if process is None:
            return
        self._read()
        self._take(self._rest.decode("utf-8", errors="replace").strip())
        self._timer.stop()
        self._process = None
        process.deleteLater()
        self.ended.emit(self._outcome(exit_code))

    def _outcome(self, exit_code: int) -> TrainingOutcome:
        fields = self._last.fields if self._last is not None else {}
        kind = self._last.kind if self._last is not None else ""
        if kind == "finished":
            return TrainingOutcome(TrainingEnd.FINISHED, Path(str(fields.get("weights", ""))))
        # A failure is told even when it was to stop: the disk may refuse the last checkpoint.
        if kind == "stopped" or (self._stop_wanted and kind != "failed"):
            return TrainingOutcome(TrainingEnd.STOPPED)
        output = "\n".join(self._tail)
        if kind == "failed":
            sentence, hint = str(fields.get("sentence", "")), str(fields.get("hint", ""))
            return TrainingOutcome(
                TrainingEnd.FAILED, None, sentence or "The training failed.", hint, output
            )
        return TrainingOutcome(
            TrainingEnd.FAILED,
            None,
            f"The training ended unexpectedly (exit status {exit_code}).",
            "Everything up to the last checkpoint is kept: start again with Resume.",
            output,
        )
