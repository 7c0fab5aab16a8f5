"""The comparison of the two gradients runs, and only the localisation learns in it."""

from pathlib import Path

import pytest
import torch

from model.network.varifocal import VarifocalNet
from model.studies import zoom_gradients
from model.training.checkpoint import Checkpoint, Position, save_checkpoint
from tests.unit.model.builders import TINY, case_in_fold, cell_files, write_folder


def test_it_compares_both_gradients_from_both_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(zoom_gradients, "COMPACT", TINY)
    files: dict[str, bytes] = {}
    for fold in (0, 1):
        files |= cell_files(case_in_fold(fold), "m1", [0, 5, 11, 17] * 2, seed=fold)
    data = write_folder(tmp_path / "cells", files)
    net = VarifocalNet(TINY)
    tensors = {f"net.{name}": value for name, value in net.state_dict().items()}
    save_checkpoint(tmp_path / "c.safetensors", Checkpoint(Position(), "any", tensors))
    arguments = ["--data", str(data), "--checkpoint", str(tmp_path / "c.safetensors")]
    assert zoom_gradients.main([*arguments, "--batches", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = [tuple(line.split()[:2]) for line in lines]
    assert told == [
        ("pre-trained", "boxcar"),
        ("pre-trained", "sampler"),
        ("displaced", "boxcar"),
        ("displaced", "sampler"),
    ]
    # The same start measures the same, whatever gradient follows.
    before = [line.split("loss ")[1].split(" ")[0] for line in lines]
    assert before[0] == before[1]
    assert before[2] == before[3]
    assert all(torch.equal(a, tensors[f"net.{n}"]) for n, a in net.state_dict().items())
