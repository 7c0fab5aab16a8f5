"""Subnets on top of the deep CNNs: classification, localisation, fused MLPs (tables II, III)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model.vocabulary.labels import TYPES
from model.vocabulary.presets import NetworkConfig


class PooledFeatures(nn.Module):
    """Max-pooling to a fixed grid and flattening; optionally thinned by a 1×1 convolution."""

    def __init__(self, channels: int, grid: tuple[int, int], slim: int) -> None:
        super().__init__()
        self.grid = grid
        self.thin = nn.Conv2d(channels, slim, 1) if slim else None
        self.size = (slim or channels) * grid[0] * grid[1]

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) → (N, size)."""
        pooled = F.adaptive_max_pool2d(features, self.grid)
        return (pooled if self.thin is None else self.thin(pooled)).flatten(1)


class ClassificationSubnet(nn.Module):
    """Max-pooling, then one fully connected layer for type and one for polarity (II-A.2)."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.pool = PooledFeatures(config.widths[2], config.class_grid, config.slim)
        self.type_layer = nn.Linear(self.pool.size, len(TYPES))
        self.polarity_layer = nn.Linear(self.pool.size, 2)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """(N, C, H, W) → type logits (N, 24), polarity logits (N, 2)."""
        pooled = self.pool(features)
        return self.type_layer(pooled), self.polarity_layer(pooled)


class FusedClassifiers(nn.Module):
    """Stage 2: two MLPs on the concatenated features of both scales (II-B, table III, fig. 6).

    With `size_hidden` the chromosome's size relative to its cell is joined as a number, which
    the zoom would otherwise lose.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.pool_g = PooledFeatures(config.widths[2], config.class_grid, config.slim)
        self.pool_l = PooledFeatures(config.widths[2], config.class_grid, config.slim)
        self.size = nn.Linear(2, config.size_hidden) if config.size_hidden else None
        joined = self.pool_g.size + self.pool_l.size + config.size_hidden
        self.type_mlp = _mlp(joined, config.fused_hidden, len(TYPES))
        self.polarity_mlp = _mlp(joined, config.fused_hidden, 2)

    def forward(self, global_: Tensor, local: Tensor, size: Tensor) -> tuple[Tensor, Tensor]:
        """Both feature maps and sizes (N, 2) → type logits (N, 24), polarity logits (N, 2)."""
        joined = [self.pool_g(global_), self.pool_l(local)]
        if self.size is not None:
            joined.append(F.relu(self.size(size)))
        fused = torch.cat(joined, dim=1)
        return self.type_mlp(fused), self.polarity_mlp(fused)


def _mlp(n_in: int, hidden: int, n_out: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(n_in, hidden), nn.ReLU(), nn.Linear(hidden, n_out))
