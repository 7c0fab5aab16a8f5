"""How an archive's boxes are drawn: with the margin that the separation learned, or tightly.

A box that is right by one custom fails an IoU of a half by the other where chromosomes are small.
Which custom an archive follows is no merit of what was found, so it is decided for all its
pictures together and stated with the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from model.evaluation.metaphases.cells import FoundCell, FoundObject, KnownCell, boxes_of
from model.evaluation.metaphases.matching import box_ious

MARGIN, TIGHT = "margin", "tight"


def as_drawn(known: Sequence[KnownCell], found: Sequence[FoundCell]) -> tuple[list[FoundCell], str]:
    """The cells with boxes as the archive draws them, and how: `MARGIN` or `TIGHT`.

    The custom under which the annotated boxes agree better (mean of each one's best IoU).
    """
    tight = [_tight(cell) for cell in found]
    if _agreement(known, tight) > _agreement(known, found):
        return tight, TIGHT
    return list(found), MARGIN


def _tight(cell: FoundCell) -> FoundCell:
    return replace(cell, objects=tuple(replace(o, box=_box_of(o)) for o in cell.objects))


def _box_of(o: FoundObject) -> tuple[float, float, float, float]:
    (x, y), (h, w) = o.origin, o.mask.shape
    return (x, y, w, h)


def _agreement(known: Sequence[KnownCell], found: Sequence[FoundCell]) -> float:
    best = [
        box_ious(k.boxes, boxes_of([o.box for o in f.chromosomes])).max(1, initial=0.0)
        for k, f in zip(known, found, strict=True)
    ]
    return float(np.concatenate(best).mean()) if best else 0.0
