"""True and found chromosomes of a metaphase brought together, and what a person would repair.

The rules, all on the boxes of the archive and the masks of the objects that were not rejected:

separated    A true chromosome and an object whose boxes have an IoU of at least 0.5, matched one
             to one so that as many pairs as possible arise and, among those, the sum of IoUs is
             greatest.
held         A true chromosome without a pair lies in an object when at least half of its box is
             within the object's box, the object's mask has at least half of all objects' pixels in
             the true box (rejected ones count: what lies there as debris is no merge), and fills
             at least a twentieth of it. Of several the one with most pixels.
merge        An object with at least two true chromosomes: its own pair and those that lie in it.
             It needs one cut less than it has chromosomes.
split        A true chromosome with at least two objects: its own pair and objects without a pair
             that hold nobody and have at least three quarters of their mask in its box (each
             counted once, for the chromosome that has most of it). It needs one join less than it
             has objects.
miss         A true chromosome without a pair that is in no merge and in no split. It was only
             rejected when a rejected object's box has an IoU of at least 0.5 with it.
false        An object without a pair that is in no merge and in no split.
wrong class  A pair whose type after the cell's assignment is not the true one.
corrections  Cuts, joins, misses, false objects and wrong classes together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from model.evaluation.metaphases.cells import FoundCell, FoundObject, KnownCell, boxes_of
from model.vocabulary.results import FloatArray

LEAST_IOU: float = 0.5
HELD_BOX: float = 0.5
HELD_PIXELS: float = 0.5
HELD_FILL: float = 0.05
PIECE_INSIDE: float = 0.75

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tally:
    """A cell brought together.

    `pairs` are (truth, object) numbers; `merges` and `splits` have the truths of an object and the
    objects of a truth, at least two each; `misses` are truths, `rejected` those of them that are
    among the rejected objects; `false` are objects; `wrong` are numbers of pairs. Objects are
    numbered as in `FoundCell.chromosomes`.
    """

    truths: int
    objects: int
    pairs: tuple[tuple[int, int], ...]
    ious: tuple[float, ...]
    merges: tuple[tuple[int, ...], ...]
    splits: tuple[tuple[int, ...], ...]
    misses: tuple[int, ...]
    rejected: tuple[int, ...]
    false: tuple[int, ...]
    wrong: tuple[int, ...]
    holders: tuple[int, ...] = ()

    @property
    def separated(self) -> int:
        """True chromosomes with an object of their own."""
        return len(self.pairs)

    @property
    def identified(self) -> int:
        """True chromosomes with an object of their own and the right type."""
        return len(self.pairs) - len(self.wrong)

    @property
    def cuts(self) -> int:
        """What the merges need."""
        return sum(len(m) - 1 for m in self.merges)

    @property
    def joins(self) -> int:
        """What the splits need."""
        return sum(len(s) - 1 for s in self.splits)

    @property
    def repairs(self) -> int:
        """Corrections of the separation alone."""
        return self.cuts + self.joins + len(self.misses) + len(self.false)

    @property
    def corrections(self) -> int:
        """Everything that a person would have to do, by the rule above."""
        return self.repairs + len(self.wrong)


def tally(known: KnownCell, found: FoundCell, classes: bool = True) -> Tally:
    """Bring a cell's truth and what was found together; without `classes` no type is wrong."""
    objects = found.chromosomes
    own = known.boxes
    ious = box_ious(own, boxes_of([o.box for o in objects]))
    pairs = matched(ious)
    lonely = sorted(set(range(len(own))) - {t for t, _ in pairs})
    groups: dict[int, list[int]] = {o: [t] for t, o in pairs}
    pixels = pixels_in(own, objects)
    everything = pixels_in(own, found.objects).sum(1)
    for truth, holder in _holders(own, objects, pixels, everything, lonely).items():
        groups.setdefault(holder, []).append(truth)
    merges = {o: tuple(truths) for o, truths in groups.items() if len(truths) > 1}
    pieces = _pieces(pixels, objects, {o for _, o in pairs} | merges.keys())
    of_truth: dict[int, list[int]] = {t: [o] for t, o in pairs}
    for piece, truth in pieces.items():
        of_truth.setdefault(truth, []).append(piece)
    merged = {t for truths in merges.values() for t in truths}
    splits = {t: tuple(o) for t, o in of_truth.items() if len(o) > 1 and not
              (t in merged and t in lonely)}  # fmt: skip
    used = {o for _, o in pairs} | merges.keys() | {o for group in splits.values() for o in group}
    misses = tuple(t for t in lonely if t not in merged and t not in splits)
    hidden = box_ious(own, boxes_of([o.box for o in found.rejected])).max(1, initial=0.0)
    wrong = tuple(
        number for number, (t, o) in enumerate(pairs)
        if classes and objects[o].type != known.truths[t].type
    )  # fmt: skip
    return Tally(
        len(own), len(objects), pairs, tuple(float(ious[p]) for p in pairs),
        tuple(merges.values()), tuple(splits.values()), misses,
        tuple(t for t in misses if hidden[t] >= LEAST_IOU),
        tuple(o for o in range(len(objects)) if o not in used), wrong, tuple(merges),
    )  # fmt: skip


def box_ious(first: FloatArray, second: FloatArray) -> FloatArray:
    """(n, m): IoU of boxes (n, 4) and (m, 4) of x, y, w, h."""
    areas = first[:, 2:].prod(1)[:, None] + second[:, 2:].prod(1)[None]
    both = _overlaps(first, second)
    ious: FloatArray = both / np.maximum(areas - both, 1e-9)
    return ious


def matched(ious: FloatArray, least: float = LEAST_IOU) -> tuple[tuple[int, int], ...]:
    """Pairs (row, column) of IoUs (n, m) of at least `least`, one to one.

    As many as possible, then the greatest sum of IoUs (Hungarian method).
    """
    gain = np.where(ious >= least, ious + min(ious.shape) + 1, 0.0)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return tuple(
        (int(r), int(c)) for r, c in zip(rows, columns, strict=True) if ious[r, c] >= least
    )


def pixels_in(boxes: FloatArray, objects: Sequence[FoundObject]) -> IntArray:
    """(n, m): how many pixels of each object's mask lie in each box (n, 4)."""
    counts = np.zeros((len(boxes), len(objects)), np.int64)
    corners = np.rint(np.c_[boxes[:, :2], boxes[:, :2] + boxes[:, 2:]]).astype(int)
    for j, each in enumerate(objects):
        sums = np.pad(each.mask.astype(np.int64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
        h, w = each.mask.shape
        left, right = (np.clip(corners[:, i] - each.origin[0], 0, w) for i in (0, 2))
        top, bottom = (np.clip(corners[:, i] - each.origin[1], 0, h) for i in (1, 3))
        counts[:, j] = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return counts


def _holders(
    own: FloatArray,
    objects: Sequence[FoundObject],
    pixels: IntArray,
    everything: IntArray,
    lonely: Sequence[int],
) -> dict[int, int]:
    """The object in which each true chromosome without a pair lies, where there is one.

    `pixels` (n, m) are those of the objects in the true boxes, `everything` (n,) those of the
    rejected ones as well.
    """
    if not objects or not lonely:
        return {}
    areas = np.maximum(own[:, 2:].prod(1), 1e-9)
    within = _overlaps(own, boxes_of([o.box for o in objects])) / areas[:, None]
    holders = {}
    for truth in lonely:
        counts = pixels[truth]
        best = int(np.where(within[truth] >= HELD_BOX, counts, -1).argmax())
        enough = max(HELD_PIXELS * everything[truth], HELD_FILL * areas[truth])
        if within[truth, best] >= HELD_BOX and counts[best] >= enough:
            holders[truth] = best
    return holders


def _pieces(pixels: IntArray, objects: Sequence[FoundObject], taken: set[int]) -> dict[int, int]:
    """The true chromosome of which each object without a pair is a piece, where there is one."""
    pieces = {}
    for j, each in enumerate(objects):
        if j in taken or not len(pixels):
            continue
        truth = int(pixels[:, j].argmax())
        if pixels[truth, j] >= max(1.0, PIECE_INSIDE * float(each.mask.sum())):
            pieces[j] = truth
    return pieces


def _overlaps(first: FloatArray, second: FloatArray) -> FloatArray:
    """(n, m): shared area of boxes (n, 4) and (m, 4) of x, y, w, h."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    ends = first[:, None, :2] + first[:, None, 2:], second[None, :, :2] + second[None, :, 2:]
    shared: FloatArray = np.maximum(np.minimum(*ends) - low, 0.0).prod(2)
    return shared
