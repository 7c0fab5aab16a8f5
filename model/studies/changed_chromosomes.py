"""Whether a structurally changed chromosome is noticed, in cells that were normal.

    python -m model.studies.changed_chromosomes --data CELLS --out DIR

In each held-out numerically normal cell one large chromosome is replaced by a third to two thirds
of it (*deleted*) or by an end of it beside its mirror image (*isochromosome*), or a small one gets
an end of another one (*added*). Counted are the cells whose numbers are unusual then and those in
which that chromosome asks for an eye, by probabilities alone and with sizes
(`assignment/by_size.py`); and what is noticed in the cells as they were.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.assignment.methods import assignment
from model.data.cells import LabelledCell, counts_of, is_normal, read_archive
from model.inference.predictor import Predictor
from model.segmentation.base import GreyImage
from model.segmentation.cut_out import cut_out
from model.vocabulary.archive import fold_of
from model.vocabulary.choices import DEFAULT_ASSIGNMENT
from model.vocabulary.errors import refusing_in_words
from model.vocabulary.files import write_text
from model.vocabulary.labels import X
from model.vocabulary.results import REVIEW_MARGIN
from model.weights import DEFAULT

CHANGES: tuple[str, ...] = ("none", "deleted", "isochromosome", "added")
LARGE: tuple[int, ...] = (*range(12), X)
"""Types (0 … 23) that are shortened; of the others, without Y, one is lengthened."""
KEPT: tuple[float, float] = (0.3, 0.65)
"""Share of its length that is left of a chromosome, or of another one that is added."""
MARGIN: int = 6


@dataclass(frozen=True)
class Noticed:
    """One cell with one change, by probabilities alone and with sizes.

    `numbers`: its numbers are unusual; `asks`: the changed chromosome is reviewed (whatever its
    numbers); `needless`: others that are for their size alone.
    """

    cell: str
    change: str
    numbers: tuple[bool, bool]
    asks: tuple[bool, bool]
    needless: int


@refusing_in_words
def main(argv: Sequence[str] | None = None) -> int:
    """Change, look and write; exit status 0."""
    parser = argparse.ArgumentParser("changed_chromosomes", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="ARCHIVE")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--hold-out", type=int, default=0, metavar="FOLD")
    options = parser.parse_args(argv)
    predictor = Predictor.load(DEFAULT)
    rng = np.random.default_rng(3)
    noticed = [
        seen_with(change, cell, predictor, rng)
        for cell in read_archive(options.data).cells
        if fold_of(cell.case) == options.hold_out and cell.is_numerically_normal
        for change in CHANGES
    ]
    told = {change: summed([n for n in noticed if n.change == change]) for change in CHANGES}
    options.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(told, indent=1) + "\n"
    write_text(options.out / "changed_chromosomes.json", text)
    sys.stdout.write(text)
    return 0


def seen_with(
    change: str, cell: LabelledCell, predictor: Predictor, rng: np.random.Generator
) -> Noticed:
    """What is noticed of one change of a cell."""
    pictures = list(cell.pictures)
    short = [i for i, kind in enumerate(cell.types) if kind in LARGE]
    small = [i for i, kind in enumerate(cell.types) if kind not in LARGE and kind < X]
    at = int(rng.choice(small if change == "added" else short))
    other = pictures[int(rng.integers(len(pictures)))]
    pictures[at] = changed(change, pictures[at], other, rng)
    found = predictor.predict_cell(pictures)
    by_bands = assignment(DEFAULT_ASSIGNMENT, predictor.calibration)(
        np.stack([o.type_probabilities for o in found.objects])
    )
    seen = found.objects[at]
    types = tuple(o.assigned_type for o in found.objects if o.assigned_type is not None)
    return Noticed(
        cell.name,
        change,
        (not is_normal(by_bands.counts), not is_normal(counts_of(types))),
        (
            by_bands.margins[at] < REVIEW_MARGIN or at in by_bands.disagreeing,
            seen.margin < REVIEW_MARGIN or at in found.disagreeing or seen.misfit is not None,
        ),
        sum(o.misfit is not None for i, o in enumerate(found.objects) if i != at),
    )


def changed(
    change: str, picture: GreyImage, other: GreyImage, rng: np.random.Generator
) -> GreyImage:
    """A picture (h, w) uint8 on 255 of one chromosome, with one of `CHANGES`."""
    if change == "none":
        return picture
    own, share = cut_out(picture).crop, float(rng.uniform(*KEPT))
    if change == "added":
        end = cut_out(other).crop
        return _on_white(_stacked(end[: max(6, round(share * len(end)))], own))
    if change == "isochromosome":
        arm = own[: max(6, round(share * len(own) / 2))]
        return _on_white(np.concatenate([arm, arm[::-1]]))
    left = max(8, round(share * len(own)))
    start = int(rng.integers(len(own) - left + 1))
    return _on_white(own[start : start + left])


def _stacked(upper: GreyImage, lower: GreyImage) -> GreyImage:
    breadth = max(upper.shape[1], lower.shape[1])
    sides = [divmod(breadth - part.shape[1], 2) for part in (upper, lower)]
    padded = [
        np.pad(part, ((0, 0), (half, half + odd)), constant_values=255)
        for part, (half, odd) in zip((upper, lower), sides, strict=True)
    ]
    return np.concatenate(padded)


def _on_white(crop: GreyImage) -> GreyImage:
    return np.pad(crop, MARGIN, constant_values=255)


def summed(noticed: Sequence[Noticed]) -> dict[str, object]:
    """How many of the cells; pairs are by probabilities alone, and with sizes."""
    return {
        "cells": len(noticed),
        "unusual_numbers": [sum(n.numbers[k] for n in noticed) for k in (0, 1)],
        "changed_one_asks": [sum(n.asks[k] for n in noticed) for k in (0, 1)],
        "numbers_or_asks": [sum(n.numbers[k] or n.asks[k] for n in noticed) for k in (0, 1)],
        "others_for_their_size": sum(n.needless for n in noticed),
    }


if __name__ == "__main__":
    sys.exit(main())
