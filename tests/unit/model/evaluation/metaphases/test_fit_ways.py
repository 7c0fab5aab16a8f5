"""Fitting which other ways of separating are better: what is learned, promised and refused."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from model.evaluation.metaphases.fit_ways import HARM, Sample, fitted
from model.inference.ways import CUT, JOIN, KINDS, SPLIT, VALUES, Mender, Way
from model.vocabulary.errors import ModelError

pytest.importorskip("sklearn")
AT = VALUES.index("judged")


def sample(number: int) -> Sample:
    """Of each kind a way that mends, high in one value, and two that harm, low in it."""
    rng = np.random.default_rng(number)
    values = np.zeros((9, len(VALUES)))
    values[:, AT] = rng.normal(0, 0.1, 9)
    values[[0, 3, 6], AT] += 5.0
    values[:, VALUES.index("own")] = np.nan
    return Sample(
        f"case {number}", 3, [SPLIT] * 3 + [JOIN] * 3 + [CUT] * 3,
        [[0], [0], [1], [2, 3], [2, 4], [5, 6], [7], [7], [8]],
        values.tolist(), [1, -1, -2, 1, -1, -1, 1, -1, -1],
    )  # fmt: skip


def test_what_differs_in_one_value_is_learned(tmp_path: Path) -> None:
    samples = [sample(n) for n in range(20)]
    document = fitted(samples, {"name": "separation-ways"})
    for kind in KINDS:
        told = document["card"]["cross_fitted"][kind]
        assert told == {"taken": 20, "better": 20, "worse": 0, "gain": 20}
    path = tmp_path / "ways.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    mender = Mender.load(path)
    ways = [Way(kind, (0,), (), 0) for kind in samples[0].kinds]
    sure = mender.likely(ways, np.asarray(samples[0].values))
    wanted = [mender.tables[way.kind].threshold for way in ways]
    assert (sure >= wanted).tolist() == [True, False, False] * 3


def test_where_harm_cannot_be_told_from_use_nothing_is_taken() -> None:
    rng = np.random.default_rng(0)
    samples = [
        replace(sample(n), values=rng.normal(0, 1, (9, len(VALUES))).tolist()) for n in range(20)
    ]
    document = fitted(samples, {})
    for told in document["card"]["cross_fitted"].values():
        assert told["gain"] >= (HARM - 1) * told["worse"]


def test_what_is_kept_comes_back() -> None:
    kept = Sample(**json.loads(json.dumps(asdict(sample(1)))))
    np.testing.assert_array_equal(kept.values, sample(1).values)
    assert replace(kept, values=[]) == replace(sample(1), values=[])


def test_without_a_better_way_there_is_nothing_to_learn() -> None:
    with pytest.raises(ModelError, match="too few ways"):
        fitted([replace(sample(n), gains=[-1] * 9) for n in range(6)], {})
