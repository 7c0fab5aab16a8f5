"""Repairs that are shown and not stored yet. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from karyogui.domain.separation import Repair, SeparatedObject
from karyogui.services.repairing import repaired_objects
from karyogui.ui.metaphase.commands import RepairSeparation


@dataclass(frozen=True, eq=False)
class RepairJob:
    """A repair of a stored cell that `who` asked for."""

    cell_id: int
    repair: Repair
    who: str


@dataclass(frozen=True, eq=False)
class PendingRepair:
    """A job of the queue, the command it belongs to, and whether it does or undoes it."""

    job: RepairJob
    command: RepairSeparation
    does: bool


class PendingRepairs:
    """Those of all cells, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._all: list[PendingRepair] = []

    def add(self, pending: PendingRepair) -> None:
        """Put one at the end."""
        self._all.append(pending)

    def of_cell(self, cell_id: int) -> tuple[PendingRepair, ...]:
        """Those of a cell."""
        return tuple(p for p in self._all if p.job.cell_id == cell_id)

    def remove(self, job: RepairJob) -> PendingRepair | None:
        """Forget the one of a job, and return it."""
        found = next((p for p in self._all if p.job is job), None)
        if found is not None:
            self._all.remove(found)
        return found

    def latest_of(self, command: RepairSeparation) -> PendingRepair | None:
        """The last one of a command."""
        return next((p for p in reversed(self._all) if p.command is command), None)

    def shown(
        self,
        cell_id: int,
        stored: Sequence[SeparatedObject],
        before: Collection[SeparatedObject] = (),
    ) -> tuple[SeparatedObject, ...]:
        """The objects of a cell after everything that waits, from those that are stored.

        Those that look as one of `before` did are that very one, so that a view need not paint
        what has not changed. `KaryoError` when a repair does not fit what is there.
        """
        objects = tuple(stored)
        for pending in self.of_cell(cell_id):
            objects = repaired_objects(objects, pending.job.repair)
        known = {each.id: each for each in before}
        return tuple(
            known[o.id] if o.id in known and _look_alike(known[o.id], o) else o for o in objects
        )


def turned_round(repair: Repair, does: bool) -> Repair:
    """The repair, or the one that undoes it."""
    return repair if does else repair.inverse


def _look_alike(one: SeparatedObject, other: SeparatedObject) -> bool:
    if one is other:
        return True
    same = (one.kind, one.origin, one.box, one.turn, one.by_person) == (
        other.kind,
        other.origin,
        other.box,
        other.turn,
        other.by_person,
    )
    return same and np.array_equal(one.mask, other.mask)
