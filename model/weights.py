"""Weights on disk: safetensors with a JSON card beside them, checked before use."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load

from model.config import NetworkConfig
from model.errors import ModelError
from model.labels import TYPES
from model.network.comparison import build_network
from model.network.varifocal import Classifier

DEFAULT: Path = Path(__file__).parent.parent / "assets" / "weights" / "compact.safetensors"
"""The bundled weights."""


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A network in evaluation mode with its card."""

    net: Classifier
    card: dict[str, Any]

    @property
    def config(self) -> NetworkConfig:
        """The network's configuration."""
        return self.net.config


def load_model(weights: Path, device: torch.device) -> LoadedModel:
    """Load and check weights; ModelError when they are missing, foreign, altered or damaged."""
    card = read_card(weights)
    data = read_checked(weights, card)
    if card.get("classes") != list(TYPES):
        raise ModelError(f"The weights {weights.name} were trained for other classes.")
    try:
        net = build_network(_config(card))
        net.load_state_dict({k: v.float() if v.is_floating_point() else v
                             for k, v in load(data).items()})  # fmt: skip
    except (SafetensorError, ModelError, ArithmeticError, LookupError, RuntimeError, TypeError,
            ValueError) as error:  # fmt: skip  # a description may hold anything
        raise ModelError(
            f"The weights {weights.name} do not fit the network that they describe."
        ) from error
    return LoadedModel(net.eval().to(device, memory_format=torch.channels_last), card)  # type: ignore[call-overload]


def read_checked(weights: Path, card: dict[str, Any]) -> bytes:
    """The file's bytes; ModelError when it cannot be read or is not the one its card names."""
    try:
        data = weights.read_bytes()
    except OSError as error:
        raise ModelError(f"The weights {weights.name} cannot be read ({error}).") from error
    if hashlib.sha256(data).hexdigest() != card.get("sha256"):
        raise ModelError(
            f"The weights {weights.name} are not those that their description names "
            "(checksum differs).",
            "The file is damaged or was exchanged; install it again.",
        )
    return data


def _config(card: dict[str, Any]) -> NetworkConfig:
    values = card.get("config")
    return NetworkConfig.from_json(values if isinstance(values, dict) else {})


def read_card(weights: Path) -> dict[str, Any]:
    """The JSON beside the weights; ModelError when either file is missing or unreadable."""
    if not weights.is_file():
        raise ModelError(
            f"There are no weights at {weights}.", "Choose installed weights or train a model."
        )
    try:
        card = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"The description {weights.stem}.json is missing beside the weights."
        ) from None
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The description {weights.stem}.json cannot be read ({error})."
        ) from error
    if not isinstance(card, dict):
        raise ModelError(f"The description {weights.stem}.json is not that of weights.")
    return card
