"""Checkpoints and finished weights: safetensors only, written beside and renamed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from model.vocabulary.errors import ModelError
from model.vocabulary.files import replacing, require_plain, write_texts


@dataclass
class Position:
    """How far a training has come: finished phases, epochs done in the present one, history.

    Within an epoch: batches done of it, the sums of their figures, seconds they took.
    """

    phase: int = 0
    epoch: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    batch: int = 0
    tally: list[float] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Everything that a resumed training needs; random numbers follow from the position.

    `learning_rate` is the one it was trained with, None in older checkpoints.
    """

    position: Position
    fingerprint: str
    tensors: Mapping[str, Tensor]
    learning_rate: float | None = None


def fingerprint(*parts: object) -> str:
    """Short digest of configuration, settings and data: a checkpoint fits only its own."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint in one file; the previous one stays until the new one is whole."""
    metadata = {
        "state": json.dumps(asdict(checkpoint.position)),
        "fingerprint": checkpoint.fingerprint,
        "learning_rate": json.dumps(checkpoint.learning_rate),
    }
    write_tensors(path, checkpoint.tensors, metadata)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint; ModelError when it is damaged."""
    try:
        require_plain(path)
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
        position = Position(**json.loads(metadata["state"]))
        mark = metadata["fingerprint"]
        rate = json.loads(metadata.get("learning_rate", "null"))
        tensors = load_file(path)
    except (SafetensorError, KeyError, TypeError, ValueError, OSError) as error:
        raise ModelError(
            f"The checkpoint {path.name} cannot be read ({error}).",
            "Start the training again without --resume.",
        ) from error
    return Checkpoint(position, mark, tensors, rate)


def make_folder(folder: Path) -> None:
    """A folder that cannot be written is reported before the training, not after its first hour."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"  # several processes try at once
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(
            f"The folder {folder} cannot be written ({error.strerror}).", "Give another --out."
        ) from error


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The state of an Adam-like optimiser as named tensors."""
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    return {
        f"optimiser.{index}.{name}": value
        for index, parameter in enumerate(parameters)
        for name, value in optimiser.state.get(parameter, {}).items()
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """The inverse of `optimiser_tensors`."""
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    for key, value in tensors.items():
        if key.startswith("optimiser."):
            _, index, name = key.split(".")
            parameter = parameters[int(index)]
            on_device = value if name == "step" else value.to(parameter.device)
            optimiser.state[parameter][name] = on_device


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: dict[str, str]) -> str:
    """Write a safetensors file and return its sha256; ModelError when the disk refuses."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as beside:
            save_file(plain, beside, metadata)
            with beside.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"{path.name} could not be written ({error}).",
            "What was saved earlier is intact; make room and resume.",
        ) from error
    return digest


def write_weights(path: Path, tensors: Mapping[str, Tensor], card: dict[str, Any]) -> None:
    """Finished weights and, beside them, the JSON that describes them (with their sha256)."""
    digest = write_tensors(path, tensors, {"format": "karyogui"})
    text = json.dumps({**card, "sha256": digest}, indent=1) + "\n"
    write_texts(path.parent, {f"{path.stem}.json": text})
