"""Which placements a person decided on, when chromosomes also go and come by repairs."""

from collections.abc import Sequence
from dataclasses import replace

from karyogui.domain.karyogram import Karyogram, Placement
from karyogui.domain.review import Edit
from karyogui.storage.decisions import decisions
from tests.unit.domain.trails import edit

AT_5 = Placement("c05", "5", 0)
AT_X = Placement("c05", "X", 0, confirmed=True)
NEIGHBOUR = Placement("c06", "X", 0)


def after(placements: Sequence[Placement], *edits: Edit) -> tuple[Placement, ...]:
    """Where everything stands after these edits, with what is decided of it."""
    karyogram = Karyogram(placements)
    for each in edits:
        karyogram.apply(each.change)
    return karyogram.placements


def told(placements: Sequence[Placement], *edits: Edit) -> dict[str, Placement]:
    """How the decided ones would stand without the decisions, as it is stored."""
    standing = after(placements, *edits)
    return {p.chromosome_id: p.proposed for p in standing if p.proposed is not None}


def test_a_move_is_a_decision_until_it_is_taken_back() -> None:
    moved = edit((AT_5,), (AT_X,))
    assert decisions((moved,)).origins == told([AT_5], moved) == {"c05": AT_5}
    back = edit((AT_X,), (AT_5,))
    assert decisions((moved, back)).origins == {"c05": AT_5}
    assert not any(p.slot_is_decided for p in after([AT_5], moved, back))


def test_a_neighbour_that_moves_up_decides_nothing() -> None:
    moved = edit((AT_5, NEIGHBOUR), (AT_X, replace(NEIGHBOUR, index=1)))
    assert set(decisions((moved,)).origins) == {"c05"}
    assert set(told([AT_5, NEIGHBOUR], moved)) == {"c05"}


def test_one_that_a_repair_took_and_brought_back_is_still_decided_on() -> None:
    moved = edit((AT_5,), (AT_X,))
    cut = edit((AT_X,), (Placement("c47", "5", 0),), by_person=False, repairs=True)
    gone = decisions((moved, cut))
    assert gone.origins == {}
    assert gone.left == {"c05": AT_X}
    undone = edit(cut.change.after, (replace(AT_X, index=2),), by_person=False, repairs=True)
    back = decisions((moved, cut, undone))
    assert back.origins == {"c05": AT_5}
    assert back.left == {}


def test_another_chromosome_of_the_same_id_was_not_decided_on() -> None:
    moved = edit((AT_5,), (replace(AT_X, confirmed=False),))
    taken = edit(moved.change.after, (), by_person=False, repairs=True)
    other = edit((), (Placement("c05", "9", 0, 180.0),), by_person=False, repairs=True)
    assert decisions((moved, taken, other)).origins == {}
    assert not any(p.slot_is_decided for p in after([AT_5], moved, taken, other))


def test_one_without_a_decision_leaves_none_behind() -> None:
    back_and_forth = (edit((AT_5,), (AT_X,)), edit((AT_X,), (AT_5,)))
    taken = edit((AT_5,), (), by_person=False, repairs=True)
    assert decisions((taken,)).left == {}
    assert decisions((*back_and_forth, taken)).left == {}


def test_an_assignment_takes_the_slot_and_leaves_the_turn() -> None:
    turned = edit((AT_5,), (replace(AT_5, turn=180.0),))
    assigned = edit(turned.change.after, (replace(AT_5, slot="9", turn=180.0),), by_person=False)
    assert decisions((turned, assigned)).origins == {"c05": replace(AT_5, slot="9")}
    assert told([AT_5], turned, assigned) == {"c05": replace(AT_5, slot="9")}


def test_one_that_the_program_set_up_anew_is_decided_on_no_more() -> None:
    moved = edit((AT_5,), (AT_X,))
    anew = edit((AT_X,), (Placement("c05", "9", 0, 180.0),), by_person=False)
    assert decisions((moved, anew)).origins == told([AT_5], moved, anew) == {}
