"""What every runtime is: the network's forward pass, computed by one library in one precision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from model.weights import LoadedModel

Outputs = tuple[Tensor, Tensor, Tensor]
"""Type logits (N, 24), polarity logits (N, 2), boxes (N, 4) in canvas pixels; float32."""

BATCH: int = 16
"""Pictures computed at once: a cell of 46 is three batches, and memory does not grow with it."""


class Runtime(Protocol):
    """An opened network, ready to be called from one thread at a time.

    `id` names its kind, `label` says library, precision and device ("OpenVINO int8, CPU"),
    `device` is "cpu" or "cuda"; `note` is one sentence when it stands in for another runtime or
    something about it did not work, else empty.
    """

    id: str
    label: str
    device: str
    note: str

    def __call__(self, images: Tensor, sizes: Tensor) -> Outputs:
        """Normalised canvases (N, 1, H, W) float32 and relative sizes (N, 2), any N ≥ 1."""
        ...


@dataclass(frozen=True)
class RuntimeKind:
    """One runtime by name.

    `fits(device)` is whether this computer can run it to advantage: a question to the hardware,
    answered at once. `open(model, cache)` raises `RuntimeUnavailable` when it does not work here;
    `cache` is a folder for what was converted, or None to keep it in memory.
    """

    id: str
    label: str
    fits: Callable[[torch.device], bool]
    open: Callable[[LoadedModel, Path | None], Runtime]


class RuntimeUnavailable(Exception):  # noqa: N818 (no error: another runtime is taken)
    """Why a runtime cannot be used, in one sentence."""


def in_batches(
    compute: Callable[[Tensor, Tensor], Outputs], images: Tensor, sizes: Tensor
) -> Outputs:
    """`compute` over at most `BATCH` pictures at a time, joined."""
    parts = [
        compute(images[start : start + BATCH], sizes[start : start + BATCH])
        for start in range(0, len(images), BATCH)
    ]
    type_, polarity, boxes = (torch.cat(outputs) for outputs in zip(*parts, strict=True))
    return type_, polarity, boxes
