"""Several views of each chromosome, averaged: turned round, mirrored, both, and a little tilted.

A chromosome whose type and polarity are nearly certain in the first view keeps it; the others are
seen turned and mirrored too, and those that leave doubt even then are seen tilted as well.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from model.inference.runtimes.base import Outputs, Runtime

Turns = tuple[tuple[tuple[int, ...], bool], ...]

VIEWS: Turns = (
    ((), False),
    ((2, 3), True),
    ((3,), False),
    ((2,), True),
)
"""Flipped axes of each view, and whether it turns the polarity round: the views of training."""

TILTS: tuple[float, ...] = (8.0, -8.0)
"""Degrees by which all of `VIEWS` are tilted once more; training tilts by up to 20. Chosen on
held-out cells: with four networks each the likelihood of the true types rose (EXPERIMENTS.md)."""

ALL_VIEWS: int = len(VIEWS) * (1 + len(TILTS))

SURE: float = 0.995
"""Probability of type and of polarity from which one view is enough. On 921 chromosomes of cells
held out it gave the type and polarity of four views for each, at 1.7 views on average."""


SURE_AFTER_FOUR: float = 0.95
"""Mean probability in `VIEWS` from which the tilted ones are not asked. On 4,184 chromosomes held
out even 0.8 changes nothing; of a laboratory never seen, though, two in a hundred types more are
wrong with 0.8 and 0.9, none with this (EXPERIMENTS.md)."""


@torch.inference_mode()
def look(
    runtime: Runtime, images: Tensor, sizes: Tensor, views: int = ALL_VIEWS, sure: float = SURE
) -> Outputs:
    """Type (N, 24) and polarity (N, 2) probabilities, boxes (N, 4) of the first view; float32, CPU.

    `images` are normalised canvases (N, 1, H, W), `sizes` (N, 2). The uncertain ones are seen in
    the first `views` of `VIEWS`, or with `ALL_VIEWS` in the tilted ones too where doubt is left; a
    `sure` above 1 shows all of them to all.
    """
    types, polarities, boxes = _probabilities(runtime, images, sizes)
    steps: list[tuple[Turns, tuple[float, ...], float]] = [(VIEWS[1:views], (0.0,), sure)]
    if views > len(VIEWS):
        steps.append((VIEWS, TILTS, SURE_AFTER_FOUR if sure <= 1 else sure))
    seen = 1
    unsure = torch.arange(len(images))
    for turns, tilts, least in steps:
        both = torch.minimum(types[unsure].amax(1), polarities[unsure].amax(1))
        unsure = unsure[both < least]
        further = [*turns] * len(tilts)
        if not len(unsure) or not further:
            break
        doubtful = images[unsure.to(images.device)]
        stood = (tilted(doubtful, degrees) for degrees in tilts)
        shown = torch.cat([each.flip(axes) for each in stood for axes, _ in turns])
        repeated = sizes[unsure.to(sizes.device)].repeat(len(further), 1)
        more_types, more_polarities, _ = _probabilities(runtime, shown, repeated)
        types[unsure] = types[unsure] * seen + more_types.unflatten(0, (len(further), -1)).sum(0)
        polarities[unsure] *= seen
        each = more_polarities.split(len(unsure))
        for (_, swaps), told in zip(further, each, strict=True):
            polarities[unsure] += told.flip(1) if swaps else told
        seen += len(further)
        types[unsure] /= seen
        polarities[unsure] /= seen
    return types, polarities, boxes


def tilted(images: Tensor, degrees: float) -> Tensor:
    """Images (N, 1, H, W) turned about their middle; the border's background fills the corners."""
    if not degrees:
        return images
    height, width = images.shape[2:]
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    turn = torch.tensor(
        [[cosine, -sine * height / width, 0.0], [sine * width / height, cosine, 0.0]],
        dtype=images.dtype, device=images.device,
    )  # fmt: skip
    grid = F.affine_grid(turn.expand(len(images), 2, 3), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def _probabilities(runtime: Runtime, images: Tensor, sizes: Tensor) -> Outputs:
    types, polarities, boxes = runtime(images, sizes)
    return types.softmax(1).cpu(), polarities.softmax(1).cpu(), boxes.cpu()
