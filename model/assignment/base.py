"""What every assignment of a cell returns, and the frequencies it reasons from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from model.vocabulary.labels import TYPES, X, Y
from model.vocabulary.results import FloatArray, Misfit

TYPE_FREQUENCY: FloatArray = np.array([2.0] * X + [1.5, 0.5]) / 46
"""π: how often each of the 24 types occurs among the chromosomes of normal cells, as many XX as
XY. It is also the prior that a classifier trained on such cells has learnt."""


@dataclass(frozen=True)
class Assigned:
    """The types of one cell's N objects, and how sure the cell is of each.

    `types` are 0 … 23, None for *unknown*. `moved` says which objects did not get their most
    probable type. `margins` (nats, ≥ 0) are what it costs at least to make the object something
    else. `disagreeing` are the objects whose picture speaks strongly against their type.
    `alternative` (24,) are the counts of the best solution with other counts, at
    `alternative_margin` nats; None where the method knows of none. `misfits` are objects, by
    number, that have not the size of their type, or of the one that is withheld for it (`by_size`).
    """

    types: tuple[int | None, ...]
    moved: tuple[bool, ...]
    margins: tuple[float, ...]
    warnings: tuple[str, ...]
    disagreeing: tuple[int, ...] = ()
    alternative: tuple[int, ...] | None = None
    alternative_margin: float = float("inf")
    misfits: Mapping[int, Misfit] = field(default_factory=dict)

    @property
    def counts(self) -> tuple[int, ...]:
        """|O_k| for each of the 24 types; unknown objects are in none."""
        return tuple(self.types.count(k) for k in range(len(TYPES)))


class Assignment(Protocol):
    """Assigns the objects of one cell."""

    @property
    def id(self) -> str:
        """Its name in `model.vocabulary.choices`."""
        ...

    def __call__(self, probabilities: FloatArray) -> Assigned:
        """Calibrated probabilities P (N, 24) of one cell → its assignment."""
        ...


def warnings_of(types: Sequence[int | None]) -> tuple[str, ...]:
    """Algorithm 1, line 17: every autosome not there twice, the sex chromosomes; and unknowns."""
    found = [f"{types.count(k)} of chromosome {TYPES[k]}" for k in range(X) if types.count(k) != 2]
    x, y = types.count(X), types.count(Y)
    if x + y != 2:
        noun = "chromosome" if x + y == 1 else "chromosomes"
        found.append(f"{x + y} sex {noun} ({'X' * x + 'Y' * y or 'none'})")
    unknown = types.count(None)
    if unknown:
        found.append(f"{unknown} {'object' if unknown == 1 else 'objects'} of unknown type")
    return tuple(found)
