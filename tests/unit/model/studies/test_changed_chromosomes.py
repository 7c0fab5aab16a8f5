"""The study of changed chromosomes: what it changes, and what counts as noticed."""

from pathlib import Path

import numpy as np
import pytest

from model.segmentation.cut_out import cut_out
from model.studies.changed_chromosomes import CHANGES, Noticed, changed, main, summed
from tests.unit.model.builders import blob

RNG = np.random.default_rng


@pytest.mark.parametrize("seed", range(4))
def test_each_change_has_its_size(seed: int) -> None:
    own, other = blob(0, seed=1), blob(20, seed=2)
    area = {
        change: int(cut_out(changed(change, own, other, RNG(seed))).mask.sum())
        for change in CHANGES
    }
    assert area["none"] == cut_out(own).mask.sum()
    assert 0.2 * area["none"] < area["deleted"] < 0.75 * area["none"]
    assert 0.2 * area["none"] < area["isochromosome"] < 0.75 * area["none"]
    assert area["none"] < area["added"]


def test_an_isochromosome_is_its_own_mirror_image() -> None:
    crop = changed("isochromosome", blob(0, seed=1), blob(3), RNG(0))
    assert np.array_equal(crop, crop[::-1])


def test_pairs_are_without_sizes_and_with() -> None:
    one = Noticed("a", "deleted", (False, True), (True, True), 1)
    two = Noticed("b", "deleted", (False, False), (False, True), 0)
    assert summed([one, two]) == {
        "cells": 2, "unusual_numbers": [0, 1], "changed_one_asks": [1, 2],
        "numbers_or_asks": [1, 2], "others_for_their_size": 1,
    }  # fmt: skip


def test_an_archive_that_is_not_there_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path / "gone.zip"), "--out", str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
