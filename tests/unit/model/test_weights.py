import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from model.network.varifocal import VarifocalNet
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import TYPES
from model.weights import load_model, read_card
from tests.unit.model.builders import TINY, write_net

CPU = torch.device("cpu")


def edit_card(weights: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = weights.with_suffix(".json")
    card = json.loads(path.read_text())
    change(card)
    path.write_text(json.dumps(card))


def refusal(weights: Path) -> str:
    with pytest.raises(ModelError) as refused:
        load_model(weights, CPU)
    return refused.value.sentence


def test_what_was_written_is_loaded(tmp_path: Path) -> None:
    net = VarifocalNet(TINY)
    loaded = load_model(write_net(net, tmp_path / "some.safetensors"), CPU)
    assert loaded.config == TINY
    assert not loaded.net.training
    for name, value in net.state_dict().items():
        assert torch.equal(loaded.net.state_dict()[name], value)


def test_half_precision_is_computed_in_full(tmp_path: Path) -> None:
    net = VarifocalNet(TINY)
    full = {k: v.clone() for k, v in net.state_dict().items()}
    loaded = load_model(write_net(net.half(), tmp_path / "half.safetensors"), CPU)
    assert all(p.dtype == torch.float32 for p in loaded.net.parameters())
    for name, value in loaded.net.state_dict().items():
        assert torch.allclose(value.float(), full[name].float(), rtol=1e-2, atol=1e-3)


def test_missing_weights_are_told(tmp_path: Path) -> None:
    assert "gone.safetensors" in refusal(tmp_path / "gone.safetensors")
    assert str(tmp_path) in refusal(tmp_path)  # a folder is no weights either


def test_a_missing_description_is_told(tiny_weights: Path) -> None:
    tiny_weights.with_suffix(".json").unlink()
    assert refusal(tiny_weights) == "The description tiny.json is missing beside the weights."


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null", '"text"', "\udcff"])
def test_a_description_that_cannot_be_read_is_told(tiny_weights: Path, text: str) -> None:
    tiny_weights.with_suffix(".json").write_bytes(text.encode(errors="surrogateescape"))
    assert "tiny.json" in refusal(tiny_weights)


def test_other_bytes_than_described_are_told(tiny_weights: Path) -> None:
    data = bytearray(tiny_weights.read_bytes())
    data[-1] ^= 1
    tiny_weights.write_bytes(data)
    sentence = refusal(tiny_weights)
    assert "tiny.safetensors" in sentence
    assert "checksum" in sentence


@pytest.mark.parametrize("keep", [0, 5, 200, -1])
def test_a_truncated_file_is_told(tiny_weights: Path, keep: int) -> None:
    tiny_weights.write_bytes(tiny_weights.read_bytes()[:keep])
    assert "tiny.safetensors" in refusal(tiny_weights)


@pytest.mark.parametrize("keep", [0, 5, 200, -1])
def test_a_truncated_file_with_its_own_checksum_is_told(tiny_weights: Path, keep: int) -> None:
    data = tiny_weights.read_bytes()[:keep]
    tiny_weights.write_bytes(data)
    edit_card(tiny_weights, lambda card: card.update(sha256=hashlib.sha256(data).hexdigest()))
    sentence = refusal(tiny_weights)
    assert sentence == "The weights tiny.safetensors do not fit the network that they describe."


def test_a_description_without_checksum_is_told(tiny_weights: Path) -> None:
    edit_card(tiny_weights, lambda card: card.pop("sha256"))
    assert "tiny.safetensors" in refusal(tiny_weights)


@pytest.mark.parametrize("classes", [list(TYPES)[:23], list(reversed(TYPES)), [], None, 24])
def test_other_classes_are_told(tiny_weights: Path, classes: object) -> None:
    edit_card(tiny_weights, lambda card: card.update(classes=classes))
    assert refusal(tiny_weights) == "The weights tiny.safetensors were trained for other classes."


@pytest.mark.parametrize(
    "change",
    [
        lambda card: card.pop("config"),
        lambda card: card.update(config=[1, 2]),
        lambda card: card.update(config=None),
        lambda card: card["config"].pop("t1"),
        lambda card: card["config"].update(depth=7),
        lambda card: card["config"].update(widths=[4, 6, 10]),
        lambda card: card["config"].update(widths="wide"),
        lambda card: card["config"].update(widths=[4, 6]),
        lambda card: card["config"].update(units=2),
        lambda card: card["config"].update(class_grid=7),
        lambda card: card["config"].update(stem_channels=-3),
        lambda card: card["config"].update(size_hidden=0),
    ],
)
def test_a_configuration_of_another_network_is_told(
    tiny_weights: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    edit_card(tiny_weights, change)
    sentence = refusal(tiny_weights)
    assert sentence == "The weights tiny.safetensors do not fit the network that they describe."


def test_foreign_tensors_are_told(tmp_path: Path, tiny_weights: Path) -> None:
    save_file({"conv.weight": torch.zeros(3)}, tiny_weights)
    digest = hashlib.sha256(tiny_weights.read_bytes()).hexdigest()
    edit_card(tiny_weights, lambda card: card.update(sha256=digest))
    assert "tiny.safetensors" in refusal(tiny_weights)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    assert "pipe.safetensors" in refusal(tmp_path / "pipe.safetensors")


def test_weights_that_cannot_be_read_are_told(
    tiny_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path == tiny_weights:
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "tiny.safetensors cannot be read" in refusal(tiny_weights)


def test_the_card_tells_name_version_and_classes(tiny_weights: Path) -> None:
    card = read_card(tiny_weights)
    assert card["name"] == "tiny"
    assert card["classes"] == list(TYPES)
    assert card["sha256"] == hashlib.sha256(tiny_weights.read_bytes()).hexdigest()
