"""The separation network: a small U-Net in which every pixel tells the box of its chromosome.

Channels of the answer, at half the resolution of the input: what is chromosome, where two lie over
each other, where two touch, the distances to the four sides of the pixel's own chromosome's box
(as FCOS regresses them; here each of hundreds of pixels votes), and how well that box will fit.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.vocabulary.errors import ModelError

STRIDE: int = 32
"""Input sides are multiples of it."""
OUTPUT_STRIDE: int = 2
CHANNELS: int = 8


@dataclass(frozen=True)
class SeparationConfig:
    """Widths of the five levels; `chromosome_width` is the width in input pixels it is made for."""

    widths: tuple[int, ...] = (32, 64, 96, 128, 160)
    chromosome_width: float = 11.0
    reach: float = 16.0
    """Unit (input pixels) of the distances that the network answers."""

    def to_json(self) -> dict[str, Any]:
        """For the card beside the weights."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> SeparationConfig:
        """The inverse of `to_json`; ModelError when a value is missing or of another kind."""
        try:
            return cls(
                tuple(int(w) for w in values["widths"]),
                float(values["chromosome_width"]),
                float(values["reach"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError("The weights' card does not describe a separation network.") from error


@dataclass(frozen=True, eq=False)
class Answer:
    """What the network says of every second pixel, each (N, h, w) but `sides`.

    `chromosome`, `overlap`, `touch` and `fit` are logits; `sides` (N, 4, h, w) are the distances
    (left, top, right, bottom ≥ 0, in input pixels) from the pixel to its chromosome's box.
    """

    chromosome: Tensor
    overlap: Tensor
    touch: Tensor
    fit: Tensor
    sides: Tensor


class SeparationNet(nn.Module):
    """(N, 1, H, W) depth images, H and W multiples of 32 → `(N, 8, H/2, W/2)`, see `answer`."""

    def __init__(self, config: SeparationConfig) -> None:
        super().__init__()
        self.config = config
        widths = config.widths
        self.stem = _conv(OUTPUT_STRIDE**2, widths[0])
        self.down = nn.ModuleList(_Residual(w) for w in widths)
        self.deeper = nn.ModuleList(_conv(a, b, stride=2) for a, b in pairwise(widths))
        self.bottom = nn.Sequential(_Residual(widths[-1]), _Residual(widths[-1]))
        pairs = list(pairwise(widths))[::-1]
        self.merge = nn.ModuleList(_conv(a + b, a) for a, b in pairs)
        self.up = nn.ModuleList(_Residual(a) for a, _ in pairs)
        self.head = nn.Conv2d(widths[0], CHANNELS, 1)

    def forward(self, images: Tensor) -> Tensor:
        x = self.stem(functional.pixel_unshuffle(images, OUTPUT_STRIDE))
        seen = []
        for level, block in enumerate(self.down):
            x = block(x)
            if level < len(self.deeper):
                seen.append(x)
                x = self.deeper[level](x)
        x = self.bottom(x)
        for merge, block in zip(self.merge, self.up, strict=True):
            x = functional.interpolate(x, scale_factor=2.0, mode="bilinear")
            x = block(merge(torch.cat([x, seen.pop()], dim=1)))
        out: Tensor = self.head(x)
        return out

    def answer(self, out: Tensor) -> Answer:
        """The channels by name, distances in input pixels."""
        out = out.float()
        sides = functional.softplus(out[:, 4:]) * self.config.reach
        return Answer(out[:, 0], out[:, 1], out[:, 2], out[:, 3], sides)


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _conv(width, width)
        self.second = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        )

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)))


def _conv(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )
