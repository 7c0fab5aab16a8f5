"""How fast a training goes, and how long it will last."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from model.memory import resident_memory

RELATIVE_COST: Mapping[str, float] = {
    "G-Net": 1.0,
    "localisation": 0.4,
    "L-Net": 1.2,
    "weak localisation": 1.5,
    "Varifocal-Net": 2.0,
}
"""Time of an epoch of a step in epochs of the G-Net: a guess for steps not yet run."""

Plan = Sequence[tuple[str, int]]
"""Name and epochs of each phase."""


class Pace:
    """Watches one epoch: images of it, seconds, and from them the time that is left."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._began = time.perf_counter()
        self._images = 0

    def add(self, images: int) -> None:
        """So many images more have been learnt from."""
        self._images += images

    @property
    def seconds(self) -> float:
        """Since the epoch began, in this process."""
        return time.perf_counter() - self._began

    def leave_out(self, seconds: float) -> None:
        """A pause does not count."""
        self._began += seconds

    def figures(self, seconds_left: float) -> dict[str, Any]:
        """What every event reports: device, speed, memory in MiB, seconds left (an estimate)."""
        told: dict[str, Any] = {
            "device": str(self._device),
            "images_per_second": round(self._images / max(self.seconds, 1e-6), 2),
            "seconds_left": round(seconds_left),
            "memory": resident_memory(),
        }
        if self._device.type == "cuda":
            told["cuda_memory"] = round(torch.cuda.max_memory_allocated(self._device) / 2**20)
        return told


def seconds_left(
    plan: Plan, phase: int, epochs_done: float, epoch_seconds: float, history: Sequence[Any]
) -> float:
    """Estimate for the rest of the training.

    `epochs_done` of the present phase, with the fraction of the present epoch; `epoch_seconds` is
    what an epoch of it takes. Steps that have been run already count with their last time, others
    by `RELATIVE_COST`.
    """
    seen = {entry["step"]: float(entry["seconds"]) for entry in history if "seconds" in entry}
    name, epochs = plan[phase]
    left = (epochs - epochs_done) * epoch_seconds
    unit = epoch_seconds / RELATIVE_COST.get(name, 1.0)
    for later, count in plan[phase + 1 :]:
        left += count * seen.get(later, unit * RELATIVE_COST.get(later, 1.0))
    return max(0.0, left)
