"""Weights of the separation network: safetensors with a JSON card beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load

from model.segmentation.network import SeparationConfig, SeparationNet
from model.vocabulary.assets import ASSETS
from model.vocabulary.card import read_card, read_checked
from model.vocabulary.errors import ModelError

SEPARATION: Path = ASSETS / "weights" / "separation.safetensors"
"""The bundled weights."""
KIND: str = "separation"


@dataclass(frozen=True, eq=False)
class LoadedSeparation:
    """A separation network in evaluation mode with its card."""

    net: SeparationNet
    card: dict[str, Any]


def load_separation(weights: Path) -> LoadedSeparation:
    """Load and check weights; ModelError when they are missing, foreign, altered or damaged."""
    card = read_card(weights)
    data = read_checked(weights, card)
    if card.get("kind") != KIND:
        raise ModelError(f"The weights {weights.name} are not those of a separation network.")
    try:
        net = SeparationNet(SeparationConfig.from_json(card.get("config", {})))
        net.load_state_dict(
            {k: v.float() if v.is_floating_point() else v for k, v in load(data).items()}
        )
    except (SafetensorError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise ModelError(
            f"The weights {weights.name} do not fit the network that they describe."
        ) from error
    return LoadedSeparation(net.eval(), card)
