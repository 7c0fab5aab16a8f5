"""Other ways of separating what the judge doubts, and which of them are likely better.

What may be several chromosomes comes apart as *Split* would propose, at a crossing or where two
touch; what may be a part is joined with each object that lies near. Classifier and judge look at
what would stand then, and a table tells how likely the way mends more than it harms. The likeliest
are taken, no object twice, and a person is asked about each. Nothing is dropped or restored:
whether something is a chromosome at all is not for this. The tables are written by
`python -m model.evaluation.metaphases.fit_ways`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from model.geometry.crossings import Pairing, crossing_pairings
from model.geometry.joining import joined, partners
from model.geometry.masks import Mask, trimmed
from model.geometry.touching import touching_pairings
from model.inference.check_values import Floats, Look, Scene, measured
from model.inference.predictor import Predictor
from model.inference.separation_check import CUT, JOIN, ONE, PART, SEVERAL, SPLIT, Judge, Table
from model.inference.settling import LEAST_TYPE, lacking
from model.segmentation.base import Instance, Separation, margined
from model.segmentation.crops import crop_of
from model.segmentation.quality import USUAL
from model.vocabulary.assets import ASSETS
from model.vocabulary.errors import ModelError
from model.vocabulary.files import read_plain_text
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES, X
from model.vocabulary.results import CellResult, ObjectResult

WAYS: Path = ASSETS / "weights" / "separation-ways.json"
KINDS: tuple[str, ...] = (SPLIT, CUT, JOIN)
BETTER, WORSE = "better", "worse"
VALUES: tuple[str, ...] = (
    "several", "part", "one", "score", "own before", "types before", "types after", "worst type",
    "lacking", "surplus", "lacks", "count", "judged", "worst judged", "own", "agreement", "dissent",
    "rank", "pieces", "least area", "rejected", "smaller before", "least part", "cost",
)  # fmt: skip
ASKED: Mapping[str, float] = {SEVERAL: 0.15, PART: 0.1}
"""Probability of being several, or a part, from which other ways are thought of."""
MOST: Mapping[str, int] = {SPLIT: 4, CUT: 3, JOIN: 4}
"""Ways for one object."""
SCORE: float = 0.5
"""Of an object that no grouping of votes has found."""
VIEWS: int = 1
"""Of each object that would stand: enough to weigh it, a twelfth of the time."""
LEAST_JUDGED: float = 1e-3
MOST_OFF: int = 6
"""Chromosomes more or less than 46 beyond which a difference says nothing more."""


@dataclass(frozen=True, eq=False)
class Way:
    """`instances` instead of the objects numbered `replaced`; the `rank`-th proposal for them.

    `cost` is what a `SPLIT` costs in radians of bend, a `CUT` in widths of a chromosome; nan of
    what is joined.
    """

    kind: str
    replaced: tuple[int, ...]
    instances: tuple[Instance, ...]
    rank: int
    cost: float = float("nan")


@dataclass(frozen=True, eq=False)
class Mender:
    """A table for each kind of way: how likely it is better. A way is taken from its threshold."""

    tables: Mapping[str, Table]
    card: Mapping[str, Any]

    @classmethod
    def load(cls, path: Path = WAYS) -> Mender:
        """ModelError when the file is missing, damaged, or of other values."""
        try:
            stored = json.loads(read_plain_text(path))
            if tuple(stored["values"]) != VALUES:
                raise ValueError("it was fitted to other values")
            tables = {kind: Table.from_json(stored[kind]) for kind in KINDS}
            if any(BETTER not in table.classes for table in tables.values()):
                raise ValueError("it tells nothing better from worse")
            return cls(tables, stored["card"])
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise ModelError(f"The file {path.name} cannot be read ({error}).") from error

    def mended(self, separation: Separation, ways: Sequence[Way], values: Floats) -> Separation:
        """The separation with those ways (n), of these values (n, V), that are likely better."""
        sure = self.likely(ways, values)
        replaced: set[int] = set()
        new: list[Instance] = []
        for n in np.argsort(-sure, kind="stable").tolist():
            way = ways[n]
            wanted = self.tables[way.kind].threshold
            if sure[n] >= wanted and replaced.isdisjoint(way.replaced):
                replaced.update(way.replaced)
                score = round(float(sure[n]), 4)
                # One of them is asked about, the largest.
                largest = max(way.instances, key=lambda o: int(o.mask.sum()))
                new += [
                    replace(o, score=score, by_way=way.kind if o is largest else "")
                    for o in way.instances
                ]
        if not replaced:
            return separation
        kept = (o for i, o in enumerate(separation.instances) if i not in replaced)
        return replace(separation, instances=(*kept, *new), doubts=())

    def likely(self, ways: Sequence[Way], values: Floats) -> Floats:
        """(n,) how likely each way is better."""
        sure = np.zeros(len(ways))
        for kind, table in self.tables.items():
            rows = [n for n, way in enumerate(ways) if way.kind == kind]
            if rows:
                better = table.classes.index(BETTER)
                sure[rows] = table.probabilities(values[rows])[:, better]
        return sure


@lru_cache(maxsize=1)
def bundled() -> Mender:
    """The tables that come with the program."""
    return Mender.load()


def weighed(
    separation: Separation, cell: CellResult, scene: Scene, predictor: Predictor, judge: Judge
) -> tuple[list[Way], Floats]:
    """Other ways of a separation (n), with their values (n, V). `cell` tells of its chromosomes."""
    standing = [i for i, o in enumerate(scene.instances) if o.kind is ObjectKind.CHROMOSOME]
    table = judge.found.probabilities(measured(scene, standing))
    likely = {
        i: dict(zip(judge.found.classes, row, strict=True))
        for i, row in zip(standing, table.tolist(), strict=True)
    }
    ways = [*_apart(separation, likely), *_together(separation, likely)]
    new = [o for way in ways for o in way.instances]
    cut_outs = [crop_of(separation.flattened, o.mask, o.origin) for o in new]
    results = iter(predictor.look_again(cut_outs, cell.scale, views=VIEWS))
    seen = dict(zip(standing, cell.objects, strict=True))
    rows = [
        _values(way, list(islice(results, len(way.instances))), seen, likely, scene, judge)
        for way in ways
    ]
    return ways, np.asarray(rows, np.float64).reshape(len(ways), len(VALUES))


def _apart(separation: Separation, likely: Mapping[int, Mapping[str, float]]) -> list[Way]:
    ways = []
    for i, told in likely.items():
        if told.get(SEVERAL, 0.0) < ASKED[SEVERAL]:
            continue
        whole = separation.instances[i]
        proposed = {SPLIT: _crossing(whole.mask), CUT: touching_pairings(whole.mask)}
        for kind, pairings in proposed.items():
            for rank, pairing in enumerate(pairings[: MOST[kind]]):
                if len(pairing.masks) > 1 and all(mask.any() for mask in pairing.masks):
                    pieces = tuple(_made(separation, mask, whole.origin) for mask in pairing.masks)
                    ways.append(Way(kind, (i,), pieces, rank, pairing.cost))
    return ways


def _crossing(mask: Mask) -> tuple[Pairing, ...]:
    try:
        return crossing_pairings(mask)
    except ModelError:  # there is no crossing, or too many meet
        return ()


def _together(separation: Separation, likely: Mapping[int, Mapping[str, float]]) -> list[Way]:
    objects = [(o.mask, o.origin) for o in separation.instances]
    width = separation.chromosome_width
    ways = []
    for i, told in likely.items():
        if told.get(PART, 0.0) < ASKED[PART]:
            continue
        for rank, other in enumerate(partners(i, objects, width)[: MOST[JOIN]]):
            whole = _made(separation, *joined([objects[i], objects[other]], width))
            ways.append(Way(JOIN, (i, other), (whole,), rank))
    return ways


def _made(separation: Separation, mask: Mask, origin: tuple[int, int]) -> Instance:
    """A chromosome of a mask whose top left pixel lies at `origin`, with its votes."""
    tight, (x, y) = trimmed(mask, origin)
    height, width = tight.shape
    box = margined(np.array([x, y, x + width, y + height], np.float32),
                   separation.chromosome_width, separation.flattened.shape)  # fmt: skip
    made = Instance(tight, (x, y), ObjectKind.CHROMOSOME, SCORE, box)
    return made if separation.votes is None else replace(made, votes=separation.votes(made))


def _values(
    way: Way,
    results: Sequence[ObjectResult],
    seen: Mapping[int, ObjectResult],
    likely: Mapping[int, Mapping[str, float]],
    scene: Scene,
    judge: Judge,
) -> list[float]:
    """What is measured on a way, in the order of `VALUES`; nan where it cannot be told."""
    told = [likely[i] for i in way.replaced if i in likely]
    before = [seen[i] for i in way.replaced if i in seen]
    old = [scene.instances[i] for i in way.replaced]
    counts = scene.counts
    then = counts.copy()
    for sign, objects in ((-1, before), (1, results)):
        for each in objects:
            if each.assigned_type is not None:
                then[each.assigned_type] += sign
    judged = _judged(way, results, scene, judge)
    votes = [o.votes for o in way.instances if o.votes is not None]
    own_before = [o.votes.own for o in old if o.votes is not None]
    nothing = float("nan")
    costs = [_cost(each) for each in results]
    return [
        *(_logit(max(t.get(name, 0.0) for t in told)) for name in (SEVERAL, PART)),
        _logit(min(t.get(ONE, 0.0) for t in told)),
        min(o.score for o in old),
        _logit(min(own_before)) if own_before else nothing,
        sum(_cost(each) for each in before), sum(costs), max(costs),
        float(lacking(then) - lacking(counts)), float(_surplus(then) - _surplus(counts)),
        float(min(lacking(counts), MOST_OFF)),
        float(np.clip(len(seen) - USUAL, -MOST_OFF, MOST_OFF)),
        float(np.log(np.maximum(judged, LEAST_JUDGED)).sum()), float(judged.min()),
        min((v.own for v in votes), default=nothing),
        min((v.agreement for v in votes), default=nothing),
        max((v.dissent for v in votes), default=nothing),
        float(way.rank), float(len(way.instances)),
        min(float(o.mask.sum()) for o in way.instances) / scene.width**2,
        float(sum(o.kind is not ObjectKind.CHROMOSOME for o in old)),
        min(float(o.mask.sum()) for o in old) / scene.width**2,
        _logit(min(t.get(PART, 0.0) for t in told)),
        way.cost,
    ]  # fmt: skip


def _judged(way: Way, results: Sequence[ObjectResult], scene: Scene, judge: Judge) -> Floats:
    """(m,) how likely each new object is one whole chromosome, among all that would stand."""
    kept = [i for i in range(len(scene.instances)) if i not in way.replaced]
    instances = [*(scene.instances[i] for i in kept), *way.instances]
    looks = [scene.looks[i] for i in kept]
    looks += [Look(r.type_probabilities, r.assigned_type) for r in results]
    then = replace(scene, instances=instances, looks=looks)
    chosen = range(len(kept), len(instances))
    one = judge.found.classes.index(ONE)
    return np.asarray(judge.found.probabilities(measured(then, chosen))[:, one])


def _cost(result: ObjectResult) -> float:
    """Nats of the most probable type."""
    return -float(np.log(max(float(result.type_probabilities.max()), LEAST_TYPE)))


def _surplus(counts: np.ndarray) -> int:
    """Chromosomes that a cell with these counts (24,) has more than a normal one."""
    return int(np.maximum(counts[:X] - 2, 0).sum()) + max(0, int(counts[X : len(TYPES)].sum()) - 2)


def _logit(p: float) -> float:
    clipped = min(max(p, 1e-4), 1 - 1e-4)
    return float(np.log(clipped / (1 - clipped)))
