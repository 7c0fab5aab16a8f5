import pytest
import torch
from torch import nn
from torch.nn import functional as F

from model.network.varifocal import WideResidualUnit, WideResNet, residual_block
from model.vocabulary.presets import COMPACT
from tests.unit.model.builders import TINY


def test_equal_channels_keep_the_input_as_shortcut() -> None:
    unit = WideResidualUnit(4, 4, stride=1).eval()
    nn.init.zeros_(unit.conv2.weight)
    x = torch.randn(2, 4, 6, 6)
    assert unit.projection is None
    assert torch.equal(unit(x), x)


@pytest.mark.parametrize(("n_out", "stride"), [(6, 1), (4, 2), (6, 2)])
def test_other_channels_or_strides_project_the_activated_input(n_out: int, stride: int) -> None:
    unit = WideResidualUnit(4, n_out, stride).eval()
    nn.init.zeros_(unit.conv2.weight)
    nn.init.normal_(unit.bn1.weight)
    nn.init.normal_(unit.bn1.bias)
    x = torch.randn(2, 4, 6, 6)
    assert unit.projection is not None
    wanted = F.conv2d(F.relu(unit.bn1(x)), unit.projection.weight, stride=stride)
    assert torch.equal(unit(x), wanted)
    assert wanted.shape == (2, n_out, 6 // stride, 6 // stride)


def test_normalisation_and_activation_stand_before_each_convolution() -> None:
    unit = WideResidualUnit(3, 3, stride=1).eval()
    for bn in (unit.bn1, unit.bn2):
        nn.init.uniform_(bn.weight, 0.5, 2.0)
        nn.init.normal_(bn.bias)
        bn.running_mean.normal_()
        bn.running_var.uniform_(0.5, 2.0)
    x = torch.randn(2, 3, 5, 5)
    first = F.conv2d(F.relu(unit.bn1(x)), unit.conv1.weight, padding=1)
    second = F.conv2d(F.relu(unit.bn2(first)), unit.conv2.weight, padding=1)
    assert torch.allclose(unit(x), x + second)


def test_no_convolution_of_the_cnns_has_a_bias() -> None:
    net = WideResNet(TINY)
    assert all(m.bias is None for m in net.modules() if isinstance(m, nn.Conv2d))


def test_the_first_unit_of_a_block_widens_and_halves() -> None:
    block = residual_block(3, 5, units=3).eval()
    assert block(torch.randn(1, 3, 8, 4)).shape == (1, 5, 4, 2)
    assert [unit.conv1.in_channels for unit in block] == [3, 5, 5]


def test_features_end_in_normalisation_and_activation() -> None:
    net = WideResNet(TINY).eval()
    features = net(torch.randn(2, 1, 48, 24))
    assert features.shape == (2, TINY.widths[2], 6, 3)
    assert (features >= 0).all()
    assert (features == 0).any()


def test_convolutions_start_by_hes_method() -> None:
    """Deviation √(2 / fan-out), mean 0; normalisations start as identity."""
    net = WideResNet(COMPACT)
    for module in net.modules():
        if isinstance(module, nn.Conv2d) and module.weight.numel() > 2000:
            fan_out = module.out_channels * module.kernel_size[0] ** 2
            wanted = (2 / fan_out) ** 0.5
            assert module.weight.std().item() == pytest.approx(wanted, rel=0.1)
            assert abs(module.weight.mean().item()) < 0.1 * wanted
        if isinstance(module, nn.BatchNorm2d):
            assert (module.weight == 1).all()
            assert (module.bias == 0).all()
