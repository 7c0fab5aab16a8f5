"""Who needs review and why; what the assignment changed, in words; what a person decided."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from karyogui.domain.analysis import AssignmentSummary
from karyogui.domain.chromosome import (
    AUTOSOMES,
    TYPES,
    Assignment,
    Chromosome,
    Polarity,
    Prediction,
    Segment,
)
from karyogui.domain.karyogram import TRAY, Karyogram
from karyogui.domain.review import (
    RUNNER_UP_MARGIN,
    evidence_flag,
    is_moved,
    margin_words,
    moved_sentence,
    review_queue,
    runner_up,
)
from model.vocabulary.results import REVIEW_MARGIN

NORMAL = (*AUTOSOMES, *AUTOSOMES, "X", "X")
CLEAR = 20.0


def chromosome(
    name: str,
    kind: str | None,
    margin: float | None = CLEAR,
    looks: str = "",
    probability: float = 0.97,
    q_down: float = 0.99,
    confidence: float = 0.97,
    reasons: tuple[str, ...] = (),
) -> Chromosome:
    looks = looks or kind or "1"
    probabilities = [(1 - probability) / 23] * 24
    probabilities[TYPES.index(looks)] = probability
    crop = np.full((4, 2), 255, np.uint8)
    return Chromosome(
        name,
        Segment(f"{name}.png", crop, crop < 255),
        Prediction(tuple(probabilities), (1 - q_down, q_down)),
        Assignment(kind, Polarity.Q_DOWN, confidence, reasons, margin, moved=looks != kind),
    )


def cell(kinds: Sequence[str] = NORMAL, *others: Chromosome) -> tuple[Chromosome, ...]:
    """Ids are `7a`, `7b`, … by type."""
    made: list[Chromosome] = []
    for kind in kinds:
        number = sum(c.assigned is not None and c.assigned.type == kind for c in made)
        made.append(chromosome(f"{kind}{'abcdef'[number]}", kind))
    replaced = {other.id: other for other in others}
    kept = tuple(replaced.pop(c.id, c) for c in made)
    return (*kept, *replaced.values())


def reasons_of(chromosomes: Sequence[Chromosome], *disagreeing: str) -> dict[str, tuple[str, ...]]:
    karyogram = Karyogram.from_analysis(chromosomes)
    queue = review_queue(chromosomes, karyogram, AssignmentSummary("map", disagreeing))
    return {item.chromosome_id: item.reasons for item in queue}


def test_a_clear_normal_cell_asks_nothing() -> None:
    assert reasons_of(cell()) == {}


def test_the_smallest_margin_comes_first_and_large_ones_not_at_all() -> None:
    close = [chromosome("7a", "7", 2.0), chromosome("4b", "4", 0.5), chromosome("9a", "9", 2.9)]
    found = reasons_of(cell(NORMAL, *close))
    assert list(found) == ["4b", "7a", "9a"]
    (reason,) = found["4b"]
    assert reason == "Close; margin 0.5."
    assert "11a" not in reasons_of(cell(NORMAL, chromosome("11a", "11", REVIEW_MARGIN)))


def test_how_urgent_it_is_falls_with_the_margin() -> None:
    chromosomes = cell(NORMAL, chromosome("7a", "7", 0.0), chromosome("8a", "8", REVIEW_MARGIN / 2))
    queue = review_queue(chromosomes, Karyogram.from_analysis(chromosomes))
    assert [item.doubt for item in queue] == [1.0, 0.5]


def test_the_tray_comes_before_every_margin() -> None:
    odd = chromosome("odd", None, 6.0, looks="9", reasons=("No chromosome is to be seen.",))
    found = reasons_of(
        cell(NORMAL, odd, chromosome("7a", "7", 0.1), chromosome("u", None, 1.0, "3"))
    )
    assert list(found) == ["u", "odd", "7a"]
    assert found["odd"] == ("No chromosome is to be seen.",)
    assert found["u"] == ("Looks most like 3 (97 %), but fits no place of this cell.",)


def test_the_numbers_of_an_object_of_no_type_become_sentences() -> None:
    unsure = chromosome("odd", None, 6.0, looks="9", probability=0.6, q_down=0.8)
    assert reasons_of(cell(NORMAL, unsure))["odd"] == (
        "Looks most like 9 (60 %), but fits no place of this cell.",
        "Polarity uncertain: q arm down 80 % in the picture.",
    )
    blank = replace(unsure, predicted=Prediction((1 / 24,) * 24, (0.5, 0.5)))
    assert reasons_of(cell(NORMAL, blank))["odd"] == ("No chromosome can be seen in the picture.",)


def test_a_y_always_asks() -> None:
    found = reasons_of(cell((*AUTOSOMES, *AUTOSOMES, "X", "Y")))
    assert found == {"Ya": ("A Y is always reviewed.",)}


def test_every_chromosome_of_an_abnormal_type_asks() -> None:
    found = reasons_of(cell((*NORMAL, "8")))
    assert found == dict.fromkeys(("8a", "8b", "8c"), ("Three chromosomes 8 in this cell.",))


@pytest.mark.parametrize(
    ("kinds", "ids"),
    [
        ((*NORMAL, "21"), {"21a", "21b", "21c", "22a", "22b"}),
        (NORMAL[:21] + NORMAL[22:], {"22a", "21a", "21b"}),
        ((*AUTOSOMES, *AUTOSOMES, "X", "X", "Y"), {"21a", "21b", "22a", "22b", "Xa", "Xb", "Ya"}),
        ((*AUTOSOMES, *AUTOSOMES, "X"), {"Xa"}),
    ],
)
def test_a_count_decision_in_group_g_asks_for_all_of_it(
    kinds: tuple[str, ...], ids: set[str]
) -> None:
    assert set(reasons_of(cell(kinds))) == ids


def test_in_an_incomplete_cell_a_lone_homologue_is_no_reason() -> None:
    kinds = AUTOSOMES[:10] * 2 + AUTOSOMES[10:] + ("X",)
    assert set(reasons_of(cell(kinds))) == {"Xa"}


def test_disagreeing_evidence_asks_whatever_the_margin() -> None:
    against = chromosome("7a", "7", 9.0, looks="8")
    found = reasons_of(cell(NORMAL, against), "7a")
    assert found == {
        "7a": (
            "The picture disagrees with the assignment. Looks most like 8 (97 %); "
            "placed at 7 because two surer ones are at 8; margin 9.0.",
        )
    }


def test_an_uncertain_polarity_asks() -> None:
    found = reasons_of(cell(NORMAL, chromosome("3a", "3", q_down=0.62)))
    assert found == {"3a": ("Polarity uncertain: q arm down 62 % in the picture.",)}


def test_a_moved_one_with_a_clear_margin_does_not_ask() -> None:
    moved = chromosome("5a", "5", CLEAR, looks="4", probability=0.62)
    chromosomes = cell(NORMAL, moved)
    assert reasons_of(chromosomes) == {}
    placement = Karyogram.from_analysis(chromosomes).placement("5a")
    assert is_moved(moved, placement)
    assert not is_moved(moved, replace(placement, confirmed=True))
    assert not is_moved(moved, replace(placement, slot="4"))


@pytest.mark.parametrize(
    ("kinds", "why"),
    [
        (NORMAL, "because two surer ones are at 4"),
        (NORMAL[4:], "because a surer one is at 4"),
        ([k for k in NORMAL if k != "4"], "because the cell as a whole is likelier so"),
    ],
)
def test_the_sentence_of_a_moved_one_says_why(kinds: Sequence[str], why: str) -> None:
    moved = chromosome("5a", "5", 1.3, looks="4", probability=0.62)
    sentence = moved_sentence(moved, cell(kinds, moved))
    assert sentence == f"Looks most like 4 (62 %); placed at 5 {why}; margin 1.3."
    assert moved_sentence(chromosome("5a", "5"), cell(kinds)) == ""


def test_the_sentence_does_not_call_surer_who_is_not() -> None:
    moved = chromosome("5a", "5", None, looks="4", probability=0.99)
    sentence = moved_sentence(moved, cell(NORMAL, moved))
    assert sentence == "Looks most like 4 (99 %); placed at 5 because two others are at 4."


def test_confirmed_ones_leave() -> None:
    chromosomes = cell((*NORMAL, "8"), chromosome("8a", "8", 0.1))
    karyogram = Karyogram.from_analysis(chromosomes)
    karyogram.apply(karyogram.confirm(["8a", "8c"]))
    assert [item.chromosome_id for item in review_queue(chromosomes, karyogram)] == ["8b"]


def test_one_that_stands_elsewhere_than_assigned_asks() -> None:
    chromosomes = cell()
    karyogram = Karyogram.from_analysis(chromosomes)
    karyogram.apply(karyogram.assign({"5a": "4", "4a": "5"}, "Undone"))
    found = {item.chromosome_id: item.reasons for item in review_queue(chromosomes, karyogram)}
    assert found["5a"] == ("The assignment puts it at 5; it is at 4.",)
    assert set(found) == {"4a", "5a"}


class TestOlderResults:
    """Without a margin the confidence of Algorithm 1 and the reasons of the analysis decide."""

    def test_low_confidence_or_a_reason_asks(self) -> None:
        old = [
            chromosome("7a", "7", None, confidence=0.8),
            chromosome("8a", "8", None, confidence=0.95, reasons=("Odd.",)),
            chromosome("9a", "9", None, confidence=0.95),
        ]
        found = reasons_of(cell(NORMAL, *old))
        assert found == {"7a": ("Low confidence.",), "8a": ("Odd.",)}

    def test_the_least_confident_comes_first(self) -> None:
        old = [chromosome("7a", "7", None, confidence=0.8)]
        old.append(chromosome("9b", "9", None, confidence=0.3))
        assert list(reasons_of(cell(NORMAL, *old))) == ["9b", "7a"]

    def test_nothing_is_said_of_a_margin(self) -> None:
        assert margin_words(chromosome("7a", "7", None), cell(), None) == ""


class TestMarginInWords:
    def test_clear_or_close_to_the_most_probable_other(self) -> None:
        assert margin_words(chromosome("5a", "5", CLEAR), cell(), None) == "clear"
        moved = chromosome("5a", "5", 1.0, looks="4")
        assert margin_words(moved, cell(NORMAL, moved), None) == "close: next best 4"
        torn = chromosome("5a", "5", 2.0, probability=0.2)
        assert margin_words(torn, cell(NORMAL, torn), None) == "close: next best 1"

    def test_a_type_that_the_picture_hardly_shows_is_not_named(self) -> None:
        assert margin_words(chromosome("5a", "5", 2.0), cell(), None) == "close"

    def test_where_the_runner_up_rests_on_it_that_one_says(self) -> None:
        gained = cell((*NORMAL, "8"), chromosome("8a", "8", 1.5), chromosome("9a", "9", 1.5))
        eight = next(c for c in gained if c.id == "8a")
        nine = next(c for c in gained if c.id == "9a")
        normal = tuple(NORMAL.count(kind) for kind in TYPES)
        of_none = AssignmentSummary("map", (), normal, 1.52)
        assert margin_words(eight, gained, of_none) == "close: it may be of no type"
        assert margin_words(nine, gained, of_none) == "close"
        seven = tuple(3 if kind == "7" else n for kind, n in zip(TYPES, normal, strict=True))
        assert margin_words(eight, gained, AssignmentSummary("map", (), seven, 1.5)) == (
            "close: next best 7"
        )
        other = AssignmentSummary("map", (), normal, 2.5)
        assert margin_words(eight, gained, other) == "close"


class TestEvidence:
    SUMMARY = AssignmentSummary("map", ("7a", "8a"))
    CELL = cell(NORMAL, chromosome("7a", "7", 9.0, looks="8"), chromosome("8a", "8", 9.0, "X"))

    def test_both_readings_are_told(self) -> None:
        flag = evidence_flag(self.CELL, Karyogram.from_analysis(self.CELL), self.SUMMARY)
        assert flag is not None
        assert flag.chromosome_ids == ("7a", "8a")
        assert (flag.assigned, flag.by_pictures) == ("46,XX", "46,XXX,-7")
        assert flag.sentences[0] == "Stands at 7, looks like 8 (97 %)."

    def test_what_a_person_decided_is_left_out(self) -> None:
        karyogram = Karyogram.from_analysis(self.CELL)
        karyogram.apply(karyogram.confirm(["7a"]))
        flag = evidence_flag(self.CELL, karyogram, self.SUMMARY)
        assert flag is not None
        assert flag.chromosome_ids == ("8a",)
        karyogram.apply(karyogram.move(["8a"], "X"))
        assert evidence_flag(self.CELL, karyogram, self.SUMMARY) is None

    def test_older_results_know_nothing(self) -> None:
        assert evidence_flag(self.CELL, Karyogram.from_analysis(self.CELL), None) is None


class TestRunnerUp:
    OTHER = (2,) * 6 + (1, 3) + (2,) * 15 + (0,)

    def summary(self, margin: float | None) -> AssignmentSummary:
        return AssignmentSummary("map", (), self.OTHER, margin)

    def told(self, margin: float | None, kinds: Sequence[str] = NORMAL) -> str:
        counts = Karyogram.from_analysis(cell(kinds)).counts
        return runner_up(cell(), counts, self.summary(margin))

    def test_a_close_one_is_told(self) -> None:
        assert self.told(1.26) == "Nearly as likely: 46,XX,-7,+8 (margin 1.3)."

    def test_what_it_leaves_out_is_told(self) -> None:
        gained = cell((*NORMAL, "8"))
        counts = Karyogram.from_analysis(gained).counts
        normal = tuple(NORMAL.count(kind) for kind in TYPES)
        told = runner_up(gained, counts, AssignmentSummary("map", (), normal, 2.1))
        assert told == "Nearly as likely: 46,XX with one object of no type (margin 2.1)."

    def test_of_an_incomplete_cell_none_is_told(self) -> None:
        few = cell(NORMAL[:16])
        counts = Karyogram.from_analysis(few).counts
        other = tuple(NORMAL[1:16].count(kind) for kind in TYPES)
        assert runner_up(few, counts, AssignmentSummary("map", (), other, 0.4)) == ""

    def test_a_distant_or_unknown_one_is_not(self) -> None:
        assert self.told(RUNNER_UP_MARGIN) == ""
        assert self.told(None) == ""
        counts = Karyogram.from_analysis(cell()).counts
        assert runner_up(cell(), counts, None) == ""
        assert runner_up(cell(), counts, AssignmentSummary("dispatch")) == ""

    def test_once_a_person_counts_otherwise_it_is_no_more(self) -> None:
        assert self.told(1.0, (*NORMAL, "9")) == ""


def decided(karyogram: Karyogram) -> frozenset[str]:
    """Ids of which a person has decided where they stand."""
    return frozenset(p.chromosome_id for p in karyogram.placements if p.slot_is_decided)


class TestDecidedByPerson:
    def edited(self, *steps: tuple[str, str, bool]) -> frozenset[str]:
        """Steps are (id, slot, by the program)."""
        karyogram = Karyogram.from_analysis(cell())
        for name, slot, by_program in steps:
            change = (
                karyogram.assign({name: slot}, "Assign")
                if by_program
                else replace(karyogram.move([name], slot), text="Move")
            )
            if not by_program:
                # As when the move is undone later: what counts is where it stands.
                after = tuple(replace(p, confirmed=False) for p in change.after)
                change = replace(change, after=after)
            karyogram.apply(change)
        return decided(karyogram)

    def test_put_into_the_tray_is_decided(self) -> None:
        assert self.edited(("7a", TRAY, False)) == {"7a"}

    def test_taken_back_is_not(self) -> None:
        assert self.edited(("7a", TRAY, False), ("7a", "7", False)) == frozenset()

    def test_a_neighbour_that_moved_up_is_not(self) -> None:
        assert self.edited(("7b", "8", False)) == {"7b"}

    def test_what_the_program_moved_is_not(self) -> None:
        assert self.edited(("7a", "8", True)) == frozenset()
        back = (("7a", TRAY, False), ("7a", "7", False), ("7a", "8", True))
        assert self.edited(*back) == frozenset()

    def test_confirmed_is(self) -> None:
        karyogram = Karyogram.from_analysis(cell())
        karyogram.apply(karyogram.confirm(["4a"]))
        assert decided(karyogram) == {"4a"}
