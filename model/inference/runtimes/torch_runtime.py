"""PyTorch as it is: float32 on the CPU, half precision where the hardware has it."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from model.device import bf16_pays
from model.inference.runtimes.base import Outputs, in_batches
from model.network.varifocal import Classifier
from model.weights import LoadedModel


class TorchRuntime:
    """The network itself, in eager mode.

    Neither `torch.compile` nor CUDA graphs: both cost seconds to tens of seconds at first use and
    again for every new batch size, and a cell is three batches.
    """

    def __init__(
        self,
        kind: str,
        label: str,
        net: Classifier,
        device: torch.device,
        lower: torch.dtype | None,
    ) -> None:
        self.id = kind
        self.label = label
        self.device = device.type
        self.note = ""
        self._net = net
        self._place = device
        self._lower = lower

    @torch.inference_mode()
    def __call__(self, images: Tensor, sizes: Tensor) -> Outputs:
        """See `Runtime`; the outputs lie on the device."""
        return in_batches(self._compute, images, sizes)

    def _compute(self, images: Tensor, sizes: Tensor) -> Outputs:
        images = images.to(self._place, non_blocking=True)
        images = images.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self._place.type, self._lower, enabled=self._lower is not None):
            output = self._net(images, sizes.to(self._place))
        return output.type.float(), output.polarity.float(), output.boxes.float()


def open_torch(model: LoadedModel, cache: Path | None) -> TorchRuntime:
    """Float32, wherever the network lies: the runtime that the others are compared with."""
    del cache
    device = next(model.net.parameters()).device
    return TorchRuntime("torch", f"PyTorch fp32, {_device_words(device)}", model.net, device, None)


def open_torch_bf16(model: LoadedModel, cache: Path | None) -> TorchRuntime:
    """Convolutions and matrix products in bfloat16 on the CPU."""
    del cache
    device = torch.device("cpu")
    return TorchRuntime("torch-bf16", "PyTorch bf16, CPU", model.net, device, torch.bfloat16)


def open_torch_cuda(model: LoadedModel, cache: Path | None) -> TorchRuntime:
    """Half precision on the GPU: bfloat16 where it is in hardware, else float16."""
    del cache
    device = next(model.net.parameters()).device
    lower, said = (torch.bfloat16, "bf16") if bf16_pays(device) else (torch.float16, "fp16")
    return TorchRuntime("torch-cuda", f"PyTorch {said}, GPU", model.net, device, lower)


def _device_words(device: torch.device) -> str:
    return "CPU" if device.type == "cpu" else "GPU"
