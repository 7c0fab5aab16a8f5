"""The complement: ploidy is decided before anything is called a gain or a loss."""

from __future__ import annotations

import pytest

from karyogui.domain.chromosome import AUTOSOMES
from karyogui.domain.complement import NORMAL_SEX, Complement
from karyogui.domain.karyogram import MARKER, TRAY


def whole(ploidy: int, x: int, y: int, **changes: int) -> Complement:
    counts = dict.fromkeys(AUTOSOMES, ploidy) | {"X": x, "Y": y}
    for kind, change in changes.items():
        counts[kind.removeprefix("c")] += change
    return Complement.of(counts)


@pytest.mark.parametrize("ploidy", [2, 3, 4])
def test_normal_cell_of_any_ploidy_has_no_deviations(ploidy: int) -> None:
    for x, y in NORMAL_SEX[ploidy]:
        cell = whole(ploidy, x, y)
        assert cell.ploidy == ploidy
        assert cell.placed == cell.expected == 23 * ploidy
        assert cell.sex_is_normal
        assert cell.deviation_count == 0
        assert cell.autosome_deviations == {}


def test_single_gain_does_not_change_the_ploidy() -> None:
    assert whole(2, 2, 0, c21=1).autosome_deviations == {"21": 1}
    assert whole(3, 3, 0, c21=1).autosome_deviations == {"21": 1}
    assert whole(4, 4, 0, c8=-2).autosome_deviations == {"8": -2}


def test_high_hyperdiploid_cell_stays_diploid_until_triploid_is_nearer() -> None:
    gained = dict.fromkeys(AUTOSOMES, 2) | {"X": 1, "Y": 1} | dict.fromkeys(AUTOSOMES[:11], 3)
    assert Complement.of(gained).ploidy == 2
    assert Complement.of(gained | {"12": 3}).ploidy == 3


def test_one_crowded_slot_does_not_make_a_cell_triploid() -> None:
    assert whole(2, 1, 1, c21=20).ploidy == 2


def test_cell_of_a_few_chromosomes_counts_from_46() -> None:
    cell = Complement.of({"1": 2, "21": 3, "X": 1})
    assert cell.ploidy == 2
    assert cell.is_incomplete
    assert cell.missing == 40


def test_four_missing_are_counted_and_five_are_incomplete() -> None:
    lost = {"c1": -1, "c4": -1, "c13": -1, "c16": -1}
    assert not whole(2, 2, 0, **lost).is_incomplete
    assert whole(2, 2, 0, **lost, c19=-1).is_incomplete


def test_markers_count_and_the_tray_does_not() -> None:
    cell = Complement.of(dict.fromkeys(AUTOSOMES, 2) | {"X": 2, MARKER: 2, TRAY: 5})
    assert cell.placed == 48
    assert cell.markers == 2
    assert cell.unplaced == 5
    assert cell.deviation_count == 2


def test_lone_x_may_have_lost_an_x_or_a_y() -> None:
    assert whole(2, 1, 0).sex_deviations == ({"X": -1, "Y": 0}, {"X": 0, "Y": -1})
    assert whole(2, 3, 0).sex_deviations == ({"X": 1, "Y": 0},)


@pytest.mark.parametrize(
    ("cell", "lacking"),
    [
        (whole(2, 2, 0), set()),
        (whole(2, 1, 1), set()),
        (whole(2, 2, 1), set()),
        (whole(2, 1, 0), {"X", "Y"}),
        (whole(2, 0, 1), {"X"}),
        (whole(2, 0, 2), {"X"}),
        (whole(2, 1, 1, c22=-1), {"22"}),
        (whole(2, 2, 0, c22=-1, c21=1), {"22"}),
        (whole(3, 2, 1, c7=-1), {"7"}),
        (Complement.of({**whole(2, 2, 0, c22=-1).counts, TRAY: 1}), set()),
        (Complement.of({**whole(2, 2, 0, c22=-1, c4=-1).counts, TRAY: 1}), {"4", "22"}),
        (Complement.of({TRAY: 46}), set()),
        (Complement.of({TRAY: 45}), {*AUTOSOMES, "X", "Y"}),
        (Complement.of({TRAY: 47}), {*AUTOSOMES, "X", "Y"}),
        (Complement.of({**whole(2, 2, 0).counts, TRAY: 1}), set()),
    ],
)  # fmt: skip
def test_what_a_cell_lacks_unless_the_tray_may_hold_it(cell: Complement, lacking: set[str]) -> None:
    assert cell.lacking == lacking
