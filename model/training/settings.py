"""How to train each preset."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from model.config import NetworkConfig
from model.data.augment import PAPER_AUGMENTATION, Augmentation

Decay = Literal["cosine", "tenfold"]


@dataclass(frozen=True)
class Epochs:
    """Epochs of each step (II-C) and of stage 2 (II-B)."""

    g_net: int
    localisation: int
    l_net: int
    weak_localisation: int
    alternations: int
    fused: int

    def scaled_to(self, total: int) -> Epochs:
        """About `total` epochs in the same proportions, at least one of each."""
        share = total / self.total

        def part(count: int) -> int:
            return max(1, round(count * share))

        return Epochs(part(self.g_net), 1, part(self.l_net), 1, self.alternations, part(self.fused))

    @property
    def total(self) -> int:
        """All epochs of a whole training."""
        alternating = self.alternations * (self.l_net + self.weak_localisation)
        return self.g_net + self.localisation + alternating + self.fused


@dataclass(frozen=True)
class TrainingSettings:
    """One training, told completely together with the network's configuration and the data."""

    epochs: Epochs
    batch_size: int
    learning_rate: float
    weight_decay: float
    decay: Decay  # to zero along a cosine, or "decreased by nine-tenth every 10 epochs" (III-B)
    augmentation: Augmentation
    fused_trains_all: bool  # stage 2 also fine-tunes both CNNs and the localisation
    ema: float  # averaging of the weights in stage 2; 0 switches it off
    seed: int = 20190301

    def to_json(self) -> dict[str, Any]:
        """Plain values for the model card."""
        return asdict(self)


PAPER_SETTINGS = TrainingSettings(
    epochs=Epochs(30, 1, 30, 1, 1, 20),
    batch_size=64,
    learning_rate=1e-4,
    weight_decay=0.0,
    decay="tenfold",
    augmentation=PAPER_AUGMENTATION,
    fused_trains_all=False,
    ema=0.0,
)
"""III-B: Adam, 1e-4, 30 / 30 / 20 epochs."""

COMPACT_SETTINGS = TrainingSettings(
    epochs=Epochs(3, 1, 3, 1, 1, 12),
    batch_size=64,
    learning_rate=2e-3,
    weight_decay=0.02,
    decay="cosine",
    augmentation=Augmentation(),
    fused_trains_all=True,
    ema=0.998,
)
"""The same four steps, shorter, and a stage 2 that tunes the whole network."""


def settings_for(config: NetworkConfig) -> TrainingSettings:
    """The settings that go with a preset."""
    return PAPER_SETTINGS if config.preset == "paper" else COMPACT_SETTINGS
