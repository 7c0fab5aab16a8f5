"""The deep CNNs of G-Net and L-Net: Conv, three residual blocks, BN, ReLU (II-A.1, table II)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from model.network.blocks import residual_block
from model.vocabulary.presets import NetworkConfig


class WideResNet(nn.Module):
    """The feature extractor: 28 convolutions with four units in each block, as in the paper."""

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
        return F.relu(self.bn(self.block3(self.block2(self.block1(self.conv(x))))))
