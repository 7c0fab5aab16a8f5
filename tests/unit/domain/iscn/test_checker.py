"""What a person types: correct ISCN is never refused, wrong one gets its place and a way out."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.iscn import Edition, Severity, check

CORRECT = [
    "46,XX",
    "45,X",
    "23,X",
    "23,Y",
    "49,XXXXY",
    "47,XX,+i(9)(p10)",
    "45,XY,rob(14;21)(q10;q10)",
    "44,XY,der(13;14)(q10;q10),der(21;22)(q10;q10)",
    "46,X,dup(X)(p11.2p22.1)",
    "46,Y,del(X)(q26)",
    "46,X,Yqh+",
    "46,XX,9qh+",
    "46,XY,21ps+",
    "46,XX,13cenh+mat",
    "46,XX,inv(9)(p12q13)",
    "46,XX,del(5)(pter→q13::q33→qter)",
    "46,XX,del(5)(pter->q13::q33->qter)",
    "46,XX,der(1)(:p31->q25:)",
    "46,XX,upd(15)mat",
    "46,XX,ins(2)(p13q21q31)",
    "46,XX,hsr(1;7)(q21;p11.2)",
    "47,XX,+dic(17;?)(q22;?)",
    "46,X,+r",
    "46,X,+mar",
    "46,XX,fis(10)(p10)",
    "46,XX,trp(1)(q21q32)",
    "46,XX,inv dup(8)(p23p12)",
    "47,XX,+psu idic(22)(q11.2)",
    "46,XY,t(2;9;14)(p21;q34;q24)",
    "mos 45,X[7]/47,XXX[4]/46,XX[9]",
    "chi 46,XY[12]/46,XX[18]",
    "46,XY[3]//46,XX[17]",
    "//46,XX[20]",
    "47,XY,+21c[6]/48,idem,+8[4]",
    "45,XX,-7[8]/46,sl,+21[5]/47,sdl1,+8[4]/48,sdl2,+19[3]",
    "46,XX,t(9;22)(q34;q11.2)[4]/92,slx2[6]",
    "63<3n>,XX,-X,-3,-7,+8,-13,-15,-16,-17[8]",
    "27,X,+8,+10,+18,+21[6]",
    "136,XXXXXX,-4,-9[5]",
    "43~47,XY,-5,+8,+2mar[cp9]",
    "45~47,XX,-7[3],+8[5][cp7]",
    "46,XX,add(7)(?)",
    "46,XX,?inv(16)(p13.1q22)",
    "48,XX,+mar1,+mar2",
    "46,XX,3~12dmin[11]",
    "46,XX.ish del(7)(q11.23q11.23)(ELN-)",
    "arr[GRCh38] 8p23.1(7500000_12000000)x1",
    "nuc ish(RUNX1T1,RUNX1)x3[120/200]",
    "seq[GRCh38] t(2;11)(p25.1;p15.2)",
]

WRONG = [
    # text, place where something is wrong, one of the repairs
    ("47,XX,+18,-22", (0, 2), "46,XX,+18,-22"),
    ("46,XY,+13", (0, 2), "47,XY,+13"),
    ("47,XY,13+", (6, 9), "47,XY,+13"),
    ("47,XY+13", (5, 5), "47,XY,+13"),
    ("47,XY,+13?", (9, 10), "47,XY,+?13"),
    ("48,XX,+20,+3", (6, 12), "48,XX,+3,+20"),
    ("46,XX,t(11;4)(q23;q21)", (8, 22), "46,XX,t(4;11)(q21;q23)"),
    ("46,XX,inv(7)(q31p15)", (13, 19), "46,XX,inv(7)(p15q31)"),
    ("46,XX,del(7)(q22", (16, 16), "46,XX,del(7)(q22)"),
    ("46,XX,del(7q22)", (11, 14), "46,XX,del(7)(q22)"),
    ("46,XX,del(7)q22", (12, 15), "46,XX,del(7)(q22)"),
    ("46,XX,del[7](q22)", (9, 12), "46,XX,del(7)(q22)"),
    ("46,XX,t(4;11)(q21q23)", (17, 17), "46,XX,t(4;11)(q21;q23)"),
    ("46,XX,t(4,11)(q21;q23)", (9, 10), "46,XX,t(4;11)(q21;q23)"),
    ("46,XX,t(4;11)(q21,q23)", (17, 18), "46,XX,t(4;11)(q21;q23)"),
    ("46,XX,del(11)(q133)", (14, 18), "46,XX,del(11)(q13.3)"),
    ("46,XX,del(11)(q13,3)", (17, 18), "46,XX,del(11)(q13.3)"),
    ("46,XX,del(11)(24)", (14, 16), "46,XX,del(11)(q24)"),
    ("46,XX,del(11)(q13.9)", (14, 19), "46,XX,del(11)(q13)"),
    ("46,XX,invv(16)(p13.1q22)", (6, 10), "46,XX,inv(16)(p13.1q22)"),
    ("46,XX,deletion(7)(q22)", (6, 14), "46,XX,del(7)(q22)"),
    ("46,XX,7q-", (6, 9), "46,XX,del(7)(q?)"),
    ("46,XX,pat t(2;4)(p21;q21)", (6, 9), "46,XX,t(2;4)(p21;q21)pat"),
    ("46,XX,der(6),t(6;14)(q13;q22)", (12, 13), "46,XX,der(6)t(6;14)(q13;q22)"),
    ("46,XY,inv(X)(p11.2q26)", (3, 12), "46,Y,inv(X)(p11.2q26)"),
    ("46,XX,-X[12]", (3, 8), "45,X,-X[12]"),
    ("47,YXY", (3, 6), "47,XYY"),
    ("45,XO", (4, 5), "45,X"),
    ("47,XX,+8[12", (9, 11), "47,XX,+8[12]"),
    ("47,XX,+8(12)", (8, 12), "47,XX,+8[12]"),
    ("47,XX,+8[12],46,XX[8]", (12, 13), "47,XX,+8[12]/46,XX[8]"),
    ("46,XX[8]/47,XX,+8[12]", (0, 8), "47,XX,+8[12]/46,XX[8]"),
    ("47,XX,+8[0]", (9, 10), "47,XX,+8"),
    ("47,XX,+8[6]/47,XX,+8[5]", (12, 23), "47,XX,+8[11]"),
    ("47,XX,mar", (6, 9), "47,XX,+mar"),
    ("46,XX,der(14;21)(q10;q10)", (0, 2), "46,XX,t(14;21)(q10;q10)"),
    ("47,XX,+der(15)", (7, 14), "47,XX,+der(15)t(15;?)(?;?)"),
    ("47,XX,+marker", (7, 13), "47,XX,+mar"),
    ("45..47,XX,+8[cp9]", (2, 6), "45~47,XX,+8[cp9]"),
    ("46(2n),XX", (2, 6), "46<2n>,XX"),
    ("46,XX,t{4;11}{q21;q23}", (7, 8), "46,XX,t(4;11)(q21;q23)"),
    ("46,XX,t(4;11)(q21)(q23)", (17, 19), "46,XX,t(4;11)(q21;q23)"),
    ("46,XX,del(7)(22q)", (13, 16), "46,XX,del(7)(q22)"),
    ("46,XX,del(7)(7q22)", (13, 14), "46,XX,del(7)(q22)"),
    ("47,XX,+8[12];46,XX[8]", (12, 13), "47,XX,+8[12]/46,XX[8]"),
    ("47,XX,+8[12]/48,idm,+9[5]", (16, 19), "47,XX,+8[12]/48,idem,+9[5]"),
    ("46,XX,del(7)(q31),del(7)(q11.2)", (6, 31), "46,XX,del(7)(q11.2),del(7)(q31)"),
    ("44,XX,-7[2],der(13;14)(q10;q10)[9]", (8, 11), "44,XX,-7,der(13;14)(q10;q10)[9]"),
    ("mos 47,XX,+13", (0, 3), "47,XX,+13"),
    ("46,XX,+14,rob(14;21)(q10;q10)dn,", (31, 32), "46,XX,+14,rob(14;21)(q10;q10)dn"),
]

FORMAT = [
    ("46，ХУ", "46,XY"),
    ("46,\u200fXY", "46,XY"),
    ("46,X\u0301Y", "46,XY"),
    ("４５,X", "45,X"),
    ("45,XX,—7", "45,XX,-7"),
    ("46,xx", "46,XX"),
    (" 46 , XX ", "46,XX"),
    ("46 XX", "46,XX"),
    ("47,XX +8", "47,XX,+8"),
    ("“46,XX”", "46,XX"),
    ("46,XX.", "46,XX"),
    ("mos45,X[3]/46,XX[17]", "mos 45,X[3]/46,XX[17]"),
    ("46,XX,DEL(5)(Q13)", "46,XX,del(5)(q13)"),
    ("46,XX,t(4;11)(q21;q23) de novo", "46,XX,t(4;11)(q21;q23)dn"),
    ("46,xx,del（5）（q13）", "46,XX,del(5)(q13)"),
    ("46,XX,del(5)(q3l)", "46,XX,del(5)(q31)"),
    ("47,XX,+2O", "47,XX,+20"),
    ("69<3N>,XXX", "69<3n>,XXX"),
    ("47,XX,+8[020]", "47,XX,+8[20]"),
]


@pytest.mark.parametrize("text", CORRECT)
def test_correct_iscn_is_not_refused(text: str) -> None:
    verdict = check(text)
    assert verdict.valid, verdict.problems


@pytest.mark.parametrize(("text", "place", "repair"), WRONG)
def test_what_is_wrong_is_told_with_its_place_and_a_repair(
    text: str, place: tuple[int, int], repair: str
) -> None:
    verdict = check(text)
    assert not verdict.valid
    errors = [problem for problem in verdict.problems if problem.severity is Severity.ERROR]
    assert any(p.start <= place[1] and place[0] <= p.end and repair in p.repairs for p in errors)


@pytest.mark.parametrize(("text", "meant"), FORMAT)
def test_a_spelling_of_certain_meaning_is_put_right_by_one_click(text: str, meant: str) -> None:
    verdict = check(text)
    assert not verdict.valid
    assert {problem.severity for problem in verdict.problems} == {Severity.FORMAT}
    assert all(problem.repairs == (meant,) for problem in verdict.problems)


@pytest.mark.parametrize(
    "text", ["46,XX,+8", "47,XX", "45,XY,+8,der(13;15)(q10;q10)", "48,XX,+8,+2mar", "49,XX[19]"]
)
def test_a_count_that_disagrees_has_two_ways_out(text: str) -> None:
    (problem,) = check(text).problems
    assert len(problem.repairs) >= 2
    assert all(check(repair).valid for repair in problem.repairs)


def test_all_errors_are_told_at_once() -> None:
    problems = check("46,YX,21+,t(22;9)(q4;q34),dell(5)(q99)[0]").problems
    starts = {problem.start for problem in problems}
    assert {3, 6, 18, 26, 34, 39} <= starts


def test_places_are_code_points() -> None:
    (problem,) = check("𝟒𝟕,XX,+8").problems
    assert (problem.start, problem.end) == (0, 2)


def test_what_is_not_classical_is_named_and_left_as_it_is() -> None:
    text = "46,XX,+8.ish del(22)(q99)(HIRA-)"
    problems = check(text).problems
    scope = next(p for p in problems if p.severity is Severity.WARNING)
    assert text[scope.start : scope.end].startswith(".ish")
    assert "not checked" in scope.message
    repairs = next(p for p in problems if p.severity is Severity.ERROR).repairs
    assert "47,XX,+8.ish del(22)(q99)(HIRA-)" in repairs


@given(st.sampled_from(["arr[GRCh38] ", "46,XX.nuc ish(", "ogm[", "sseq "]), st.text(max_size=30))
def test_notation_that_is_not_checked_is_never_wrong(start: str, rest: str) -> None:
    verdict = check(start + rest)
    assert verdict.valid
    assert any("not checked" in problem.message for problem in verdict.problems)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("48,XX,+mar,+mar", "48,XX,+2mar"),
        ("50,XX,+8,+mar,+mar,+mar[4]/46,XX[16]", "50,XX,+8,+3mar[4]/46,XX[16]"),
        ("48,XX,+r,+r", "48,XX,+2r"),
    ],
)
def test_markers_of_which_nobody_knows_more_are_one_item(text: str, meant: str) -> None:
    verdict = check(text)
    assert verdict.valid
    (problem,) = verdict.problems
    assert problem.repairs == (meant,)
    assert not check("48,XX,+mar1,+mar2").problems


def test_an_edition_only_warns() -> None:
    assert not check("46,U", Edition.OF_2024).problems
    verdict = check("46,U", Edition.OF_2016)
    assert verdict.valid
    assert "2016" in verdict.problems[0].message


@pytest.mark.parametrize(
    "text",
    [
        "46,XX,upid(23)pat",
        "46,XY,uphd(0)mat",
        "46,XX,cth(23)",
        "46,XX,1q41.9h+",
        "47,XX,Xcenh+",
        "45,X,Yqh-",
    ],
)
def test_a_chromosome_band_or_letter_that_cannot_be_is_refused(text: str) -> None:
    assert not check(text).valid


@pytest.mark.parametrize("filling", ["–", "", ";", "–;–", "pq", "×"])
@pytest.mark.parametrize(
    "symbol", ["der", "ider", "rec", "rob", "dic", "t", "i", "r", "mar", "tas"]
)
def test_an_operation_that_names_no_chromosome_is_refused(symbol: str, filling: str) -> None:
    result = check(f"46,XX,{symbol}({filling})t(1;3)(p32;q21),del(5)(q13q33)[1]")
    assert not result.valid
    assert all(0 <= p.start <= p.end for p in result.problems)


@pytest.mark.parametrize("text", ["", "   ", "\n", "\u200b"])
def test_nothing_is_an_invitation(text: str) -> None:
    assert not check(text).valid
    assert check(text).problems


WORDS = [
    "46",
    "47",
    "21",
    "idem",
    "sl",
    "sdl2",
    "mar",
    "der",
    "t",
    "del",
    "(9;22)",
    "(q34;q11.2)",
    "(5)",
    "(q13q33)",
    "[5]",
    "//",
    "inc",
    "<2n>",
]
PIECES = st.sampled_from([*"+-()[]/,;?~.:<>x×XYcpqr ", *WORDS, "mos ", " or "])


@settings(deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=25).map("".join)))
def test_any_text_gets_a_verdict_and_clean_repairs(text: str) -> None:
    verdict = check(text)
    for problem in verdict.problems:
        assert 0 <= problem.start <= problem.end <= len(text)
        assert problem.message
        assert all(check(repair).valid for repair in problem.repairs)
    assert verdict.valid == all(p.severity is Severity.WARNING for p in verdict.problems)


@pytest.mark.parametrize(
    "unit",
    ["+8,", "del(5)(q13),", "46,XX,+8/", "47,sl,+8/", "(", "t(", "[", "/", " ", "or", "+21-", "Х"],
)
def test_ten_times_the_text_is_ten_times_the_work(unit: str) -> None:
    def work(size: int) -> int:
        text = ("46,XX," + unit * size)[:size]
        steps = 0

        def count(*_: object) -> None:
            nonlocal steps
            steps += 1

        sys.setprofile(count)
        try:
            check(text)
        finally:
            sys.setprofile(None)
        return steps

    assert work(40_000) < 12 * work(4_000)
