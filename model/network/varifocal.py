"""The Varifocal-Net on one page, in the paper's order (II-A, II-B; fig. 3, 4 and 6).

Residual units make the deep CNNs of the G-Net and the L-Net; subnets on top of them classify and
localise; the zoom (`zoom.py`) stands between both scales; two MLPs on the fused features decide.
Shapes are written as (N, C, H, W); where numbers stand, they are those of the preset `paper`, as
in tables II and III.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model.network.lite import InvertedResNet
from model.network.zoom import zoom
from model.vocabulary.labels import TYPES
from model.vocabulary.presets import NetworkConfig


@dataclass(frozen=True, eq=False)
class VarifocalOutput:
    """Logits of both tasks and the part of the canvas that was zoomed into.

    `type` (N, 24), `polarity` (N, 2), `boxes` (N, 4) in canvas pixels (left, top, right, bottom).
    """

    type: Tensor
    polarity: Tensor
    boxes: Tensor


class Classifier(nn.Module):
    """What weights, training and predictor know of a network; which there are: `comparison`."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config

    def forward(self, image: Tensor, size: Tensor) -> VarifocalOutput:
        """Normalised canvases (N, 1, H, W) and relative sizes (N, 2) → both tasks' logits."""
        raise NotImplementedError


# Feature extraction with residual learning (II-A.1, fig. 4)


class WideResidualUnit(nn.Module):
    """BN, ReLU, 3×3, BN, ReLU, 3×3, plus the shortcut (fig. 4).

    The shortcut is a 1×1 convolution of the activated input where the number of channels or the
    stride changes (fig. 4 a), else the input itself (fig. 4 b).
    """

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(n_in)
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        projects = n_in != n_out or stride != 1
        self.projection = nn.Conv2d(n_in, n_out, 1, stride, bias=False) if projects else None

    def forward(self, x: Tensor) -> Tensor:
        """(N, n_in, H, W) → (N, n_out, H / stride, W / stride)."""
        activated = F.relu(self.bn1(x))  # (N, n_in, H, W)
        shortcut = x if self.projection is None else self.projection(activated)
        widened = self.conv1(activated)  # (N, n_out, H / stride, W / stride), as is the shortcut
        residual: Tensor = self.conv2(F.relu(self.bn2(widened)))
        return shortcut + residual


def residual_block(n_in: int, n_out: int, units: int) -> nn.Sequential:
    """`units` residual units; the first one widens and halves the map (II-A.1)."""
    first = WideResidualUnit(n_in, n_out, stride=2)
    return nn.Sequential(first, *(WideResidualUnit(n_out, n_out, 1) for _ in range(units - 1)))


class WideResNet(nn.Module):
    """The deep CNNs of G-Net and L-Net: Conv, three residual blocks, BN, ReLU (II-A.1, table II).

    28 convolutions with four units in each block, as in the paper.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        stem, (w1, w2, w3) = config.stem_channels, config.widths
        self.conv = nn.Conv2d(1, stem, 3, config.stem_stride, padding=1, bias=False)
        self.block1 = residual_block(stem, w1, config.units)
        self.block2 = residual_block(w1, w2, config.units)
        self.block3 = residual_block(w2, w3, config.units)
        self.bn = nn.BatchNorm2d(w3)
        for module in self.modules():  # step 1 of II-C: He's method [47]
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, H, W) → (N, widths[2], H / r, W / r), r = 8 · stem stride."""
        x = self.conv(x)  # (N, 16, 256, 256) of a G-Net's input of 256 × 256
        x = self.block1(x)  # (N, 160, 128, 128)
        x = self.block2(x)  # (N, 320, 64, 64)
        x = self.block3(x)  # (N, 640, 32, 32); of the L-Net's 128 × 128: (N, 640, 16, 16)
        return F.relu(self.bn(x))


def deep_cnns(config: NetworkConfig, glance: tuple[int, int] | None = None) -> nn.Module:
    """The deep CNNs of one scale: (N, 1, H, W) → (N, widths[2], h, w)."""
    if config.extractor == "inverted":
        return InvertedResNet(glance)
    return WideResNet(config)


# Subnets for multi-task learning and for the localisation (II-A.2, II-A.3, table II)


class PooledFeatures(nn.Module):
    """Max-pooling to a fixed grid and flattening; optionally thinned by a 1×1 convolution."""

    def __init__(self, channels: int, grid: tuple[int, int], slim: int) -> None:
        super().__init__()
        self.grid = grid
        self.thin = nn.Conv2d(channels, slim, 1) if slim else None
        self.size = (slim or channels) * grid[0] * grid[1]

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) → (N, size)."""
        pooled = F.adaptive_max_pool2d(features, self.grid)  # (N, C, grid height, grid width)
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
        pooled = self.pool(features)  # (N, 640 · 4 · 4)
        return self.type_layer(pooled), self.polarity_layer(pooled)


class LocalisationSubnet(nn.Module):
    """Max-pooling, two fully connected layers, sigmoid: (u_x, u_y, u_l) of eq. (4)."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.pool = PooledFeatures(config.widths[2], config.box_grid, config.slim)
        self.hidden = nn.Linear(self.pool.size, config.box_hidden)
        self.box = nn.Linear(config.box_hidden, 3)

    def forward(self, features: Tensor) -> Tensor:
        """Feature map (N, C, H, W) of the G-Net → u (N, 3), each 0 … 1."""
        hidden = torch.relu(self.hidden(self.pool(features)))  # (N, 640 · 8 · 8) → (N, 1024)
        return torch.sigmoid(self.box(hidden))


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


# Stage 2: both scales together (II-B, table III, fig. 6)


class FusedClassifiers(nn.Module):
    """Two MLPs on the concatenated features of both scales (II-B, table III, fig. 6).

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
        joined = [self.pool_g(global_), self.pool_l(local)]  # each (N, 640 · 4 · 4)
        if self.size is not None:
            joined.append(F.relu(self.size(size)))  # (N, size_hidden); not in the paper
        fused = torch.cat(joined, dim=1)  # (N, 640 · 4 · 4 · 2)
        return self.type_mlp(fused), self.polarity_mlp(fused)


def _mlp(n_in: int, hidden: int, n_out: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(n_in, hidden), nn.ReLU(), nn.Linear(hidden, n_out))


class VarifocalNet(Classifier):
    """Both scales and their fusion. The parts are public: each training step uses its own."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config)
        self.g_net = deep_cnns(config, config.glance)
        self.g_classes = ClassificationSubnet(config)
        self.localisation = LocalisationSubnet(config)
        self.l_net = deep_cnns(config)
        self.l_classes = ClassificationSubnet(config)
        self.fused = FusedClassifiers(config)

    def boxes(self, global_features: Tensor) -> Tensor:
        """Feature map of the G-Net → boxes (N, 4) in canvas pixels (eq. 4 and 5)."""
        return boxes_from(self.localisation(global_features), self.config)

    def local(self, image: Tensor, global_features: Tensor | None = None) -> Tensor:
        """Canvases (N, 1, H, W) → what the L-Net sees of them (N, 1, h, w).

        `global_features` are those that the G-Net has of them, where they are known already.
        """
        features = self.g_net(image) if global_features is None else global_features
        return zoom(image, self.boxes(features), self.config)

    def local_logits(self, image: Tensor, boxes: Tensor) -> tuple[Tensor, Tensor]:
        """Zoom into `boxes` (N, 4) of canvases (N, 1, H, W) and classify with the L-Net alone.

        Returns the logits of type (N, 24) and polarity (N, 2).
        """
        type_, polarity = self.l_classes(self.l_net(zoom(image, boxes, self.config)))
        return type_, polarity

    def forward(self, image: Tensor, size: Tensor) -> VarifocalOutput:
        """Normalised canvases (N, 1, H, W) and relative sizes (N, 2) → both tasks' logits."""
        global_features = self.g_net(image)  # (N, 1, 256, 256) → (N, 640, 32, 32)
        boxes = self.boxes(global_features)  # (N, 4)
        local = zoom(image, boxes, self.config)  # (N, 1, 128, 128)
        local_features = self.l_net(local)  # (N, 640, 16, 16)
        type_, polarity = self.fused(global_features, local_features, size)  # (N, 24), (N, 2)
        return VarifocalOutput(type_, polarity, boxes)
