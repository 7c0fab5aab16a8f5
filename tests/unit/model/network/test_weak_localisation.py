"""Step 4 of II-C in small: the localisation subnet alone, moved by the loss of a fixed L-Net."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from model.network.varifocal import VarifocalNet, boxes_from
from model.training.losses import multi_task_loss
from tests.unit.model.builders import TINY

CONFIG = replace(
    TINY,
    canvas=(32, 32),
    local=(16, 16),
    widths=(8, 8, 16),
    class_grid=(2, 2),
    box_grid=(2, 2),
    slim=0,
    t1=8.0,
    t2=16.0,
    least_half=4.0,
)
KINDS = 4
CENTRED = torch.tensor([[0.5, 0.5, 0.5]])
DISPLACED = torch.tensor([[0.32, 0.68, 0.5]])
"""Near enough that every start of the weights finds back; from further off some are caught."""

Batch = tuple[Tensor, Tensor, Tensor]


def _batch(rng: torch.Generator, n: int = 32) -> Batch:
    """Smooth patterns of four types in the middle of the canvas, half of them upside down."""
    y, x = torch.meshgrid(torch.linspace(-1, 1, 12), torch.linspace(-1, 1, 12), indexing="ij")
    patterns = torch.stack([x, y.abs() + 0.3 * y, x * y + 0.3 * y, (x * x + y * y) - 1 + 0.3 * y])
    types = torch.randint(KINDS, (n,), generator=rng)
    polarities = torch.randint(2, (n,), generator=rng)
    part = patterns[types]
    part = torch.where(polarities[:, None, None] == 0, part.flip(1), part)
    image = 0.1 * torch.randn(n, 1, 32, 32, generator=rng)
    image[:, 0, 10:22, 10:22] += part
    return image, types, polarities


def _l_net_loss(net: VarifocalNet, batch: Batch, boxes: Tensor) -> Tensor:
    image, types, polarities = batch
    return multi_task_loss(net.local_logits(image, boxes), types, polarities)


def _fixed_boxes(u: Tensor, n: int) -> Tensor:
    return boxes_from(u, CONFIG).expand(n, 4)


@pytest.fixture
def trained() -> VarifocalNet:
    """An L-Net that knows centred boxes, and a localisation subnet that points beside them."""
    torch.manual_seed(3)
    net = VarifocalNet(CONFIG)
    rng = torch.Generator().manual_seed(4)
    learnt = [*net.l_net.parameters(), *net.l_classes.parameters()]
    optimiser = torch.optim.Adam(learnt, 1e-2)
    for _ in range(60):
        batch = _batch(rng)
        optimiser.zero_grad()
        _l_net_loss(net, batch, _fixed_boxes(CENTRED, 32)).backward()
        optimiser.step()
    nn.init.zeros_(net.localisation.box.weight)
    with torch.no_grad():
        net.localisation.box.bias.copy_(torch.logit(DISPLACED[0]))
    return net.eval()


def test_training_the_localisation_alone_lowers_the_loss_of_the_l_net(
    trained: VarifocalNet,
) -> None:
    net = trained
    rng = torch.Generator().manual_seed(5)
    test = _batch(rng, 64)
    with torch.no_grad():
        before = _l_net_loss(net, test, net.boxes(net.g_net(test[0]))).item()
    frozen = {k: v.clone() for k, v in net.state_dict().items() if "localisation" not in k}
    optimiser = torch.optim.Adam(net.localisation.parameters(), 1e-2)
    for _ in range(80):
        batch = _batch(rng)
        with torch.no_grad():
            features = net.g_net(batch[0])
        optimiser.zero_grad()
        _l_net_loss(net, batch, net.boxes(features)).backward()
        optimiser.step()
    with torch.no_grad():
        boxes = net.boxes(net.g_net(test[0]))
        after = _l_net_loss(net, test, boxes).item()
    assert after < 0.2 * before
    found = torch.stack([(boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2])
    assert (found.mean(1) - 16.0).abs().max() < 1.3  # started 2.9 px off in both directions
    now = net.state_dict()
    assert all(torch.equal(now[k], v) for k, v in frozen.items())
