"""Masks of objects and what can be drawn on them: frames, parts, lines, brushes, loops, bridges.

Masks are (h, w) bool. A frame is (x, y, w, h) in pixels of the picture; where nothing else is said,
points are (x, y) with (0, 0) at the top left corner of the top left pixel.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Point = tuple[float, float]
Box = tuple[int, int, int, int]
Margins = tuple[int, int, int, int]

LEAST_PIECE: int = 12
"""Pixels below which a part is a crumb."""
LEAST_THICKNESS: float = 1.5
"""A part whose every pixel lies this near to its edge is a sliver, and a crumb too."""
CUT_REACH: float = 0.75
"""Widths of a mask by which a line that ends inside goes on to reach the outside."""
AROUND: NDArray[np.uint8] = np.ones((3, 3), np.uint8)


# -- boxes ---------------------------------------------------------------------------------------


def union_of(boxes: Sequence[Box]) -> Box:
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, bottom = max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)
    return left, top, right - left, bottom - top


def meet(one: Box, other: Box) -> Box | None:
    """What two boxes share; None for nothing."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right = min(one[0] + one[2], other[0] + other[2])
    bottom = min(one[1] + one[3], other[1] + other[3])
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None


def grown(box: Box, by: int) -> Box:
    return box[0] - by, box[1] - by, box[2] + 2 * by, box[3] + 2 * by


def bounds_of(points: Sequence[Point] | NDArray[np.float64]) -> Box:
    """The smallest box (x, y, w, h) of whole pixels around points (n, 2), n ≥ 1."""
    corners = np.asarray(points, np.float64)
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    left, top, right, bottom = (int(v) for v in (*low, *high))
    return left, top, max(1, right - left), max(1, bottom - top)


def boxed(mask: Mask, origin: tuple[int, int], margins: Margins, within: Box) -> Box:
    """A tight mask's box with margins, clipped to `within`."""
    height, width = mask.shape
    left, top, right, bottom = margins
    x, y = origin[0] - left, origin[1] - top
    tight = (*origin, width, height)
    return meet((x, y, width + left + right, height + top + bottom), within) or tight


# -- masks ---------------------------------------------------------------------------------------


def placed(mask: Mask, origin: tuple[int, int], frame: Box) -> Mask:
    """A mask with its top left pixel at `origin`, in a frame that holds all of it."""
    placed = np.zeros((frame[3], frame[2]), np.bool_)
    x, y = origin[0] - frame[0], origin[1] - frame[1]
    placed[y : y + mask.shape[0], x : x + mask.shape[1]] = mask
    return placed


def trimmed(mask: Mask, origin: tuple[int, int]) -> tuple[Mask, tuple[int, int]]:
    """The tight part of a mask, and where its top left pixel lies."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    tight = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return tight.copy(), (origin[0] + int(columns[0]), origin[1] + int(rows[0]))


def components(mask: Mask) -> tuple[NDArray[np.int32], int]:
    """Labels 1 … n of the connected parts, pixels at corners included, and n."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    return np.asarray(labels, np.int32), count - 1


def nearest_label(seeds: NDArray[np.int32]) -> NDArray[np.int32]:
    """For every pixel the label of the nearest labelled one.

    `seeds` (h, w) holds the labels, 0 where there is none.
    """
    _, (rows, columns) = nearest(seeds != 0)
    return np.asarray(seeds[rows, columns], np.int32)


def nearest(mask: Mask) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Distance (h, w) of every pixel to the nearest one of `mask`, and its [y, x], (2, h, w)."""
    # Here, because SciPy takes a tenth of the window's start and serves repairs alone.
    from scipy.ndimage import distance_transform_edt

    distances, places = distance_transform_edt(~mask, return_indices=True)
    return distances, places


def depth_of(mask: Mask) -> NDArray[np.float32]:
    """Distance of every pixel (h, w) to the outside of a mask."""
    padded = np.pad(mask, 1).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1], np.float32)


def width_of(mask: Mask) -> float:
    """The usual width of a mask (h, w) in pixels, from the ridge of its distance map."""
    distance = depth_of(mask)
    # The staircase of an oblique edge has little ridges of its own.
    ridge = (distance >= cv2.dilate(distance, AROUND)) & (distance >= distance.max() / 2)
    return 2 * float(np.median(distance[ridge])) if ridge.any() else 1.0


def is_piece(part: Mask) -> bool:
    """Whether a part (h, w) is large and thick enough to be an object of its own."""
    return int(part.sum()) >= LEAST_PIECE and float(depth_of(part).max()) > LEAST_THICKNESS


# -- lines, brushes, loops -----------------------------------------------------------------------


def drawn(mask: Mask, points: NDArray[np.float64], width: float | None = None) -> Mask:
    """Pixels of a line (n, 2) of x, y over a mask (h, w): no step of it is only over a corner.

    An end inside goes on straight while it is nearer to the outside than the mask is wide, which
    `width` tells if it is known.
    """
    if len(points) > 1:
        reach = CUT_REACH * (width or width_of(mask))
        points = np.concatenate(
            [
                _continued(mask, points[::-1], reach)[::-1],
                points,
                _continued(mask, points, reach),
            ]
        )
    line = np.zeros(mask.shape, np.uint8)
    corners = np.floor(points).astype(np.int32)
    for start, end in zip(corners[:-1].tolist(), corners[1:].tolist(), strict=True):
        cv2.line(line, start, end, 1, 1, cv2.LINE_4)
    return line.astype(np.bool_)


def _continued(mask: Mask, points: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """(0 or 1, 2): where a line's end inside a mask leaves it, if that is within `reach` pixels."""
    end = points[-1]
    behind = points[np.hypot(*(points - end).T) >= min(3.0, reach)]
    if not len(behind) or not _covers(mask, end):
        return np.zeros((0, 2))
    heading = end - behind[-1]
    heading = heading / np.hypot(*heading)
    for step in np.arange(0.5, reach + 0.5, 0.5):
        if not _covers(mask, end + step * heading):
            return np.asarray((end + (step + 1) * heading)[None])
    return np.zeros((0, 2))


def _covers(mask: Mask, point: NDArray[np.float64]) -> bool:
    column, row = (int(v) for v in np.floor(point))
    return 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1] and bool(mask[row, column])


def stroked(stroke: Sequence[Point], radius: float, frame: Box) -> Mask:
    """Pixels of a frame whose middle lies within `radius` of a line (x, y)."""
    x, y = (
        v.astype(np.float64) + 0.5 for v in np.meshgrid(np.arange(frame[2]), np.arange(frame[3]))
    )
    points = np.asarray(stroke, np.float64).reshape(-1, 2) - np.asarray(frame[:2])
    inside = np.zeros((frame[3], frame[2]), np.bool_)
    ends = points[1:] if len(points) > 1 else points
    for (ax, ay), (bx, by) in zip(points, ends, strict=False):
        dx, dy = bx - ax, by - ay
        square = dx * dx + dy * dy
        along = np.clip(((x - ax) * dx + (y - ay) * dy) / square, 0, 1) if square else 0.0
        inside |= np.hypot(x - ax - along * dx, y - ay - along * dy) <= radius
    return inside


def filled(polygon: Sequence[Point], frame: Box) -> Mask:
    """Pixels (h, w) of a frame whose middle lies inside a closed line, by the even-odd rule."""
    corners = np.asarray(polygon, np.float64) - np.asarray(frame[:2])
    x = np.arange(frame[2])[None, :] + 0.5
    y = np.arange(frame[3])[:, None] + 0.5
    inside = np.zeros((frame[3], frame[2]), np.bool_)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if ay != by:
            crossed = (ay <= y) != (by <= y)
            inside ^= crossed & (x < ax + (y - ay) / (by - ay) * (bx - ax))
    return inside


def without_specks(mask: Mask) -> Mask:
    """A mask (h, w) without parts below a twentieth of the largest, and without pin-holes."""
    labels, count = components(mask)
    if not count:
        return mask
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    areas[0] = 0
    kept = np.isin(labels, np.flatnonzero(areas >= max(4.0, areas.max() / 20)))
    outside = np.pad(~kept, 1, constant_values=True).astype(np.uint8)
    _, holes = cv2.connectedComponents(outside, connectivity=4)
    sizes = np.bincount(holes.ravel())
    pin_holes = np.isin(holes, np.flatnonzero(sizes < LEAST_PIECE))[1:-1, 1:-1]
    return np.asarray(kept | pin_holes, np.bool_)


# -- bridges -------------------------------------------------------------------------------------


def bridge(one: Mask, other: Mask) -> tuple[float, tuple[int, int], tuple[int, int]]:
    """Distance of two masks (h, w) in pixels, 0 where they share one, and its ends (x, y)."""
    distances, (rows, columns) = nearest(one)
    far = np.where(other, distances, np.inf)
    # Ends that lie flat against each other are bridged in their middle.
    near = np.argwhere(far <= far.min() + 0.5)
    row, column = near[int(np.hypot(*(near - near.mean(axis=0)).T).argmin())]
    start = (int(columns[row, column]), int(rows[row, column]))
    return float(far[row, column]), start, (int(column), int(row))


def filling(
    one: Mask, other: Mask, start: tuple[int, int], end: tuple[int, int], gap: float
) -> Mask:
    """What closes the gap between two masks along the bridge from `start` to `end`."""
    line = np.zeros(one.shape, np.uint8)
    if gap < 2:  # they touch
        return line.astype(np.bool_)
    cv2.line(line, start, end, 1, 1, cv2.LINE_4)
    reach = int(np.ceil(gap / 2)) + 1
    beside = max(1, round(min(width_of(one), width_of(other)) / 2))
    near = cv2.dilate(line, _disc(beside + 1))
    pad = reach + beside
    both = np.pad(one | other, pad).astype(np.uint8)
    # A square closes a gap between flat ends to its corners, where a disc leaves a waist.
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    closed = cv2.morphologyEx(both, cv2.MORPH_CLOSE, square)[pad:-pad, pad:-pad]
    return np.asarray((line > 0) | ((near > 0) & (closed > 0)), np.bool_)


def _disc(radius: int) -> NDArray[np.uint8]:
    size = (2 * radius + 1, 2 * radius + 1)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size), np.uint8)
