"""Repairs of a photograph's separation: only what was touched is looked at again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence

from karyogui.domain.analysis import AnalysedObject, Reassignment
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.metaphase import Metaphase
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.errors import KaryoError
from karyogui.services.analysis import metaphase_of
from karyogui.services.ports import Assigner, Repairer
from karyogui.services.progress import Monitor, Progress
from karyogui.services.thumbnails import thumbnail_of_karyogram
from karyogui.storage.cells import CellStore, RepairedCell

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
        assigned = self._assigned(cell, chromosomes, assigner)
        monitor.report(Progress(1, 1, f"Storing {cell.name}"))
        touched = frozenset(o.id for o in (*repair.before, *repair.after))
        self._cells.add_repair(
            cell_id,
            RepairedCell(
                objects,
                tuple(
                    AnalysedObject(c.segment, p, a, c.id)
                    for c, p, a in zip(
                        chromosomes, assigned.predicted, assigned.assigned, strict=True
                    )
                ),
                assigned.summary,
                touched,
            ),
            repair.text,
            who,
        )
        done = self._cells.load(cell_id)
        self._cells.set_thumbnail(cell_id, thumbnail_of_karyogram(done))
        return done

    def set_recipe(self, cell_id: int, recipe: Recipe | None, who: str) -> Metaphase:
        """Record how the photograph is enhanced; the stored picture is never altered."""
        self._cells.record_recipe(cell_id, recipe, who)
        return self._cells.load(cell_id)

    def _remember(self, cell: Metaphase) -> None:
        masks = {o.id: o for o in cell.objects}
        for chromosome in cell.chromosomes:
            item = masks.get(chromosome.id)
            if item is None or chromosome.predicted is None or chromosome.assigned is None:
                continue
            self._known[_key(cell, item)] = AnalysedObject(
                chromosome.segment, chromosome.predicted, chromosome.assigned, chromosome.id
            )
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
        new = [o for o in standing if _key(cell, o) not in self._known]
        if new:
            monitor.report(Progress(0, 1, f"{cell.name}: looking at {_counted(len(new))}"))
            scale = cell.assignment.scale if cell.assignment else None
            picture = metaphase_of(cell, self._cells)
            for item, found in zip(
                new, repairer.classify(picture, new, scale, monitor), strict=True
            ):
                self._known[_key(cell, item)] = found
        seen = [self._known[_key(cell, o)] for o in standing]
        return [
            Chromosome(o.id, item.segment, item.predicted, item.assigned)
            for o, item in zip(standing, seen, strict=True)
        ]

    @staticmethod
    def _assigned(
        cell: Metaphase, chromosomes: Sequence[Chromosome], assigner: Assigner
    ) -> Reassignment:
        assert cell.model is not None
        return assigner.assign(chromosomes, cell.model, cell.assignment)


def repaired_objects(
    objects: Iterable[SeparatedObject], repair: Repair
) -> tuple[SeparatedObject, ...]:
    """The objects after a repair: those replaced stand where the first of them stood.

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
    staying = [o for o in present.values() if o.id not in gone]
    at = next((n for n, o in enumerate(present.values()) if o.id in gone), len(staying))
    return (*staying[:at], *repair.after, *staying[at:])


def _refuse(cell: Metaphase) -> None:
    if not cell.is_metaphase:
        raise KaryoError(
            f"{cell.name} came as ready cut-outs: there is no photograph to repair.",
            "Import the photograph of the metaphase.",
        )
    if not cell.is_analysed:
        raise KaryoError(f"{cell.name} has not been analysed yet.", "Analyse it first.")
    if cell.reviewed_at is not None:
        raise KaryoError(
            f"{cell.name} is signed off and cannot be repaired.", "Withdraw the sign-off first."
        )


def _same(one: SeparatedObject, other: SeparatedObject) -> bool:
    return (
        one.kind is other.kind
        and one.origin == other.origin
        and one.turn == other.turn
        and one.mask.shape == other.mask.shape
        and bool((one.mask == other.mask).all())
    )


def _key(cell: Metaphase, item: SeparatedObject) -> tuple[int, str]:
    """What a prediction depends on: the picture, its recipe, the mask and its place."""
    recipe = "" if cell.recipe is None else cell.recipe.to_json()
    told = f"{item.id}|{item.origin}|{item.mask.shape}|{item.turn}|{recipe}".encode()
    return cell.id, hashlib.sha256(told + item.mask.tobytes()).hexdigest()


def _counted(count: int) -> str:
    return "1 chromosome" if count == 1 else f"{count} chromosomes"
