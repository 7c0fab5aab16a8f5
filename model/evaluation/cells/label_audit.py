"""`main.py audit-labels`: chromosomes of an archive whose label deserves a second look.

From probabilities of networks that never saw the cell (`evaluate --folds 5 --posteriors`): labels
that the assignment of the whole cell contradicts clearly, confident learning (Northcutt 2021),
cells whose labels slipped by one, and pictures that seem to stand upside down. The lists name
cases, so they are written outside the program's folder, and only numbers are printed. Nothing in
the archive is changed: a suspect is a question, not a correction.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from model.assignment.map_assignment import MapAssignment
from model.evaluation.cells.by_case import cross_fitted
from model.evaluation.cells.collect import BoolArray, IntArray, Posteriors, as_array
from model.vocabulary.errors import ModelError, refusing_in_words
from model.vocabulary.files import write_texts
from model.vocabulary.labels import TYPES
from model.vocabulary.results import FloatArray

CLEAR: float = 6.0
"""Margin (nats) above which an assignment contradicts a label clearly."""
CLEARLY_TURNED: float = 3.0
"""Log odds above which a picture seems to stand upside down."""
ASSIGNMENT, LEARNING, SHIFT = "assignment", "confident learning", "shifted labels"
ODDS: str = "clear odds"
TYPES_CSV, TURNED_CSV, JSON = "suspect-types.csv", "suspect-polarities.csv", "audit.json"
_SHORTEST_SHIFT: int = 6
_SHARE_OF_SHIFT: float = 0.6
_PICTURES: frozenset[str] = frozenset({".png", ".tif", ".tiff", ".bmp", ".jpg", ".jpeg"})


@dataclass(frozen=True)
class Suspect:
    """A chromosome (row of the posteriors) whose label is doubted.

    `label` and `suspected` are types 0 … 23, or polarities; `margin` (nats) is that of the
    assignment, for a polarity its log odds; the probabilities are calibrated ones of both.
    """

    row: int
    label: int
    suspected: int
    margin: float
    probability_of_label: float
    probability_of_suspected: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Shift:
    """Labels of a cell that slipped: types `first` … `last` by their label should be `by` off."""

    cell: int
    first: int
    last: int
    by: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Audit:
    """Suspects with the most suspicious first, and cells with slipped labels."""

    types: tuple[Suspect, ...]
    polarities: tuple[Suspect, ...]
    shifts: tuple[Shift, ...]


def audit(posteriors: Posteriors) -> Audit:
    """Look for doubtful labels; ModelError without two cases that calibrate each other."""
    names = [posteriors.cases[cell] for cell in posteriors.cell]
    table = cross_fitted(posteriors.probabilities, posteriors.types, posteriors.seen, names)
    if table is None:
        raise ModelError("Cells of at least two cases are needed to audit labels.")
    assigned = np.full(len(table), -1, dtype=np.int64)
    margins = np.zeros(len(table))
    shifts = []
    for cell in range(len(posteriors.cells)):
        rows = posteriors.members(cell)
        rows = rows[posteriors.seen[rows]]
        if not len(rows):
            continue
        placed = MapAssignment()(table[rows])
        assigned[rows], margins[rows] = as_array(placed.types), placed.margins
        shift = find_shift(posteriors.types[rows], assigned[rows])
        if shift:
            at, first, last, by = shift
            shifts.append(Shift(cell, first, last, by, tuple(rows[at].tolist())))
    learnt = confident_learning(table, posteriors.types, posteriors.seen)
    turned = confident_learning(posteriors.polarity, posteriors.polarities, posteriors.seen)
    return Audit(
        _suspect_types(posteriors, table, assigned, margins, learnt, shifts),
        _suspect_polarities(posteriors, turned),
        tuple(shifts),
    )


def confident_learning(probabilities: FloatArray, labels: IntArray, seen: BoolArray) -> IntArray:
    """(n,): the class that is confidently meant instead of the label (n,), -1 for none.

    A class is meant confidently when its probability is at least the mean probability that the
    class has among chromosomes labelled so: the off-diagonal of the confident joint.
    """
    n, width = probabilities.shape
    thresholds = np.full(width, np.inf)
    for kind in range(width):
        of_kind = seen & (labels == kind)
        if of_kind.any():
            thresholds[kind] = probabilities[of_kind, kind].mean()
    confident = np.where(probabilities >= thresholds, probabilities, -1.0)
    meant = confident.argmax(axis=1)
    doubted = seen & (confident.max(axis=1) > 0) & (meant != labels)
    # The most probable class only: a rare type's low threshold alone is no reason.
    doubted &= meant == probabilities.argmax(axis=1) if n else doubted
    return np.where(doubted, meant, -1)


def find_shift(labels: IntArray, assigned: IntArray) -> tuple[IntArray, int, int, int] | None:
    """Chromosomes whose label is off by the same step in a long run of types, or None.

    `labels` and `assigned` are types 0 … 23 (n,), −1 for none assigned. Returned are their
    indices, the first and the last label among them, and the step from label to assigned type. At
    least `_SHORTEST_SHIFT` chromosomes, and most of those labelled in between.
    """
    wrong = np.flatnonzero((assigned >= 0) & (assigned != labels))
    if not len(wrong):
        return None
    steps = assigned[wrong] - labels[wrong]
    step, count = Counter(steps.tolist()).most_common(1)[0]
    at = wrong[steps == step]
    first, last = int(labels[at].min()), int(labels[at].max())
    between = int(((labels >= first) & (labels <= last)).sum())
    if count < _SHORTEST_SHIFT or count < _SHARE_OF_SHIFT * between:
        return None
    return at, first, last, int(step)


def _suspect_types(
    posteriors: Posteriors,
    table: FloatArray,
    assigned: IntArray,
    margins: FloatArray,
    learnt: IntArray,
    shifts: Sequence[Shift],
) -> tuple[Suspect, ...]:
    labels = posteriors.types
    reasons: defaultdict[int, list[str]] = defaultdict(list)
    for shift in shifts:
        for row in shift.rows:
            reasons[row].append(SHIFT)
    contradicted = (assigned >= 0) & (assigned != labels) & (margins > CLEAR)
    for row in np.flatnonzero(contradicted).tolist():
        reasons[row].append(ASSIGNMENT)
    for row in np.flatnonzero(learnt >= 0).tolist():
        reasons[row].append(LEARNING)
    found = []
    for row, why in reasons.items():
        by_cell = SHIFT in why or ASSIGNMENT in why
        meant = int(assigned[row] if by_cell else learnt[row])
        # Where the cell keeps the label, its margin speaks for the label.
        margin = float(margins[row]) if assigned[row] != labels[row] else -float(margins[row])
        found.append(Suspect(
            row, int(labels[row]), meant, margin, float(table[row, labels[row]]),
            float(table[row, meant]), tuple(why),
        ))  # fmt: skip
    return tuple(sorted(found, key=lambda s: (SHIFT not in s.reasons, -s.margin, s.row)))


def _suspect_polarities(posteriors: Posteriors, learnt: IntArray) -> tuple[Suspect, ...]:
    n = len(posteriors.polarities)
    meant = 1 - posteriors.polarities
    table = np.maximum(posteriors.polarity, 1e-12)
    odds = np.log(table[np.arange(n), meant] / table[np.arange(n), posteriors.polarities])
    clear = posteriors.seen & (odds > CLEARLY_TURNED)
    found = []
    for row in np.flatnonzero(clear | (learnt >= 0)).tolist():
        label = int(posteriors.polarities[row])
        ours, theirs = (float(table[row, k]) for k in (1 - label, label))
        why = [ODDS] * bool(clear[row]) + [LEARNING] * bool(learnt[row] >= 0)
        found.append(Suspect(row, label, 1 - label, float(odds[row]), theirs, ours, tuple(why)))
    return tuple(sorted(found, key=lambda s: (-s.margin, s.row)))


def picture_names(path: Path) -> dict[tuple[str, str], list[tuple[int, str]]]:
    """(type, file name) of an archive's pictures by case and cell, in the order of reading.

    ModelError when the archive cannot be listed.
    """
    try:
        if path.is_dir():
            names = [f.relative_to(path).as_posix() for f in path.rglob("*") if f.is_file()]
        else:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
    except (OSError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path.name} cannot be read as an archive ({error}).") from error
    found: defaultdict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
    for name in names:
        parts = PurePosixPath(name)
        kind, _, number = parts.stem.rpartition("-")
        labelled = kind.upper() in TYPES and number.isdecimal() and len(parts.parts) > 2
        if labelled and parts.suffix.lower() in _PICTURES:
            cell = (parts.parts[-3], parts.parts[-2])
            found[cell].append((TYPES.index(kind.upper()), int(number), parts.name))
    return {cell: [(k, name) for k, _, name in sorted(files)] for cell, files in found.items()}


def files_of(
    posteriors: Posteriors, names: Mapping[tuple[str, str], list[tuple[int, str]]]
) -> tuple[str, ...]:
    """The file of each row (N,); empty for cells whose files are not those of the posteriors."""
    files = [""] * len(posteriors.types)
    for cell, key in enumerate(zip(posteriors.cases, posteriors.cells, strict=True)):
        rows = posteriors.members(cell)
        listed = names.get(key, [])
        if [kind for kind, _ in listed] == posteriors.types[rows].tolist():
            for row, (_, name) in zip(rows.tolist(), listed, strict=True):
                files[row] = name
    return tuple(files)


def summary(found: Audit, posteriors: Posteriors) -> dict[str, object]:
    """Numbers without any name."""
    cells = {int(posteriors.cell[s.row]) for s in found.types}
    by_reason = Counter(reason for s in found.types for reason in s.reasons)
    exchanges = Counter(
        f"{TYPES[s.label]} → {TYPES[s.suspected]}" for s in found.types if SHIFT not in s.reasons
    )
    return {
        "chromosomes": len(posteriors.types),
        "cells": len(posteriors.cells),
        "suspect_types": len(found.types),
        "cells_with_suspect_types": len(cells),
        "by_reason": dict(by_reason),
        "label_and_suspected": dict(exchanges.most_common()),
        "cells_with_shifted_labels": len(found.shifts),
        "suspect_polarities": len(found.polarities),
    }


@refusing_in_words
def main(argv: list[str]) -> int:
    """Audit, write and print numbers; exit status 0."""
    parser = argparse.ArgumentParser("main.py audit-labels", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="archive of labelled cells")
    parser.add_argument(
        "--posteriors", type=Path, required=True,
        help="probabilities of its cells by networks that never saw them",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, help="folder for the lists")
    options = parser.parse_args(argv)
    sys.stdout.write(_audit(options.data, options.posteriors, options.out))
    return 0


def _audit(data: Path, file: Path, out: Path) -> str:
    program = Path(__file__).resolve().parents[3]
    if program in (out.resolve(), *out.resolve().parents):
        raise ModelError(
            f"{out.name} lies in the program's folder.",
            "The lists name cases: choose a folder outside.",
        )
    posteriors = Posteriors.load(file)
    files = files_of(posteriors, picture_names(data))
    if not any(files):
        raise ModelError(f"{file.name} is not about the cells of {data.name}.")
    found = audit(posteriors)
    numbers = summary(found, posteriors)
    write_texts(out, {
        TYPES_CSV: _csv(found.types, posteriors, files, TYPES),
        TURNED_CSV: _csv(found.polarities, posteriors, files, ("q up", "q down")),
        JSON: json.dumps(numbers, indent=1) + "\n",
    })  # fmt: skip
    lines = [
        f"{numbers['suspect_types']} of {numbers['chromosomes']} types and "
        f"{numbers['suspect_polarities']} polarities deserve a second look.",
        f"Cells with shifted labels: {numbers['cells_with_shifted_labels']}.",
        *(str(out / name) for name in (TYPES_CSV, TURNED_CSV, JSON)),
    ]
    return "\n".join(lines) + "\n"


def _csv(
    suspects: Sequence[Suspect], posteriors: Posteriors, files: Sequence[str], names: Sequence[str]
) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow((
        "rank", "case", "cell", "file", "label", "suspected", "margin", "p_label", "p_suspected",
        "reasons",
    ))  # fmt: skip
    for rank, one in enumerate(suspects, start=1):
        cell = posteriors.cell[one.row]
        rows.writerow((
            rank, posteriors.cases[cell], posteriors.cells[cell], files[one.row],
            names[one.label], names[one.suspected], f"{one.margin:.2f}",
            f"{one.probability_of_label:.4f}", f"{one.probability_of_suspected:.4f}",
            "; ".join(one.reasons),
        ))  # fmt: skip
    return text.getvalue()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
