"""Other ways of separating: what is thought of, what is taken, and what never is."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.inference.check_values import Look, Scene
from model.inference.predictor import Predictor
from model.inference.separation_check import CLASSES, Judge, Table
from model.inference.ways import (
    CUT,
    JOIN,
    KINDS,
    SPLIT,
    VALUES,
    WAYS,
    Mender,
    Way,
    bundled,
    weighed,
)
from model.segmentation.base import Instance, Separation
from model.segmentation.cut_out import CutOut
from model.segmentation.weights import SEPARATION
from model.vocabulary.errors import ModelError
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES
from model.vocabulary.results import CellResult, ObjectResult, Scale

WIDTH = 10
SHAPE = (200, 300)
PAGE = np.full(SHAPE, 255, np.uint8)
CERTAIN = {"one": 0.97, "several": 0.01, "part": 0.01, "none": 0.01}


def drawn(*lines: tuple[tuple[int, int], tuple[int, int]]) -> Instance:
    """One object of lines as thick as a chromosome."""
    page = np.zeros(SHAPE, np.uint8)
    for start, end in lines:
        cv2.line(page, start, end, 1, WIDTH)
    rows, columns = np.flatnonzero(page.any(1)), np.flatnonzero(page.any(0))
    mask = page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] > 0
    x, y = int(columns[0]), int(rows[0])
    box = (x, y, mask.shape[1], mask.shape[0])
    return Instance(mask, (x, y), ObjectKind.CHROMOSOME, 0.9, box)


CROSS = drawn(((30, 30), (110, 110)), ((110, 30), (30, 110)))
TOUCHING = drawn(((60, 20), (60, 60)), ((60, 69), (60, 130)))
ALONE = drawn(((200, 20), (200, 90)))
HALVES = (drawn(((250, 20), (250, 60))), drawn(((250, 75), (250, 110))))


def seen(kind: int, probability: float = 0.99) -> ObjectResult:
    types = np.full(len(TYPES), (1 - probability) / (len(TYPES) - 1))
    types[kind] = probability
    one = CutOut(np.zeros((20, 8), np.uint8), np.ones((20, 8), bool), 0.0)
    return ObjectResult(one, types, np.array([0.0, 1.0]), (0, 0, 1, 1), kind, probability)


class Looks:
    """A predictor that takes everything for a chromosome 3."""

    def __init__(self) -> None:
        self.asked = 0

    def look_again(
        self, cut_outs: Sequence[CutOut], scale: Scale, *, views: int
    ) -> tuple[ObjectResult, ...]:
        """As a predictor."""
        self.asked += len(cut_outs)
        return tuple(seen(2) for _ in cut_outs)


def judge_of(*objects: dict[str, float]) -> Judge:
    """A judge that says this of the first objects, and of everything else that it is one."""
    told = [*objects, *[CERTAIN] * 200]

    def probabilities(values: np.ndarray) -> np.ndarray:
        rows = told if len(values) == len(objects) else [CERTAIN] * 200
        return np.array([[row[name] for name in CLASSES] for row in rows[: len(values)]])

    found = SimpleNamespace(classes=CLASSES, probabilities=probabilities)
    return cast("Judge", SimpleNamespace(found=found))


def ways_for(
    objects: Sequence[Instance], *doubts: dict[str, float]
) -> tuple[Separation, list[Way], np.ndarray, Looks]:
    separation = Separation(tuple(objects), PAGE, float(WIDTH), "learned")
    results = tuple(seen(n % 24) for n in range(len(objects)))
    looks = [Look(r.type_probabilities, r.assigned_type, 9.0) for r in results]
    scene = Scene(separation.instances, looks, PAGE, float(WIDTH), 1.0)
    predictor = Looks()
    cell = CellResult(results, (), Scale(1.0))
    ways, values = weighed(separation, cell, scene, cast("Predictor", predictor), judge_of(*doubts))
    return separation, ways, values, predictor


def table(threshold: float, by: str = "", bias: float = 3.0) -> Table:
    """Says "better" where the value `by` is high, or always."""
    n = len(VALUES)
    at = VALUES.index(by) if by else n
    return Table(
        ("better", "worse"), np.zeros(n), np.ones(n), [at], [n],
        np.array([[1.0], [0.0]]), np.array([bias, 0.0]), threshold,
    )  # fmt: skip


def mender(threshold: float = 0.9, by: str = "", bias: float = 3.0) -> Mender:
    tables = {kind: table(threshold, by, bias) for kind in KINDS}
    return Mender(tables, {})


SEVERAL = {"one": 0.1, "several": 0.88, "part": 0.01, "none": 0.01}
PART = {"one": 0.1, "several": 0.01, "part": 0.88, "none": 0.01}


def pixels(separation: Separation) -> np.ndarray:
    page = np.zeros(SHAPE, bool)
    for o in separation.instances:
        (x, y), (h, w) = o.origin, o.mask.shape
        page[y : y + h, x : x + w] |= o.mask
    return page


def test_what_may_be_several_comes_apart_and_no_pixel_is_lost() -> None:
    separation, ways, values, _ = ways_for([CROSS, ALONE], SEVERAL, CERTAIN)
    assert {way.kind for way in ways} <= {SPLIT, CUT}
    assert ways[0].kind == SPLIT
    assert all(way.replaced == (0,) for way in ways)
    found = mender().mended(separation, ways, values)
    assert len(found.instances) == 3
    assert found.instances[0] is ALONE
    np.testing.assert_array_equal(pixels(found), pixels(separation))
    lengths = [max(o.mask.shape) for o in found.instances[1:]]
    assert min(lengths) > 75  # each arm goes on beyond the crossing


def test_two_that_touch_come_apart_where_they_are_narrow() -> None:
    """No crossing is seen in them, so that a cut is the only way."""
    separation, ways, values, _ = ways_for([TOUCHING, ALONE], SEVERAL, CERTAIN)
    assert {(way.kind, way.replaced) for way in ways} == {(CUT, (0,))}
    assert np.isfinite(values[:, VALUES.index("cost")]).all()
    found = mender().mended(separation, ways[:1], values[:1])
    np.testing.assert_array_equal(pixels(found), pixels(separation))
    upper, lower = sorted(found.instances[1:], key=lambda o: o.origin[1])
    assert upper.mask.shape[0] == pytest.approx(50, abs=6)
    assert lower.origin[1] >= upper.origin[1] + upper.mask.shape[0] - 3


def test_a_part_is_joined_with_what_lies_near() -> None:
    separation, ways, values, _ = ways_for([ALONE, *HALVES], CERTAIN, PART, CERTAIN)
    assert [(way.kind, way.replaced) for way in ways] == [(JOIN, (1, 2))]
    found = mender().mended(separation, ways, values)
    assert len(found.instances) == 2
    assert found.instances[1].mask.shape[0] > 90
    assert (pixels(found) & pixels(separation)).sum() == pixels(separation).sum()


def test_what_nobody_doubts_stays_and_is_not_looked_at_again() -> None:
    separation, ways, values, predictor = ways_for([CROSS, *HALVES], *[CERTAIN] * 3)
    assert (ways, len(values), predictor.asked) == ([], 0, 0)
    assert mender().mended(separation, ways, values) is separation


def test_a_way_that_is_not_likely_better_is_not_taken() -> None:
    separation, ways, values, _ = ways_for([CROSS], SEVERAL)
    assert mender(threshold=0.99).mended(separation, ways, values) is separation


def test_what_comes_apart_is_as_sure_as_the_way_that_made_it() -> None:
    separation, ways, values, _ = ways_for([CROSS], SEVERAL)
    sure = mender().likely(ways, values)
    found = mender().mended(separation, ways, values)
    assert {o.score for o in found.instances} == {round(float(sure.max()), 4)}
    assert sorted(o.by_way for o in found.instances) == ["", SPLIT]  # one entry


def test_an_object_without_a_crossing_has_no_way() -> None:
    _, ways, _, _ = ways_for([ALONE], SEVERAL)
    assert ways == []


def test_values_tell_what_the_cell_would_have_then() -> None:
    """Chromosome 1 becomes two of type 3: nothing is told that cannot be, and counts follow."""
    _, ways, values, _ = ways_for([CROSS, ALONE], SEVERAL, CERTAIN)
    assert np.isfinite(values[:, VALUES.index("types after")]).all()
    two = [n for n, way in enumerate(ways) if len(way.instances) == 2]
    # One 1 less and two 3 more: a cell of two chromosomes lacks one less.
    assert (values[two, VALUES.index("lacking")] == -1).all()
    assert (values[:, VALUES.index("rank")] == [way.rank for way in ways]).all()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(0, 1)), max_size=12))
def test_no_object_is_replaced_twice_and_the_likeliest_way_is_taken_first(
    drawn_ways: list[tuple[int, int, float]],
) -> None:
    separation = Separation(tuple([ALONE] * 6), PAGE, float(WIDTH), "learned")
    ways = [Way(JOIN, (a, b) if a != b else (a,), (ALONE,), 0) for a, b, _ in drawn_ways]
    values = np.zeros((len(ways), len(VALUES)))
    values[:, VALUES.index("judged")] = [likely * 4 for *_, likely in drawn_ways]
    by_judge = mender(threshold=0.6, by="judged", bias=-1.0)
    sure = by_judge.likely(ways, values)
    found = by_judge.mended(separation, ways, values)
    taken = [way for n, way in enumerate(ways) if sure[n] >= 0.6]
    if not taken:
        assert found is separation
        return
    best = ways[int(sure.argmax())]
    made = [o for o in found.instances if o is not ALONE]
    gone = len(separation.instances) + len(made) - len(found.instances)
    assert len(best.replaced) <= gone <= 6
    assert len(made) <= len(taken)


@pytest.mark.parametrize(
    "document",
    [
        "no json",
        json.dumps({"values": ["another"]}),
        json.dumps({"values": list(VALUES), "card": {}}),
        json.dumps({"values": list(VALUES), "split": 3, "join": 3, "card": {}}),
        json.dumps([]),
    ],
)
def test_a_damaged_file_is_refused_with_a_sentence(tmp_path: Path, document: str) -> None:
    path = tmp_path / "ways.json"
    path.write_text(document, encoding="utf-8")
    with pytest.raises(ModelError, match=r"ways\.json cannot be read"):
        Mender.load(path)


def test_the_bundled_tables_were_fitted_to_the_bundled_separation() -> None:
    import hashlib

    card: Any = bundled().card
    assert card["separation_sha256"] == hashlib.sha256(SEPARATION.read_bytes()).hexdigest()
    assert card["held_out_fold"] == 0
    assert WAYS.exists()
    for promised in card["cross_fitted"].values():
        assert promised["better"] > 5 * promised["worse"]


def test_a_separator_without_votes_profits_too() -> None:
    separation, ways, values, _ = ways_for([CROSS], SEVERAL)
    assert replace(separation, votes=None).votes is None
    assert np.isnan(values[:, VALUES.index("own")]).all()
    assert np.isfinite(mender().likely(ways, values)).all()
