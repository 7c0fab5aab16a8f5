"""Weights that can be chosen: read from the JSON beside each, without loading a network."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from karyogui.log import in_short
from model.vocabulary.card import held_out_fold
from model.vocabulary.choices import CLASSIFIER, DEFAULT_CLASSIFIER, NETWORKS, SEPARATION
from model.vocabulary.files import read_plain_text

log = logging.getLogger(__name__)

TYPE_ASSIGNED = ("type.acc_per_case_assigned", "type.acc_per_case_d")
TYPE_ALONE = ("type.acc_per_case", "type.acc", "val_type_acc")
POLARITY = ("polarity.acc_per_case", "polarity.acc", "val_polarity_acc")
SECONDS = ("seconds_per_cell",)
"""Keys of `InstalledModel.metrics` under which a figure may stand, the best measured first."""

MEANINGS: Mapping[str, str] = {
    "type.acc_per_case_assigned": "types right per cell after the assignment, on held-out cases",
    "type.acc_per_case_d": "types right per cell after Algorithm 1, on held-out cases",
    "type.acc_per_case": "types right per cell by the network alone, on held-out cases",
    "type.acc": "types right by the network alone, on held-out cases",
    "val_type_acc": "types right by the network alone, on held-out pictures during training",
    "polarity.acc_per_case": "polarities right per cell, on held-out cases",
    "polarity.acc": "polarities right, on held-out cases",
    "val_polarity_acc": "polarities right, on held-out pictures during training",
    "seconds_per_cell": "seconds for a cell where it was measured",
}


@dataclass(frozen=True)
class InstalledModel:
    """Weights and what is known of them.

    `metrics` are fractions (times in seconds); nested ones as `type.acc`. `size` is in bytes.
    `card` is the whole description as read; `kind` is a key of `NETWORKS`.
    """

    path: Path
    name: str
    version: str
    preset: str
    sha256: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    data: str = ""
    created: str = ""
    split: str = ""
    classifier: str = DEFAULT_CLASSIFIER
    size: int = 0
    card: Mapping[str, object] = field(default_factory=dict)
    kind: str = CLASSIFIER

    @property
    def separates(self) -> bool:
        """Whether it finds chromosomes in photographs; else it tells their types."""
        return self.kind == SEPARATION

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}".strip()

    @property
    def history(self) -> tuple[Mapping[str, object], ...]:
        """What each epoch of its training reported, in order."""
        told = self.card.get("history")
        return tuple(e for e in told if isinstance(e, dict)) if isinstance(told, list) else ()

    @property
    def held_out_fold(self) -> int | None:
        """The fold that its training left out, by its card; None when it saw all cases."""
        return held_out_fold(self.card)

    def measured(self, keys: tuple[str, ...]) -> tuple[str, float] | None:
        """The first of `keys` that was measured, with its figure; None without any."""
        return next(((key, self.metrics[key]) for key in keys if key in self.metrics), None)


def installed_models(*folders: Path) -> tuple[InstalledModel, ...]:
    """The weights in folders, by folder and file name; a folder may be missing.

    Weights without a readable description are left out, and the log says so.
    """
    found = []
    for folder in folders:
        for path in sorted(folder.glob("*.safetensors"), key=lambda path: path.stem):
            model = read_model(path)
            if model is not None:
                found.append(model)
    return tuple(found)


def read_model(path: Path) -> InstalledModel | None:
    """What the JSON beside weights says; None (and a line in the log) when it says nothing.

    None as well for weights of a kind that this program does not know.
    """
    try:
        described = json.loads(read_plain_text(path.with_suffix(".json")))
        size = path.stat().st_size
        return _installed(path, size, described)
    except (OSError, ValueError, RecursionError) as error:
        log.warning("%s has no readable description: %s", path.name, in_short(error))
        return None


def _installed(path: Path, size: int, described: object) -> InstalledModel | None:
    """RecursionError for a description nested deeper than Python's stack."""
    if not isinstance(described, dict):
        log.warning("%s has no readable description", path.name)
        return None
    kind = described.get("kind", CLASSIFIER)
    if not isinstance(kind, str) or kind not in NETWORKS:
        log.warning("%s is of an unknown kind", path.name)
        return None

    def text(key: str, default: str = "") -> str:
        value = described.get(key)
        if isinstance(value, list):
            return ", ".join(map(str, value))
        return default if value is None else str(value)

    return InstalledModel(
        path=path,
        name=text("name", path.stem),
        version=text("version"),
        preset=text("preset"),
        sha256=text("sha256"),
        metrics=_numbers(described.get("metrics")),
        data=text("data"),
        created=text("created"),
        split=text("split"),
        classifier=_classifier(described),
        size=size,
        card=described,
        kind=kind,
    )


def _classifier(described: Mapping[str, object]) -> str:
    config = described.get("config")
    told = described.get("classifier")
    if told is None and isinstance(config, dict):
        told = config.get("classifier")
    return DEFAULT_CLASSIFIER if told is None else str(told)


def _numbers(metrics: object, prefix: str = "") -> dict[str, float]:
    numbers: dict[str, float] = {}
    if not isinstance(metrics, dict):
        return numbers
    for key, value in metrics.items():
        if isinstance(value, dict):
            numbers |= _numbers(value, f"{prefix}{key}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            with suppress(OverflowError):  # a figure of hundreds of digits is none
                numbers[f"{prefix}{key}"] = float(value)
    return numbers
