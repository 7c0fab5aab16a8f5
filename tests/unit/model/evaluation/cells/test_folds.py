import math
from pathlib import Path

import pytest

from model.evaluation.cells.folds import distinct_folds, five_folds, mean_sd, over_folds, weights_in
from model.network.varifocal import VarifocalNet
from model.vocabulary.errors import ModelError
from tests.unit.model.builders import TINY, write_net


def weights(folder: Path, name: str, split: str) -> Path:
    return write_net(VarifocalNet(TINY), folder / f"{name}.safetensors", split=split)


def test_mean_and_sample_deviation_by_hand() -> None:
    assert mean_sd([1.0, 3.0]) == {"mean": 2.0, "sd": pytest.approx(math.sqrt(2))}
    assert mean_sd([1.0, None]) == {"mean": 1.0, "sd": None}
    assert mean_sd([None]) == {"mean": None, "sd": None}


def test_groups_of_figures_are_joined_one_by_one() -> None:
    joined = over_folds([
        {"type": {"acc": 0.9}, "sensitivity": None, "cells": 3},
        {"type": {"acc": 0.7}, "sensitivity": 1.0, "cells": 5},
    ])  # fmt: skip
    assert joined["type"]["acc"]["mean"] == pytest.approx(0.8)
    assert joined["sensitivity"] == {"mean": 1.0, "sd": None}
    assert joined["cells"]["mean"] == 4


def test_weights_stand_in_the_order_of_their_folds(tmp_path: Path) -> None:
    paths = [weights(tmp_path, f"w{k}", f"by case, fold {k} of 5 held out") for k in (2, 0)]
    weights(tmp_path, "all", "all cases")
    assert distinct_folds(paths) == (paths[1], paths[0])
    assert set(weights_in(tmp_path)) == set(paths)
    with pytest.raises(ModelError, match="There are no weights that held out fold 1 and fold 3"):
        five_folds(paths, "There are")


def test_weights_that_saw_every_case_cannot_be_a_fold(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"all\.safetensors was trained without holding out"):
        distinct_folds([weights(tmp_path, "all", "all cases")])
