"""What has not the size of its type: a marker, a deletion, added material, a part of a chromosome.

The network knows 24 types and nothing else, so that to it a small marker is whatever it looks most
like, and a count that wants a second X takes it for one. Its size knows better: dirt may add to
what lies alone, but nothing takes a third of it away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from model.assignment.base import Assigned, Assignment, warnings_of
from model.scale import REFERENCE_LOG_SIZE
from model.vocabulary.results import FloatArray, Misfit, Scale

LEAST_SHARE: float = 0.7
"""Of its type's usual area in the cell, which what lies alone has at least. Of 5,296 right ones in
300 training photographs four have less, of 8,100 ready cut-outs two."""
MOST_SHARE: float = 1.5
"""Which it has at most, but for what lies on it; of the 5,296 nine have more."""
SURE: float = 0.8
"""Probability from which the bands outweigh the size: then a part of that type is missing."""
MOST_MISFITS: tuple[int, float] = (3, 0.25)
"""Number, and share of what lies alone: where more of both do not fit, sizes tell nothing, as where
each picture was enlarged by itself."""
ENOUGH: int = 10
"""Lying alone, from which the median of their shares tells the cell's scale, whoever set it; fewer
have no size."""
GAP: float = 2.0
"""Pixels at the common scale between what lies alone and anything else."""


class Placed(Protocol):
    """Anything separated: its mask (h, w), and the place (x, y) of the mask's top left pixel."""

    @property
    def mask(self) -> NDArray[np.bool_]: ...
    @property
    def origin(self) -> tuple[int, int]: ...


@dataclass(frozen=True, eq=False)
class Sizes:
    """What is known of a cell's N objects beside their bands.

    `areas` (N,) are in pixels at the common scale, `alone` (N,) says which of them nothing covers
    or touches.
    """

    areas: FloatArray
    alone: NDArray[np.bool_]

    @classmethod
    def of(
        cls, masks: Sequence[NDArray[np.bool_]], scale: Scale, alone: NDArray[np.bool_]
    ) -> Sizes | None:
        """The sizes of N masks in a picture of this scale; None where no scale is known."""
        if not scale.is_estimated:
            return None
        areas = np.array([max(1.0, float(mask.sum())) for mask in masks])
        return cls(areas * scale.size**2, alone)


@dataclass(frozen=True, eq=False)
class BySize:
    """`Assignment` after which nothing that lies alone stands at a type that it is too small for.

    Where its bands are sure of the type it does; that and what is too large is told of.
    """

    method: Assignment
    sizes: Sizes

    @property
    def id(self) -> str:
        """That of the method which assigns the others."""
        return self.method.id

    def __call__(self, probabilities: FloatArray) -> Assigned:
        """Probabilities P (N, 24) of one cell → its assignment, strangers without a type."""
        found = self.method(probabilities)
        few, share = MOST_MISFITS
        if len(self._misfits(found.types)) > max(few, share * int(self.sizes.alone.sum())):
            return found
        strangers: dict[int, Misfit] = {}
        while True:  # whoever takes a stranger's place may be too small for it as well
            misfits = self._misfits(found.types)
            new = {
                i: misfit
                for i, misfit in misfits.items()
                if misfit.share < 1 and probabilities[i, misfit.type] < SURE
            }
            if not new:
                return replace(found, misfits=misfits | strangers)
            strangers |= new
            rest = [i for i in range(len(probabilities)) if i not in strangers]
            found = _among(self.method(probabilities[rest]), rest, len(probabilities))

    def _misfits(self, types: Sequence[int | None]) -> dict[int, Misfit]:
        alone = [(i, k) for i, k in enumerate(types) if k is not None and self.sizes.alone[i]]
        usual = np.exp(2 * REFERENCE_LOG_SIZE)
        shares = np.array([self.sizes.areas[i] / usual[k] for i, k in alone])
        if len(alone) < ENOUGH:
            return {}
        return {
            i: Misfit(k, float(share))
            for (i, k), share in zip(alone, shares / np.median(shares), strict=True)
            if not LEAST_SHARE <= share <= MOST_SHARE
        }


def _among(found: Assigned, rest: Sequence[int], number: int) -> Assigned:
    """The assignment of the `rest` of `number` objects as one of all: the others have no type."""
    types: list[int | None] = [None] * number
    moved, margins = [True] * number, [0.0] * number
    for n, i in enumerate(rest):
        types[i], moved[i], margins[i] = found.types[n], found.moved[n], found.margins[n]
    return replace(
        found,
        types=tuple(types),
        moved=tuple(moved),
        margins=tuple(margins),
        warnings=warnings_of(types),
        disagreeing=tuple(rest[n] for n in found.disagreeing),
    )


def lying_alone(
    objects: Sequence[Placed], chosen: Sequence[int], scale: float
) -> NDArray[np.bool_]:
    """(n,): which of n `chosen` objects of a photograph keep `GAP` from all its others.

    `scale` leads from the photograph's pixels to the common scale.
    """
    width = max((o.origin[0] + o.mask.shape[1] for o in objects), default=0)
    height = max((o.origin[1] + o.mask.shape[0] for o in objects), default=0)
    layers = np.zeros((height, width), np.uint16)
    for o in objects:
        (x, y), (h, w) = o.origin, o.mask.shape
        layers[y : y + h, x : x + w] += o.mask
    reach = max(1, round(GAP / scale))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    alone = []
    for o in (objects[i] for i in chosen):
        (x, y), (h, w) = o.origin, o.mask.shape
        left, top = max(0, x - reach), max(0, y - reach)
        around = layers[top : y + h + reach, left : x + w + reach]
        own = np.zeros(around.shape, np.uint8)
        own[y - top : y - top + h, x - left : x - left + w] = o.mask
        near = cv2.dilate(own, disc) > 0
        alone.append(not (near & (around > own)).any())
    return np.array(alone, np.bool_)
