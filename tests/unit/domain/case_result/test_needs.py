"""What a protocol still asks for."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.case_result import CellStatus, conclude, progress
from tests.unit.domain.case_result.builders import BLOOD, cells, preset, together

COUNTED, KARYOTYPED = CellStatus.COUNTED, CellStatus.KARYOTYPED


def test_three_more_cells_from_the_culture_that_gave_fewest() -> None:
    case = together(cells(10, status=COUNTED), cells(2, status=KARYOTYPED, culture="B"),
                    cells(5, culture="B"))  # fmt: skip
    told = progress(case, BLOOD)
    assert told.needs == ("3 more cells from culture B to count.",)
    assert (told.counted, told.analysed, told.karyotyped) == (17, 7, 2)
    assert told.cultures == ("A", "B")


def test_missing_cells_are_spread_over_the_cultures() -> None:
    case = together(cells(2, status=KARYOTYPED), cells(3, culture="B"))
    assert progress(case, BLOOD).needs[:2] == (
        "8 more cells from culture A to count.",
        "7 more cells from culture B to count.",
    )


def test_nothing_is_needed_of_a_complete_case() -> None:
    case = together(cells(10, status=KARYOTYPED), cells(10, culture="B"))
    assert progress(case, BLOOD).is_complete


def test_a_case_without_cells_needs_everything() -> None:
    assert progress([], BLOOD).needs == (
        "20 more cells to count.",
        "5 more cells to analyse.",
        "2 more cells to karyotype.",
        "Cells from 2 more cultures.",
    )


def test_excluded_scored_and_open_cells_do_not_count() -> None:
    case = together(
        cells(1, status=CellStatus.SCORED),
        cells(1, status=CellStatus.OPEN),
        cells(1, excluded="Too few bands"),
        cells(1, culture="B"),
    )
    assert progress(case, BLOOD).counted == 1


def test_cells_of_no_named_culture_are_told() -> None:
    case = cells(20, status=KARYOTYPED, culture="")
    assert progress(case, BLOOD).needs == (
        "20 counted cells are of no named culture: 2 cultures are asked for.",
    )


def test_every_line_needs_a_karyogram() -> None:
    case = together(cells(10, status=KARYOTYPED), cells(5, culture="B"), cells(5, "X", culture="B"))
    lines = conclude(case, BLOOD).lines
    assert progress(case, BLOOD, lines).needs == ("1 more karyogram of the line with -X.",)


def test_colonies_are_counted_and_no_more_than_two_cells_of_each_are_taken() -> None:
    in_situ = preset("Amniotic fluid, in situ")
    one = cells(3, colony="7", status=KARYOTYPED)
    others = [cells(1, culture="B", colony=f"{n}") for n in range(12)]
    told = progress(together(one, *others), in_situ)
    assert told.counted == 13
    assert told.needs == (
        "2 more colonies from culture A to count.",
        "3 cells of colony 7 of culture A: no more than 2 are taken.",
    )


def test_bands_below_the_least_are_told() -> None:
    case = together(cells(10, status=KARYOTYPED, bands=350), cells(10, culture="B"))
    assert progress(case, BLOOD).needs == ("No karyogram reaches 400 bands; the best has 350.",)


@given(st.integers(0, 40), st.integers(0, 40))
def test_as_many_are_asked_for_as_are_missing(a: int, b: int) -> None:
    case = together(cells(a, status=KARYOTYPED), cells(b, status=KARYOTYPED, culture="B"))
    needs = [n for n in progress(case, BLOOD).needs if n.endswith("to count.")]
    assert sum(int(need.split()[0]) for need in needs) == max(0, 20 - a - b)
    one_more = progress([*case, replace(cells(1)[0], id=999)], BLOOD)
    assert one_more.counted == a + b + 1
