import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.data.cells import LabelledCell
from model.data.splits import split
from model.vocabulary.archive import FOLDS, fold_of
from model.vocabulary.errors import ModelError
from tests.unit.model.builders import case_in_fold


def cells(*cases: str) -> list[LabelledCell]:
    """Two cells of each case."""
    return [LabelledCell(case, name, (), (), None) for case in cases for name in ("a", "b")]


def test_folds_never_change() -> None:
    """The weights' cards name a fold: another answer would test on what was trained on."""
    assert [fold_of(case) for case in ("case-0", "case-1", "case-2", "case-3")] == [1, 3, 4, 2]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=30, unique=True))
def test_every_case_is_held_out_in_exactly_one_fold(cases: list[str]) -> None:
    given = cells(*cases)
    held_out = []
    for fold in range(FOLDS):
        apart = [c for c in given if fold_of(c.case) == fold]
        if len(apart) == len(given):
            with pytest.raises(ModelError):
                split(given, fold)
        else:
            kept, apart_now = split(given, fold)
            assert list(apart_now) == apart
            assert {c.case for c in kept}.isdisjoint(c.case for c in apart)
            assert len(kept) + len(apart) == len(given)
        held_out += apart
    assert sorted(c.case for c in held_out) == sorted(c.case for c in given)


def test_folds_are_of_about_one_size() -> None:
    sizes = [sum(fold_of(f"case-{n}") == fold for n in range(500)) for fold in range(FOLDS)]
    assert min(sizes) > 70


def test_holding_out_nothing_trains_on_everything() -> None:
    given = cells("p", "q")
    assert split(given, None) == (tuple(given), ())


def test_nothing_left_to_train_on_is_told() -> None:
    with pytest.raises(ModelError, match="No case is left to train on"):
        split(cells(case_in_fold(2)), 2)
    with pytest.raises(ModelError, match="No case is left to train on"):
        split([], None)
