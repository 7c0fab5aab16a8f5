"""The worked examples of the rules, each by its number."""

from __future__ import annotations

import pytest

from karyogui.domain.case_result import CaseResult, conclude
from karyogui.domain.case_result.remarks import limits
from karyogui.domain.iscn import check
from tests.unit.domain.case_result.builders import BLOOD, MARROW, cells, preset, together

PH = "t(9;22)(q34;q11.2)"


def text_of(result: CaseResult) -> str:
    """The string, which the checker finds valid."""
    assert check(result.text).problems == ()
    return result.text


def test_1_a_turner_mosaic() -> None:
    case = together(cells(5, "X"), cells(15, "XX"))
    result = conclude(case, BLOOD)
    assert text_of(result) == "mos 45,X[5]/46,XX[15]"
    share, low, high = result.share(result.lines[0])
    assert share == 0.25
    assert (round(100 * low, 1), round(100 * high, 1)) == (8.7, 49.1)
    assert result.excluded is None


def test_2_a_loss_in_two_cells_is_no_clone() -> None:
    result = conclude(together(cells(2, "X"), cells(18, "XX")), BLOOD)
    assert text_of(result) == "46,XX[20]"
    [told] = result.remarks
    assert told == (
        "-X in 2 cells: a loss is clonal from 3 on. Its share is between 1.2 and 31.7 %. "
        "Extend to 30 or 50 cells."
    )
    assert result.excluded is None  # what was seen is not excluded
    assert result.lines[0].strays == {1: ("-X",), 2: ("-X",)}


def test_3_a_single_gain_asks_for_more_cells() -> None:
    result = conclude(together(cells(1, "XX", "+21"), cells(19)), BLOOD)
    assert text_of(result) == "46,XX[20]"
    assert result.remarks[0].endswith("Extend to 30 or 50 cells.")


def test_4_a_gain_in_two_cells_is_a_mosaic() -> None:
    result = conclude(together(cells(2, "XX", "+21"), cells(18)), BLOOD)
    assert text_of(result) == "mos 47,XX,+21[2]/46,XX[18]"
    _, low, high = result.share(result.lines[0])
    assert (round(100 * low, 1), round(100 * high, 1)) == (1.2, 31.7)


def test_5_single_losses_are_chance() -> None:
    case = together(cells(1, "XX", "-4"), cells(1, "XX", "-9"), cells(1, "XX", "-17"), cells(17))
    result = conclude(case, BLOOD)
    assert text_of(result) == "46,XX[20]"
    assert result.remarks == ("Single losses (-4, -9, -17): taken for chance in the preparation.",)
    assert result.excluded == 14


def test_6_three_lines_the_largest_first_and_the_normal_last() -> None:
    result = conclude(together(cells(33), cells(5, "XXX"), cells(12, "X")), BLOOD)
    assert text_of(result) == "mos 45,X[12]/47,XXX[5]/46,XX[33]"


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("sl", f"46,XY,{PH}[6]/47,sl,+8[13]/46,XY[1]"),
        ("idem", f"46,XY,{PH}[6]/47,idem,+8[13]/46,XY[1]"),
    ],
)
def test_7_a_side_line_refers_to_the_stem_line(word: str, text: str) -> None:
    case = together(
        cells(13, "XY", "+8", structural=(PH,)), cells(6, "XY", structural=(PH,)), cells(1, "XY")
    )
    assert text_of(conclude(case, preset("Marrow", stem_word=word))) == text


def test_8_a_stem_line_of_one_cell_is_seen_in_its_side_line() -> None:
    case = together(
        cells(1, "XY", structural=(PH,)), cells(3, "XY", "+8", structural=(PH,)), cells(16, "XY")
    )
    result = conclude(case, MARROW)
    assert text_of(result) == f"46,XY,{PH}[1]/47,sl,+8[3]/46,XY[16]"
    decision = next(d for d in result.decisions if d.copy.change == PH)
    assert decision.reason == f"{PH} in 4 cells: a gain or structural change is clonal from 2 on."
    assert decision.cells == (1, 2, 3, 4)


def test_9_a_loss_in_two_cells_of_a_marrow_suggests_fish() -> None:
    result = conclude(together(cells(2, "XY", "-7"), cells(18, "XY")), MARROW)
    assert text_of(result) == "46,XY[20]"
    assert result.remarks == (
        "-7 in 2 cells: a loss is clonal from 3 on. Its share is between 1.2 and 31.7 %. "
        "FISH would show more.",
    )


def test_10_cells_of_one_colony_stand_for_one() -> None:
    case = together(
        *(cells(3 if n < 6 else 2, culture="A" if n < 6 else "B", colony=f"{n}") for n in range(12))
    )
    assert len(case) == 30
    result = conclude(case, preset("Amniotic fluid, in situ"))
    assert result.units == 12
    assert result.excluded == 23  # rounded up: never more than was shown
    assert round(100 * (1 - 0.05 ** (1 / 12)), 1) == 22.1
    assert round(100 * (1 - 0.05 ** (1 / 30)), 1) == 9.5
    told = limits(result.units, result.protocol, is_alike=True)
    assert told.startswith("12 colonies alike exclude mosaicism of 23 % or more with 95 % confid")
