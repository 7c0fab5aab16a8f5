"""Analysing a cell: pictures out of the store, through an analyser, the result back."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from karyogui.domain import refusals
from karyogui.domain.analysis import (
    AnalysisRequest,
    AnalysisResult,
    CutOutPicture,
    MetaphasePicture,
    Reassignment,
    as_banded,
)
from karyogui.domain.cell import Cell
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import ObjectKind, Quality, named_as_before
from karyogui.errors import KaryoError
from karyogui.log import timed
from karyogui.services.enhancement import enhance
from karyogui.services.ports import Assigner, Network
from karyogui.services.progress import Monitor, Progress
from karyogui.storage.cells import CellStore

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AtStake:
    """What of a person's work on a cell an analysis again can replace.

    `repaired` objects of the present separation, and `decided` placements. `revision` is what the
    cell is now and stays stored as.
    """

    cell_id: int
    name: str
    revision: int
    repaired: int = 0
    decided: int = 0

    @property
    def is_something(self) -> bool:
        """Whether there is anything to lose sight of."""
        return bool(self.repaired or self.decided)


def metaphase_of(cell: Cell, cells: CellStore) -> MetaphasePicture:
    """A cell's photograph as imported and as its recipe makes it; what is stored stays as it is.

    `KaryoError` when the picture is missing or damaged.
    """
    pixels = photograph_of(cell, cells)
    return prepared(cell.pictures[0].name, pixels, cell.recipe)


def prepared(name: str, pixels: NDArray[np.uint8], recipe: Recipe | None) -> MetaphasePicture:
    """A photograph (h, w) as a recipe has it looked at."""
    if recipe is None:
        return MetaphasePicture(name, pixels, pixels)
    return MetaphasePicture(name, pixels, enhance(pixels, recipe), recipe.width, recipe.scale)


def photograph_of(cell: Cell, cells: CellStore) -> NDArray[np.uint8]:
    """A cell's photograph (h, w) as imported; `KaryoError` when it is missing or damaged."""
    from karyogui.services.pictures import read_picture

    picture = cell.pictures[0]
    return read_picture(cells.picture(picture), picture.name)


def keep_thumbnail(cell: Cell, cells: CellStore) -> None:
    """Store a cell's karyogram as its thumbnail, if the disk lets."""
    from karyogui.services.thumbnails import thumbnail_of_karyogram

    # What it shows is stored already: that must not look as if it had failed.
    with suppress(KaryoError):
        cells.set_thumbnail(cell.id, thumbnail_of_karyogram(cell))


class AnalysisService:
    """Runs an analyser over stored cells."""

    def __init__(self, cells: CellStore) -> None:
        self._cells = cells

    def photograph(self, cell_id: int) -> NDArray[np.uint8]:
        """A metaphase's picture (h, w) as imported; `KaryoError` when it is missing or damaged."""
        return photograph_of(self._cells.outline(cell_id), self._cells)

    def _request(self, cell: Cell) -> AnalysisRequest:
        from karyogui.services.pictures import read_picture

        if cell.has_photograph:
            return AnalysisRequest(cell.id, cell.name, (), metaphase_of(cell, self._cells))
        pictures = tuple(
            CutOutPicture(picture.name, read_picture(self._cells.picture(picture), picture.name))
            for picture in cell.pictures
        )
        return AnalysisRequest(cell.id, cell.name, pictures)

    def analyse(
        self, cell_id: int, analyser: Network, monitor: Monitor, anew: bool = False
    ) -> Cell:
        """Analyse a cell, store the result, return the cell with its karyogram.

        A cell that was analysed before gets a new revision: the earlier predictions and the audit
        trail stay, and so do the placements that a person decided on. A photograph that a person
        has repaired is not separated again, unless `anew` asks for it; what is then found where a
        chromosome was is the same chromosome. Raises `KaryoError` (a signed-off cell, weights,
        disk) and `Cancelled`; then the cell is as it was.
        """
        with timed(log, f"analysis of cell {cell_id}"):
            return self._analyse(cell_id, analyser, monitor, anew)

    def _analyse(self, cell_id: int, analyser: Network, monitor: Monitor, anew: bool) -> Cell:
        cell = self._cells.outline(cell_id)
        if cell.has_photograph and cell.is_analysed:
            cell = self._cells.load(cell_id)
        if cell.reviewed_at is not None:
            raise refusals.signed(cell.name, "analysed again")
        request = self._request(cell)
        if not anew and (any(item.by_person for item in cell.objects) or _stands(cell)):
            request = replace(request, objects=cell.objects)
        result = analyser.analyse(request, monitor)
        _check(request, result)
        if not request.objects:
            result = _named(result, cell)
        if request.objects and request.metaphase and request.metaphase.scale_factor:
            # The scale is a person's word now; the photograph is as good as it was.
            known = cell.quality and replace(cell.quality, scale_fits=None)
            result = replace(result, quality=known)
        if cell.is_from_karyogram:  # its types are those of its places, which a person chose
            result = replace(result, quality=None)
        result = as_banded(result, cell.quality if cell.has_photograph else None)
        total = len(result.chromosomes)
        # The last moment to cancel: what follows is stored whole.
        monitor.report(Progress(total, total, f"Storing {cell.name}"))
        self._cells.add_analysis(result, cell.recipe)
        analysed = self._cells.load(cell_id)
        keep_thumbnail(analysed, self._cells)
        return analysed

    def judge(self, cell_id: int, assessor: Network, monitor: Monitor) -> Quality | None:
        """Judge a cell's photograph before anybody works at it, and store its quality.

        The cell is as new as before; an analysis will replace what is stored.

        A picture that cannot be read is judged too: the reason says why. What is known already
        is returned as it is; None for a cell that came as cut-outs. A photograph that is enhanced
        meanwhile is judged again. Raises `KaryoError` (weights, disk) and `Cancelled`; then nothing
        is stored.
        """
        cell = self._cells.outline(cell_id)
        while cell.has_photograph and not cell.is_analysed and cell.quality is None:
            monitor.report(Progress(0, 1, cell.name))
            quality = self._look(cell, assessor, monitor)
            monitor.report(Progress(1, 1, cell.name))
            seen, cell = cell.recipe, self._cells.outline(cell_id)
            if cell.recipe == seen:
                self._cells.add_first_look(cell_id, quality)
                return quality
        return cell.quality

    def _look(self, cell: Cell, assessor: Network, monitor: Monitor) -> Quality:
        try:
            picture = metaphase_of(cell, self._cells)
        except KaryoError as error:
            return Quality.refused(error.sentence)
        return assessor.assess(picture, monitor)

    def at_stake(self, cell_id: int) -> AtStake:
        """What of a person's work `analyse(…, again=True)` can replace in a cell.

        Nothing in a cell of cut-outs: its pictures stay the same chromosomes.
        """
        cell = self._cells.outline(cell_id)
        if not cell.has_photograph:
            return AtStake(cell.id, cell.name, cell.revision)
        decided = sum(placement.is_decided for placement in cell.placements)
        repaired = self._cells.repaired_objects(cell_id)
        return AtStake(cell.id, cell.name, cell.revision, repaired, decided)

    def reassign(self, cell_id: int, assigner: Assigner) -> Reassignment:
        """Assign an analysed cell again, without the network; nothing is stored.

        Raises `KaryoError` for a cell that is signed off or was not analysed.
        """
        cell = self._cells.load(cell_id)
        if cell.reviewed_at is not None:
            raise refusals.signed(cell.name, "assigned again")
        if cell.awaits_answer:
            raise refusals.awaiting(cell.name, "assigned again")
        if cell.unreadable:
            raise KaryoError(f"{cell.name} cannot be assigned. {cell.unreadable}.")
        if cell.model is None or any(c.predicted is None for c in cell.chromosomes):
            raise refusals.not_analysed(cell.name)
        result = assigner.assign(cell.chromosomes, cell.model, cell.assignment, cell.objects)
        return replace(result, revision=cell.revision)

    def keep_reassignment(self, cell_id: int, reassignment: Reassignment) -> Cell:
        """Store a new assignment as a new revision; no chromosome moves by it.

        Returns the cell with it. Raises `KaryoError` for a signed-off cell and a full disk.
        """
        self._cells.add_reassignment(cell_id, reassignment)
        return self._cells.load(cell_id)


def _stands(cell: Cell) -> bool:
    """Whether only the scale is another than the one at which the cell was analysed."""
    recipe, before = cell.recipe or Recipe(), cell.analysed_recipe or Recipe()
    return bool(cell.objects) and recipe.differs_in_scale_only(before)


def _check(request: AnalysisRequest, result: AnalysisResult) -> None:
    """ValueError for an analyser that does not keep its word."""
    if request.metaphase is None:
        if len(result.chromosomes) != len(request.pictures):
            raise ValueError("an analyser must return one chromosome for each picture")
        return
    standing = [o.id for o in result.separated or () if o.kind is ObjectKind.CHROMOSOME]
    if sorted(standing) != sorted(item.id for item in result.chromosomes):
        raise ValueError("an analyser must tell of every chromosome that it separated")
    if request.objects and result.separated != request.objects:
        raise ValueError("an analyser must leave repaired objects as they are")


def _named(result: AnalysisResult, cell: Cell) -> AnalysisResult:
    """The result with the ids that the objects of a photograph had before, where it had them."""
    if not cell.objects or not result.separated:
        return result
    names = named_as_before(result.separated, cell.objects, cell.used_ids)
    summary = result.assignment
    if summary is not None:
        disagreeing = tuple(names[i] for i in summary.disagreeing)
        summary = replace(summary, disagreeing=disagreeing)
    return replace(
        result,
        separated=tuple(replace(item, id=names[item.id]) for item in result.separated),
        chromosomes=tuple(replace(item, id=names[item.id]) for item in result.chromosomes),
        assignment=summary,
        check=None
        if result.check is None
        else tuple(replace(entry, object_id=names[entry.object_id]) for entry in result.check),
    )
