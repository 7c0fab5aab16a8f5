"""Two looks at one chromosome."""

from __future__ import annotations

import numpy as np
import pytest

import model.inference.agreement as agreement
from model.inference.agreement import agreed


def row(kind: int, probability: float) -> np.ndarray:
    types = np.full(24, (1 - probability) / 23)
    types[kind] = probability
    return types


@pytest.fixture(autouse=True)
def both_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "ALONE", 1.0)
    monkeypatch.setattr(agreement, "BEFORE", 0.5)


def test_without_a_look_before_nothing_changes() -> None:
    types = np.stack([row(3, 0.9), row(5, 0.4)])
    assert agreed(types, ()) is types
    assert agreed(types, (None, None)) is types
    assert (agreed(types, (None, row(5, 0.9)))[0] == types[0]).all()


def test_two_looks_that_agree_are_surer_and_the_surer_one_wins() -> None:
    types = np.stack([row(3, 0.6), row(3, 0.5)])
    found = agreed(types, (row(3, 0.6), row(4, 0.99)))
    assert np.allclose(found.sum(1), 1)
    assert found[0, 3] > 0.6
    assert found[1].argmax() == 4


def test_a_type_ruled_out_before_is_not_out_of_the_question() -> None:
    before = np.zeros(24)
    before[4] = 1.0
    found = agreed(row(3, 0.9999)[None], (before,))
    assert found[0].argmax() == 3
