"""The separation check in words, which entries are open, and what they do to a proposal."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.chromosome import TYPES
from karyogui.domain.complement import Complement
from karyogui.domain.iscn import IscnProposal, propose
from karyogui.domain.karyogram import SLOTS
from karyogui.domain.separation import ObjectKind, Quality
from karyogui.domain.separation_check import (
    CheckEntry,
    CheckKind,
    EntryState,
    expected_repairs,
    expected_text,
    open_entries,
    reason,
    short_reason,
    unsettled,
)

NORMAL = dict.fromkeys(SLOTS, 0) | {str(n): 2 for n in range(1, 23)} | {"X": 2}
CROSSING = CheckEntry("c07", CheckKind.SEVERAL, 0.777, ("4", "13"))
UNBANDED = Quality(46, 1, 1, 0.9, None, True, "", 0.8, band_contrast=0.01)
DEBRIS = CheckEntry("c50", CheckKind.REJECTED, 0.4, ("21",), 0.87)


@pytest.mark.parametrize(
    ("entry", "taken_for", "words"),
    [
        (CROSSING, ObjectKind.CHROMOSOME, "Looks like 4 and 13 together (78 %)."),
        (
            CheckEntry("c07", CheckKind.SEVERAL, 0.6),
            ObjectKind.CHROMOSOME,
            "Looks like several chromosomes (60 %).",
        ),
        (
            DEBRIS,
            ObjectKind.DEBRIS,
            "Taken for debris, of chromosome size, most like a 21 (87 %).",
        ),
        (
            CheckEntry("c51", CheckKind.REJECTED, 0.4, ("X",), 0.999),
            ObjectKind.EDGE,
            "Cut by the border, of chromosome size, most like an X (99 %).",
        ),
        (
            CheckEntry("c08", CheckKind.PART, 0.3),
            ObjectKind.CHROMOSOME,
            "May be a fragment or half of a chromosome.",
        ),
        (
            CheckEntry("c08", CheckKind.OUTLINE, 0.3, ("8",), 0.5),
            ObjectKind.CHROMOSOME,
            "The outline is doubtful: it may be no chromosome, most like an 8 (50 %).",
        ),
    ],
)
def test_reasons(entry: CheckEntry, taken_for: ObjectKind, words: str) -> None:
    assert reason(entry, taken_for) == words


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (CROSSING, "Looks like 4 and 13 together (78 %)"),
        (DEBRIS, "Taken for debris, most like a 21 (87 %)"),
        (CheckEntry("c1", CheckKind.PART, 0.3, ("8",), 0.5),
         "May be part of a chromosome, most like an 8 (50 %)"),
        (CheckEntry("c1", CheckKind.OUTLINE, 0.3), "The outline is doubtful"),
    ],
)  # fmt: skip
def test_a_reason_in_the_few_words_of_a_list(entry: CheckEntry, words: str) -> None:
    assert short_reason(entry, ObjectKind.DEBRIS) == words


def test_an_entry_is_open_until_it_is_worked_off_or_its_chromosome_confirmed() -> None:
    both = (DEBRIS, CROSSING)
    assert open_entries(both) == (CROSSING, DEBRIS)
    for state in (EntryState.REPAIRED, EntryState.RIGHT):
        assert open_entries((replace(CROSSING, state=state), DEBRIS)) == (DEBRIS,)


def test_entries_stand_in_the_order_of_harm() -> None:
    kinds = [CheckKind.OUTLINE, CheckKind.PART, CheckKind.REJECTED, CheckKind.SEVERAL]
    entries = [CheckEntry(f"c{n}", kind, p) for kind in kinds for n, p in ((1, 0.4), (2, 0.8))]
    told = open_entries(entries)
    assert [entry.kind for entry in told] == [kind for kind in reversed(kinds) for _ in "12"]
    assert [entry.probability for entry in told] == [0.8, 0.4] * 4


def test_what_is_open_is_counted_by_kind() -> None:
    assert unsettled(()) == ""
    assert unsettled((CROSSING,)) == "Count not settled: 1 object may be two chromosomes"
    told = unsettled((CROSSING, CROSSING, DEBRIS))
    assert told == (
        "Count not settled: 2 objects may be two chromosomes, 1 rejected object may be a chromosome"
    )


def test_while_an_entry_is_open_the_string_is_only_what_it_would_be() -> None:
    proposal = propose(NORMAL | {"7": 1}, (CROSSING,))
    assert proposal == IscnProposal(
        "", "Count not settled: 1 object may be two chromosomes; would be 45,XX,-7."
    )
    assert str(proposal) == proposal.question


def test_what_is_asked_about_by_its_size_alone_says_so() -> None:
    told = reason(CheckEntry("c1", CheckKind.SEVERAL, 0.0), ObjectKind.CHROMOSOME)
    assert told == "As large as two chromosomes, and its bands do not tell whether it is one."


def test_an_open_entry_and_a_question_are_both_told() -> None:
    proposal = propose(NORMAL | {"X": 0}, (DEBRIS,))
    assert proposal.text == ""
    assert proposal.question.startswith("Count not settled: 1 rejected object may be a chromosome.")
    assert proposal.question.endswith("is an X among group C?")


def test_without_bands_there_is_a_count_and_no_string() -> None:
    proposal = propose(NORMAL, quality=UNBANDED)
    assert proposal == IscnProposal(
        "", "No bands can be seen: 46 chromosomes counted, no karyotype can be given."
    )
    assert propose(NORMAL, quality=UNBANDED, in_photograph=True) == IscnProposal(
        "",
        "No bands can be seen: 46 chromosomes counted (two in one line may be counted as one), "
        "no karyotype can be given.",
    )
    assert "1 object may be two" in propose(NORMAL, (CROSSING,), UNBANDED).question


def test_a_doubt_is_part_of_the_text() -> None:
    few = NORMAL | {str(n): 1 for n in range(1, 7)}
    proposal = propose(few)
    assert proposal.text
    assert proposal.question
    assert str(proposal) == f"{proposal.text} ({proposal.question})"


@pytest.mark.parametrize(
    ("repairs", "told"),
    [(None, ""), (0.3, "Hardly any repair expected"), (1.2, "About 1 repair expected"),
     (6.6, "About 7 repairs expected")],
)  # fmt: skip
def test_what_a_cell_will_cost_in_words(repairs: float | None, told: str) -> None:
    quality = Quality(46, 1, 1, 0.9, 400, True, "Few cross.", 0.8, repairs=repairs)
    assert expected_text(expected_repairs(quality, ())) == told
    assert expected_repairs(None, ()) is None


def test_what_was_worked_off_is_no_longer_expected() -> None:
    quality = Quality(46, 1, 1, 0.9, 400, True, "Few cross.", 0.8, repairs=3.0)
    entries = [
        CheckEntry("a", CheckKind.SEVERAL, 0.9, state=EntryState.REPAIRED),
        CheckEntry("b", CheckKind.PART, 0.5, state=EntryState.RIGHT),
        CheckEntry("c", CheckKind.PART, 0.7),
    ]
    assert expected_repairs(quality, entries) == pytest.approx(1.6)
    assert expected_repairs(replace(quality, repairs=0.5), entries) == 0.0


HELD = CheckEntry("c09", CheckKind.SEVERAL, 0.06, if_lacking=TYPES)
SMALL = CheckEntry("c51", CheckKind.REJECTED, 0.2, ("22",), 0.4, if_lacking=("21", "22"))
NUCLEUS = CheckEntry("c60", CheckKind.REJECTED, 0.0, if_lacking=TYPES)


def test_what_is_held_back_is_asked_last_and_only_for_what_the_cell_lacks() -> None:
    entries = (HELD, SMALL, CROSSING)
    assert open_entries(entries, {"22"}) == (CROSSING,)
    settled = (HELD, SMALL, replace(CROSSING, state=EntryState.RIGHT))
    assert open_entries(settled) == ()
    assert [e.object_id for e in open_entries(settled, {"22"})] == ["c09", "c51"]
    assert [e.object_id for e in open_entries(settled, {"7", "X"})] == ["c09"]
    assert open_entries(settled, {"22"})[0].if_lacking == ("22",)
    worked_off = tuple(replace(e, state=EntryState.RIGHT) for e in settled)
    assert open_entries(worked_off, {"22"}) == ()


@pytest.mark.parametrize(
    ("entry", "taken_for", "words"),
    [
        (
            replace(HELD, if_lacking=("22",)),
            ObjectKind.CHROMOSOME,
            "A 22 is missing: it may lie in or on this chromosome.",
        ),
        (
            replace(SMALL, if_lacking=("22",)),
            ObjectKind.DEBRIS,
            "A 22 is missing: it may be this (taken for debris, most like a 22 (40 %)).",
        ),
        (
            replace(NUCLEUS, if_lacking=("X", "Y")),
            ObjectKind.NUCLEUS,
            "An X or Y is missing: it may lie in or under this (taken for a nucleus).",
        ),
        (
            replace(NUCLEUS, if_lacking=("11", "2", "X")),
            ObjectKind.EDGE,
            "A 2, an 11 or an X is missing: it may lie in or under this (cut by the border).",
        ),
        (
            replace(HELD, if_lacking=("1", "2", "3", "4")),
            ObjectKind.CHROMOSOME,
            "A chromosome is missing: it may lie in or on this chromosome.",
        ),
        (
            replace(HELD, state=EntryState.RIGHT),
            ObjectKind.CHROMOSOME,
            "Asked about because a chromosome was missing.",
        ),
    ],
)
def test_reasons_of_what_is_held_back(entry: CheckEntry, taken_for: ObjectKind, words: str) -> None:
    assert reason(entry, taken_for) == words
    assert short_reason(entry, taken_for) == words.removesuffix(".")


def test_a_loss_is_no_string_while_an_object_may_hold_what_lacks() -> None:
    counts = NORMAL | {"X": 1}
    asked = open_entries((HELD, NUCLEUS), Complement.of(counts).lacking)
    proposal = propose(counts, asked)
    assert proposal.text == ""
    assert proposal.question == (
        "Count not settled: an X or Y is missing, 2 objects may hold it; would be 45,X."
    )
    assert propose(NORMAL, open_entries((HELD, NUCLEUS), Complement.of(NORMAL).lacking)).text


@given(
    st.lists(
        st.builds(
            CheckEntry,
            st.sampled_from(["a", "b", "c", "d"]),
            st.sampled_from(list(CheckKind)),
            st.floats(0, 1),
            state=st.sampled_from(list(EntryState)),
            if_lacking=st.lists(st.sampled_from(TYPES), max_size=3, unique=True).map(tuple),
        )
    ),
    st.sets(st.sampled_from(TYPES), max_size=4),
)
def test_nothing_that_may_hold_what_lacks_is_passed_over(
    entries: list[CheckEntry], lacking: set[str]
) -> None:
    asked = open_entries(entries, lacking)
    left = [e for e in entries if e.state is EntryState.OPEN]
    always = [e for e in left if not e.if_lacking]
    may_hold = [e for e in left if lacking.intersection(e.if_lacking)]
    assert len(asked) == len(always or may_hold)
    assert bool(unsettled(asked)) == bool(always or may_hold)
