"""One change as a person types it: checked, completed, bad letters named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.iscn import bands
from karyogui.domain.iscn.findings import Severity
from karyogui.domain.iscn.items import KINDS, UNKNOWN, complete, read_item, template

VALID = {
    "del(5)(q31)": (("5",),),
    "t(9;22)(q34;q11.2)": (("9",), ("22",)),
    "rob(13;14)(q10;q10)": (("13", "14"),),
    "der(22)t(9;22)(q34;q11.2)": (("22",),),
    "ins(5;2)(p14;q22q32)": (("5",), ("2",)),
    "i(X)(q10)": (("X",),),
    "r(7)(p22q36)": (("7",),),
    "add(7)(?)": (("7",),),
    "der(?)t(?;9)(?;q22)": (("mar",),),
    "dic(9;20)(p13;q11.2)": (("9", "20"),),
    "dup(1)(q21q32)": (("1",),),
    "inv(3)(q21q26)": (("3",),),
    "hsr(7)(q22)": (("7",),),
    "fra(X)(q27.3)": (("X",),),
    "mar": (("mar",),),
    "mar2": (("mar",),),
    "r": (("mar",),),
    "dmin": (),
    UNKNOWN: (),
    "?del(5)(q31)": (("5",),),
    "del(5)(q31)dn": (("5",),),
}
WRONG = ["", "  ", "+del(5)(q31)", "del(5)(q31)x2", "21", "+21", "-7", "xyz", "del(5)(q99)",
         "t(22;9)(q11;q34)", "del(5)(q31),add(7)(q22)", "inc", "der(22)", "(", "del(", "))((",
         "46,XX", "del(5)(q31)[3]", "del(5)(q31)/del(5)(q31)"]  # fmt: skip


@pytest.mark.parametrize(("text", "bearers"), VALID.items())
def test_valid_changes_and_where_their_chromosomes_stand(
    text: str, bearers: tuple[tuple[str, ...], ...]
) -> None:
    item = read_item(text)
    assert item.is_valid, item.problems
    assert item.text == text
    assert item.bearers == bearers


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_change_is_refused_with_a_reason(text: str) -> None:
    item = read_item(text)
    assert not item.is_valid
    assert all(problem.message for problem in item.problems)


@pytest.mark.parametrize(
    "typed",
    [
        "d\u0435l(5)(q31)",  # Cyrillic
        "del(5)(q3\u03011)",  # combining
        "\u202edel(5)(q31)",  # right-to-left override
        "del(5)(q\u200b31)",
        "del\uff085\uff09(q31)",
        "del(5)(q3\uff11)",
    ],
)
def test_look_alikes_combining_and_direction_marks_are_named_and_mended(typed: str) -> None:
    item = read_item(typed)
    assert item.text == "del(5)(q31)"
    assert item.problems
    for problem in item.problems:
        assert 0 <= problem.start <= problem.end <= len(typed)
    mended = [repair for problem in item.problems for repair in problem.repairs]
    assert "del(5)(q31)" in mended
    assert read_item("del(5)(q31)").is_valid


def test_breakpoints_told_by_another_change_of_the_cell_are_known() -> None:
    assert not read_item("der(22)t(9;22)").is_valid
    assert read_item("der(22)t(9;22)", ("t(9;22)(q34;q11.2)",)).is_valid


def test_repairs_are_changes_that_check_clean() -> None:
    repairs = [r for t in WRONG for problem in read_item(t).problems for r in problem.repairs]
    assert len(repairs) >= 4
    for repair in repairs:
        again = read_item(repair)
        assert all(p.severity is not Severity.ERROR for p in again.problems), (repair, again)


@given(st.text(alphabet="delrtinvmar()5;X9qp31.? +-,×x\u0301\u202e\u0435", max_size=24))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    item = read_item(text)
    for problem in item.problems:
        assert 0 <= problem.start <= problem.end <= len(text)
    assert item.is_valid or item.problems
    complete(text, len(text))


@given(st.sampled_from(bands.CHROMOSOMES), st.data())
def test_every_completed_band_exists_and_begins_as_typed(name: str, data: st.DataObject) -> None:
    start = data.draw(st.sampled_from(["", "p", "q", "q1", "q2", "p1"]))
    text = f"del({name})({start}"
    told = complete(text, len(text))
    assert text[told.start : told.end] == start
    for band in told.options:
        assert band.startswith(start)
        assert bands.exists(name, band)


def test_completion_knows_whose_turn_it_is() -> None:
    text = "t(9;22)(q34;q11"
    assert complete(text, len(text)).options[0] == "q11"
    assert "q11.2" in complete(text, len(text)).options
    assert "q34" not in complete("t(9;22)(q34;", 12).options
    assert complete("inv(3)(q21q2", 12).options[:3] == ("q21", "q22", "q23")
    assert complete("de", 2).options == ("der", "del")
    assert complete("t(", 2, ("22", "9")).options[:2] == ("22", "9")
    assert complete("del(5)(q31)", 11).options == ()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_begins_with_the_chromosomes_that_are_marked(kind: str) -> None:
    text, cursor = template(kind, ["22", "9"])
    assert 0 <= cursor <= len(text)
    if kind in ("t", "rob", "dic"):
        assert text == f"{kind}(9;22)()"
    text, _ = template(kind, [])
    assert text.startswith(kind)
