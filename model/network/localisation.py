"""The localisation subnet and the parametrisation of its box (II-A.3, eq. 4 and 5)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model.network.heads import PooledFeatures
from model.vocabulary.presets import NetworkConfig


class LocalisationSubnet(nn.Module):
    """Max-pooling, two fully connected layers, sigmoid: (u_x, u_y, u_l) of eq. (4)."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.pool = PooledFeatures(config.widths[2], config.box_grid, config.slim)
        self.hidden = nn.Linear(self.pool.size, config.box_hidden)
        self.box = nn.Linear(config.box_hidden, 3)

    def forward(self, features: Tensor) -> Tensor:
        """Feature map of the G-Net → u (N, 3), each 0 … 1."""
        return torch.sigmoid(self.box(torch.relu(self.hidden(self.pool(features)))))


def boxes_from(u: Tensor, config: NetworkConfig) -> Tensor:
    """Eq. (5): u (N, 3) → boxes (N, 4) as (left, top, right, bottom) in canvas pixels.

    Vertically t_y = T1 + u_y T2 and t_l = least + u_l (T1 - least); the paper's least half-side
    is T1 / 2. Horizontally all lengths are multiplied by the canvas's aspect (1 in the paper).
    Boxes never leave a canvas of height 2 T1 + T2.
    """
    half = config.least_half + u[:, 2] * (config.t1 - config.least_half)
    y = config.t1 + u[:, 1] * config.t2
    x = (config.t1 + u[:, 0] * config.t2) * config.aspect
    half_x = half * config.aspect
    return torch.stack([x - half_x, y - half, x + half_x, y + half], dim=1)


def target_u(extent: Tensor, config: NetworkConfig) -> Tensor:
    """Ground truth of eq. (8): extents (N, 2) as (height, width) in canvas pixels → u* (N, 3).

    The centre is (0.5, 0.5) since the chromosome stands in the middle; u_l* is that of the
    smallest box covering it, held within 0 … 1.
    """
    half = torch.maximum(extent[:, 0], extent[:, 1] / config.aspect) / 2
    u_l = ((half - config.least_half) / (config.t1 - config.least_half)).clamp(0.0, 1.0)
    middle = torch.full_like(u_l, 0.5)
    return torch.stack([middle, middle, u_l], dim=1)
