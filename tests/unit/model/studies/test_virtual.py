"""Virtual cells are what their kind says, of chromosomes that may be used."""

from collections import Counter

import numpy as np
import pytest

from model.data.cells import is_normal
from model.evaluation.cells.by_case import CrossFit
from model.studies.assignment_outcomes import counts_in
from model.studies.virtual import (
    ABNORMAL,
    ALIKE,
    BALANCED,
    BALANCED_KINDS,
    FLAT,
    GAIN,
    LOSS,
    NORMAL,
    PARTIAL,
    SEX_KINDS,
    STRAY,
    TORN,
    TRIPLOID,
    MadeCell,
    made_cells,
)
from model.vocabulary.labels import TYPES, X, Y
from tests.unit.model.simulated import normal_formulas, simulate

FORMULAS = [*normal_formulas(8), "XY +21", "XX -X"]


@pytest.fixture(scope="module")
def fitted() -> CrossFit:
    return CrossFit.of(simulate(FORMULAS))


@pytest.fixture(scope="module")
def made(fitted: CrossFit) -> tuple[MadeCell, ...]:
    return made_cells(fitted, at_least=200)


def deviation(fitted: CrossFit, cell: MadeCell) -> dict[str, int]:
    """Copies more or less than the host has, by type."""
    now = counts_in(cell.types(fitted.posteriors.types))
    host = fitted.posteriors.counts[cell.host]
    return {TYPES[k]: now[k] - int(host[k]) for k in range(24) if now[k] != host[k]}


def test_real_cells_come_as_they_are(fitted: CrossFit, made: tuple[MadeCell, ...]) -> None:
    real = [cell for cell in made if cell.kind in (NORMAL, ABNORMAL)]
    assert Counter(cell.kind for cell in real) == {NORMAL: 8, ABNORMAL: 2}
    for cell in real:
        assert cell.rows.tolist() == fitted.posteriors.members(cell.host).tolist()


def test_gains_and_losses_are_evenly_of_every_autosome(
    fitted: CrossFit, made: tuple[MadeCell, ...]
) -> None:
    for kind, step in ((GAIN, 1), (LOSS, -1)):
        cells = [cell for cell in made if cell.kind == kind]
        assert len(cells) >= 200
        assert set(Counter(cell.change for cell in cells)) == set(TYPES[:X])
        assert set(Counter(cell.change for cell in cells).values()) == {10}
        for cell in cells:
            assert deviation(fitted, cell) == {cell.change: step}


def test_sex_complements(fitted: CrossFit, made: tuple[MadeCell, ...]) -> None:
    wanted = {"XXY": (2, 1), "XYY": (1, 2), "XXX": (3, 0), "45,X": (1, 0)}
    seen = Counter()
    for cell in made:
        if cell.kind in SEX_KINDS:
            counts = counts_in(cell.types(fitted.posteriors.types))
            assert counts[X:] == wanted[cell.kind]
            assert set(counts[:X]) == {2}
            seen[cell.kind] += 1
    assert seen == {"XXY": 8, "XYY": 4, "XXX": 4, "45,X": 8}


def test_balanced_changes_keep_the_number(fitted: CrossFit, made: tuple[MadeCell, ...]) -> None:
    for kind, (gained, lost) in zip(BALANCED_KINDS, BALANCED, strict=True):
        cells = [cell for cell in made if cell.kind == kind]
        assert len(cells) == 8
        for cell in cells:
            assert len(cell.rows) == 46
            assert deviation(fitted, cell) == {gained: 1, lost: -1}


def test_triploid_and_incomplete_cells(fitted: CrossFit, made: tuple[MadeCell, ...]) -> None:
    triploid = [cell for cell in made if cell.kind == TRIPLOID]
    assert len(triploid) == 8
    for cell in triploid:
        counts = counts_in(cell.types(fitted.posteriors.types))
        assert counts[:X] == (3,) * X
        assert counts[X] + counts[Y] == 3
    for cell in made:
        if cell.kind == PARTIAL:
            assert len(set(cell.rows.tolist())) == 35


def test_debris_is_no_chromosome(fitted: CrossFit, made: tuple[MadeCell, ...]) -> None:
    for kind in (FLAT, TORN, ALIKE):
        cells = [cell for cell in made if cell.kind == kind]
        assert len(cells) == 8
        for cell in cells:
            assert cell.types(fitted.posteriors.types).tolist()[46:] == [STRAY]
            assert cell.debris.sum() == pytest.approx(1)
    torn = [np.sort(cell.debris[0])[-2:] for cell in made if cell.kind == TORN]
    assert np.mean([low for low, _ in torn]) > 0.3
    assert np.mean([cell.debris.max() for cell in made if cell.kind == FLAT]) < 0.4


def test_donors_are_normal_cells_of_the_same_half_and_first_of_the_same_case(
    fitted: CrossFit, made: tuple[MadeCell, ...]
) -> None:
    posteriors = fitted.posteriors
    for cell in made:
        strangers = {int(posteriors.cell[row]) for row in cell.rows} - {cell.host}
        for stranger in strangers:
            assert is_normal(tuple(posteriors.counts[stranger].tolist()))
            assert fitted.half[stranger] == fitted.half[cell.host]
            # Every case of the simulation has a second cell, of the same sex.
            if cell.kind == GAIN:
                assert posteriors.cases[stranger] == posteriors.cases[cell.host]
        assert len(set(cell.rows.tolist())) == len(cell.rows)


def test_the_seed_decides(fitted: CrossFit) -> None:
    def drawn(seed: int) -> list[list[int]]:
        return [cell.rows.tolist() for cell in made_cells(fitted, 44, seed)]

    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)


def test_without_normal_cells_there_are_only_real_ones() -> None:
    made = made_cells(CrossFit.of(simulate(["XX +21"] * 4)), 44)
    assert [cell.kind for cell in made] == [ABNORMAL] * 4
