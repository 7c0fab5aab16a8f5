"""Several processes, one training: `torchrun --nproc-per-node 2 main.py train …`.

Every process makes the same batch with the same random numbers, computes its share of it and adds
its gradients to those of the others, weighted by the sizes of the shares: the sum is the gradient
of the whole batch, so the processes keep equal weights and learn what one process would. What
batch normalisation sees is the whole batch too: `SyncBatchNorm` on CUDA, `_SharedBatchNorm`
elsewhere. Results differ from one process's by rounding alone (sums in another order).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn

from model.data.dataset import Batch
from model.device import choose
from model.vocabulary.errors import ModelError

PATIENCE = timedelta(days=7)
"""How long processes wait for one that validates, writes or is paused; `torchrun` ends them all
as soon as one is gone."""


@dataclass(frozen=True)
class Team:
    """The processes of a training: this one's `rank` among `size`; alone by default."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process validates, writes and reports."""
        return self.rank == 0

    @property
    def is_alone(self) -> bool:
        """Whether there are no other processes."""
        return self.size == 1

    def check_batches(self, smallest: int) -> None:
        """ModelError when a process would be left without a share of a batch of that size."""
        if smallest < self.size:
            raise ModelError(
                f"A batch of {smallest} chromosomes cannot be shared by {self.size} processes.",
                "Start fewer processes, or give a larger --batch-size or more data.",
            )

    def share(self, batch: Batch) -> tuple[Batch, float]:
        """The part of a batch that falls to this process, and its share of the whole, 0 … 1."""
        if self.is_alone:
            return batch, 1.0
        whole = len(batch.types)
        part = slice(self.rank * whole // self.size, (self.rank + 1) * whole // self.size)
        tensors = ("canvases", "sizes", "types", "polarities")
        own = replace(batch, **{name: getattr(batch, name)[part] for name in tensors})
        return own, (part.stop - part.start) / whole

    def add_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Replace every gradient by the sum over the processes, in one exchange."""
        if self.is_alone:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        pieces = flat.split([gradient.numel() for gradient in gradients])
        for gradient, piece in zip(gradients, pieces, strict=True):
            gradient.copy_(piece.view_as(gradient))

    def any_of(self, flags: Sequence[bool], device: torch.device) -> list[bool]:
        """Each flag, set where any process has set it."""
        if self.is_alone:
            return list(flags)
        together = torch.tensor([float(flag) for flag in flags], device=device)
        dist.all_reduce(together, dist.ReduceOp.MAX)
        return [bool(flag) for flag in together.tolist()]

    def total(self, numbers: Sequence[float], device: torch.device) -> list[float]:
        """Each number summed over the processes."""
        if self.is_alone:
            return list(numbers)
        together = torch.tensor(numbers, dtype=torch.float64, device=device)
        dist.all_reduce(together)
        return [float(number) for number in together.tolist()]

    def wait(self) -> None:
        """Go on when every process has come here."""
        if not self.is_alone:
            dist.barrier()


@contextmanager
def team_of(
    wanted_device: str, environment: Mapping[str, str] = os.environ
) -> Iterator[tuple[Team, torch.device]]:
    """The team that `torchrun` started, if it did, and this process's device."""
    size = int(environment.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Team(), choose(wanted_device)
        return
    device = choose(wanted_device)
    if device.type == "cuda":
        local = int(environment.get("LOCAL_RANK", "0"))
        if local >= torch.cuda.device_count():
            raise ModelError(
                f"There are {torch.cuda.device_count()} CUDA devices, too few for every process.",
                "Start as many processes as there are devices (torchrun --nproc-per-node).",
            )
        device = torch.device("cuda", local)
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield Team(int(environment["RANK"]), size), device
    finally:
        dist.destroy_process_group()


def share_normalisation(net: nn.Module, device: torch.device) -> None:
    """Let every batch normalisation of `net` see the whole batch; names and values stay."""
    for name, child in net.named_children():
        if not isinstance(child, nn.BatchNorm2d):
            share_normalisation(child, device)
            continue
        kind = nn.SyncBatchNorm if device.type == "cuda" else _SharedBatchNorm
        shared = kind(child.num_features, child.eps, child.momentum).to(device)
        shared.load_state_dict(child.state_dict())
        setattr(net, name, shared.train(child.training))


class _SumOverTeam(torch.autograd.Function):
    """The sum of a tensor over all processes; so is its gradient."""

    @staticmethod
    def forward(ctx: object, own: Tensor) -> Tensor:
        total = own.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        total = gradients[0].contiguous().clone()
        dist.all_reduce(total)
        return total


class _SharedBatchNorm(nn.BatchNorm2d):
    """Batch normalisation over all processes' batches, where `SyncBatchNorm` is not available."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) → the same, by mean and variance over all processes while training."""
        if not self.training:
            return super().forward(x)
        values = x if x.dtype is torch.float64 else x.float()
        count = values.new_tensor(float(values.numel() // values.shape[1]))
        # Sums (C,) and the count travel as one message (C + 1,).
        sums = _sum_over_team(torch.cat([values.sum(dim=(0, 2, 3)), count[None]]))
        n, mean = sums[-1].detach(), sums[:-1] / sums[-1].detach()
        centred = values - mean[:, None, None]
        variance = _sum_over_team(centred.square().sum(dim=(0, 2, 3))) / n
        self._remember(mean.detach(), variance.detach() * n / (n - 1))
        scale = (variance + self.eps).rsqrt() * self.weight
        normalised = centred * scale[:, None, None] + self.bias[:, None, None]
        return normalised.to(x.dtype)

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        momentum = 0.1 if self.momentum is None else self.momentum
        for kept, seen in ((self.running_mean, mean), (self.running_var, variance)):
            if kept is not None:
                kept.lerp_(seen, momentum)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)


def _sum_over_team(own: Tensor) -> Tensor:
    total: Tensor = _SumOverTeam.apply(own)  # type: ignore[no-untyped-call]
    return total
