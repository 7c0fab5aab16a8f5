"""The learned separator: network, votes, and what is left over named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.light import flatten
from model.segmentation.base import (
    CHOSEN,
    NO_CHROMOSOME,
    GreyImage,
    Instance,
    Mask,
    Report,
    Separation,
    margined,
    silent,
)
from model.segmentation.doubts import doubts_of
from model.segmentation.evidence import votes_of, with_votes
from model.segmentation.field import cut_by_field
from model.segmentation.network import OUTPUT_STRIDE, STRIDE, folded
from model.segmentation.preparation import (
    depth_image,
    estimate_width,
    threshold_mask,
    without_nuclei,
)
from model.segmentation.quality import USUAL
from model.segmentation.rest import rest_of
from model.segmentation.rims import with_rims
from model.segmentation.voting import OBJECT_COST, Group, Maps, groups_of
from model.segmentation.weights import SEPARATION, LoadedSeparation, load_separation
from model.vocabulary.errors import ModelError
from model.vocabulary.kinds import ObjectKind

VIEWS: tuple[tuple[bool, bool], ...] = (
    (False, False), (True, False), (False, True), (True, True),
)  # fmt: skip
"""Mirrored across, mirrored down: chromosomes look no different, only their sides are exchanged."""
DEARER: float = 35.0
"""Cost of an object, in votes, in the second grouping; where it differs there is doubt."""
LEAST_SCORE: float = 0.5
"""Score below which a group is shown as debris."""
LOWEST: float = 0.05
"""Scores below this cost as much."""
LEAST_AREA: float = 0.9
"""Squared chromosome widths of the smallest chromosome; smaller objects are debris."""
CUT_SHARE: float = 0.25
"""Share of a chromosome's box outside the picture from which it counts as cut by the border."""
AGAINST: float = 0.5
"""Share of an object's breadth that lies against the border where it is cut."""
WIDTHS: tuple[float, ...] = (0.8, 1.25)
"""Factors of the estimated width that are tried in doubt; the better one once more."""
IN_DOUBT: range = range(3, 21)
"""By how many chromosomes a cell differs from 46 whose width is doubtful: fewer are a finding,
more are a part of a cell, two cells or a polyploid one."""
MISSING: float = 1.0
"""Nats for each chromosome more or less than 46: less than one badly seen chromosome weighs."""
MOST_MISSING: int = 12
"""Chromosomes beyond which it costs no more."""
MOST_PIXELS: int = 4_000_000
"""Of the network's input; a larger picture holds more than a cell or its scale was mistaken."""


class LearnedSeparator:
    """Finds chromosomes by the votes of their pixels."""

    id = "learned"
    label = "Learned (votes of pixels)"

    def __init__(self, loaded: LoadedSeparation, views: int = 4) -> None:
        self._views = views
        net = folded(loaded.net)
        self._net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.card = loaded.card

    @classmethod
    def load(cls, weights: Path = SEPARATION) -> LearnedSeparator:
        """Load weights; ModelError when they are unusable."""
        return cls(load_separation(weights))

    def __call__(
        self, picture: GreyImage, report: Report = silent, width_factor: float = CHOSEN
    ) -> Separation:
        """As `Separator` says.

        Where nobody says the width and the number of chromosomes leaves doubt that it was told
        rightly, the picture is separated at other widths too, and the way is kept that costs the
        cell least.
        """
        report(0, 3, "Evening out the background")
        flattened = flatten(picture)
        dark = threshold_mask(flattened)
        width = estimate_width(dark)
        if not width:
            raise ModelError(NO_CHROMOSOME)
        best = first = self._at(flattened, dark, width * (width_factor or 1.0), report)
        if not width_factor and _is_doubtful(first):
            tried = [first, *(self._tried(flattened, dark, width * f, report) for f in WIDTHS)]
            best = _cheapest(tried)
            if best is not first and _is_doubtful(best):
                further = best.chromosome_width**2 / width
                best = _cheapest([best, self._tried(flattened, dark, further, report)])
        report(3, 3, "Separated")
        best = cut_by_field(best, picture)
        return replace(best, width_factor=round(best.chromosome_width / width, 3))

    def _tried(
        self, flattened: GreyImage, dark: Mask, width: float, report: Report
    ) -> Separation | None:
        """The separation for another width; None where nothing is found with it."""
        try:
            return self._at(flattened, dark, width, report)
        except ModelError:
            return None

    def _at(self, flattened: GreyImage, dark: Mask, width: float, report: Report) -> Separation:
        """The separation for chromosomes of a width; ModelError when none is found."""
        maps, factor = self.look(flattened, dark, width, report)
        report(2, 3, "Separating chromosomes")
        dark = without_nuclei(flattened, dark, width)
        half = _at_half(dark, maps.chromosome.shape)

        def grouped(object_cost: float) -> list[Instance]:
            groups = groups_of(maps, half, object_cost)
            instances = (_instance(group, dark, factor, width) for group in groups)
            return with_rims([i for i in instances if i is not None], flattened, width)

        found = grouped(OBJECT_COST)
        if not found:
            raise ModelError(NO_CHROMOSOME)
        doubts = doubts_of(found, grouped(DEARER), width)
        doubts = tuple(replace(d, instances=with_votes(d.instances, maps, factor)) for d in doubts)
        found = [*with_votes([*found, *rest_of(dark, found, width)], maps, factor)]
        votes = partial(votes_of, maps=maps, factor=factor)
        return Separation(tuple(found), flattened, width, self.id, doubts, votes=votes)

    @torch.inference_mode()
    def look(
        self, flattened: GreyImage, dark: Mask, width: float, report: Report = silent
    ) -> tuple[Maps, float]:
        """The network's answer, and the factor from raw pixels to those of its input."""
        factor = self._net.config.chromosome_width / width
        height, breadth = flattened.shape
        if height * breadth * factor**2 > MOST_PIXELS:
            raise ModelError(
                f"With chromosomes {width:.1f} pixels wide, a picture of {breadth:,} × {height:,} "
                "pixels holds more than one cell.",
                "Cut one cell out of it. If it shows one, and what stands out are the dots of a "
                "print or grain, smooth them away first.",
            )
        shape = (max(STRIDE, round(breadth * factor)), max(STRIDE, round(height * factor)))
        method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        depth = cv2.resize(depth_image(flattened, dark), shape, interpolation=method)
        h, w = depth.shape
        padded = np.zeros((-(-h // STRIDE) * STRIDE, -(-w // STRIDE) * STRIDE), np.float32)
        padded[:h, :w] = depth
        seen = self._seen(torch.from_numpy(padded)[None, None], report)
        rows, columns = -(-h // OUTPUT_STRIDE), -(-w // OUTPUT_STRIDE)

        def cut(values: torch.Tensor) -> NDArray[np.float32]:
            return values[0, ..., :rows, :columns].numpy()

        return Maps(*(cut(part) for part in seen)), factor

    def _seen(self, images: Tensor, report: Report) -> list[Tensor]:
        """The mean over the picture as it is and mirrored: what the `Maps` hold, in their order."""
        total: list[Tensor] = []
        for across, down in VIEWS[: self._views]:
            report(1, 3, "Looking for chromosomes")  # before each view: here it can be stopped
            axes = [axis for axis, flip in ((-1, across), (-2, down)) if flip]
            view = images.flip(axes).contiguous(memory_format=torch.channels_last)
            out = self._net.answer(self._net(view))
            sides = out.sides[:, [2 if across else 0, 3 if down else 1,
                                  0 if across else 2, 1 if down else 3]]  # fmt: skip
            found = [
                out.chromosome.sigmoid(), out.overlap.sigmoid(), out.touch.sigmoid(),
                out.fit.sigmoid(), sides,
            ]  # fmt: skip
            if out.types is not None:
                found.append(out.types.log_softmax(1))
            found = [part.flip(axes) for part in found]
            total = [a + b for a, b in zip(total, found, strict=True)] if total else found
        return [part / self._views for part in total]


def _is_doubtful(separation: Separation) -> bool:
    return abs(len(_scores(separation)) - USUAL) in IN_DOUBT


def _cheapest(ways: Sequence[Separation | None]) -> Separation:
    """The way that costs the cell least, of equal ones the first."""
    return min((way for way in ways if way is not None), key=_cost)


def _cost(separation: Separation) -> float:
    """Nats that a way of separating costs: how badly its chromosomes are seen, and how many."""
    scores = _scores(separation)
    off = min(abs(len(scores) - USUAL), MOST_MISSING)
    return MISSING * off - float(np.log(np.maximum(scores, LOWEST)).sum())


def _scores(separation: Separation) -> NDArray[np.float64]:
    """(n,) scores of the chromosomes."""
    chosen = [o.score for o in separation.instances if o.kind is ObjectKind.CHROMOSOME]
    return np.asarray(chosen, np.float64)


def _at_half(dark: Mask, shape: tuple[int, ...]) -> Mask:
    """The dark pixels at the resolution of the network's answer."""
    size = (shape[1], shape[0])
    small = cv2.resize(dark.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small > 100)


def _instance(group: Group, dark: Mask, factor: float, width: float) -> Instance | None:
    """A group of half-resolution pixels in the raw picture; None when nothing is left of it."""
    height, breadth = dark.shape
    step = OUTPUT_STRIDE / factor
    rows, columns = np.flatnonzero(group.pixels.any(1)), np.flatnonzero(group.pixels.any(0))
    top, left = max(0, rows[0] - 2), max(0, columns[0] - 2)
    part = group.pixels[top : rows[-1] + 3, left : columns[-1] + 3].astype(np.float32)
    x0, y0 = round(left * step), round(top * step)
    size = (round(part.shape[1] * step), round(part.shape[0] * step))
    fine = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
    h, w = min(fine.shape[0], height - y0), min(fine.shape[1], breadth - x0)
    mask = (fine[:h, :w] > 0.4) & dark[y0 : y0 + h, x0 : x0 + w]
    ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(ys):
        return None
    mask = np.ascontiguousarray(mask[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1])
    origin = (x0 + int(xs[0]), y0 + int(ys[0]))
    kind = ObjectKind.CHROMOSOME
    if group.score < LEAST_SCORE or mask.sum() < LEAST_AREA * width**2:
        kind = ObjectKind.DEBRIS
    elif _outside(group.box / factor, dark.shape) > CUT_SHARE or _is_cut(mask, origin, dark.shape):
        kind = ObjectKind.EDGE
    box = margined(group.box / factor, width, dark.shape)
    return Instance(mask, origin, kind, group.score, box, group.types)


def _is_cut(mask: Mask, origin: tuple[int, int], shape: tuple[int, ...]) -> bool:
    """Whether an object lies against the border of the picture over its own breadth."""
    (x, y), (h, w) = origin, mask.shape
    sides = []
    if x == 0:
        sides.append(mask[:, 0])
    if y == 0:
        sides.append(mask[0])
    if x + w == shape[1]:
        sides.append(mask[:, -1])
    if y + h == shape[0]:
        sides.append(mask[-1])
    breadth = float(np.sqrt(mask.sum() / max(1.0, max(h, w) / min(h, w))))
    return any(int(side.sum()) >= AGAINST * breadth for side in sides)


def _outside(box: NDArray[np.float32], shape: tuple[int, ...]) -> float:
    """Share of a box (left, top, right, bottom) that lies outside the picture."""
    inside = np.minimum(box[2:], (shape[1], shape[0])) - np.maximum(box[:2], 0)
    area = float((box[2:] - box[:2]).prod())
    return 1.0 - float(np.maximum(inside, 0).prod()) / max(area, 1e-6)
