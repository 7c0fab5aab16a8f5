"""The figures of an evaluation of metaphases, with 95 % intervals by drawing cases again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.data.cells import counts_of, is_normal
from model.evaluation.cells.by_case import drawn_cases
from model.evaluation.metaphases import matching
from model.evaluation.metaphases import silence as silent
from model.evaluation.metaphases.cells import FoundCell, KnownCell
from model.evaluation.metaphases.coco import (
    Interval,
    chromosome_precision,
    type_precision,
)
from model.evaluation.metaphases.matching import Tally, tally
from model.vocabulary.labels import TYPES
from model.vocabulary.results import FloatArray

PRECISION_DRAWS: int = 300
"""Resamplings for average precision, which has no sums to draw from."""
STEPS: tuple[int, ...] = (0, 1, 2, 3, 4, 6, 10, 20, 50)
"""Lower ends of the distribution of corrections."""

Json = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Measured:
    """Cells with their truth, matched; `classes`: whether types were asked for."""

    known: Sequence[KnownCell]
    found: Sequence[FoundCell]
    tallies: Sequence[Tally]
    classes: bool

    @classmethod
    def of(
        cls, known: Sequence[KnownCell], found: Sequence[FoundCell], classes: bool = True
    ) -> Measured:
        """Bring every cell together."""
        pairs = zip(known, found, strict=True)
        return cls(known, found, [tally(k, f, classes) for k, f in pairs], classes)

    def answered_counts(self, cell: int) -> tuple[int, ...]:
        """Copies of each type (24,) among the chromosomes found."""
        types = (o.type for o in self.found[cell].chromosomes)
        return counts_of(tuple(t for t in types if t is not None))

    @cached_property
    def lists(self) -> tuple[silent.Listed, ...]:
        """Every cell's faults and its lists."""
        cells = zip(self.known, self.found, self.tallies, strict=True)
        return tuple(silent.listed(k, f, t) for k, f, t in cells)


class Resampled:
    """Means and medians over cells, and their intervals: cases are drawn, with all their cells."""

    def __init__(self, cases: Sequence[str]) -> None:
        names, self._case_of = np.unique(np.asarray(cases, dtype=np.str_), return_inverse=True)
        self.cases = len(names)
        self.weights: FloatArray = drawn_cases(self.cases)[:, self._case_of]

    def share(self, parts: Sequence[float], wholes: Sequence[float]) -> Interval | None:
        """Sum of parts over sum of wholes, one of each for every cell; None of nothing."""
        part, whole = np.asarray(parts, np.float64), np.asarray(wholes, np.float64)
        if not whole.sum():
            return None
        drawn = self.weights @ whole
        kept = drawn > 0
        return _interval(part.sum() / whole.sum(), (self.weights @ part)[kept] / drawn[kept])

    def mean(self, values: Sequence[float]) -> Interval | None:
        """Mean over cells."""
        return self.share(values, [1.0] * len(values))

    def median(self, values: Sequence[float]) -> Interval | None:
        """Median over cells."""
        if not len(values):
            return None
        array = np.asarray(values, np.float64)
        order = np.argsort(array, kind="stable")
        below = self.weights[:, order].cumsum(1)
        half = below[:, -1:] / 2
        low, high = (below >= half).argmax(1), (below > half).argmax(1)
        return _interval(float(np.median(array)), (array[order][low] + array[order][high]) / 2)


def summarise(measured: Measured) -> Json:
    """Everything that metrics.json says of the figures; shares are fractions, of nothing null."""
    drawn = Resampled([cell.case for cell in measured.known])
    return {
        "cells": len(measured.known),
        "cases": drawn.cases,
        "chromosomes": sum(t.truths for t in measured.tallies),
        "objects": sum(t.objects for t in measured.tallies),
        "precision": precision(measured, drawn.cases),
        **separation(measured, drawn),
        **({"findings": findings(measured, drawn)} if measured.classes else {}),
        **({"silence": silence(measured, drawn)} if measured.classes else {}),
        "seconds": seconds(measured.found),
        "peak_memory_mib": peak_memory(measured.found),
        "errors": [{"name": c.name, "error": c.error} for c in measured.found if c.error],
        "rules": f"{matching.__doc__}\n{silent.__doc__}",
        "rows": rows(measured),
    }  # fmt: skip


def precision(measured: Measured, cases: int) -> Json:
    """Average precision of a chromosome and, with classes, of the 24 types."""
    drawn = drawn_cases(cases, PRECISION_DRAWS)
    one = chromosome_precision(measured.known, measured.found).intervals(drawn)
    table: Json = {
        "chromosome_ap50": interval_json(one[0] if one else None),
        "chromosome_ap50_95": interval_json(one[1] if one else None),
    }
    if measured.classes:
        each = type_precision(measured.known, measured.found)
        both = each.intervals(drawn)
        table["types_map50"] = interval_json(both[0] if both else None)
        table["types_map50_95"] = interval_json(both[1] if both else None)
        table["types_ap50"] = {
            kind: None if np.isnan(value) else float(value)
            for kind, value in zip(TYPES, each.values[:, 0], strict=True)
        }
    return table


def separation(measured: Measured, drawn: Resampled) -> Json:
    """Shares of chromosomes, kinds of failure per cell, counts and corrections."""
    tallies = measured.tallies
    truths = [t.truths for t in tallies]
    per_cell: dict[str, Callable[[Tally], float]] = {
        "merges": lambda t: len(t.merges), "splits": lambda t: len(t.splits),
        "misses": lambda t: len(t.misses), "misses_rejected": lambda t: len(t.rejected),
        "false_objects": lambda t: len(t.false), "cuts": lambda t: t.cuts,
        "joins": lambda t: t.joins, "unseparated": lambda t: t.truths - t.separated,
        "unmatched_objects": lambda t: t.objects - t.separated,
    }  # fmt: skip
    if measured.classes:
        per_cell["wrong_classes"] = lambda t: len(t.wrong)
    repairs = [t.repairs for t in tallies]
    unseparated = [t.truths - t.separated for t in tallies]
    result: Json = {
        "separated": interval_json(drawn.share([t.separated for t in tallies], truths)),
        "mean_box_iou": interval_json(drawn.share([sum(t.ious) for t in tallies],
                                          [t.separated for t in tallies])),
        "per_cell": {key: interval_json(drawn.mean([of(t) for t in tallies]))
                     for key, of in per_cell.items()},
        "unseparated_median": interval_json(drawn.median(unseparated)),
        "count_right": interval_json(drawn.mean([t.truths == t.objects for t in tallies])),
        "repairs": _spread(repairs, drawn),
    }  # fmt: skip
    if measured.classes:
        identified = [t.identified for t in tallies]
        result["identified"] = interval_json(drawn.share(identified, truths))
        result["identified_of_separated"] = interval_json(
            drawn.share(identified, [t.separated for t in tallies])
        )
        result["identified_without_assignment"] = interval_json(
            drawn.share(_argmax(measured), truths)
        )
        result["corrections"] = _spread([t.corrections for t in tallies], drawn)
    return result


def findings(measured: Measured, drawn: Resampled) -> Json:
    """How well cells without 46,XX or 46,XY are recognised, where counts are true."""
    countable = [c.countable for c in measured.known]
    abnormal = [not is_normal(c.counts) for c in measured.known]
    answered = [measured.answered_counts(i) for i in range(len(measured.known))]
    flagged = [not is_normal(counts) for counts in answered]
    exact = [a == c.counts for a, c in zip(answered, measured.known, strict=True)]
    positive = [c and a for c, a in zip(countable, abnormal, strict=True)]
    negative = [c and not a for c, a in zip(countable, abnormal, strict=True)]
    return {
        "sensitivity": interval_json(drawn.share(_both(positive, flagged), positive)),
        "specificity": interval_json(
            drawn.share(_both(negative, [not f for f in flagged]), negative)
        ),
        "exact_abnormal": interval_json(drawn.share(_both(positive, exact), positive)),
        "exact_counts": interval_json(drawn.share(_both(countable, exact), countable)),
        "abnormal_cells": sum(positive),
        "normal_cells": sum(negative),
        "uncountable_cells": len(countable) - sum(countable),
    }


def silence(measured: Measured, drawn: Resampled) -> Json:
    """Faults that no entry of either list points to, and entries that were needless."""
    cells = measured.lists
    faults = [len(c.faults) for c in cells]
    kinds = {
        kind.value: interval_json(
            drawn.mean([sum(f.kind is kind for f in c.silent) for c in cells])
        )
        for kind in silent.FaultKind
    }
    countable = [k.countable for k in measured.known]
    is_silent = [c.is_silent for c in cells]
    at_first = [c.silent_at_first for c in cells]
    return {
        "faults": interval_json(drawn.mean(faults)),
        "silent_faults": interval_json(drawn.mean([len(c.silent) for c in cells])),
        "silent_by_kind": kinds,
        "listed": interval_json(
            drawn.share([len(c.faults) - len(c.silent) for c in cells], faults)
        ),
        "never_named_faults": interval_json(drawn.mean([len(c.never) for c in cells])),
        "silent_cells": interval_json(drawn.mean(is_silent)),
        "silent_cells_at_first": interval_json(drawn.mean(at_first)),
        "silent_countable_cells": interval_json(
            drawn.share(_both(countable, is_silent), countable)
        ),
        "check_entries": interval_json(drawn.mean([len(c.check) for c in cells])),
        "later_entries": interval_json(drawn.mean([len(c.later) for c in cells])),
        "needless_entries": _spread([c.needless for c in cells], drawn),
        "review_entries": interval_json(drawn.mean([len(c.review) for c in cells])),
    }


def seconds(found: Sequence[FoundCell]) -> Json:
    """Wall clock for each picture, of the separation and of everything after it."""
    whole = [c.seconds_separation + (c.seconds_classification or 0.0) for c in found]
    after = [c.seconds_classification for c in found if c.seconds_classification is not None]
    parts = {"separation": [c.seconds_separation for c in found], "whole": whole}
    if after:
        parts["classification"] = after
    return {
        key: {"mean": float(np.mean(values)), "median": float(np.median(values)),
              "most": float(np.max(values))}
        for key, values in parts.items() if values
    }  # fmt: skip


def peak_memory(found: Sequence[FoundCell]) -> int | None:
    """Most memory (MiB) that a process ever held."""
    return max((c.peak_memory for c in found if c.peak_memory is not None), default=None)


def rows(measured: Measured) -> list[Json]:
    """Every cell's own figures."""
    return [
        {
            "name": known.name, "case": known.case, "chromosomes": t.truths, "objects": t.objects,
            "separated": t.separated, "identified": t.identified if measured.classes else None,
            "merges": len(t.merges), "splits": len(t.splits), "misses": len(t.misses),
            "misses_rejected": len(t.rejected), "false_objects": len(t.false),
            "wrong_classes": len(t.wrong), "corrections": t.corrections,
            "countable": known.countable, "seconds_separation": found.seconds_separation,
            "seconds_classification": found.seconds_classification, "error": found.error,
        }
        for known, found, t in zip(measured.known, measured.found, measured.tallies, strict=True)
    ]  # fmt: skip


def confusion_of(measured: Measured) -> NDArray[np.int64]:
    """(24, 25) counts of pairs: row true type, column answered type, the last column none."""
    matrix = np.zeros((len(TYPES), len(TYPES) + 1), np.int64)
    for known, found, t in zip(measured.known, measured.found, measured.tallies, strict=True):
        objects = found.chromosomes
        for truth, index in t.pairs:
            answer = objects[index].type
            matrix[known.truths[truth].type, len(TYPES) if answer is None else answer] += 1
    return matrix


def _argmax(measured: Measured) -> list[float]:
    """Pairs of each cell whose most probable type is the true one."""
    counts = []
    for known, found, t in zip(measured.known, measured.found, measured.tallies, strict=True):
        objects = found.chromosomes
        seen = ((known.truths[truth].type, objects[o].probabilities) for truth, o in t.pairs)
        counts.append(float(sum(p is not None and int(p.argmax()) == kind for kind, p in seen)))
    return counts


def _spread(values: Sequence[int], drawn: Resampled) -> Json:
    """Median, mean, share without any, quartiles, and how many cells lie in each step."""
    array = np.asarray(values, np.int64)
    steps = Counter((np.searchsorted(STEPS, array, side="right") - 1).tolist())
    ends = [*(s - 1 for s in STEPS[1:]), None]
    return {
        "median": interval_json(drawn.median(values)), "mean": interval_json(drawn.mean(values)),
        "none": interval_json(drawn.mean([v == 0 for v in values])),
        "quartiles": [float(q) for q in np.percentile(array, [25, 75])],
        "most": int(array.max(initial=0)),
        "distribution": [
            {"from": low, "to": high, "cells": steps[i]}
            for i, (low, high) in enumerate(zip(STEPS, ends, strict=True))
        ],
    }  # fmt: skip


def _interval(value: float, drawn: FloatArray) -> Interval:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(float(value), float(low), float(high))


def _both(first: Sequence[bool], second: Sequence[bool]) -> list[bool]:
    return [a and b for a, b in zip(first, second, strict=True)]


def interval_json(interval: Interval | None) -> Json | None:
    """`value`, `low` and `high`; null of nothing."""
    return None if interval is None else interval._asdict()
