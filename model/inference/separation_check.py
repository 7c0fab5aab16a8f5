"""Which objects of a separation a person has to look at: a judge of its own."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from model.inference.check_values import OF_TYPES, VALUES, Floats, Scene, best_pair, measured
from model.segmentation.base import Instance, Separator
from model.segmentation.learned import LearnedSeparator
from model.segmentation.quality import USUAL, contact
from model.vocabulary.assets import ASSETS
from model.vocabulary.errors import ModelError
from model.vocabulary.files import read_plain_text
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES
from model.vocabulary.quality import Quality
from model.vocabulary.results import CheckEntry, CheckKind

CHECK: Path = ASSETS / "weights" / "separation-check.json"
ONE, SEVERAL, PART, NONE = CLASSES = ("one", "several", "part", "none")
LEAST_AREA, MOST_AREA = 0.5, 40.0
"""Squared chromosome widths between which a rejected object is of a chromosome's size."""
LIMIT: float = 4.0
"""Standard deviations beyond which a value says nothing more."""
PAIR_FITS: float = 0.25
"""How well (logarithm of areas) two types must fill an object to be named."""
SPLIT, CUT, JOIN = "split", "cut", "join"
"""What the program may do with a doubtful object: at a crossing, where two touch, with a near one
(`ways`)."""
DROPPED, RESTORED = "dropped", "restored"
"""What the judge does with an object whose kind it thinks wrong."""
AT_ALL: float = 0.5
"""Probability of being no chromosome, or one after all, from which an object's kind is changed."""
HELD_FOUND, HELD_FROM = 5, 0.02
"""Chromosomes that are held back, and the least doubt of one; see EXPERIMENTS, Silence."""
AS_TWO: float = 1.6
"""Area over the usual one from which an object may be two: chromosomes 1 and 2 have 1.8."""
BESIDE_LISTED: float = 3.0
"""How much more likely a chromosome that touches a listed one hides another."""
HELD_REJECTED, HELD_LIKELY = 2, 0.01
"""Rejected objects that are held back for any type, and for each type; how likely one of the latter
is a chromosome of that type."""
ORDER: tuple[CheckKind, ...] = (
    CheckKind.SEVERAL, CheckKind.REJECTED, CheckKind.PART, CheckKind.OUTLINE,
)  # fmt: skip
"""From the most harmful to the least."""

_KINDS_OF_WAYS: dict[str, CheckKind] = {
    SPLIT: CheckKind.PART, CUT: CheckKind.PART, JOIN: CheckKind.SEVERAL,
    DROPPED: CheckKind.REJECTED, RESTORED: CheckKind.OUTLINE,
}  # fmt: skip
_KINDS = {SEVERAL: CheckKind.SEVERAL, PART: CheckKind.PART, NONE: CheckKind.OUTLINE}


@dataclass(frozen=True, eq=False)
class Table:
    """Multinomial logistic regression over V values and K classes.

    `mean` and `spread` are (V,); the T terms are products of two values (number V is the constant)
    with `weights` (K, T) and `bias` (K,). `threshold` is the probability of not being as it was
    taken, from which an object is an entry.
    """

    classes: tuple[str, ...]
    mean: Floats
    spread: Floats
    first: Sequence[int]
    second: Sequence[int]
    weights: Floats
    bias: Floats
    threshold: float

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Table:
        """KeyError, TypeError or ValueError when a value is missing or of another kind."""
        first, second = np.asarray(values["terms"], np.int64).reshape(-1, 2).T
        return cls(
            tuple(values["classes"]),
            np.asarray(values["mean"], np.float64), np.asarray(values["spread"], np.float64),
            first.tolist(), second.tolist(),
            np.asarray(values["weights"], np.float64), np.asarray(values["bias"], np.float64),
            float(values["threshold"]),
        )  # fmt: skip

    def probabilities(self, values: Floats) -> Floats:
        """(n, K): how likely objects with values (n, V) are of each class; what is nan is usual."""
        terms = terms_of(standardised(values, self.mean, self.spread), self.first, self.second)
        logits = terms @ self.weights.T + self.bias
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(likely / likely.sum(axis=1, keepdims=True))


@dataclass(frozen=True, eq=False)
class Judge:
    """Tables of what was found as chromosome and of what was rejected.

    `cost` are weights of `promises` and `doubts`: how many repairs a cell will cost, before and
    after its chromosomes were looked at. None where they were not fitted.
    """

    found: Table
    rejected: Table
    card: Mapping[str, Any]
    cost: tuple[Floats, Floats] | None = None

    @classmethod
    def load(cls, path: Path = CHECK) -> Judge:
        """ModelError when the file is missing, damaged, or of other values."""
        try:
            stored = json.loads(read_plain_text(path))
            if tuple(stored["values"]) != VALUES:
                raise ValueError("it was fitted to other values")
            found, rejected = (Table.from_json(stored[part]) for part in ("found", "rejected"))
            return cls(found, rejected, stored["card"], _cost(stored.get("cost")))
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise ModelError(
                f"The separation check {path.name} cannot be read ({error})."
            ) from error

    def check(self, scene: Scene, among: Collection[int] | None = None) -> tuple[CheckEntry, ...]:
        """What a person has to look at, the most harmful first; `among` these objects, or all.

        Of all objects it is also told which may hold a chromosome that the cell turns out to lack.
        """
        return self.judged(scene, among)[0]

    def judged(
        self, scene: Scene, among: Collection[int] | None = None, by_types: bool = True
    ) -> tuple[tuple[CheckEntry, ...], float | None]:
        """What a person has to look at, and how many repairs these objects let expect.

        Where types are guesses it is judged without them: by shape and votes (not `by_types`).
        """
        standing = [i for i, o in enumerate(scene.instances) if o.kind is ObjectKind.CHROMOSOME]
        rejected = _looked_at(scene)
        entries: list[CheckEntry] = []
        told: dict[int, dict[str, float]] = {}
        sums = []
        sides = ((standing, self.found, ONE), (rejected, self.rejected, NONE))
        for numbers, table, as_taken in sides:
            chosen = [i for i in numbers if among is None or i in among]
            values = measured(scene, chosen)
            if not by_types:
                values[:, OF_TYPES] = np.nan
            likely = table.probabilities(values)
            sums.append(float((1.0 - likely[:, table.classes.index(as_taken)]).sum()))
            for i, row in zip(chosen, likely, strict=True):
                told[i] = dict(zip(table.classes, row.tolist(), strict=True))
                entry = entry_of(scene, i, told[i], table.threshold)
                if entry is not None:
                    entries.append(entry)
        entries += decided(scene, told, {e.object for e in entries})
        ranked = tuple(sorted(entries, key=lambda e: (ORDER.index(e.kind), -e.probability)))
        if among is None:
            ranked += held_back(scene, told, {e.object for e in entries})
        if self.cost is None:
            return ranked, None
        return ranked, float(self.cost[1] @ doubts(sums[0], sums[1], len(standing)))

    def sorted_out(self, scene: Scene) -> dict[int, str]:
        """Objects whose kind is more likely wrong than right, by number.

        `DROPPED` is what is no chromosome, `RESTORED` what was rejected and is one.
        """
        standing = [
            i for i, o in enumerate(scene.instances)
            if o.kind is ObjectKind.CHROMOSOME and _has_size(o, scene.width)
        ]  # fmt: skip
        sides = (
            (standing, self.found, NONE, DROPPED),
            (_looked_at(scene), self.rejected, ONE, RESTORED),
        )
        changed: dict[int, str] = {}
        for numbers, table, name, done in sides:
            if name in table.classes:
                likely = table.probabilities(measured(scene, numbers))
                sure = likely[:, table.classes.index(name)] >= AT_ALL
                changed |= {i: done for i, wrong in zip(numbers, sure, strict=True) if wrong}
        return changed

    def first_estimate(self, quality: Quality) -> float | None:
        """How many repairs a separation lets expect whose chromosomes nobody has looked at."""
        return None if self.cost is None else float(self.cost[0] @ promises(quality))


def promises(quality: Quality) -> Floats:
    """(5,) what a separation says about its cost; every number costs, the more the greater."""
    return np.array([
        abs(quality.objects - USUAL), quality.crossings, quality.touching_groups,
        1.0 - quality.sharpness, 1.0,
    ])  # fmt: skip


def doubts(found: float, rejected: float, count: int) -> Floats:
    """(4,) the same when every object was looked at: sums of doubts, and how far from 46."""
    return np.array([found, rejected, abs(count - USUAL), 1.0])


def _cost(stored: Mapping[str, Any] | None) -> tuple[Floats, Floats] | None:
    if stored is None:
        return None
    first, whole = (np.asarray(stored[name], np.float64) for name in ("first", "whole"))
    if first.shape != (5,) or whole.shape != (4,):
        raise ValueError("its cost was fitted to other numbers")
    return first, whole


@lru_cache(maxsize=1)
def bundled() -> Judge:
    """The judge that comes with the program."""
    return Judge.load()


def worth_a_look(instances: Sequence[Instance], width: float) -> list[int]:
    """Rejected objects of a chromosome's size, by number."""
    return [
        i for i, o in enumerate(instances)
        if o.kind is not ObjectKind.CHROMOSOME and _has_size(o, width)
    ]  # fmt: skip


def _has_size(instance: Instance, width: float) -> bool:
    return LEAST_AREA <= float(instance.mask.sum()) / width**2 <= MOST_AREA


def _looked_at(scene: Scene) -> list[int]:
    """Rejected objects of a chromosome's size at which the classifier has looked, by number."""
    return [i for i in worth_a_look(scene.instances, scene.width) if scene.looks[i]]


def decided(
    scene: Scene, told: Mapping[int, Mapping[str, float]], listed: Collection[int]
) -> list[CheckEntry]:
    """What the program made of doubtful objects: however sure it was, a person is to see it.

    What came apart may be parts of one, what was joined may be several, what was dropped a
    chromosome, and what was restored none. `told` are the judge's probabilities by object.
    """
    entries = []
    for i in told:
        made = scene.instances[i]
        if not made.by_way or i in listed:
            continue
        kind = _KINDS_OF_WAYS[made.by_way]
        taken = ONE if made.kind is ObjectKind.CHROMOSOME else NONE
        doubt = 1.0 - (made.score if made.by_way in (SPLIT, CUT, JOIN) else told[i][taken])
        look = scene.looks[i]
        best = () if look is None else (int(look.types.argmax()),)
        sure = 0.0 if look is None else float(look.types.max())
        named = ((), 0.0) if kind is CheckKind.SEVERAL else (best, round(sure, 4))
        entries.append(CheckEntry(i, kind, round(doubt, 4), *named))
    return entries


def held_back(
    scene: Scene, likely: Mapping[int, Mapping[str, float]], listed: Collection[int]
) -> tuple[CheckEntry, ...]:
    """What to ask about only if the cell lacks a chromosome when all that is `listed` is settled.

    A loss must not be believed while an object may hold the one that lacks: the chromosomes with
    the greatest doubts below the threshold (those that touch a listed one before others), the
    rejected objects that most likely are one at all (what a piece looks like is a guess), for each
    type those that most likely are one of it, and the least round nucleus, in or under which one
    may lie. `likely` are the judge's probabilities by object.
    """
    anything = tuple(range(len(TYPES)))
    doubts = _below_the_threshold(scene, likely, listed)
    found = sorted((i for i, d in doubts.items() if d >= HELD_FROM), key=lambda i: -doubts[i])
    entries = [
        CheckEntry(i, CheckKind.SEVERAL, round(1.0 - likely[i][ONE], 4), if_lacking=anything)
        for i in found[:HELD_FOUND]
    ]
    looks = {
        i: (1.0 - p.get(NONE, 0.0)) * look.types
        for i, p in likely.items()
        if i not in listed and i not in doubts and (look := scene.looks[i]) is not None
    }
    surest = sorted(looks, key=lambda i: likely[i].get(NONE, 0.0))[:HELD_REJECTED]
    wanted = {i: [*anything] for i in surest if 1.0 - likely[i].get(NONE, 0.0) >= HELD_FROM}
    for kind in anything:
        for i in sorted(looks, key=lambda i: -looks[i][kind])[:HELD_REJECTED]:
            if looks[i][kind] >= HELD_LIKELY and kind not in wanted.get(i, ()):
                wanted.setdefault(i, []).append(kind)
    for i, kinds in wanted.items():
        look = scene.looks[i]
        sure = 0.0 if look is None else float(look.types.max())
        best = () if look is None else (int(look.types.argmax()),)
        entries.append(CheckEntry(i, CheckKind.REJECTED, round(1.0 - likely[i].get(NONE, 0.0), 4),
                                  best, round(sure, 4), tuple(kinds)))  # fmt: skip
    held = {e.object for e in entries}.union(listed)
    nuclei = [i for i, o in enumerate(scene.instances) if _is_large(o, scene) and i not in held]
    if nuclei:
        least = min(nuclei, key=lambda i: _solidity(scene.instances[i]))
        entries.append(CheckEntry(least, CheckKind.REJECTED, 0.0, if_lacking=anything))
    return tuple(entries)


def as_large_as_two(scene: Scene, entries: Sequence[CheckEntry]) -> tuple[CheckEntry, ...]:
    """The entries of a cell without bands, and its objects that may be two end to end.

    The judge knows two that lie in one line by their bands; without any only the size is left.
    """
    areas = {
        i: int(o.mask.sum())
        for i, o in enumerate(scene.instances)
        if o.kind is ObjectKind.CHROMOSOME
    }
    asked = {e.object for e in entries if not e.if_lacking}
    least = AS_TWO * float(np.median([*areas.values()])) if areas else 0.0
    large = [i for i, area in areas.items() if area >= least and i not in asked]
    found = (CheckEntry(i, CheckKind.SEVERAL, 0.0) for i in sorted(large, key=lambda i: -areas[i]))
    others = (e for e in entries if e.object not in large)
    return tuple(sorted((*others, *found), key=lambda e: (bool(e.if_lacking), ORDER.index(e.kind))))


def _below_the_threshold(
    scene: Scene, likely: Mapping[int, Mapping[str, float]], listed: Collection[int]
) -> dict[int, float]:
    """Doubts of the chromosomes that are not listed; greater beside one that is."""
    instances = scene.instances
    asked = [instances[i] for i in listed if instances[i].kind is ObjectKind.CHROMOSOME]
    doubts = {}
    for i, told in likely.items():
        if i in listed or instances[i].kind is not ObjectKind.CHROMOSOME:
            continue
        beside = any(contact(instances[i], other)[1] for other in asked)
        doubts[i] = (1.0 - told[ONE]) * (BESIDE_LISTED if beside else 1.0)
    return doubts


def _is_large(instance: Instance, scene: Scene) -> bool:
    """Whether a chromosome may lie in or under it: a nucleus, or what is too large for a type."""
    too_large = float(instance.mask.sum()) > MOST_AREA * scene.width**2
    rejected = instance.kind is not ObjectKind.CHROMOSOME
    return instance.kind is ObjectKind.NUCLEUS or (rejected and too_large)


def _solidity(instance: Instance) -> float:
    """Share of its convex hull that an object fills."""
    outline = cv2.findNonZero(instance.mask.astype(np.uint8))
    hull = float(cv2.contourArea(cv2.convexHull(outline)))
    return float(instance.mask.sum()) / max(1.0, hull)


def standardised(values: Floats, mean: Floats, spread: Floats) -> Floats:
    """(n, V + 1): values (n, V) in standard deviations, nan as 0, and a column of ones."""
    shifted = np.clip(np.nan_to_num((values - mean) / spread), -LIMIT, LIMIT)
    return np.concatenate([shifted, np.ones((len(values), 1))], axis=1)


def terms_of(shifted: Floats, first: Sequence[int], second: Sequence[int]) -> Floats:
    """(n, T): products of two columns each."""
    return np.asarray(shifted[:, list(first)] * shifted[:, list(second)])


def entry_of(
    scene: Scene, i: int, likely: Mapping[str, float], threshold: float
) -> CheckEntry | None:
    """What to ask about an object with these probabilities of classes; None where nothing."""
    look = scene.looks[i]
    best = () if look is None else (int(look.types.argmax()),)
    sure = 0.0 if look is None else float(look.types.max())
    if scene.instances[i].kind is not ObjectKind.CHROMOSOME:
        doubt = 1.0 - likely.get(NONE, 0.0)
        if doubt < threshold:
            return None
        return CheckEntry(i, CheckKind.REJECTED, round(doubt, 4), best, round(sure, 4))
    doubt = 1.0 - likely[ONE]
    if doubt < threshold:
        return None
    worst = max(_KINDS, key=lambda name: likely.get(name, 0.0))
    if worst == SEVERAL:
        badness, pair = best_pair(scene, i)
        named = pair if badness < PAIR_FITS else ()
        return CheckEntry(i, CheckKind.SEVERAL, round(doubt, 4), named)
    return CheckEntry(i, _KINDS[worst], round(doubt, 4), best, round(sure, 4))


SOONER: float = 0.5
"""Share of the doubt from which an object is asked about then."""


def judge_for(separator: Separator, judge: Judge) -> Judge:
    """The judge as it is for the separation that it was fitted to, a more careful one for others.

    What separates without weights has always been judged as the bundled separation is.
    """
    if not isinstance(separator, LearnedSeparator) or is_fitted_to(separator.card, judge):
        return judge
    return replace(judge, found=_careful(judge.found), rejected=_careful(judge.rejected))


def is_fitted_to(card: Mapping[str, Any], judge: Judge) -> bool:
    """Whether the judge was fitted to the separation of this card; a judge that names none is."""
    named = judge.card.get("separation_sha256")
    return named is None or named == card.get("sha256")


def _careful(table: Table) -> Table:
    return replace(table, threshold=SOONER * table.threshold)
