"""The networks of the comparison: what they take and give, where they look, what they learn."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from model.network.comparison import (
    CLASSIFIERS,
    SingleScale,
    SpatialTransformer,
    ToChromosome,
    VarifocalSimple,
    build_network,
    chromosome_boxes,
    classifier,
    configured,
)
from model.network.varifocal import VarifocalNet
from model.preprocessing import extents, normalise
from model.vocabulary import choices
from model.vocabulary.errors import ModelError
from model.vocabulary.presets import COMPACT, PAPER, NetworkConfig, Normalisation
from model.weights import load_model
from tests.unit.model.builders import TINY, write_net

NAMES = [kind.id for kind in CLASSIFIERS]
WHOLE = ("resnet", "resnet-stn", "g-net")
WHITE = 255


def canvas(top: int, bottom: int, left: int, right: int, config: NetworkConfig = TINY) -> Tensor:
    """One canvas (1, H, W) uint8 with a striped chromosome in these rows and columns."""
    picture = torch.full((1, *config.canvas), WHITE, dtype=torch.uint8)
    rows = torch.arange(bottom - top) % 3
    picture[0, top:bottom, left:right] = (100 + 30 * rows[:, None]).to(torch.uint8)
    return picture


@pytest.mark.parametrize("name", NAMES)
def test_every_network_returns_what_the_varifocal_net_returns(name: str) -> None:
    net = build_network(configured(TINY, name)).eval()
    output = net(torch.randn(3, 1, *TINY.canvas), torch.zeros(3, 2))
    assert output.type.shape == (3, 24)
    assert output.polarity.shape == (3, 2)
    assert output.boxes.shape == (3, 4)
    assert bool((output.boxes[:, 2:] > output.boxes[:, :2]).all())


@pytest.mark.parametrize("name", NAMES)
def test_a_loss_reaches_every_parameter_that_answers(name: str) -> None:
    """All but the single-scale heads of the two-scale networks, which have steps of their own."""
    net = build_network(configured(TINY, name))
    if name == "resnet-stn":  # it starts as the identity, for all pictures
        nn.init.normal_(net.get_parameter("view.departure.weight"))
    output = net(torch.randn(4, 1, *TINY.canvas), torch.randn(4, 2))
    (output.type.square().sum() + output.polarity.square().sum()).backward()
    still = {n for n, p in net.named_parameters() if p.grad is None or not p.grad.any()}
    assert {n.split(".")[0] for n in still} <= {"g_classes", "l_classes"}


@pytest.mark.parametrize("name", [n for n in NAMES if n != "varifocal"])
def test_the_size_is_joined_where_the_configuration_says_so(name: str) -> None:
    image, small, large = torch.randn(2, 1, *TINY.canvas), torch.zeros(2, 2), torch.ones(2, 2)
    told = build_network(configured(TINY, name)).eval()
    assert not torch.equal(told(image, small).type, told(image, large).type)
    untold = build_network(configured(replace(TINY, size_hidden=0), name)).eval()
    assert torch.equal(untold(image, small).type, untold(image, large).type)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_brings_the_same_network_back(name: str, tmp_path: Path) -> None:
    net = build_network(configured(TINY, name)).eval()
    loaded = load_model(write_net(net, tmp_path / "some.safetensors"), torch.device("cpu"))
    assert loaded.config.classifier == name
    assert type(loaded.net) is type(net)
    image, size = torch.randn(2, 1, *TINY.canvas), torch.randn(2, 2)
    # channels last: rounding differs
    assert torch.allclose(loaded.net(image, size).type, net(image, size).type, atol=1e-4)


def test_a_card_from_before_there_were_others_is_the_varifocal_net(tmp_path: Path) -> None:
    values = TINY.to_json()
    del values["classifier"]
    weights = write_net(VarifocalNet(TINY), tmp_path / "old.safetensors", config=values)
    assert isinstance(load_model(weights, torch.device("cpu")).net, VarifocalNet)


def test_a_card_that_names_no_network_is_refused(tmp_path: Path) -> None:
    values = TINY.to_json() | {"classifier": "oracle"}
    weights = write_net(VarifocalNet(TINY), tmp_path / "odd.safetensors", config=values)
    with pytest.raises(ModelError, match="do not fit the network that they describe"):
        load_model(weights, torch.device("cpu"))


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match="no classifier “oracle”") as refused:
        classifier("oracle")
    assert all(name in refused.value.hint for name in NAMES)


def test_the_default_configuration_is_the_first_classifier() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert COMPACT.classifier == PAPER.classifier == NAMES[0]
    for preset in (COMPACT, PAPER):
        assert configured(preset, NAMES[0]) == preset


@pytest.mark.parametrize(
    ("name", "local"),
    [("l-net-simple", (192, 96)), ("varifocal-simple", (192, 96)), ("zoom-size", (128, 64))],
)
def test_what_is_zoomed_has_the_size_of_its_classifier(name: str, local: tuple[int, int]) -> None:
    """III-D.2: the bounding box is rescaled to the size of the G-Net's input."""
    config = configured(COMPACT, name)
    assert config.local == local
    seen = []
    net = build_network(config).eval()
    trunk = net.l_net if isinstance(net, VarifocalSimple) else net.get_submodule("features")
    trunk.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].shape[-2:]))
    net(torch.randn(1, 1, *config.canvas), torch.zeros(1, 2))
    assert [tuple(shape) for shape in seen] == [local]
    assert json.loads(json.dumps(config.to_json()))["classifier"] == name


@pytest.mark.parametrize("normalisation", ["foreground", "image"])
def test_the_box_is_the_smallest_of_the_canvas_aspect_around_the_chromosome(
    normalisation: Normalisation,
) -> None:
    config = replace(TINY, normalisation=normalisation)
    pictures = torch.cat([
        canvas(10, 34, 9, 15),  # tall: 24 high, so 12 wide about column 12
        canvas(20, 26, 2, 22),  # wide: 20 wide, so 40 high about row 23
        canvas(0, 8, 0, 2),  # at the edge: the box leaves the canvas
        torch.full((1, *TINY.canvas), WHITE, dtype=torch.uint8),
    ])  # fmt: skip
    boxes = chromosome_boxes(normalise(pictures, config), config)
    assert boxes.tolist() == [
        [6.0, 10.0, 18.0, 34.0], [2.0, 3.0, 22.0, 43.0], [-1.0, 0.0, 3.0, 8.0], [0, 0, 24, 48],
    ]  # fmt: skip


def test_the_chromosome_fills_what_is_looked_at_with_its_aspect_kept() -> None:
    config = configured(TINY, "zoom-size")
    image = normalise(canvas(18, 30, 10, 14), config)
    picture, boxes = ToChromosome(config)(image)
    assert boxes.tolist() == [[9.0, 18.0, 15.0, 30.0]]
    assert picture.shape[-2:] == config.local == (32, 16)
    background = image.min()
    height, width = extents(WHITE - 255 * ((picture[:, 0] - background) > 0.5).to(torch.uint8))[0]
    assert height >= 31
    assert width == pytest.approx(32 / 3, abs=3)  # 4 of 12 pixels, soft by one pixel each side


@pytest.mark.parametrize("name", WHOLE)
def test_a_network_of_the_whole_canvas_says_so(name: str) -> None:
    net = build_network(configured(TINY, name)).eval()
    boxes = net(torch.randn(2, 1, *TINY.canvas), torch.zeros(2, 2)).boxes
    height, width = TINY.canvas
    assert torch.allclose(boxes, torch.tensor([0.0, 0.0, width, height]).repeat(2, 1))


def test_the_transformer_starts_as_the_identity() -> None:
    transformer = SpatialTransformer(TINY).eval()
    image = torch.randn(2, 1, *TINY.canvas)
    assert torch.allclose(transformer(image)[0], image, atol=1e-5)
    kinds = [type(layer) for layer in transformer.modules()]
    assert [kinds.count(k) for k in (nn.Conv2d, nn.MaxPool2d, nn.Linear)] == [4, 4, 2]


def test_the_transformer_tells_what_part_it_shows() -> None:
    """A zoom by two onto the upper left quarter."""
    transformer = SpatialTransformer(TINY).eval()
    with torch.no_grad():
        transformer.departure.bias.copy_(torch.tensor([-5.0, 0, -5.0, 0, -5.0, -5.0]))
    image = torch.zeros(1, 1, *TINY.canvas)
    image[..., :24, :12] = 1
    picture, boxes = transformer(image)
    assert torch.allclose(boxes, torch.tensor([[0.0, 0.0, 12.0, 24.0]]), atol=1e-4)
    assert picture.mean() > 0.98


def test_the_transformer_learns_to_find_what_was_moved() -> None:
    """Its gradient is that of sampling: it follows a displaced patch back to the middle."""
    torch.manual_seed(1)
    transformer = SpatialTransformer(TINY)
    wanted = torch.zeros(1, 1, *TINY.canvas)
    wanted[..., 16:32, 8:16] = 1
    moved = torch.roll(wanted, (4, 2), dims=(2, 3))
    optimiser = torch.optim.Adam(transformer.parameters(), 0.01)
    first = transformer.get_parameter("features.0.weight")
    before = first.detach().clone()
    losses = []
    for _ in range(60):
        loss = (transformer(moved)[0] - wanted).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.3 * losses[0]
    assert not torch.equal(before, first)


def test_the_grid_is_exact_within_bfloat16_arithmetic() -> None:
    transformer = SpatialTransformer(TINY).eval()
    image = torch.randn(1, 1, *TINY.canvas)
    with torch.autocast("cpu", torch.bfloat16):
        picture = transformer(image)[0]
    assert torch.allclose(picture, image, atol=1e-5)


@pytest.mark.parametrize("config", [COMPACT, PAPER], ids=lambda c: c.preset)
def test_the_res_net_has_34_layers_at_the_width_of_the_preset(config: NetworkConfig) -> None:
    with torch.device("meta"):
        net = build_network(configured(config, "resnet"))
    assert isinstance(net, SingleScale)
    convolutions = [
        m for m in net.features.modules() if isinstance(m, nn.Conv2d) and m.kernel_size != (1, 1)
    ]
    assert len(convolutions) == 33  # and one fully connected layer
    assert convolutions[-1].out_channels == 8 * min(64, config.widths[0])


def test_every_network_that_can_be_chosen_is_built() -> None:
    assert list(choices.CLASSIFIERS) == NAMES
    assert all(kind.label for kind in CLASSIFIERS)
