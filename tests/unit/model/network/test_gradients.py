"""Gradients are right on every processor: those of float32 in channels-last against float64.

`.ci/run` runs these also with oneDNN held to AVX2, where narrow networks had wrong ones
(uxlfoundation/oneDNN issue 6035).
"""

import copy
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from model.network.comparison import CLASSIFIERS, build_network, configured
from model.segmentation.network import SeparationConfig, SeparationNet
from model.vocabulary.errors import ModelError
from model.vocabulary.presets import COMPACT, LEAST_CHANNELS, PAPER, NetworkConfig
from tests.unit.model.builders import TINY

NAMES = [kind.id for kind in CLASSIFIERS]


def gradients(net: nn.Module, loss: Tensor) -> dict[str, Tensor]:
    loss.backward()
    return {n: p.grad.double() for n, p in net.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("name", NAMES)
def test_a_network_learns_the_same_in_both_precisions(name: str) -> None:
    torch.manual_seed(0)
    config = replace(configured(TINY, name), zoom_gradient="sampler")
    exact = build_network(config).double().eval()  # running statistics: no division by tiny spread
    if name == "resnet-stn":  # the identity samples where bilinear interpolation has its kinks
        nn.init.normal_(exact.get_parameter("view.departure.bias"))
    usual = copy.deepcopy(exact).float().to(memory_format=torch.channels_last)
    images, sizes = torch.randn(6, 1, *TINY.canvas), torch.randn(6, 2)

    def loss(net: nn.Module, dtype: torch.dtype) -> Tensor:
        out = net(images.to(dtype).contiguous(memory_format=torch.channels_last), sizes.to(dtype))
        return out.type.logsumexp(1).sum() + out.polarity[:, 0].sum()

    wanted = gradients(exact, loss(exact, torch.float64))
    found = gradients(usual, loss(usual, torch.float32))
    assert found.keys() == wanted.keys()
    for parameter, gradient in wanted.items():
        wrong = (found[parameter] - gradient).norm() / gradient.norm().clamp_min(1e-6)
        assert wrong < 0.02, parameter


def strided_shortcuts(net: nn.Module) -> list[nn.Conv2d]:
    return [
        m for m in net.modules()
        if isinstance(m, nn.Conv2d) and m.kernel_size == (1, 1) and m.stride != (1, 1)
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("config", [TINY, COMPACT, PAPER], ids=lambda c: c.preset)
def test_no_shortcut_is_narrower_than_a_processor_takes(config: NetworkConfig, name: str) -> None:
    with torch.device("meta"):
        net = build_network(configured(config, name))
    assert all(m.in_channels >= LEAST_CHANNELS for m in strided_shortcuts(net))


def test_the_separation_has_no_strided_shortcut() -> None:
    with torch.device("meta"):
        assert not strided_shortcuts(SeparationNet(SeparationConfig()))


@pytest.mark.parametrize(
    "change", [{"stem_channels": 4}, {"widths": (4, 16, 32)}, {"widths": (16, 4, 32)}]
)
def test_a_narrower_network_is_refused_with_the_reason(change: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="at least 8 channels"):
        replace(TINY, **change)
    with pytest.raises(ModelError, match="at least 8 channels"):
        NetworkConfig.from_json(TINY.to_json() | change)
