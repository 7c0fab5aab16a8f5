"""`main.py evaluate-separation`: the repairs that a separation leaves, picture by picture.

Writes metrics.json. Everything that follows a separation takes part (classifier, ways, judge): it
is what a person gets to see. True and found chromosomes are brought together one to one as in
`evaluate-metaphases`, which draws and tells more and needs more packages.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from model.data.metaphases import MetaphaseArchive, OutlineArchive, Truth
from model.data.pictures import open_pictures
from model.data.splits import spread_evenly
from model.evaluation.metaphases.boxes import as_drawn
from model.evaluation.metaphases.cells import FoundCell, KnownCell
from model.evaluation.metaphases.matching import tally
from model.evaluation.metaphases.run import Look, Setting, guarded
from model.segmentation.weights import SEPARATION
from model.vocabulary.archive import FOLDS
from model.vocabulary.choices import DEVICES
from model.vocabulary.errors import ModelError, refusing_in_words
from model.vocabulary.events import Event
from model.vocabulary.files import write_texts
from model.weights import DEFAULT

METRICS = "metrics.json"
FIGURES: tuple[str, ...] = ("repairs", "merged", "split", "missed", "false")
"""Of each cell: all repairs, and what they are."""


@refusing_in_words
def main(argv: list[str]) -> int:
    """Measure and print the means; exit status 0."""
    options = _parser().parse_args(argv)
    archive = open_pictures(options.data)
    names = _names(archive, options)
    look = Setting(
        "learned", options.weights, options.classifier, options.device, cache=options.cache
    ).open()
    cells = measured(archive, names, look, options.progress)
    if not cells:
        raise ModelError(f"No picture of {options.data.name} can be used.")
    told = {"data": options.data.name, "weights": options.weights.name, "cells": cells}
    write_texts(options.out, {METRICS: json.dumps(told, indent=1, allow_nan=False)})
    means = (f"{name} {sum(c[name] for c in cells) / len(cells):.2f}" for name in FIGURES)
    sys.stdout.write(f"{len(cells)} pictures, a picture: {', '.join(means)}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("main.py evaluate-separation", description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="ARCHIVE",
        help="metaphases with boxes or outlines")  # fmt: skip
    add("--out", type=Path, required=True, metavar="DIR", help="where to write")
    add("--weights", type=Path, default=SEPARATION, help="default: the bundled ones")
    add("--classifier", type=Path, default=DEFAULT, help="default: the bundled one")
    add("--hold-out", type=int, choices=range(FOLDS), metavar="FOLD",
        help="only the cases of this fifth (default: every case)")  # fmt: skip
    add("--names", type=Path, metavar="FILE", help="only the pictures of these names, one a line")
    add("--limit", type=int, metavar="N", help="only that many, spread evenly")
    add("--device", choices=DEVICES, default="auto")
    add("--cache", type=Path, metavar="DIR", help="where converted networks are kept")
    add("--progress", action="store_true", help="print a line of JSON for every picture")
    return parser


def _names(
    archive: MetaphaseArchive | OutlineArchive, options: argparse.Namespace
) -> Sequence[str]:
    names = archive.names if options.hold_out is None else archive.split(options.hold_out)[1]
    if options.names is not None:
        try:
            wanted = set(options.names.read_text(encoding="utf-8").splitlines())
        except (OSError, UnicodeDecodeError) as error:
            raise ModelError(f"{options.names} cannot be read ({error}).") from error
        names = tuple(name for name in names if name in wanted)
    if not names:
        raise ModelError(f"No case of {options.data.name} is left to measure on.")
    return spread_evenly(names, options.limit or len(names))


def measured(
    archive: MetaphaseArchive | OutlineArchive, names: Sequence[str], look: Look, tells: bool
) -> list[dict[str, Any]]:
    """What each picture costs; one without a readable truth is left out."""
    known: list[KnownCell] = []
    found: list[FoundCell] = []
    for done, name in enumerate(names, 1):
        try:
            truth, picture = known_cell(archive, name), archive.picture(name)
        except ModelError as error:
            sys.stderr.write(f"{error}\n")
            continue
        if truth.truths:
            known.append(truth)
            found.append(guarded(look, name, picture))
        if tells:
            sys.stdout.write(Event("progress", {"done": done, "total": len(names)}).line + "\n")
            sys.stdout.flush()
    return [row_of(k, f) for k, f in zip(known, as_drawn(known, found)[0], strict=True)]


def known_cell(archive: MetaphaseArchive | OutlineArchive, name: str) -> KnownCell:
    """A picture's truth by its boxes, those of outlines where these are drawn."""
    if isinstance(archive, MetaphaseArchive):
        truths = archive.truth(name)
    else:
        boxes = ((x, y, m.shape[1], m.shape[0]) for m, (x, y) in archive.outlines(name))
        truths = tuple(Truth(0, box) for box in boxes)
    return KnownCell(name, archive.case(name), truths, (), False)


def row_of(known: KnownCell, found: FoundCell) -> dict[str, Any]:
    """The repairs of one picture."""
    told = tally(known, found, classes=False)
    return {
        "case": known.case,
        "cell": known.name,
        "chromosomes": told.truths,
        "separated": told.separated,
        "repairs": told.repairs,
        "merged": told.cuts,
        "split": told.joins,
        "missed": len(told.misses),
        "false": len(told.false),
        "seconds": found.seconds_separation + (found.seconds_classification or 0.0),
        "error": found.error,
    }
