"""Runtimes: the same network computed by different libraries, in different precisions.

A new one is a module with an `open` function and one line in `RUNTIMES`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch

from model.device import bf16_pays, choose
from model.inference.runtimes import openvino_runtime as openvino
from model.inference.runtimes import torch_runtime
from model.inference.runtimes.base import Runtime, RuntimeKind, RuntimeUnavailable
from model.vocabulary.errors import ModelError
from model.weights import LoadedModel

AUTO = "auto"

RUNTIMES: tuple[RuntimeKind, ...] = (
    RuntimeKind(
        "torch-cuda", "PyTorch, half precision", lambda d: d.type == "cuda",
        torch_runtime.open_torch_cuda,
    ),
    RuntimeKind("openvino-int8", "OpenVINO int8", openvino.fits_int8, openvino.open_int8),
    RuntimeKind("openvino-bf16", "OpenVINO bf16", openvino.fits_bf16, openvino.open_bf16),
    RuntimeKind("openvino", "OpenVINO fp32", openvino.fits_fp32, openvino.open_fp32),
    RuntimeKind(
        "torch-bf16", "PyTorch bf16", lambda d: d.type == "cpu" and bf16_pays(d),
        torch_runtime.open_torch_bf16,
    ),
    RuntimeKind("torch", "PyTorch fp32", lambda d: True, torch_runtime.open_torch),
)  # fmt: skip
"""Fastest first; `auto` takes the first that this computer can run to advantage and that opens.

The order is measured (docs/EXPERIMENTS.md), nothing is timed at start-up.
"""


def open_runtime(
    model: LoadedModel, device: str = "auto", wanted: str = AUTO, cache: Path | None = None
) -> Runtime:
    """The runtime `wanted`, an id of `RUNTIMES` or "auto".

    What cannot be used is replaced, by the next one (auto) or by PyTorch (a named one), and the
    runtime's `note` says so. `cache` keeps converted networks from one start to the next. Takes
    up to a few seconds. ModelError for an unknown id and an unusable device.
    """
    place = choose(device)
    note = ""
    for kind in _candidates(wanted):
        if not kind.fits(place):
            if kind.id == wanted:
                note = f"This computer has no hardware for {kind.label}"
            continue
        try:
            runtime = kind.open(model, cache)
        except RuntimeUnavailable as refusal:
            note = note or str(refusal)
            continue
        if note:
            runtime.note = f"{note}; {runtime.label} is used."
        return runtime
    raise AssertionError("PyTorch in float32 runs everywhere")


def usable(device: torch.device) -> tuple[RuntimeKind, ...]:
    """Those that this computer can run to advantage, fastest first."""
    return tuple(kind for kind in RUNTIMES if kind.fits(device))


def _candidates(wanted: str) -> Iterator[RuntimeKind]:
    known = [kind.id for kind in RUNTIMES]
    if wanted != AUTO and wanted not in known:
        raise ModelError(f"There is no runtime “{wanted}”.", f"Known: {', '.join((AUTO, *known))}.")
    yield from (kind for kind in RUNTIMES if wanted in (AUTO, kind.id))
    if wanted not in (AUTO, RUNTIMES[-1].id):
        yield RUNTIMES[-1]
