"""Where a training stands, folded from its events. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from karyogui.domain.amounts import amount
from model.vocabulary.events import Event


@dataclass(frozen=True)
class TrainingProgress:
    """Steps and epochs so far; `ended` counts whole epochs over all steps, resumed ones too.

    Memory is in MiB, that of the process and that of the graphics card.
    """

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
    chromosomes: int = 0
    pictures: int = 0
    images_per_second: float | None = None
    seconds_left: float | None = None
    memory: float | None = None
    cuda_memory: float | None = None
    is_paused: bool = False

    def after(self, event: Event) -> TrainingProgress:
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
                chromosomes=_whole(told.get("chromosomes")),
                pictures=_whole(told.get("pictures")),
                ended=len(earlier) if isinstance(earlier, list) else 0,
            )
        if event.kind in ("paused", "resumed"):
            return replace(self, is_paused=event.kind == "paused")
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
                device=str(told.get("device") or self.device),
                images_per_second=_number(told.get("images_per_second"), self.images_per_second),
                seconds_left=_number(told.get("seconds_left"), None),
                memory=_number(told.get("memory"), self.memory),
                cuda_memory=_number(told.get("cuda_memory"), self.cuda_memory),
                is_paused=False,
            )
        return self

    @property
    def fraction(self) -> float:
        """How much of the whole training is done, 0 … 1."""
        total = sum((self.epochs or {}).values())
        within = self.batch / self.batches if self.batches else 0.0
        return min(1.0, (self.ended + within) / total) if total else 0.0

    def words(self, elapsed: float) -> str:
        """One line after `elapsed` seconds of running: step, epoch, batch, time left."""
        if not self.step:
            return "Starting…" if not self.steps else f"Starting on {self.device}…"
        at = self.steps.index(self.step) + 1 if self.step in self.steps else 0
        of = (self.epochs or {}).get(self.step)
        is_one_of = at and len(self.steps) > 1
        parts = [f"Step {at} of {len(self.steps)} ({self.step})" if is_one_of else self.step]
        parts.append(f"epoch {self.epoch} of {of}" if of else f"epoch {self.epoch}")
        if self.batches:
            parts.append(f"batch {self.batch} of {self.batches}")
        if self.loss is not None:
            parts.append(f"loss {self.loss:.3f}")
        if self.is_paused:
            parts.append("paused")
        elif self.seconds_left is not None:
            parts.append(_left(self.seconds_left))
        elif 0.0 < self.fraction < 1.0 and elapsed > 2.0:
            parts.append(_left(elapsed * (1.0 - self.fraction) / self.fraction))
        return " · ".join(parts)

    @property
    def machine(self) -> str:
        """One line about the machine: device, size of the network and data, speed, memory."""
        parts = [_device(self.device)] if self.device else []
        if self.parameters:
            parts.append(f"{self.parameters:,} parameters")
        if self.chromosomes:
            parts.append(f"{self.chromosomes:,} chromosomes")
        if self.pictures:
            parts.append(amount(self.pictures, "photograph"))
        if self.images_per_second is not None:
            digits = 0 if self.images_per_second >= 10 else 1
            parts.append(f"{self.images_per_second:.{digits}f} images/s")
        if self.memory is not None:
            parts.append(f"memory {_gigabytes(self.memory)}")
        if self.cuda_memory is not None:
            parts.append(f"on the graphics card {_gigabytes(self.cuda_memory)}")
        return " · ".join(parts)


def _device(name: str) -> str:
    return "CPU" if name == "cpu" else name


def _gigabytes(mebibytes: float) -> str:
    return f"{mebibytes / 1024:.1f} GiB"


def _left(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(1, round(seconds))} s left"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"


def _number(value: object, default: float | None) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else default  # type: ignore[arg-type]


def _whole(value: object, default: int = 0) -> int:
    return int(value) if isinstance(value, int | float) else default


def _whole_numbers(values: Mapping[object, object]) -> dict[str, int]:
    return {str(key): _whole(value) for key, value in values.items()}
