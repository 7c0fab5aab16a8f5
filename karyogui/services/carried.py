"""What a part of a photograph keeps of the repairs that were made before it was divided.

The objects of a repaired photograph are carried into the part in which they lie, as they are; the
network looks at them there again and does not separate anything again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from karyogui.domain.analysis import AnalysisResult
from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.separation import ObjectKind, Quality, SeparatedObject, overlap


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
