import json
from dataclasses import replace

import numpy as np
import pytest

from model.evaluation.cells.metrics import (
    CellOutcome,
    accuracy,
    confusion,
    f1_score,
    findings,
    per_class,
    silence,
    summarise,
)
from model.vocabulary.labels import X, Y

NORMAL_XY = (*(k for k in range(22) for _ in range(2)), X, Y)
TRISOMY_21 = (*NORMAL_XY, 20)


def counts(types: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(types.count(k) for k in range(24))


def outcome(
    types: tuple[int, ...] = NORMAL_XY,
    *,
    argmax: dict[int, int] | None = None,
    assigned: dict[int, int] | None = None,
    dispatched: dict[int, int] | None = None,
    wrong_polarities: int = 0,
    truth: tuple[int, ...] | None = None,
    seconds: float = 1.0,
) -> CellOutcome:
    """A cell answered rightly but for what is named by position.

    `assigned` is what the default assignment gets wrong, `dispatched` what Algorithm 1 does.
    """

    def answers(changes: dict[int, int] | None) -> np.ndarray:
        return np.array([(changes or {}).get(i, k) for i, k in enumerate(types)])

    polarities = np.arange(len(types)) % 2
    given = polarities.copy()
    given[:wrong_polarities] = 1 - given[:wrong_polarities]
    methods = {"map": answers(assigned), "dispatch": answers(dispatched)}
    return CellOutcome(
        "case", "cell", np.array(types, dtype=np.int64), answers(argmax), methods,
        polarities, given, counts(types if truth is None else truth), seconds,
    )  # fmt: skip


def test_f1_by_hand() -> None:
    """Eq. (12): of 0 (2 of 3 found, 1 false) 2/3, of 1 (1 of 2 found, 1 false) 1/2, of 2 1."""
    truths = np.array([0, 0, 0, 1, 1, 2])
    answers = np.array([0, 0, 1, 1, 0, 2])
    assert f1_score(truths, answers) == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert accuracy(truths, answers) == pytest.approx(4 / 6)


def test_a_class_answered_but_never_true_counts_as_nought() -> None:
    assert f1_score(np.array([0, 0]), np.array([0, 5])) == pytest.approx((2 / 3 + 0) / 2)


def test_two_cells_by_hand() -> None:
    """46 chromosomes with 2 and 47 with 5 wrong by argmax; the assignment mends the first cell."""
    first = outcome(argmax={0: 1, 1: 2}, wrong_polarities=23, seconds=1.0)
    second = outcome(
        TRISOMY_21, argmax=dict.fromkeys(range(5), 9), assigned={0: 1},
        dispatched={0: 1, 2: 0, 4: 0}, seconds=4.0,
    )  # fmt: skip
    figures = summarise([first, second])
    assert figures["type"]["acc"] == pytest.approx((44 + 42) / 93)
    assert figures["type"]["acc_per_case"] == pytest.approx((44 / 46 + 42 / 47) / 2)
    assert figures["type"]["acc_per_case_assigned"] == pytest.approx((1 + 46 / 47) / 2)
    assert figures["type"]["acc_per_case_d"] == pytest.approx((1 + 44 / 47) / 2)
    assert figures["polarity"]["acc"] == pytest.approx((23 + 47) / 93)
    assert figures["polarity"]["acc_per_case"] == pytest.approx((0.5 + 1) / 2)
    assert figures["cells_exactly_right"] == 0.5
    assert figures["seconds_per_cell"] == 2.5
    # Of the first 23, 12 of polarity 0 and 11 of polarity 1 are answered the other way round.
    f1 = figures["polarity"]["f1"]
    assert f1 == pytest.approx((2 * 35 / (47 + 46) + 2 * 35 / (46 + 47)) / 2)


def test_findings_by_hand() -> None:
    cells = [
        outcome(),  # normal, not flagged
        outcome(assigned={0: 1}),  # normal, flagged
        outcome(TRISOMY_21),  # abnormal, flagged, exact
        outcome(TRISOMY_21, assigned={0: 1}),  # abnormal, flagged, not exact
        outcome(NORMAL_XY, truth=TRISOMY_21),  # abnormal by the manifest, not flagged
    ]
    assert findings(cells) == {
        "sensitivity": pytest.approx(2 / 3),
        "specificity": 0.5,
        "exact_abnormal": pytest.approx(1 / 3),
        "abnormal_cells": 3,
        "normal_cells": 2,
    }


@pytest.mark.parametrize(("sex", "normal"), [((X, X), True), ((X, Y), True), ((X,), False),
                                             ((X, X, Y), False), ((Y, Y), False)])  # fmt: skip
def test_the_sex_chromosomes_decide_too(sex: tuple[int, ...], normal: bool) -> None:
    assert outcome((*NORMAL_XY[:44], *sex)).is_abnormal is not normal


def test_swapped_types_are_not_exactly_right_though_the_counts_are() -> None:
    swapped = outcome(assigned={0: 1, 2: 0})
    assert not swapped.is_exactly_right()
    assert swapped.is_flagged() is False
    assert swapped.finding_is_exact()


def test_an_unassigned_chromosome_is_missing_from_the_counts() -> None:
    missing = outcome(assigned={0: -1})
    assert missing.is_flagged()
    assert not missing.is_exactly_right()


@pytest.mark.parametrize("outcomes", [[], [outcome(())], [outcome()], [outcome(TRISOMY_21)]])
def test_shares_of_nothing_are_null_never_nan(outcomes: list[CellOutcome]) -> None:
    figures = summarise(outcomes)
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


def test_a_cell_without_chromosomes_does_not_spoil_the_mean() -> None:
    figures = summarise([outcome(()), outcome(argmax={0: 1})])
    assert figures["type"]["acc_per_case"] == pytest.approx(45 / 46)


def test_silence_by_hand() -> None:
    """Three wrong types in two cells: one is named, two change places without a word."""
    named = np.zeros(46, np.bool_)
    named[[0, 7]] = True
    told = replace(outcome(assigned={0: 1}), named=named)
    swapped = replace(outcome(assigned={0: 1, 2: 0}), named=np.zeros(46, np.bool_))
    lost = replace(outcome(assigned={5: 9}), named=named)
    figures = silence([told, swapped, lost, outcome(assigned={3: 4})])
    assert figures == {
        "wrong_types_per_cell": pytest.approx(4 / 3),
        "silent_wrong_types_per_cell": 1.0,
        "listed": 0.25,
        "silent_cells": pytest.approx(1 / 3),  # a swap that nobody saw leaves the counts right
        "needless_entries": 1.0,
    }


def test_silence_of_cells_without_a_list_or_a_fault_is_null() -> None:
    assert set(silence([outcome()]).values()) == {None}
    assert silence([replace(outcome(), named=np.zeros(46, np.bool_))])["listed"] is None


def test_both_assignments_are_told_and_the_chosen_one_counts() -> None:
    """The default hides the trisomy that Algorithm 1 finds."""
    cell = outcome(TRISOMY_21, assigned={46: 19})
    hidden = outcome(TRISOMY_21, assigned={46: 0, 0: -1})
    figures = summarise([cell, hidden])
    assert figures["assignments"]["map"]["findings"] == figures["findings"]
    assert figures["assignments"]["map"]["cells_exactly_right"] == 0
    assert figures["assignments"]["map"]["findings"]["sensitivity"] == 0.5
    assert figures["assignments"]["dispatch"]["cells_exactly_right"] == 1
    assert figures["assignments"]["dispatch"]["findings"]["exact_abnormal"] == 1
    assert figures["assignments"]["dispatch"]["acc_per_case"] == 1


def test_precision_and_recall_by_hand() -> None:
    """Of 0: 2 of 3 found, 1 of 3 answers false; 2 is never answered, 3 does not occur."""
    rows = per_class(np.array([0, 0, 0, 1, 2]), np.array([0, 0, 1, 0, -1]), 4)
    assert rows[0] == pytest.approx(
        {"precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3, "support": 3}
    )
    assert rows[1]["recall"] == 0
    assert rows[2] == {"precision": None, "recall": 0, "f1": 0, "support": 1}
    assert rows[3] == {"precision": None, "recall": None, "f1": None, "support": 0}


def test_the_confusion_matrix_keeps_every_chromosome() -> None:
    matrix = confusion(np.array([3, 3, 3, Y]), np.array([3, 4, -1, Y]))
    assert matrix.sum() == 4
    assert (matrix[3, 3], matrix[3, 4], matrix[3, 24], matrix[Y, Y]) == (1, 1, 1, 1)
