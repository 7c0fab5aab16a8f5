"""An edit of the past made again: after a repair chromosomes no longer stand where it left them."""

from __future__ import annotations

from dataclasses import replace

from karyogui.domain.karyogram import SLOTS, Change, Karyogram, Placement


def refitted(change: Change, karyogram: Karyogram) -> Change:
    """What a change did, from where the chromosomes stand now.

    The very same change when it fits. Otherwise each chromosome that it moved, turned, mirrored or
    confirmed, and that is still there, is moved, turned, mirrored or confirmed so again; those
    that only made room for it do not count, and the result may be empty. A change that brings or
    takes chromosomes away is not made for this: it comes back as it is.
    """
    now = {p.chromosome_id: p for p in karyogram.placements}
    fits = all(now.get(p.chromosome_id) == p for p in change.before)
    if change.repairs or (fits and _is_in_order(now, change)):
        return change
    before = {p.chromosome_id: p for p in change.before}
    meant = [
        (before[p.chromosome_id], p, now[p.chromosome_id])
        for p in change.after
        if p.chromosome_id in now and _differs(before[p.chromosome_id], p)
    ]
    if not meant:  # nothing but the order within a slot
        meant = [
            (before[p.chromosome_id], p, now[p.chromosome_id])
            for p in change.after
            if p.chromosome_id in now and now[p.chromosome_id].slot == p.slot
        ]
    after = _placed(now, karyogram, [_again(*each) for each in meant])
    touched = [i for i in now if now[i] != after[i]]
    return replace(
        change,
        before=tuple(now[i] for i in touched),
        after=tuple(after[i] for i in touched),
    )


def _differs(before: Placement, after: Placement) -> bool:
    return replace(before, index=0) != replace(after, index=0)


def _again(before: Placement, after: Placement, now: Placement) -> Placement:
    """Where a chromosome stands after the same has been done to it."""
    turn = (now.turn + after.turn - before.turn) % 360.0
    return replace(
        now,
        slot=after.slot if after.slot != before.slot else now.slot,
        index=after.index if after.slot == now.slot or after.slot != before.slot else now.index,
        turn=turn if turn < 360.0 else 0.0,
        mirrored=now.mirrored != (after.mirrored != before.mirrored),
        confirmed=after.confirmed if after.confirmed != before.confirmed else now.confirmed,
    )


def _placed(
    now: dict[str, Placement], karyogram: Karyogram, moved: list[Placement]
) -> dict[str, Placement]:
    """All placements when some are let in at their indices, without gaps."""
    going = {p.chromosome_id for p in moved}
    after: dict[str, Placement] = {}
    for slot in SLOTS:
        order = [now[i] for i in karyogram.in_slot(slot) if i not in going]
        for placement in sorted((p for p in moved if p.slot == slot), key=lambda p: p.index):
            order.insert(min(placement.index, len(order)), placement)
        after |= {p.chromosome_id: replace(p, index=n) for n, p in enumerate(order)}
    return after


def _is_in_order(now: dict[str, Placement], change: Change) -> bool:
    """Whether a change that starts from here leaves no gap, and no two in one place."""
    places: dict[str, list[int]] = {}
    for placement in (now | {p.chromosome_id: p for p in change.after}).values():
        places.setdefault(placement.slot, []).append(placement.index)
    return all(sorted(found) == list(range(len(found))) for found in places.values())
