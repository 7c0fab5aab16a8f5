"""`python -m model.evaluation.metaphases.fit_ways`: which other ways of separating are better.

Separates and classifies training pictures (fold 0 stays apart), thinks of other ways where the
judge doubts, and counts by the archive's boxes what each would mend or harm (`matching.py`); fits
a table for each kind of way and picks its threshold, cross-fitted by case; writes
`assets/weights/separation-ways.json` with a card. What was measured is kept under `--kept`, so that
a stopped run goes on. The judge must be fitted before.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model.data.metaphases import MetaphaseArchive
from model.evaluation.metaphases.cells import FoundCell, FoundObject, KnownCell
from model.evaluation.metaphases.fit_check import (
    MOST_FAULTS,
    ROUNDS,
    digest,
    kept_texts,
    parser_of,
    sha_of,
    written,
)
from model.evaluation.metaphases.matching import tally
from model.evaluation.metaphases.regression import regression
from model.inference.check_values import Floats
from model.inference.separation_check import Table, bundled
from model.inference.ways import BETTER, KINDS, VALUES, WAYS, WORSE, Mender, Way, weighed
from model.segmentation.base import Instance, Separation
from model.vocabulary.errors import ModelError

if TYPE_CHECKING:
    from model.inference.metaphase import MetaphaseReader

HARM: int = 2
"""How many repairs a way that does harm weighs: the one it costs, and the look of a person who is
asked about every way that was taken."""
GRID: tuple[float, ...] = tuple(np.round(np.arange(0.4, 0.96, 0.05), 2).tolist())
"""Thresholds that are tried."""


@dataclass(frozen=True)
class Sample:
    """A picture: its faults, and of each other way the kind, what it replaces, values, gain.

    A gain is by how many repairs the cell needs fewer; none is known of ways taken together.
    """

    case: str
    faults: int
    kinds: list[str]
    replaced: list[list[int]]
    values: list[list[float]]
    gains: list[int]


def main(argv: Sequence[str] | None = None) -> int:
    """Fit and write; exit status 0, or 2 with a sentence on a known error."""
    options = parser_of("fit_ways", __doc__, 60, WAYS).parse_args(argv)

    def document() -> dict[str, Any]:
        samples = [s for path in options.data for s in samples_of(path, options)]
        samples = [s for s in samples if s.faults <= MOST_FAULTS]
        return fitted(samples, _card(options, samples))

    return written(document, options.out)


def samples_of(path: Path, options: argparse.Namespace) -> list[Sample]:
    """Training pictures of an archive, spread evenly, or what is kept of them."""
    mark = digest(options, VALUES, bundled().card["created"])
    kept = kept_texts(path, options, mark, lambda *each: json.dumps(asdict(sample_of(*each))))
    return [Sample(**json.loads(text)) for text in kept]


def sample_of(archive: MetaphaseArchive, name: str, reader: MetaphaseReader) -> Sample:
    """One picture's ways; ModelError when it cannot be read."""
    result = reader.read(archive.picture(name))
    ways, values = weighed(
        result.separation, result.cell, result.scene, reader.predictor, bundled()
    )
    known = KnownCell(name, archive.case(name), archive.truth(name), archive.counts(name),
                      archive.countable(name))  # fmt: skip
    faults = _repairs(known, result.separation.instances)
    gains = [faults - _repairs(known, _instead(result.separation, way)) for way in ways]
    return Sample(
        known.case, faults, [way.kind for way in ways], [list(way.replaced) for way in ways],
        values.tolist(), gains,
    )  # fmt: skip


def _instead(separation: Separation, way: Way) -> list[Instance]:
    kept = [o for i, o in enumerate(separation.instances) if i not in way.replaced]
    return [*kept, *way.instances]


def _repairs(known: KnownCell, instances: Sequence[Instance]) -> int:
    """Repairs that a separation needs, whatever its types."""
    objects = tuple(FoundObject.of(o) for o in instances)
    return tally(known, FoundCell(known.name, objects, 0.0), classes=False).repairs


def fitted(samples: Sequence[Sample], card: dict[str, Any]) -> dict[str, Any]:
    """The document of both tables; the card tells what cross-fitting promises."""
    cases = sorted({s.case for s in samples})
    order = np.random.default_rng(0).permutation(len(cases))
    part_of = {cases[i]: n % ROUNDS for n, i in enumerate(order)}
    sure = [np.zeros(len(s.kinds)) for s in samples]
    for part in range(ROUNDS):
        mender = _mender([s for s in samples if part_of[s.case] != part])
        for n, sample in enumerate(samples):
            if part_of[sample.case] == part and sample.kinds:
                sure[n] = mender.likely(_ways(sample), np.asarray(sample.values, np.float64))
    thresholds = {kind: _threshold(samples, sure, kind) for kind in KINDS}
    promised = {kind: _outcome(samples, sure, kind, thresholds[kind]) for kind in KINDS}
    tables = {kind: {**_table(samples, kind), "threshold": thresholds[kind]} for kind in KINDS}
    card = {
        **card,
        "faults_per_cell": round(sum(s.faults for s in samples) / len(samples), 4),
        "cross_fitted": promised,
    }
    return {"card": card, "values": list(VALUES), **tables}


def _mender(samples: Sequence[Sample]) -> Mender:
    tables = {kind: Table.from_json({**_table(samples, kind), "threshold": 1.0}) for kind in KINDS}
    return Mender(tables, {})


def _table(samples: Sequence[Sample], kind: str) -> dict[str, Any]:
    rows = [(v, g) for s in samples for k, v, g in zip(s.kinds, s.values, s.gains, strict=True)
            if k == kind]  # fmt: skip
    labels = [BETTER if gain > 0 else WORSE for _, gain in rows]
    if len(set(labels)) < 2:
        raise ModelError("There are too few ways in these pictures to learn from.", "Give more.")
    values: Floats = np.asarray([values for values, _ in rows], np.float64)
    return regression(values, labels, [(i, len(VALUES)) for i in range(len(VALUES))])


def _threshold(samples: Sequence[Sample], sure: Sequence[Floats], kind: str) -> float:
    """The one that mends most when each way that does harm weighs `HARM` times."""
    best, chosen = 0, 1.0
    for threshold in GRID:
        told = _outcome(samples, sure, kind, threshold)
        worth = told["gain"] - (HARM - 1) * told["worse"]
        if worth > best:
            best, chosen = worth, threshold
    return chosen


def _outcome(
    samples: Sequence[Sample], sure: Sequence[Floats], kind: str, threshold: float
) -> dict[str, int]:
    """How many ways of a kind are taken from a threshold on, and what they do."""
    gains: list[int] = []
    for sample, likely in zip(samples, sure, strict=True):
        used: set[int] = set()
        for n in np.argsort(-likely, kind="stable").tolist():
            free = used.isdisjoint(sample.replaced[n])
            if sample.kinds[n] == kind and likely[n] >= threshold and free:
                used.update(sample.replaced[n])
                gains.append(sample.gains[n])
    return {
        "taken": len(gains), "better": sum(g > 0 for g in gains),
        "worse": sum(g < 0 for g in gains), "gain": sum(gains),
    }  # fmt: skip


def _ways(sample: Sample) -> list[Way]:
    """The kept ways without their objects."""
    return [
        Way(kind, tuple(replaced), (), 0)
        for kind, replaced in zip(sample.kinds, sample.replaced, strict=True)
    ]


def _card(options: argparse.Namespace, samples: Sequence[Sample]) -> dict[str, Any]:
    return {
        "name": "separation-ways", "kind": "separation-ways",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": [path.name for path in options.data], "held_out_fold": options.hold_out,
        "separation_sha256": sha_of(options.weights),
        "pictures": len(samples), "ways": sum(len(s.kinds) for s in samples),
        "better": sum(g > 0 for s in samples for g in s.gains),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
