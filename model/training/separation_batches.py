"""Batches of the separation's training, small enough to travel from the process that makes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from model.data.ahead import made_ahead
from model.data.separation_samples import Sample
from model.training.separation_losses import Target, targets
from model.training.separation_material import Material


@dataclass(frozen=True, eq=False)
class Examples:
    """`Sample`s as tensors.

    `images` (N, 1, S, S) float32, `candidates` (N, K, s, s) int16 rows of boxes, `maps`
    (N, 3, s, s) uint8 chromosome, overlap and touch; boxes and types of each example.
    """

    images: Tensor
    candidates: Tensor
    maps: Tensor
    boxes: tuple[Tensor, ...]
    types: tuple[Tensor, ...]

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> Examples:
        """A batch of them."""
        return cls(
            torch.from_numpy(np.stack([s.depth for s in samples])).unsqueeze(1),
            torch.from_numpy(np.stack([s.candidates for s in samples])),
            torch.from_numpy(np.stack([[s.chromosome, s.overlap, s.touch] for s in samples])),
            tuple(torch.from_numpy(s.boxes) for s in samples),
            tuple(torch.from_numpy(s.types) for s in samples),
        )

    def to(self, device: torch.device) -> Examples:
        """The same on a device."""
        return Examples(
            self.images.to(device), self.candidates.to(device), self.maps.to(device),
            tuple(b.to(device) for b in self.boxes), tuple(t.to(device) for t in self.types),
        )  # fmt: skip

    def target(self) -> Target:
        """Labels as the losses want them: much larger, so made where they are needed."""
        chromosome, overlap, touch = self.maps.unbind(1)
        maps = (chromosome, overlap, touch)
        return targets(list(self.boxes), self.candidates, maps, list(self.types))


def batches(
    material: Material, width: float, numbers: range, size: int, seed: int, workers: int
) -> Iterator[Examples]:
    """The batches of these numbers; the same ones whenever the run was broken off."""
    yield from made_ahead(partial(_batch, material, width, size, seed), numbers, workers)


def _batch(material: Material, width: float, size: int, seed: int, number: int) -> Examples:
    rng = np.random.default_rng((seed, number))
    return Examples.of([material.example(rng, width) for _ in range(size)])
