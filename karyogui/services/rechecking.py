"""The separation check after repairs: what is new in a cell is judged as the rest was."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.separation_check import CheckEntry, asked_again
from karyogui.domain.sitting import ActionKind
from karyogui.services.analysis import metaphase_of
from karyogui.services.ports import Network
from karyogui.services.progress import Monitor
from karyogui.storage.cells import CellStore


def entries_after_repair(
    cell: Cell,
    chromosomes: Sequence[Chromosome],
    cells: CellStore,
    network: Network,
    monitor: Monitor,
) -> tuple[CheckEntry, ...]:
    """What a person has to look at of what repairs have made; `chromosomes` as they are answered.

    Objects that nobody touched keep the entries that they have. Nothing is asked of a cell that
    has no check.
    """
    fresh = _fresh(cell, cells.found_ids(cell.id)) if cell.has_check else frozenset()
    scale = cell.assignment.scale if cell.assignment else None
    if not fresh or scale is None:
        return ()
    picture = metaphase_of(cell, cells)
    found = network.check_again(picture, cell.objects, chromosomes, scale, fresh, monitor)
    by_person = {o.id for o in cell.objects if o.by_person}
    asked = asked_again(found, by_person, _joined(cell))
    if cell.is_readable:
        return asked
    return tuple(replace(entry, types=(), type_probability=0.0) for entry in asked)


def _fresh(cell: Cell, found: Collection[str]) -> frozenset[str]:
    """Ids of the objects that the separation had not found so."""
    return frozenset(o.id for o in cell.objects if o.by_person or o.id not in found)


def _joined(cell: Cell) -> frozenset[str]:
    """Ids that came by joining, according to the trail."""
    joins = [edit.change for edit in cell.edits if edit.change.kind is ActionKind.JOIN]
    return frozenset(
        p.chromosome_id
        for change in joins
        for p in change.after
        if p.chromosome_id not in {b.chromosome_id for b in change.before}
    )
