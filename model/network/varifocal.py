"""The Varifocal-Net: G-Net, localisation subnet, zoom, L-Net, fused classifiers (fig. 3 and 6).

And what every network has in common with it: its input and its output.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from model.network.heads import ClassificationSubnet, FusedClassifiers
from model.network.localisation import LocalisationSubnet, boxes_from
from model.network.wide_resnet import WideResNet
from model.network.zoom import zoom
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


class VarifocalNet(Classifier):
    """Both scales and their fusion. The parts are public: each training step uses its own."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config)
        self.g_net = WideResNet(config)
        self.g_classes = ClassificationSubnet(config)
        self.localisation = LocalisationSubnet(config)
        self.l_net = WideResNet(config)
        self.l_classes = ClassificationSubnet(config)
        self.fused = FusedClassifiers(config)

    def boxes(self, global_features: Tensor) -> Tensor:
        """Feature map of the G-Net → boxes (N, 4) in canvas pixels (eq. 4 and 5)."""
        return boxes_from(self.localisation(global_features), self.config)

    def local_logits(self, image: Tensor, boxes: Tensor) -> tuple[Tensor, Tensor]:
        """Zoom into `boxes` and classify with the L-Net alone: type and polarity logits."""
        type_, polarity = self.l_classes(self.l_net(zoom(image, boxes, self.config)))
        return type_, polarity

    def forward(self, image: Tensor, size: Tensor) -> VarifocalOutput:
        """Normalised canvases (N, 1, H, W) and relative sizes (N, 2) → both tasks' logits."""
        global_features = self.g_net(image)
        boxes = self.boxes(global_features)
        local_features = self.l_net(zoom(image, boxes, self.config))
        type_, polarity = self.fused(global_features, local_features, size)
        return VarifocalOutput(type_, polarity, boxes)
