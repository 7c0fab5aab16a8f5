"""Lines, clones and levels beyond the worked examples; what persons overrule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.case_result import (
    CaseCell,
    CellStatus,
    Constitution,
    Protocol,
    RulingKind,
    conclude,
)
from tests.unit.domain.case_result.builders import (
    BLOOD,
    MARROW,
    PH,
    board,
    cells,
    marked,
    preset,
    ruling,
    together,
    valid,
)

FLASK = preset("Amniotic fluid, flask")


# -- constitutional --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sex", "changes", "text"),
    [
        ("XX", (), "46,XX[20]"),
        ("X", (), "45,X[20]"),
        ("XXY", (), "47,XXY[20]"),
        ("XYY", (), "47,XYY[20]"),
        ("XX", ("+21",), "47,XX,+21[20]"),
        ("XXY", ("+21",), "48,XXY,+21[20]"),
        ("XX", ("+mar",), "47,XX,+mar[20]"),
        ("XX", ("+8", "+8"), "48,XX,+8,+8[20]"),
    ],
)
def test_what_every_cell_shows(sex: str, changes: tuple[str, ...], text: str) -> None:
    assert valid(conclude(cells(20, sex, *changes), BLOOD)) == text


def test_a_triploid_case() -> None:
    counts = {kind: 3 for kind in board() if kind.isdigit()} | {"X": 2, "Y": 1}
    case = [replace(cell, counts=counts) for cell in cells(20)]
    assert valid(conclude(case, BLOOD)) == "69,XXY[20]"


@pytest.mark.parametrize(
    ("counts", "structural", "text"),
    [
        # A derivative stands in the slot of its own type: one 14 less is explained by der(13;14).
        (board("XX", "-14"), ("der(13;14)(q10;q10)",), "45,XX,der(13;14)(q10;q10)[5]"),
        (board("XX", "+21"), ("+der(21)t(2;21)(p21;q22)",), "47,XX,+der(21)t(2;21)(p21;q22)[5]"),
        (board("XX"), ("i(X)(q10)",), "46,X,i(X)(q10)[5]"),
        (board("XY"), ("t(X;8)(p11.2;q24)",), "46,Y,t(X;8)(p11.2;q24)[5]"),
        (board("XX", "+mar"), ("+mar1",), "47,XX,+mar1[5]"),
    ],
)
def test_structural_changes_explain_the_board(
    counts: dict[str, int], structural: tuple[str, ...], text: str
) -> None:
    case = [replace(c, counts=counts, structural=structural) for c in cells(5)]
    assert valid(conclude(case, BLOOD)) == text


def test_too_few_cells_that_all_agree_are_not_taken_for_chance() -> None:
    result = conclude(cells(2, "X"), BLOOD)
    assert valid(result) == "45,X[2]"
    assert result.remarks == (
        "-X in every one of 2 cells, which are fewer than the 3 that a loss needs.",
    )


def test_cells_that_disagree_on_sex_are_told_and_not_called_a_mosaic() -> None:
    result = conclude(together(cells(17, "XX"), cells(3, "XY")), BLOOD)
    assert valid(result) == "46,XX[17]/46,XY[3]" or valid(result) == "46,XY[3]/46,XX[17]"
    assert result.remarks[0].startswith("The cells disagree on sex: 3 cells are XY.")
    chimera = conclude(
        together(cells(17, "XX"), cells(3, "XY")), BLOOD, rulings=[ruling(RulingKind.CHIMERA)]
    )
    assert chimera.text.startswith("chi ")
    assert chimera.remarks == ()


def test_related_lines_of_different_sex_stand_with_the_fewest_changes_first() -> None:
    case = together(cells(2, "XY", structural=(PH,)), cells(3, "XX", "+8", structural=(PH,)))
    result = conclude(case, BLOOD, Constitution("XY"))
    assert valid(result) == f"46,XY,{PH}[2]/47,XX,+8,{PH}[3]"


def test_a_single_cell_of_the_other_sex_is_told_too() -> None:
    result = conclude(together(cells(19, "XX"), cells(1, "XY")), BLOOD)
    assert valid(result) == "46,XX[20]"
    assert result.remarks[0].startswith("The cells disagree on sex: 1 cell is XY.")
    assert result.lines[0].strays == {20: ("sex XY",)}


def test_counted_cells_join_the_line_that_they_agree_with() -> None:
    inv = "inv(2)(p11.2q13)"
    case = together(
        cells(5, structural=(inv,), status=CellStatus.KARYOTYPED),
        cells(14, status=CellStatus.COUNTED),
        [CaseCell(0, "counted", CellStatus.COUNTED, number=46)],
    )
    assert valid(conclude(case, BLOOD)) == f"46,XX,{inv}[20]"


def test_a_counted_number_that_no_line_has_is_left_out_and_told() -> None:
    case = together(cells(5), [CaseCell(0, "c", CellStatus.COUNTED, number=47)])
    result = conclude(case, BLOOD)
    assert result.text == "46,XX[5]"
    assert result.left_out[0].reason == "47 chromosomes counted, and no line has so many."
    assert result.remarks == (
        "5 of 6 cells counted are in lines. Left out: "
        "1: 47 chromosomes counted, and no line has so many.",
    )


def test_a_counted_cell_does_not_choose_between_lines_that_differ_in_structure() -> None:
    case = together(
        cells(3, structural=("del(5)(q13q33)",)), cells(3), cells(1, status=CellStatus.COUNTED)
    )
    result = conclude(case, BLOOD)
    assert valid(result) == "mos 46,XX,del(5)(q13q33)[3]/46,XX[3]"
    assert result.left_out[0].reason == "Only counted: several lines have these numbers."


def test_marks_and_board_that_disagree_are_told() -> None:
    case = together(cells(5), cells(1, status=CellStatus.COUNTED, number=45))
    [left] = conclude(case, BLOOD).left_out
    assert left.reason == "45 chromosomes were counted, but 46 are on its board."


# -- prenatal --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "level", "text"),
    [
        (together(cells(1, "XX", "+20"), cells(19, culture="B")), "I", "46,XX[20]"),
        (together(cells(4, "XX", "+20"), cells(16, culture="B")), "II", "46,XX[20]"),
        (
            together(
                cells(2, "XX", "+20"), cells(2, "XX", "+20", culture="B"), cells(16, culture="B")
            ),
            "III",
            "mos 47,XX,+20[4]/46,XX[16]",
        ),
        (together(cells(4, "XX", "+20", culture=""), cells(16, culture="B")), "II", "46,XX[20]"),
    ],
)
def test_levels_of_prenatal_mosaicism(case: list[CaseCell], level: str, text: str) -> None:
    result = conclude(case, FLASK)
    assert result.decisions[0].level == level
    assert valid(result) == text
    if level != "III":
        assert result.remarks[0].endswith("Examine more cells of other cultures.")


def test_two_cells_of_one_colony_are_one_observation() -> None:
    in_situ = preset("Amniotic fluid, in situ")
    case = together(
        cells(2, "XX", "+20", colony="1"),
        *(cells(1, culture="B", colony=f"{n}") for n in range(14)),
    )
    assert conclude(case, in_situ).decisions[0].level == "I"


def test_what_every_cell_shows_needs_no_second_culture() -> None:
    assert valid(conclude(cells(20, "XX", "+21"), FLASK)) == "47,XX,+21[20]"


# -- neoplastic ------------------------------------------------------------------------------------


def test_an_acquired_loss_of_y() -> None:
    case = cells(20, "X")
    assert valid(conclude(case, MARROW, Constitution("XY"))) == "45,X,-Y[20]"
    assert valid(conclude(case, BLOOD, Constitution("XY"))) == "45,X[20]"


@pytest.mark.parametrize(
    ("constitution", "case", "text"),
    [
        (Constitution("XX", ("+21",)), cells(20, "XX", "+21"), "47,XX,+21c[20]"),
        (Constitution("XY", ("+21",)), cells(20, "XY", "+21", "+21"), "48,XY,+21c,+21[20]"),
        (Constitution("XY", ("+21",)), cells(20, "XY"), "46,XY,+21c,-21[20]"),
        (Constitution("XXYY"), cells(20, "XXXYY"), "49,XXYYc,+X[20]"),
        (Constitution("XXY"), cells(20, "XY"), "46,XXYc,-X[20]"),
    ],
)
def test_constitutional_changes_carry_a_c(
    constitution: Constitution, case: list[CaseCell], text: str
) -> None:
    assert valid(conclude(case, MARROW, constitution)) == text


def test_evolution_goes_on_from_the_side_line() -> None:
    case = together(
        cells(6, "XY", structural=(PH,)),
        cells(5, "XY", "+8", structural=(PH,)),
        cells(4, "XY", "+8", "+19", structural=(PH,)),
        cells(5, "XY"),
    )
    told = f"46,XY,{PH}[6]/47,sl,+8[5]/48,sdl1,+19[4]/46,XY[5]"
    assert valid(conclude(case, MARROW)) == told


def test_unrelated_clones_stand_by_size() -> None:
    case = together(cells(4, "XY", "+8"), cells(6, "XY", structural=(PH,)), cells(10, "XY"))
    assert valid(conclude(case, MARROW)) == f"46,XY,{PH}[6]/47,XY,+8[4]/46,XY[10]"


def test_many_diverse_cells_are_a_composite() -> None:
    case = together(
        cells(1, "XX", "+8", "+9"),
        cells(1, "XX", "+8", "+9", "+19"),
        cells(1, "XX", "+8", "+19"),
        cells(1, "XX", "+8", "+9", "+19", "+21"),
        cells(1, "XX", "+8", "+21"),
        cells(2, "XX"),
    )
    result = conclude(case, MARROW)
    assert valid(result) == "48~50,XX,+8[5],+9[3],+19[3],+21[2][cp5]/46,XX[2]"
    apart = conclude(case, MARROW, rulings=[ruling(RulingKind.SEPARATE)])
    assert "cp" not in valid(apart)


HYPERDIPLOID = ["+4", "+5", "+6", "+8", "+10", "+14", "+14", "+17", "+18", "+20", "+21", "+21"]


def multiplied(level: int, sex: str, **changes: int) -> dict[str, int]:
    """Counts of a cell of another ploidy, with gains and losses by type (`c8=1`)."""
    counts = {kind: level for kind in board() if kind.isdigit()}
    counts |= {"X": sex.count("X"), "Y": sex.count("Y"), "mar": 0}
    for kind, by in changes.items():
        counts[kind.removeprefix("c")] += by
    return counts


@pytest.mark.parametrize(
    ("sex", "counts", "text"),
    [
        ("XX", multiplied(3, "XXX", c1=1, c7=-1, c9=-1), "68<3n>,XXX,+1,-7,-9[20]"),
        ("XX", multiplied(3, "XX", c8=1), "69<3n>,XX,-X,+8[20]"),
        ("XX", multiplied(3, "XXXX"), "70<3n>,XXX,+X[20]"),
        ("XX", multiplied(1, "X", c8=1, c21=1), "25<1n>,X,+8,+21[20]"),
        ("XY", multiplied(4, "XXY", c20=1), "92<4n>,XXY,-Y,+20[20]"),
        ("XY", multiplied(3, "XXY", mar=2), "71<3n>,XXY,+2mar[20]"),
        ("XY", multiplied(4, "XXYY"), "92,XXYY[20]"),
        ("XX", board("XX", *HYPERDIPLOID), f"58<2n>,XX,{','.join(HYPERDIPLOID)}[20]"),
    ],
)
def test_what_a_tumour_gained_or_lost_is_told_from_its_ploidy(
    sex: str, counts: dict[str, int], text: str
) -> None:
    case = [replace(cell, counts=counts) for cell in cells(20)]
    result = conclude(case, MARROW, Constitution(sex))
    assert valid(result) == text


def test_cells_without_sex_chromosomes_are_asked_about() -> None:
    result = conclude([replace(cell, counts=board("")) for cell in cells(20)], BLOOD)
    assert result.text == ""
    assert result.problem == (
        "The lines cannot be written: there are no sex chromosomes; is an X among group C?"
    )
    (line,) = conclude([replace(cell, counts=multiplied(3, "")) for cell in cells(20)], BLOOD).lines
    assert line.texts == ("<3n>", "sex none")


def test_a_triploid_person_is_no_tumour() -> None:
    case = [replace(cell, counts=multiplied(3, "XX", c13=1)) for cell in cells(20)]
    assert valid(conclude(case, BLOOD)) == "69,XX,+13[20]"


def test_markers_of_a_composite_are_one_item() -> None:
    case = together(
        cells(1, "XX", "+8", "+mar"),
        cells(1, "XX", "+8", "+mar", "+mar"),
        cells(1, "XX", "+8", "+9", "+mar"),
        cells(1, "XX", "+8", "+9"),
        cells(1, "XX", "+9", "+mar", "+mar"),
    )
    assert valid(conclude(case, MARROW)) == "48~49,XX,+8[4],+9[3],+1~2mar[4][cp5]"


def test_counted_cells_do_not_count_for_a_clone_of_a_marrow() -> None:
    case = together(cells(4, "XY"), cells(2, "XY", "+8", status=CellStatus.COUNTED))
    result = conclude(case, MARROW)
    assert result.text == "46,XY[4]"
    assert {left.cell_id for left in result.left_out} == {5, 6}


# -- overruled -------------------------------------------------------------------------------------


def test_one_cell_of_a_known_clone_is_reported_with_a_reason() -> None:
    case = together(cells(1, "XX", structural=(PH,)), cells(19))
    result = conclude(case, MARROW, rulings=[ruling(RulingKind.REPORT, PH)])
    assert valid(result) == f"46,XX,{PH}[1]/46,XX[19]"
    assert result.decisions[0].reason.startswith("Reported by Ada: Seen before.")


def test_a_polymorphism_is_not_reported_with_a_reason() -> None:
    inv = "inv(9)(p12q13)"
    case = cells(20, structural=(inv,))
    assert valid(conclude(case, BLOOD)) == f"46,XX,{inv}[20]"
    result = conclude(case, BLOOD, rulings=[ruling(RulingKind.DISREGARD, inv)])
    assert valid(result) == "46,XX[20]"
    assert result.lines[0].strays[1] == (inv,)


def test_what_was_seen_is_not_excluded_unless_a_person_explains_it() -> None:
    case = together(cells(1, "XX", "+8"), cells(1, "XX", "-9"), cells(18))
    result = conclude(case, BLOOD)
    assert (result.excluded, result.abnormal_count) == (None, 1)
    explained = conclude(case, BLOOD, rulings=[ruling(RulingKind.DISREGARD, "+8")])
    assert (explained.excluded, explained.abnormal_count) == (14, 0)


def test_a_later_ruling_takes_the_place_of_an_earlier_one() -> None:
    case = together(cells(1, "XX", "+8"), cells(19))
    both = [ruling(RulingKind.REPORT, "+8"), ruling(RulingKind.DISREGARD, "+8")]
    assert conclude(case, BLOOD, rulings=both).text == "46,XX[20]"
    assert len(conclude(case, BLOOD, rulings=both).rulings) == 1


def test_a_cell_is_placed_in_another_line() -> None:
    case = together(cells(5, "X"), cells(15, "XX"))
    result = conclude(case, BLOOD, rulings=[ruling(RulingKind.PLACE, "6", "-X")])
    assert valid(result) == "mos 45,X[6]/46,XX[14]"


def test_rulings_about_cells_that_are_excluded_are_told() -> None:
    case = together(cells(2, "XX", "+8"), cells(18))
    gone = [replace(c, excluded="Too few bands") if c.id < 3 else c for c in case]
    rulings = [ruling(RulingKind.REPORT, "+8"), ruling(RulingKind.PLACE, "1", "+8")]
    result = conclude(gone, BLOOD, rulings=rulings)
    assert result.text == "46,XX[18]"
    assert "The ruling on +8 concerns no cell any more." in result.remarks
    assert "The ruling that places cell 1 concerns no line: it is left out." in result.remarks
    assert result.left_out[0].reason == "Excluded: Too few bands."


# -- bad input -------------------------------------------------------------------------------------


def test_no_cells() -> None:
    result = conclude([], BLOOD)
    assert (result.text, result.problem) == ("", "No cell is analysed yet.")
    assert result.excluded is None


def test_five_hundred_cells() -> None:
    assert valid(conclude(together(cells(50, "X"), cells(450)), BLOOD)) == "mos 45,X[50]/46,XX[450]"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (CaseCell(1, "a"), "Not yet counted or analysed."),
        (CaseCell(1, "a", CellStatus.SCORED, board()), "Scored for one feature alone."),
        (CaseCell(1, "a", CellStatus.ANALYSED), "nothing on its board"),
        (CaseCell(1, "a", CellStatus.COUNTED), "no number was entered"),
        (CaseCell(1, "a", CellStatus.ANALYSED, board() | {"tray": 1}), "One chromosome is in"),
        (CaseCell(1, "a", CellStatus.ANALYSED, board(), ("t(9;22",)), "cannot be written"),
    ],
)
def test_a_cell_that_says_nothing_is_left_out_with_a_reason(cell: CaseCell, reason: str) -> None:
    [left] = conclude([cell], BLOOD).left_out
    assert reason in left.reason


def test_a_y_without_an_x_is_asked_about_and_not_written() -> None:
    result = conclude(cells(3, "Y"), BLOOD)
    assert result.text == ""
    assert result.problem.startswith("The lines make 45,Y[3]. A cell without any X is not viable")


def test_without_sex_chromosomes_no_string_is_written() -> None:
    result = conclude(cells(3, ""), BLOOD)
    assert result.text == ""
    assert result.problem.startswith("The lines cannot be written")
    assert result.cell_count == 3


def test_sex_chromosomes_of_a_constitution_are_no_changes_that_order_related_lines() -> None:
    case = [
        *cells(1, "XX", "+8", structural=(PH,)),
        *cells(1, "XXXY", "+8", first=2),
        *cells(1, "XXXY", "+8", structural=(PH,), first=3),
        *cells(1, "XX", first=4),
        *cells(2, "XY", first=5),
    ]
    result = conclude(case, BLOOD)
    assert result.problem == ""
    assert result.text.startswith("49,XXXY,+8[1]/")


# -- whatever the cells ----------------------------------------------------------------------------

CHANGES = ("+8", "-7", "+21", "-X", "+X", "+mar")
STRUCTURES = (PH, "del(5)(q13q33)", "der(13;14)(q10;q10)", "i(17)(q10)")


@st.composite
def case_cells(draw: st.DrawFn) -> list[CaseCell]:
    made = []
    for n in range(draw(st.integers(0, 14))):
        changes = draw(st.lists(st.sampled_from(CHANGES), max_size=3, unique=True))
        sex = "XY" if draw(st.integers(0, 9)) == 0 else "XX"
        structural = tuple(draw(st.lists(st.sampled_from(STRUCTURES), max_size=2, unique=True)))
        if "der(13;14)(q10;q10)" in structural:
            changes.append("-14")
        made += cells(
            1, sex, *changes, first=n + 1, structural=structural,
            status=draw(st.sampled_from([*CellStatus][:5])),
            culture=draw(st.sampled_from(("", "A", "B"))),
            colony=draw(st.sampled_from(("", "1", "2"))),
            excluded=draw(st.sampled_from(("", "", "", "Bands too poor"))),
        )  # fmt: skip
    return made


PROTOCOLS = st.sampled_from(
    (BLOOD, MARROW, FLASK, preset("Amniotic fluid, in situ"), preset("Marrow", stem_word="idem"))
)


@settings(max_examples=100, deadline=None)
@given(case_cells(), PROTOCOLS, st.randoms(), st.sets(st.integers(1, 14)))
def test_every_cell_is_in_one_place_and_their_order_does_not_matter(
    case: list[CaseCell], protocol: Protocol, random: object, donors: set[int]
) -> None:
    rulings = marked([cell for cell in case if cell.id in donors])
    result = conclude(case, protocol, rulings=rulings)
    for line in result.lines:
        assert {i in donors for i in line.cells} == {line.donor}
    placed = [i for line in result.lines for i in line.cells]
    left = [one.cell_id for one in result.left_out]
    assert sorted([*placed, *left]) == [cell.id for cell in case]
    shuffled = list(case)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert conclude(shuffled, protocol, rulings=rulings) == result


@settings(max_examples=100, deadline=None)
@given(case_cells(), PROTOCOLS, st.sets(st.integers(1, 14)))
def test_the_string_is_valid_and_its_numbers_are_the_cells(
    case: list[CaseCell], protocol: Protocol, donors: set[int]
) -> None:
    rulings = marked([cell for cell in case if cell.id in donors])
    result = conclude(case, protocol, rulings=rulings)
    if result.text:
        valid(result)
        assert sum(line.karyotype.cells or 0 for line in result.lines) == result.cell_count
    elif result.lines:  # the one thing that these changes can make and nobody may write
        assert "without any X" in result.problem or "sex chromosomes" in result.problem
    examined = [c for c in case if not c.excluded and c.status.is_counted]
    if protocol.neoplastic:
        examined = [c for c in examined if c.status.is_analysed]
    if result.cell_count != len(examined):
        assert any(f"{result.cell_count} of {len(examined)} cells" in r for r in result.remarks)


@settings(max_examples=100, deadline=None)
@given(case_cells(), PROTOCOLS)
def test_nothing_that_a_cell_shows_is_lost(case: list[CaseCell], protocol: Protocol) -> None:
    result = conclude(case, protocol)
    shown = {copy for d in result.decisions for copy in [d.copy.change]}
    for line in result.lines:
        told = {*line.texts, *(c for strays in line.strays.values() for c in strays)}
        assert told <= shown | {"-14"}
    for decision in result.decisions:
        for i in decision.cells:
            if number := result.line_numbers.get(i):
                line = result.lines[number - 1]
                told = {*line.texts, *line.strays.get(i, ())}
                assert decision.copy.change in told or "der(13;14)(q10;q10)" in told
