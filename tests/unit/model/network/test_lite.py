"""Inverted residuals: what the encoder hands out, and the Varifocal-Net made of them."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from model.network.comparison import build_network, configured
from model.network.lite import LEVEL_WIDTHS, InvertedResNet, LiteEncoder
from model.vocabulary.presets import COMPACT, SWIFT, NetworkConfig


def test_the_encoder_hands_out_five_levels() -> None:
    seen = LiteEncoder().eval()(torch.rand(1, 1, 64, 96))
    assert [tuple(x.shape[1:]) for x in seen] == [
        (width, 64 // stride, 96 // stride)
        for width, stride in zip(LEVEL_WIDTHS, (2, 4, 8, 16, 32), strict=True)
    ]


@pytest.mark.parametrize("glance", [None, (128, 64)])
def test_a_scale_sees_the_canvas_at_its_own_size(glance: tuple[int, int] | None) -> None:
    seen = InvertedResNet(glance).eval()(torch.randn(2, 1, 192, 96))
    assert seen.shape == (2, SWIFT.widths[2], *((4, 2) if glance else (6, 3)))


def operations(config: NetworkConfig) -> float:
    net = build_network(config).eval()
    with FlopCounterMode(display=False) as counted, torch.inference_mode():
        out = net(torch.randn(1, 1, *config.canvas), torch.zeros(1, 2))
    assert (out.type.shape, out.polarity.shape, out.boxes.shape) == ((1, 24), (1, 2), (1, 4))
    return counted.get_total_flops()


@pytest.mark.parametrize("name", ["varifocal", "varifocal-simple"])
def test_the_swift_network_needs_a_third_of_the_operations(name: str) -> None:
    assert operations(configured(SWIFT, name)) < operations(configured(COMPACT, name)) / 3


def test_the_l_net_sees_a_part_of_the_canvas_at_its_own_size() -> None:
    net = build_network(SWIFT).eval()
    assert net.local(torch.randn(1, 1, *SWIFT.canvas)).shape == (1, 1, *SWIFT.local)
