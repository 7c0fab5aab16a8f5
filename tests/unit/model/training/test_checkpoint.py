import errno
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

import model.training.checkpoint
from model.training.checkpoint import (
    Checkpoint,
    Position,
    fingerprint,
    load_checkpoint,
    optimiser_tensors,
    restore_optimiser,
    save_checkpoint,
    write_tensors,
    write_weights,
)
from model.training.loop import learning_rate
from model.vocabulary.errors import ModelError
from model.vocabulary.training import COMPACT_SETTINGS, PAPER_SETTINGS, Epochs

TENSORS = {"net.a": torch.arange(6.0).reshape(2, 3), "updates": torch.tensor(7)}


def test_a_checkpoint_comes_back_whole(tmp_path: Path) -> None:
    position = Position(2, 3, [{"step": "L-Net", "loss": 0.1 + 0.2, "type_acc": None}])
    path = tmp_path / "run" / "checkpoint.safetensors"
    save_checkpoint(path, Checkpoint(position, "mark", TENSORS))
    loaded = load_checkpoint(path)
    assert loaded.position == position
    assert loaded.fingerprint == "mark"
    assert loaded.tensors.keys() == TENSORS.keys()
    assert all(torch.equal(loaded.tensors[k], v) for k, v in TENSORS.items())


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"state": "{}"},
        {"state": "{", "fingerprint": "a"},
        {"state": '{"step": 1}', "fingerprint": "a"},
        {"state": "[1]", "fingerprint": "a"},
    ],
)
def test_foreign_tensors_are_no_checkpoint(tmp_path: Path, metadata: dict[str, str]) -> None:
    path = tmp_path / "other.safetensors"
    write_tensors(path, TENSORS, metadata)
    with pytest.raises(ModelError, match=r"other\.safetensors cannot be read"):
        load_checkpoint(path)


def test_a_missing_checkpoint_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.safetensors cannot be read"):
        load_checkpoint(tmp_path / "gone.safetensors")


def test_a_fingerprint_tells_settings_and_data_apart() -> None:
    one = fingerprint({"a": 1, "b": 2}, ["x", "y"])
    assert one == fingerprint({"b": 2, "a": 1}, ["x", "y"])
    assert one != fingerprint({"a": 1, "b": 3}, ["x", "y"])
    assert one != fingerprint({"a": 1, "b": 2}, ["y", "x"])


def _step(layer: nn.Module, optimiser: torch.optim.Optimizer, seed: int) -> None:
    torch.manual_seed(seed)
    optimiser.zero_grad()
    layer(torch.randn(3, 4)).square().sum().backward()
    optimiser.step()


def test_an_optimiser_goes_on_where_it_was() -> None:
    layer, again = nn.Linear(4, 2), nn.Linear(4, 2)
    optimiser = torch.optim.AdamW(layer.parameters(), 0.1)
    for seed in range(3):
        _step(layer, optimiser, seed)
    saved = {k: v.clone() for k, v in optimiser_tensors(optimiser).items()}
    again.load_state_dict(layer.state_dict())
    second = torch.optim.AdamW(again.parameters(), 0.1)
    restore_optimiser(second, saved | {"net.a": torch.zeros(1)})
    _step(layer, optimiser, 9)
    _step(again, second, 9)
    assert torch.equal(layer.weight, again.weight)


def test_a_failed_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.safetensors"
    write_tensors(path, TENSORS, {})
    before = path.read_bytes()

    def full(tensors: object, beside: Path, metadata: object) -> None:
        beside.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(model.training.checkpoint, "save_file", full)
    with pytest.raises(ModelError, match="No space left on device"):
        write_tensors(path, {}, {})
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_weights_and_card_stand_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "new" / "some.v2.safetensors"
    write_weights(path, TENSORS, {"name": "some"})
    card = json.loads((path.parent / "some.v2.json").read_text())
    assert card["name"] == "some"
    assert len(card["sha256"]) == 64
    assert torch.equal(load_file(path)["net.a"], TENSORS["net.a"])
    assert len(list(path.parent.iterdir())) == 2


def test_a_card_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "some.json").mkdir()
    with pytest.raises(ModelError, match=r"some\.json could not be written"):
        write_weights(tmp_path / "some.safetensors", TENSORS, {})


def test_the_paper_lowers_its_rate_tenfold_every_ten_epochs() -> None:
    rates = [learning_rate(PAPER_SETTINGS, 0.5, epoch) for epoch in (0, 9, 10, 19, 20, 29)]
    assert rates == pytest.approx([1e-4, 1e-4, 1e-5, 1e-5, 1e-6, 1e-6])


def test_the_compact_rate_warms_up_and_falls_along_a_cosine() -> None:
    rates = [learning_rate(COMPACT_SETTINGS, p, 0) for p in (0.0, 0.04, 0.08, 0.5, 1.0)]
    assert rates[0] < 0.1 * COMPACT_SETTINGS.learning_rate
    assert rates[0] < rates[1] < rates[2]
    assert rates[2] == pytest.approx(COMPACT_SETTINGS.learning_rate, rel=0.03)
    assert rates[3] == pytest.approx(0.5 * COMPACT_SETTINGS.learning_rate, rel=0.01)
    assert 0 < rates[4] < 1e-5


def test_the_paper_trains_as_printed() -> None:
    assert PAPER_SETTINGS.epochs == Epochs(30, 1, 30, 1, 1, 20)
    assert PAPER_SETTINGS.learning_rate == 1e-4
    assert not PAPER_SETTINGS.fused_trains_all


@pytest.mark.parametrize("total", [1, 5, 20, 200])
def test_epochs_keep_their_proportions(total: int) -> None:
    scaled = PAPER_SETTINGS.epochs.scaled_to(total)
    assert scaled.g_net == scaled.l_net >= scaled.fused >= 1
    assert scaled.localisation == scaled.weak_localisation == 1
    assert scaled.total == pytest.approx(max(5, total), abs=3)
