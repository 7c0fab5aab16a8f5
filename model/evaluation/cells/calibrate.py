"""`main.py calibrate`: make the probabilities of some weights mean what they say.

Temperature, floor and evidence threshold are fitted on the cells that the weights held out and
written into the file beside the weights. The cells are the held-out ones, so a figure quoted of
calibrated results has to be cross-fitted (`assignment_study`).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path

import numpy as np

from model.assignment.calibration import Calibration, fit, fit_evidence
from model.assignment.map_assignment import MapAssignment
from model.data.cells import is_normal, read_archive
from model.evaluation.cells.collect import Posteriors, collect
from model.evaluation.cells.folds import held_out_cells
from model.inference.predictor import Predictor
from model.vocabulary.card import read_card
from model.vocabulary.errors import refusing_in_words
from model.vocabulary.files import write_texts
from model.vocabulary.results import FloatArray
from model.weights import DEFAULT


@refusing_in_words
def main(argv: list[str]) -> int:
    """Calibrate and print; exit status 0."""
    options = _parser().parse_args(argv)
    posteriors = _posteriors(options)
    calibration = calibrate(posteriors)
    write_calibration(options.weights, calibration, len(posteriors.cells))
    sys.stdout.write(
        f"temperature {calibration.temperature:.3f}, floor {calibration.floor:g}, evidence "
        f"{calibration.evidence:.2f} from {len(posteriors.cells)} cells\n"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("main.py calibrate", description=__doc__)
    parser.add_argument("--weights", type=Path, default=DEFAULT)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, help="archive whose held-out cells are looked at")
    source.add_argument("--posteriors", type=Path, help="what `evaluate --posteriors` kept of them")
    return parser


def _posteriors(options: argparse.Namespace) -> Posteriors:
    if options.posteriors:
        return Posteriors.load(options.posteriors)
    _, cells = held_out_cells(read_archive(options.data).cells, options.weights)
    return collect(Predictor.load(options.weights), cells)


def calibrate(posteriors: Posteriors) -> Calibration:
    """Temperature, floor and evidence threshold of these cells."""
    seen = posteriors.seen
    found = fit(posteriors.probabilities[seen], posteriors.types[seen])
    tables = [
        found.apply(posteriors.probabilities[posteriors.members(cell)])
        for cell, counts in enumerate(posteriors.counts)
        if is_normal(tuple(counts.tolist()))
    ]
    evidence = fit_evidence([strongest_disagreement(table) for table in tables])
    return dataclasses.replace(found, evidence=round(evidence, 3))


def strongest_disagreement(probabilities: FloatArray) -> float:
    """Largest log ratio of a most probable type over the assigned one in a cell (N, 24), nats."""
    types = MapAssignment(with_margins=False)(probabilities).types
    logs = np.log(probabilities)
    ratios = [logs[i].max() - logs[i, kind] for i, kind in enumerate(types) if kind is not None]
    return float(max(ratios, default=0.0))


def write_calibration(weights: Path, calibration: Calibration, cells: int) -> None:
    """Put it into the file beside the weights; ModelError when the disk refuses."""
    card = read_card(weights)
    card["calibration"] = {**calibration.to_json(), "cells": cells}
    write_texts(weights.parent, {f"{weights.stem}.json": json.dumps(card, indent=1) + "\n"})
