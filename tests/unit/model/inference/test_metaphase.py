"""What stands after a metaphase was read: nothing that is no chromosome, everything that is one."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from model.inference.check_values import Scene
from model.inference.metaphase import MetaphaseReader, MetaphaseResult
from model.inference.predictor import Predictor
from model.inference.separation_check import (
    AT_ALL,
    DROPPED,
    LEAST_AREA,
    RESTORED,
    Judge,
    Table,
)
from model.segmentation.base import Instance, Report, Separation, silent
from model.segmentation.cut_out import CutOut
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES
from model.vocabulary.results import CellResult, CheckEntry, CheckKind, ObjectResult, Scale
from tests.unit.model.inference.test_separation_check import bar, scene_of, sure

STANDING, CLUMP, TAKEN_FOR_DEBRIS, SPECK = range(4)
KINDS = (
    ObjectKind.CHROMOSOME, ObjectKind.CHROMOSOME, ObjectKind.DEBRIS, ObjectKind.DEBRIS,
)  # fmt: skip


def objects() -> tuple[Instance, ...]:
    return tuple(bar(n, n, kind) for n, kind in enumerate(KINDS))


PICTURE = scene_of(list(objects()), [None] * 4).flattened


def separator(picture: np.ndarray, report: Report = silent, width_factor: float = 0) -> Separation:
    return Separation(objects(), picture, 12.0, "drawn")


class Sizes:
    """A predictor that tells by its area which of the objects a cut-out is."""

    areas = tuple(int(o.mask.sum()) for o in objects())

    def __init__(self, stretch: float = 1.0) -> None:
        self._scale = Scale(1.0, stretch)

    def look_again(
        self, cut_outs: Sequence[CutOut], scale: Scale, *_: Any, **__: Any
    ) -> tuple[ObjectResult, ...]:
        """As a predictor."""
        return tuple(self._seen(c) for c in cut_outs)

    def predict_cut_outs(self, cut_outs: Sequence[CutOut], *_: Any, **__: Any) -> CellResult:
        """As a predictor."""
        return self.assigned([self._seen(c) for c in cut_outs], self._scale)

    def assigned(self, looks: Sequence[ObjectResult], scale: Scale) -> CellResult:
        """Each as its most probable type."""
        return CellResult(
            tuple(replace(o, assigned_type=int(o.type_probabilities.argmax())) for o in looks),
            (), scale,
        )  # fmt: skip

    def sized(self, cell: CellResult, alone: np.ndarray) -> CellResult:
        """By their size each of them is what it is."""
        return cell

    def _seen(self, cut_out: CutOut) -> ObjectResult:
        number = int(np.abs(np.array(self.areas) - cut_out.mask.sum()).argmin())
        return ObjectResult(
            cut_out, sure(number).types, np.array([0.0, 1.0]), (0, 0, 1, 1), None, 0.0
        )


class Knows:
    """A judge that says which kinds are wrong, and keeps the scene that it was shown last."""

    def __init__(self, wrong: dict[int, str]) -> None:
        self._wrong = wrong

    def sorted_out(self, scene: Scene) -> dict[int, str]:
        """As a judge."""
        return self._wrong

    def judged(
        self, scene: Scene, among: Collection[int] | None = None, by_types: bool = True
    ) -> tuple[tuple[CheckEntry, ...], float | None]:
        """As a judge."""
        self.shown, self.by_types = scene, by_types
        return (), None


def read(wrong: dict[int, str], stretch: float = 1.0) -> tuple[MetaphaseResult, Knows]:
    judge = Knows(wrong)
    reader = MetaphaseReader(
        cast("Any", separator), cast("Predictor", Sizes(stretch)), cast("Judge", judge)
    )
    return reader.read(PICTURE), judge


def test_what_is_no_chromosome_is_dropped_and_what_is_one_after_all_stands() -> None:
    result, judge = read({CLUMP: DROPPED, TAKEN_FOR_DEBRIS: RESTORED})
    assert result.chromosomes == (STANDING, TAKEN_FOR_DEBRIS)
    assert [o.assigned_type for o in result.cell.objects] == [STANDING, TAKEN_FOR_DEBRIS]
    kinds = [o.kind for o in result.separation.instances]
    assert kinds == [KINDS[0], ObjectKind.DEBRIS, ObjectKind.CHROMOSOME, KINDS[3]]
    known = result.scene.looks[CLUMP]  # what it looks like is still known
    assert known is not None
    assert known.types.argmax() == CLUMP
    assert [o.by_way for o in judge.shown.instances] == ["", DROPPED, RESTORED, ""]
    assert all(judge.shown.looks)


def test_nothing_is_looked_at_anew_where_every_kind_is_likely_right() -> None:
    result, _ = read({})
    assert result.chromosomes == (STANDING, CLUMP)
    assert not any(o.by_way for o in result.separation.instances)


def test_of_stout_chromosomes_no_kind_changes_and_types_tell_nothing() -> None:
    result, judge = read({CLUMP: DROPPED, TAKEN_FOR_DEBRIS: RESTORED}, stretch=1.2)
    assert result.chromosomes == (STANDING, CLUMP)
    assert not judge.by_types
    assert read({})[1].by_types


def table(classes: tuple[str, ...], probability: float) -> Table:
    """Says that everything is of the last class, with this probability."""
    from model.inference.check_values import VALUES

    n = len(VALUES)
    bias = np.array([0.0] * (len(classes) - 1) + [np.log(probability / (1 - probability))])
    bias[:-1] -= np.log(len(classes) - 1)
    return Table(classes, np.zeros(n), np.ones(n), [0], [n], np.zeros((len(classes), 1)), bias, 0.9)


@pytest.mark.parametrize("probability", [AT_ALL - 0.01, AT_ALL + 0.01])
def test_a_kind_changes_from_more_likely_wrong_than_right(probability: float) -> None:
    result, _ = read({})
    none = table(("one", "several", "part", "none"), probability)
    one = table(("none", "one"), probability)
    small = replace(objects()[STANDING], mask=np.ones((int(LEAST_AREA * 12) - 1, 12), np.bool_))
    scene = replace(
        result.scene,
        instances=(*result.scene.instances, small), looks=(*result.scene.looks, sure(0)),
    )  # fmt: skip
    changed = Judge(none, one, {}).sorted_out(scene)
    wanted = {STANDING: DROPPED, CLUMP: DROPPED, TAKEN_FOR_DEBRIS: RESTORED, SPECK: RESTORED}
    assert changed == (wanted if probability > AT_ALL else {})  # what nobody would look at stays


def test_tables_without_the_class_change_nothing() -> None:
    result, _ = read({})
    silent_judge = Judge(table(("one", "several"), 0.9), table(("none", "part"), 0.9), {})
    assert silent_judge.sorted_out(result.scene) == {}


def test_every_change_is_asked_about_however_sure_it_was() -> None:
    instances = list(objects())
    instances[CLUMP] = replace(instances[CLUMP], kind=ObjectKind.DEBRIS, by_way=DROPPED)
    instances[TAKEN_FOR_DEBRIS] = replace(
        instances[TAKEN_FOR_DEBRIS], kind=ObjectKind.CHROMOSOME, by_way=RESTORED
    )
    scene = scene_of(instances, [sure(n) for n in range(len(TYPES))][:4])
    judge = Judge(table(("none", "one"), 0.999), table(("one", "none"), 0.999), {})
    entries = {e.object: e for e in judge.check(scene) if not e.if_lacking}
    assert {i: e.kind for i, e in entries.items()} == {
        CLUMP: CheckKind.REJECTED, TAKEN_FOR_DEBRIS: CheckKind.OUTLINE,
    }  # fmt: skip
    assert all(e.probability == pytest.approx(0.001) for e in entries.values())
    assert entries[CLUMP].types == (CLUMP,)
