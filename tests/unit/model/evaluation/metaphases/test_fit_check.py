"""Fitting the judge of the separation check: what it learns, what it promises, what it refuses."""

import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.data.metaphases import MetaphaseArchive
from model.evaluation.metaphases.fit_check import (
    NEEDLESS,
    Sample,
    _from_json,
    _to_json,
    fitted,
    training_names,
)
from model.inference.check_values import VALUES
from model.inference.separation_check import NONE, ONE, Judge
from model.vocabulary.errors import ModelError
from model.vocabulary.quality import Quality
from tests.unit.model.metaphases import encoded, label, voc

pytest.importorskip("sklearn")
AT = VALUES.index("dissent")


def sample(number: int) -> Sample:
    """Ten objects, the last of two chromosomes, and a rejected one that is one."""
    rng = np.random.default_rng(number)
    found, rejected = rng.normal(0, 0.1, (10, len(VALUES))), rng.normal(0, 0.1, (2, len(VALUES)))
    found[9, AT] = 5.0
    rejected[0, AT] = -5.0
    rejected[:, VALUES.index("margin")] = np.nan
    return Sample(
        f"case {number}", (found, rejected), ([ONE] * 9 + ["several"], [ONE, NONE]),
        [([9], False), ([10], False)], np.array([36.0, 1.0, 2.0, 0.5, 1.0]),
    )  # fmt: skip


def test_what_differs_in_one_value_is_learned_and_listed_without_needless_entries(
    tmp_path: Path,
) -> None:
    samples = [sample(n) for n in range(20)]
    document = fitted(samples, {"name": "separation-check"})
    promise = document["card"]["cross_fitted"]
    assert (promise["listed"], promise["faults_per_cell"]) == (1.0, 2.0)
    assert promise["needless_median"] <= NEEDLESS
    path = tmp_path / "check.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    judge = Judge.load(path)
    likely = judge.found.probabilities(samples[0].values[0])
    assert likely[9].argmax() == judge.found.classes.index("several")
    assert (likely[:9].argmax(1) == judge.found.classes.index(ONE)).all()


def test_what_is_kept_comes_back() -> None:
    kept = _from_json(json.loads(json.dumps(_to_json(sample(1)))))
    for one, other in zip(kept.values, sample(1).values, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert (kept.classes, kept.faults) == (sample(1).classes, sample(1).faults)


def test_without_a_fault_there_is_nothing_to_learn() -> None:
    right = [replace(sample(n), classes=([ONE] * 10, [NONE] * 2), faults=[]) for n in range(6)]
    with pytest.raises(ModelError, match="too few faults"):
        fitted(right, {})


def test_what_a_cell_will_cost_is_learned_and_never_falls_with_more_doubt(tmp_path: Path) -> None:
    """Cells with two faults a crossing and one more for each doubtful object."""
    samples = []
    for n in range(30):
        crossings = n % 4
        base = sample(n)
        faults = [([9], False), ([10], False)] * (1 + crossings)
        promise = np.array([36.0, float(crossings), 0.0, 0.3, 1.0])
        samples.append(replace(base, faults=faults, promise=promise))
    document = fitted(samples, {})
    told = document["card"]["cross_fitted"]["cost_first"]
    assert told["rank_correlation"] > 0.9
    assert told["mean_error"] < 0.2 < told["mean_error_of_the_mean"]
    assert min(*document["cost"]["first"], *document["cost"]["whole"]) >= 0
    path = tmp_path / "check.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    judge = Judge.load(path)
    three = Quality(10, 3, 0, 0.7, 400, True, "", 0.5)
    assert judge.first_estimate(three) == pytest.approx(8.0, abs=0.3)
    del document["cost"]
    path.write_text(json.dumps(document), encoding="utf-8")
    assert Judge.load(path).first_estimate(three) is None


@pytest.mark.parametrize("margin", [0, 3])
def test_an_archive_whose_boxes_leave_no_margin_is_refused(tmp_path: Path, margin: int) -> None:
    lines = [((20 + 40 * i, 20), (40 + 40 * i, 90)) for i in range(6)]
    picture = np.full((120, 280), 235, np.uint8)
    rows = []
    for start, end in lines:
        cv2.line(picture, start, end, 90, 10)
        off = 5 + margin
        corners = (start[0] - off, start[1] - off, end[0] + off, end[1] + off)
        rows.append((label(2), corners))
    for name in ("images/1001.png", "annotations/1001.xml"):
        (tmp_path / name).parent.mkdir()
    (tmp_path / "images/1001.png").write_bytes(encoded(picture))
    (tmp_path / "annotations/1001.xml").write_bytes(voc(rows, (280, 120)))
    archive, options = MetaphaseArchive(tmp_path), Namespace(hold_out=None)
    if margin:
        assert training_names(archive, options) == ("1001",)
    else:
        with pytest.raises(ModelError, match="leave no margin"):
            training_names(archive, options)
