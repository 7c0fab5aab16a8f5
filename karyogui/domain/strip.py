"""The chromosomes of one type over all cells of a case, side by side: the strip.

A false one shows itself beside the true ones, by eye and by the distance of what the network makes
of it from what it makes of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from karyogui.domain.amounts import amount
from karyogui.domain.chromosome import TYPES, Chromosome
from karyogui.domain.karyogram import SLOTS, Placement, slot_name
from model.vocabulary.outliers import MARKED, distances
from model.vocabulary.results import REVIEW_MARGIN


class StripOrder(StrEnum):
    """How a strip is sorted; the value is the word for it."""

    CELL = "by cell"
    LENGTH = "by length"
    OUTLIER = "least alike first"
    PROBABILITY = "least probable first"


@dataclass(frozen=True, eq=False)
class StripChromosome:
    """One chromosome of a strip with its cell.

    `scale` brings its pixels to the scale common to all cells, 1 where none is known; `length` is
    that of its centre line in those; `distance` (0 … 1) is how unlike the others of its type it
    looks to the network. `label` is what is changed of it, shortly, `carries` the same in full.
    """

    cell_id: int
    cell_name: str
    cell_number: int
    chromosome: Chromosome
    placement: Placement
    scale: float = 1.0
    length: float = 0.0
    distance: float = 0.0
    is_signed: bool = False
    is_excluded: bool = False
    label: str = ""
    carries: str = ""

    @property
    def key(self) -> str:
        """What distinguishes it from every other chromosome of the case."""
        return f"{self.cell_id}/{self.chromosome.id}"

    @property
    def slot(self) -> str:
        """Where it stands in its cell."""
        return self.placement.slot

    @property
    def upright(self) -> Placement:
        """As it stands, without what is less than a half turn: for a straightened picture."""
        return replace(self.placement, turn=180.0 if 90.0 < self.placement.turn < 270.0 else 0.0)

    @property
    def probability(self) -> float | None:
        """Probability (0 … 1) of the type at which it stands; None where there is none."""
        if self.chromosome.predicted is None or self.slot not in TYPES:
            return None
        return self.chromosome.predicted.probability_of(self.slot)

    @property
    def is_marked(self) -> bool:
        """Whether it looks unlike the others of its type."""
        return self.distance >= MARKED

    @property
    def asks(self) -> bool:
        """Whether its cell could nearly as well have it elsewhere, and nobody has decided yet."""
        assigned = self.chromosome.assigned
        if assigned is None or assigned.margin is None or self.placement.confirmed:
            return False
        return assigned.type == self.slot and assigned.margin < REVIEW_MARGIN


def with_distances(strip: Sequence[StripChromosome]) -> tuple[StripChromosome, ...]:
    """The same with the distance of each from the others of its type; 0 for what has no type.

    Cells that are excluded from the case are compared with the others, and not the others with
    them.
    """
    measured: dict[str, float] = {}
    for kind in TYPES:
        seen = [s for s in strip if s.slot == kind and s.chromosome.predicted is not None]
        counted = [s for s in seen if not s.is_excluded]
        measured |= _measured(counted, kind)
        for apart in (s for s in seen if s.is_excluded):
            measured[apart.key] = _measured([*counted, apart], kind)[apart.key]
    return tuple(replace(s, distance=measured.get(s.key, 0.0)) for s in strip)


def arranged(strip: Iterable[StripChromosome], order: StripOrder) -> tuple[StripChromosome, ...]:
    """The strip in an order; equals stand by cell, slot and place. Nothing is left out."""

    def by_cell(s: StripChromosome) -> tuple[int, int, int, str]:
        return s.cell_number, SLOTS.index(s.slot), s.placement.index, s.key

    ranked = sorted(strip, key=by_cell)
    if order is StripOrder.LENGTH:
        ranked.sort(key=lambda s: s.length)
    elif order is StripOrder.OUTLIER:
        ranked.sort(key=lambda s: -s.distance)
    elif order is StripOrder.PROBABILITY:
        ranked.sort(key=lambda s: 1.0 if s.probability is None else s.probability)
    return tuple(ranked)


def summary_of(strip: Sequence[StripChromosome], slots: Sequence[str]) -> str:
    """What a strip shows, in a sentence: `30 in 15 cells; 1 unlike the others`."""
    numbers = [sum(s.slot == slot for s in strip) for slot in slots]
    counts = [f"{n} of {slot_name(s)}" for n, s in zip(numbers, slots, strict=True)]
    if len(slots) == 1:
        counts = [str(numbers[0])]
    cells = len({s.cell_id for s in strip})
    text = f"{' and '.join(counts)} in {amount(cells, 'cell')}"
    marked = sum(s.is_marked for s in strip)
    if marked:
        text += f"; {marked} unlike the others"
    return f"{text}."


def _measured(strip: Sequence[StripChromosome], kind: str) -> dict[str, float]:
    told = [s.chromosome.predicted.type_probabilities for s in strip if s.chromosome.predicted]
    found = distances(np.array(told, np.float64).reshape(-1, len(TYPES)), kind)
    return {s.key: float(d) for s, d in zip(strip, found, strict=True)}
