"""The separation network: a small U-Net in which every pixel predicts its chromosome's box.

Channels of the answer, at half the resolution of the input: what is chromosome, where two lie over
each other, where two touch, the distances to the four sides of the pixel's own chromosome's box
(as FCOS regresses them; here each of hundreds of pixels votes), and how well that box will fit.
With the encoder "lite0" every pixel may also predict its chromosome's type.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from model.network.lite import LEVEL_WIDTHS, LiteEncoder
from model.vocabulary.errors import ModelError

STRIDE: int = 32
"""Input sides are multiples of it."""
OUTPUT_STRIDE: int = 2
CHANNELS: int = 8
"""Of the answer, without the types."""


PLAIN, LITE0 = "plain", "lite0"
"""Encoders: one of this program's own, and EfficientNet-Lite0 (model/network/lite.py)."""
DECODER_WIDTHS: tuple[int, ...] = (32, 64, 64, 96, 128)
"""Widths behind EfficientNet-Lite0, at the strides 2 … 32."""


@dataclass(frozen=True)
class SeparationConfig:
    """Widths of the five levels; `chromosome_width` is the width in input pixels it is made for.

    `types` is how many types of chromosome its pixels distinguish, 0 where they predict none.
    """

    widths: tuple[int, ...] = (32, 64, 96, 128, 160)
    chromosome_width: float = 11.0
    reach: float = 16.0
    """Unit (input pixels) of the distances that the network answers."""
    encoder: str = PLAIN
    types: int = 0

    def to_json(self) -> dict[str, Any]:
        """For the card beside the weights."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> SeparationConfig:
        """The inverse of `to_json`; ModelError when a value is missing or of another kind.

        Cards written before there were encoders to choose from are those of plain ones.
        """
        try:
            config = cls(
                tuple(int(w) for w in values["widths"]),
                float(values["chromosome_width"]),
                float(values["reach"]),
                str(values.get("encoder", PLAIN)),
                int(values.get("types", 0)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError("The weights' card does not describe a separation network.") from error
        if config.encoder not in (PLAIN, LITE0):
            raise ModelError(f"This program does not know the encoder “{config.encoder}”.")
        return config


@dataclass(frozen=True, eq=False)
class Answer:
    """What the network says of every second pixel, each (N, h, w) but `sides`.

    `chromosome`, `overlap`, `touch` and `fit` are logits; `sides` (N, 4, h, w) are the distances
    (left, top, right, bottom ≥ 0, in input pixels) from the pixel to its chromosome's box; `types`
    (N, 24, h, w) are logits of its chromosome's type, None of a network that predicts none.
    """

    chromosome: Tensor
    overlap: Tensor
    touch: Tensor
    fit: Tensor
    sides: Tensor
    types: Tensor | None = None


class SeparationNet(nn.Module):
    """(N, 1, H, W) depth images, H and W multiples of 32 → `(N, C, H/2, W/2)`, see `answer`.

    C is 8, and one more for each type that the network distinguishes.
    """

    def __init__(self, config: SeparationConfig) -> None:
        super().__init__()
        self.config = config
        widths = config.widths
        skips = widths
        if config.encoder == LITE0:
            self.encoder = LiteEncoder()
            skips = LEVEL_WIDTHS
            self.bottom = nn.Sequential(_conv(skips[-1], widths[-1], kernel=1))
        else:
            self.stem = _conv(OUTPUT_STRIDE**2, widths[0])
            self.down = nn.ModuleList(_Residual(w) for w in widths)
            self.deeper = nn.ModuleList(_conv(a, b, stride=2) for a, b in pairwise(widths))
            self.bottom = nn.Sequential(_Residual(widths[-1]), _Residual(widths[-1]))
        pairs = list(zip(pairwise(widths), skips, strict=False))[::-1]
        self.merge = nn.ModuleList(_conv(skip + b, a) for (a, b), skip in pairs)
        self.up = nn.ModuleList(_Residual(a) for (a, _), _ in pairs)
        self.head = nn.Conv2d(widths[0], CHANNELS, 1)
        if config.types:
            self.type_head = nn.Sequential(
                _conv(widths[1], widths[1]), nn.Conv2d(widths[1], config.types, 1)
            )

    def forward(self, images: Tensor) -> Tensor:
        seen = self._seen(images)  # (N, w, H/s, W/s) for each s
        x = self.bottom(seen.pop())  # (N, widths[-1], H/32, W/32)
        types: list[Tensor] = []
        for merge, block in zip(self.merge, self.up, strict=True):
            # From stride 32 to 2: twice as large, joined with what the encoder saw at that size.
            x = functional.interpolate(x, scale_factor=2.0, mode="bilinear")
            x = block(merge(torch.cat([x, seen.pop()], dim=1)))
            if self.config.types and len(seen) == 1:  # the level before the last, stride 4
                types = [self.type_head(x)]  # (N, types, H/4, W/4)
        larger = (functional.interpolate(t, scale_factor=2.0, mode="bilinear") for t in types)
        return torch.cat([self.head(x), *larger], dim=1)  # (N, 8 + types, H/2, W/2)

    def _seen(self, images: Tensor) -> list[Tensor]:
        """What the encoder sees at each of the strides 2 … 32."""
        if self.config.encoder == LITE0:
            return list(self.encoder(1.0 - images))
        # Four pixels become four channels: (N, 1, H, W) → (N, 4, H/2, W/2) → (N, widths[0], …).
        x = self.stem(functional.pixel_unshuffle(images, OUTPUT_STRIDE))
        seen = []
        for level, block in enumerate(self.down):
            x = block(x)
            seen.append(x)
            if level < len(self.deeper):
                x = self.deeper[level](x)
        return seen

    def answer(self, out: Tensor) -> Answer:
        """The channels by name, distances in input pixels."""
        out = out.float()
        sides = functional.softplus(out[:, 4:CHANNELS]) * self.config.reach
        types = out[:, CHANNELS:] if self.config.types else None
        return Answer(out[:, 0], out[:, 1], out[:, 2], out[:, 3], sides, types)


def folded(net: SeparationNet) -> SeparationNet:
    """A copy for evaluation whose convolutions do what the batch norms behind them did.

    Its answers are the same up to rounding, and come in a twentieth less time.
    """
    copy = deepcopy(net).eval()
    for part in [each for each in copy.modules() if isinstance(each, nn.Sequential)]:
        for at, (first, second) in enumerate(pairwise(list(part))):
            if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                part[at], part[at + 1] = fuse_conv_bn_eval(first, second), nn.Identity()
    return copy


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _conv(width, width)
        self.second = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        )

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)))


def _conv(inside: int, outside: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )
