"""Where a training stands, folded from its events. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from karyogui.services.training import TrainingEvent


@dataclass(frozen=True)
class TrainingProgress:
    """Steps and epochs so far. `fraction` is 0 … 1 of all batches that are to come."""

    steps: tuple[str, ...] = ()
    epochs: Mapping[str, int] | None = None
    step: str = ""
    epoch: int = 0
    batch: int = 0
    batches: int = 0
    device: str = ""
    parameters: int = 0
    loss: float | None = None

    def after(self, event: TrainingEvent) -> TrainingProgress:
        """Where it stands after one more event; an odd field leaves things as they were."""
        told = event.fields
        if event.kind == "started":
            epochs = told.get("epochs")
            steps = told.get("steps")
            return TrainingProgress(
                steps=tuple(str(step) for step in steps) if isinstance(steps, list) else (),
                epochs=_whole_numbers(epochs) if isinstance(epochs, dict) else {},
                device=str(told.get("device", "")),
                parameters=_whole(told.get("parameters")),
            )
        if event.kind in ("batch", "epoch"):
            loss = told.get("loss")
            ended = event.kind == "epoch"
            return replace(
                self,
                step=str(told.get("step", self.step)),
                epoch=_whole(told.get("epoch"), self.epoch),
                batch=self.batches if ended else _whole(told.get("done")),
                batches=self.batches if ended else _whole(told.get("total"), self.batches),
                loss=float(loss) if isinstance(loss, int | float) else self.loss,
            )
        return self

    @property
    def fraction(self) -> float:
        """How much of the whole training is done, 0 … 1."""
        epochs = self.epochs or {}
        total = sum(epochs.values())
        if not total or self.step not in self.steps:
            return 0.0
        before = sum(epochs.get(s, 0) for s in self.steps[: self.steps.index(self.step)])
        within = self.batch / self.batches if self.batches else 0.0
        # Epochs are told from 1.
        return min(1.0, (before + max(self.epoch - 1, 0) + within) / total)

    def words(self, elapsed: float) -> str:
        """One line after `elapsed` seconds: step, epoch, batch, time left."""
        if not self.step:
            return "Starting…" if not self.steps else f"Starting on {self.device}…"
        at = self.steps.index(self.step) + 1 if self.step in self.steps else 0
        of = (self.epochs or {}).get(self.step)
        parts = [f"Step {at} of {len(self.steps)} ({self.step})" if at else self.step]
        parts.append(f"epoch {self.epoch} of {of}" if of else f"epoch {self.epoch}")
        if self.batches:
            parts.append(f"batch {self.batch} of {self.batches}")
        if self.loss is not None:
            parts.append(f"loss {self.loss:.3f}")
        if 0.0 < self.fraction < 1.0 and elapsed > 2.0:
            parts.append(_left(elapsed * (1.0 - self.fraction) / self.fraction))
        return " · ".join(parts)


def _left(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(1, round(seconds))} s left"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"


def _whole(value: object, default: int = 0) -> int:
    return int(value) if isinstance(value, int | float) else default


def _whole_numbers(values: Mapping[object, object]) -> dict[str, int]:
    return {str(key): _whole(value) for key, value in values.items()}
