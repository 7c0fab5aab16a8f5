"""From lines to a string and back, and from a string to the board."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.iscn.checker import check, reading
from karyogui.domain.iscn.expected import expected_counts
from karyogui.domain.iscn.writer import CaseKaryotype, KaryotypeLine, read_lines, write

AUTOSOMES = [str(number) for number in range(1, 23)]
STRUCTURAL = [
    "del(5)(q13q33)",
    "t(9;22)(q34;q11.2)",
    "inv(16)(p13.1q22)",
    "i(17)(q10)",
    "add(7)(p22)",
    "dup(1)(q21q32)",
    "der(1)t(1;3)(p32;q21)",
    "+der(22)t(9;22)(q34;q11.2)",
    "der(13;14)(q10;q10)",
    "dic(9;20)(p13;q11.2)",
    "ins(5;2)(p14;q22q32)",
    "+r",
    "+mar1",
    "5~20dmin",
    "hsr(8)(q24)",
    "r(20)(p13q13.3)",
    "+i(12)(p10)",
    "t(4;11)(q21;q23)c",
    "inv(9)(p12q13)mat",
    "9qh+",
    "?del(6)(q21)",
    "+?15",
    "del(5)(q?)",
]


@st.composite
def lines(draw: st.DrawFn, ploidies: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)) -> KaryotypeLine:
    ploidy = draw(st.sampled_from(ploidies))
    is_constitution = draw(st.booleans()) and ploidy == 2
    y = draw(st.integers(0, ploidy - 1)) if ploidy > 1 else 0
    sex = "X" * (ploidy - y) + "Y" * y + ("XY" if is_constitution else "")
    gains = draw(st.lists(st.sampled_from(AUTOSOMES), max_size=5))
    losses = draw(st.lists(st.sampled_from([n for n in AUTOSOMES if n not in gains]), max_size=4))
    losses = [n for n, times in Counter(losses).items() for _ in range(min(times, ploidy - 1))]
    numerical = [f"+{n}" for n in gains] + [f"-{n}" for n in losses]
    structural = draw(st.lists(st.sampled_from(STRUCTURAL), max_size=4, unique=True))
    composite = draw(st.booleans())
    return KaryotypeLine(
        sex="".join(sorted(sex)),
        numerical=tuple(numerical),
        structural=tuple(structural),
        markers=draw(st.integers(0, 3)),
        cells=draw(st.integers(1, 60)),
        ploidy=ploidy,
        states_ploidy=draw(st.booleans()),
        sex_constitutional=is_constitution,
        incomplete=draw(st.booleans()),
        counts=(40, 44) if composite and ploidy == 2 else None,
    )


@st.composite
def karyotypes(draw: st.DrawFn) -> CaseKaryotype:
    own = [draw(lines())]
    side = KaryotypeLine(
        sex="",
        numerical=("+8",),
        cells=draw(st.integers(1, 9)),
        reference=draw(st.sampled_from(["idem", "sl"])),
        multiple=draw(st.integers(1, 2)),
    )
    # A normal line is written last: no side line can refer to it.
    if draw(st.booleans()) and not own[0].counts and not own[0].is_normal:
        own.append(side)
    if draw(st.booleans()) and not own[0].is_normal:
        own.append(KaryotypeLine(sex=draw(st.sampled_from(["XX", "XY"])), cells=3))
    donor = (KaryotypeLine(sex="XY", cells=7),) if draw(st.booleans()) else ()
    return CaseKaryotype(tuple(own), "mos" if len(own) > 1 and not donor else "", donor)


def in_any_order(karyotype: CaseKaryotype) -> list[object]:
    """A karyotype as something to compare, the order of a line's changes left aside."""
    return [karyotype.kind] + [
        (
            line.sex,
            Counter([*line.numerical, *line.structural]),
            line.markers,
            line.cells,
            line.ploidy,
            line.sex_constitutional,
            line.reference,
            line.multiple,
            line.incomplete,
            line.counts,
        )
        for line in (*karyotype.lines, *karyotype.donor)
    ]


@settings(deadline=None)
@given(karyotypes())
def test_what_is_written_checks_clean_and_is_read_back(karyotype: CaseKaryotype) -> None:
    text = write(karyotype)
    assert check(text).valid, (text, check(text).problems)
    read = read_lines(text)
    assert in_any_order(read) == in_any_order(karyotype)
    assert write(read) == text
    for line, again in zip(karyotype.lines, read.lines, strict=True):
        assert again.states_ploidy >= (line.states_ploidy and not line.reference)


@settings(deadline=None)
@given(karyotypes())
def test_the_board_of_a_string_has_as_many_chromosomes_as_it_states(
    karyotype: CaseKaryotype,
) -> None:
    read = reading(write(karyotype))
    for line, expected in zip(read.lines, expected_counts(read), strict=True):
        if expected.is_certain and line.count:
            assert expected.total == line.count[0]


@settings(deadline=None)
@given(karyotypes(), st.data())
def test_a_corrupted_token_is_found_or_the_string_is_another_valid_one(
    karyotype: CaseKaryotype, data: st.DataObject
) -> None:
    text = write(karyotype)
    place = data.draw(st.integers(0, len(text) - 1))
    token = data.draw(st.sampled_from([*"()[],;/+-.qpXY1?", "", "x", "idem", "–"]))
    corrupted = text[:place] + token + text[place + 1 :]
    verdict = check(corrupted)
    if not verdict.valid:
        assert verdict.problems
        assert all(check(repair).valid for p in verdict.problems for repair in p.repairs)
        return
    certain = [
        (line, expected)
        for line, expected in zip(
            reading(corrupted).lines, expected_counts(reading(corrupted)), strict=True
        )
        if expected.is_certain and line.count and line.count[0] == line.count[1]
    ]
    assert all(expected.total == line.count[0] for line, expected in certain if line.count)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (KaryotypeLine(), "46,XX"),
        (KaryotypeLine(sex="X", numerical=("-Y",), cells=20), "45,X,-Y[20]"),
        (KaryotypeLine(sex="XXY"), "47,XXY"),
        (KaryotypeLine(sex="XXY", sex_constitutional=True, numerical=("-X",)), "46,XXYc,-X"),
        (KaryotypeLine(numerical=("+21", "-7", "+8")), "47,XX,-7,+8,+21"),
        (KaryotypeLine(numerical=("+21c", "+21"), cells=10), "48,XX,+21c,+21[10]"),
        (KaryotypeLine(markers=2), "48,XX,+2mar"),
        (KaryotypeLine(sex="XXX", ploidy=3, numerical=("-7",)), "68,XXX,-7"),
        (
            KaryotypeLine(sex="XXX", ploidy=3, numerical=("-7",), states_ploidy=True),
            "68<3n>,XXX,-7",
        ),
        (KaryotypeLine(sex="X", ploidy=1, numerical=("+8",)), "24,X,+8"),
        (
            KaryotypeLine(numerical=tuple(f"+{n}" for n in range(1, 13))),
            "58<2n>,XX,+1,+2,+3,+4,+5,+6,+7,+8,+9,+10,+11,+12",
        ),
        (KaryotypeLine(structural=("dmin",), incomplete=True), "46,XX,dmin,inc"),
        (KaryotypeLine(structural=("del(6)(q21)",) * 2), "46,XX,del(6)(q21)×2"),
        (KaryotypeLine(structural=("+mar1", "+mar2", "+mar1")), "49,XX,+mar1×2,+mar2"),
        (KaryotypeLine(structural=("+r", "+r")), "48,XX,+2r"),
        (KaryotypeLine(structural=("+i(12)(p10)",) * 2, cells=4), "48,XX,+i(12)(p10)×2[4]"),
        (
            KaryotypeLine(structural=("inv(9)(p12q13)c",) * 2),
            "46,XX,inv(9)(p12q13)c,inv(9)(p12q13)c",
        ),
        (KaryotypeLine(sex="X", structural=("i(X)(q10)",)), "46,X,i(X)(q10)"),
        (KaryotypeLine(structural=("der(13;14)(q10;q10)",)), "45,XX,der(13;14)(q10;q10)"),
        (KaryotypeLine(numerical=("+8",), counts=(45, 48), cells=10), "45~48,XX,+8[cp10]"),
    ],
)
def test_a_line_is_counted_and_ordered(line: KaryotypeLine, text: str) -> None:
    assert write(CaseKaryotype((line,))) == text
    assert check(text).valid


def test_lines_stand_in_the_right_order_with_their_sign() -> None:
    normal = KaryotypeLine(cells=1)
    stem = KaryotypeLine(structural=("t(9;22)(q34;q11.2)",), cells=6)
    side = KaryotypeLine("", ("+8",), cells=13, reference="sl")
    case = CaseKaryotype((normal, stem, side))
    assert write(case) == "46,XX,t(9;22)(q34;q11.2)[6]/47,sl,+8[13]/46,XX[1]"
    turner = CaseKaryotype((KaryotypeLine("X", cells=5), KaryotypeLine(cells=15)), "mos")
    assert write(turner) == "mos 45,X[5]/46,XX[15]"
    graft = CaseKaryotype((KaryotypeLine(cells=5),), donor=(KaryotypeLine("XY", cells=25),))
    assert write(graft) == "46,XX[5]//46,XY[25]"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (KaryotypeLine(structural=("t(9;22",)), "t\\(9;22 cannot be written"),
        (KaryotypeLine(structural=("del(5)(q99)",)), "no band 5q99"),
        (KaryotypeLine(structural=("+8,+9",)), "cannot be written"),
        (KaryotypeLine(numerical=("+23",)), "no chromosome 23"),
        (KaryotypeLine(cells=0), "at least one cell"),
        (KaryotypeLine(markers=-1), "fewer than no markers"),
        (KaryotypeLine(sex="YX"), "cannot stand for the sex"),
        (KaryotypeLine(sex=""), "there are no sex chromosomes"),
        (KaryotypeLine(sex="", structural=("i(X)(q10)",) * 2), "every sex chromosome is changed"),
        (KaryotypeLine(sex="", reference="sl"), "there is none"),
    ],
)
def test_what_cannot_be_written_is_an_error_and_never_drops_out(
    line: KaryotypeLine, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        write(CaseKaryotype((line,)))


@pytest.mark.parametrize(
    ("text", "differences"),
    [
        ("46,XX", {"X": 2}),
        ("47,XY,+21", {"X": 1, "Y": 1, "21": 3}),
        ("45,X,-Y", {"X": 1}),
        ("46,X,i(X)(q10)", {"X": 2}),
        ("45,XX,der(13;14)(q10;q10)", {"X": 2, "14": 1}),
        ("46,XX,+13,dic(13;15)(q22;q24)", {"X": 2, "13": 3, "15": 1}),
        ("47,XX,+der(22)t(9;22)(q34;q11.2)", {"X": 2, "22": 3}),
        ("46,XY,-10,+der(17)t(10;17)(q22;p12)", {"X": 1, "Y": 1, "10": 1, "17": 3}),
        ("48,XX,+2mar", {"X": 2, "mar": 2}),
        ("46,Y,t(X;8)(p11.2;q21)", {"X": 1, "Y": 1}),
    ],
)
def test_a_string_says_what_its_board_must_show(text: str, differences: dict[str, int]) -> None:
    (expected,) = expected_counts(reading(text))
    normal = dict.fromkeys(AUTOSOMES, 2) | {"X": 0, "Y": 0, "mar": 0}
    assert expected.counts == normal | differences
    assert expected.is_certain


def test_references_take_up_the_counts_of_their_line() -> None:
    text = "46,XY,t(9;22)(q34;q11.2)[3]/92,sl×2[5]/93,sdl,+8[2]"
    _, doubled, further = expected_counts(reading(text))
    assert doubled.counts["8"] == 4
    assert further.counts["8"] == 5
    assert further.total == 93


@pytest.mark.parametrize("text", ["46,XX,inc", "44~46,XX,-7[cp4]", "47,XX,+1~2mar", "47,U,+21"])
def test_what_a_string_leaves_open_is_not_certain(text: str) -> None:
    assert not expected_counts(reading(text))[0].is_certain
