"""What a mask's shape says: its middle line, ends, width and bend."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from model.segmentation.base import Instance, Mask

REMEMBERED: int = 256
"""Objects, those of a large photograph."""

_RING = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
"""The eight neighbours (dy, dx), clockwise from the upper one."""
_WEIGHTS = np.array([[128, 1, 2], [64, 0, 4], [32, 16, 8]], np.float32)


@dataclass(frozen=True, eq=False)
class Shape:
    """A mask's shape, lengths in pixels.

    `path` (n, 2) int: the middle line as y, x, from end to end; `length` along it including the
    caps; `ends`: how many arms the middle line has that are longer than half a width; `ribbon`:
    share of the mask (0 … 1) within 0.6 widths of the path; `radius`: that of the largest circle
    inside; `bend`: the sharpest turn along the path, radians; `turning`: the sum of all turns.
    """

    area: int
    path: NDArray[np.intp]
    length: float
    ends: int
    ribbon: float
    radius: float
    bend: float
    turning: float


def thinned(mask: Mask) -> Mask:
    """(h, w) bool: the middle lines, one pixel wide (Guo and Hall 1989)."""
    picture = np.pad(mask, 1).astype(np.uint8)
    first, second = _TABLES
    while True:
        before = int(picture.sum())
        for table in (first, second):
            code = cv2.filter2D(picture, cv2.CV_32F, _WEIGHTS, borderType=cv2.BORDER_CONSTANT)
            picture &= ~table[code.astype(np.uint8)] & 1
        if int(picture.sum()) == before:
            return picture[1:-1, 1:-1].astype(np.bool_)


def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """For every neighbourhood (bits as in `_RING`): 1 where a step of the thinning removes it."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    p = bits.astype(np.bool_)
    north, east, south, west = p[:, 0], p[:, 2], p[:, 4], p[:, 6]
    n_east, s_east, s_west, n_west = p[:, 1], p[:, 3], p[:, 5], p[:, 7]
    crossings = sum(
        (~p[:, 2 * k] & (p[:, 2 * k + 1] | p[:, (2 * k + 2) % 8])).astype(int) for k in range(4)
    )
    pairs_1 = sum((p[:, (2 * k - 1) % 8] | p[:, 2 * k]).astype(int) for k in range(4))
    pairs_2 = sum((p[:, 2 * k] | p[:, 2 * k + 1]).astype(int) for k in range(4))
    least = np.minimum(pairs_1, pairs_2)
    common = (crossings == 1) & (least >= 2) & (least <= 3)
    odd = common & ~((north | n_east | ~s_east) & east)
    even = common & ~((south | s_west | ~n_west) & west)
    return odd.astype(np.uint8), even.astype(np.uint8)


_TABLES = _tables()


@lru_cache(maxsize=REMEMBERED)
def shape_in(instance: Instance, width: float) -> Shape:
    """Shape of an object; remembered, since quality, judge and ways all ask for it."""
    return shape_of(instance.mask, width)


def shape_of(mask: Mask, width: float) -> Shape:
    """Shape of a mask (h, w) in a picture whose chromosomes are `width` pixels wide."""
    padded = np.pad(mask, 1)
    distance = cv2.distanceTransform(padded.astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    skeleton = thinned(mask)
    path, ends = _longest(skeleton, 0.5 * width)
    area = int(mask.sum())
    caps = float(distance[tuple(path[0])] + distance[tuple(path[-1])])
    steps = np.hypot(*np.diff(path, axis=0).T) if len(path) > 1 else np.zeros(0)
    line = np.ones(mask.shape, np.uint8)
    line[path[:, 0], path[:, 1]] = 0
    near = cv2.distanceTransform(line, cv2.DIST_L2, 5) <= 0.6 * width
    turns = _turns(path, width)
    return Shape(
        area,
        path,
        float(steps.sum()) + caps,
        ends,
        float((mask & near).sum()) / max(area, 1),
        float(distance.max()),
        float(np.abs(turns).max(initial=0.0)),
        float(np.abs(turns).sum()),
    )


def _longest(skeleton: Mask, spur: float) -> tuple[NDArray[np.intp], int]:
    """The longest way (n, 2) y, x through a skeleton, and its number of arms longer than `spur`."""
    points = np.argwhere(skeleton)
    if len(points) < 3:
        return points if len(points) else np.zeros((1, 2), np.intp), 2
    number = np.full(np.add(skeleton.shape, 2), -1)
    number[points[:, 0] + 1, points[:, 1] + 1] = np.arange(len(points))
    rows, columns, lengths = [], [], []
    degree = np.zeros(len(points), int)
    for dy, dx in _RING:
        other = number[points[:, 0] + 1 + dy, points[:, 1] + 1 + dx]
        there = other >= 0
        degree += there
        rows.append(np.flatnonzero(there))
        columns.append(other[there])
        lengths.append(np.full(int(there.sum()), np.hypot(dy, dx)))
    joined = (np.concatenate(lengths), (np.concatenate(rows), np.concatenate(columns)))
    graph = csr_array(joined, shape=(len(points), len(points)))
    tips = np.flatnonzero(degree == 1)
    start = int(tips[0]) if len(tips) else 0
    far = _farthest(dijkstra(graph, indices=start))
    reach, before = dijkstra(graph, indices=far, return_predecessors=True)
    at = _farthest(reach)
    way = [at]
    while before[at] >= 0:
        at = int(before[at])
        way.append(at)
    arms = 2
    taken = dijkstra(graph, indices=way, min_only=True)
    arms += int((taken[tips] > spur).sum())
    return points[way], arms


def _farthest(reach: NDArray[np.float64]) -> int:
    return int(np.where(np.isfinite(reach), reach, -1).argmax())


def _turns(path: NDArray[np.intp], width: float) -> NDArray[np.float64]:
    """Signed turns (radians) between chords of about one width along a path."""
    step = max(2, round(width))
    if len(path) < 2 * step:
        return np.zeros(0)
    knots = path[np.linspace(0, len(path) - 1, max(3, round(len(path) / step) + 1)).astype(int)]
    chords = np.diff(knots, axis=0).astype(np.float64)
    heading = np.arctan2(chords[:, 0], chords[:, 1])
    return np.asarray((np.diff(heading) + np.pi) % (2 * np.pi) - np.pi)
