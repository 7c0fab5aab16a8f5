"""Every network of the comparison goes through the same training and the same predictor."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from model.data.cells import LabelledCell
from model.data.splits import thinned
from model.inference.predictor import Predictor
from model.network.comparison import CLASSIFIERS
from model.vocabulary.errors import ModelError
from model.vocabulary.training import Epochs
from model.weights import load_model
from tests.unit.model.builders import blob
from tests.unit.model.training.conftest import SETTINGS, Stop, Train

BRIEF = dataclasses.replace(SETTINGS, epochs=Epochs(1, 1, 1, 1, 1, 1), batch_size=20)
"""Five epochs of two batches each."""
STEPS = {
    "varifocal": ["G-Net", "localisation", "L-Net", "weak localisation", "Varifocal-Net"],
    "varifocal-simple": ["G-Net", "L-Net", "Varifocal-Net (Simple)"],
}
SINGLE = [kind for kind in CLASSIFIERS if kind.id not in STEPS]
CELL = [blob(kind) for kind in (0, 5, 11, 17, 20)]


@pytest.mark.parametrize("name", [kind.id for kind in CLASSIFIERS])
def test_each_is_trained_on_as_many_pictures_and_predicts_a_cell(
    train: Train, tmp_path: Path, name: str
) -> None:
    outcome = train(tmp_path, "--classifier", name, settings=BRIEF)
    assert outcome.status == 0
    (started,) = outcome.named("started")
    labels = {kind.id: [kind.label] for kind in SINGLE} | STEPS
    assert started["steps"] == labels[name]
    assert sum(started["epochs"].values()) == BRIEF.epochs.total
    assert len(outcome.named("epoch")) == BRIEF.epochs.total
    (finished,) = outcome.named("finished")
    weights = Path(finished["weights"])
    assert weights.stem == ("tiny" if name == "varifocal" else f"tiny-{name}")
    loaded = load_model(weights, torch.device("cpu"))
    assert loaded.config.classifier == name
    assert loaded.card["name"] == weights.stem
    result = Predictor.load(weights, "cpu").predict_cell(CELL)
    assert len(result.objects) == len(CELL)
    for seen in result.objects:
        assert seen.type_probabilities.sum() == pytest.approx(1)
        assert seen.polarity_probabilities.sum() == pytest.approx(1)
        left, top, right, bottom = seen.zoom_box
        assert left < right
        assert top < bottom


@pytest.mark.parametrize("name", ["g-net", "varifocal-simple"])
def test_a_stopped_one_goes_on_to_the_same_weights(train: Train, tmp_path: Path, name: str) -> None:
    arguments = ("--classifier", name, "--resume")
    for folder in ("whole", "halves"):
        stop = Stop(7) if folder == "halves" else None
        train(tmp_path / folder, *arguments, stop=stop, settings=BRIEF)
    assert not (tmp_path / "halves" / f"tiny-{name}.safetensors").exists()
    train(tmp_path / "halves", *arguments, settings=BRIEF)
    whole, halves = (
        load_file(tmp_path / folder / f"tiny-{name}.safetensors") for folder in ("whole", "halves")
    )
    assert whole.keys() == halves.keys()
    assert all(torch.equal(whole[key], halves[key]) for key in whole)


def test_a_checkpoint_of_another_network_is_refused(train: Train, tmp_path: Path) -> None:
    train(tmp_path, "--classifier", "g-net", settings=BRIEF)
    refused = train(tmp_path, "--classifier", "resnet", "--resume", settings=BRIEF)
    assert refused.status == 2
    assert "other settings" in refused.named("failed")[0]["sentence"]


def test_a_share_of_the_cells_is_trained_on_and_told(train: Train, tmp_path: Path) -> None:
    outcome = train(tmp_path, "--classifier", "g-net", "--share", "0.5", settings=BRIEF)
    assert outcome.named("started")[0]["chromosomes"] == 20  # of 40, in 4 cells
    card = load_model(tmp_path / "tiny-g-net.safetensors", torch.device("cpu")).card
    assert card["data"] == "cells: 2 cells, 20 chromosomes"
    assert card["split"] == "by case, fold 0 of 5 held out (1 cells)"


def test_a_share_is_spread_evenly() -> None:
    picture = np.zeros((2, 2), np.uint8)
    cells = [LabelledCell(f"case-{n}", "m", (picture,), (0,), None) for n in range(10)]
    assert [cells.index(c) for c in thinned(cells, 0.3)] == [0, 3, 6]
    assert thinned(cells, 1.0) == tuple(cells)
    assert len(thinned(cells, 0.01)) == 1
    for share in (0.0, -1.0, 1.5, float("nan")):
        with pytest.raises(ModelError, match="cannot be trained on"):
            thinned(cells, share)
