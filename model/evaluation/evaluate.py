"""`main.py evaluate`: the paper's metrics of some weights on an archive of labelled cells."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model.data.cells import LabelledCell, counts_of, read_archive
from model.data.splits import fold_of
from model.device import DEVICES
from model.errors import ModelError
from model.evaluation.metrics import CellOutcome, summarise
from model.inference.predictor import Predictor
from model.labels import Q_DOWN, Q_UP
from model.weights import DEFAULT, read_card


def main(argv: list[str]) -> int:
    """Evaluate and print; exit status 0, or 2 with a sentence on a known error."""
    options = _parser().parse_args(argv)
    try:
        archive = read_archive(options.data)
        cells = archive.cells
        if not cells:
            raise ModelError(f"No cell of {options.data.name} can be used.", *archive.problems[:1])
        if options.held_out:
            cells = _held_out(cells, options.weights)
        predictor = Predictor.load(options.weights, options.device, options.views)
        outcomes = [evaluate_cell(predictor, cell) for cell in _told(cells, sys.stderr.isatty())]
        metrics = {
            **summarise(outcomes),
            "model": {"name": predictor.name, "version": predictor.version,
                      "sha256": predictor.sha256, "device": predictor.device},
            "left_out": list(archive.problems),
            "cells": [{"case": o.case, "cell": o.cell, **summarise([o])} for o in outcomes],
        }  # fmt: skip
        _write(options.out, metrics)
    except ModelError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(table(metrics, len(outcomes)) + f"\n{options.out / 'metrics.json'}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("main.py evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="archive of labelled cells")
    parser.add_argument("--out", type=Path, required=True, help="folder for metrics.json")
    parser.add_argument("--weights", type=Path, default=DEFAULT)
    parser.add_argument("--device", default="auto", choices=DEVICES)
    parser.add_argument("--views", type=int, default=4, choices=(1, 2, 4))
    parser.add_argument(
        "--held-out", action="store_true",
        help="only the cases that were held out when the weights were trained",
    )  # fmt: skip
    return parser


def evaluate_cell(predictor: Predictor, cell: LabelledCell) -> CellOutcome:
    """Predict one cell with half of its chromosomes turned by 180° (polarity 0)."""
    rng = np.random.default_rng(zlib.crc32(f"{cell.case}/{cell.name}".encode()))
    turned = rng.permutation(len(cell.types)) % 2 == 1
    pictures = [
        np.ascontiguousarray(np.rot90(p, 2)) if turn else p
        for p, turn in zip(cell.pictures, turned, strict=True)
    ]
    began = time.perf_counter()
    result = predictor.predict_cell(pictures)
    seconds = time.perf_counter() - began
    return CellOutcome(
        cell.case,
        cell.name,
        types=np.array(cell.types),
        argmax=np.array([-1 if o.assigned_type is None else int(o.type_probabilities.argmax())
                         for o in result.objects]),
        assigned=np.array([-1 if o.assigned_type is None else o.assigned_type
                           for o in result.objects]),
        polarities=np.where(turned, Q_UP, Q_DOWN),
        polarity_answers=np.array([_answer(o.polarity_probabilities, o.cut_out.angle)
                                   for o in result.objects]),
        true_counts=cell.counts or counts_of(cell.types),
        seconds=seconds,
    )  # fmt: skip


def _answer(polarity_probabilities: np.ndarray, angle: float) -> int:
    """Polarity of the picture as given; the upright crop differs when it was turned by over 90°."""
    seen = int(polarity_probabilities.argmax())
    return 1 - seen if abs(angle) > 90 else seen


def _held_out(cells: Sequence[LabelledCell], weights: Path) -> tuple[LabelledCell, ...]:
    found = re.search(r"fold (\d)", str(read_card(weights).get("split", "")))
    if not found:
        raise ModelError("These weights were trained without holding out any case.")
    apart = tuple(cell for cell in cells if fold_of(cell.case) == int(found[1]))
    if not apart:
        raise ModelError("The archive has no case that these weights held out.")
    return apart


def _told(cells: Sequence[LabelledCell], tell: bool) -> Sequence[LabelledCell]:
    if tell:
        sys.stderr.write(f"{len(cells)} cells\n")
    return cells


def _write(folder: Path, metrics: dict[str, Any]) -> None:
    beside = folder / ".metrics.json.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(metrics, indent=1, allow_nan=False), encoding="utf-8")
        beside.replace(folder / "metrics.json")
    except OSError as error:
        raise ModelError(f"metrics.json could not be written ({error}).") from error


def table(metrics: dict[str, Any], cells: int) -> str:
    """The figures as printed, in per cent like table IV."""
    kind, polarity, found = metrics["type"], metrics["polarity"], metrics["findings"]

    def percent(value: float | None) -> str:
        return "   –  " if value is None else f"{100 * value:6.2f}"

    return "\n".join([
        f"{cells} cells, {metrics['model']['name']} {metrics['model']['version']}, "
        f"{metrics['model']['device']}",
        "             Acc.     F1   Acc. per Case  Acc. per Case-D   (%)",
        f"type       {percent(kind['acc'])} {percent(kind['f1'])}  "
        f"{percent(kind['acc_per_case'])}         {percent(kind['acc_per_case_d'])}",
        f"polarity   {percent(polarity['acc'])} {percent(polarity['f1'])}  "
        f"{percent(polarity['acc_per_case'])}",
        f"cells exactly right {percent(metrics['cells_exactly_right'])} %",
        f"numerical findings: sensitivity {percent(found['sensitivity'])} % of "
        f"{found['abnormal_cells']} abnormal cells, specificity {percent(found['specificity'])} % "
        f"of {found['normal_cells']} normal cells",
        f"{metrics['seconds_per_cell']:.2f} s per cell",
    ])  # fmt: skip
