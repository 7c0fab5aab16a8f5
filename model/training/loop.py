"""One phase of training: plain loops, resumable after every batch that was saved."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from model.data.ahead import workers_for
from model.data.dataset import UNKNOWN, Batch, Sample, plain_batches, training_batches
from model.device import bf16_pays
from model.network.varifocal import Classifier
from model.training.checkpoint import (
    Checkpoint,
    Position,
    load_checkpoint,
    optimiser_tensors,
    restore_optimiser,
    save_checkpoint,
)
from model.training.distributed import Team
from model.training.events import Reporter, StopRequest
from model.training.pace import Pace, Plan, seconds_left
from model.training.teachers import Teachers
from model.vocabulary.errors import ModelError
from model.vocabulary.presets import NetworkConfig
from model.vocabulary.training import TrainingSettings

Logits = tuple[Tensor, Tensor]
SECONDS_BETWEEN_BATCH_EVENTS = 1.0
SECONDS_BETWEEN_SAVES = 300.0
"""A killed training loses at most so much within a long epoch."""


class Stopped(Exception):  # noqa: N818 - stopping is not an error
    """The training was asked to stop; the checkpoint holds everything up to there."""


@dataclass(frozen=True, eq=False)
class Phase:
    """One phase: which modules learn, from which loss, and which logits show how well.

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

    net: Classifier
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
    team: Team = field(default_factory=Team)
    teachers: Teachers | None = None
    plan: Plan = ()
    remember: Callable[[Mapping[str, Any]], None] = lambda figures: None
    """Called with the figures of every epoch once they are safe."""

    @property
    def checkpoint_file(self) -> Path:
        """The one checkpoint of this run."""
        return self.folder / "checkpoint.safetensors"

    def taught(self, hard: Tensor, logits: Logits, images: Tensor, sizes: Tensor) -> Tensor:
        """The labels' loss `hard`, mixed with the teachers' while learning.

        A validation is by the labels alone, so that its figures compare with any other's.
        """
        if self.teachers is None or not torch.is_grad_enabled():
            return hard
        return self.teachers.loss(hard, logits, images, sizes)


@dataclass(frozen=True, eq=False)
class _Learner:
    """A phase under way: what steps its weights."""

    index: int
    phase: Phase
    parameters: list[nn.Parameter]
    optimiser: torch.optim.Optimizer
    average: _Average | None


def train_phase(run: Run, index: int, phase: Phase) -> None:
    """Train one phase from where the run stands; phases already finished are passed over."""
    if run.position.phase > index:
        return
    # Adam starts afresh in each phase: other weights learn, by another loss.
    learner = _learner(run, index, phase)
    if run.position.phase == index and (run.position.epoch or run.position.batch):
        _restore(run, learner)
        run.team.wait()
    for epoch in range(run.position.epoch, phase.epochs):
        pace = Pace(run.device)
        before = run.position.seconds
        figures = _train_one_epoch(run, learner, epoch, pace)
        if run.team.leads:
            _conclude_epoch(run, learner, epoch, figures, pace, before)
        run.position.epoch = epoch + 1
        run.position.batch, run.position.tally, run.position.seconds = 0, [], 0.0
    # Until here the average is only looked at; the next phase, or the finished net, starts from it.
    if learner.average:
        learner.average.adopt()
    run.position.phase, run.position.epoch = index + 1, 0
    _save(run, None)  # without the optimiser: nobody will need it again


def _learner(run: Run, index: int, phase: Phase) -> _Learner:
    parameters = [p for module in phase.trained for p in module.parameters()]
    optimiser = torch.optim.AdamW(
        parameters, run.settings.learning_rate, weight_decay=run.settings.weight_decay
    )
    average = _Average(run.net, run.settings.ema) if phase.averaged and run.settings.ema else None
    return _Learner(index, phase, parameters, optimiser, average)


def _conclude_epoch(
    run: Run,
    learner: _Learner,
    epoch: int,
    figures: dict[str, float | None],
    pace: Pace,
    seconds_before: float,
) -> None:
    """Validate, remember, save, report: in this order, so that what is reported is safe."""
    phase, position = learner.phase, run.position
    # Validated with the averaged weights, since those are what the phase leaves behind.
    with learner.average.in_place() if learner.average else _as_is():
        figures |= validate(run, phase)
    figures["seconds"] = round(seconds_before + pace.seconds, 1)
    entry = {"step": phase.name, "epoch": epoch + 1, "epochs": phase.epochs, **figures}
    entry["learning_rate"] = run.settings.learning_rate
    # Saved with the entry, but the run's own history gets it only after the save has succeeded: a
    # full disk must not leave an epoch in the history that no checkpoint holds.
    done = Position(position.phase, epoch + 1, [*position.history, entry])
    _save(run, learner, done)
    position.history.append(entry)
    left = seconds_left(run.plan, learner.index, epoch + 1, pace.seconds, position.history)
    told = entry | pace.figures(left)
    run.remember(told)
    run.reporter.say("epoch", **told)


def _train_one_epoch(
    run: Run, learner: _Learner, epoch: int, pace: Pace
) -> dict[str, float | None]:
    # Frozen parts stay in evaluation mode: their batch normalisation must not drift with a phase in
    # which their weights do not learn.
    run.net.eval()
    for module in learner.phase.trained:
        module.train()
    settings, position = run.settings, run.position
    # A batch's random numbers follow from its place alone, so a resumed epoch draws the same
    # batches and augmentations as an undisturbed one, whatever ran before.
    count = max(1, len(run.samples) // settings.batch_size)
    began_at = position.batch
    batches = training_batches(
        run.samples, run.config, settings.augmentation, settings.batch_size,
        (settings.seed, learner.index, epoch), began_at, workers_for(run.device),
    )  # fmt: skip
    tally = Tally(position.tally if run.team.leads else ())
    told = saved = time.perf_counter()
    for number, batch in enumerate(batches, began_at):
        if run.team.leads:
            pace.leave_out(run.stop.wait_while_paused(run.reporter))
        rate = learning_rate(settings, (epoch + number / count) / learner.phase.epochs, epoch)
        due = time.perf_counter() - saved > SECONDS_BETWEEN_SAVES
        at = f"step {learner.phase.name}, epoch {epoch + 1}, batch {number + 1} of {count}"
        stopping, saving = _learn(run, learner, batch, rate, tally, at, due)
        pace.add(len(batch.types))
        if stopping or saving:
            saved = time.perf_counter()
            _save_within_epoch(run, learner, epoch, number + 1, tally, pace)
        if stopping:
            raise Stopped
        if run.team.leads and time.perf_counter() - told > SECONDS_BETWEEN_BATCH_EVENTS:
            told = time.perf_counter()
            fraction = (number + 1) / count
            per_epoch = pace.seconds * count / (number + 1 - began_at)
            left = seconds_left(
                run.plan, learner.index, epoch + fraction, per_epoch, position.history
            )
            run.reporter.say(
                "batch", step=learner.phase.name, epoch=epoch + 1, done=number + 1, total=count,
                loss=round(tally.loss, 5), **pace.figures(left),
            )  # fmt: skip
    return Tally(run.team.total(tally.sums, run.device)).figures("")


def _learn(
    run: Run, learner: _Learner, batch: Batch, rate: float, tally: Tally, at: str, due: bool
) -> tuple[bool, bool]:
    """One step on a batch (each process on its share); whether to stop and whether to save."""
    for group in learner.optimiser.param_groups:
        group["lr"] = rate
    # Each process takes a share of the same batch; `weight` makes the summed gradients those of the
    # whole batch although the shares may differ in size.
    share, weight = run.team.share(batch)
    with _autocast(run.device):
        loss, logits = learner.phase.loss(share.images(run.config, run.device), share)
    # Decided together: one process that stopped alone would leave the others waiting for gradients.
    is_lost, stopping, saving = run.team.any_of(
        (not torch.isfinite(loss), bool(run.stop), due), run.device
    )
    if is_lost:  # before the step, so that the weights are still those of the last good batch
        raise _diverged(f"The loss became {loss.item()} in {at}.")
    learner.optimiser.zero_grad(set_to_none=True)
    (loss * weight).backward()
    run.team.add_gradients(learner.parameters)
    learner.optimiser.step()
    if learner.average:
        learner.average.update()
    tally.add(loss, logits, share)
    return stopping, saving


def _diverged(sentence: str) -> ModelError:
    return ModelError(
        sentence,
        "The last checkpoint is unharmed: resume from it with a lower learning rate.",
    )


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
    """Mean loss and accuracies over batches; `sums` of another one go on from there."""

    def __init__(self, sums: Sequence[float] = ()) -> None:
        self._loss, count, judged, type_, polarity, *known = sums or (0.0, 0, 0, 0, 0, 0)
        self._count = int(count)
        # Older checkpoints knew the polarity of every image.
        self._judged = [int(judged), int(known[0] if known else judged)]
        self._right = [int(type_), int(polarity)]

    @property
    def sums(self) -> list[float]:
        """Summed loss, images, images with logits, right types, right and known polarities."""
        return [self._loss, self._count, self._judged[0], *self._right, self._judged[1]]

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
            self._judged[0] += n
            self._judged[1] += int((batch.polarities != UNKNOWN).sum())
            self._right = [a + b for a, b in zip(self._right, right, strict=True)]

    @property
    def loss(self) -> float:
        """Mean loss so far."""
        return self._loss / max(1, self._count)

    def figures(self, prefix: str) -> dict[str, float | None]:
        """`loss`, `type_acc`, `polarity_acc` with a prefix; accuracies are fractions or null."""
        if not self._count:
            return {f"{prefix}{k}": None for k in ("loss", "type_acc", "polarity_acc")}
        pairs = zip(self._right, self._judged, strict=True)
        shares = [right / judged if judged else None for right, judged in pairs]
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
        # Or the weights of the beginning would stay in the average for 1 / (1 - decay) steps.
        decay = min(self._decay, (1 + self.updates) / (10 + self.updates))
        for name, value in self._net.state_dict().items():
            if value.is_floating_point():
                self.tensors[name].lerp_(value, 1 - decay)
            else:  # the count of batches that batch normalisation has seen
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
    # Adam's first steps are of full size however small the gradient: over the first 8 % of a phase
    # they are held short. The 1e-6 keeps the last ones of the cosine from being none.
    warm = min(1.0, progress / 0.08 + 0.02)
    return settings.learning_rate * warm * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-6


def _autocast(device: torch.device) -> torch.autocast:
    return torch.autocast(device.type, torch.bfloat16, enabled=bf16_pays(device))


def _save_within_epoch(
    run: Run, learner: _Learner, epoch: int, batches: int, tally: Tally, pace: Pace
) -> None:
    """A checkpoint in the middle of an epoch, as exact as one between two."""
    sums = run.team.total(tally.sums, run.device)
    if not run.team.leads:
        return
    position = run.position
    seconds = position.seconds + pace.seconds
    here = Position(learner.index, epoch, position.history, batches, sums, seconds)
    _save(run, learner, here)


def _save(run: Run, learner: _Learner | None, position: Position | None = None) -> None:
    """Write the checkpoint; ModelError, and the one before stays, when the weights are lost."""
    if not run.team.leads:
        return
    weights = run.net.state_dict()
    if not all(bool(torch.isfinite(v).all()) for v in weights.values()):
        raise _diverged("The weights are no longer numbers.")
    tensors = {f"net.{k}": v for k, v in weights.items()}
    if learner is not None:
        tensors |= optimiser_tensors(learner.optimiser)
        if learner.average is not None:
            tensors |= {f"average.{k}": v for k, v in learner.average.tensors.items()}
            tensors["updates"] = torch.tensor(learner.average.updates)
    checkpoint = Checkpoint(
        position or run.position, run.fingerprint, tensors, run.settings.learning_rate
    )
    save_checkpoint(run.checkpoint_file, checkpoint)


def _restore(run: Run, learner: _Learner) -> None:
    tensors = load_checkpoint(run.checkpoint_file).tensors
    restore_optimiser(learner.optimiser, tensors)
    if learner.average is not None:
        saved = {k.removeprefix("average."): v for k, v in tensors.items() if "average." in k}
        learner.average.tensors = {k: v.to(run.device) for k, v in saved.items()}
        learner.average.updates = int(tensors["updates"])
