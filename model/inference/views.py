"""Several views of each chromosome, averaged: turned round, mirrored, both, and a little tilted.

A chromosome whose type and polarity are nearly certain in the first view keeps it; only the others
are seen in the further views.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from model.inference.runtimes.base import Outputs, Runtime

VIEWS: tuple[tuple[tuple[int, ...], bool], ...] = (
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


@torch.inference_mode()
def look(
    runtime: Runtime, images: Tensor, sizes: Tensor, views: int = ALL_VIEWS, sure: float = SURE
) -> Outputs:
    """Type (N, 24) and polarity (N, 2) probabilities, boxes (N, 4) of the first view; float32, CPU.

    `images` are normalised canvases (N, 1, H, W), `sizes` (N, 2). The uncertain ones are seen in
    the first `views` of `VIEWS`, or with `ALL_VIEWS` in the tilted ones too; a `sure` above 1
    shows all of them to all.
    """
    types, polarities, boxes = _probabilities(runtime, images, sizes)
    more = ((types.amax(1) < sure) | (polarities.amax(1) < sure)).nonzero().squeeze(1)
    tilts = TILTS if views > len(VIEWS) else ()
    further = [*VIEWS[1:views], *VIEWS * len(tilts)]
    if not len(more) or not further:
        return types, polarities, boxes
    doubtful = images[more.to(images.device)]
    flipped = [doubtful.flip(axes) for axes, _ in VIEWS[1:views]]
    flipped += [tilted(doubtful, degrees).flip(axes) for degrees in tilts for axes, _ in VIEWS]
    repeated = sizes[more.to(sizes.device)].repeat(len(further), 1)
    seen_types, seen_polarities, _ = _probabilities(runtime, torch.cat(flipped), repeated)
    types[more] += seen_types.unflatten(0, (len(further), len(more))).sum(0)
    for (_, swaps), seen in zip(further, seen_polarities.split(len(more)), strict=True):
        polarities[more] += seen.flip(1) if swaps else seen
    types[more] /= 1 + len(further)
    polarities[more] /= 1 + len(further)
    return types, polarities, boxes


def tilted(images: Tensor, degrees: float) -> Tensor:
    """Images (N, 1, H, W) turned about their middle; the border's background fills the corners."""
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
