"""The most probable assignment of a cell, against brute force and against karyotypes by name."""

from itertools import product
from math import comb, factorial, inf, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.assignment.base import TYPE_FREQUENCY
from model.assignment.map_assignment import UNKNOWN, MapAssignment, Prior
from model.vocabulary.labels import TYPES, X, Y
from model.vocabulary.results import FloatArray
from tests.unit.model.assignment.cells import certain, complement, noisy

PRIOR = Prior()
NORMAL = complement("XY")


def cost_of(types: tuple[int, ...], probabilities: FloatArray) -> float:
    """The objective of the module, written out for a diploid cell of these types."""
    n = len(types)
    missing = max(PRIOR.loss / 2, (44 - n) / 46)
    total = 0.0
    for p, kind in zip(probabilities, types, strict=True):
        if kind == UNKNOWN:
            total += PRIOR.unknown + float((p * np.log(p)).sum())
        else:
            total -= log(p[kind] / TYPE_FREQUENCY[kind])
    for kind in range(X):
        total -= log(autosome_chance(types.count(kind), missing) * factorial(types.count(kind)))
    x, y = types.count(X), types.count(Y)
    loss = max(PRIOR.gain, missing)
    chances = [
        PRIOR.gain ** (max(0, x - a) + max(0, y - b)) * loss ** (max(0, a - x) + max(0, b - y)) / 2
        for a, b in ((2, 0), (1, 1))
    ]
    chance = max(chances) * (loss if x == 0 else 1.0)
    return total - log(chance * factorial(x) * factorial(y))


def autosome_chance(copies: int, missing: float) -> float:
    if copies <= 2:
        return comb(2, copies) * (1 - missing) ** copies * missing ** (2 - copies)
    extra = copies - 2
    return (1 - missing) ** 2 * PRIOR.gain**extra / factorial(extra)


@given(seed=st.integers(0, 2**32 - 1), peak=st.floats(0.0, 8.0))
def test_it_finds_what_trying_every_assignment_finds(seed: int, peak: float) -> None:
    kinds = [0, 20, 21, X, Y, UNKNOWN]
    rng = np.random.default_rng(seed)
    truth = [int(k) for k in rng.choice([0, 20, 21, X, Y], 4)]
    table = noisy(truth, seed, peak)
    others = [k for k in range(len(TYPES)) if k not in kinds]
    table[:, others] = 1e-12
    tried = (t for t in product(kinds, repeat=4) if t.count(Y) <= 3)  # more Y are in no cell
    trials = {t: cost_of(t, table) for t in tried}
    best = min(trials, key=lambda t: trials[t])
    found = MapAssignment()(table)
    as_columns = tuple(UNKNOWN if k is None else k for k in found.types)
    assert cost_of(as_columns, table) == pytest.approx(trials[best])
    for i, margin in enumerate(found.margins):
        other = min(c for t, c in trials.items() if t[i] != as_columns[i])
        assert margin == pytest.approx(other - trials[best], abs=1e-9)


@given(seed=st.integers(0, 2**32 - 1), change=st.sampled_from(["XX", "XY +21", "X0", "XXY -7"]))
def test_a_margin_is_the_price_of_forbidding_the_type(seed: int, change: str) -> None:
    assign = MapAssignment(prior=Prior(unknown=50.0))  # forbidding a type would flatten the answer
    table = noisy(complement(change), seed)
    found = assign(table)
    rng = np.random.default_rng(seed)
    for i in rng.choice(len(table), 3, replace=False):
        without = table.copy()
        without[i, found.types[i]] = 1e-290
        again = assign(without)
        assert again.types[i] != found.types[i]
        price = total(again.types, without) - total(found.types, table)
        assert found.margins[i] == pytest.approx(price, abs=1e-6)


def total(types: tuple[int | None, ...], table: FloatArray) -> float:
    return cost_of(tuple(UNKNOWN if k is None else k for k in types), table)


KARYOTYPES = [
    "XX", "XY", "X0", "XXX", "XXY", "XYY", "XXYY", "XXXXY", "XY +21", "XX +13", "XX +18",
    "XX -7", "XX +8 -7", "XX +21 -14", "XY +9 -8", "XX +21 -22", "XX +5 -4", "X0 +21",
    "XX +21 +21", "XY -7 -5", "XX +8 +8 +21 +22", "XY +1 +16", "XX -22 -22", "XXY +21",
]  # fmt: skip


@pytest.mark.parametrize("formula", KARYOTYPES)
def test_a_sure_cell_comes_back_as_it_is(formula: str) -> None:
    truth = complement(formula)
    found = MapAssignment()(certain(truth))
    assert list(found.types) == truth
    assert not any(found.moved)
    assert found.disagreeing == ()
    assert min(found.margins) > 1


@pytest.mark.parametrize("kind", range(len(TYPES)))
def test_every_sure_gain_and_loss_comes_back(kind: int) -> None:
    more = complement(f"XY +{TYPES[kind]}")
    fewer = complement(f"{'XY' if kind >= X else 'XX'} -{TYPES[kind]}")
    assert list(MapAssignment()(certain(more)).types) == more
    assert list(MapAssignment()(certain(fewer)).types) == fewer


def test_a_clear_gain_is_clear() -> None:
    """Nor is it nearly as likely that the third one is debris."""
    found = MapAssignment()(certain(complement("XX +21")))
    assert min(found.margins) > 3.5
    assert found.alternative_margin > 3.5


def test_a_sure_triploid_cell_is_one() -> None:
    truth = [*range(22), *NORMAL, X]
    found = MapAssignment()(certain(truth))
    assert list(found.types) == truth


def test_a_sure_part_of_a_cell_comes_back() -> None:
    truth = NORMAL[3:30]
    found = MapAssignment()(certain(truth))
    assert list(found.types) == truth


def test_the_gap_is_filled_by_the_object_that_fits_it_best() -> None:
    """Algorithm 1 never fills a deficit: the surplus's second type is not the one that lacks."""
    table = certain(NORMAL)
    second_five = 9
    table[second_five] = certain([3])[0] * 0.6 + certain([4])[0] * 0.4
    found = MapAssignment()(table)
    assert found.types[second_five] == 4
    assert found.moved[second_five]
    assert found.counts[3] == found.counts[4] == 2
    assert found.alternative is not None
    assert found.alternative[3] == 3
    assert found.alternative[4] == 1


def test_one_clear_picture_overturns_the_normal_count() -> None:
    table = certain(NORMAL)
    table[12] = certain([7])[0]
    found = MapAssignment()(table)
    assert found.types[12] == 7
    assert found.counts[7] == 3


def test_a_weak_extra_is_told_as_disagreeing_when_the_counts_explain_it_away() -> None:
    table = certain(NORMAL)
    table[12] = 0.995 * certain([7])[0] + 0.005 * certain([6])[0]
    found = MapAssignment()(table)
    assert found.types[12] == 6
    assert found.disagreeing == (12,)
    assert MapAssignment(evidence=inf)(table).disagreeing == ()


def test_debris_beside_a_whole_cell_is_unknown() -> None:
    debris = np.full((1, len(TYPES)), 1 / len(TYPES))
    found = MapAssignment()(np.vstack([certain(NORMAL), debris]))
    assert found.types[-1] is None
    assert list(found.types[:-1]) == NORMAL
    assert found.warnings == ("1 object of unknown type",)


@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_the_pictures_does_not_matter(seed: int) -> None:
    table = noisy(NORMAL, seed)
    order = np.random.default_rng(seed).permutation(len(table))
    straight, shuffled = MapAssignment()(table), MapAssignment()(table[order])
    assert shuffled.counts == straight.counts
    assert np.allclose(shuffled.margins, np.array(straight.margins)[order])


def test_without_margins_the_types_are_the_same() -> None:
    table = noisy(NORMAL, 3)
    assert MapAssignment(with_margins=False)(table).types == MapAssignment()(table).types


def test_no_object_no_type() -> None:
    assert MapAssignment()(np.zeros((0, len(TYPES)))).types == ()
