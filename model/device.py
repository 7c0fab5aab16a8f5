"""Which device to compute on."""

from __future__ import annotations

import torch

from model.vocabulary.choices import DEVICES
from model.vocabulary.errors import ModelError


def choose(name: str = "auto") -> torch.device:
    """The device of that name; `auto` takes CUDA where there is one, else the CPU."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise ModelError("This computer has no usable CUDA device.", "Choose the device “cpu”.")
    if name not in DEVICES:
        raise ModelError(f"There is no device “{name}”.", f"Known: {', '.join(DEVICES)}.")
    return torch.device(name)


def bf16_pays(device: torch.device) -> bool:
    """Whether bfloat16 arithmetic is in hardware: on CUDA, and on CPUs with AVX512-BF16 or AMX."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    capability = torch.backends.cpu.get_cpu_capability()
    return capability.startswith("AVX512") and bool(torch.cpu._is_avx512_bf16_supported())
