"""Labelled cells as training batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor

from model.data.ahead import made_ahead
from model.data.augment import augment
from model.data.cells import LabelledCell
from model.data.other_days import Day
from model.preprocessing import normalise, place, relative_sizes, stretched
from model.scale import estimate_scale, refine_scale
from model.segmentation.cut_out import cut_out
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import Q_DOWN, TYPES
from model.vocabulary.presets import NetworkConfig
from model.vocabulary.results import CutOut
from model.vocabulary.training import Augmentation

UNKNOWN: int = -100
"""Polarity that is not known: left out of loss and accuracy."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One chromosome: upright cut-out, type 0 … 23, its cell's scale, relative size (2,).

    `q_down` is False where nobody knows which arm is up.
    """

    cut_out: CutOut
    type: int
    scale: float
    size: Tensor
    q_down: bool = True


@dataclass(frozen=True, eq=False)
class Batch:
    """Canvases (N, H, W) uint8, relative sizes (N, 2), types (N,), polarities (N,).

    A polarity that nobody knows is `UNKNOWN`.
    """

    canvases: Tensor
    sizes: Tensor
    types: Tensor
    polarities: Tensor

    def images(self, config: NetworkConfig, device: torch.device) -> Tensor:
        """Normalised input (N, 1, H, W) on the device."""
        return normalise(self.canvases.to(device), config).contiguous(
            memory_format=torch.channels_last
        )


def samples_of(cells: Sequence[LabelledCell], config: NetworkConfig) -> tuple[Sample, ...]:
    """Every chromosome of the cells, set upright, with the scale of its cell."""
    samples: list[Sample] = []
    for cell in cells:
        cut_outs = _cut_outs(cell)
        areas = np.array([int(c.mask.sum()) for c in cut_outs])
        scale = _scale(cell, areas) if config.scale_per_cell else 1.0
        sizes = relative_sizes(cut_outs, scale)
        upright = cell.upright or (True,) * len(cut_outs)
        samples += [
            Sample(c, kind, scale, size, q_down)
            for c, kind, size, q_down in zip(cut_outs, cell.types, sizes, upright, strict=True)
        ]
    return tuple(samples)


def _scale(cell: LabelledCell, areas: NDArray[np.int64]) -> float:
    """The scale of a cell; of a few chromosomes their types decide it, their sizes alone do not."""
    if cell.complete:
        return estimate_scale(areas)
    return refine_scale(areas, np.eye(len(TYPES))[list(cell.types)])


def _cut_outs(cell: LabelledCell) -> list[CutOut]:
    try:
        return [cut_out(picture) for picture in cell.pictures]
    except ModelError as error:
        raise ModelError(f"Cell {cell.case}/{cell.name}: {error.sentence}") from error


def training_batches(
    samples: Sequence[Sample],
    config: NetworkConfig,
    strength: Augmentation,
    batch_size: int,
    seed: Sequence[int],
    first: int = 0,
    workers: int = 0,
) -> Iterator[Batch]:
    """One epoch in random order, augmented, from the first batch asked for.

    An incomplete last batch is left out. Each batch follows from the seed and its number alone.
    """
    order = np.random.default_rng(seed).permutation(len(samples))
    make = partial(_batch, samples, config, strength, order, batch_size, tuple(seed))
    yield from made_ahead(make, range(first, max(1, len(samples) // batch_size)), workers)


def _batch(
    samples: Sequence[Sample],
    config: NetworkConfig,
    strength: Augmentation,
    order: NDArray[np.int64],
    batch_size: int,
    seed: tuple[int, ...],
    number: int,
) -> Batch:
    rng = np.random.default_rng((*seed, number))
    chosen = [samples[i] for i in order[number * batch_size : (number + 1) * batch_size]]
    views = [_view(sample, config, strength, rng) for sample in chosen]
    return Batch(
        torch.from_numpy(np.stack([v[0] for v in views])),
        torch.stack([v[2] for v in views]),
        torch.tensor([s.type for s in chosen]),
        torch.tensor([v[1] if s.q_down else UNKNOWN for v, s in zip(views, chosen, strict=True)]),
    )


def plain_batches(
    samples: Sequence[Sample], config: NetworkConfig, batch_size: int
) -> Iterator[Batch]:
    """All samples in order, unaltered but for every second one turned by 180°."""
    for start in range(0, len(samples), batch_size):
        chosen = samples[start : start + batch_size]
        turned = [(start + i) % 2 == 1 for i in range(len(chosen))]
        canvases = [
            np.rot90(c, 2).copy() if turn else c
            for c, turn in zip(
                (place(s.cut_out.crop, s.scale, config) for s in chosen), turned, strict=True
            )
        ]
        yield Batch(
            torch.from_numpy(np.stack(canvases)),
            torch.stack([s.size for s in chosen]),
            torch.tensor([s.type for s in chosen]),
            torch.tensor(
                [
                    (1 - Q_DOWN if turn else Q_DOWN) if s.q_down else UNKNOWN
                    for turn, s in zip(turned, chosen, strict=True)
                ]
            ),
        )


def on_another_day(source: CutOut, rng: Generator) -> CutOut:
    """A chromosome of another day as it is seen at inference: a stout one is stretched again."""
    day = Day.any(rng)
    grey, mask = day.of(source.crop, source.mask, rng)
    if day.length < 1:
        again = float(np.exp(rng.uniform(0.5, 1.1) * -np.log(day.length)))
        return stretched(CutOut(grey, mask, source.angle), again)
    return CutOut(grey, mask, source.angle)


def _view(
    sample: Sample, config: NetworkConfig, strength: Augmentation, rng: Generator
) -> tuple[np.ndarray, int, Tensor]:
    """One augmented canvas with polarity and size; the scale error is the same for all three."""
    error = float(rng.uniform(-strength.cell_scale, strength.cell_scale))
    source, scale = sample.cut_out, sample.scale
    if strength.another_day and rng.random() < strength.another_day:
        source = on_another_day(source, rng)
        # All of such a cell look so: what tells the scale is their size as it is then.
        scale *= float(np.sqrt(sample.cut_out.mask.sum() / max(1, int(source.mask.sum()))))
    canvas = place(source.crop, scale * np.exp(error), config)
    canvas, polarity = augment(canvas, Q_DOWN, rng, strength)
    if rng.random() < strength.size_dropout:
        return canvas, polarity, torch.zeros(2)
    wobble = error + strength.size_noise * rng.standard_normal(2)
    return canvas, polarity, sample.size + torch.from_numpy(wobble / [0.25, 0.43]).float()
