"""Weights that can be chosen: read from the JSON beside each, without loading a network."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class InstalledModel:
    """Weights and what is known of them. `metrics` are fractions; nested ones as `type.acc`."""

    path: Path
    name: str
    version: str
    preset: str
    sha256: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    data: str = ""
    created: str = ""


def installed_models(*folders: Path) -> tuple[InstalledModel, ...]:
    """The weights in folders, by folder and file name; a folder may be missing.

    Weights without a readable description are left out, and the log says so.
    """
    found = []
    for folder in folders:
        for path in sorted(folder.glob("*.safetensors")):
            model = _read(path)
            if model is not None:
                found.append(model)
    return tuple(found)


def _read(path: Path) -> InstalledModel | None:
    try:
        described = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        log.warning("weights without a readable description: %s (%s)", path, error)
        return None
    if not isinstance(described, dict):
        log.warning("weights without a readable description: %s", path)
        return None

    def text(key: str, default: str = "") -> str:
        value = described.get(key)
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
    )


def _numbers(metrics: object, prefix: str = "") -> dict[str, float]:
    numbers: dict[str, float] = {}
    if not isinstance(metrics, dict):
        return numbers
    for key, value in metrics.items():
        if isinstance(value, dict):
            numbers |= _numbers(value, f"{prefix}{key}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            numbers[f"{prefix}{key}"] = float(value)
    return numbers
