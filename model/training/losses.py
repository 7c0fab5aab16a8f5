"""Losses of the four steps (eq. 1, 2, 3 and 8). Sums over N of the paper are means here."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from model.data.dataset import UNKNOWN

LAMBDA: float = 0.5
"""Weight of the polarity task in eq. (3)."""


def multi_task_loss(logits: tuple[Tensor, Tensor], types: Tensor, polarities: Tensor) -> Tensor:
    """Eq. (3): cross-entropy of the type plus λ times that of the polarity, where it is known.

    Logits (N, 24) and (N, 2), types and polarities (N,).
    """
    type_loss = F.cross_entropy(logits[0].float(), types)
    polarity = F.cross_entropy(logits[1].float(), polarities, ignore_index=UNKNOWN, reduction="sum")
    return type_loss + LAMBDA * polarity / len(types)


def soft_multi_task_loss(logits: tuple[Tensor, Tensor], answers: tuple[Tensor, Tensor]) -> Tensor:
    """Eq. (3) with probabilities (N, 24) and (N, 2) of other networks in place of labels."""
    type_loss, polarity_loss = (
        F.cross_entropy(own.float(), other) for own, other in zip(logits, answers, strict=True)
    )
    return type_loss + LAMBDA * polarity_loss


def localisation_loss(u: Tensor, target: Tensor) -> Tensor:
    """Eq. (8): smooth L1 of (N, 3) box parameters, summed over the three, mean over N."""
    return F.smooth_l1_loss(u.float(), target, reduction="none").sum(dim=1).mean()
