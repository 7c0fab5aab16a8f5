"""Doubts of the separation settled by what the whole cell makes of either way.

The cost of a way is −log of each object's score and of its most probable type, and a little for
every chromosome that the cell would lack. That little is far less than what one well seen
chromosome weighs: a cell is never forced to 46.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from model.inference.predictor import Predictor
from model.segmentation.base import Doubt, Instance, Separation
from model.segmentation.crops import crop_of
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES, X
from model.vocabulary.results import CellResult, ObjectResult, Scale

LACKING: float = 1.25
"""Nats for a chromosome that the cell lacks."""
ADVANTAGE: float = 0.6
"""Nats by which the other way must be better."""
LEAST_TYPE, LEAST_SCORE = 1e-4, 0.05
"""Probabilities below these count as these. All four by 364 doubts in 84 pictures among those
trained on (docs/adr/0009-the-cell-settles-doubts.md)."""

IntArray = NDArray[np.intp]
Seen = tuple[Instance, ObjectResult]


def settled(separation: Separation, cell: CellResult, predictor: Predictor) -> Separation:
    """The separation with those doubts decided in which the other way costs the cell less.

    `cell` tells of the separation's chromosomes, in their order. Where every doubt stands, the
    separation itself comes back; otherwise a new one, without doubts.
    """
    chosen = [i for i, o in enumerate(separation.instances) if o.kind is ObjectKind.CHROMOSOME]
    seen = dict(zip(chosen, cell.objects, strict=True))
    others = _looked_at(separation, cell.scale, predictor)
    counts = np.bincount(
        [o.assigned_type for o in cell.objects if o.assigned_type is not None], minlength=len(TYPES)
    )
    taken: set[int] = set()
    while len(taken) < len(others):
        gains = {
            n: _advantage(separation, doubt, seen, others[n], counts)
            for n, doubt in enumerate(separation.doubts)
            if n not in taken
        }
        best, gain = max(gains.items(), key=lambda item: item[1][0])
        if gain[0] <= ADVANTAGE:
            break
        taken.add(best)
        counts = gain[1]
    return _replaced(separation, taken)


def lacking(counts: IntArray) -> int:
    """Chromosomes that a cell with these counts (24,) lacks; any two sex chromosomes are whole."""
    autosomes = int(np.maximum(2 - counts[:X], 0).sum())
    return autosomes + max(0, 2 - int(counts[X:].sum()))


def _looked_at(separation: Separation, scale: Scale, predictor: Predictor) -> list[list[Seen]]:
    """The chromosomes that each doubt would put in place, all looked at in one go."""
    ways = [
        [o for o in doubt.instances if o.kind is ObjectKind.CHROMOSOME]
        for doubt in separation.doubts
    ]
    cut_outs = [crop_of(separation.flattened, o.mask, o.origin) for way in ways for o in way]
    types = [o.types for way in ways for o in way]
    results = iter(predictor.look_again(cut_outs, scale, seen_before=types))
    return [list(zip(way, islice(results, len(way)), strict=True)) for way in ways]


def _advantage(
    separation: Separation,
    doubt: Doubt,
    seen: dict[int, ObjectResult],
    other: Sequence[Seen],
    counts: IntArray,
) -> tuple[float, IntArray]:
    """Nats that the other way saves, and the counts that it leads to."""
    now = [(separation.instances[i], seen[i]) for i in doubt.replaced if i in seen]
    then = counts.copy()
    for sign, objects in ((-1, now), (1, other)):
        for _, result in objects:
            if result.assigned_type is not None:
                then[result.assigned_type] += sign
    more = lacking(then) - lacking(counts)
    return _cost(now) - _cost(other) - LACKING * more, then


def _cost(objects: Sequence[Seen]) -> float:
    scores = [max(o.score, LEAST_SCORE) for o, _ in objects]
    types = [max(float(r.type_probabilities.max()), LEAST_TYPE) for _, r in objects]
    return float(-np.log([*scores, *types]).sum())


def _replaced(separation: Separation, taken: set[int]) -> Separation:
    if not taken:
        return separation
    gone = {i for n in taken for i in separation.doubts[n].replaced}
    instances = [o for i, o in enumerate(separation.instances) if i not in gone]
    for n in sorted(taken):
        instances += separation.doubts[n].instances
    return replace(separation, instances=tuple(instances), doubts=())
