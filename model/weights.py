"""Weights on disk: safetensors with a JSON card beside them, checked before use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load

from model.network.comparison import build_network
from model.network.varifocal import Classifier
from model.vocabulary.assets import ASSETS
from model.vocabulary.card import read_card, read_checked
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import TYPES
from model.vocabulary.presets import NetworkConfig

DEFAULT: Path = ASSETS / "weights" / "compact.safetensors"
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


def _config(card: dict[str, Any]) -> NetworkConfig:
    values = card.get("config")
    return NetworkConfig.from_json(values if isinstance(values, dict) else {})
