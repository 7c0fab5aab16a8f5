"""What a person decided on, read out of the audit trail: for databases that did not store it.

Only the migration 0005 replays a trail; since then `Placement.proposed` is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from karyogui.domain.karyogram import Placement
from karyogui.domain.review import Edit


@dataclass(frozen=True)
class Decisions:
    """What a trail of edits says about a person's decisions on placements, by chromosome id.

    `origins` is how a chromosome would stand without them, of those that a person altered; one
    that stands so has been taken back. `left` is where decided ones stood when a repair took them
    off the board, its `proposed` how they would have stood without the decision.
    """

    origins: Mapping[str, Placement]
    left: Mapping[str, Placement]


def decisions(edits: Iterable[Edit]) -> Decisions:
    """Read a trail, oldest first.

    Chromosomes that leave the board and come back as they stood are still decided on; whatever
    else comes under their ids is not.
    """
    origins: dict[str, Placement] = {}
    left: dict[str, tuple[Placement, Placement]] = {}
    for change in (edit.change for edit in edits):
        befores = {p.chromosome_id: p for p in change.before}
        afters = {p.chromosome_id: p for p in change.after}
        for i, last in befores.items():
            if i not in afters:
                left.pop(i, None)
                if i in origins:
                    left[i] = (last, origins.pop(i))
        for i, after in afters.items():
            if i in befores:
                _decide(origins, befores[i], after, change.by_program)
            elif i in left:
                last, origin = left.pop(i)
                if last.is_placed_like(after):
                    origins[i] = origin
    return Decisions(
        origins,
        {
            i: replace(last, proposed=origin)
            for i, (last, origin) in left.items()
            if not last.is_placed_like(origin)
        },
    )


def _decide(
    origins: dict[str, Placement], before: Placement, after: Placement, by_program: bool
) -> None:
    """Take one placement's change into account."""
    i = before.chromosome_id
    if before.is_placed_like(after):  # a neighbour that only moved up
        return
    if not by_program:
        origins.setdefault(i, before)
    elif i in origins and before.slot != after.slot:
        # An assignment moved it: the slot is no decision any more, a turn still is.
        origins[i] = replace(origins[i], slot=after.slot)
        if not replace(before, slot=after.slot).is_placed_like(after):
            del origins[i]
