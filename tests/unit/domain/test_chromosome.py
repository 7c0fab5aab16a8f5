"""The vocabulary of types and what a prediction answers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.chromosome import AUTOSOMES, GROUP_OF, GROUPS, TYPES, Polarity, Prediction


def prediction(polarity: tuple[float, float] = (0.1, 0.9), **probabilities: float) -> Prediction:
    """A prediction with `c21=0.8` and the like; the rest is zero."""
    wanted = {name.removeprefix("c"): value for name, value in probabilities.items()}
    return Prediction(tuple(wanted.get(kind, 0.0) for kind in TYPES), polarity)


def test_types_stand_in_the_order_of_the_probability_vectors() -> None:
    assert len(TYPES) == 24
    assert TYPES[0] == "1"
    assert TYPES[20] == "21"
    assert TYPES[-2:] == ("X", "Y")


def test_every_type_belongs_to_exactly_one_group() -> None:
    assert sorted(kind for kinds in GROUPS.values() for kind in kinds) == sorted(TYPES)
    assert GROUP_OF["X"] == "C"
    assert GROUP_OF["Y"] == "G"
    assert [GROUP_OF[kind] for kind in AUTOSOMES] == sorted(GROUP_OF[kind] for kind in AUTOSOMES)


def test_prediction_tells_type_probability_and_polarity() -> None:
    seen = prediction(c21=0.7, c22=0.2, Y=0.1)
    assert seen.argmax_type == "21"
    assert seen.probability_of("22") == 0.2
    assert seen.polarity is Polarity.Q_DOWN
    assert prediction((0.8, 0.2), c1=1.0).polarity is Polarity.Q_UP


@pytest.mark.parametrize("slot", ["mar", "tray", "23", ""])
def test_what_is_not_a_type_has_no_probability(slot: str) -> None:
    assert prediction(c1=1.0).probability_of(slot) == 0.0


def test_best_types_come_best_first() -> None:
    seen = prediction(X=0.5, c7=0.3, c8=0.2)
    assert seen.best(3) == (("X", 0.5), ("7", 0.3), ("8", 0.2))
    assert len(seen.best()) == 5
    assert len(seen.best(99)) == 24


@settings(deadline=None)
@given(st.lists(st.sampled_from((0.0, 0.1, 0.5, 0.9)), min_size=24, max_size=24))
def test_best_type_is_the_argmax_also_among_equals(values: list[float]) -> None:
    seen = Prediction(tuple(values), (0.5, 0.5))
    best = seen.best(24)
    assert best[0][0] == seen.argmax_type
    assert [value for _, value in best] == sorted(values, reverse=True)
    assert {kind for kind, _ in best} == set(TYPES)
    assert all(seen.probability_of(kind) == value for kind, value in best)
