"""Where two groupings of a picture differ: places that the classifier shall decide."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from model.segmentation.base import Doubt, Instance, Mask
from model.segmentation.rest import rest_of

SAME: float = 0.03
"""Share of differing pixels below which two objects are one."""
MEETS: float = 0.1
"""Share of the smaller object's pixels from which two objects concern one place."""


def doubts_of(
    first: Sequence[Instance], second: Sequence[Instance], width: float
) -> tuple[Doubt, ...]:
    """The places at which objects of `first` could be replaced by objects of `second`."""
    old = [i for i, o in enumerate(first) if not any(_same(o, other) for other in second)]
    new = [i for i, o in enumerate(second) if not any(_same(o, other) for other in first)]
    meeting = [
        (i, len(old) + j)
        for (i, a), (j, b) in product(enumerate(old), enumerate(new))
        if _meet(first[a], second[b])
    ]
    size = len(old) + len(new)
    rows, columns = ([pair[side] for pair in meeting] for side in (0, 1))
    graph = coo_array((np.ones(len(meeting)), (rows, columns)), shape=(size, size))
    count, label = connected_components(graph, directed=False) if size else (0, np.zeros(0))
    doubts = []
    for place in range(count):
        members = np.flatnonzero(label == place)
        replaced = tuple(old[i] for i in members if i < len(old))
        instances = [second[new[i - len(old)]] for i in members if i >= len(old)]
        if replaced:
            left = _uncovered([first[i] for i in replaced], instances, width)
            doubts.append(Doubt(replaced, (*instances, *left)))
    return tuple(doubts)


def _same(one: Instance, other: Instance) -> bool:
    if one.kind is not other.kind or one.origin != other.origin:
        return False
    same_shape = one.mask.shape == other.mask.shape
    return same_shape and float((one.mask ^ other.mask).mean()) < SAME


def _meet(one: Instance, other: Instance) -> bool:
    (x, y), (u, v) = one.origin, other.origin
    (h, w), (m, n) = one.mask.shape, other.mask.shape
    left, right = max(x, u), min(x + w, u + n)
    top, bottom = max(y, v), min(y + h, v + m)
    if left >= right or top >= bottom:
        return False
    both = one.mask[top - y : bottom - y, left - x : right - x]
    both = both & other.mask[top - v : bottom - v, left - u : right - u]
    return int(both.sum()) > MEETS * min(int(one.mask.sum()), int(other.mask.sum()))


def _uncovered(
    replaced: Sequence[Instance], instances: Sequence[Instance], width: float
) -> list[Instance]:
    """What of some objects (and of nothing else) no other object covers."""
    everything = (*replaced, *instances)
    breadth = max(o.origin[0] + o.mask.shape[1] for o in everything)
    height = max(o.origin[1] + o.mask.shape[0] for o in everything)
    dark: Mask = np.zeros((height + 1, breadth + 1), np.bool_)
    for o in replaced:
        (x, y), (h, w) = o.origin, o.mask.shape
        dark[y : y + h, x : x + w] |= o.mask
    return rest_of(dark, instances, width)
