"""Where a training stands, folded from its events. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from karyogui.services.training import TrainingEvent


@dataclass(frozen=True)
class TrainingProgress:
    """Steps and epochs so far; `ended` counts whole epochs over all steps, resumed ones too."""

    steps: tuple[str, ...] = ()
    epochs: Mapping[str, int] | None = None
    step: str = ""
    epoch: int = 0
    batch: int = 0
    batches: int = 0
    device: str = ""
    parameters: int = 0
    loss: float | None = None
    ended: int = 0

    def after(self, event: TrainingEvent) -> TrainingProgress:
        """Where it stands after one more event; an odd field leaves things as they were."""
        told = event.fields
        if event.kind == "started":
            epochs, steps = told.get("epochs"), told.get("steps")
            earlier = told.get("resumed_history")
            return TrainingProgress(
                steps=tuple(str(step) for step in steps) if isinstance(steps, list) else (),
                epochs=_whole_numbers(epochs) if isinstance(epochs, dict) else {},
                device=str(told.get("device", "")),
                parameters=_whole(told.get("parameters")),
                ended=len(earlier) if isinstance(earlier, list) else 0,
            )
        if event.kind in ("batch", "epoch"):
            loss = told.get("loss")
            is_end = event.kind == "epoch"
            return replace(
                self,
                step=str(told.get("step", self.step)),
                epoch=_whole(told.get("epoch"), self.epoch),
                batch=0 if is_end else _whole(told.get("done")),
                batches=0 if is_end else _whole(told.get("total")),
                loss=float(loss) if isinstance(loss, int | float) else self.loss,
                ended=self.ended + is_end,
            )
        return self

    @property
    def fraction(self) -> float:
        """How much of the whole training is done, 0 … 1."""
        total = sum((self.epochs or {}).values())
        within = self.batch / self.batches if self.batches else 0.0
        return min(1.0, (self.ended + within) / total) if total else 0.0

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
