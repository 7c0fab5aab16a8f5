"""Whether bands can be read: other bands than G-bands, their inverse, another scale."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.inference.legibility import (
    FEWEST,
    Legibility,
    inverted,
    legibility,
    measures,
    other_bands,
    profile_of,
    shifted,
)
from model.scale import REFERENCE_LOG_SIZE
from model.vocabulary.results import CellResult, CutOut, FloatArray, ObjectResult, Scale
from tests.unit.model.metaphases import NORMAL_XX

WIDTH = 10


def sure(kinds: Sequence[int], by: float = 0.97) -> FloatArray:
    types = np.full((len(kinds), 24), (1 - by) / 23)
    types[np.arange(len(kinds)), list(kinds)] = by
    return types


def banded(kind: int, seed: int = 0) -> CutOut:
    """An upright chromosome of its type's area, in bands."""
    height = max(8, round(float(np.exp(2 * REFERENCE_LOG_SIZE[kind])) / WIDTH))
    rows = np.random.default_rng(seed).integers(70, 190, (height + 5) // 6).repeat(6)[:height]
    return CutOut(
        rows[:, None].repeat(WIDTH, 1).astype(np.uint8), np.ones((height, WIDTH), bool), 0
    )


def cell_of(types: FloatArray, kinds: Sequence[int], size: float = 1.0) -> CellResult:
    objects = tuple(
        ObjectResult(banded(kind), row, np.array([0.1, 0.9]), (0, 0, 1, 1), kind, 0.9)
        for row, kind in zip(types, kinds, strict=True)
    )
    return CellResult(objects, (), Scale(size))


class Second:
    """A second look that answers with these types."""

    def __init__(self, types: FloatArray) -> None:
        self.types, self.asked = types, 0

    def __call__(self, crops: Sequence[CutOut]) -> tuple[ObjectResult, ...]:
        self.asked += 1
        return cell_of(self.types, NORMAL_XX[: len(crops)]).objects


ONE_KIND = sure([7] * 46, 0.5)


def test_a_cell_of_g_bands_is_read_and_not_looked_at_again() -> None:
    second = Second(ONE_KIND)
    told = legibility(cell_of(sure(NORMAL_XX), NORMAL_XX), second)
    assert told is not None
    assert told.other_bands < 0.02
    assert (told.inverse, second.asked) == (False, 0)
    assert told.scale_fits == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("again", "inverse"), [(sure(NORMAL_XX), True), (ONE_KIND, False)])
def test_other_bands_are_looked_at_inverted(again: FloatArray, inverse: bool) -> None:
    second = Second(again)
    told = legibility(cell_of(ONE_KIND, NORMAL_XX), second)
    assert told is not None
    assert told.other_bands > 0.9
    assert (told.inverse, second.asked) == (inverse, 1)


def test_of_few_chromosomes_nothing_is_told() -> None:
    few = NORMAL_XX[: FEWEST - 1]
    assert legibility(cell_of(sure(few), few), Second(ONE_KIND)) is None
    unseen = cell_of(ONE_KIND, NORMAL_XX)
    unseen = replace(unseen, objects=tuple(replace(o, seen=False) for o in unseen.objects))
    assert legibility(unseen, Second(ONE_KIND)) is None


@pytest.mark.parametrize("size", [0.7, 1.4])
def test_the_scale_that_fits_is_told(size: float) -> None:
    told = legibility(cell_of(sure(NORMAL_XX, 0.999), NORMAL_XX, size), Second(ONE_KIND))
    assert isinstance(told, Legibility)
    assert told.scale_fits == pytest.approx(1 / size, rel=0.05)


def test_abnormal_cells_and_unsure_ones_are_no_other_bands() -> None:
    trisomy = [*NORMAL_XX, 20]
    monosomies = NORMAL_XX[4:]
    for kinds in (trisomy, monosomies):
        assert other_bands(sure(kinds)) < 0.1
    assert other_bands(sure(NORMAL_XX, 0.75)) < 0.1


@pytest.mark.parametrize("sets", [1, 2, 3, 4, 5])
def test_cells_of_other_ploidy_are_no_other_bands_but_scrambled_ones_are(sets: int) -> None:
    whole = [k for k in range(23) for _ in range(sets)]
    for kinds in (whole, [*whole, 7, 13, 17, 20], whole[: -max(1, sets // 2)]):
        assert other_bands(sure(kinds, 0.9)) < 0.1
    few_kinds = [k % 8 for k in range(len(whole))]
    assert other_bands(sure(few_kinds, 0.6)) > 0.9


@pytest.mark.parametrize("seen", [25, 28, 32, 36])
def test_a_cell_of_which_a_part_is_seen_is_hardly_ever_called_other_bands(seen: int) -> None:
    rng = np.random.default_rng(seen)
    parts = [rng.choice(NORMAL_XX, seen, replace=False).tolist() for _ in range(100)]
    assert np.mean([other_bands(sure(part)) < 0.5 for part in parts]) >= 0.9


@given(st.floats(0.1, 1.0), st.floats(0.1, 1.0))
def test_less_sure_is_never_more_readable(one: float, other: float) -> None:
    low, high = sorted((one, other))
    kinds = [k % 22 for k in range(46)]
    assert other_bands(sure(kinds, high)) <= other_bands(sure(kinds, low)) + 1e-9
    assert measures(sure(kinds, high))[1] == measures(sure(kinds, low))[1]


def test_inverting_twice_gives_the_same_bands() -> None:
    one = banded(3, seed=5)
    again = inverted(inverted(one))
    first, last = profile_of(one), profile_of(again)
    other = profile_of(inverted(one))
    assert first is not None
    assert last is not None
    assert other is not None
    assert np.corrcoef(first, last)[0, 1] > 0.95
    assert np.corrcoef(first, other)[0, 1] < -0.5
    assert inverted(one).mask is one.mask


def test_a_speck_has_no_bands_and_stays_as_it_is() -> None:
    speck = CutOut(np.full((3, 3), 90, np.uint8), np.ones((3, 3), bool), 0.0)
    assert profile_of(speck) is None
    assert inverted(speck) is speck


def test_what_is_shifted_stays_within_its_mask_and_the_grey_levels() -> None:
    one = banded(20)
    mask = one.mask.copy()
    mask[:, 0] = False
    told = shifted(replace(one, mask=mask), np.full(len(mask), 300.0))
    assert (told.crop[:, 0] == one.crop[:, 0]).all()
    assert (told.crop[:, 1:] == 250).all()
