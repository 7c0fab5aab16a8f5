from dataclasses import replace

import numpy as np
import pytest

from model.data.cells import counts_of
from model.data.metaphases import Truth
from model.evaluation.cells.by_case import drawn_cases
from model.evaluation.metaphases import summary as metaphase_summary
from model.evaluation.metaphases.cells import FoundCell, FoundObject, KnownCell
from model.evaluation.metaphases.coco import (
    Precision,
    chromosome_detections,
    chromosome_precision,
    ground_truth,
    type_precision,
)
from model.evaluation.metaphases.summary import Measured, Resampled, confusion_of, summarise
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES
from tests.unit.model.metaphases import NORMAL_XX, boxes

TRISOMY_21 = (*NORMAL_XX, TYPES.index("21"))


def truth_of(name: str, types: tuple[int, ...], countable: bool = True) -> KnownCell:
    at = boxes(len(types))
    truths = tuple(
        Truth(k, tuple(map(float, box))) for k, box in zip(types, at, strict=True)
    )  # fmt: skip
    return KnownCell(name, name[:-1], truths, counts_of(types), countable)


def answer(box: tuple[float, ...], kind: int, score: float = 0.9, sure: float = 0.8) -> FoundObject:
    x, y, w, h = box
    probabilities = np.full(24, (1 - sure) / 23)
    probabilities[kind] = sure
    mask = np.ones((int(h), int(w)), np.bool_)
    return FoundObject(ObjectKind.CHROMOSOME, score, (x, y, w, h), mask, (int(x), int(y)), kind,
                       probabilities)  # fmt: skip


def oracle(known: KnownCell) -> FoundCell:
    objects = tuple(answer(t.box, t.type) for t in known.truths)
    return FoundCell(known.name, objects, 2.0, 1.0, peak_memory=100)


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metaphase_summary, "PRECISION_DRAWS", 10)


KNOWN = [truth_of("a1", NORMAL_XX), truth_of("a2", TRISOMY_21), truth_of("b1", NORMAL_XX)]


def noisy(seed: int) -> tuple[list[KnownCell], list[FoundCell]]:
    """Eight cells of four cases in which some are missed, moved, wrong or invented."""
    rng = np.random.default_rng(seed)
    known = [truth_of(f"{'abcd'[i // 2]}{i % 2}", NORMAL_XX) for i in range(8)]
    found = []
    for cell in known:
        objects = []
        for t in cell.truths:
            if rng.random() < 0.1:
                continue
            box = tuple(np.maximum(np.array(t.box) + rng.normal(0, 4, 4), 1).tolist())
            kind = t.type if rng.random() < 0.8 else int(rng.integers(24))
            objects.append(answer(box, kind, float(rng.random()), float(rng.uniform(0.3, 1))))
        found.append(FoundCell(cell.name, tuple(objects), 1.0, 1.0))
    return known, found


def test_an_oracle_has_all() -> None:
    figures = summarise(Measured.of(KNOWN, [oracle(k) for k in KNOWN]))
    precision = figures["precision"]
    for key in ("chromosome_ap50", "chromosome_ap50_95", "types_map50", "types_map50_95"):
        assert precision[key]["value"] == pytest.approx(1.0)
    assert precision["types_ap50"]["Y"] is None
    assert figures["separated"] == figures["identified"] == {"value": 1, "low": 1, "high": 1}
    assert figures["identified_without_assignment"]["value"] == 1
    assert figures["corrections"]["median"]["value"] == figures["corrections"]["most"] == 0
    assert figures["corrections"]["distribution"][0] == {"from": 0, "to": 0, "cells": 3}
    assert figures["count_right"]["value"] == 1
    assert figures["findings"]["sensitivity"]["value"] == 1
    assert figures["findings"]["specificity"]["value"] == 1
    assert figures["findings"]["exact_counts"]["value"] == 1
    assert figures["seconds"]["whole"] == {"mean": 3.0, "median": 3.0, "most": 3.0}
    assert figures["peak_memory_mib"] == 100
    assert confusion_of(Measured.of(KNOWN, [oracle(k) for k in KNOWN])).trace() == 139


def test_found_nothing_has_nothing() -> None:
    empty = [FoundCell(k.name, (), 1.0, error="dark") for k in KNOWN]
    figures = summarise(Measured.of(KNOWN, empty))
    assert figures["precision"]["chromosome_ap50"]["value"] == 0
    assert figures["precision"]["types_map50_95"]["value"] == 0
    assert figures["separated"]["value"] == figures["identified"]["value"] == 0
    assert figures["identified_of_separated"] is None
    assert figures["corrections"]["median"]["value"] == 46
    assert [e["error"] for e in figures["errors"]] == ["dark"] * 3
    assert figures["findings"]["specificity"]["value"] == 0
    assert figures["peak_memory_mib"] is None


def test_one_object_over_everything_is_not_rewarded() -> None:
    flood = [FoundCell(k.name, (answer((0.0, 0.0, 420.0, 400.0), 0),), 1.0, 1.0) for k in KNOWN]
    figures = summarise(Measured.of(KNOWN, flood))
    assert figures["precision"]["chromosome_ap50"]["value"] == 0
    assert figures["separated"]["value"] == 0
    assert figures["per_cell"]["merges"]["value"] == 1
    assert figures["corrections"]["median"]["value"] == 45


def test_a_flood_of_copies_costs_precision_and_corrections() -> None:
    copies = []
    for known in KNOWN:
        sure = [answer(t.box, t.type, 0.9) for t in known.truths]
        surer = [answer((t.box[0] + 300.0, *t.box[1:]), t.type, 0.99) for t in known.truths]
        copies.append(FoundCell(known.name, (*sure, *surer), 1.0, 1.0))
    figures = summarise(Measured.of(KNOWN, copies))
    assert figures["separated"]["value"] == 1
    assert figures["precision"]["chromosome_ap50"]["value"] < 0.7
    assert figures["corrections"]["median"]["value"] >= 40
    assert figures["count_right"]["value"] == 0


def test_wrong_types_leave_the_chromosome_but_not_the_types() -> None:
    shifted = [
        FoundCell(k.name, tuple(answer(t.box, (t.type + 1) % 24) for t in k.truths), 1.0, 1.0)
        for k in KNOWN
    ]
    figures = summarise(Measured.of(KNOWN, shifted))
    assert figures["precision"]["chromosome_ap50"]["value"] == pytest.approx(1)
    assert figures["precision"]["types_map50"]["value"] == 0
    assert (figures["separated"]["value"], figures["identified"]["value"]) == (1, 0)
    assert figures["per_cell"]["wrong_classes"]["value"] == pytest.approx(139 / 3)
    assert figures["repairs"]["median"]["value"] == 0
    assert figures["corrections"]["median"]["value"] == 46


def test_without_classes_no_type_is_asked_for() -> None:
    found = [
        replace(cell, objects=tuple(replace(o, type=None) for o in cell.objects))
        for cell in map(oracle, KNOWN)
    ]
    figures = summarise(Measured.of(KNOWN, found, classes=False))
    assert "types_map50" not in figures["precision"]
    assert not {"identified", "corrections", "findings"} & figures.keys()
    assert figures["repairs"]["median"]["value"] == 0


def test_cells_without_a_count_take_no_part_in_findings() -> None:
    known = [truth_of("a1", NORMAL_XX), truth_of("a2", TRISOMY_21[1:], countable=False)]
    findings = summarise(Measured.of(known, [oracle(k) for k in known]))["findings"]
    assert (findings["normal_cells"], findings["abnormal_cells"]) == (1, 0)
    assert (findings["sensitivity"], findings["uncountable_cells"]) == (None, 1)


@pytest.mark.parametrize("precision", [chromosome_precision, type_precision])
def test_the_interval_s_own_average_precision_is_that_of_coco(precision: object) -> None:
    known, found = noisy(3)
    each = precision(known, found)  # type: ignore[operator]
    assert isinstance(each, Precision)
    ones = np.ones((1, len(known)))
    for row, ranked in zip(each.values, each.ranked, strict=True):
        own = [ranked.precision(level, ones)[0] for level in range(10)]
        assert own == pytest.approx(row, nan_ok=True, abs=1e-12)
    half, overall = each.intervals(drawn_cases(4, 50)) or (None, None)
    assert half is not None
    assert overall is not None
    assert half.low < half.value < half.high
    assert overall.value < half.value


def test_a_case_drawn_twice_counts_like_its_pictures_twice() -> None:
    known, found = noisy(5)
    doubled = [*known, *known[:2]], [*found, *found[:2]]
    weights = np.array([[2.0, 2, 1, 1, 1, 1, 1, 1]])
    (one,) = chromosome_precision(known, found).ranked
    expected = chromosome_precision(*doubled).values[0, 0]
    assert one.precision(0, weights)[0] == pytest.approx(expected)


def test_coco_files_number_pictures_and_types_from_one() -> None:
    truth = ground_truth(KNOWN[:1], TYPES)
    assert [c["name"] for c in truth["categories"]] == list(TYPES)
    assert min(a["category_id"] for a in truth["annotations"]) == 1
    assert {d["category_id"] for d in chromosome_detections([oracle(KNOWN[0])])} == {1}
    assert min(a["id"] for a in truth["annotations"]) == 1


def test_a_drawn_median_is_that_of_the_drawn_cells() -> None:
    cases, values = ["a", "a", "b", "c", "c", "c"], [5.0, 1, 9, 2, 2, 7]
    drawn = Resampled(cases)
    found = drawn.median(values)
    per_draw = [np.median(np.repeat(values, w.astype(int))) for w in drawn.weights]
    assert found is not None
    assert found.value == np.median(values)
    assert (found.low, found.high) == tuple(np.percentile(per_draw, [2.5, 97.5]))


def test_shares_of_nothing_are_none() -> None:
    drawn = Resampled(["a", "b"])
    assert drawn.share([0, 0], [0, 0]) is None
    assert Resampled([]).median([]) is None
