"""How well drawn courses solve clusters that nothing else solves, on generated ones.

`python -m tests.course_bench` lays 2, 3 and 4 chromosomes over each other, calls them
one object, and draws along each as an unsteady hand does. What is still not right is drawn again,
what is too much is deleted: at most three actions for a chromosome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.errors import KaryoError
from karyogui.services.courses import course
from karyogui.services.proposals import crossing_proposals
from karyogui.services.repair_geometry import delete, staining
from karyogui.services.repairing import repaired_objects
from model.data.metaphase_synthetic import SlideStyle, SyntheticMetaphase, render_metaphase
from model.geometry.masks import Mask, trimmed
from model.vocabulary.errors import ModelError
from tests.unit.services.test_repair_geometry import overlap

CROSSING = ("1", "2", "3", "4", "5", "6", "7", "8", "X", "9", "10", "11", "12")
BESIDE = ("13", "16", "20", "21")
"""Types that may lie over each other, and that lie beside, to tell how wide a chromosome is."""
SIZE = (360, 360)
RIGHT: float = 0.75
"""Intersection over union from which a chromosome counts as right."""
MOST_ACTIONS: int = 3
"""Actions for each chromosome of a cluster."""
CLICKS: int = 6


@dataclass(eq=False)
class Cluster:
    """A picture, the chromosomes that lie over each other in it, and what is made of them."""

    metaphase: SyntheticMetaphase
    objects: list[SeparatedObject]
    truth: list[Mask]
    axes: list[NDArray[np.float64]]
    actions: int = 0
    refused: list[str] = field(default_factory=list)

    def take(self, repair: Repair) -> None:
        """Do a repair."""
        self.objects = list(repaired_objects(self.objects, repair))
        self.actions += 1

    def scores(self) -> list[float]:
        """Of each chromosome the intersection over union with what is most like it."""
        pages = [on_page(o) for o in self.objects if o.kind is ObjectKind.CHROMOSOME]
        return [max(overlap(page, mask) for page in pages) for mask in self.truth]

    def superfluous(self) -> list[SeparatedObject]:
        """Chromosomes that are none."""
        known = [*self.truth, *(m for m in self._beside())]
        return [
            o
            for o in self.objects
            if o.kind is ObjectKind.CHROMOSOME
            and max(overlap(on_page(o), mask) for mask in known) < RIGHT
        ]

    def _beside(self) -> list[Mask]:
        return [_page(o.mask, o.origin) for o in self.metaphase.chromosomes if o.type in BESIDE]


def cluster(count: int, seed: int) -> Cluster | None:
    """`count` chromosomes over each other as one object; None where they found no room."""
    rng = np.random.default_rng((count, seed))
    types = [str(each) for each in rng.choice(CROSSING, count, replace=False)]
    style = SlideStyle(
        size=SIZE, heap=count, touching=0, crossings=0, nuclei=0, specks=3, edge_objects=0
    )
    try:
        metaphase = render_metaphase(dict.fromkeys((*types, *BESIDE), 1), rng, style)
    except ModelError:
        return None
    crossing = [o for o in metaphase.chromosomes if o.type in types]
    beside = [o for o in metaphase.chromosomes if o.type in BESIDE]
    truth = [_page(o.mask, o.origin) for o in crossing]
    heap = np.logical_or.reduce(truth)
    masks = [heap, *(_page(o.mask, o.origin) for o in beside)]
    objects = [_object(f"c{n:02d}", mask) for n, mask in enumerate(masks, start=1)]
    return Cluster(metaphase, objects, truth, [o.axis for o in crossing])


def hand(
    axis: NDArray[np.float64], rng: np.random.Generator, clicks: int = 0
) -> list[tuple[float, float]]:
    """A line along an axis: with so many clicks, or in one unsteady stroke; not quite to the ends.

    The hand is off by 1.2 to 1.5 pixels (standard deviation), a tenth of a chromosome's width.
    """
    at = np.linspace(0.03, 0.97, clicks or len(axis)) * (len(axis) - 1)
    line = np.stack([np.interp(at, np.arange(len(axis)), axis[:, i]) for i in (0, 1)], axis=1)
    off = rng.normal(0, 1.2 if clicks else 8.0, line.shape)
    if not clicks:
        off = np.asarray(cv2.GaussianBlur(off, (1, 49), sigmaX=0.1, sigmaY=8.0), np.float64)
    return [(float(x), float(y)) for x, y in line + off]


def solve(found: Cluster, rng: np.random.Generator, clicks: int) -> None:
    """Draw each chromosome that is not right yet, once or twice more where need be."""
    stain = staining(found.metaphase.picture)
    used = {o.id for o in found.objects}
    budget = MOST_ACTIONS * len(found.truth)
    for _ in range(MOST_ACTIONS):
        for n, axis in enumerate(found.axes):
            if found.scores()[n] >= RIGHT or found.actions >= budget:
                continue
            try:
                repair = course(hand(axis, rng, clicks), stain, found.objects, used)
            except KaryoError as error:
                found.refused.append(error.sentence)
                continue
            found.take(repair)
            used |= {o.id for o in repair.after}
    for each in found.superfluous():
        if found.actions < budget:
            found.take(delete([each]))


def is_proposed(found: Cluster) -> bool:
    """Whether one of the program's ways to split the cluster is right."""
    try:
        proposals = crossing_proposals(found.objects[0])
    except KaryoError:
        return False
    for each in proposals:
        pages = [_page(mask, found.objects[0].origin) for mask in each.masks]
        if len(pages) == len(found.truth) and all(
            max(overlap(page, mask) for page in pages) >= RIGHT for mask in found.truth
        ):
            return True
    return False


def on_page(obj: SeparatedObject) -> Mask:
    """An object's mask in the whole picture (H, W)."""
    return _page(obj.mask, obj.origin)


def _page(mask: Mask, origin: tuple[int, int]) -> Mask:
    page = np.zeros(SIZE[::-1], np.bool_)
    (x, y), (h, w) = origin, mask.shape
    page[y : y + h, x : x + w] = mask
    return page


def _object(name: str, page: Mask) -> SeparatedObject:
    mask, origin = trimmed(page, (0, 0))
    box = (*origin, mask.shape[1], mask.shape[0])
    return SeparatedObject(name, ObjectKind.CHROMOSOME, mask, origin, box)


def measure(count: int, clicks: int, seeds: Sequence[int]) -> str:
    """One line of figures: for `count` chromosomes over each other."""
    scores: list[float] = []
    solved = actions = clusters = proposed = 0
    for seed in seeds:
        found = cluster(count, seed)
        if found is None:
            continue
        proposed += is_proposed(found)
        solve(found, np.random.default_rng(seed), clicks)
        clusters += 1
        scores += found.scores()
        solved += min(found.scores()) >= RIGHT and not found.superfluous()
        actions += found.actions
    mean, middle, low = np.mean(scores), np.median(scores), np.quantile(scores, 0.1)
    way = f"{clicks} clicks" if clicks else "one stroke"
    return (
        f"{count} over each other, {way}: {clusters} clusters, "
        f"{proposed} of them proposed by Split, {solved} solved by courses, "
        f"{actions / clusters / count:.2f} actions for a chromosome, "
        f"IoU mean {mean:.3f}, median {middle:.3f}, lowest tenth {low:.3f}"
    )


if __name__ == "__main__":
    for clicks in (0, CLICKS):
        for count in (2, 3, 4):
            print(measure(count, clicks, range(30)))  # noqa: T201
