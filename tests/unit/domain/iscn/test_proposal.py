"""The ISCN proposal: a truth table of textbook karyotypes, the questions, and the arithmetic.

The table is ours (ISCN rules as in practice.md 2.6). Every string in it stands for exactly one
set of counts and back; the reader below is written on its own, so it also checks the writer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.chromosome import AUTOSOMES
from karyogui.domain.iscn import check, formula, propose
from karyogui.domain.iscn.findings import Severity
from karyogui.domain.karyogram import MARKER, SLOTS, TRAY
from karyogui.domain.labelled_changes import LabelledChange, propose_cell
from karyogui.domain.separation import Quality
from karyogui.domain.separation_check import AWAITED, CheckEntry, CheckKind

NORMAL = dict.fromkeys(AUTOSOMES, 2)
PLAUSIBLE = (
    # Normal
    "46,XX",
    "46,XY",
    # Sex chromosomes, constitutional: without signs
    "45,X",
    "47,XXX",
    "47,XXY",
    "47,XYY",
    "48,XXXX",
    "48,XXXY",
    "48,XXYY",
    "48,XYYY",
    "49,XXXXX",
    "49,XXXXY",
    "49,XXXYY",
    # One autosome gained or lost
    "47,XX,+8",
    "47,XY,+9",
    "47,XY,+13",
    "47,XX,+16",
    "47,XY,+18",
    "47,XX,+21",
    "47,XY,+21",
    "47,XX,+22",
    "45,XX,-7",
    "45,XY,-21",
    "45,XX,-22",
    # Several
    "48,XX,+13,+21",
    "48,XY,+18,+21",
    "48,XX,+8,+8",
    "49,XX,+8,+8,+21",
    "44,XX,-8,-8",
    "44,XY,-5,-7",
    "46,XX,+8,-21",
    "46,XY,+1,-22",
    "50,XY,+4,+6,+10,+21",
    # Sex first, then the autosome, also in double aneuploidy
    "46,X,+13",
    "48,XXX,+18",
    "48,XXY,+21",
    "48,XYY,+21",
    # Markers last
    "47,XX,+mar",
    "48,XY,+2mar",
    "48,XX,+21,+mar",
    "46,X,+mar",
    "46,XY,-22,+mar",
    # Ploidy: gains count from 69 and 92
    "69,XXX",
    "69,XXY",
    "69,XYY",
    "70,XXX,+21",
    "68,XXY,-13",
    "70,XXXX",
    "68,XX",
    "92,XXXX",
    "92,XXYY",
    "93,XXXX,+8",
    "91,XXYY,-7",
    "93,XXXX,+mar",
)


def change_told(change: str) -> tuple[str, str, int]:
    """`+21` → +, 21, 1; `+2mar` → +, mar, 2."""
    markers = re.fullmatch(r"\+(\d*)mar", change)
    return ("+", MARKER, int(markers[1] or 1)) if markers else (change[0], change[1:], 1)


def counts_of(iscn: str) -> dict[str, int]:
    """Read a numeric ISCN string back into counts per slot, checking its own arithmetic."""
    total, sex, *changes = iscn.split(",")
    ploidy = {2: 2, 3: 3, 4: 4}[round(int(total) / 23)]
    counts = dict.fromkeys(AUTOSOMES, ploidy)
    counts |= {"X": sex.count("X"), "Y": sex.count("Y"), MARKER: 0, TRAY: 0}
    for change in changes:
        sign, kind, times = change_told(change)
        counts[kind] += {"+": times, "-": -times}[sign]
    assert sum(counts.values()) == int(total), f"{iscn} does not reconcile"
    return counts


def with_sex(sex: str, **changes: int) -> dict[str, int]:
    return NORMAL | {"X": sex.count("X"), "Y": sex.count("Y")} | changes


def changed(sex: str, changes: Mapping[str, int]) -> dict[str, int]:
    counts = with_sex(sex)
    for slot, change in changes.items():
        counts[slot] = counts.get(slot, 0) + change
    return counts


def test_the_truth_table_is_large_and_without_repeats() -> None:
    assert len(set(PLAUSIBLE)) == len(PLAUSIBLE) >= 30


@pytest.mark.parametrize("iscn", PLAUSIBLE)
def test_textbook_karyotype_comes_back_from_its_counts(iscn: str) -> None:
    proposal = propose(counts_of(iscn))
    assert proposal.text == iscn
    assert proposal.question == ""
    assert str(proposal) == iscn


def test_two_textbook_karyotypes_never_share_their_counts() -> None:
    seen = {tuple(counts_of(iscn).items()) for iscn in PLAUSIBLE}
    assert len(seen) == len(PLAUSIBLE)


def test_slots_that_are_not_named_hold_nothing() -> None:
    assert propose(with_sex("XX")) == propose(counts_of("46,XX"))


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, "no chromosomes"),
        (dict.fromkeys(SLOTS, 0), "no chromosomes"),
        (with_sex("Y"), "Y without an X"),
        (with_sex("YY"), "Y without an X"),
        (changed("Y", {"7": 1}), "Y without an X"),
        (with_sex(""), "No sex chromosome"),
        (changed("", {"8": 1, "9": 1}), "No sex chromosome"),
        (changed("XX", {TRAY: 1}), "One chromosome is in the tray"),
        (changed("XY", {"21": -1, TRAY: 1}), "One chromosome is in the tray"),
        (changed("XY", {TRAY: 3}), "3 chromosomes are in the tray"),
        ({TRAY: 46}, "46 chromosomes are in the tray"),
        (changed("XX", dict.fromkeys(AUTOSOMES[:6], -2)), "Only 34 of 46 chromosomes"),
        ({"1": 2, "X": 1}, "Only 3 of 46 chromosomes"),
        ({MARKER: 2}, "Only 2 of 46 chromosomes"),
        (
            dict.fromkeys(AUTOSOMES, 5) | {"X": 5},
            "115 chromosomes are too many for a tetraploid",
        ),
        (dict.fromkeys(AUTOSOMES, 4) | {"X": 4, MARKER: 12}, "104 chromosomes are too many"),
    ],
)
def test_question_instead_of_a_string(counts: dict[str, int], words: str) -> None:
    proposal = propose(counts)
    assert proposal.text == ""
    assert words in proposal.question
    assert str(proposal) == proposal.question


@pytest.mark.parametrize(
    ("sex", "changes", "swap"),
    [
        ("XX", {"21": 1, "22": -1}, "group G (too many 21; too few 22)"),
        ("XY", {"1": -1, "3": 1}, "group A (too many 3; too few 1)"),
        ("XX", {"4": 1, "5": -1}, "group B (too many 4; too few 5)"),
        ("XY", {"6": 1, "12": -1}, "group C (too many 6; too few 12)"),
        ("XX", {"13": 1, "14": 1, "15": -1}, "group D (too many 13, 14; too few 15)"),
        ("XX", {"16": -2, "17": 1, "18": 1}, "group E (too many 17, 18; too few 16)"),
        ("XX", {"19": 1, "20": -1, "1": 1}, "group F (too many 19; too few 20)"),
        # X has the shape of group C
        ("X", {"8": 1}, "group C (too many 8; too few X)"),
        ("XXX", {"7": -1}, "group C (too many X; too few 7)"),
        ("XXY", {"7": -1}, "group C (too many X; too few 7)"),
        # Y has the shape of group G
        ("X", {"22": 1}, "group G (too many 22; too few Y)"),
        ("XYY", {"21": -1}, "group G (too many Y; too few 21)"),
        ("XXY", {"22": -1}, "group G (too many Y; too few 22)"),
        # Both at once, each named
        ("X", {"8": 1, "9": -1, "21": 1}, "group C (too many 8; too few 9, X) and in group G"),
    ],
)
def test_gain_and_loss_inside_one_group_ask_for_a_swap(
    sex: str, changes: dict[str, int], swap: str
) -> None:
    proposal = propose(changed(sex, changes))
    assert proposal.text == ""
    assert proposal.question.startswith("Check for a swap in group ")
    assert swap in proposal.question


@pytest.mark.parametrize("sex", ["XXX", "XXY", "XYY"])
def test_swap_is_also_asked_for_in_a_triploid_cell(sex: str) -> None:
    counts = counts_of(f"69,{sex}") | {"21": 4, "22": 2}
    assert "group G (too many 21; too few 22)" in propose(counts).question


def test_sex_chromosomes_read_in_two_ways_are_not_their_own_swap() -> None:
    counts = dict.fromkeys(AUTOSOMES, 4) | {"X": 3, "Y": 1}
    assert propose(counts).text == "92,XXXY"


@pytest.mark.parametrize(
    ("iscn", "words"),
    [
        ("51,XX,+4,+6,+10,+14,+21", "5 gains and losses"),
        ("50,XXXXY,-1,+21,+mar", "6 gains and losses"),
        ("41,XY,-1,-4,-13,-16,-19", "5 chromosomes are missing"),
    ],
)
def test_implausible_counts_keep_their_string_beside_a_question(iscn: str, words: str) -> None:
    proposal = propose(counts_of(iscn))
    assert proposal.text == iscn
    assert words in proposal.question


def test_unknown_label_is_an_error_and_never_drops_out() -> None:
    with pytest.raises(ValueError, match="'23'"):
        propose({"1": 2, "23": 1})


def test_negative_count_is_an_error() -> None:
    with pytest.raises(ValueError, match="negative"):
        propose({"1": -1})


@st.composite
def cells(draw: st.DrawFn) -> dict[str, int]:
    """Nearly whole cells of any ploidy, nothing in the tray: most of them have a string."""
    ploidy = draw(st.sampled_from((2, 3, 4)))
    counts = dict.fromkeys(AUTOSOMES, ploidy)
    for kind in draw(st.lists(st.sampled_from(AUTOSOMES), max_size=6)):
        counts[kind] = max(0, counts[kind] + draw(st.sampled_from((-1, 1, 2))))
    counts["X"] = draw(st.integers(1, ploidy + 2))
    counts["Y"] = draw(st.integers(0, ploidy))
    return counts | {MARKER: draw(st.integers(0, 2)), TRAY: 0}


@settings(deadline=None)
@given(cells())
def test_proposal_reconciles_in_order_and_tells_every_chromosome(counts: dict[str, int]) -> None:
    proposal = propose(counts)
    if not proposal.text:
        assert proposal.question
        return
    total, sex, *changes = proposal.text.split(",")
    gains = sum(times for sign, _, times in map(change_told, changes) if sign == "+")
    losses = sum(times for sign, _, times in map(change_told, changes) if sign == "-")
    autosomes = int(total) - len(sex) - gains + losses
    assert int(total) == sum(counts.values())
    assert autosomes in (44, 66, 88)
    assert re.fullmatch("X+Y*", sex)
    assert all(re.fullmatch(r"[+-]\d+|\+\d*mar", change) for change in changes)
    order = [SLOTS.index(change_told(change)[1]) for change in changes]
    assert order == sorted(order)
    assert not [p for p in check(proposal.text).problems if p.severity is Severity.ERROR]

    told = dict.fromkeys(AUTOSOMES, autosomes // 22) | {MARKER: 0, TRAY: 0}
    told |= {"X": sex.count("X"), "Y": sex.count("Y")}
    for sign, kind, times in map(change_told, changes):
        told[kind] += times if sign == "+" else -times
    assert told == counts


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(SLOTS), st.integers(0, 5)))
def test_any_counts_have_a_string_or_a_question(counts: dict[str, int]) -> None:
    proposal = propose(counts)
    assert proposal.text or proposal.question.endswith(("?", "."))
    if counts.get(TRAY) or not counts.get("X"):
        assert proposal.text == ""


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "46,XX"),
        ({"7": 1, "8": 3}, "46,XX,-7,+8"),
        ({"X": 1, "Y": 1, "21": 3}, "47,XY,+21"),
        ({TRAY: 2}, "46,XX"),
        ({"X": 0, "Y": 1}, ""),
    ],
)
def test_a_reading_is_written_whatever_its_doubts(changes: dict[str, int], text: str) -> None:
    assert formula(NORMAL | {"X": 2} | changes) == text


def test_of_more_than_seventy_in_a_photograph_it_is_asked_whether_they_are_of_two_cells() -> None:
    counts = dict.fromkeys(AUTOSOMES, 4) | {"X": 2, "Y": 2}
    assert propose(counts).question == ""
    asked = propose(counts, in_photograph=True)
    assert asked.text == "92,XXYY"
    assert asked.question == "92 chromosomes: are there two cells in this picture?"
    doubtful = propose(counts | {"7": 5, "8": 3}, in_photograph=True)
    assert not doubtful.text
    assert doubtful.question.startswith(
        "92 chromosomes: are there two cells in this picture? Check"
    )
    assert propose(dict.fromkeys(AUTOSOMES, 3) | {"X": 3}, in_photograph=True).question == ""


def test_many_close_calls_put_all_types_in_doubt_until_they_are_decided() -> None:
    counts = counts_of("47,XX,+21")
    assert propose(counts, close_calls=15).question == ""
    asked = propose(counts, close_calls=16)
    assert asked.text == "47,XX,+21"
    assert asked.question == "16 of 47 types are close calls: review them first."
    entry = CheckEntry("c1", CheckKind.OUTLINE, 0.4)
    unsettled = str(propose(counts, (entry,), close_calls=16))
    assert unsettled.endswith(f"would be 47,XX,+21. {asked.question}")


def test_while_a_repair_is_not_analysed_the_count_is_not_settled() -> None:
    told = propose(counts_of("45,XX,-7"), waits=AWAITED)
    assert told.text == ""
    assert told.question.startswith("Count not settled: the last repair")
    assert told.question.endswith("would be 45,XX,-7.")
    changes, slots = (LabelledChange("s1", "del(5)(q31)", ("c1",)),), {"c1": "5"}
    assert not propose_cell(counts_of("46,XX"), changes, slots, waits=AWAITED).text


PHOTOGRAPH = Quality(46, 1, 1, 0.9, 400, True, "Few cross.", 0.8, band_contrast=0.2)


@pytest.mark.parametrize(
    ("other_bands", "inverse", "told"),
    [
        (None, False, ""),
        (0.49, False, ""),
        (0.5, False, "The bands cannot be read as G-bands"),
        (0.9, True, "The bands cannot be read as G-bands, rather as R-bands"),
    ],
)  # fmt: skip
def test_of_other_bands_no_karyotype_is_told(
    other_bands: float | None, inverse: bool, told: str
) -> None:
    quality = replace(PHOTOGRAPH, other_bands=other_bands, inverse_bands=inverse)
    proposal = propose(counts_of("46,XX"), quality=quality)
    counted = ": 46 chromosomes counted, no karyotype can be given."
    assert proposal.question == (f"{told}{counted}" if told else "")
    assert bool(proposal.text) is not bool(told)


@pytest.mark.parametrize(
    ("fits", "asked"), [(None, False), (1.0, False), (1.09, False), (0.92, False), (1.25, True),
                        (0.8, True)],
)  # fmt: skip
def test_types_that_do_not_fit_the_sizes_are_asked_about(fits: float | None, asked: bool) -> None:
    proposal = propose(counts_of("46,XX"), quality=replace(PHOTOGRAPH, scale_fits=fits))
    assert (proposal.text == "") is asked
    if asked:
        assert proposal.question == (
            "The types do not fit the sizes: set the scale by hand "
            f"({fits} × would fit); would be 46,XX."
        )
