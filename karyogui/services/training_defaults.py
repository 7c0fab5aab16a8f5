"""What each preset trains with, for the dialog: the numbers of `model.training.settings`.

Kept here as plain values because the window must not load the network; a test keeps both equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class StepDefault:
    """A step of the training: name in the request and in words."""

    key: str
    label: str
    note: str


STEPS: tuple[StepDefault, ...] = (
    StepDefault("g_net", "G-Net", "Step 1–2: the whole picture, type and polarity."),
    StepDefault("localisation", "Localisation", "Step 3: where the zoom looks, from the G-Net."),
    StepDefault("l_net", "L-Net", "Step 4: the zoomed part, type and polarity."),
    StepDefault("weak_localisation", "Weak localisation", "Step 4: the zoom learns what helps."),
    StepDefault("alternations", "Alternations", "How often those two take turns."),
    StepDefault("fused", "Varifocal-Net", "Stage 2: both nets' features together."),
)
"""In the order of the training."""

DECAYS: tuple[tuple[str, str], ...] = (
    ("cosine", "Cosine: falls to zero"),
    ("tenfold", "Tenfold: a tenth every 10 epochs"),
)

CLASSIFIERS: tuple[tuple[str, str], ...] = (
    ("varifocal", "Varifocal-Net"),
    ("resnet", "ResNet"),
    ("resnet-stn", "ResNet-STN"),
    ("g-net", "G-Net"),
    ("l-net-simple", "L-Net (Simple)"),
    ("varifocal-simple", "Varifocal-Net (Simple)"),
    ("zoom-size", "Zoom with size"),
)
"""Networks by id, the usual one first; as in `model.network.comparison`."""

SHARES: tuple[str, ...] = ("blur", "erase", "size_dropout")
"""Augmentation strengths that are probabilities, 0 … 1; the others are 0 or more."""

AUGMENTATION_LABELS: Mapping[str, str] = {
    "rotation": "Rotation, ± degrees",
    "stretch": "Stretch, relative",
    "bend": "Bend, of the height",
    "gamma": "Gamma, logarithm",
    "contrast": "Contrast, relative",
    "blur": "Blur, probability",
    "noise": "Noise, grey levels",
    "erase": "Patch, probability",
    "cell_scale": "Scale of a cell, logarithm",
    "size_noise": "Size number, logarithm",
    "size_dropout": "Without size, share",
}


@dataclass(frozen=True)
class TrainingDefaults:
    """The settings of a preset by the names of `TrainingRequest`."""

    epochs: Mapping[str, int]
    batch_size: int
    learning_rate: float
    weight_decay: float
    ema: float
    decay: str
    seed: int
    augmentation: Mapping[str, float]


_SEED = 20190301

DEFAULTS: Mapping[str, TrainingDefaults] = {
    "compact": TrainingDefaults(
        epochs={
            "g_net": 3,
            "localisation": 1,
            "l_net": 3,
            "weak_localisation": 1,
            "alternations": 1,
            "fused": 12,
        },
        batch_size=64,
        learning_rate=2e-3,
        weight_decay=0.02,
        ema=0.998,
        decay="cosine",
        seed=_SEED,
        augmentation={
            "rotation": 20.0,
            "stretch": 0.06,
            "bend": 0.08,
            "gamma": 0.25,
            "contrast": 0.15,
            "blur": 0.25,
            "noise": 4.0,
            "erase": 0.15,
            "cell_scale": 0.12,
            "size_noise": 0.03,
            "size_dropout": 0.1,
        },
    ),
    "paper": TrainingDefaults(
        epochs={
            "g_net": 30,
            "localisation": 1,
            "l_net": 30,
            "weak_localisation": 1,
            "alternations": 1,
            "fused": 20,
        },
        batch_size=64,
        learning_rate=1e-4,
        weight_decay=0.0,
        ema=0.0,
        decay="tenfold",
        seed=_SEED,
        augmentation={**dict.fromkeys(AUGMENTATION_LABELS, 0.0), "rotation": 45.0},
    ),
}
