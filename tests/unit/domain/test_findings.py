"""Cell findings: every deviating slot is told in plain words, and a normal cell is silent."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.chromosome import AUTOSOMES
from karyogui.domain.complement import NORMAL_SEX, Complement
from karyogui.domain.findings import (
    CellFinding,
    FindingKind,
    condensed,
    find,
    findings_by_slot,
)
from karyogui.domain.karyogram import MARKER, SLOTS, TRAY

ORDER = [
    FindingKind.INCOMPLETE,
    FindingKind.PLOIDY,
    FindingKind.SEX,
    FindingKind.TOO_FEW,
    FindingKind.MARKER,
    FindingKind.UNPLACED,
]


def is_abnormal(findings: tuple[CellFinding, ...]) -> bool:
    """Whether the counts deviate from a normal cell: unplaced objects alone do not."""
    return any(finding.kind is not FindingKind.UNPLACED for finding in findings)


def cell(sex: str, ploidy: int = 2, **changes: int) -> dict[str, int]:
    """Counts of a whole cell; changes as `c21=1`, `mar=2`, `tray=1`."""
    counts = dict.fromkeys(SLOTS, 0) | dict.fromkeys(AUTOSOMES, ploidy)
    counts |= {"X": sex.count("X"), "Y": sex.count("Y")}
    for slot, change in changes.items():
        counts[slot.removeprefix("c")] += change
    return counts


def texts(counts: dict[str, int]) -> list[str]:
    return [finding.text for finding in find(counts)]


@pytest.mark.parametrize("counts", [{}, dict.fromkeys(SLOTS, 0), cell("XX"), cell("XY")])
def test_normal_and_empty_cells_are_silent(counts: dict[str, int]) -> None:
    assert find(counts) == ()
    assert not is_abnormal(find(counts))


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        (cell("XY", c21=1), "Three chromosomes 21 in this cell."),
        (cell("XX", c8=2), "Four chromosomes 8 in this cell."),
        (cell("XX", c8=15), "17 chromosomes 8 in this cell."),
        (cell("XX", c7=-1), "Only one chromosome 7 in this cell."),
        (cell("XX", c5=-2), "No chromosome 5 in this cell."),
        (cell("X"), "Only one sex chromosome (X) in this cell."),
        (cell("Y"), "One Y without an X in this cell."),
        (cell("YY"), "Two Y without an X in this cell."),
        (cell(""), "No sex chromosome in this cell."),
        (cell("XXX"), "Three sex chromosomes (XXX) in this cell."),
        (cell("XXY"), "Three sex chromosomes (XXY) in this cell."),
        (cell("XYY"), "Three sex chromosomes (XYY) in this cell."),
        (cell("XXXXY"), "Five sex chromosomes (XXXXY) in this cell."),
        (cell("XXXXXYYY"), "Eight sex chromosomes (5 X, 3 Y) in this cell."),
        (cell("XX", mar=1), "One marker chromosome in this cell."),
        (cell("XX", mar=2), "Two marker chromosomes in this cell."),
        (cell("XX", tray=1), "One chromosome lies unplaced in the tray."),
        (cell("XX", tray=3), "Three chromosomes lie unplaced in the tray."),
        (cell("XXY", ploidy=3), "69 chromosomes in this cell: three of each type (triploid)."),
        (cell("XXYY", ploidy=4), "92 chromosomes in this cell: four of each type (tetraploid)."),
    ],
)
def test_one_deviation_is_one_sentence(counts: dict[str, int], text: str) -> None:
    assert texts(counts) == [text]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (
            cell("XXX", ploidy=3, c21=1),
            [
                "70 chromosomes in this cell: about three of each type (triploid).",
                "Four chromosomes 21 in this cell.",
            ],
        ),
        (
            cell("XX", ploidy=3, c13=-1),
            [
                "67 chromosomes in this cell: about three of each type (triploid).",
                "Only two sex chromosomes (XX) in this cell.",
                "Only two chromosomes 13 in this cell.",
            ],
        ),
        (
            cell("XXXY", ploidy=4),
            [
                "92 chromosomes in this cell: about four of each type (tetraploid).",
                "Unusual sex chromosomes (XXXY) in this tetraploid cell.",
            ],
        ),
        (
            cell("YYY", ploidy=3),
            [
                "69 chromosomes in this cell: about three of each type (triploid).",
                "Three Y without an X in this cell.",
            ],
        ),
    ],
)
def test_ploidy_comes_first_and_only_what_deviates_from_it_follows(
    counts: dict[str, int], expected: list[str]
) -> None:
    assert texts(counts) == expected


def test_order_is_sex_autosomes_markers_tray() -> None:
    assert texts(cell("X", c21=1, c3=-1, mar=1, tray=1)) == [
        "Only one sex chromosome (X) in this cell.",
        "Only one chromosome 3 in this cell.",
        "Three chromosomes 21 in this cell.",
        "One marker chromosome in this cell.",
        "One chromosome lies unplaced in the tray.",
    ]


def test_finding_knows_its_slots_and_count() -> None:
    by_slot = findings_by_slot(find(cell("XXY", c21=1, c7=-1, mar=2, tray=1)))
    assert set(by_slot) == {"X", "Y", "21", "7", MARKER, TRAY}
    assert by_slot["X"] is by_slot["Y"]
    kinds_and_counts = {slot: (finding.kind, finding.count) for slot, finding in by_slot.items()}
    assert kinds_and_counts["X"] == (FindingKind.SEX, 3)
    assert kinds_and_counts["21"] == (FindingKind.TOO_MANY, 3)
    assert kinds_and_counts["7"] == (FindingKind.TOO_FEW, 1)
    assert kinds_and_counts[MARKER] == (FindingKind.MARKER, 2)
    assert kinds_and_counts[TRAY] == (FindingKind.UNPLACED, 1)


@pytest.mark.parametrize(
    ("counts", "first"),
    [
        ({"1": 2, "2": 2, "21": 3, "X": 1, "16": 2}, "Only 10 chromosomes in this cell"),
        ({"1": 1}, "Only 1 chromosome in this cell"),
        ({"1": 1, TRAY: 9}, "Only 1 of 10 chromosomes is placed"),
        ({"1": 4, TRAY: 6}, "Only 4 of 10 chromosomes are placed"),
        ({TRAY: 46}, "No chromosome is placed yet"),
    ],
)
def test_incomplete_cell_says_so_first_and_hides_nothing(
    counts: dict[str, int], first: str
) -> None:
    findings = find(counts)
    assert findings[0].text == f"{first}: counts are incomplete."
    assert findings[0].slots == ()
    marked = set(findings_by_slot(findings))
    assert {kind for kind in AUTOSOMES if counts.get(kind, 0) != 2} <= marked


def test_condensed_findings_of_an_incomplete_cell_keep_what_it_does_not_explain() -> None:
    findings = find({"1": 2, "21": 3, "X": 1, MARKER: 1, TRAY: 2})
    assert [finding.text for finding in condensed(findings)] == [
        "Only 7 of 9 chromosomes are placed: counts are incomplete.",
        "Only one sex chromosome (X) in this cell.",
        "Three chromosomes 21 in this cell.",
        "One marker chromosome in this cell.",
        "Two chromosomes lie unplaced in the tray.",
    ]


def test_condensed_findings_of_a_complete_cell_are_all_of_them() -> None:
    findings = find(cell("X", c7=-1, c21=1))
    assert condensed(findings) == findings


def test_unplaced_objects_alone_are_open_work_and_not_abnormal() -> None:
    assert not is_abnormal(find(cell("XX", tray=2)))
    assert is_abnormal(find(cell("XX", c7=-1, tray=1)))
    assert is_abnormal(find(cell("XX", mar=1)))
    assert is_abnormal(find(cell("XXY", ploidy=3)))


def test_unknown_slot_is_an_error() -> None:
    with pytest.raises(ValueError, match="'23'"):
        find({"23": 1})


any_counts = st.fixed_dictionaries({slot: st.integers(0, 5) for slot in SLOTS})


@settings(deadline=None)
@given(any_counts)
def test_every_deviating_slot_is_told_once_and_no_other(counts: dict[str, int]) -> None:
    findings = find(counts)
    ploidy = Complement.of(counts).ploidy
    deviating = {kind for kind in AUTOSOMES if counts[kind] != ploidy}
    deviating |= {slot for slot in (MARKER, TRAY) if counts[slot]}
    if (counts["X"], counts["Y"]) not in NORMAL_SEX[ploidy]:
        deviating |= {"X", "Y"}
    told = [slot for finding in findings for slot in finding.slots]
    assert sorted(told) == sorted(deviating if any(counts.values()) else ())
    for finding in findings:
        if finding.slots:
            assert finding.count == sum(counts[slot] for slot in finding.slots)


@settings(deadline=None)
@given(any_counts)
def test_order_and_sentences_hold_for_any_counts(counts: dict[str, int]) -> None:
    findings = find(counts)
    assert find(dict(reversed(counts.items()))) == findings
    kinds = [
        FindingKind.TOO_FEW if finding.kind is FindingKind.TOO_MANY else finding.kind
        for finding in findings
    ]
    assert [ORDER.index(kind) for kind in kinds] == sorted(ORDER.index(kind) for kind in kinds)
    autosomes = [slot for finding in findings for slot in finding.slots if slot in AUTOSOMES]
    assert autosomes == sorted(autosomes, key=int)
    for finding in findings:
        assert finding.text[0].isupper() or finding.text[0].isdigit()
        assert finding.text.endswith(".")


@settings(deadline=None)
@given(st.sampled_from((2, 3, 4)), st.data())
def test_whole_cell_of_any_ploidy_marks_no_slot(ploidy: int, data: st.DataObject) -> None:
    x, y = data.draw(st.sampled_from(NORMAL_SEX[ploidy]))
    findings = find(cell("X" * x + "Y" * y, ploidy=ploidy))
    assert findings_by_slot(findings) == {}
    assert [finding.kind for finding in findings] == [FindingKind.PLOIDY] * (ploidy > 2)
