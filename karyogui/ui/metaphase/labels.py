"""Where labels stand: beside their objects, over nothing, and rather missing than in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karyogui.layout.geometry import Box
from karyogui.ui.metaphase.outlines import Occupancy

_ANGLES = 2 * np.pi * np.arange(16) / 16
_RAYS = np.stack([np.sin(_ANGLES), -np.cos(_ANGLES)], axis=1)
_NORMALS = _RAYS[:, ::-1] * [-1, 1]
_GAP = 0.14
_MOST_COVERED = 0.12
"""Share of a label that may lie on objects: it must not hide bands."""


@dataclass(frozen=True, eq=False)
class LabelWish:
    """A label that wants a place, in pixels of the picture.

    `outline` is (n, 2); `width` and `height` are the label's own; what `insists` always gets one,
    even where it covers an object or another label.
    """

    id: str
    outline: NDArray[np.float64]
    width: float
    height: float
    insists: bool = False


def place_labels(wishes: Sequence[LabelWish], occupancy: Occupancy) -> dict[str, Box]:
    """Boxes by id, the earlier wish first; who finds no free place is left out."""
    placed: dict[str, Box] = {}
    taken: list[Box] = []
    for wish in wishes:
        box = _best(wish, occupancy, taken)
        if box is not None:
            placed[wish.id] = box
            taken.append(box)
    return placed


def _best(wish: LabelWish, occupancy: Occupancy, taken: Sequence[Box]) -> Box | None:
    best, least = None, np.inf
    candidates = _candidates(wish)
    for box in candidates:
        if any(box.overlaps(other) for other in taken):
            continue
        cost = occupancy.share(box.x, box.y, box.width, box.height)
        if cost < least:
            best, least = box, cost
        if cost == 0.0:
            # The first free place wins: candidates come in the order of preference.
            break
    if wish.insists:
        return best or candidates[0]
    return best if least <= _MOST_COVERED else None


def _candidates(wish: LabelWish) -> list[Box]:
    """Boxes round an outline: at its ends first, then along its sides."""
    spread = wish.outline - wish.outline.mean(axis=0)
    # The point that reaches furthest in each direction, and near its ray rather than far off.
    reach = spread @ _RAYS.T - 0.5 * np.abs(spread @ _NORMALS.T)
    at = reach.argmax(axis=0)
    half = np.array([wish.width / 2, wish.height / 2])
    # How far a box's border is from its middle in each direction.
    border = (half / np.maximum(np.abs(_RAYS), 1e-9)).min(axis=1)
    middles = wish.outline[at] + _RAYS * (_GAP * wish.height + border)[:, None]
    ends_first = np.argsort(-np.hypot(*spread[at].T), kind="stable")
    corners = (middles - half)[ends_first].tolist()
    return [Box(x, y, wish.width, wish.height) for x, y in corners]
