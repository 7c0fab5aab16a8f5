"""Repairs of a photograph's separation: stored at once, looked at by the network later."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from karyogui.domain import refusals
from karyogui.domain.amounts import amount
from karyogui.domain.analysis import AssignmentSummary
from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import Chromosome, Segment, without_type
from karyogui.domain.persons import named
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.domain.separation_check import CheckEntry, asked_again
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.log import timed
from karyogui.services.analysis import keep_thumbnail, metaphase_of, photograph_of
from karyogui.services.ports import Assigner, Network
from karyogui.services.progress import Monitor, Progress
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


log = logging.getLogger(__name__)

_HINT_OPEN_AGAIN = "Open the cell again and repeat the repair."
WHITE = 255

LookedAt = dict[str, tuple[SeparatedObject, Recipe | None, Chromosome]]
"""What the network has said of an object that was enhanced by a recipe, by id."""


class RepairService:
    """Applies repairs to stored cells, and has the network answer to them."""

    def __init__(self, cells: CellStore) -> None:
        self._cells = cells
        self._photograph: tuple[str, NDArray[np.uint8]] | None = None
        """The last one that was read, by its key."""
        self._last: Cell | None = None
        """The last one that was loaded: its pictures are not read again for the next repair."""

    def apply(self, cell_id: int, repair: Repair, who: str) -> Cell:
        """Store a repair and return the cell; no network is asked.

        The same call with `repair.inverse` undoes it. New chromosomes have no prediction yet and
        lie in the tray; unless any revision of the cell knows them already, or the repair takes
        an earlier one back, the cell awaits the network's answer (`answer`). Raises `KaryoError`
        (a signed-off cell, a repair of objects that are no more, disk); then the cell is as it was.
        """
        # The network's answer to the repair before may come in between: then once more.
        who = named(who)
        with timed(log, f"{repair.kind.value} in cell {cell_id}"):
            while not self._stored(self._load(cell_id), repair, who):
                pass
            return self._load(cell_id)

    def _load(self, cell_id: int) -> Cell:
        last = self._last
        known = last if last is not None and last.id == cell_id else None
        self._last = cell = self._cells.load(cell_id, known)
        return cell

    def _stored(self, cell: Cell, repair: Repair, who: str) -> bool:
        """Store a repair of the cell as it was loaded; False when it is another by now."""
        _refuse(cell)
        objects = repaired_objects(cell.objects, repair)
        standing = [o for o in objects if o.kind is ObjectKind.CHROMOSOME]
        # What the repair left alone is the very same object.
        alone = {id(o) for o in cell.objects}
        known = {c.id: c for c in cell.chromosomes}
        others = [o for o in standing if id(o) not in alone or o.id not in known]
        seen = self._cells.seen_before(cell.id, others, cell.recipe)
        unseen = {o.id: o for o in others if o.id not in seen}
        chromosomes = [
            self._without_answer(cell, repair, unseen[o.id])
            if o.id in unseen
            else seen.get(o.id, known.get(o.id))
            for o in standing
        ]
        told = [c for c in chromosomes if c is not None]
        return self._cells.add_repair(cell, repair, objects, told, who)

    def answer(self, cell_id: int, network: Network, assigner: Assigner, monitor: Monitor) -> Cell:
        """Look at what a cell's repairs have made, assign the cell again, store it, return it.

        Only what no revision of the cell describes is looked at. A repair that is stored meanwhile
        is looked at too, before anything is kept. Chromosomes that a person placed stay there.
        Raises `KaryoError` (weights, another network than that of the analysis, disk) and
        `Cancelled`; then the cell still awaits its answer.
        """
        with timed(log, f"answer to repairs of cell {cell_id}"):
            return self._answer(cell_id, network, assigner, monitor)

    def _answer(self, cell_id: int, network: Network, assigner: Assigner, monitor: Monitor) -> Cell:
        looked_at: LookedAt = {}
        while (cell := self._load(cell_id)).awaits_answer:
            chromosomes = self._looked_at(cell, looked_at, network, monitor)
            assert cell.model is not None
            said = assigner.assign(chromosomes, cell.model, cell.assignment, cell.objects)
            answered = [
                replace(c, predicted=predicted, assigned=assigned)
                for c, predicted, assigned in zip(
                    chromosomes, said.predicted, said.assigned, strict=True
                )
            ]
            if not cell.is_readable:
                answered = [without_type(c, cell.unreadable) for c in answered]
            check = entries_after_repair(cell, answered, self._cells, network, monitor)
            # The last moment to cancel: what follows is stored whole.
            monitor.report(Progress(1, 1, f"Storing {cell.name}"))
            summary = _of_the_same_scale(said.summary, cell.assignment)
            if not cell.is_readable:
                summary = summary.without_types
            if self._cells.add_answer(cell, answered, summary, check):
                cell = self._load(cell_id)
                keep_thumbnail(cell, self._cells)
                return cell
        return cell

    def set_recipe(self, cell_id: int, recipe: Recipe | None, who: str) -> Cell:
        """Record how the photograph is enhanced; the stored picture is never altered.

        At the next repair every chromosome is looked at again. Raises `KaryoError` for a cell that
        is signed off or came as cut-outs, and for a full disk.
        """
        _refuse_cut_outs(self._cells.outline(cell_id), "enhance")
        self._cells.record_recipe(cell_id, recipe, named(who))
        return self._cells.load(cell_id)

    def awaiting(self) -> tuple[int, ...]:
        """Ids of the cells that await an answer, as after the program was killed."""
        return self._cells.awaiting()

    def _looked_at(
        self,
        cell: Cell,
        looked_at: LookedAt,
        network: Network,
        monitor: Monitor,
    ) -> list[Chromosome]:
        """All chromosomes with a prediction; what the network has to look at is kept by id."""
        standing = [o for o in cell.objects if o.kind is ObjectKind.CHROMOSOME]
        known = {}
        if cell.recipe == cell.analysed_recipe:
            known = {c.id: c for c in cell.chromosomes if c.predicted is not None}
        for item in standing:
            before, recipe, chromosome = looked_at.get(item.id, (None, None, None))
            if before and chromosome and recipe == cell.recipe and _same(before, item):
                known[item.id] = chromosome
        others = [o for o in standing if o.id not in known]
        known |= self._cells.seen_before(cell.id, others, cell.recipe)
        new = [o for o in others if o.id not in known]
        if new:
            what = amount(len(new), "chromosome")
            monitor.report(Progress(0, 1, f"{cell.name}: looking at {what}"))
            _refuse_another_network(cell, network)
            scale = cell.assignment.scale if cell.assignment else None
            picture = metaphase_of(cell, self._cells)
            found = network.classify(picture, new, scale, monitor)
            looked_at |= {o.id: (o, cell.recipe, c) for o, c in zip(new, found, strict=True)}
            known |= {o.id: seen for o, seen in zip(new, found, strict=True)}
        return [known[o.id] for o in standing]

    def _without_answer(self, cell: Cell, repair: Repair, item: SeparatedObject) -> Chromosome:
        """A chromosome that the network has not seen, with the crop that it had before.

        One that is new has a crop as it lies in the photograph, turned as what it comes from was.
        """
        known = {c.id: c.segment for c in cell.chromosomes}
        turns = {o.id: o.turn for o in cell.objects}
        if item.id in known:
            # As if the same crop had been turned: that turn is meant to be seen.
            angle = known[item.id].angle - (item.turn - turns[item.id])
            return Chromosome(item.id, replace(known[item.id], angle=angle, box=item.box))
        parents = [known[o.id].angle for o in repair.before if o.id in known]
        return Chromosome(item.id, self._cut_out(cell, item, parents[0] if parents else 0.0))

    def _cut_out(self, cell: Cell, item: SeparatedObject, angle: float) -> Segment:
        from PIL import Image

        key = cell.pictures[0].key
        if self._photograph is None or self._photograph[0] != key:
            self._photograph = key, photograph_of(cell, self._cells)
        (x, y), (h, w) = item.origin, item.mask.shape
        crop = np.where(item.mask, self._photograph[1][y : y + h, x : x + w], WHITE)
        upright = Image.fromarray(crop.astype(np.uint8)).rotate(
            angle, Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE
        )
        mask = Image.fromarray(item.mask.astype(np.uint8)).rotate(angle, expand=True)
        return Segment(
            cell.pictures[0].name, np.asarray(upright), np.asarray(mask) > 0, angle, item.box
        )


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
        raise KaryoError("The repair adds an object that already exists.", _HINT_OPEN_AGAIN)
    after = [*(o for o in present.values() if o.id not in gone), *repair.after]
    return tuple(sorted(after, key=lambda o: (len(o.id), o.id)))


def _refuse(cell: Cell) -> None:
    _refuse_cut_outs(cell, "repair")
    if not cell.is_analysed:
        raise refusals.not_analysed(cell.name)
    if cell.reviewed_at is not None:
        raise refusals.signed(cell.name, "repaired")


def _refuse_cut_outs(cell: Cell, act: str) -> None:
    if not cell.has_photograph:
        raise refusals.no_photograph(cell.name, act)


def _same(one: SeparatedObject, other: SeparatedObject) -> bool:
    return (one.kind, one.origin, one.turn) == (
        other.kind,
        other.origin,
        other.turn,
    ) and np.array_equal(one.mask, other.mask)


def _refuse_another_network(cell: Cell, network: Network) -> None:
    """Two networks in one cell could not be distinguished afterwards."""
    looking = network.model()
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
