"""Shapes, atoms and the choice among them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from model.segmentation.atoms import Atoms, atoms_of
from model.segmentation.hypotheses import VALUES, Hypothesis, choose, cores, hypotheses_of
from model.segmentation.judge import probabilities
from model.segmentation.shape import shape_of, thinned
from model.training.fit_judge import fit

WIDTH = 14
EIGHT = np.ones((3, 3))
Mask = NDArray[np.bool_]


def stroke(*points: tuple[int, int], size: tuple[int, int] = (160, 160)) -> Mask:
    mask = np.zeros(size, np.uint8)
    cv2.polylines(mask, [np.array(points)], False, 1, WIDTH)
    return mask > 0


def grey_of(mask: Mask) -> NDArray[np.uint8]:
    return np.where(mask, 110, 255).astype(np.uint8)


CROSS = stroke((20, 40), (140, 120)) | stroke((20, 120), (140, 40))
BAR = stroke((30, 80), (130, 80))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1.0, 4.0))
def test_thinning_keeps_parts_and_holes(seed: int, grain: float) -> None:
    noise = np.random.default_rng(seed).normal(size=(40, 40))
    mask = ndimage.gaussian_filter(noise, grain) > 0.02
    thin = thinned(mask)
    assert not (thin & ~mask).any()
    assert ndimage.label(thin, EIGHT)[1] == ndimage.label(mask, EIGHT)[1]
    holes = [ndimage.label(~np.pad(m, 1))[1] for m in (thin, mask)]
    assert holes[0] == holes[1]
    solid = ndimage.minimum_filter(thin.astype(np.uint8), size=3)
    assert not solid.any()


def test_the_shape_of_a_bar() -> None:
    shape = shape_of(BAR, WIDTH)
    assert shape.ends == 2
    assert shape.length == pytest.approx(100 + WIDTH, abs=6)
    assert shape.radius == pytest.approx(WIDTH / 2, abs=1.0)
    assert shape.ribbon > 0.97
    assert shape.bend < 0.2


def test_the_shape_of_a_cross_has_four_ends_and_a_corner_bends() -> None:
    assert shape_of(CROSS, WIDTH).ends == 4
    corner = shape_of(stroke((30, 130), (80, 40), (130, 130)), WIDTH)
    assert corner.ends == 2
    assert corner.bend > 0.5


@given(st.integers(1, 3), st.integers(1, 3))
def test_the_smallest_masks_have_a_shape(height: int, width: int) -> None:
    shape = shape_of(np.ones((height, width), bool), WIDTH)
    assert shape.area == height * width
    assert shape.length > 0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(10, 150), st.integers(10, 150)), min_size=3, max_size=6))
def test_atoms_are_a_partition_of_the_mask(points: list[tuple[int, int]]) -> None:
    mask = stroke(*points)
    atoms = atoms_of(mask, grey_of(mask), WIDTH)
    assert np.array_equal(atoms.labels > 0, mask)
    assert set(np.unique(atoms.labels[mask])) == set(range(1, atoms.count + 1))
    for _, a, b in atoms.cuts:
        assert a != b
        assert 1 <= min(a, b) <= max(a, b) <= atoms.count


def test_a_crossing_has_four_arms_and_a_middle_that_two_may_claim() -> None:
    atoms = atoms_of(CROSS, grey_of(CROSS), WIDTH)
    assert atoms.count == 5
    middle = cores(atoms, WIDTH)
    assert middle == {int(atoms.labels[80, 80])}


def test_a_bar_with_no_notch_is_one_atom() -> None:
    assert atoms_of(BAR, grey_of(BAR), WIDTH).count == 1


def test_every_atom_alone_and_the_whole_are_among_the_hypotheses() -> None:
    atoms = atoms_of(CROSS, grey_of(CROSS), WIDTH)
    found = hypotheses_of(atoms, grey_of(CROSS), WIDTH, 4.0 * WIDTH**2)
    sets = {h.atoms for h in found}
    assert len(sets) == len(found)
    assert {frozenset({a}) for a in range(1, 6)} <= sets
    assert frozenset(range(1, 6)) in sets
    for one in found:
        assert len(one.values) == len(VALUES)
        assert np.isfinite(one.values).all()
        assert np.array_equal(one.mask, np.isin(atoms.labels, list(one.atoms)))


def test_the_opposite_arms_of_a_crossing_are_chosen_with_the_middle_in_both() -> None:
    atoms = atoms_of(CROSS, grey_of(CROSS), WIDTH)
    found = hypotheses_of(atoms, grey_of(CROSS), WIDTH, 5.0 * WIDTH**2)
    sure = probabilities(np.stack([h.values for h in found]))
    assert ((sure >= 0) & (sure <= 1)).all()
    taken = choose(atoms, found, sure - 0.25, cores(atoms, WIDTH))
    at, middle = atoms.labels, int(atoms.labels[80, 80])
    assert {found[i].atoms for i in taken} == {
        frozenset({int(at[45, 28]), middle, int(at[115, 132])}),
        frozenset({int(at[115, 28]), middle, int(at[45, 132])}),
    }


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_choice_covers_every_atom_and_shares_only_the_middle(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 5))
    atoms = Atoms(np.arange(1, count + 1, dtype=np.int32)[None], count, ())
    subsets = [frozenset({a}) for a in range(1, count + 1)]
    more = st.frozensets(st.integers(1, count), min_size=1)
    subsets += [s for s in data.draw(st.lists(more, max_size=6)) if s not in subsets]
    nothing = np.zeros((1, count), bool)
    hypotheses = [Hypothesis(s, nothing, np.zeros(0)) for s in subsets]
    gains = st.floats(-1, 1, allow_nan=False)
    wanted = np.array(data.draw(st.lists(gains, min_size=len(subsets), max_size=len(subsets))))
    shareable = data.draw(st.frozensets(st.integers(1, count)))
    taken = choose(atoms, hypotheses, wanted, shareable)
    times = [sum(a in subsets[i] for i in taken) for a in range(1, count + 1)]
    assert all(1 <= n <= (2 if a in shareable else 1) for a, n in enumerate(times, 1))
    singles = sum(wanted[i] for i in range(count))
    assert sum(wanted[i] for i in taken) >= singles - 1e-6


def test_the_fitted_table_tells_whole_from_broken() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(600, len(VALUES)))
    ribbon = VALUES.index("ribbon")
    text = fit(values, values[:, ribbon] + 0.1 * rng.normal(size=600) > 0)
    table: dict[str, object] = {}
    exec(compile(text, "table", "exec"), table)
    terms = table["TERMS"]
    assert isinstance(terms, tuple)
    weight = {(first, second): w for first, second, w in terms}
    strongest = max(weight, key=lambda pair: abs(weight[pair]))
    assert strongest == ("ribbon", "")
    assert weight[strongest] > 0
