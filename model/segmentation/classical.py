"""Separation without a network: threshold, nuclei taken out, clumps cut where they are notched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from model.light import flatten
from model.segmentation.atoms import Atoms, atoms_of
from model.segmentation.base import (
    ANNOTATION_MARGIN,
    CHOSEN,
    NO_CHROMOSOME,
    Box,
    GreyImage,
    Instance,
    Mask,
    Report,
    Separation,
    silent,
)
from model.segmentation.field import cut_by_field
from model.segmentation.hypotheses import Hypothesis, choose, cores, hypotheses_of
from model.segmentation.judge import probabilities
from model.segmentation.preparation import estimate_width, threshold_mask
from model.segmentation.rest import NUCLEUS_RADIUS, rest_of
from model.vocabulary.errors import ModelError
from model.vocabulary.kinds import ObjectKind

LEAST_WIDTH: float = 3.0
"""Pixels: in anything thinner no two things can be distinguished."""
LEAST_AREA: float = 0.6
"""Squared widths of the smallest chromosome."""
USUAL_AREA: tuple[float, float] = (1.2, 9.0)
"""Squared widths of the components that tell the size of a common chromosome."""
COST: float = 0.25
"""Probability that an object must have to be worth its place: more objects, or fewer."""
LEAST_SCORE: float = 0.12
"""Probability below which an object is debris."""
MOST_PARTS: int = 300
"""Separate dark parts of a chromosome's size and more, above which nothing is a metaphase."""
TOO_FULL: str = f"The picture holds more than {MOST_PARTS} objects: it is no metaphase."
EDGE_CONTACT: float = 0.5
"""Widths of the picture's border that a chromosome must touch to be cut by it."""


@dataclass(frozen=True, eq=False)
class Clump:
    """A connected dark part at `origin` (x, y), its atoms, and what they could be together."""

    origin: tuple[int, int]
    atoms: Atoms
    hypotheses: tuple[Hypothesis, ...]


class ClassicalSeparator:
    """Needs no weights: every way to cut a clump is judged by the shapes of its parts."""

    id: str = "classical"
    label: str = "Classical (threshold and shapes)"

    def __call__(
        self, picture: GreyImage, report: Report = silent, width_factor: float = CHOSEN
    ) -> Separation:
        """Separate a picture (H, W) uint8, dark on light or light on dark.

        ModelError when no chromosome can be seen, or far too many objects.
        """
        flattened = flatten(picture)
        dark = threshold_mask(flattened)
        factor = width_factor or 1.0
        width = estimate_width(dark) * factor
        if width < LEAST_WIDTH:
            raise ModelError(NO_CHROMOSOME)
        found: list[Instance] = []
        clumps = list(clumps_of(flattened, dark, width))
        for done, clump in enumerate(clumps, 1):
            found += _separated(clump, width, dark.shape)
            report(done, len(clumps), "Separating")
        if not any(o.kind is ObjectKind.CHROMOSOME for o in found):
            raise ModelError(NO_CHROMOSOME)
        rest = rest_of(dark, found, width)
        separation = Separation((*found, *rest), flattened, width, self.id, width_factor=factor)
        return cut_by_field(separation, picture)


def nuclei_of(dark: Mask, width: float) -> Mask:
    """(H, W) bool: what is too thick for chromosomes, without those that touch it."""
    solid = np.pad(dark, 1).astype(np.uint8)
    distance = cv2.distanceTransform(solid, cv2.DIST_L2, 5)[1:-1, 1:-1]
    core = distance > NUCLEUS_RADIUS * width
    if not core.any():
        return np.zeros_like(dark)
    away = cv2.distanceTransform((~core).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(dark & (away < (NUCLEUS_RADIUS + 0.15) * width))


def clumps_of(flattened: GreyImage, dark: Mask, width: float) -> Iterator[Clump]:
    """Every connected dark part that can hold a chromosome, with all ways to see it."""
    labels, _ = ndimage.label(dark & ~nuclei_of(dark, width), np.ones((3, 3)))
    areas = np.bincount(labels.ravel())[1:]
    usual = areas[(areas > USUAL_AREA[0] * width**2) & (areas < USUAL_AREA[1] * width**2)]
    typical = float(np.median(usual)) if len(usual) else 4 * width**2
    if int((areas >= LEAST_AREA * width**2).sum()) > MOST_PARTS:
        raise ModelError(TOO_FULL, "Choose the photograph of one cell, cut out of a larger one.")
    for i, place in enumerate(ndimage.find_objects(labels)):
        if areas[i] >= LEAST_AREA * width**2:
            grey = flattened[place]
            atoms = atoms_of(labels[place] == i + 1, grey, width)
            origin = (place[1].start, place[0].start)
            yield Clump(origin, atoms, hypotheses_of(atoms, grey, width, typical))


def _separated(clump: Clump, width: float, shape: tuple[int, ...]) -> list[Instance]:
    """The chromosomes of one connected dark part."""
    sure = probabilities(np.stack([h.values for h in clump.hypotheses]))
    middles = cores(clump.atoms, width)
    taken = choose(clump.atoms, clump.hypotheses, sure - COST, middles)
    return [
        _instance(clump.hypotheses[i].mask, clump.origin, float(sure[i]), width, shape)
        for i in taken
    ]


def _instance(
    mask: Mask, origin: tuple[int, int], score: float, width: float, shape: tuple[int, ...]
) -> Instance:
    tight, at = tight_mask(mask, origin)
    kind = ObjectKind.CHROMOSOME
    if score < LEAST_SCORE:
        kind = ObjectKind.DEBRIS
    elif _contact(tight, at, shape) > EDGE_CONTACT * width:
        kind = ObjectKind.EDGE
    return Instance(tight, at, kind, score, with_margin(tight, at, width, shape))


def tight_mask(mask: Mask, origin: tuple[int, int]) -> tuple[Mask, tuple[int, int]]:
    """The mask without empty borders, and where (x, y) its top left pixel lies then."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    tight = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
    return tight, (origin[0] + int(columns[0]), origin[1] + int(rows[0]))


def with_margin(mask: Mask, origin: tuple[int, int], width: float, shape: tuple[int, ...]) -> Box:
    """The box (x, y, w, h) of a tight mask as annotators draw it, clipped to the picture."""
    left, top, right, bottom = (width * m for m in ANNOTATION_MARGIN)
    (x, y), (h, w) = origin, mask.shape
    x0, y0 = max(0, round(x - left)), max(0, round(y - top))
    x1, y1 = min(shape[1], round(x + w + right)), min(shape[0], round(y + h + bottom))
    return (x0, y0, x1 - x0, y1 - y0)


def _contact(mask: Mask, origin: tuple[int, int], shape: tuple[int, ...]) -> int:
    """Pixels of a tight mask on the picture's border, on the side where there are most."""
    (x, y), (h, w) = origin, mask.shape
    sides = [(x == 0, mask[:, 0]), (y == 0, mask[0])]
    sides += [(x + w == shape[1], mask[:, -1]), (y + h == shape[0], mask[-1])]
    return max((int(line.sum()) for touches, line in sides if touches), default=0)
