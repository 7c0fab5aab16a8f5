"""How fast each runtime is on one generated cell, against plain PyTorch in the same run."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from model.device import choose
from model.inference.runtimes import open_runtime, usable
from model.inference.runtimes.base import Runtime
from model.inference.runtimes.samples import generated
from model.inference.views import ALL_VIEWS, SURE, VIEWS, look
from model.vocabulary.labels import TYPES
from model.weights import load_model

CELL: tuple[str, ...] = (*TYPES[:22], *TYPES[:22], "X", "Y")
"""The chromosomes of 46,XY."""
ALWAYS = 2.0
"""A certainty that no probability reaches: all views of all chromosomes."""


@dataclass(frozen=True)
class RuntimeFigures:
    """What was measured of one runtime.

    Seconds to open it the first time (with the conversion) and again from the cache; median
    seconds of the network for a cell of 46 in four views and with further views only where the
    first is uncertain; `times_torch`: how many times faster than plain PyTorch in four views,
    median of the same rounds; `same_types`: share of the chromosomes with PyTorch's type.
    """

    id: str
    label: str
    note: str
    is_default: bool
    opening_first: float
    opening: float
    four_views: float
    times_torch: float
    sure_views: float
    same_types: float


def measure(weights: Path, device: str = "auto", rounds: int = 5) -> tuple[RuntimeFigures, ...]:
    """Every runtime that fits this computer, fastest first by rule; plain PyTorch is the last.

    Each round asks all of them once, so that whatever else the computer does slows all alike.
    """
    model = load_model(weights, choose(device))
    kinds = [kind.id for kind in usable(choose(device))]
    openings: dict[str, tuple[float, float]] = {}
    opened: list[Runtime] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for kind in kinds:
            cache = Path(folder) / kind  # of its own: two of them share what is converted
            began = time.perf_counter()
            open_runtime(model, device, kind, cache)
            between = time.perf_counter()
            opened.append(open_runtime(model, device, kind, cache))
            openings[kind] = between - began, time.perf_counter() - between
        images, sizes = generated(model.config, CELL)
        four = _interleaved(opened, images, sizes, ALWAYS, rounds)
        sure = _interleaved(opened, images, sizes, SURE, rounds)
        types = [look(runtime, images, sizes, 1)[0].argmax(1) for runtime in opened]
    return tuple(
        RuntimeFigures(
            kind,
            runtime.label,
            runtime.note,
            i == 0,
            round(openings[kind][0], 2),
            round(openings[kind][1], 2),
            four_views=round(statistics.median(four[i]), 3),
            times_torch=round(
                statistics.median(t / s for t, s in zip(four[-1], four[i], strict=True)), 2
            ),
            sure_views=round(statistics.median(sure[i]), 3),
            same_types=float((types[i] == types[-1]).float().mean()),
        )
        for i, (kind, runtime) in enumerate(zip(kinds, opened, strict=True))
    )


def _interleaved(
    runtimes: Sequence[Runtime], images: Tensor, sizes: Tensor, sure: float, rounds: int
) -> list[list[float]]:
    """Seconds of each runtime in each round; a round before them warms everything up."""
    seconds: list[list[float]] = [[] for _ in runtimes]
    for number in range(rounds + 1):
        for runtime, taken in zip(runtimes, seconds, strict=True):
            began = time.perf_counter()
            views = len(VIEWS) if sure > 1 else ALL_VIEWS
            look(runtime, images, sizes, views, sure)
            if number:
                taken.append(time.perf_counter() - began)
    return seconds
