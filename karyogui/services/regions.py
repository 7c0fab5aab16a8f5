"""A region of a photograph as a cell of its own, and a photograph divided into two cells.

What is imported is never altered: a region is a new picture, in which objects that do not belong
to it are painted over with the background. Those that lie across the edge are not cut; each goes
whole to the side on which most of it lies.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count, islice

import cv2
import numpy as np
from numpy.typing import NDArray

from karyogui.domain import refusals
from karyogui.domain.analysis import AnalysisResult
from karyogui.domain.cell import Cell, PictureKind
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.persons import named
from karyogui.domain.separation import ObjectKind, Quality, SeparatedObject, overlap
from karyogui.errors import KaryoError
from karyogui.log import timed
from karyogui.services.analysis import photograph_of
from karyogui.services.enhancement import background_of
from karyogui.services.repair_geometry import DEPTH, staining
from karyogui.services.thumbnails import thumbnail_of_import
from karyogui.storage.cases import CaseStore, NewCell
from karyogui.storage.cells import CellStore, store_pictures
from karyogui.storage.image_store import ImageStore
from model.geometry.masks import Box, Mask, Point


def carried(
    cell: Cell, objects: Sequence[SeparatedObject], offset: tuple[int, int]
) -> AnalysisResult | None:
    """What is known of these objects of a cell, in a picture whose corner was at `offset` (x, y).

    None where no person has touched any of them: then the part is separated again.
    """
    if cell.model is None or not any(o.by_person for o in objects):
        return None
    moved = tuple(_moved(o, offset) for o in objects)
    places = {o.id: o for o in moved if o.kind is ObjectKind.CHROMOSOME}
    summary = cell.assignment
    if summary is not None:
        of_these = tuple(i for i in summary.disagreeing if i in places)
        summary = replace(summary, disagreeing=of_these, alternative=None, alternative_margin=None)
    return AnalysisResult(
        0,
        tuple(_in_place(c, places[c.id]) for c in cell.chromosomes if c.id in places),
        cell.model,
        cell.seconds or 0.0,
        summary,
        moved,
        _quality(cell.quality, moved),
        tuple(e for e in cell.check if e.object_id in {o.id for o in moved}),
        cell.separation,
    )


def _moved(item: SeparatedObject, offset: tuple[int, int]) -> SeparatedObject:
    (left, top), (x, y), (u, v, w, h) = offset, item.origin, item.box
    return replace(item, origin=(x - left, y - top), box=(u - left, v - top, w, h))


def _in_place(chromosome: Chromosome, place: SeparatedObject) -> Chromosome:
    return replace(chromosome, segment=replace(chromosome.segment, box=place.box))


def _quality(known: Quality | None, objects: Sequence[SeparatedObject]) -> Quality | None:
    """Sharpness and bands of the whole photograph, and the counts of a part."""
    if known is None:
        return None
    standing = [o for o in objects if o.kind is ObjectKind.CHROMOSOME]
    crossing = sum(
        overlap(one, other) > 0 for n, one in enumerate(standing) for other in standing[:n]
    )
    return replace(
        known,
        objects=len(standing),
        crossings=crossing,
        touching_groups=min(known.touching_groups, len(standing)),
        worth=True,
        reason=f"{len(standing)} objects, kept as they were repaired.",
        repairs=None,
    )


log = logging.getLogger(__name__)

Grey = NDArray[np.uint8]

LEAST_SIDE: int = 24
"""Pixels that a region is wide and high, at least."""
LEAST_STAIN: int = 36
"""Pixels of the smallest stained thing that could be a chromosome."""
RIM: int = 5
"""Pixels round an object that go with it: its blurred edge."""
MARGIN: int = 16
"""Pixels of background left round a region's objects."""
TWO_CELLS = "Two cells in one picture"
"""Why the photograph that was divided does not count."""


@dataclass(frozen=True, eq=False)
class Division:
    """A photograph in two: `inside` (h, w) with its `box` (x, y, w, h), and `outside` (H, W).

    `across` counts the objects that lay across the edge. `is_empty` and `takes_all` are for an
    inside and an outside in which nothing could be a chromosome. `known` are the ids of the known
    objects that went inside.
    """

    inside: Grey
    box: Box
    outside: Grey
    across: int
    is_empty: bool
    takes_all: bool
    known: frozenset[str] = frozenset()


def divided(pixels: Grey, loop: Sequence[Point], known: Sequence[SeparatedObject] = ()) -> Division:
    """A photograph (H, W) divided by a loop (x, y); `known` are its objects, where it has some.

    KaryoError for a loop that is too small.
    """
    inside = _filled(loop, pixels.shape)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows) or min(np.ptp(rows), np.ptp(columns)) < LEAST_SIDE:
        raise KaryoError("This region is too small for a cell.", "Draw round all of the cell.")
    own, other, across = _sides(inside, pixels, known)
    background = np.rint(background_of(pixels)).astype(np.uint8)
    box = _around(inside | own, MARGIN)
    x, y, w, h = box
    return Division(
        np.where(_wider(other) & ~own, background, pixels)[y : y + h, x : x + w],
        box,
        np.where(_wider(own) & ~other, background, pixels),
        across,
        not _has_something(own),
        not _has_something(other),
        frozenset(each.id for each in known if _share(inside, each) >= 0.5),
    )


def _filled(loop: Sequence[Point], shape: tuple[int, ...]) -> Mask:
    page = np.zeros(shape, np.uint8)
    if len(loop) > 2:
        corners = np.rint((np.asarray(loop, np.float64) - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(page, [corners], 1, cv2.LINE_8, 4)
    return page > 0


def _sides(inside: Mask, pixels: Grey, known: Sequence[SeparatedObject]) -> tuple[Mask, Mask, int]:
    """What is stained inside and outside (H, W), by whole objects, and how many lay across."""
    own, other, across = np.zeros_like(inside), np.zeros_like(inside), 0
    dark = staining(pixels) > DEPTH
    for each in known:
        if each.kind is ObjectKind.DELETED:
            continue
        (x, y), (h, w) = each.origin, each.mask.shape
        window = np.s_[y : y + h, x : x + w]
        share = _share(inside, each)
        (own if share >= 0.5 else other)[window] |= each.mask
        across += 0 < share < 1
    left = dark & ~_wider(own | other)
    count, labels = cv2.connectedComponents(left.astype(np.uint8), connectivity=8)
    areas = np.bincount(labels.ravel(), minlength=count)
    within = np.bincount(labels[inside], minlength=count)
    mostly = 2 * within >= areas
    mostly[0] = False
    own |= mostly[labels]
    other |= left & ~mostly[labels]
    across += int(((within > 0) & (within < areas) & (areas >= LEAST_STAIN))[1:].sum())
    return own, other, across


def _share(inside: Mask, each: SeparatedObject) -> float:
    """How much of an object (0 … 1) lies inside."""
    (x, y), (h, w) = each.origin, each.mask.shape
    return float(inside[y : y + h, x : x + w][each.mask].mean())


def _wider(mask: Mask) -> Mask:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RIM + 1, 2 * RIM + 1))
    return cv2.dilate(mask.astype(np.uint8), disc) > 0


def _around(mask: Mask, margin: int) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    left, top = max(0, int(columns[0]) - margin), max(0, int(rows[0]) - margin)
    right = min(mask.shape[1], int(columns[-1]) + 1 + margin)
    bottom = min(mask.shape[0], int(rows[-1]) + 1 + margin)
    return left, top, right - left, bottom - top


def _has_something(stained: Mask) -> bool:
    _, _, stats, _ = cv2.connectedComponentsWithStats(stained.astype(np.uint8), connectivity=8)
    return bool((stats[1:, cv2.CC_STAT_AREA] >= LEAST_STAIN).any())


@dataclass(frozen=True)
class NewCells:
    """What a region has become: the ids of the new cells, and a sentence about it."""

    cell_ids: tuple[int, ...]
    told: str


class RegionService:
    """Makes cells of regions of stored photographs; the photograph's own cell stays."""

    def __init__(self, cases: CaseStore, cells: CellStore, images: ImageStore) -> None:
        self._cases, self._cells, self._images = cases, cells, images

    def take_out(self, cell_id: int, loop: Sequence[Point], who: str) -> NewCells:
        """Add a region of a cell's photograph to the case, as a cell that is to be analysed.

        KaryoError for cut-outs, a region that is too small or holds nothing, and the disk.
        """
        with timed(log, f"region of cell {cell_id}"):
            cell, parts = self._parts(cell_id, loop)
            (name,) = self._free_names(cell, ("region", "region {}"), 1)
            ids = self._add(cell, [(name, parts.inside, _inside_of(cell, parts))])
            self._enhance(ids, cell, who)
            kept = self._carry(ids, cell, parts)
            told = f"A region of {cell.name} is a cell of its own{_across_text(parts)}{kept}."
            return NewCells(ids, told)

    def divide(self, cell_id: int, loop: Sequence[Point], who: str) -> NewCells:
        """Make two cells of a photograph of two: the region, and the rest.

        The photograph's own cell is excluded from the case with that reason and can be taken back
        with all that was done to it. KaryoError as in `take_out`, and where nothing would be left.
        """
        with timed(log, f"division of cell {cell_id}"):
            cell, parts = self._parts(cell_id, loop)
            if parts.takes_all:
                raise KaryoError(
                    "Nothing would be left outside this region.", "Draw round one of the two cells."
                )
            x, y, w, h = parts.box
            without = f"{cell.pictures[0].name}, {w} × {h} at {x}, {y} painted over"
            one, other = self._free_names(cell, ("part 1", "part {}"), 2)
            ids = self._add(
                cell,
                [(one, parts.inside, _inside_of(cell, parts)), (other, parts.outside, without)],
            )
            self._enhance(ids, cell, who)
            kept = self._carry(ids, cell, parts)
            self._cases.exclude([cell.id], TWO_CELLS, named(who))
            return NewCells(
                ids, f"{cell.name} is divided into two cells{_across_text(parts)}{kept}."
            )

    def _parts(self, cell_id: int, loop: Sequence[Point]) -> tuple[Cell, Division]:
        cell = self._cells.load(cell_id)
        if not cell.has_photograph:
            raise refusals.no_photograph(cell.name, "divide")
        parts = divided(photograph_of(cell, self._cells), loop, cell.objects)
        if parts.is_empty:
            raise KaryoError(
                "Nothing in this region could be a chromosome.", "Draw round all of the cell."
            )
        return cell, parts

    def _free_names(self, cell: Cell, words: tuple[str, str], number: int) -> list[str]:
        """So many names that no cell of the case has; `words` are for the first and the others."""
        first, others = words
        taken = {each.name for each in self._cases.evidence(cell.case_id)[0].cells}
        named = (f"{cell.name}, {(first if n == 1 else others).format(n)}" for n in count(1))
        return list(islice((name for name in named if name not in taken), number))

    def _add(self, cell: Cell, pictures: Sequence[tuple[str, Grey, str]]) -> tuple[int, ...]:
        """Store new cells, all or none: each a name, its picture and what that picture is."""
        with self._images.batch() as batch:
            new = []
            for name, pixels, picture in pictures:
                data = cv2.imencode(".png", pixels)[1].tobytes()
                size = pixels.shape[1], pixels.shape[0]
                stored = store_pictures(batch, [(picture, data, *size)], PictureKind.METAPHASE)
                thumbnail = thumbnail_of_import(PictureKind.METAPHASE, [pixels])
                new.append(NewCell("", "", name, stored, thumbnail, slide=cell.slide))
            batch.sync()
            return self._cases.add(new, cell.case_id)[1]

    def _carry(self, ids: Sequence[int], cell: Cell, parts: Division) -> str:
        """Keep what persons have repaired, in the part in which it lies, and say so."""
        kept = ""
        x, y, _, _ = parts.box
        inside = [o for o in cell.objects if o.id in parts.known and _lies_in(o, parts.box)]
        outside = [o for o in cell.objects if o.id not in parts.known]
        for new_id, objects, offset in zip(ids, (inside, outside), ((x, y), (0, 0)), strict=False):
            result = carried(cell, objects, offset)
            if result is not None:
                self._cells.add_analysis(replace(result, cell_id=new_id), cell.analysed_recipe)
                kept = "; what was repaired stays as it is"
        return kept

    def _enhance(self, ids: Sequence[int], cell: Cell, who: str) -> None:
        for new_id in ids if cell.recipe is not None else ():
            self._cells.record_recipe(new_id, cell.recipe, named(who))


def _lies_in(each: SeparatedObject, box: Box) -> bool:
    """Whether an object lies wholly in a box; of those that are not deleted all do."""
    (x, y), (h, w), (left, top, wide, high) = each.origin, each.mask.shape, box
    return left <= x and top <= y and x + w <= left + wide and y + h <= top + high


def _inside_of(cell: Cell, parts: Division) -> str:
    """What a region's picture is, so that it is known where it comes from."""
    x, y, w, h = parts.box
    return f"{cell.pictures[0].name}, {w} × {h} at {x}, {y}, the rest painted over"


def _across_text(parts: Division) -> str:
    if not parts.across:
        return ""
    if parts.across == 1:
        return "; the object that crosses the edge went to the side with most of it"
    return f"; {parts.across} objects that cross the edge went to the side with most of each"
