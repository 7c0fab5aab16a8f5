"""Where chromosomes stand in a new revision of a cell: what a person decided on stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from karyogui.domain.karyogram import SLOTS, TRAY, Karyogram, Placement


def kept(placements: Sequence[Placement], turned: Mapping[str, float]) -> tuple[Placement, ...]:
    """Placements that a person decided on.

    `turned` says by id by how many degrees more, counter-clockwise, the new crop was set upright:
    the turn is corrected for it, so that the chromosome still stands as the person left it. Ids it
    lacks are of another picture and are not kept.
    """
    return tuple(
        replace(p, turn=_corrected(p, turned[p.chromosome_id]))
        for p in placements
        if p.is_decided and p.chromosome_id in turned
    )


def as_printed(
    fresh: Sequence[Placement], slots: Mapping[str, str], turned: Mapping[str, float]
) -> tuple[Placement, ...]:
    """Placements where a person had put the chromosomes in a finished karyogram, and as they stood.

    `slots` by id, in the order of the karyogram; `turned` says by how many degrees the crop was
    set upright. Where the network's `fresh` placement is of the same slot it is confirmed by that;
    where it is of another one the person's stands, and waits to be looked at.
    """
    by_id = {placement.chromosome_id: placement for placement in fresh}
    taken = dict.fromkeys(SLOTS, 0)
    placements = []
    for chromosome_id, slot in slots.items():
        was = by_id[chromosome_id]
        upside_down = 90.0 < turned[chromosome_id] % 360.0 < 270.0
        stands = replace(
            was,
            slot=slot,
            index=taken[slot],
            turn=180.0 if upside_down else 0.0,
            confirmed=slot != TRAY and slot == was.slot,
        )
        taken[slot] += 1
        placements.append(was.brought_to(stands, by_program=False))
    return tuple(placements)


def as_decided(
    placements: Sequence[Placement], before: Sequence[Placement], away: Sequence[Placement]
) -> tuple[Placement, ...]:
    """Placements of a new revision with what a person has decided on of them.

    `before` stood on the board; those `away` had left it, and one that comes back as it stood then
    is still decided on.
    """
    standing = {p.chromosome_id: p for p in before}
    left = {p.chromosome_id: p for p in away}
    told = []
    for p in placements:
        was, last = standing.get(p.chromosome_id), left.get(p.chromosome_id)
        if was is not None:
            told.append(was.brought_to(p, by_program=True))
        elif last is not None and last.is_placed_like(p):
            told.append(replace(p, proposed=last.proposed))
        else:
            told.append(replace(p, proposed=None))
    return tuple(told)


def merged(fresh: Sequence[Placement], kept: Sequence[Placement]) -> tuple[Placement, ...]:
    """After an analysis: the kept placements at the left of their slots, the others behind."""
    by_person = {placement.chromosome_id for placement in kept}
    others = [
        replace(placement, index=placement.index + len(fresh))
        for placement in fresh
        if placement.chromosome_id not in by_person
    ]
    return Karyogram([*kept, *others]).placements


def settled(
    standing: Sequence[Placement], fresh: Sequence[Placement], kept: Sequence[Placement]
) -> tuple[Placement, ...]:
    """After a repair: who stays in its slot stays in its place, the others come behind.

    `standing` is before the repair; `fresh` has every chromosome after it where the assignment
    puts it, and those of them that are also in `kept` stand as told there.
    """
    before = {placement.chromosome_id: placement for placement in standing}
    by_person = {placement.chromosome_id: placement for placement in kept}
    target = [by_person.get(placement.chromosome_id, placement) for placement in fresh]

    def rank(placement: Placement) -> tuple[bool, int]:
        was = before.get(placement.chromosome_id)
        stays = was is not None and was.slot == placement.slot
        return not stays, was.index if was is not None and stays else placement.index

    ordered = sorted(target, key=rank)
    return Karyogram(replace(p, index=n) for n, p in enumerate(ordered)).placements


def _corrected(placement: Placement, turned: float) -> float:
    if not turned:
        return placement.turn
    return round(placement.turn + (-turned if placement.mirrored else turned), 6) % 360.0
