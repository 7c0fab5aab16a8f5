"""Repairs of a photograph's separation: only what was touched is looked at again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from karyogui.domain.analysis import AssignmentSummary
from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.errors import KaryoError
from karyogui.log import timed
from karyogui.services.analysis import keep_thumbnail, metaphase_of
from karyogui.services.ports import Assigner, Repairer
from karyogui.services.progress import Monitor, Progress
from karyogui.services.reviewing import UNKNOWN_PERSON
from karyogui.storage.cells import CellStore
from karyogui.storage.repairs import RepairedCell

log = logging.getLogger(__name__)

_HINT_OPEN_AGAIN = "Open the cell again and repeat the repair."


class RepairService:
    """Applies repairs to stored cells."""

    def __init__(self, cells: CellStore) -> None:
        self._cells = cells

    def apply(
        self,
        cell_id: int,
        repair: Repair,
        repairer: Repairer,
        assigner: Assigner,
        who: str,
        monitor: Monitor,
    ) -> Cell:
        """Repair a cell, look at what is new, assign the cell anew, store it, return it.

        The same call with `repair.inverse` undoes it; what any revision of the cell tells of an
        object is not looked at again. Chromosomes that a person placed stay there. Raises
        `KaryoError` (a signed-off cell, a repair of objects that are no more, weights, another
        network than that of the analysis, disk) and `Cancelled`; then the cell is as it was.
        """
        with timed(log, f"{repair.kind.value} in cell {cell_id}"):
            return self._apply(cell_id, repair, repairer, assigner, who, monitor)

    def _apply(
        self,
        cell_id: int,
        repair: Repair,
        repairer: Repairer,
        assigner: Assigner,
        who: str,
        monitor: Monitor,
    ) -> Cell:
        cell = self._cells.load(cell_id)
        _refuse(cell)
        assert cell.model is not None
        objects = repaired_objects(cell.objects, repair)
        present = _present(cell, objects)
        chromosomes = self._seen(cell, objects, present, repairer, monitor)
        assigned = assigner.assign(chromosomes, cell.model, cell.assignment)
        analysed = tuple(
            Chromosome(c.id, c.segment, predicted, said)
            for c, predicted, said in zip(
                chromosomes, assigned.predicted, assigned.assigned, strict=True
            )
        )
        # The last moment to cancel: what follows is stored whole.
        monitor.report(Progress(1, 1, f"Storing {cell.name}"))
        self._cells.add_repair(
            RepairedCell(
                cell.id,
                cell.revision,
                repair.kind,
                repair.text,
                objects,
                analysed,
                _of_the_same_scale(assigned.summary, cell.assignment),
                cell.recipe,
                frozenset(o.id for o in objects) - {o.id for o in repair.after},
                frozenset(present),
            ),
            who.strip() or UNKNOWN_PERSON,
        )
        done = self._cells.load(cell_id)
        keep_thumbnail(done, self._cells)
        return done

    def set_recipe(self, cell_id: int, recipe: Recipe | None, who: str) -> Cell:
        """Record how the photograph is enhanced; the stored picture is never altered.

        At the next repair every chromosome is looked at anew. Raises `KaryoError` for a cell that
        is signed off or came as cut-outs, and for a full disk.
        """
        _refuse_cut_outs(self._cells.outline(cell_id), "enhance")
        self._cells.record_recipe(cell_id, recipe, who.strip() or UNKNOWN_PERSON)
        return self._cells.load(cell_id)

    def _seen(
        self,
        cell: Cell,
        objects: Sequence[SeparatedObject],
        present: Mapping[str, Chromosome],
        repairer: Repairer,
        monitor: Monitor,
    ) -> list[Chromosome]:
        """All chromosomes with a prediction; the network looks only at those it never saw."""
        standing = [o for o in objects if o.kind is ObjectKind.CHROMOSOME]
        others = [o for o in standing if o.id not in present]
        known = dict(present) | self._cells.seen_before(cell.id, others, cell.recipe)
        new = [o for o in others if o.id not in known]
        if new:
            monitor.report(Progress(0, 1, f"{cell.name}: looking at {_counted(len(new))}"))
            _refuse_another_network(cell, repairer)
            scale = cell.assignment.scale if cell.assignment else None
            picture = metaphase_of(cell, self._cells)
            looked_at = repairer.classify(picture, new, scale, monitor)
            known |= {o.id: found for o, found in zip(new, looked_at, strict=True)}
        return [known[o.id] for o in standing]


def repaired_objects(
    objects: Iterable[SeparatedObject], repair: Repair
) -> tuple[SeparatedObject, ...]:
    """The objects after a repair, in the order of their ids whatever was repaired before.

    `KaryoError` when an object that the repair starts from is not there, or was changed since, and
    when one that it brings is there already.
    """
    present = {o.id: o for o in objects}
    gone = {o.id for o in repair.before}
    for item in repair.before:
        if item.id not in present or not _same(present[item.id], item):
            raise KaryoError(
                "The objects of this repair have changed since; nothing was repaired.",
                _HINT_OPEN_AGAIN,
            )
    if any(o.id in present and o.id not in gone for o in repair.after):
        raise KaryoError("The repair brings an object that is there already.", _HINT_OPEN_AGAIN)
    after = [*(o for o in present.values() if o.id not in gone), *repair.after]
    return tuple(sorted(after, key=lambda o: (len(o.id), o.id)))


def _refuse(cell: Cell) -> None:
    _refuse_cut_outs(cell, "repair")
    if not cell.is_analysed:
        raise KaryoError(f"{cell.name} has not been analysed yet.", "Analyse it first.")
    if cell.reviewed_at is not None:
        raise KaryoError(
            f"{cell.name} is signed off and cannot be repaired.", "Withdraw the sign-off first."
        )


def _refuse_cut_outs(cell: Cell, act: str) -> None:
    if not cell.has_photograph:
        raise KaryoError(
            f"{cell.name} came as ready cut-outs: there is no photograph to {act}.",
            "Import the photograph of the metaphase.",
        )


def _same(one: SeparatedObject, other: SeparatedObject) -> bool:
    return (one.kind, one.origin, one.turn) == (
        other.kind,
        other.origin,
        other.turn,
    ) and np.array_equal(one.mask, other.mask)


def _present(cell: Cell, objects: Iterable[SeparatedObject]) -> dict[str, Chromosome]:
    """What is said at present of those objects that the repair leaves as they are, by id."""
    if cell.recipe != cell.analysed_recipe:
        return {}
    present = {item.id: item for item in cell.objects}
    # What the repair left alone is the very same object.
    alike = {o.id for o in objects if present.get(o.id) is o}
    return {c.id: c for c in cell.chromosomes if c.id in alike}


def _refuse_another_network(cell: Cell, repairer: Repairer) -> None:
    """Two networks in one cell could not be told apart afterwards."""
    looking = repairer.model()
    if cell.model is not None and looking.sha256 != cell.model.sha256:
        raise KaryoError(
            f"{cell.name} was analysed with {cell.model}, but {looking} is chosen now.",
            "Analyse the cell again first; its repairs stay.",
        )


def _of_the_same_scale(
    summary: AssignmentSummary, before: AssignmentSummary | None
) -> AssignmentSummary:
    """A cell without chromosomes for a while does not forget its scale."""
    if summary.scale is not None or before is None:
        return summary
    return replace(summary, scale=before.scale)


def _counted(count: int) -> str:
    return "1 chromosome" if count == 1 else f"{count} chromosomes"
