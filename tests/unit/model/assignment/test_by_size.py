"""What is too small for its type, of what lies alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.assignment.by_size import GAP, LEAST_SHARE, MOST_SHARE, SURE, BySize, Sizes, lying_alone
from model.assignment.map_assignment import MapAssignment
from model.scale import REFERENCE_LOG_SIZE
from model.segmentation.base import Instance
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import X, Y
from model.vocabulary.results import FloatArray
from tests.unit.model.assignment.cells import certain, complement, noisy

MALE = complement("XY")
FEMALE = complement("XX")


def areas_of(types: list[int]) -> FloatArray:
    """As large as each type is."""
    return np.exp(2 * REFERENCE_LOG_SIZE[types])


def unsure(kind: int, other: int, share: float = 0.5) -> FloatArray:
    """(24,): `kind` at a probability of `share`, the rest at another type."""
    row = np.full(24, 1e-6)
    row[kind], row[other] = share, 1 - share
    return row / row.sum()


def test_a_marker_does_not_stand_for_the_missing_x() -> None:
    table = certain(FEMALE)
    table[-1] = unsure(X, 6, 0.6)
    areas = areas_of(FEMALE)
    areas[-1] *= 0.5
    forced = MapAssignment()(table)
    assert forced.types[-1] == X
    found = BySize(MapAssignment(), Sizes(areas, np.ones(46, bool)))(table)
    assert found.types == (*FEMALE[:-1], None)
    assert found.counts[X] == 1
    assert found.misfits[45].type == X
    assert found.misfits[45].share == pytest.approx(0.5)
    assert (found.margins[-1], found.moved[-1]) == (0.0, True)
    assert "1 object of unknown type" in found.warnings


def test_clear_bands_keep_their_type_and_are_told_of() -> None:
    """A 5 with a deletion looks like a 5 and is short for one."""
    table, areas = certain(MALE), areas_of(MALE)
    five = MALE.index(4)
    areas[five] *= 0.6
    found = BySize(MapAssignment(), Sizes(areas, np.ones(46, bool)))(table)
    assert found.types == tuple(MALE)
    assert {i: s.type for i, s in found.misfits.items()} == {five: 4}


@pytest.mark.parametrize("sure", [True, False])
def test_what_is_too_large_stays_and_is_told_of(sure: bool) -> None:
    """Dirt may lie on it: it would be a 14 all the same."""
    table, areas = certain(MALE), areas_of(MALE)
    fourteen = MALE.index(13)
    areas[fourteen] *= 1.7
    if not sure:
        table[fourteen] = unsure(13, 14, 0.6)
    found = BySize(MapAssignment(), Sizes(areas, np.ones(46, bool)))(table)
    assert found.types == tuple(MALE)
    assert found.misfits[fourteen].share == pytest.approx(1.7)


def test_what_touches_another_may_be_covered_in_part() -> None:
    table = certain(FEMALE)
    table[-1] = unsure(X, 6, 0.6)
    areas = areas_of(FEMALE)
    areas[-1] *= 0.5
    alone = np.ones(46, bool)
    alone[-1] = False
    method = MapAssignment()
    assert BySize(method, Sizes(areas, alone))(table) == method(table)


def test_whoever_takes_its_place_is_measured_as_well() -> None:
    """Without the first piece the second one is moved to the type that it left open."""
    table = certain(FEMALE[:45])
    table = np.vstack([table, unsure(Y, X, 0.7)])
    table[-2] = unsure(X, 6, 0.7)
    areas = areas_of([*FEMALE[:45], Y])
    areas[-2:] = 0.4 * np.exp(2 * REFERENCE_LOG_SIZE[Y])
    found = BySize(MapAssignment(), Sizes(areas, np.ones(46, bool)))(table)
    assert found.types[-2:] == (None, None)


@pytest.mark.parametrize("factor", [0.6, 1.0, 1.7])
def test_a_scale_that_a_person_set_wrong_changes_nothing(factor: float) -> None:
    table = certain(FEMALE)
    table[-1] = unsure(X, 6, 0.6)
    areas = areas_of(FEMALE) * factor
    areas[-1] *= 0.5
    found = BySize(MapAssignment(), Sizes(areas, np.ones(46, bool)))(table)
    assert list(found.misfits) == [45]
    assert found.types == (*FEMALE[:-1], None)


def test_where_each_picture_was_enlarged_by_itself_sizes_tell_nothing() -> None:
    table, areas = certain(MALE), np.full(46, 900.0)
    method = MapAssignment()
    assert BySize(method, Sizes(areas, np.ones(46, bool)))(table) == method(table)


def test_many_markers_are_still_few() -> None:
    """A tumour: seven of 46 are pieces."""
    table, areas = certain(MALE), areas_of(MALE)
    for i in range(0, 21, 3):
        table[i] = unsure(MALE[i], 20, 0.6)
        areas[i] *= 0.4
    found = BySize(MapAssignment(), Sizes(areas, np.ones(46, bool)))(table)
    assert found.types.count(None) == 7


def test_a_few_have_no_size() -> None:
    """Of a single picture the scale is whatever fits it; unsure as it is, it keeps its type."""
    table = np.array([unsure(2, 17), unsure(17, 2)])
    method = MapAssignment()
    assert BySize(method, Sizes(areas_of([17, 2]), np.ones(2, bool)))(table) == method(table)


@given(seed=st.integers(0, 2**32 - 1), peak=st.floats(0.0, 6.0), spread=st.floats(0.0, 0.5))
def test_nothing_alone_stands_where_it_is_too_small(seed: int, peak: float, spread: float) -> None:
    rng = np.random.default_rng(seed)
    table = noisy(MALE, seed, peak)
    areas = areas_of(MALE) * np.exp(rng.normal(0, spread, 46))
    alone = rng.random(46) < 0.7
    method = MapAssignment(with_margins=False)
    found = BySize(method, Sizes(areas, alone))(table)
    if not found.misfits:  # none, or so many that the scale is doubted
        assert found == method(table)
        return
    there = [(i, k) for i, k in enumerate(found.types) if k is not None and alone[i]]
    middle = np.median([areas[i] / np.exp(2 * REFERENCE_LOG_SIZE[k]) for i, k in there])
    for i, kind in enumerate(found.types):
        if kind is not None and alone[i]:
            share = areas[i] / np.exp(2 * REFERENCE_LOG_SIZE[kind]) / middle
            assert share >= LEAST_SHARE or table[i, kind] >= SURE
            assert (i in found.misfits) == (not LEAST_SHARE <= share <= MOST_SHARE)
    strangers = [i for i in found.misfits if found.types[i] is None]
    rest = [i for i in range(46) if i not in strangers]
    again = method(table[rest])
    assert [found.types[i] for i in rest] == list(again.types)
    assert list(found.disagreeing) == [rest[n] for n in again.disagreeing]


@given(st.permutations(range(46)))
def test_the_order_of_the_pictures_is_nothing(order: list[int]) -> None:
    table = noisy(MALE, 5, 3.0)
    areas = areas_of(MALE)
    areas[[3, 17, 40]] *= 0.4
    alone = np.ones(46, bool)
    method = MapAssignment(with_margins=False)
    straight = BySize(method, Sizes(areas, alone))(table)
    shuffled = BySize(method, Sizes(areas[order], alone))(table[order])
    assert shuffled.counts == straight.counts
    assert {order[i] for i in shuffled.misfits} == set(straight.misfits)


def test_alone_is_what_keeps_away_from_everything() -> None:
    gap = round(GAP)
    objects = [
        block(0, 0),
        block(5 + gap, 0),  # one pixel further than the first one reaches
        block(40, 0),
        block(44, 3),  # crosses the third
        block(80, 0),
        block(85, 4),  # dirt: nobody asks about it
    ]
    chosen = range(5)
    assert lying_alone(objects[:5], chosen, 1.0).tolist() == [True, True, False, False, True]
    assert lying_alone(objects, chosen, 1.0).tolist() == [True, True, False, False, False]
    assert lying_alone(objects, [1, 3], 1.0).tolist() == [True, False]
    assert lying_alone(objects[:2], [0, 1], 0.5).tolist() == [False, False]
    assert lying_alone([], [], 1.0).tolist() == []


def block(x: int, y: int) -> Instance:
    """Five pixels broad, ten high."""
    mask = np.ones((10, 5), bool)
    return Instance(mask, (x, y), ObjectKind.CHROMOSOME, 1.0, (x, y, 5, 10))
