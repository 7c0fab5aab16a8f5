"""Residual units and blocks (II-A.1, fig. 4)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


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
        activated = F.relu(self.bn1(x))
        shortcut = x if self.projection is None else self.projection(activated)
        residual: Tensor = self.conv2(F.relu(self.bn2(self.conv1(activated))))
        return shortcut + residual


def residual_block(n_in: int, n_out: int, units: int) -> nn.Sequential:
    """`units` residual units; the first one widens and halves the map (II-A.1)."""
    first = WideResidualUnit(n_in, n_out, stride=2)
    return nn.Sequential(first, *(WideResidualUnit(n_out, n_out, 1) for _ in range(units - 1)))
