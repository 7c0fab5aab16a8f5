"""How to train each preset."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from model.config import NetworkConfig
from model.data.augment import PAPER_AUGMENTATION, Augmentation
from model.errors import ModelError

Decay = Literal["cosine", "tenfold"]
SHARES = ("blur", "erase", "size_dropout")
"""Strengths of the augmentation that are probabilities."""


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


def add_options(parser: argparse.ArgumentParser) -> None:
    """The settings as options of a command line; what is not given stays the preset's."""
    parser.add_argument("--epochs", type=int, help="total over all steps (default: the preset's)")
    for step, words in _STEPS.items():
        parser.add_argument(f"--epochs-{step.replace('_', '-')}", type=int, metavar="N", help=words)
    parser.add_argument("--alternations", type=int, metavar="N", help="how often step 4 is run")
    parser.add_argument("--batch-size", type=int, help="of all processes together")
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--weight-decay", type=float)
    parser.add_argument("--ema", type=float, help="averaging of the weights in stage 2; 0: none")
    parser.add_argument("--decay", choices=get_args(Decay), help="of the learning rate")
    parser.add_argument("--seed", type=int)
    parser.add_argument(
        "--augmentation", action="append", metavar="NAME=VALUE",
        help="strength of a random change, repeatable: "
        + ", ".join(field.name for field in fields(Augmentation)),
    )  # fmt: skip


_STEPS = {
    "g_net": "epochs of the G-Net (step 2); 0 passes a step over",
    "localisation": "epochs of the localisation's pre-training (step 3)",
    "l_net": "epochs of the L-Net, each time (step 4)",
    "weak_localisation": "epochs of the weakly supervised localisation, each time (step 4)",
    "fused": "epochs of the Varifocal-Net (stage 2)",
}


def chosen_settings(options: argparse.Namespace, preset: TrainingSettings) -> TrainingSettings:
    """The preset's settings with what the command line changes; ModelError for what cannot be."""
    plain = ("batch_size", "learning_rate", "weight_decay", "ema", "decay", "seed")
    given = {name: getattr(options, name) for name in plain if getattr(options, name) is not None}
    settings = replace(
        preset,
        epochs=_chosen_epochs(options, preset.epochs),
        augmentation=_chosen_augmentation(options.augmentation or (), preset.augmentation),
        **given,
    )
    for name, is_right, wanted in (
        ("batch_size", settings.batch_size >= 1, "1 or more"),
        ("learning_rate", settings.learning_rate > 0, "more than 0"),
        ("weight_decay", 0 <= settings.weight_decay < math.inf, "0 or more"),
        ("ema", 0 <= settings.ema < 1, "0 … 1, without 1"),
        ("seed", settings.seed >= 0, "0 or more"),
    ):
        if not is_right:
            raise _unsuitable(name, getattr(settings, name), wanted)
    return settings


def _chosen_epochs(options: argparse.Namespace, epochs: Epochs) -> Epochs:
    steps = {name: getattr(options, f"epochs_{name}") for name in _STEPS}
    given = {name: count for name, count in steps.items() if count is not None}
    if options.epochs is not None and given:
        raise ModelError(
            "The number of epochs is told twice, in all and for single steps.",
            "Leave out --epochs or the epochs of the steps.",
        )
    for name, count in (given | {"alternations": options.alternations}).items():
        if count is not None and count < 0:
            raise _unsuitable(name, count, "0 or more")
    if options.epochs is not None and options.epochs < 1:
        raise _unsuitable("epochs", options.epochs, "1 or more")
    if options.alternations is not None:
        given["alternations"] = options.alternations
    if options.fine_tune:
        epochs = Epochs(0, 0, 0, 0, 0, options.epochs or epochs.fused)
    elif options.epochs:
        epochs = replace(epochs, alternations=given.pop("alternations", epochs.alternations))
        epochs = epochs.scaled_to(options.epochs)
    epochs = replace(epochs, **given)
    if not epochs.total:
        raise ModelError("There is nothing to train: every step has 0 epochs.")
    return epochs


def _chosen_augmentation(given: Sequence[str], strength: Augmentation) -> Augmentation:
    names = [field.name for field in fields(Augmentation)]
    for text in given:
        name, _, number = text.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if name not in names:
            raise ModelError(
                f"There is no augmentation “{name}”.", f"There are: {', '.join(names)}."
            )
        most = 1.0 if name in SHARES else math.inf
        if not (0 <= value <= most and math.isfinite(value)):
            raise _unsuitable(name, number, "a number 0 … 1" if most == 1 else "a number ≥ 0")
        strength = replace(strength, **{name: value})
    return strength


def _unsuitable(name: str, value: object, wanted: str) -> ModelError:
    return ModelError(
        f"{name.replace('_', ' ').capitalize()} cannot be {value}.", f"Give {wanted}."
    )
