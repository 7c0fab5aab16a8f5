"""How to train each preset."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from model.vocabulary.presets import NetworkConfig

Decay = Literal["cosine", "tenfold"]
SHARES: tuple[str, ...] = ("blur", "erase", "size_dropout", "another_day")
"""Strengths of the augmentation that are probabilities."""


SEPARATION_STEPS: int = 50
"""Steps of the separation's training that are called an epoch."""
OWN_EPOCHS, OWN_LEARNING_RATE = 8, 2e-4
"""How a separation goes on learning from the laboratory's own photographs: short and slow, so that
it does not forget what it knows."""
LEAST_LEARNED, LEAST_HELD_OUT = 5, 2
"""Own photographs to learn from, and to measure on, below which that is not worth while."""


@dataclass(frozen=True)
class Augmentation:
    """Ranges of the random changes; a strength of 0 switches one off.

    The paper: horizontal flip, rotation within 0 … 45°, vertical flip with the polarity changed.
    """

    rotation: float = 20.0  # degrees to either side
    stretch: float = 0.06  # relative change of height and of width, standard deviation
    bend: float = 0.08  # sideways deflection of the axis, fraction of the canvas height, deviation
    gamma: float = 0.25  # logarithm of the exponent on darkness, standard deviation
    contrast: float = 0.15  # relative, standard deviation
    blur: float = 0.25  # probability of a blur by 0.4 … 1 px
    noise: float = 4.0  # grey levels, largest standard deviation
    erase: float = 0.15  # probability of a dark or white patch over a part
    cell_scale: float = 0.12  # logarithm of the scale of a whole cell, largest
    size_noise: float = 0.03  # logarithm of a chromosome's size number, standard deviation
    size_dropout: float = 0.1  # share of samples without their size numbers
    another_day: float = 0.0  # probability that it looks as on another day (`other_days.Day`)


PAPER_AUGMENTATION = Augmentation(
    rotation=45.0, stretch=0.0, bend=0.0, gamma=0.0, contrast=0.0, blur=0.0, noise=0.0,
    erase=0.0, cell_scale=0.0, size_noise=0.0, size_dropout=0.0,
)  # fmt: skip
"""As printed in III-B: flips and rotation only."""


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
        """`total` epochs in about the same proportions, at least one of each step that has any.

        The localisation gets one epoch each time, the classifiers share the rest. A `total`
        smaller than the number of steps gives one epoch each.
        """
        box, weak = min(1, self.localisation), min(1, self.weak_localisation)
        cost = {"g_net": 1, "l_net": self.alternations, "fused": 1}
        base = {name: getattr(self, name) for name in cost if cost[name] and getattr(self, name)}
        parts = dict.fromkeys(base, 1)
        left = total - box - weak * self.alternations - sum(cost[name] for name in base)
        while fitting := [name for name in base if cost[name] <= left]:
            least = min(fitting, key=lambda name: parts[name] / base[name])
            parts[least] += 1
            left -= cost[least]
        return replace(self, localisation=box, weak_localisation=weak, **parts)

    @property
    def total(self) -> int:
        """All epochs of a whole training."""
        alternating = self.alternations * (self.l_net + self.weak_localisation)
        return self.g_net + self.localisation + alternating + self.fused


@dataclass(frozen=True)
class TrainingSettings:
    """One training, complete together with the network's configuration and the data."""

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


SWIFT_SETTINGS = replace(COMPACT_SETTINGS, epochs=Epochs(2, 1, 2, 1, 1, 12), learning_rate=1e-3)
"""Begun with what ImageNet taught: fewer epochs of each scale alone, and smaller steps."""


def settings_for(config: NetworkConfig) -> TrainingSettings:
    """The settings that go with a preset."""
    known = {"paper": PAPER_SETTINGS, "swift": SWIFT_SETTINGS}
    return known.get(config.preset, COMPACT_SETTINGS)
