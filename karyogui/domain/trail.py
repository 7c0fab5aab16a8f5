"""What of a cell's audit trail still holds: from the program's proposal to what stands now.

Only net changes count: what was undone, or brought back by hand, is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from karyogui.domain.cell import Cell
from karyogui.domain.complement import Complement
from karyogui.domain.iscn import IscnProposal, propose
from karyogui.domain.karyogram import Placement, slot_counts
from karyogui.domain.labelled_changes import propose_cell
from karyogui.domain.review import PROGRAM, Edit, close_calls
from karyogui.domain.separation_check import EntryState, open_entries
from karyogui.domain.sitting import REPAIRS, ActionKind

_UNDONE = "Undo: "
_OPPOSITE = frozenset((ActionKind.DELETE, ActionKind.RESTORE, ActionKind.MARK))
"""Repairs that take an object off the board or bring it back, under the same id."""


def since_proposed(cell: Cell) -> tuple[Edit, ...]:
    """The edits since the proposal that the cell goes back to; those before have no object.

    That is the network's last look at the whole cell; but a look at what persons had repaired
    goes on with their work.
    """
    start, lasting = 0, list[Edit]()
    for number, edit in enumerate(cell.edits, start=1):
        if _is_look(edit) and not (lasting and _is_of_the_same(edit)):
            start, lasting = number, []
        else:
            _take(edit, lasting)
    return cell.edits[start:]


def proposed_placements(cell: Cell) -> tuple[Placement, ...]:
    """Where the program had put everything before the edits that have an object.

    Where a person's decision was kept over the look, it is where the program alone would put it.
    """
    now = {p.chromosome_id: p for p in cell.placements}
    state = dict(now)
    for edit in reversed(since_proposed(cell)):
        for placement in edit.change.after:
            state.pop(placement.chromosome_id, None)
        state |= {p.chromosome_id: p for p in edit.change.before}
    return tuple(_without_person(placement, now) for placement in state.values())


def first_proposal(cell: Cell) -> IscnProposal:
    """What the program proposed for the cell before any person did anything to it."""
    placements = proposed_placements(cell)
    counts, close = slot_counts(placements), close_calls(cell.chromosomes, placements)
    entries = [replace(e, state=EntryState.OPEN) for e in cell.check if not e.later]
    listed = open_entries(entries, Complement.of(counts).lacking)
    return propose(counts, listed, cell.quality, cell.has_photograph, close_calls=close)


def present_proposal(cell: Cell) -> IscnProposal:
    """What is proposed for the cell as it stands, with what a person has labelled."""
    return propose_cell(
        slot_counts(cell.placements),
        cell.changes,
        cell.slots,
        cell.open_check,
        cell.quality,
        cell.has_photograph,
        close_calls=close_calls(cell.chromosomes, cell.placements),
        waits=cell.waits,
    )


def lasting_repairs(cell: Cell) -> tuple[Edit, ...]:
    """Repairs of the photograph that nobody has taken back, in the order in which they were made.

    Taken back is what was undone, what was deleted or marked and is there again, and what was
    turned and stands as it did.
    """
    if cell.objects and not any(item.by_person for item in cell.objects):
        return ()
    lasting: list[Edit] = []
    for edit in since_proposed(cell):
        _take(edit, lasting)
    # Turns that follow each other are undone as one, so it is the objects that tell.
    turns = [edit for edit in lasting if edit.change.kind is ActionKind.ROTATE]
    turned = sum(item.turn % 360.0 != 0.0 for item in cell.objects)
    gone = {id(edit) for edit in turns[: max(0, len(turns) - turned)]}
    return tuple(edit for edit in lasting if id(edit) not in gone)


def persons(edits: Iterable[Edit]) -> tuple[str, ...]:
    """Who made the edits, each once, in the order of their first."""
    return tuple(dict.fromkeys(edit.who for edit in edits))


def _is_look(edit: Edit) -> bool:
    return edit.who == PROGRAM and edit.change.kind is None


def _is_of_the_same(look: Edit) -> bool:
    """Whether a look at the whole cell found exactly the chromosomes that were there."""
    return _moved(look) == ()


def _take(edit: Edit, lasting: list[Edit]) -> None:
    """Put a repair to those that last, or take out the one that it takes back."""
    if edit.change.kind not in REPAIRS:
        return
    at = _taken_back(edit, lasting)
    if at is None:
        lasting.append(edit)
    else:
        del lasting[at]


def _without_person(placement: Placement, now: dict[str, Placement]) -> Placement:
    present = now.get(placement.chromosome_id)
    if present is not None and present.proposed is not None and present.is_placed_like(placement):
        return present.proposed
    return placement


def _taken_back(edit: Edit, earlier: Sequence[Edit]) -> int | None:
    """The place of the earlier repair that an edit takes back; None where it is a new one."""
    change = edit.change
    for at in range(len(earlier) - 1, -1, -1):
        other = earlier[at].change
        if change.text == f"{_UNDONE}{other.text}":
            return at
        opposite = change.kind in _OPPOSITE and other.kind in _OPPOSITE
        if opposite and _moved(edit) and _moved(edit) == _moved(earlier[at])[::-1]:
            return at
    return None


def _moved(edit: Edit) -> tuple[frozenset[str], ...]:
    """The ids that a repair took off the board, and those that it brought; empty for none."""
    before = frozenset(p.chromosome_id for p in edit.change.before)
    after = frozenset(p.chromosome_id for p in edit.change.after)
    went, came = before - after, after - before
    return (went, came) if went or came else ()
