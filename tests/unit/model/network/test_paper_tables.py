"""The preset `paper` against tables II and III, without memory or arithmetic (meta device)."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model.network.varifocal import VarifocalNet
from model.vocabulary.presets import COMPACT, PAPER, NetworkConfig

Shapes = dict[str, tuple[list[tuple[int, ...]], list[tuple[int, ...]]]]


def _meta_net(config: NetworkConfig) -> VarifocalNet:
    with torch.device("meta"):
        return VarifocalNet(config).eval()


def _count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def _convolutions(module: nn.Module) -> int:
    return sum(isinstance(m, nn.Conv2d) for m in module.modules())


def _shapes(tensors: object) -> list[tuple[int, ...]]:
    parts = tensors if isinstance(tensors, tuple) else (tensors,)
    return [tuple(t.shape) for t in parts if isinstance(t, Tensor)]


def _recorder(seen: Shapes, name: str) -> Callable[[nn.Module, object, object], None]:
    def record(module: nn.Module, inputs: object, outputs: object) -> None:
        seen[name] = (_shapes(inputs), _shapes(outputs))

    return record


def _trace(config: NetworkConfig) -> Shapes:
    """Shapes in and out of every module while all parts run on a batch of one."""
    net = _meta_net(config)
    seen: Shapes = {}
    for name, module in net.named_modules():
        module.register_forward_hook(_recorder(seen, name))
    image = torch.empty(1, 1, *config.canvas, device="meta")
    global_features = net.g_net(image)
    net.g_classes(global_features)
    net.local_logits(image, net.boxes(global_features))
    output = net(image, torch.empty(1, 2, device="meta"))
    assert output.boxes.shape == (1, 4)
    return seen


@pytest.fixture(scope="module")
def paper() -> VarifocalNet:
    return _meta_net(PAPER)


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    return _trace(PAPER)


@pytest.mark.parametrize(
    ("layer", "into", "out"),
    [
        # Table II, deep CNNs
        ("g_net", (1, 256, 256), (640, 32, 32)),
        ("g_net.conv", (1, 256, 256), (16, 256, 256)),
        ("g_net.block1", (16, 256, 256), (160, 128, 128)),
        ("g_net.block2", (160, 128, 128), (320, 64, 64)),
        ("g_net.block3", (320, 64, 64), (640, 32, 32)),
        ("l_net", (1, 128, 128), (640, 16, 16)),
        ("l_net.block1", (16, 128, 128), (160, 64, 64)),
        ("l_net.block2", (160, 64, 64), (320, 32, 32)),
        ("l_net.block3", (320, 32, 32), (640, 16, 16)),
        # Table II, max-pooling: 640 × 4 × 4, 640 × 8 × 8, 640 × 4 × 4
        ("g_classes.pool", (640, 32, 32), (640 * 4 * 4,)),
        ("localisation.pool", (640, 32, 32), (640 * 8 * 8,)),
        ("l_classes.pool", (640, 16, 16), (640 * 4 * 4,)),
        # Table II, fully connected
        ("g_classes.type_layer", (10240,), (24,)),
        ("g_classes.polarity_layer", (10240,), (2,)),
        ("l_classes.type_layer", (10240,), (24,)),
        ("l_classes.polarity_layer", (10240,), (2,)),
        ("localisation.hidden", (40960,), (1024,)),
        ("localisation.box", (1024,), (3,)),
        # Table III
        ("fused.pool_g", (640, 32, 32), (640 * 4 * 4,)),
        ("fused.pool_l", (640, 16, 16), (640 * 4 * 4,)),
        ("fused.type_mlp.0", (640 * 4 * 4 * 2,), (512,)),
        ("fused.type_mlp.2", (512,), (24,)),
        ("fused.polarity_mlp.0", (20480,), (512,)),
        ("fused.polarity_mlp.2", (512,), (2,)),
    ],
)
def test_every_dimension_of_tables_2_and_3(
    shapes: Shapes, layer: str, into: tuple[int, ...], out: tuple[int, ...]
) -> None:
    seen_in, seen_out = shapes[layer]
    assert seen_in[0][1:] == into
    assert seen_out[0][1:] == out


def test_the_paper_thins_nothing_and_joins_no_size(paper: VarifocalNet) -> None:
    assert paper.fused.size is None
    pools = [m for name, m in paper.named_modules() if name.rsplit(".")[-1].startswith("pool")]
    assert len(pools) == 5
    assert all(_convolutions(pool) == 0 for pool in pools)


@pytest.mark.parametrize("config", [PAPER, COMPACT], ids=lambda c: c.preset)
def test_28_convolutions_in_each_deep_cnn(config: NetworkConfig) -> None:
    net = _meta_net(config)
    assert _convolutions(net.g_net) == 28
    assert _convolutions(net.l_net) == 28


def test_three_blocks_of_four_units_halve_the_map_and_widen_once(paper: VarifocalNet) -> None:
    for block in (paper.g_net.block1, paper.g_net.block2, paper.g_net.block3):
        assert len(block) == 4
        strides = [unit.conv1.stride for unit in block]
        assert strides == [(2, 2), (1, 1), (1, 1), (1, 1)]
        assert [unit.projection is not None for unit in block] == [True, False, False, False]


def test_parameters_of_one_cnn(paper: VarifocalNet) -> None:
    assert _count(paper.g_net) == _count(paper.l_net) == 36_472_496


def test_parameters_in_use_after_training(paper: VarifocalNet) -> None:
    """The stage-1 classification subnets serve the training only."""
    used = _count(paper) - _count(paper.g_classes) - _count(paper.l_classes)
    assert round(used / 1e6, 2) == 135.88


def test_the_compact_network_is_a_hundredth(paper: VarifocalNet) -> None:
    assert _count(_meta_net(COMPACT)) < _count(paper) / 30


def test_the_compact_parts_fit_together() -> None:
    shapes = _trace(COMPACT)
    assert shapes["fused"][1] == [(1, 24), (1, 2)]
    assert shapes["l_net"][0][0][2:] == COMPACT.local


@pytest.mark.parametrize(
    ("side", "grid", "window"),
    [(32, PAPER.class_grid, 8), (32, PAPER.box_grid, 4), (16, PAPER.class_grid, 4)],
    ids=["G type and polarity", "G localisation", "L type and polarity"],
)
def test_pooling_to_a_grid_is_pooling_with_the_papers_windows(
    side: int, grid: tuple[int, int], window: int
) -> None:
    features = torch.randn(2, 3, side, side)
    assert torch.equal(F.adaptive_max_pool2d(features, grid), F.max_pool2d(features, window))
