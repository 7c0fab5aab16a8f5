"""A photograph's result as domain objects: everything is kept, ids are those of the objects."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import inf
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from karyogui.domain.analysis import (
    AnalysisRequest,
    AnalysisResult,
    MetaphasePicture,
    ModelIdentity,
)
from karyogui.domain.separation import SeparatedObject
from karyogui.errors import KaryoError
from karyogui.services.progress import Cancelled, Progress, SilentMonitor
from karyogui.workers.model_analyser import ModelAnalyser
from karyogui.workers.model_results import of_cut_outs, of_photograph
from model.inference.legibility import Legibility
from model.segmentation.base import Instance, Separation
from model.vocabulary.errors import ModelError
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.quality import Quality
from model.vocabulary.results import CellResult, CheckEntry, CheckKind, CutOut, ObjectResult, Scale

PICTURE = MetaphasePicture(
    "cell.tif", np.full((60, 80), 230, np.uint8), np.full((60, 80), 240, np.uint8)
)
REQUEST = AnalysisRequest(7, "cell 1", (), PICTURE)
MADE = partial(AnalysisResult, 7, model=ModelIdentity("compact", "1", "0" * 12), seconds=0.0)
KINDS = (
    ObjectKind.DEBRIS,
    ObjectKind.CHROMOSOME,
    ObjectKind.NUCLEUS,
    ObjectKind.CHROMOSOME,
    ObjectKind.CHROMOSOME,
    ObjectKind.EDGE,
)
"""As the separator found them: chromosomes and what is rejected lie mixed."""
CHECK = (CheckEntry(0, CheckKind.REJECTED, 0.7, (20,), 0.9), CheckEntry(3, CheckKind.PART, 0.2))
QUALITY = Quality(3, 1, 2, 0.75, 450, True, "Well spread.", 0.5)


def instance(number: int, kind: ObjectKind) -> Instance:
    mask = np.ones((number + 3, 4), bool)
    mask[0, 0] = False
    origin = (np.int64(10 * number), np.int64(5))
    box = tuple(np.int64(v) for v in (10 * number - 1, 4, 6, number + 5))
    return Instance(mask, origin, kind, np.float32(0.5), box)  # type: ignore[arg-type]


def object_result(kind: int | None, q_down: float = 0.9) -> ObjectResult:
    crop = np.full((9, 4), 100, np.uint8)
    types = np.full(24, 0.01)
    types[0 if kind is None else kind] = 0.77
    return ObjectResult(
        CutOut(crop, crop < 255, 12.5), types, np.array([1 - q_down, q_down]),
        (0.1, 0.2, 0.8, 0.9), kind, 0.5, margin=1.5,
    )  # fmt: skip


def result(kinds: Sequence[ObjectKind] = KINDS, seen: int | None = None) -> Any:
    instances = tuple(instance(n, kind) for n, kind in enumerate(kinds))
    chosen = tuple(n for n, kind in enumerate(kinds) if kind is ObjectKind.CHROMOSOME)
    objects = tuple(object_result(n) for n in range(len(chosen) if seen is None else seen))
    cell = CellResult(
        objects,
        (),
        Scale(np.float64(1.25)),
        "map",
        (1,),
        (2,) * 23 + (0,),
        inf,  # type: ignore[arg-type]
    )
    separation = Separation(instances, PICTURE.enhanced, 8.0, "learned")
    return SimpleNamespace(
        separation=separation,
        quality=QUALITY,
        cell=cell,
        chromosomes=chosen,
        seconds=(0.1, 0.2),
        check=CHECK if kinds is KINDS else (),
    )


class FakeReader:
    """Stands for `model.inference.metaphase.MetaphaseReader`."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.read_pictures: list[np.ndarray] = []
        self.asked: list[tuple[Any, float | None]] = []
        card = {"name": "own", "version": "2026.12.01", "sha256": "fedcba9876543210"}
        self.separator = SimpleNamespace(label="A separator", card=card)

    def read(
        self,
        picture: np.ndarray,
        report: Callable[[int, int, str], None],
        width_factor: float,
        scale_factor: float,
    ) -> Any:
        self.factors = width_factor, scale_factor
        self.read_pictures.append(picture)
        report(1, 2, "Separating chromosomes")
        if self.failure is not None:
            raise self.failure
        return result()

    def read_separated(
        self,
        picture: np.ndarray,
        masks: Sequence[Any],
        scale: float | None,
        report: Callable[[int, int, str], None],
    ) -> tuple[ObjectResult, ...]:
        self.read_pictures.append(picture)
        self.asked.append((masks, scale))
        report(1, 2, "Classifying")
        if self.failure is not None:
            raise self.failure
        return tuple(object_result(n) for n in range(len(masks)))


@pytest.fixture
def reader() -> FakeReader:
    return FakeReader()


@pytest.fixture
def analyser(reader: FakeReader, monkeypatch: pytest.MonkeyPatch) -> ModelAnalyser:
    predictor = SimpleNamespace(
        name="compact", version="1.2", sha256="0123456789abcdef", device="cpu", runtime="a runtime"
    )
    monkeypatch.setattr(ModelAnalyser, "_loaded", lambda _: predictor)
    monkeypatch.setattr(ModelAnalyser, "_reader", lambda *_: reader)
    return ModelAnalyser(Path("w"))


def test_chromosomes_come_first_and_nothing_rejected_is_left_out() -> None:
    told = of_photograph("cell.tif", result(), MADE)
    assert told.separated is not None
    assert [(o.id, o.kind) for o in told.separated] == [
        ("c01", ObjectKind.CHROMOSOME),
        ("c02", ObjectKind.CHROMOSOME),
        ("c03", ObjectKind.CHROMOSOME),
        ("c04", ObjectKind.DEBRIS),
        ("c05", ObjectKind.NUCLEUS),
        ("c06", ObjectKind.EDGE),
    ]
    assert [o.origin for o in told.separated] == [
        (10, 5),
        (30, 5),
        (40, 5),
        (0, 5),
        (20, 5),
        (50, 5),
    ]
    assert [o.mask.shape[0] for o in told.separated] == [4, 6, 7, 3, 5, 8]
    assert {(o.score, o.turn, o.by_person) for o in told.separated} == {(0.5, 0.0, False)}


def test_each_chromosome_has_the_id_and_the_box_of_its_object() -> None:
    told = of_photograph("cell.tif", result(), MADE)
    assert told.separated is not None
    assert [(c.id, c.segment.box) for c in told.chromosomes] == [
        (o.id, o.box) for o in told.separated[:3]
    ]
    assert [c.predicted.argmax_type for c in told.chromosomes] == ["1", "2", "3"]
    assert {c.segment.source for c in told.chromosomes} == {"cell.tif"}
    assert {type(v) for o in told.separated for v in (*o.origin, *o.box)} == {int}
    assert {type(o.score) for o in told.separated} == {float}


def test_the_separation_check_names_objects_by_id_and_types_by_name() -> None:
    told = of_photograph("cell.tif", result(), MADE)
    assert told.check is not None
    assert [(e.object_id, e.kind, e.types) for e in told.check] == [
        ("c04", CheckKind.REJECTED, ("21",)),
        ("c02", CheckKind.PART, ()),
    ]


def test_the_summary_names_chromosomes_by_id() -> None:
    summary = of_photograph("cell.tif", result(), MADE).assignment
    assert summary.disagreeing == ("c02",)
    assert summary.scale == Scale(1.25)
    assert type(summary.scale.size) is float
    assert summary.alternative_margin is None


def test_quality_is_told_as_it_is() -> None:
    assert of_photograph("cell.tif", result(), MADE).quality == QUALITY


def test_a_photograph_of_chromosomes_alone() -> None:
    told = of_photograph("cell.tif", result((ObjectKind.CHROMOSOME,) * 2), MADE)
    assert told.separated is not None
    assert len(told.separated) == len(told.chromosomes) == 2


def test_a_network_that_skips_a_chromosome_is_a_bug_and_not_a_shift() -> None:
    with pytest.raises(ValueError, match=r"zip\(\)"):
        of_photograph("cell.tif", result(seen=2), MADE)


def test_cut_outs_have_no_objects() -> None:
    told = of_cut_outs(("a.png", "b.png", "c.png"), result().cell, MADE)
    assert (told.separated, told.quality) == (None, None)
    assert [c.id for c in told.chromosomes] == ["c01", "c02", "c03"]
    assert [c.segment.box for c in told.chromosomes] == [None] * 3


# The analyser's part


@pytest.mark.parametrize(("likely", "is_read"), [(0.0, True), (0.49, True), (0.51, False)])
def test_bands_of_cut_outs_are_told_where_they_cannot_be_read(likely: float, is_read: bool) -> None:
    bands = Legibility(likely, inverse=False, scale_fits=1.0)
    told = of_cut_outs(("a.png", "b.png", "c.png"), result().cell, MADE, bands)
    assert (told.quality is None) == is_read
    assert is_read or not told.quality.is_readable


def test_the_enhanced_picture_is_read(analyser: ModelAnalyser, reader: FakeReader) -> None:
    found = analyser.analyse(REQUEST, SilentMonitor())
    assert reader.read_pictures[0] is PICTURE.enhanced
    assert found.cell_id == 7
    assert str(found.model) == "compact 1.2 (0123456789ab)"
    assert found.separated is not None
    assert len(found.separated) == 6
    assert [c.id for c in found.chromosomes] == ["c01", "c02", "c03"]
    assert found.quality is not None
    assert found.assignment is not None
    assert found.seconds >= 0


def test_what_a_person_says_of_width_and_scale_goes_to_the_reader(
    analyser: ModelAnalyser, reader: FakeReader
) -> None:
    by_hand = replace(PICTURE, width_factor=0.8, scale_factor=1.6)
    analyser.analyse(replace(REQUEST, metaphase=by_hand), SilentMonitor())
    assert reader.factors == (0.8, 1.6)


def test_only_given_objects_are_looked_at_and_turned_as_a_person_sees_it(
    analyser: ModelAnalyser, reader: FakeReader
) -> None:
    mask = np.ones((5, 3), bool)
    items = [
        SeparatedObject("c47", ObjectKind.CHROMOSOME, mask, (4, 6), (3, 5, 5, 7), turn=8.0),
        SeparatedObject("c09", ObjectKind.CHROMOSOME, mask[:4], (20, 6), (19, 5, 5, 7)),
    ]
    found = analyser.classify(PICTURE, items, 0.75, SilentMonitor())
    assert reader.read_pictures[0] is PICTURE.enhanced
    ((masks, scale),) = reader.asked
    assert scale == 0.75
    # A person turns clockwise, the model counter-clockwise.
    assert [(m.shape, origin, turn) for m, origin, turn in masks] == [
        ((5, 3), (4, 6), -8.0),
        ((4, 3), (20, 6), 0.0),
    ]
    assert [(c.id, c.segment.box, c.segment.source) for c in found] == [
        ("c47", (3, 5, 5, 7), "cell.tif"),
        ("c09", (19, 5, 5, 7), "cell.tif"),
    ]


@pytest.mark.parametrize("act", ["analyse", "classify"])
def test_refusals_become_sentences(analyser: ModelAnalyser, reader: FakeReader, act: str) -> None:
    reader.failure = ModelError("No chromosome can be seen in the picture.", "Choose another.")
    with pytest.raises(KaryoError, match="No chromosome can be seen") as caught:
        run(analyser, act)
    assert caught.value.hint == "Choose another."


@pytest.mark.parametrize("act", ["analyse", "classify"])
def test_cancelling_goes_through(analyser: ModelAnalyser, act: str) -> None:
    class Impatient:
        def report(self, progress: Progress) -> None:
            if progress.done:
                raise Cancelled

    with pytest.raises(Cancelled):
        run(analyser, act, Impatient())


@pytest.mark.parametrize("act", ["analyse", "classify"])
def test_weights_that_do_not_separate_are_told(
    analyser: ModelAnalyser, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    def refuse(*_: object) -> None:
        raise ModelError("The weights of the separation are damaged.")

    monkeypatch.setattr(ModelAnalyser, "_reader", refuse)
    with pytest.raises(KaryoError, match="separation are damaged"):
        run(analyser, act)


def run(analyser: ModelAnalyser, act: str, monitor: Any = None) -> None:
    monitor = monitor or SilentMonitor()
    if act == "analyse":
        analyser.analyse(REQUEST, monitor)
    else:
        mask = np.ones((5, 3), bool)
        item = SeparatedObject("c47", ObjectKind.CHROMOSOME, mask, (4, 6), (3, 5, 5, 7))
        analyser.classify(PICTURE, [item], None, monitor)


def test_the_separator_is_opened_once_and_by_its_id(
    reader: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model.inference import metaphase
    from model.segmentation import separate

    opened = []
    monkeypatch.setattr(
        ModelAnalyser,
        "_loaded",
        lambda _: SimpleNamespace(
            name="compact", version="1.2", sha256="0123456789abcdef", device="cpu", runtime=""
        ),
    )
    monkeypatch.setattr(separate, "open_separator", lambda *asked: opened.append(asked) or 1)
    monkeypatch.setattr(metaphase, "MetaphaseReader", lambda *_: reader)
    analyser = ModelAnalyser(Path("w"), separator="classical", separation=Path("s"))
    for _ in range(2):
        told = analyser.analyse(REQUEST, SilentMonitor())
    assert opened == [("classical", Path("s"))]
    assert told.separation == "own 2026.12.01 (fedcba987654)"
