"""Which chromosomes the window's review list names (`karyogui/domain/review.py`), on plain numbers.

Beside what is uncertain it names what is always looked at: objects of no type, a picture that
disagrees with its type, every Y, every type with an unusual count, and 21, 22 and Y together when
one of them has one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from model.data.cells import counts_of
from model.vocabulary.labels import TYPES, X, Y

INCOMPLETE: int = 42
"""Chromosomes below which a type that is short is no finding by itself."""
GROUP_G: tuple[int, ...] = (TYPES.index("21"), TYPES.index("22"), Y)


def always_looked_at(
    types: Sequence[int | None], disagreeing: Collection[int] = ()
) -> NDArray[np.bool_]:
    """(N,): which of a cell's chromosomes are named whatever their margin.

    `types` are 0 … 23, None for one of no type; `disagreeing` are those, by number, whose picture
    speaks against their type.
    """
    unusual = unusual_types(counts_of(tuple(kind for kind in types if kind is not None)))
    named = [
        kind is None or kind == Y or kind in unusual or i in disagreeing
        for i, kind in enumerate(types)
    ]
    return np.array(named, dtype=np.bool_)


def unusual_types(counts: Sequence[int]) -> frozenset[int]:
    """Types (0 … 23) of which all chromosomes are named, in a cell with these counts (24,)."""
    short = sum(counts) < INCOMPLETE
    unusual = {k for k in range(X) if counts[k] > 2 or (counts[k] < 2 and not short)}
    if (counts[X], counts[Y]) not in ((2, 0), (1, 1)):
        unusual |= {X, Y}
    if unusual.intersection(GROUP_G[:2]) or (Y in unusual and counts[Y]):
        unusual |= {*GROUP_G}
    return frozenset(unusual)
