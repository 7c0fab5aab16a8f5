"""The check of a repaired photograph: only what is new is judged, with what is known of it."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pytest

from model.inference.check_again import check_again
from model.inference.check_values import Scene
from model.inference.separation_check import Judge, bundled
from model.segmentation.base import GreyImage
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES
from model.vocabulary.results import CheckEntry, CheckKind, CutOut, ObjectResult, Scale
from tests.unit.model.inference.test_separation_check import WIDTH, bar, normal, scene_of


class Predictor:
    """Sees a 21 in everything, and notes how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def look_again(self, cut_outs: list[CutOut], scale: Scale) -> tuple[ObjectResult, ...]:
        self.asked += len(cut_outs)
        types = np.full(len(TYPES), 0.1 / 23)
        types[20] = 0.9
        polarity = np.array([0.1, 0.9])
        return tuple(
            ObjectResult(each, types, polarity, (0, 0, 1, 1), 20, 0.9) for each in cut_outs
        )


class Notes:
    """A judge that notes what it is given."""

    scene: Scene
    among: Collection[int] | None
    by_types: bool

    def judged(
        self, scene: Scene, among: Collection[int] | None, by_types: bool
    ) -> tuple[tuple[CheckEntry, ...], float | None]:
        self.scene, self.among, self.by_types = scene, among, by_types
        return (CheckEntry(0, CheckKind.SEVERAL, 0.9),), None


@pytest.fixture
def picture() -> GreyImage:
    instances, looks = normal()
    return scene_of(instances, looks).flattened


def test_new_rejected_objects_are_looked_at_and_old_ones_are_not(picture: GreyImage) -> None:
    instances, looks = normal()
    rejected = [bar(20, 46, ObjectKind.DEBRIS), bar(20, 47, ObjectKind.DEBRIS)]
    predictor, judge = Predictor(), Notes()
    found = check_again(
        picture, [*instances, *rejected], [*looks, None, None], Scale(1.0), {0, 46},
        judge, predictor,  # type: ignore[arg-type]
    )  # fmt: skip
    assert found[0].object == 0
    assert predictor.asked == 1
    assert judge.among == {0, 46}
    assert judge.scene.looks[46] is not None
    assert judge.scene.looks[47] is None
    assert judge.scene.width == pytest.approx(WIDTH, rel=0.2)


def test_an_object_whose_votes_nobody_knows_is_judged_by_the_rest(picture: GreyImage) -> None:
    instances, looks = normal()
    unknown = [replace(o, votes=None, score=float("nan")) for o in instances]
    judge = bundled()
    told = check_again(picture, unknown, looks, Scale(1.0), {3}, judge, Predictor())  # type: ignore[arg-type]
    assert {entry.object for entry in told} <= {3}
    assert isinstance(judge, Judge)


def test_nothing_new_asks_nothing(picture: GreyImage) -> None:
    instances, looks = normal()
    assert check_again(picture, instances, looks, Scale(1.0), (), bundled(), Predictor()) == ()  # type: ignore[arg-type]


def test_types_of_stout_chromosomes_tell_nothing_of_outlines(picture: GreyImage) -> None:
    instances, looks = normal()
    judge = Notes()
    for stretch in (1.0, 1.2):
        check_again(picture, instances, looks, Scale(1.0, stretch), {0}, judge, Predictor())  # type: ignore[arg-type]
        assert judge.by_types == (stretch == 1.0)
