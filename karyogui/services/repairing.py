"""Repairs of a photograph's separation: only what was touched is looked at again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from karyogui.domain.analysis import AnalysedObject, AssignmentSummary
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.metaphase import Metaphase
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.errors import KaryoError
from karyogui.services.analysis import keep_thumbnail, metaphase_of
from karyogui.services.ports import Assigner, Repairer
from karyogui.services.progress import Monitor, Progress
from karyogui.services.reviewing import UNKNOWN_PERSON
from karyogui.storage.cells import CellStore
from karyogui.storage.repairs import RepairedCell

REMEMBERED: int = 2000
"""Chromosomes whose prediction is kept in memory, so that an undone repair needs no network."""

_HINT_OPEN_AGAIN = "Open the cell again and repeat the repair."


class RepairService:
    """Applies repairs to stored cells."""

    def __init__(self, cells: CellStore) -> None:
        self._cells = cells
        self._known: OrderedDict[tuple[int, str], AnalysedObject] = OrderedDict()

    def apply(
        self,
        cell_id: int,
        repair: Repair,
        repairer: Repairer,
        assigner: Assigner,
        who: str,
        monitor: Monitor,
    ) -> Metaphase:
        """Repair a cell, look at what is new, assign the cell anew, store it, return it.

        The same call with `repair.inverse` undoes it; what was seen before is not looked at again.
        Chromosomes that a person placed stay there. Raises `KaryoError` (a signed-off cell, a
        repair of objects that are no more, weights, disk) and `Cancelled`; then the cell is as it
        was.
        """
        cell = self._cells.load(cell_id)
        _refuse(cell)
        objects = repaired_objects(cell.objects, repair)
        self._remember(cell)
        chromosomes = self._seen(cell, objects, repairer, monitor)
        assert cell.model is not None
        assigned = assigner.assign(chromosomes, cell.model, cell.assignment)
        analysed = tuple(
            AnalysedObject(c.segment, predicted, said, c.id)
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
            ),
            who.strip() or UNKNOWN_PERSON,
        )
        done = self._cells.load(cell_id)
        keep_thumbnail(done, self._cells)
        return done

    def set_recipe(self, cell_id: int, recipe: Recipe | None, who: str) -> Metaphase:
        """Record how the photograph is enhanced; the stored picture is never altered.

        At the next repair every chromosome is looked at anew. Raises `KaryoError` for a cell that
        is signed off or came as cut-outs, and for a full disk.
        """
        _refuse_cut_outs(self._cells.outline(cell_id), "enhance")
        self._cells.record_recipe(cell_id, recipe, who.strip() or UNKNOWN_PERSON)
        return self._cells.load(cell_id)

    def _remember(self, cell: Metaphase) -> None:
        masks = {o.id: o for o in cell.objects}
        for chromosome in cell.chromosomes:
            item = masks.get(chromosome.id)
            if item is None or chromosome.predicted is None or chromosome.assigned is None:
                continue
            key = _key(cell, cell.analysed_recipe, item)
            self._known[key] = AnalysedObject(
                chromosome.segment, chromosome.predicted, chromosome.assigned, chromosome.id
            )
            self._known.move_to_end(key)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def _seen(
        self,
        cell: Metaphase,
        objects: Sequence[SeparatedObject],
        repairer: Repairer,
        monitor: Monitor,
    ) -> list[Chromosome]:
        """All chromosomes with a prediction; the network looks only at those it never saw."""
        standing = [o for o in objects if o.kind is ObjectKind.CHROMOSOME]
        new = [o for o in standing if _key(cell, cell.recipe, o) not in self._known]
        if new:
            monitor.report(Progress(0, 1, f"{cell.name}: looking at {_counted(len(new))}"))
            scale = cell.assignment.scale if cell.assignment else None
            picture = metaphase_of(cell, self._cells)
            for item, found in zip(
                new, repairer.classify(picture, new, scale, monitor), strict=True
            ):
                self._known[_key(cell, cell.recipe, item)] = found
        seen = [self._known[_key(cell, cell.recipe, o)] for o in standing]
        return [
            Chromosome(o.id, item.segment, item.predicted, item.assigned)
            for o, item in zip(standing, seen, strict=True)
        ]


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


def _refuse(cell: Metaphase) -> None:
    _refuse_cut_outs(cell, "repair")
    if not cell.is_analysed:
        raise KaryoError(f"{cell.name} has not been analysed yet.", "Analyse it first.")
    if cell.reviewed_at is not None:
        raise KaryoError(
            f"{cell.name} is signed off and cannot be repaired.", "Withdraw the sign-off first."
        )


def _refuse_cut_outs(cell: Metaphase, act: str) -> None:
    if not cell.is_metaphase:
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


def _key(cell: Metaphase, recipe: Recipe | None, item: SeparatedObject) -> tuple[int, str]:
    """What a prediction depends on: the picture, its recipe, the network, the mask, its place."""
    enhanced = "" if recipe is None else recipe.to_json()
    place = f"{item.origin}|{item.mask.shape}|{item.turn}"
    told = f"{cell.model}|{enhanced}|{place}".encode()
    return cell.id, hashlib.sha256(told + item.mask.tobytes()).hexdigest()


def _of_the_same_scale(
    summary: AssignmentSummary, before: AssignmentSummary | None
) -> AssignmentSummary:
    """A cell without chromosomes for a while does not forget its scale."""
    if summary.scale is not None or before is None:
        return summary
    return replace(summary, scale=before.scale)


def _counted(count: int) -> str:
    return "1 chromosome" if count == 1 else f"{count} chromosomes"
