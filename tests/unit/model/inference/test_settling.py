"""Doubts of the separation, settled by the cell."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.inference.agreement import SeenBefore
from model.inference.predictor import Predictor
from model.inference.settling import lacking, settled
from model.segmentation.base import Doubt, Instance, Separation
from model.segmentation.cut_out import CutOut
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES, X
from model.vocabulary.results import CellResult, ObjectResult, Scale

PICTURE = np.full((200, 200), 255, np.uint8)
PICTURE[10:190, 10:190] = 90
ONE = CutOut(np.zeros((20, 8), np.uint8), np.ones((20, 8), bool), 0.0)


def instance(score: float = 0.9, kind: ObjectKind = ObjectKind.CHROMOSOME) -> Instance:
    return Instance(np.ones((30, 8), bool), (20, 20), kind, score, (20, 20, 8, 30))


def seen(kind: int, probability: float) -> ObjectResult:
    types = np.full(len(TYPES), (1 - probability) / (len(TYPES) - 1))
    types[kind] = probability
    return ObjectResult(ONE, types, np.array([0.0, 1.0]), (0, 0, 1, 1), kind, probability)


class Looks:
    """Answers what it was told, in order, when asked once."""

    def __init__(self, *answers: ObjectResult) -> None:
        self._answers = list(answers)
        self._asked = False

    def look_again(
        self, cut_outs: Sequence[CutOut], scale: Scale, *, seen_before: SeenBefore = ()
    ) -> tuple[ObjectResult, ...]:
        """As a predictor."""
        assert scale == Scale(1.5)
        assert not self._asked
        self._asked = True
        return tuple(self._answers.pop(0) for _ in cut_outs)


def settle(
    objects: Sequence[ObjectResult],
    doubts: Sequence[Doubt],
    answers: Sequence[ObjectResult],
    scores: Sequence[float] | None = None,
) -> Separation:
    instances = tuple(instance(s) for s in scores or [0.9] * len(objects))
    separation = Separation(instances, PICTURE, 8.0, "learned", tuple(doubts))
    predictor = cast("Predictor", Looks(*answers))
    return settled(separation, CellResult(tuple(objects), (), Scale(1.5)), predictor)


NORMAL = [seen(kind, 0.99) for kind in range(X) for _ in (0, 1)] + [seen(X, 0.99)] * 2


def test_two_doubtful_parts_become_one_sure_whole() -> None:
    cell = [*NORMAL, seen(20, 0.3)]
    parts = (0, len(cell) - 1)
    found = settle(cell, [Doubt(parts, (instance(),))], [seen(0, 0.99)])
    assert len(found.instances) == 46
    assert found.doubts == ()


def test_two_sure_chromosomes_stay_two() -> None:
    """Also where there are 47: a count decides nothing."""
    cell = [*NORMAL, seen(20, 0.98)]
    doubt = Doubt((40, 46), (instance(),))
    found = settle(cell, [doubt], [seen(20, 0.97)])
    assert len(found.instances) == 47
    assert found.doubts == (doubt,)


def test_a_well_seen_chromosome_is_not_given_up_for_46() -> None:
    """48 and 45 stay what they are when every chromosome is clear."""
    many = [*NORMAL, seen(7, 0.95), seen(11, 0.95)]
    assert (
        len(settle(many, [Doubt((46,), (instance(0.5, ObjectKind.DEBRIS),))], []).instances) == 48
    )
    few = NORMAL[:-1]
    found = settle(few, [Doubt((0, 1), (instance(),))], [seen(0, 0.9)])
    assert len(found.instances) == 45


def test_what_is_replaced_leaves_the_others_in_order() -> None:
    cell = [seen(0, 0.2), seen(1, 0.99), seen(2, 0.2), seen(3, 0.99)]
    scores = [0.11, 0.12, 0.13, 0.14]
    debris = instance(0.5, ObjectKind.DEBRIS)
    stays = Doubt((3,), (instance(0.01),))
    doubts = [Doubt((0, 2), (instance(0.8), debris)), stays]
    found = settle(cell, doubts, [seen(0, 0.99), seen(3, 0.1)], scores)
    assert [o.score for o in found.instances] == [0.12, 0.14, 0.8, 0.5]
    assert found.doubts == ()


@given(st.lists(st.integers(0, 4), min_size=24, max_size=24))
def test_lacking_is_never_negative_and_ends_with_two_of_each(counts: list[int]) -> None:
    found = lacking(np.array(counts))
    assert found >= 0
    full = np.maximum(counts, 2)
    assert lacking(full) == 0
    assert found == sum(max(0, 2 - c) for c in counts[:X]) + max(0, 2 - sum(counts[X:]))


@pytest.mark.parametrize("sex", [(2, 0), (1, 1), (0, 2)])
def test_any_two_sex_chromosomes_are_whole(sex: tuple[int, int]) -> None:
    assert lacking(np.array([2] * X + list(sex))) == 0
