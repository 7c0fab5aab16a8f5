"""`python -m model.evaluation.metaphases.fit_check`: fits the judge of the separation check.

Separates and classifies training pictures (fold 0 stays apart), measures every object, labels it
by the archive's boxes (rules in `silence.py`), fits both tables and picks their thresholds, all
cross-fitted by case; writes `assets/weights/separation-check.json` with a card. What was measured
is kept under `--kept` by the weights that it was measured with, so that a stopped run goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model.data.metaphases import MetaphaseArchive
from model.data.separation_data import has_tight_boxes
from model.data.splits import spread_evenly
from model.evaluation.extra import require
from model.evaluation.metaphases.cells import FoundCell, FoundObject, KnownCell
from model.evaluation.metaphases.matching import tally
from model.evaluation.metaphases.regression import regression
from model.evaluation.metaphases.silence import class_of, faults_of, review_list
from model.inference.check_values import VALUES, Floats, Scene, measured
from model.inference.separation_check import (
    CHECK,
    CLASSES,
    NONE,
    ONE,
    Table,
    promises,
    worth_a_look,
)
from model.inference.separation_check import (
    doubts as doubts_of,
)
from model.vocabulary.errors import ModelError, refusing_in_words
from model.vocabulary.files import write_text
from model.vocabulary.kinds import ObjectKind
from model.weights import DEFAULT

if TYPE_CHECKING:
    from model.inference.metaphase import MetaphaseReader

NEEDLESS, NEEDLESS_MEAN = 3.0, 4.0
"""Entries that may be needless, in the median cell and on average."""
FOUND_ONLY: tuple[str, ...] = ("score", "margin", "unassigned", "debris", "edge", "nucleus")
"""Values that differ between what was found and what was rejected by the very decision."""
SAMPLED: int = 12
"""Pictures by which it is asked whether an archive's boxes leave a margin."""
ROUNDS: int = 5
"""Parts of the cases that are left out in turn."""
MOST_FAULTS: int = 20
"""Of a picture; where the separation has more it has not understood it, and nothing is learned."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One picture's objects, those found and those rejected: values, classes, and its faults.

    `faults` are, for each fault, the rows of the objects that point to it and whether the review
    list does already; rows count the found ones first. `promise` is `separation_check.promises`.
    """

    case: str
    values: tuple[Floats, Floats]
    classes: tuple[list[str], list[str]]
    faults: list[tuple[list[int], bool]]
    promise: Floats


def main(argv: Sequence[str] | None = None) -> int:
    """Fit and write; exit status 0, or 2 with a sentence on a known error."""
    options = parser_of("fit_check", __doc__, 100, CHECK).parse_args(argv)

    def document() -> dict[str, Any]:
        samples = [s for path in options.data for s in samples_of(path, options)]
        samples = [s for s in samples if len(s.faults) <= MOST_FAULTS]
        return fitted(samples, _card(options, samples))

    return written(document, options.out)


@refusing_in_words
def written(document: Callable[[], dict[str, Any]], out: Path) -> int:
    """Make what is fitted, write it and print its card; exit status as of `main`."""
    require("sklearn")
    made = document()
    write_text(out, json.dumps(made, indent=1) + "\n")
    sys.stdout.write(f"{json.dumps(made['card'], indent=1)}\n{out}\n")
    return 0


def parser_of(name: str, description: str | None, pictures: int, out: Path) -> ArgumentParser:
    """Options of a fit to training pictures; defaults are `pictures` of each archive and `out`."""
    parser = ArgumentParser(name, description=description)
    add = parser.add_argument
    add("--data", type=Path, action="append", required=True, metavar="ARCHIVE")
    add("--kept", type=Path, required=True, metavar="DIR", help="where measurements are kept")
    add("--pictures", type=int, default=pictures, metavar="N", help="of each archive")
    add("--hold-out", type=int, default=0, metavar="FOLD")
    add("--weights", type=Path, help="of the separation (default: the bundled ones)")
    add("--classifier", type=Path, default=DEFAULT)
    add("--out", type=Path, default=out)
    return parser


def samples_of(path: Path, options: argparse.Namespace) -> list[Sample]:
    """Measure training pictures of an archive, spread evenly, or take what is kept."""
    mark = digest(options, [*VALUES, "promise"])
    kept = kept_texts(path, options, mark, lambda *each: json.dumps(_to_json(sample_of(*each))))
    return [_from_json(json.loads(text)) for text in kept]


def kept_texts(
    path: Path,
    options: argparse.Namespace,
    mark: str,
    measure: Callable[[MetaphaseArchive, str, MetaphaseReader], str],
) -> Iterator[str]:
    """What is measured on each training picture of an archive, as it is kept under `mark`."""
    archive = MetaphaseArchive(path)
    kept = options.kept / mark / path.stem
    reader = None
    for name in spread_evenly(training_names(archive, options), options.pictures):
        file = kept / f"{name}.json"
        if not file.exists():
            reader = reader or open_reader(options)
            try:
                text = measure(archive, name, reader)
            except ModelError as error:
                sys.stderr.write(f"{name}: {error}\n")
                continue
            kept.mkdir(parents=True, exist_ok=True)
            write_text(file, text)
        yield file.read_text(encoding="utf-8")


def training_names(archive: MetaphaseArchive, options: argparse.Namespace) -> tuple[str, ...]:
    """Pictures that may be learned from; ModelError where their boxes are not drawn as ours are."""
    names = archive.split(options.hold_out)[0]
    if has_tight_boxes(archive, spread_evenly(names, SAMPLED)):
        raise ModelError(
            f"The boxes of {archive.path.name} leave no margin around a chromosome: well separated "
            "short ones would be taken for faults.",
            "Give an archive whose boxes leave one.",
        )
    return names


def sample_of(archive: MetaphaseArchive, name: str, reader: MetaphaseReader) -> Sample:
    """Separate, classify and measure one picture; ModelError when it cannot be read."""
    result = reader.read(archive.picture(name))
    disagreeing = {result.chromosomes[n] for n in result.cell.disagreeing}
    seen = dict(zip(result.chromosomes, result.cell.objects, strict=True))
    instances = result.separation.instances
    objects = tuple(
        FoundObject.of(o, seen.get(i), i in disagreeing) for i, o in enumerate(instances)
    )
    known = KnownCell(name, archive.case(name), archive.truth(name), archive.counts(name),
                      archive.countable(name))  # fmt: skip
    return labelled(known, FoundCell(name, objects, 0.0), result.scene, promises(result.quality))


def labelled(known: KnownCell, found: FoundCell, scene: Scene, promise: Floats) -> Sample:
    """A cell's objects with their values and true classes."""
    standing = [i for i, o in enumerate(found.objects) if o.kind is ObjectKind.CHROMOSOME]
    rejected = worth_a_look(scene.instances, scene.width)
    faults = faults_of(known, found, tally(known, found))
    review = review_list(found)
    row = {i: n for n, i in enumerate([*standing, *rejected])}
    return Sample(
        known.case,
        (measured(scene, standing), measured(scene, rejected)),
        ([class_of(i, found, faults) for i in standing],
         [class_of(i, found, faults) for i in rejected]),
        [([row[i] for i in f.objects if i in row], bool(review.intersection(f.objects)))
         for f in faults],
        promise,
    )  # fmt: skip


def fitted(samples: Sequence[Sample], card: dict[str, Any]) -> dict[str, Any]:
    """The document of both tables; the card tells what cross-fitting promises."""
    names = sorted({s.case for s in samples})
    order = np.random.default_rng(0).permutation(len(names))
    part_of = {names[i]: n % ROUNDS for n, i in enumerate(order)}
    parts = np.array([part_of[s.case] for s in samples])
    promised = [np.concatenate(_crossed(samples, parts, side)) for side in (0, 1)]
    doubts = _split(samples, promised)
    thresholds = chosen_thresholds(samples, doubts)
    sums = np.array([doubts_of(f.sum(), r.sum(), len(f)) for f, r in doubts])
    first, told_first = _cost(samples, np.array([s.promise for s in samples]), parts)
    whole, told_whole = _cost(samples, sums, parts)
    card = {
        **card,
        "cross_fitted": {
            **_promise(samples, doubts, thresholds),
            "cost_first": told_first,
            "cost_whole": told_whole,
        },
    }
    tables = {
        name: {**_table(samples, side), "threshold": thresholds[side]}
        for side, name in enumerate(("found", "rejected"))
    }
    cost = {"first": first, "whole": whole}
    return {"card": card, "values": list(VALUES), "cost": cost, **tables}


def _cost(
    samples: Sequence[Sample], facts: Floats, parts: NDArray[np.int64]
) -> tuple[list[float], dict[str, float]]:
    """Weights (F,) ≥ 0 of `facts` (n, F) that tell the faults of a cell, and how well they do so.

    By the cases left out: the mean error, that of always saying the mean, and the rank correlation.
    """
    from scipy.optimize import nnls
    from scipy.stats import spearmanr

    faults = np.array([len(s.faults) for s in samples], np.float64)
    told = np.zeros(len(samples))
    for part in range(ROUNDS):
        learned = parts != part
        if learned.any() and not learned.all():
            told[~learned] = facts[~learned] @ nnls(facts[learned], faults[learned])[0]
    ranked = spearmanr(told, faults).statistic if len(set(told)) > 1 < len(set(faults)) else 0.0
    return np.round(nnls(facts, faults)[0], 4).tolist(), {
        "mean_error": round(float(np.abs(told - faults).mean()), 3),
        "mean_error_of_the_mean": round(float(np.abs(faults - faults.mean()).mean()), 3),
        "rank_correlation": round(float(ranked), 3),
    }


def _crossed(samples: Sequence[Sample], parts: NDArray[np.int64], side: int) -> list[Floats]:
    """For each sample, how doubtful (n,) each object is to tables that did not see its case."""
    doubts: list[Floats] = [np.zeros(0)] * len(samples)
    for part in range(ROUNDS):
        learned = [s for s, p in zip(samples, parts, strict=True) if p != part]
        table = Table.from_json({**_table(learned, side), "threshold": 1.0})
        right = table.classes.index(NONE if side else ONE)
        for n in np.flatnonzero(parts == part).tolist():
            values = samples[n].values[side]
            if len(values):
                doubts[n] = 1.0 - table.probabilities(values)[:, right]
    return doubts


def _table(samples: Sequence[Sample], side: int) -> dict[str, Any]:
    values = np.concatenate([s.values[side] for s in samples])
    labels = [c for s in samples for c in s.classes[side]]
    amount = np.ones(len(labels))
    if side:  # too few to tell parts and clumps among the rejected
        labels = [NONE if c == NONE else ONE for c in labels]
        alike = _as_if_rejected(samples)
        amount = np.r_[amount, np.full(len(alike), (labels.count(ONE) + 1) / max(1, len(alike)))]
        values, labels = np.concatenate([values, alike]), [*labels, *[ONE] * len(alike)]
    if len(set(labels)) < 2:
        raise ModelError("There are too few faults in these pictures to learn from.", "Give more.")
    n = len(VALUES)
    pairs = [(i, n) for i in range(n)]
    if not side:
        pairs += [(i, i) for i in range(n)]
    return regression(values, labels, pairs, amount)


def _as_if_rejected(samples: Sequence[Sample]) -> Floats:
    """Whole chromosomes (n, V) without what tells that they were found: what a rejected one is.

    Hardly any chromosome is rejected; these tell what one looks like, with the weight of few.
    """
    rows = [
        row for s in samples for row, c in zip(s.values[0], s.classes[0], strict=True) if c == ONE
    ]
    values = np.array(rows).reshape(-1, len(VALUES))
    told = [VALUES.index(name) for name in FOUND_ONLY]
    values[:, told] = np.nan
    return values


def _split(samples: Sequence[Sample], promised: Sequence[Floats]) -> list[tuple[Floats, Floats]]:
    ends = [np.cumsum([len(s.classes[side]) for s in samples])[:-1] for side in (0, 1)]
    halves = [np.split(promised[side], ends[side]) for side in (0, 1)]
    return list(zip(*halves, strict=True))


def chosen_thresholds(
    samples: Sequence[Sample], doubts: Sequence[tuple[Floats, Floats]]
) -> tuple[float, float]:
    """The thresholds that list most faults with as many needless entries as may be."""
    grid = np.round(np.geomspace(0.005, 0.6, 25), 4)
    best, chosen = (-1.0, 0.0), (0.5, 0.5)
    for found in grid:
        for rejected in grid:
            told = _promise(samples, doubts, (float(found), float(rejected)))
            if told["needless_median"] > NEEDLESS or told["needless_mean"] > NEEDLESS_MEAN:
                continue
            score = (told["listed"], -told["needless_mean"])
            if score > best:
                best, chosen = score, (float(found), float(rejected))
    return chosen


def _promise(
    samples: Sequence[Sample],
    doubts: Sequence[tuple[Floats, Floats]],
    thresholds: tuple[float, float],
) -> dict[str, float]:
    """Shares and means per cell with these thresholds."""
    faults = silent = 0
    needless = []
    for sample, (found, rejected) in zip(samples, doubts, strict=True):
        entries = np.concatenate([found >= thresholds[0], rejected >= thresholds[1]])
        touched = np.zeros(len(entries), np.bool_)
        for rows, reviewed in sample.faults:
            touched[rows] = True
            faults += 1
            silent += not (reviewed or entries[rows].any())
        needless.append(int((entries & ~touched).sum()))
    return {
        "listed": round(1 - silent / max(1, faults), 4),
        "silent_per_cell": round(silent / len(samples), 4),
        "faults_per_cell": round(faults / len(samples), 4),
        "needless_median": float(np.median(needless)),
        "needless_mean": round(float(np.mean(needless)), 3),
    }


def _card(options: argparse.Namespace, samples: Sequence[Sample]) -> dict[str, Any]:
    found = Counter(c for s in samples for c in s.classes[0])
    rejected = Counter(c for s in samples for c in s.classes[1])
    return {
        "name": "separation-check", "kind": "separation-check",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": [path.name for path in options.data], "held_out_fold": options.hold_out,
        "pictures": len(samples), "separation_sha256": sha_of(options.weights),
        "found": {c: found[c] for c in CLASSES}, "rejected": {c: rejected[c] for c in CLASSES},
    }  # fmt: skip


def open_reader(options: argparse.Namespace) -> MetaphaseReader:
    """What separates and classifies, without a judge."""
    from model.inference.metaphase import MetaphaseReader
    from model.inference.predictor import Predictor
    from model.segmentation.separate import open_separator

    separator = open_separator("auto", options.weights)
    return MetaphaseReader(separator, Predictor.load(options.classifier))


def sha_of(weights: Path | None) -> str:
    from model.segmentation.weights import SEPARATION

    return hashlib.sha256((weights or SEPARATION).read_bytes()).hexdigest()


def digest(options: argparse.Namespace, *measured: object) -> str:
    """Eight digits that change with the weights and with what is `measured` by them."""
    known = hashlib.sha256(sha_of(options.weights).encode() + options.classifier.read_bytes())
    known.update("".join(json.dumps(each) for each in measured).encode())
    return known.hexdigest()[:8]


def _to_json(sample: Sample) -> dict[str, Any]:
    values = [[[None if np.isnan(v) else round(float(v), 5) for v in row] for row in side]
              for side in sample.values]  # fmt: skip
    return {"case": sample.case, "values": values, "classes": sample.classes,
            "faults": sample.faults, "promise": sample.promise.tolist()}  # fmt: skip


def _from_json(stored: dict[str, Any]) -> Sample:
    found, rejected = (
        np.asarray(side, np.float64).reshape(-1, len(VALUES)) for side in stored["values"]
    )
    return Sample(
        stored["case"], (found, rejected), (stored["classes"][0], stored["classes"][1]),
        [(list(rows), bool(reviewed)) for rows, reviewed in stored["faults"]],
        np.asarray(stored["promise"], np.float64),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
