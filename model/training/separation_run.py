"""A training of the separation under way: the network, its mean, the optimiser, the checkpoint."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from model.data.separation_samples import Sample
from model.segmentation.network import LITE0, SeparationNet
from model.segmentation.weights import LoadedSeparation
from model.training.checkpoint import (
    Checkpoint,
    Position,
    load_checkpoint,
    optimiser_tensors,
    restore_optimiser,
    save_checkpoint,
    write_weights,
)
from model.training.events import Reporter
from model.training.imagenet import begin_from_imagenet
from model.training.separation_batches import Examples
from model.training.separation_losses import Losses, losses
from model.vocabulary.errors import ModelError

DECAY: float = 0.998
"""Of the running mean of the weights that is kept in the end."""
WARM_UP: int = 200
WARM_UP_SHARE: float = 0.1
"""Steps until the full learning rate: so many, or that share of a short training."""
ENCODER_SHARE: float = 0.5
"""Of the learning rate for an encoder that has learned elsewhere."""
WEIGHT_DECAY: float = 0.02
SAVE_EVERY: float = 240.0
"""Seconds between checkpoints within an epoch."""
CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class Schedule:
    """How long, and how fast, is learned."""

    steps: int
    learning_rate: float
    seed: int

    def rate(self, step: int) -> float:
        """Linear warm-up, then half a cosine."""
        warm_up = min(WARM_UP, max(1, round(WARM_UP_SHARE * self.steps)))
        if step < warm_up:
            return self.learning_rate * (step + 1) / warm_up
        share = (step - warm_up) / max(1, self.steps - warm_up)
        return self.learning_rate * (0.5 + 0.5 * float(np.cos(np.pi * min(1.0, share))))


class SeparationRun:
    """Learns batch by batch; `step` counts them, `history` tells of the whole epochs."""

    def __init__(
        self,
        net: SeparationNet,
        start: LoadedSeparation | None,
        schedule: Schedule,
        device: torch.device,
        weights: Path,
        fingerprint: str,
        reporter: Reporter,
    ) -> None:
        self.device = device
        self.schedule = schedule
        self.weights = weights
        self.net = net.to(device)
        if net.config.encoder == LITE0 and start is None:
            begin_from_imagenet(net, lambda text: reporter.say("warning", sentence=text))
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if start is not None:
            self.net.load_state_dict(start.net.state_dict())
        self.mean = torch.optim.swa_utils.AveragedModel(
            self.net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(DECAY),
            use_buffers=True,
        )  # fmt: skip
        learned = [p for n, p in self.net.named_parameters() if n.startswith("encoder.")]
        fresh = [p for n, p in self.net.named_parameters() if not n.startswith("encoder.")]
        groups = [{"params": fresh, "share": 1.0}, {"params": learned, "share": ENCODER_SHARE}]
        self.optimiser = torch.optim.AdamW(
            [g for g in groups if g["params"]], schedule.learning_rate, weight_decay=WEIGHT_DECAY
        )
        self.step = 0
        self.history: list[dict[str, Any]] = []
        self.tally: list[float] = []
        """Losses of the present epoch so far."""
        self._checkpoint = weights.parent / CHECKPOINT
        self._mark = fingerprint
        self.saved = time.monotonic()

    def train(self, batch: Examples) -> dict[str, float]:
        """One step; the parts of the loss, and the whole of it."""
        self.net.train()
        parts = self._parts(self.net, batch)
        total = parts.total
        if not torch.isfinite(total):
            raise ModelError("The loss is not a number.", "Train with a lower learning rate.")
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.rate(self.step) * group["share"]
        self.optimiser.step()
        self.mean.update_parameters(self.net)
        self.step += 1
        self.tally.append(float(total.detach()))
        told = {k: round(float(v.detach()), 4) for k, v in vars(parts).items()}
        return {"loss": round(self.tally[-1], 4), **told}

    @torch.no_grad()
    def validate(self, samples: Sequence[Sample], batch: int) -> float | None:
        """The mean's loss on samples; None of none."""
        if not samples:
            return None
        self.mean.eval()
        parts = [samples[i : i + batch] for i in range(0, len(samples), batch)]
        sums = [float(self._parts(self.mean.module, Examples.of(p)).total) * len(p) for p in parts]
        return round(sum(sums) / len(samples), 4)

    def _parts(self, net: nn.Module, batch: Examples) -> Losses:
        here = batch.to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            out = net(here.images.contiguous(memory_format=torch.channels_last))
        return losses(self.net.answer(out), here.target())

    def is_due(self) -> bool:
        """Whether it is time for a checkpoint within the epoch."""
        return time.monotonic() - self.saved > SAVE_EVERY

    def save(self, card: dict[str, Any]) -> None:
        """Checkpoint and mean weights, written beside and renamed."""
        position = Position(batch=self.step, history=self.history, tally=self.tally)
        tensors = {f"net.{k}": v for k, v in self.net.state_dict().items()}
        tensors |= {f"mean.{k}": v for k, v in self.mean.module.state_dict().items()}
        tensors |= optimiser_tensors(self.optimiser)
        save_checkpoint(self._checkpoint, Checkpoint(position, self._mark, tensors))
        mean = self.mean.module.state_dict()
        half = {k: v.half() if v.is_floating_point() else v for k, v in mean.items()}
        write_weights(self.weights, half, card)
        self.saved = time.monotonic()

    def resume(self) -> bool:
        """Go on from the checkpoint in the folder; False when there is none.

        ModelError when it is of another training.
        """
        if not self._checkpoint.exists():
            return False
        saved = load_checkpoint(self._checkpoint)
        if saved.fingerprint != self._mark:
            raise ModelError(
                "The checkpoint belongs to a training with other settings or other data.",
                "Give another --out folder.",
            )
        for start, module in (("net.", self.net), ("mean.", self.mean.module)):
            module.load_state_dict(
                {k[len(start) :]: v for k, v in saved.tensors.items() if k.startswith(start)}
            )
        restore_optimiser(self.optimiser, saved.tensors)
        self.step = saved.position.batch
        self.history, self.tally = saved.position.history, saved.position.tally
        self.mean.n_averaged.fill_(self.step)
        return True
