"""The judge of the separation: its table, what it measures, what becomes an entry."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.inference.check_values import VALUES, Look, Scene, best_pair, measured
from model.inference.separation_check import (
    CHECK,
    CUT,
    DROPPED,
    JOIN,
    RESTORED,
    SPLIT,
    Judge,
    Table,
    as_large_as_two,
    bundled,
    decided,
    entry_of,
    held_back,
    worth_a_look,
)
from model.scale import REFERENCE_LOG_SIZE
from model.segmentation.base import Instance, Votes
from model.segmentation.weights import SEPARATION
from model.vocabulary.errors import ModelError
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES
from model.vocabulary.results import CheckEntry, CheckKind
from tests.unit.model.metaphases import NORMAL_XX

GOOD = Votes(0.9, 0.02, 0.9, 0.95, 0.02, 0.02, 0.9)
BAD = Votes(0.6, 0.4, 0.4, 0.9, 0.3, 0.1, 0.5)
WIDTH = 12


def bar(kind: int, place: int, what: ObjectKind = ObjectKind.CHROMOSOME) -> Instance:
    """A straight object of its type's area."""
    length = max(8, round(float(np.exp(2 * REFERENCE_LOG_SIZE[kind])) / WIDTH))
    mask = np.ones((length, WIDTH), np.bool_)
    x, y = 20 + 30 * (place % 10), 20 + 190 * (place // 10)
    return Instance(mask, (x, y), what, 0.95, (x, y, WIDTH, length), votes=GOOD)


def sure(kind: int) -> Look:
    types = np.full(len(TYPES), 0.01 / 23)
    types[kind] = 0.99
    return Look(types, kind, 15.0)


def scene_of(instances: list[Instance], looks: list[Look | None]) -> Scene:
    flattened = np.full((1000, 340), 255, np.uint8)
    rng = np.random.default_rng(0)
    for o in instances:
        (x, y), (h, w) = o.origin, o.mask.shape
        grey = rng.integers(60, 140, (h, 1)).repeat(w, 1).astype(np.uint8)
        flattened[y : y + h, x : x + w][o.mask] = grey[o.mask]
    return Scene(instances, looks, flattened, float(WIDTH), 1.0)


def normal() -> tuple[list[Instance], list[Look | None]]:
    instances = [bar(k, n) for n, k in enumerate(NORMAL_XX)]
    return instances, [sure(k) for k in NORMAL_XX]


def test_every_value_is_measured_and_finite() -> None:
    instances, looks = normal()
    values = measured(scene_of(instances, looks), range(len(instances)))
    assert values.shape == (len(instances), len(VALUES))
    assert np.isfinite(values).all()


def test_without_votes_and_looks_the_values_are_missing_and_the_judge_judges_all_the_same() -> None:
    instances, looks = normal()
    blind = [replace(o, votes=None) for o in instances]
    scene = scene_of(blind, [None] * len(looks))
    assert np.isnan(measured(scene, [0])).any()
    likely = bundled().found.probabilities(measured(scene, range(5)))
    np.testing.assert_allclose(likely.sum(1), 1.0)


def test_a_crossing_of_two_that_the_cell_lacks_is_the_first_entry_and_is_named() -> None:
    instances, looks = normal()
    four, thirteen = TYPES.index("4"), TYPES.index("13")
    gone = [NORMAL_XX.index(four), NORMAL_XX.index(thirteen)]
    kept = [n for n in range(len(instances)) if n not in gone]
    upright = bar(four, 45)
    h = upright.mask.shape[0]
    cross = np.zeros((h, h), np.bool_)
    cross[:, h // 2 - 6 : h // 2 + 6] = True
    cross[h // 2 - 6 : h // 2 + 6, : bar(thirteen, 0).mask.shape[0]] = True
    both = Instance(cross, (170, 900 - h), ObjectKind.CHROMOSOME, 0.5,
                    (170, 900 - h, h, h), votes=BAD)  # fmt: skip
    flat = Look(np.full(len(TYPES), 1 / len(TYPES)), TYPES.index("1"), 0.5)
    scene = scene_of([*(instances[n] for n in kept), both], [*(looks[n] for n in kept), flat])
    assert best_pair(scene, len(kept))[1] in ((four, thirteen), (thirteen, four), (0, thirteen))
    first = bundled().check(scene)[0]
    assert first.object == len(kept)
    assert first.probability > 0.5
    likely = {"one": 0.2, "several": 0.6, "part": 0.1, "none": 0.1}
    entry = entry_of(scene, len(kept), likely, 0.5)
    assert entry == CheckEntry(len(kept), CheckKind.SEVERAL, 0.8, best_pair(scene, len(kept))[1])
    assert entry_of(scene, len(kept), likely, 0.9) is None


def test_a_chromosome_taken_for_debris_is_an_entry_with_its_type_and_a_speck_is_not() -> None:
    instances, looks = normal()
    last = len(instances) - 1
    instances[last] = replace(instances[last], kind=ObjectKind.DEBRIS)
    looks[last] = Look(sure(NORMAL_XX[last]).types)
    speck = Instance(np.ones((3, 3), np.bool_), (5, 5), ObjectKind.DEBRIS, 0.1, (5, 5, 3, 3))
    scene = scene_of([*instances, speck], [*looks, None])
    assert worth_a_look(scene.instances, scene.width) == [last]
    entry = next(e for e in bundled().check(scene) if e.object == last)
    assert (entry.kind, entry.types) == (CheckKind.REJECTED, (NORMAL_XX[last],))
    assert entry.type_probability == pytest.approx(0.99)


def test_what_the_program_made_of_doubtful_objects_is_asked_about_however_sure_it_was() -> None:
    """Also where the judge itself has no doubt of it; what nobody made is not asked about."""
    instances, looks = normal()
    made = ((3, 0.6, SPLIT), (5, 0.98, CUT), (9, 0.99, JOIN), (12, 0.9, RESTORED))
    for number, score, way in made:
        instances[number] = replace(instances[number], score=score, by_way=way)
    instances[20] = replace(instances[20], kind=ObjectKind.DEBRIS, by_way=DROPPED)
    scene = scene_of(instances, looks)
    told = {i: {"one": 0.97, "none": 0.01} for i in range(len(instances))}
    told[20] = {"one": 0.02, "none": 0.98}
    split, cut, joined, restored, dropped = decided(scene, told, ())
    assert (split.object, split.kind, split.probability) == (3, CheckKind.PART, 0.4)
    assert split.types == (NORMAL_XX[3],)
    assert (cut.object, cut.kind, cut.probability) == (5, CheckKind.PART, 0.02)
    assert (joined.object, joined.kind, joined.probability) == (9, CheckKind.SEVERAL, 0.01)
    assert (restored.object, restored.kind, restored.probability) == (12, CheckKind.OUTLINE, 0.03)
    assert (dropped.object, dropped.kind, dropped.probability) == (20, CheckKind.REJECTED, 0.02)
    assert dropped.types == (NORMAL_XX[20],)
    assert [e.object for e in decided(scene, {3: told[3], 9: told[9]}, {3})] == [9]
    asked = {e.object for e in bundled().check(scene) if not e.if_lacking}
    assert {3, 5, 9, 12, 20} <= asked
    assert {e.object for e in bundled().check(scene, among=[9])} == {9}


def test_the_card_names_the_separation_weights_that_it_was_fitted_on() -> None:
    card = bundled().card
    assert card["held_out_fold"] == 0
    assert len(str(card["separation_sha256"])) == 64
    assert SEPARATION.with_suffix(".json").exists()


def test_a_damaged_judge_and_one_of_other_values_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "check.json"
    with pytest.raises(ModelError, match=r"check\.json"):
        Judge.load(path)
    stored = json.loads(CHECK.read_text(encoding="utf-8"))
    for wrong in ({}, {**stored, "values": ["other"]}, {**stored, "found": {}}):
        path.write_text(json.dumps(wrong), encoding="utf-8")
        with pytest.raises(ModelError):
            Judge.load(path)


def test_probabilities_of_a_table_by_hand() -> None:
    table = Table(("one", "several"), np.zeros(1), np.ones(1), [0], [1],
                  np.array([[0.0], [np.log(3.0)]]), np.zeros(2), 0.5)  # fmt: skip
    np.testing.assert_allclose(table.probabilities(np.array([[1.0], [np.nan]])),
                               [[0.25, 0.75], [0.5, 0.5]])  # fmt: skip


def test_what_may_hold_a_chromosome_that_lacks_is_held_back() -> None:
    instances, looks = normal()
    small = replace(instances[-1], kind=ObjectKind.DEBRIS)
    round_one = Instance(
        cv2.circle(np.zeros((101, 101), np.uint8), (50, 50), 50, 1, -1) > 0,
        (200, 880), ObjectKind.NUCLEUS, 0.9, (200, 880, 101, 101),
    )  # fmt: skip
    ragged = replace(round_one, mask=round_one.mask.copy(), origin=(90, 880))
    ragged.mask[:45, :45] = False
    scene = scene_of([*instances[:-1], small, round_one, ragged],
                     [*looks[:-1], Look(sure(NORMAL_XX[-1]).types), None, None])  # fmt: skip
    doubts = {i: 0.5 - 0.01 * i for i in range(45)}
    likely = {i: {"one": 1 - d, "several": d} for i, d in doubts.items()}
    likely[45] = {"none": 0.8, "one": 0.2}
    told = held_back(scene, likely, listed={0, 1})
    assert [e.object for e in told] == [2, 3, 4, 5, 6, 45, 47]
    assert all(e.if_lacking == tuple(range(24)) for e in told)
    debris = next(e for e in told if e.object == 45)
    assert (debris.kind, debris.types) == (CheckKind.REJECTED, (NORMAL_XX[-1],))
    quiet = {i: {"one": 0.99, "several": 0.01} for i in range(45)}
    assert [e.object for e in held_back(scene, quiet, listed=())] == [47]


def test_of_rejected_objects_the_likeliest_are_held_for_any_type_and_others_for_their_own() -> None:
    """What a piece of a chromosome looks like says little about which one it is a piece of."""
    instances, looks = normal()
    rejected = [bar(20, 46 + n, ObjectKind.DEBRIS) for n in range(4)]
    seen = [Look(sure(kind).types) for kind in (3, 3, 20, 21)]
    scene = scene_of([*instances, *rejected], [*looks, *seen])
    likely = {i: {"one": 1.0, "several": 0.0} for i in range(46)}
    likely |= {46 + n: {"none": 1 - p, "one": p} for n, p in enumerate((0.15, 0.1, 0.05, 0.005))}
    told = {e.object: e.if_lacking for e in held_back(scene, likely, listed=())}
    assert told == {46: tuple(range(24)), 47: tuple(range(24)), 48: (20,)}


def test_who_touches_a_listed_one_is_held_back_before_others() -> None:
    instances, looks = normal()
    x, y = instances[0].origin
    instances[30] = replace(instances[30], origin=(x + WIDTH, y))
    likely = {i: {"one": 0.94, "several": 0.06} for i in range(46)}
    likely[30] = {"one": 0.97, "several": 0.03}
    told = held_back(scene_of(instances, looks), likely, listed={0})
    assert told[0].object == 30
    assert told[0].probability == pytest.approx(0.03)
    assert 30 not in [e.object for e in held_back(scene_of(instances, looks), likely, listed=())]


def test_what_is_held_back_is_told_of_a_whole_cell_only() -> None:
    instances, looks = normal()
    nucleus = Instance(
        cv2.circle(np.zeros((101, 101), np.uint8), (50, 50), 50, 1, -1) > 0,
        (200, 880), ObjectKind.NUCLEUS, 0.9, (200, 880, 101, 101),
    )  # fmt: skip
    scene = scene_of([*instances, nucleus], [*looks, None])
    told = bundled().check(scene)
    assert [e.object for e in told if e.if_lacking] == [46]
    assert not [e for e in bundled().check(scene, among=range(46)) if e.if_lacking]


def test_where_types_are_guesses_they_raise_no_doubt() -> None:
    instances, looks = normal()
    guesses: list[Look | None] = [Look(np.full(24, 1 / 24), 3, 0.01) for _ in looks]
    scene = scene_of(instances, guesses)
    by_types = [e for e in bundled().judged(scene)[0] if not e.if_lacking]
    without = [e for e in bundled().judged(scene, by_types=False)[0] if not e.if_lacking]
    assert len(without) < 5
    assert len(by_types) > 15


def test_without_bands_what_is_as_large_as_two_is_asked_about() -> None:
    """Two of middle size in one line; the judge, who knows such by their bands, is sure of one."""
    pair = bar(9, 30)
    long = np.ones((2 * pair.mask.shape[0], WIDTH), np.bool_)
    two = replace(pair, mask=long, box=(*pair.box[:3], 2 * pair.box[3]))
    instances = [*(bar(kind, place) for place, kind in enumerate(range(4, 20))), two]
    known = (
        CheckEntry(2, CheckKind.PART, 0.2),
        CheckEntry(16, CheckKind.SEVERAL, 0.02, if_lacking=tuple(range(24))),
        CheckEntry(5, CheckKind.SEVERAL, 0.02, if_lacking=tuple(range(24))),
    )
    asked = as_large_as_two(scene_of(instances, [None] * len(instances)), known)
    assert [(e.object, e.kind) for e in asked if not e.if_lacking] == [
        (16, CheckKind.SEVERAL), (2, CheckKind.PART)
    ]  # fmt: skip
    assert [e.object for e in asked if e.if_lacking] == [5]
