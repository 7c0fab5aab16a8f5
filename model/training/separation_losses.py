"""Losses of the separation network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from model.data.separation_samples import UNKNOWN
from model.segmentation.network import OUTPUT_STRIDE, Answer

OVERLAP_WEIGHT: float = 4.0
"""Of a pixel where two chromosomes lie over each other or touch: there are few."""
SIZE_UNIT: float = 30.0
"""Side (input pixels) of a box whose pixels weigh one; those of smaller ones weigh more."""
TYPE_WEIGHT: float = 0.5
LEAST_FIT: float = 0.4
"""IoU with what a pixel names from which the nearest of several boxes is taken for its own."""


@dataclass(frozen=True, eq=False)
class Target:
    """Labels of a batch: `chromosome`, `overlap`, `touch` (N, h, w) uint8.

    `candidates` (N, K, 4, h, w) float32 are distances to the sides of the boxes a pixel may belong
    to, far below 0 where there is none; `types` (N, K, h, w) int64 are those boxes' types, below 0
    where they are unknown; None where nothing is asked about them.
    """

    chromosome: Tensor
    overlap: Tensor
    touch: Tensor
    candidates: Tensor
    types: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Losses:
    """Parts of the loss, each a scalar."""

    chromosome: Tensor
    overlap: Tensor
    touch: Tensor
    sides: Tensor
    fit: Tensor
    types: Tensor

    @property
    def total(self) -> Tensor:
        """Their weighted sum."""
        places = self.chromosome + 0.5 * self.overlap + 0.5 * self.touch
        return places + self.sides + 0.3 * self.fit + TYPE_WEIGHT * self.types


def losses(answer: Answer, target: Target) -> Losses:
    """Cross entropy of what a pixel is; −log IoU of the nearest box that it may belong to."""
    overlap_of = box_overlap(answer.sides.unsqueeze(1), target.candidates)  # (N, K, h, w)
    best = overlap_of.max(dim=1)
    nearest = target.candidates.gather(
        1, best.indices[:, None, None].expand(-1, 1, 4, -1, -1)
    ).squeeze(1)
    inside = (best.values >= 0) & (target.chromosome == 1)
    if not inside.any():
        nothing = answer.sides.sum() * 0
        return Losses(_is(answer.chromosome, target.chromosome, 1.0), nothing, nothing, nothing,
                      nothing, nothing)  # fmt: skip
    iou = best.values[inside].clamp_min(1e-3)
    area = (nearest[:, 0] + nearest[:, 2]) * (nearest[:, 1] + nearest[:, 3])
    weight = (SIZE_UNIT / area[inside].clamp_min(16.0).sqrt()).clamp(0.3, 3.0)
    far = (answer.sides - nearest).abs().mean(dim=1)[inside] / area[inside].clamp_min(16.0).sqrt()
    sides = (weight * (far - iou.log())).sum() / weight.sum()
    fit = functional.binary_cross_entropy_with_logits(answer.fit[inside], iou.detach())
    return Losses(
        _is(answer.chromosome, target.chromosome, 1.0),
        _is(answer.overlap, target.overlap, OVERLAP_WEIGHT),
        _is(answer.touch, target.touch, OVERLAP_WEIGHT),
        sides,
        fit,
        _types(answer, target, best.values, best.indices, inside),
    )


def _types(answer: Answer, target: Target, fits: Tensor, nearest: Tensor, inside: Tensor) -> Tensor:
    """Cross entropy of the type of pixels whose owner is known; none under two chromosomes.

    `fits` and `nearest` (N, h, w) are IoU and index of the nearest candidate. Pixels of small
    chromosomes weigh more, as for the sides.
    """
    if answer.types is None or target.types is None:
        return answer.sides.sum() * 0
    own = target.types.gather(1, nearest[:, None]).squeeze(1)
    box = target.candidates.gather(1, nearest[:, None, None].expand(-1, 1, 4, -1, -1)).squeeze(1)
    alone = (target.candidates[:, :, 0] > -1e5).sum(1) == 1
    known = inside & (own >= 0) & (target.overlap == 0) & (alone | (fits > LEAST_FIT))
    if not known.any():
        return answer.sides.sum() * 0
    area = ((box[:, 0] + box[:, 2]) * (box[:, 1] + box[:, 3]))[known]
    weight = (SIZE_UNIT / area.clamp_min(16.0).sqrt()).clamp(0.3, 3.0)
    logits = answer.types.movedim(1, -1)[known]
    costs = functional.cross_entropy(logits, own[known], reduction="none")
    return (weight * costs).sum() / weight.sum()


def box_overlap(sides: Tensor, others: Tensor) -> Tensor:
    """IoU of boxes given as distances from the same pixel, on dimension −3; −1 where there is none.

    Shapes broadcast: (…, 4, h, w) and (…, 4, h, w) → (…, h, w).
    """
    least = torch.minimum(sides, others)
    most = torch.maximum(sides, others)
    inner = (least[..., 0, :, :] + least[..., 2, :, :]).clamp_min(0) * (
        least[..., 1, :, :] + least[..., 3, :, :]
    ).clamp_min(0)
    own = (sides[..., 0, :, :] + sides[..., 2, :, :]) * (sides[..., 1, :, :] + sides[..., 3, :, :])
    other = (others[..., 0, :, :] + others[..., 2, :, :]) * (
        others[..., 1, :, :] + others[..., 3, :, :]
    )
    union = own + other - inner
    exists = most[..., 0, :, :].isfinite() & (others[..., 0, :, :] > -1e5)
    return torch.where(exists, inner / union.clamp_min(1e-3), torch.full_like(inner, -1.0))


def targets(
    boxes: list[Tensor],
    candidates: Tensor,
    maps: tuple[Tensor, Tensor, Tensor],
    types: list[Tensor] | None = None,
) -> Target:
    """Labels as the losses want them, from `Sample`s: candidates (N, K, h, w) are rows of boxes.

    They are made where the candidates lie.
    """
    n, _, h, w = candidates.shape
    step, device = float(OUTPUT_STRIDE), candidates.device
    x = (torch.arange(w, device=device) + 0.5) * step
    y = ((torch.arange(h, device=device) + 0.5) * step)[:, None]
    rows, known = candidates.long().clamp_min(0), candidates >= 0
    example = torch.arange(n, device=device)[:, None, None, None]
    box = _filled_up(boxes)[example, rows]  # (N, K, h, w, 4)
    left, top, right, bottom = box.unbind(-1)
    own = torch.stack([x - left, y - top, right - x, bottom - y], dim=2).clamp_min(0.0)
    sides = torch.where(known.unsqueeze(2), own, -1e6)
    kinds = None
    if types is not None:
        kinds = torch.where(known, _filled_up(types)[example, rows], -1)
    return Target(maps[0], maps[1], maps[2], sides, kinds)


def _filled_up(each: list[Tensor]) -> Tensor:
    """Lists of different lengths as one tensor (N, most, …), at least one row long."""
    filled = pad_sequence(each, batch_first=True)
    return filled if filled.shape[1] else filled.new_zeros((len(each), 1, *filled.shape[2:]))


def _is(logits: Tensor, labels: Tensor, weight: float) -> Tensor:
    """Cross entropy over known pixels; those that are something weigh `weight`."""
    known = labels != UNKNOWN
    truth = labels[known].float()
    weights = 1.0 + (weight - 1.0) * truth
    loss: Tensor = functional.binary_cross_entropy_with_logits(logits[known], truth, weights)
    return loss
