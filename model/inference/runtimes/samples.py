"""Generated chromosomes as a network sees them: to find value ranges and to check a runtime.

No data has to be at hand: they come from the ideogram, the same ones every time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from model.data.synthetic import render_chromosome
from model.preprocessing import normalise, place, relative_sizes
from model.scale import estimate_scale
from model.segmentation.cut_out import cut_out
from model.vocabulary.labels import TYPES
from model.vocabulary.presets import NetworkConfig

SEED = 46
FEW: tuple[str, ...] = ("1", "4", "9", "14", "19", "21", "X", "Y")
"""Long and short, from every arm ratio: enough to see that two runtimes agree."""


def generated(config: NetworkConfig, kinds: Sequence[str] = TYPES) -> tuple[Tensor, Tensor]:
    """One of each kind, each in a style of its own: images (N, 1, H, W) and sizes (N, 2)."""
    rng = np.random.default_rng(SEED)
    cut_outs = [cut_out(render_chromosome(kind, rng)) for kind in kinds]
    scale = 1.0
    if config.scale_per_cell:
        scale = estimate_scale(np.array([int(source.mask.sum()) for source in cut_outs]))
    canvases = np.stack([place(source.crop, scale, config) for source in cut_outs])
    return normalise(torch.from_numpy(canvases), config), relative_sizes(cut_outs, scale)
