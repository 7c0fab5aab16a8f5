"""Lines of a donor: behind those of the recipient, whose they are told or marked."""

from __future__ import annotations

import pytest

from karyogui.domain.case_result import CaseCell, CellStatus, Constitution, RulingKind, conclude
from tests.unit.domain.case_result.builders import (
    MARROW,
    PH,
    cells,
    marked,
    ruling,
    together,
    valid,
)


@pytest.mark.parametrize(
    ("recipient", "donor", "abnormal", "text"),
    [
        ((cells(5, "XX"),), 15, 0, "46,XX[5]//46,XY[15]"),
        ((cells(3, "XX", "+8"), cells(2, "XX")), 15, 3, "47,XX,+8[3]/46,XX[2]//46,XY[15]"),
        ((), 20, 0, "//46,XY[20]"),
    ],
)
def test_a_donors_lines_stand_behind_those_of_the_recipient(
    recipient: tuple[list[CaseCell], ...], donor: int, abnormal: int, text: str
) -> None:
    case = together(*recipient, cells(donor, "XY"))
    result = conclude(case, MARROW, Constitution("XX"), [ruling(RulingKind.DONOR)])
    assert result.text == text
    assert result.remarks == ()
    assert result.abnormal_count == abnormal
    assert [len(line.cells) for line in result.lines][-1] == donor
    # A later word takes the place of the earlier one.
    both = [ruling(RulingKind.DONOR), ruling(RulingKind.CHIMERA)]
    assert "//" not in conclude(case, MARROW, Constitution("XX"), both).text


@pytest.mark.parametrize(
    ("recipient", "donor", "text"),
    [
        ((cells(5, "XX"),), (cells(15, "XX"),), "46,XX[5]//46,XX[15]"),
        (
            (cells(4, "XX", structural=(PH,)), cells(1, "XX")),
            (cells(15, "XX"),),
            f"46,XX,{PH}[4]/46,XX[1]//46,XX[15]",
        ),
        ((cells(4, "XX", structural=(PH,)),), (cells(1, "XY"),), f"46,XX,{PH}[4]//46,XY[1]"),
        ((cells(2, "XX"),), (cells(18, "XY"),), "46,XX[2]//46,XY[18]"),
        (
            (cells(3, "XX", structural=(PH,)), cells(2, "XX", "+8", structural=(PH,))),
            (cells(3, "XX", structural=(PH,)), cells(2, "XX", "+8", structural=(PH,))),
            f"46,XX,{PH}[3]/47,sl,+8[2]//46,XX,{PH}[3]/47,XX,+8,{PH}[2]",
        ),
        ((), (cells(20, "XX"),), "//46,XX[20]"),
    ],
)
def test_cells_marked_as_a_donors_are_lines_of_their_own(
    recipient: tuple[list[CaseCell], ...], donor: tuple[list[CaseCell], ...], text: str
) -> None:
    case = together(*recipient, *donor)
    own = sum(len(some) for some in recipient)
    result = conclude(case, MARROW, rulings=marked(case[own:]))
    assert valid(result) == text
    assert {i for line in result.lines if line.donor for i in line.cells} == {
        cell.id for cell in case[own:]
    }
    assert not any("disagree on sex" in told for told in result.remarks)


def test_the_stem_line_of_two_donors_stands_first_whatever_their_sex() -> None:
    """The other sex is no change: it does not make a stem line as large as its side line."""
    case = together(
        cells(5, "XX", "+8", structural=(PH,)),
        cells(2, "XY", "+8"),
        cells(2, "XY", structural=(PH,)),
    )
    result = conclude(case, MARROW, Constitution("XX"), rulings=marked(case))
    assert result.problem == ""
    assert valid(result) == f"//47,XY,+8[2]/46,XY,{PH}[2]/47,XX,+8,{PH}[5]"


def test_a_donors_cell_that_is_left_out_is_told_and_the_others_of_that_sex_are_asked_about() -> (
    None
):
    case = together(cells(5, "XX"), cells(3, "XY"), cells(1, "XX", status=CellStatus.OPEN))
    rulings = [*marked(case[5:6]), *marked(case[-1:])]
    result = conclude(case, MARROW, Constitution("XX"), rulings)
    assert result.text == "46,XY[2]/46,XX[5]//46,XY[1]"
    assert any("2 cells are XY" in told for told in result.remarks)
    assert any(f"That {case[-1].name} is a donor's" in told for told in result.remarks)
