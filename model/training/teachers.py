"""Distillation: one network learns what several trained ones answer, not the labels alone.

Every teacher sees the very picture that the pupil sees, augmented as it is; the mean of their
probabilities is the soft label (Hinton, Vinyals, Dean 2015, at temperature 1). Unlike label
smoothing it says which types a chromosome resembles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from model.training.losses import soft_multi_task_loss
from model.vocabulary.card import held_out_fold
from model.vocabulary.errors import ModelError
from model.vocabulary.presets import NetworkConfig
from model.weights import LoadedModel, load_model

SEEN_BY_A_NETWORK = ("canvas", "field", "scale_per_cell", "normalisation")
"""Fields of a configuration that say what a picture looks like to the network."""


@dataclass(frozen=True, eq=False)
class Teachers:
    """Trained networks, and how much of the loss is theirs (0 … 1); the rest is the labels'."""

    models: tuple[LoadedModel, ...]
    weight: float

    @torch.no_grad()
    def answers(self, images: Tensor, sizes: Tensor) -> tuple[Tensor, Tensor]:
        """Images (N, 1, H, W), sizes (N, 2) → mean type (N, 24), polarity (N, 2) probabilities."""
        outputs = [model.net(images, sizes) for model in self.models]
        types = torch.stack([o.type.float().softmax(1) for o in outputs]).mean(0)
        polarities = torch.stack([o.polarity.float().softmax(1) for o in outputs]).mean(0)
        return types, polarities

    def loss(
        self, hard: Tensor, logits: tuple[Tensor, Tensor], images: Tensor, sizes: Tensor
    ) -> Tensor:
        """The labels' loss `hard` mixed with that of the teachers' answers."""
        soft = soft_multi_task_loss(logits, self.answers(images, sizes))
        return (1 - self.weight) * hard + self.weight * soft

    def to_json(self) -> dict[str, Any]:
        """Weight, names and checksums, for the card of the pupil."""
        kept = ("name", "version", "sha256")
        names = [{key: model.card.get(key) for key in kept} for model in self.models]
        return {"weight": self.weight, "networks": names}


def teachers_of(
    paths: Sequence[Path],
    weight: float,
    config: NetworkConfig,
    held_out: int | None,
    device: torch.device,
) -> Teachers | None:
    """Load the teachers; None without any.

    ModelError for a weight outside 0 … 1, and for a teacher that looks at other pictures than
    `config` or has seen the cases that are held out.
    """
    if not 0 <= weight <= 1:
        raise ModelError(f"Teacher weight cannot be {weight:g}.", "Give 0 … 1.")
    models = tuple(load_model(path, device) for path in paths)
    for path, model in zip(paths, models, strict=True):
        if _picture(model.config) != _picture(config):
            raise ModelError(
                f"The teacher {path.name} looks at pictures of another kind than the network "
                "that is to learn.",
                "Give teachers with the same canvas, field and normalisation.",
            )
        check_unseen(model.card, held_out, f"The teacher {path.name} has")
    return Teachers(models, weight) if models else None


def check_unseen(card: dict[str, Any], held_out: int | None, who: str) -> None:
    """ModelError where weights with this card have seen cases of the held-out fold."""
    if held_out is not None and held_out_fold(card) != held_out:
        raise ModelError(
            f"{who} seen cases of fold {held_out}.",
            "Hold out the fold that they held out, or train on everything (--hold-out -1).",
        )


def _picture(config: NetworkConfig) -> list[Any]:
    return [getattr(config, name) for name in SEEN_BY_A_NETWORK]
