"""How well outlines are met: masks of the separation against polygons drawn by people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.data.outlines import Outline, OutlineArchive
from model.evaluation.metaphases.cells import FoundCell
from model.evaluation.metaphases.matching import matched
from model.evaluation.metaphases.summary import Resampled, interval_json, peak_memory, seconds
from model.vocabulary.errors import ModelError
from model.vocabulary.results import FloatArray

TOUCHING: float = 1e-6
"""IoU from which two masks meet at all."""

RULES: str = """An outline and an object that was not rejected are matched one to one by the IoU of
their masks, as many pairs as possible and then the greatest sum. Separated are pairs of at least
0.5; the mean matched IoU is theirs. The mean over all outlines matches whatever meets and counts
outlines without an object as 0."""


@dataclass(frozen=True, eq=False)
class KnownOutlines:
    """A picture's true outlines."""

    name: str
    case: str
    outlines: tuple[Outline, ...]


def read_outlines(
    archive: OutlineArchive, names: Sequence[str]
) -> tuple[list[KnownOutlines], list[str]]:
    """The truth of every picture that has one, and sentences about the others."""
    known, problems = [], []
    for name in names:
        try:
            outlines = archive.outlines(name)
        except ModelError as error:
            problems.append(str(error))
            continue
        if outlines:
            known.append(KnownOutlines(name, archive.case(name), outlines))
        else:
            problems.append(f"{name}: nothing is outlined, left out.")
    return known, problems


def summarise_outlines(
    known: Sequence[KnownOutlines], found: Sequence[FoundCell]
) -> dict[str, Any]:
    """Figures of all pictures with intervals over cases, and of each."""
    rows = [_row(k, f) for k, f in zip(known, found, strict=True)]
    drawn = Resampled([k.case for k in known])
    truths = [row["outlines"] for row in rows]
    pairs = [row["separated"] for row in rows]
    figures = {
        "mean_matched_iou": drawn.share([row["iou_of_pairs"] for row in rows], pairs),
        "mean_iou_of_all": drawn.share([row["iou_of_all"] for row in rows], truths),
        "separated": drawn.share(pairs, truths),
        "count_right": drawn.mean([row["outlines"] == row["objects"] for row in rows]),
        "objects_without_pair": drawn.mean([row["objects"] - row["separated"] for row in rows]),
    }
    return {
        "pictures": len(rows), "cases": drawn.cases, "outlines": sum(truths),
        **{key: interval_json(value) for key, value in figures.items()},
        "seconds": seconds(found), "peak_memory_mib": peak_memory(found),
        "errors": [{"name": c.name, "error": c.error} for c in found if c.error],
        "rules": RULES, "rows": rows,
    }  # fmt: skip


def mask_ious(first: Sequence[Outline], second: Sequence[Outline]) -> FloatArray:
    """(n, m): IoU of masks at their places."""
    ious = np.zeros((len(first), len(second)))
    sizes = [int(mask.sum()) for mask, _ in second]
    for i, (mask, (x, y)) in enumerate(first):
        size = int(mask.sum())
        for j, (other, (u, v)) in enumerate(second):
            left, right = max(x, u), min(x + mask.shape[1], u + other.shape[1])
            top, bottom = max(y, v), min(y + mask.shape[0], v + other.shape[0])
            if left < right and top < bottom:
                both = mask[top - y : bottom - y, left - x : right - x]
                shared = int((both & other[top - v : bottom - v, left - u : right - u]).sum())
                ious[i, j] = shared / (size + sizes[j] - shared)
    return ious


def _row(known: KnownOutlines, found: FoundCell) -> dict[str, Any]:
    ious = mask_ious(known.outlines, [(o.mask, o.origin) for o in found.chromosomes])
    pairs, any_pairs = matched(ious), matched(ious, TOUCHING)
    return {
        "name": known.name, "outlines": len(known.outlines), "objects": len(found.chromosomes),
        "separated": len(pairs), "iou_of_pairs": float(sum(ious[p] for p in pairs)),
        "iou_of_all": float(sum(ious[p] for p in any_pairs)), "error": found.error,
    }  # fmt: skip
