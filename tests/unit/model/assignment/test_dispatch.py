"""Algorithm 1 of the paper on cells made by hand."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.assignment.dispatch import THRESHOLD, dispatch
from model.vocabulary.labels import TYPES, X, Y
from model.vocabulary.results import FloatArray

Row = Mapping[str, float]


def cell(*rows: Row) -> FloatArray:
    """Probabilities (n, 24): the named ones as given, the rest spread evenly over the others."""
    table = np.zeros((len(rows), len(TYPES)))
    for i, row in enumerate(rows):
        table[i] = (1 - sum(row.values())) / (len(TYPES) - len(row))
        for name, p in row.items():
            table[i, TYPES.index(name)] = p
    return table


def names(*rows: Row) -> list[str]:
    return [TYPES[k] for k in dispatch(cell(*rows)).types]


def normal(sex: str = "XY", p: float = 0.97) -> list[Row]:
    """A cell with every chromosome sure of its type."""
    kinds = [str(n) for n in range(1, 23) for _ in range(2)]
    return [{kind: p} for kind in (*kinds, *sex)]


def test_each_goes_to_its_most_probable_type() -> None:
    assert names({"1": 0.6, "2": 0.3}, {"2": 0.5, "1": 0.4}, {"X": 0.9}) == ["1", "2", "X"]


def test_the_least_probable_surplus_goes_to_its_second_type() -> None:
    rows = [{"13": 0.95}, {"13": 0.60, "14": 0.35}, {"13": 0.99}]
    outcome = dispatch(cell(*rows))
    assert [TYPES[k] for k in outcome.types] == ["13", "14", "13"]
    assert outcome.moved == (False, True, False)


def test_three_stay_when_all_three_pass_the_threshold() -> None:
    outcome = dispatch(cell({"21": 0.91}, {"21": 0.95}, {"21": 0.99}))
    assert outcome.counts[TYPES.index("21")] == 3
    assert not any(outcome.moved)


def test_one_at_the_threshold_is_not_above_it() -> None:
    table = cell({"21": 0.91}, {"21": 0.95}, {"21": 0.99})
    table[0, TYPES.index("21")] = THRESHOLD
    assert dispatch(table).moved == (True, False, False)


def test_never_more_than_three_stay() -> None:
    outcome = dispatch(cell({"8": 0.92, "X": 0.05}, {"8": 0.93}, {"8": 0.94}, {"8": 0.95}))
    assert outcome.moved == (True, False, False, False)
    assert outcome.types[0] == X
    assert outcome.counts[TYPES.index("8")] == 3


def test_of_four_unsure_ones_two_stay() -> None:
    rows: list[Row] = [{"8": p, "10": 0.2} for p in (0.5, 0.6, 0.7, 0.75)]
    assert names(*rows) == ["10", "10", "8", "8"]


def test_one_y_is_enough_unless_both_are_sure() -> None:
    assert names({"Y": 0.95}, {"Y": 0.85, "X": 0.1}) == ["Y", "X"]
    assert names({"Y": 0.95}, {"Y": 0.93}) == ["Y", "Y"]
    assert names({"Y": 0.95}, {"Y": 0.94}, {"Y": 0.93, "22": 0.06}) == ["Y", "Y", "22"]


def test_the_threshold_can_be_chosen() -> None:
    table = cell({"21": 0.85}, {"21": 0.86}, {"21": 0.87})
    assert any(dispatch(table).moved)
    assert not any(dispatch(table, threshold=0.8).moved)


def test_a_moved_chromosome_is_not_checked_again() -> None:
    """Line 11 puts it into O, not into T: a full type becomes overfull without a sure member."""
    outcome = dispatch(cell(
        {"13": 0.8, "14": 0.1}, {"13": 0.7, "14": 0.1}, {"13": 0.5, "14": 0.4},
        {"14": 0.8}, {"14": 0.8},
    ))  # fmt: skip
    assert outcome.counts[TYPES.index("14")] == 3
    assert "3 of chromosome 14" in outcome.warnings


def test_of_equals_the_order_of_the_pictures_decides() -> None:
    first, second, third = {"5": 0.7, "4": 0.2}, {"5": 0.7, "6": 0.2}, {"5": 0.8}
    assert names(first, second, third) == ["5", "6", "5"]
    assert names(second, first, third) == ["5", "4", "5"]


@pytest.mark.parametrize("sex", ["XX", "XY"])
def test_a_sure_normal_cell_comes_back_unchanged_and_without_warning(sex: str) -> None:
    rows = normal(sex)
    outcome = dispatch(cell(*rows))
    assert [TYPES[k] for k in outcome.types] == [next(iter(row)) for row in rows]
    assert outcome.warnings == ()


def test_warnings_name_what_is_not_there_twice() -> None:
    rows = [row for row in normal("XX") if "7" not in row] + [{"21": 0.99}, {"7": 0.99}]
    assert dispatch(cell(*rows)).warnings == ("1 of chromosome 7", "3 of chromosome 21")


@pytest.mark.parametrize(
    ("sex", "warning"),
    [
        ("", "0 sex chromosomes (none)"),
        ("X", "1 sex chromosome (X)"),
        ("XXX", "3 sex chromosomes (XXX)"),
        ("XXY", "3 sex chromosomes (XXY)"),
        ("XYY", "3 sex chromosomes (XYY)"),
    ],
)
def test_warnings_count_the_sex_chromosomes_together(sex: str, warning: str) -> None:
    assert dispatch(cell(*normal(sex, 0.99))).warnings == (warning,)


def test_no_chromosome_no_type_and_every_warning() -> None:
    outcome = dispatch(np.zeros((0, len(TYPES))))
    assert outcome.types == outcome.moved == ()
    assert len(outcome.warnings) == 23


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 60), peak=st.floats(0.0, 6.0))
def test_every_chromosome_gets_one_type_and_only_surplus_moves(
    seed: int, n: int, peak: float
) -> None:
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1, (n, 24))
    logits[np.arange(n), rng.integers(0, 24, n)] += peak
    table = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    outcome = dispatch(table)
    assert len(outcome.types) == len(outcome.moved) == n
    assert sum(outcome.counts) == n
    assert all(0 <= k < 24 for k in outcome.types)
    ranked = np.argsort(-table, axis=1)
    for i, (kind, moved) in enumerate(zip(outcome.types, outcome.moved, strict=True)):
        assert kind == ranked[i, int(moved)]
    stayed = [k for k, moved in zip(outcome.types, outcome.moved, strict=True) if not moved]
    for k in range(24):
        allowed = 1 if k == Y else 2
        kept = sorted(table[i, k] for i in range(n) if outcome.types[i] == k and ranked[i, 0] == k)
        assert stayed.count(k) <= allowed + (min(kept, default=0) > THRESHOLD)


@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_unequal_chromosomes_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.dirichlet(np.full(24, 0.2), size=30)
    order = rng.permutation(30)
    straight, shuffled = dispatch(table), dispatch(table[order])
    assert shuffled.types == tuple(straight.types[i] for i in order)


@given(counts=st.lists(st.integers(0, 2), min_size=23, max_size=23), seed=st.integers(0, 999))
def test_certain_cells_without_surplus_come_back_unchanged(counts: list[int], seed: int) -> None:
    kinds = [k for k, n in enumerate([*counts, 1]) for _ in range(n)]
    kinds = list(np.random.default_rng(seed).permutation(kinds))
    outcome = dispatch(np.eye(24)[kinds])
    assert outcome.types == tuple(kinds)
    assert not any(outcome.moved)
