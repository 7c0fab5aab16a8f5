"""EfficientNet-Lite0: inverted residuals with ReLU6, no squeeze and excitation.

Tan and Le, "EfficientNet" (2019), in the variant for processors without a GPU. The modules lie in
the order of the published weights, so that those can be taken over (model/training/imagenet.py).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LITE0: tuple[tuple[int, int, int, int, int], ...] = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
)  # fmt: skip
"""Stages: blocks, kernel, stride of the first block, expansion, width."""
LEVELS: tuple[int, ...] = (0, 1, 2, 4, 6)
"""Stages whose answers are handed out: the last one at each of the strides 2, 4, 8, 16, 32."""
LEVEL_WIDTHS: tuple[int, ...] = tuple(LITE0[stage][4] for stage in LEVELS)
STEM: int = 32


class LiteEncoder(nn.Module):
    """(N, 1, H, W), light is high → five (N, w, H/s, W/s), s = 2 … 32 and w as in `LEVEL_WIDTHS`.

    Light on the slide is high, as in the photographs of ImageNet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = _unit(1, STEM, 3, stride=2)
        self.stages = nn.ModuleList()
        inside = STEM
        for blocks, kernel, stride, expansion, width in LITE0:
            stage = nn.Sequential()
            for i in range(blocks):
                stage.append(_Inverted(inside, width, kernel, stride if i == 0 else 1, expansion))
                inside = width
            self.stages.append(stage)

    def forward(self, images: Tensor) -> list[Tensor]:
        x = self.stem(images)
        found = []
        for number, stage in enumerate(self.stages):
            x = stage(x)
            if number in LEVELS:
                found.append(x)
        return found


class InvertedResNet(nn.Module):
    """The deep CNNs of one scale of the Varifocal-Net, redesigned (the paper's discussion).

    What is shown is first brought to the size `glance` (h, w), where that is given.
    """

    def __init__(self, glance: tuple[int, int] | None = None) -> None:
        super().__init__()
        self.glance = glance
        self.encoder = LiteEncoder()

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, H, W) normalised, dark is high → (N, 320, h / 32, w / 32)."""
        if self.glance is not None:
            x = F.interpolate(x, self.glance, mode="bilinear", align_corners=False)
        deepest: Tensor = self.encoder(-x)[-1]
        return deepest


class _Inverted(nn.Module):
    """(N, a, h, w) → (N, b, h/stride, w/stride) by way of a · expansion channels."""

    def __init__(self, a: int, b: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = a * expansion
        parts = [] if expansion == 1 else [_unit(a, wide, 1)]
        parts.append(_unit(wide, wide, kernel, stride, groups=wide))
        parts.append(_unit(wide, b, 1, active=False))
        self.parts = nn.Sequential(*parts)
        self.passes = stride == 1 and a == b

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.parts(x)
        return x + out if self.passes else out


class _Depthwise(nn.Conv2d):
    """In full precision also where the rest is not: its gradient in bfloat16 takes four times."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.float())


def _unit(
    inside: int, outside: int, kernel: int, stride: int = 1, groups: int = 1, active: bool = True
) -> nn.Sequential:
    kind = nn.Conv2d if groups == 1 else _Depthwise
    unit = nn.Sequential(
        kind(inside, outside, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outside, eps=1e-3),
    )
    if active:
        unit.append(nn.ReLU6(inplace=True))
    return unit
