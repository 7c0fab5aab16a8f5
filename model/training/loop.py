"""One phase of training: plain loops, resumable after every epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from model.config import NetworkConfig
from model.data.dataset import Batch, Sample, plain_batches, training_batches
from model.device import bf16_pays
from model.errors import ModelError
from model.network.varifocal import VarifocalNet
from model.training.checkpoint import (
    Checkpoint,
    Position,
    load_checkpoint,
    optimiser_tensors,
    restore_optimiser,
    save_checkpoint,
)
from model.training.events import Reporter, StopRequest
from model.training.settings import TrainingSettings

Logits = tuple[Tensor, Tensor]
SECONDS_BETWEEN_BATCH_EVENTS = 1.0


class Stopped(Exception):  # noqa: N818 - stopping is not an error
    """The training was asked to stop; the last checkpoint holds everything before it."""


@dataclass(frozen=True, eq=False)
class Phase:
    """One phase: which modules learn, from which loss, and which logits tell how well.

    `loss(images, batch)` returns the loss and, where there are any, the logits it came from.
    """

    name: str
    epochs: int
    trained: tuple[nn.Module, ...]
    loss: Callable[[Tensor, Batch], tuple[Tensor, Logits | None]]
    averaged: bool = False


@dataclass(eq=False)
class Run:
    """A training under way."""

    net: VarifocalNet
    config: NetworkConfig
    settings: TrainingSettings
    samples: Sequence[Sample]
    validation: Sequence[Sample]
    device: torch.device
    folder: Path
    fingerprint: str
    reporter: Reporter
    stop: StopRequest
    position: Position

    @property
    def checkpoint_file(self) -> Path:
        """The one checkpoint of this run."""
        return self.folder / "checkpoint.safetensors"


def train_phase(run: Run, index: int, phase: Phase) -> None:
    """Train one phase from where the run stands; phases already finished are passed over."""
    if run.position.phase > index:
        return
    parameters = [p for module in phase.trained for p in module.parameters()]
    optimiser = torch.optim.AdamW(
        parameters, run.settings.learning_rate, weight_decay=run.settings.weight_decay
    )
    average = _Average(run.net, run.settings.ema) if phase.averaged and run.settings.ema else None
    if run.position.phase == index and run.position.epoch:
        _restore(run, optimiser, average)
    for epoch in range(run.position.epoch, phase.epochs):
        began = time.perf_counter()
        figures = _train_one_epoch(run, index, phase, epoch, optimiser, average)
        with average.in_place() if average else _as_is():
            figures |= validate(run, phase)
        figures["seconds"] = round(time.perf_counter() - began, 1)
        run.position.epoch = epoch + 1
        entry = {"step": phase.name, "epoch": epoch + 1, "epochs": phase.epochs, **figures}
        run.position.history.append(entry)
        _save(run, optimiser, average)
        run.reporter.say("epoch", **entry)
    if average:
        average.adopt()
    run.position.phase, run.position.epoch = index + 1, 0
    _save(run, None, None)


def _train_one_epoch(
    run: Run,
    index: int,
    phase: Phase,
    epoch: int,
    optimiser: torch.optim.Optimizer,
    average: _Average | None,
) -> dict[str, float | None]:
    run.net.eval()
    for module in phase.trained:
        module.train()
    settings = run.settings
    rng = np.random.default_rng((settings.seed, index, epoch))
    batches = training_batches(
        run.samples, run.config, settings.augmentation, settings.batch_size, rng
    )
    count = max(1, len(run.samples) // settings.batch_size)
    tally = Tally()
    told = time.perf_counter()
    for number, batch in enumerate(batches):
        rate = learning_rate(settings, (epoch + number / count) / phase.epochs, epoch)
        for group in optimiser.param_groups:
            group["lr"] = rate
        with _autocast(run.device):
            loss, logits = phase.loss(batch.images(run.config, run.device), batch)
        if not torch.isfinite(loss):
            raise ModelError(
                f"The loss became {loss.item()} in step {phase.name}, epoch {epoch + 1}.",
                "Resume from the last checkpoint with a lower learning rate.",
            )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        if average:
            average.update()
        tally.add(loss, logits, batch)
        if run.stop:
            raise Stopped
        if time.perf_counter() - told > SECONDS_BETWEEN_BATCH_EVENTS:
            told = time.perf_counter()
            run.reporter.say(
                "batch", step=phase.name, epoch=epoch + 1, done=number + 1, total=count,
                loss=round(tally.loss, 5),
            )  # fmt: skip
    return tally.figures("")


@torch.inference_mode()
def validate(run: Run, phase: Phase) -> dict[str, float | None]:
    """Loss and accuracies of a phase on the held-out samples; nulls where there are none."""
    run.net.eval()
    tally = Tally()
    for batch in plain_batches(run.validation, run.config, 2 * run.settings.batch_size):
        with _autocast(run.device):
            loss, logits = phase.loss(batch.images(run.config, run.device), batch)
        tally.add(loss, logits, batch)
    return tally.figures("val_")


class Tally:
    """Mean loss and accuracies over batches."""

    def __init__(self) -> None:
        self._loss = 0.0
        self._count = 0
        self._right: list[int] | None = None

    def add(self, loss: Tensor, logits: Logits | None, batch: Batch) -> None:
        """Count one batch."""
        n = len(batch.types)
        self._loss += float(loss.detach()) * n
        self._count += n
        if logits is not None:
            truths = (batch.types, batch.polarities)
            right = [
                int((o.argmax(1).cpu() == t).sum()) for o, t in zip(logits, truths, strict=True)
            ]
            before = self._right or [0, 0]
            self._right = [a + b for a, b in zip(before, right, strict=True)]

    @property
    def loss(self) -> float:
        """Mean loss so far."""
        return self._loss / max(1, self._count)

    def figures(self, prefix: str) -> dict[str, float | None]:
        """`loss`, `type_acc`, `polarity_acc` with a prefix; accuracies are fractions or null."""
        if not self._count:
            return {f"{prefix}{k}": None for k in ("loss", "type_acc", "polarity_acc")}
        shares = [r / self._count for r in self._right] if self._right else [None, None]
        return {
            f"{prefix}loss": round(self.loss, 5),
            f"{prefix}type_acc": shares[0],
            f"{prefix}polarity_acc": shares[1],
        }


class _Average:
    """Exponential moving average of the network's parameters and statistics."""

    def __init__(self, net: nn.Module, decay: float) -> None:
        self._net = net
        self._decay = decay
        self.updates = 0
        self.tensors = {k: v.detach().clone() for k, v in net.state_dict().items()}

    @torch.no_grad()
    def update(self) -> None:
        """One step; early steps average over fewer."""
        self.updates += 1
        decay = min(self._decay, (1 + self.updates) / (10 + self.updates))
        for name, value in self._net.state_dict().items():
            if value.is_floating_point():
                self.tensors[name].lerp_(value, 1 - decay)
            else:
                self.tensors[name].copy_(value)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Use the averaged weights for a while."""
        own = {k: v.detach().clone() for k, v in self._net.state_dict().items()}
        self._net.load_state_dict(self.tensors)
        try:
            yield
        finally:
            self._net.load_state_dict(own)

    def adopt(self) -> None:
        """Keep the averaged weights."""
        self._net.load_state_dict(self.tensors)


@contextmanager
def _as_is() -> Iterator[None]:
    yield


def learning_rate(settings: TrainingSettings, progress: float, epoch: int) -> float:
    """Rate at `progress` (0 … 1) of a phase: a short warm-up and a cosine, or III-B's steps."""
    if settings.decay == "tenfold":
        return float(settings.learning_rate * 0.1 ** (epoch // 10))
    warm = min(1.0, progress / 0.08 + 0.02)
    return settings.learning_rate * warm * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-6


def _autocast(device: torch.device) -> torch.autocast:
    return torch.autocast(device.type, torch.bfloat16, enabled=bf16_pays(device))


def _save(run: Run, optimiser: torch.optim.Optimizer | None, average: _Average | None) -> None:
    tensors = {f"net.{k}": v for k, v in run.net.state_dict().items()}
    if optimiser is not None:
        tensors |= optimiser_tensors(optimiser)
    if average is not None:
        tensors |= {f"average.{k}": v for k, v in average.tensors.items()}
        tensors["updates"] = torch.tensor(average.updates)
    save_checkpoint(run.checkpoint_file, Checkpoint(run.position, run.fingerprint, tensors))


def _restore(run: Run, optimiser: torch.optim.Optimizer, average: _Average | None) -> None:
    tensors = load_checkpoint(run.checkpoint_file).tensors
    restore_optimiser(optimiser, tensors)
    if average is not None:
        saved = {k.removeprefix("average."): v for k, v in tensors.items() if "average." in k}
        average.tensors = {k: v.to(run.device) for k, v in saved.items()}
        average.updates = int(tensors["updates"])
