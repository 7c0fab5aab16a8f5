"""What work costs: sums by kind, and which acts correct something."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.sitting import NO_CORRECTIONS, REPAIRS, ActionKind, CorrectionCost, Sitting

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

sittings = st.lists(
    st.builds(
        lambda seconds, actions: Sitting("ann", NOW, NOW, seconds, actions),
        st.floats(0, 1e5),
        st.dictionaries(st.sampled_from(ActionKind), st.integers(0, 40)),
    ),
    max_size=6,
)


def test_only_acts_that_correct_the_program_count() -> None:
    actions = {
        ActionKind.CUT: 2,
        ActionKind.MOVE: 3,
        ActionKind.CONFIRM: 40,
        ActionKind.UNDO: 1,
        ActionKind.REDO: 1,
        ActionKind.ENHANCE: 1,
        ActionKind.ASSIGN: 1,
    }
    assert CorrectionCost.of([Sitting("ann", NOW, NOW, 12.0, actions)]).corrections == 5


@pytest.mark.parametrize("kind", sorted(REPAIRS))
def test_every_repair_is_an_act_that_corrects(kind: ActionKind) -> None:
    assert kind not in NO_CORRECTIONS


def test_edits_of_the_board_are_no_repairs() -> None:
    others = {ActionKind.MOVE, ActionKind.TURN, ActionKind.MIRROR, ActionKind.UNDO}
    assert not REPAIRS & others


def test_repairs_are_stored_under_these_words() -> None:
    assert {str(kind) for kind in REPAIRS} == {
        *("cut", "split crossing", "course", "join", "brush"),
        *("lasso", "delete", "restore", "mark", "rotate"),
    }


@given(sittings)
def test_a_cost_is_the_sum_of_its_sittings(worked: list[Sitting]) -> None:
    cost = CorrectionCost.of(worked)
    total: Counter[ActionKind] = Counter()
    for sitting in worked:
        total.update(sitting.actions)
    assert dict(cost.actions) == {kind: n for kind, n in total.items() if n}
    each = [CorrectionCost.of([sitting]) for sitting in worked]
    assert cost.corrections == sum(one.corrections for one in each)
    assert cost.seconds_active == pytest.approx(sum(s.seconds_active for s in worked))
    assert CorrectionCost.of(reversed(worked)).actions == cost.actions


def test_no_sitting_costs_nothing() -> None:
    assert CorrectionCost.of(()) == CorrectionCost({}, 0.0)
