"""The networks that the Varifocal-Net is measured against (III-D.2, table VIII), and all by name.

Each takes the canvas and the relative size and returns what the Varifocal-Net returns. Where the
configuration joins the size as a number (`size_hidden`), every network gets it, so that none is
better for having been given more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model.network.varifocal import (
    ClassificationSubnet,
    Classifier,
    FusedClassifiers,
    PooledFeatures,
    VarifocalNet,
    VarifocalOutput,
    deep_cnns,
)
from model.network.zoom import sample
from model.vocabulary import choices
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import TYPES
from model.vocabulary.presets import NetworkConfig

EDGE: float = 0.15
"""Difference from the background, in standard deviations, from which a pixel is chromosome: about
the six grey levels of the preprocessing."""
RESNET_UNITS: tuple[int, ...] = (3, 4, 6, 3)
"""Units of the four stages of ResNet-34 [26]."""
TRANSFORMER_CHANNELS: tuple[int, ...] = (1, 8, 16, 32, 32)
TRANSFORMER_CALM: float = 0.1
"""Part of the transformer's answer that is applied: a tenth of the other layers' learning rate."""


class SingleScale(Classifier):
    """One view of the canvas, one feature extractor, both heads on its features.

    `view(image)` gives the picture to look at and its boxes (N, 4) in the canvas;
    `features(picture)` gives (N, `n_features`).
    """

    def __init__(
        self, config: NetworkConfig, view: nn.Module, features: nn.Module, n_features: int
    ) -> None:
        super().__init__(config)
        self.view = view
        self.features = features
        self.size = nn.Linear(2, config.size_hidden) if config.size_hidden else None
        self.type_layer = nn.Linear(n_features + config.size_hidden, len(TYPES))
        self.polarity_layer = nn.Linear(n_features + config.size_hidden, 2)

    def forward(self, image: Tensor, size: Tensor) -> VarifocalOutput:
        """Normalised canvases (N, 1, H, W) and relative sizes (N, 2) → both tasks' logits."""
        picture, boxes = self.view(image)  # (N, 1, h, w), (N, 4)
        features = self.features(picture)  # (N, n_features)
        if self.size is not None:
            features = torch.cat([features, F.relu(self.size(size))], dim=1)
        return VarifocalOutput(self.type_layer(features), self.polarity_layer(features), boxes)


class WholeCanvas(nn.Module):
    """The canvas as it is."""

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 1, H, W) → the same and boxes (N, 4) of the whole canvas."""
        n, _, height, width = image.shape
        return image, torch.tensor([0.0, 0.0, width, height], device=image.device).repeat(n, 1)


class ToChromosome(nn.Module):
    """The simple preprocessing of III-D.2: the chromosome's bounding box, rescaled and padded."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 1, H, W) → (N, 1, h, w) with the chromosome filling it, boxes (N, 4)."""
        boxes = chromosome_boxes(image, self.config)
        return sample(image, boxes, self.config.local), boxes


class SpatialTransformer(nn.Module):
    """An affine spatial transformer [30]; "4 Conv layers, 4 Max-Pooling layers, and 2 FC layers".

    It starts as the identity. Its answer is a departure from it, so that decay of the weights
    draws towards the identity too.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        layers = [
            (nn.Conv2d(n_in, n_out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
            for n_in, n_out in pairwise(TRANSFORMER_CHANNELS)
        ]
        self.features = nn.Sequential(*(layer for block in layers for layer in block))
        height, width = (side // 2 ** len(layers) for side in config.canvas)
        self.hidden = nn.Linear(TRANSFORMER_CHANNELS[-1] * height * width, config.box_hidden)
        self.departure = nn.Linear(config.box_hidden, 6)
        nn.init.zeros_(self.departure.weight)
        nn.init.zeros_(self.departure.bias)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 1, H, W) → the same size transformed, boxes (N, 4) around the parts it shows."""
        hidden = F.relu(self.hidden(self.features(image).flatten(1)))  # (N, box_hidden)
        departure = self.departure(hidden).view(-1, 2, 3).to(image.dtype)  # of an affine matrix
        theta = torch.eye(2, 3, device=image.device) + TRANSFORMER_CALM * departure
        with torch.autocast(image.device.type, enabled=False):  # a grid of bfloat16 is too coarse
            grid = F.affine_grid(theta, list(image.shape), align_corners=False)  # (N, H, W, 2)
        picture = F.grid_sample(image, grid, padding_mode="border", align_corners=False)
        middle, reach = theta[:, :, 2], theta[:, :, :2].abs().sum(dim=2)
        side = theta.new_tensor([image.shape[3], image.shape[2]])
        return picture, torch.cat([middle - reach + 1, middle + reach + 1], 1) * side.repeat(2) / 2


class ResNet(nn.Module):
    """ResNet-34 [26] for one grey channel; its first width is the configuration's, at most 64.

    At compact size it costs about what both scales of the Varifocal-Net cost together.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        widths = [min(64, config.widths[0]) * 2**stage for stage in range(len(RESNET_UNITS))]
        self.conv = nn.Conv2d(1, widths[0], 7, stride=2, padding=3, bias=False)
        self.bn = nn.BatchNorm2d(widths[0])
        units: list[nn.Module] = []
        n_in = widths[0]
        for stage, (width, count) in enumerate(zip(widths, RESNET_UNITS, strict=True)):
            for number in range(count):
                units.append(ResidualUnit(n_in, width, 2 if stage and not number else 1))
                n_in = width
        self.units = nn.Sequential(*units)
        self.n_features = n_in
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, H, W) → (N, n_features), averaged over the whole map."""
        x = F.relu(self.bn(self.conv(x)))  # (N, w, H / 2, W / 2)
        x = F.max_pool2d(x, 3, stride=2, padding=1)  # (N, w, H / 4, W / 4)
        features: Tensor = self.units(x)  # (N, 8 w, H / 32, W / 32)
        return features.mean(dim=(2, 3))


class ResidualUnit(nn.Module):
    """3×3, BN, ReLU, 3×3, BN, plus the shortcut, ReLU: the basic unit of [26]."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(n_out)
        self.projection = (
            nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out))
            if n_in != n_out or stride != 1
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, n_in, H, W) → (N, n_out, H / stride, W / stride)."""
        shortcut = x if self.projection is None else self.projection(x)
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + shortcut)


class VarifocalSimple(Classifier):
    """Varifocal-Net (Simple): the L-Net sees the whole chromosome instead of a found part."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config)
        self.g_net = deep_cnns(config, config.glance)
        self.g_classes = ClassificationSubnet(config)
        self.to_chromosome = ToChromosome(config)
        self.l_net = deep_cnns(config)
        self.l_classes = ClassificationSubnet(config)
        self.fused = FusedClassifiers(config)

    def local(self, image: Tensor, global_features: Tensor | None = None) -> Tensor:
        """Canvases (N, 1, H, W) → the chromosomes, all of each, filling (N, 1, h, w)."""
        del global_features  # nothing is looked for
        local: Tensor = self.to_chromosome(image)[0]
        return local

    def forward(self, image: Tensor, size: Tensor) -> VarifocalOutput:
        """Normalised canvases (N, 1, H, W) and relative sizes (N, 2) → both tasks' logits."""
        local, boxes = self.to_chromosome(image)  # (N, 1, h, w), (N, 4)
        type_, polarity = self.fused(self.g_net(image), self.l_net(local), size)
        return VarifocalOutput(type_, polarity, boxes)


def chromosome_boxes(image: Tensor, config: NetworkConfig) -> Tensor:
    """Normalised canvases (N, 1, H, W) → the chromosomes' boxes (N, 4) in canvas pixels.

    Each is the smallest of the canvas's aspect around all that is not background; it may leave
    the canvas, where the background goes on. An empty canvas gives the whole of it.
    """
    grey = image[:, 0]
    dark_is_high = config.normalisation == "foreground"
    background = grey.amin((1, 2)) if dark_is_high else grey.amax((1, 2))
    inside = ((grey - background[:, None, None]).abs() > EDGE).to(grey.dtype)
    top, bottom = _ends(inside.amax(dim=2))
    left, right = _ends(inside.amax(dim=1))
    half = torch.maximum(bottom - top, (right - left) / config.aspect) / 2
    x, y, half_x = (left + right) / 2, (top + bottom) / 2, half * config.aspect
    return torch.stack([x - half_x, y - half, x + half_x, y + half], dim=1)


def _ends(line: Tensor) -> tuple[Tensor, Tensor]:
    """(N, n) of 0 and 1 → first index of a 1 and the index behind the last, 0 and n without one."""
    first = line.argmax(dim=1)
    behind = line.shape[1] - line.flip(1).argmax(dim=1)
    return first.to(line.dtype), behind.to(line.dtype)


def _one_trunk(config: NetworkConfig, view: nn.Module) -> SingleScale:
    """The CNNs of the G-Net with its subnet's pooling (II-A.1, II-A.2)."""
    pool = PooledFeatures(config.widths[2], config.class_grid, config.slim)
    return SingleScale(config, view, nn.Sequential(deep_cnns(config), pool), pool.size)


def _res_net(config: NetworkConfig, view: nn.Module) -> SingleScale:
    features = ResNet(config)
    return SingleScale(config, view, features, features.n_features)


def _as_configured(config: NetworkConfig) -> tuple[int, int]:
    return config.local


def _as_the_canvas(config: NetworkConfig) -> tuple[int, int]:
    """III-D.2: "into the same size", that of the G-Net's input."""
    return config.glance or config.canvas


def _two_thirds(config: NetworkConfig) -> tuple[int, int]:
    """128 × 64 at compact size: what fills the picture needs fewer pixels."""
    height, width = (2 * side // 3 // 8 * 8 for side in config.canvas)
    return height, width


@dataclass(frozen=True)
class ClassifierKind:
    """One network by name: how it is built, and at which size it sees what it zooms into."""

    id: str
    build: Callable[[NetworkConfig], Classifier]
    local: Callable[[NetworkConfig], tuple[int, int]] = _as_configured

    @property
    def label(self) -> str:
        """Its name for people."""
        return choices.CLASSIFIERS[self.id]


CLASSIFIERS: tuple[ClassifierKind, ...] = (
    ClassifierKind("varifocal", VarifocalNet),
    ClassifierKind("resnet", lambda c: _res_net(c, WholeCanvas())),
    ClassifierKind("resnet-stn", lambda c: _res_net(c, SpatialTransformer(c))),
    ClassifierKind("g-net", lambda c: _one_trunk(c, WholeCanvas())),
    ClassifierKind("l-net-simple", lambda c: _one_trunk(c, ToChromosome(c)), _as_the_canvas),
    ClassifierKind("varifocal-simple", VarifocalSimple, _as_the_canvas),
    ClassifierKind("zoom-size", lambda c: _one_trunk(c, ToChromosome(c)), _two_thirds),
)
"""The first one is the default."""


def classifier(name: str) -> ClassifierKind:
    """The network of that name; ModelError for an unknown one."""
    for kind in CLASSIFIERS:
        if kind.id == name:
            return kind
    known = ", ".join(kind.id for kind in CLASSIFIERS)
    raise ModelError(f"There is no classifier “{name}”.", f"Known classifiers: {known}.")


def configured(config: NetworkConfig, name: str) -> NetworkConfig:
    """A preset's configuration for another network on the same pictures."""
    return replace(config, classifier=name, local=classifier(name).local(config))


def build_network(config: NetworkConfig) -> Classifier:
    """The network that a configuration describes; ModelError when there is none of its name."""
    return classifier(config.classifier).build(config)
