"""Average precision as COCO defines it (pycocotools), and its interval over cases.

Two sets of detections: every object is "a chromosome" with its own score, and every object is a
chromosome of its assigned type with score × probability of the type. One detection for each
object, at most 100 of a category in a picture, areas of every size.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.evaluation.metaphases.cells import FoundCell, KnownCell
from model.vocabulary.labels import TYPES
from model.vocabulary.results import FloatArray

ONE_CLASS: tuple[str, ...] = ("chromosome",)
IOUS: FloatArray = np.linspace(0.5, 0.95, 10)
RECALLS: FloatArray = np.linspace(0.0, 1.0, 101)
MOST: int = 100
"""Detections of a category in a picture that COCO looks at."""

Json = dict[str, Any]


class Interval(NamedTuple):
    """A value with its 95 % interval over cases."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Ranked:
    """One category's detections from the surest to the least: all that its precision depends on.

    `hits` (10, n) tells at each IoU whether a detection found a truth, `picture` (n,) is its
    picture's number, `truths` (I,) how many of the category each picture has.
    """

    hits: NDArray[np.bool_]
    picture: NDArray[np.int64]
    truths: NDArray[np.int64]

    def precision(self, level: int, weights: FloatArray) -> FloatArray:
        """(draws,): average precision at IoU number `level`, pictures weighted (draws, I).

        COCO's: the envelope of precision at 101 recalls; nan where no truth is drawn.
        """
        drawn = weights[:, self.picture]
        hits = np.cumsum(drawn * self.hits[level], axis=1)
        tries = np.cumsum(drawn, axis=1)
        total = weights @ self.truths
        precision = hits / np.maximum(tries, np.spacing(1))
        envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        padded = np.c_[envelope, np.zeros(len(weights))]
        result = np.full(len(weights), np.nan)
        for i in np.flatnonzero(total):
            result[i] = padded[i, np.searchsorted(hits[i] / total[i], RECALLS)].mean()
        return result


@dataclass(frozen=True, eq=False)
class Precision:
    """Average precision of some categories: `values` (K, 10) by category and IoU, nan of none."""

    values: FloatArray
    ranked: tuple[Ranked, ...]
    case_of: NDArray[np.int64]
    """(I,): number of each picture's case."""

    def at_half(self) -> float | None:
        """Mean over categories at IoU 0.5."""
        return _mean(self.values[:, 0])

    def overall(self) -> float | None:
        """Mean over categories and IoUs 0.5 … 0.95."""
        return _mean(self.values)

    def intervals(self, drawn: FloatArray) -> tuple[Interval, Interval] | None:
        """At IoU 0.5 and overall, with cases drawn (draws, cases) times; None without a truth.

        Pictures of one case are drawn together.
        """
        half, overall = self.at_half(), self.overall()
        if half is None or overall is None:
            return None
        weights = drawn[:, self.case_of]
        tables = np.array([
            [each.precision(level, weights) for level in range(len(IOUS))]
            for each in self.ranked
            if each.truths.any()
        ])  # fmt: skip
        tables = tables[..., ~np.isnan(tables[:, 0]).all(0)]  # draws of pictures with truth
        return _around(half, np.nanmean(tables[:, 0], axis=0)), _around(
            overall, np.nanmean(tables, axis=(0, 1))
        )


def chromosome_precision(known: Sequence[KnownCell], found: Sequence[FoundCell]) -> Precision:
    """AP of "a chromosome"."""
    truth = ground_truth(known, ONE_CLASS)
    return _evaluated(truth, chromosome_detections(found), known)


def type_precision(known: Sequence[KnownCell], found: Sequence[FoundCell]) -> Precision:
    """AP of each of the 24 types."""
    return _evaluated(ground_truth(known, TYPES), type_detections(found), known)


def chromosome_detections(found: Sequence[FoundCell]) -> list[Json]:
    """COCO results: every object that was not rejected, by picture number (from 1)."""
    return [
        _detection(number, 1, o.box, o.score)
        for number, cell in enumerate(found, 1)
        for o in cell.chromosomes
    ]


def type_detections(found: Sequence[FoundCell]) -> list[Json]:
    """COCO results: objects with a type, by picture number (from 1) and type number (from 1)."""
    return [
        _detection(number, o.type + 1, o.box, o.class_score)
        for number, cell in enumerate(found, 1)
        for o in cell.chromosomes
        if o.type is not None
    ]


def ground_truth(known: Sequence[KnownCell], categories: Sequence[str]) -> Json:
    """COCO annotations; with one category all chromosomes are of it."""
    rows = [(i, t) for i, cell in enumerate(known, 1) for t in cell.truths]
    return {
        "info": {}, "licenses": [],
        "images": [{"id": i, "file_name": cell.name} for i, cell in enumerate(known, 1)],
        "categories": [{"id": k, "name": name} for k, name in enumerate(categories, 1)],
        "annotations": [
            {
                "id": number, "image_id": i, "bbox": list(t.box), "iscrowd": 0,
                "area": t.box[2] * t.box[3],
                "category_id": 1 if len(categories) == 1 else t.type + 1,
            }
            for number, (i, t) in enumerate(rows, 1)  # from 1: COCO takes 0 for no match
        ],
    }  # fmt: skip


def _detection(picture: int, category: int, box: Sequence[float], score: float) -> Json:
    return {"image_id": picture, "category_id": category, "bbox": [float(v) for v in box],
            "score": float(score)}  # fmt: skip


def _evaluated(truth: Json, answers: list[Json], known: Sequence[KnownCell]) -> Precision:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    pictures, categories = len(truth["images"]), len(truth["categories"])
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints its progress
        own = COCO()
        own.dataset = truth
        own.createIndex()
        judge = COCOeval(own, own.loadRes(answers) if answers else COCO(), "bbox")
        judge.params.areaRng, judge.params.areaRngLbl = [[0, 1e10]], ["all"]
        judge.params.maxDets = [MOST]
        judge.evaluate()
        judge.accumulate()
    table = judge.eval["precision"][:, :, :, 0, 0]
    values = np.where(table > -1, table, np.nan).mean(1).T
    looked = [judge.evalImgs[k * pictures :][:pictures] for k in range(categories)]
    _, case_of = np.unique([cell.case for cell in known], return_inverse=True)
    return Precision(values, tuple(_ranked(row) for row in looked), case_of)


def _ranked(row: Sequence[Json | None]) -> Ranked:
    """One category's pictures as pycocotools looked at them, None without truth and detection."""
    scores, hits, picture = [np.empty(0)], [np.empty((len(IOUS), 0), np.bool_)], []
    truths = np.zeros(len(row), np.int64)
    for i, seen in enumerate(row):
        if seen is not None:
            scores.append(np.asarray(seen["dtScores"], np.float64))
            hits.append(np.asarray(seen["dtMatches"]) > 0)
            picture += [i] * len(seen["dtScores"])
            truths[i] = len(seen["gtIgnore"])
    order = np.argsort(-np.concatenate(scores), kind="stable")
    return Ranked(
        np.concatenate(hits, axis=1)[:, order], np.asarray(picture, np.int64)[order], truths
    )


def _around(value: float, drawn: FloatArray) -> Interval:
    low, high = np.percentile(drawn, [2.5, 97.5]) if len(drawn) else (value, value)
    return Interval(value, float(low), float(high))


def _mean(values: FloatArray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
