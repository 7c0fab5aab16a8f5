"""A repaired photograph is looked at as it stands: chromosomes are cut, nothing is separated."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult, MetaphasePicture
from karyogui.domain.chromosome import TYPES
from karyogui.domain.separation import ObjectKind, SeparatedObject
from karyogui.errors import KaryoError
from karyogui.services.progress import Progress, SilentMonitor
from karyogui.workers.model_analyser import ModelAnalyser
from model.vocabulary.errors import ModelError
from model.vocabulary.results import CellResult, CutOut, ObjectResult, Scale

RAW = np.full((60, 80), 240, np.uint8)
ENHANCED = np.full((60, 80), 255, np.uint8)
ENHANCED[10:40, 8:16] = 90
ENHANCED[10:30, 40:48] = 120


def bar(name: str, kind: ObjectKind, x: int, height: int, turn: float = 0.0) -> SeparatedObject:
    mask = np.ones((height, 8), bool)
    return SeparatedObject(name, kind, mask, (x, 10), (x, 10, 8, height), turn=turn)


OBJECTS = (
    bar("c12", ObjectKind.CHROMOSOME, 40, 20),
    bar("c03", ObjectKind.DELETED, 60, 9),
    bar("c02", ObjectKind.CHROMOSOME, 8, 30, turn=90.0),
)


class FakePredictor:
    name, version, sha256, device = "compact", "1.2", "0123456789abcdef", "cpu"
    runtime = "a runtime"

    def __init__(self) -> None:
        self.cut_outs: list[CutOut] = []
        self.failure: Exception | None = None

    def predict_cut_outs(
        self,
        cut_outs: Sequence[CutOut],
        report: Callable[[int, int, str], None],
        seen_before: Sequence[np.ndarray] = (),
        scale_factor: float = 0.0,
    ) -> CellResult:
        report(1, 2, "Classifying chromosomes")
        if self.failure is not None:
            raise self.failure
        self.cut_outs = list(cut_outs)
        found = tuple(
            ObjectResult(
                cut_out,
                np.full(24, 1 / 24),
                np.array([0.2, 0.8]),
                (0.0, 0.0, 1.0, 1.0),
                number,
                0.5,
            )
            for number, cut_out in enumerate(cut_outs)
        )
        return CellResult(found, (), Scale(1.5), "map", disagreeing=(1,))

    def sized(self, cell: CellResult, alone: np.ndarray) -> CellResult:
        return cell


@pytest.fixture
def predictor(monkeypatch: pytest.MonkeyPatch) -> FakePredictor:
    fake = FakePredictor()
    monkeypatch.setattr(ModelAnalyser, "_loaded", lambda _: fake)

    def separate(*_: object) -> SimpleNamespace:
        raise AssertionError("nothing is to be separated")

    monkeypatch.setattr(ModelAnalyser, "_reader", separate)
    return fake


def look(objects: tuple[SeparatedObject, ...] = OBJECTS) -> AnalysisResult:
    picture = MetaphasePicture("cell.tif", RAW, ENHANCED)
    request = AnalysisRequest(7, "cell 1", (), picture, objects)
    return ModelAnalyser(Path("w")).analyse(request, SilentMonitor())


def test_chromosomes_are_looked_at_under_their_ids_and_the_rest_stays(
    predictor: FakePredictor,
) -> None:
    found = look()
    assert found.separated == OBJECTS
    assert [item.id for item in found.chromosomes] == ["c12", "c02"]
    assert [item.assigned.type for item in found.chromosomes] == list(TYPES[:2])
    assert [item.segment.box for item in found.chromosomes] == [OBJECTS[0].box, OBJECTS[2].box]
    assert found.assignment is not None
    assert (found.assignment.disagreeing, found.assignment.scale) == (("c02",), Scale(1.5))
    assert found.quality is None
    assert str(found.model) == "compact 1.2 (0123456789ab)"


def test_crops_are_cut_from_the_enhanced_picture_and_turned_by_the_person(
    predictor: FakePredictor,
) -> None:
    look()
    pale, turned = predictor.cut_outs
    assert pale.crop.shape == (20, 8)
    assert int(pale.crop.min()) > 100  # the raw picture shows nothing there
    assert turned.crop.shape[1] > turned.crop.shape[0]  # turned by 90°, it lies


def test_refusals_become_sentences(predictor: FakePredictor) -> None:
    predictor.failure = ModelError("The network is damaged.", "Install it again.")
    with pytest.raises(KaryoError, match="network is damaged"):
        look()


def test_cells_without_a_chromosome_left_are_looked_at_too(predictor: FakePredictor) -> None:
    predictor.predict_cut_outs = lambda *_: CellResult((), (), Scale(1.0))  # type: ignore
    found = look(OBJECTS[1:2])
    assert (found.chromosomes, found.separated) == ((), OBJECTS[1:2])


def test_progress_names_the_cell(predictor: FakePredictor) -> None:
    told: list[Progress] = []
    picture = MetaphasePicture("cell.tif", RAW, ENHANCED)
    monitor = SimpleNamespace(report=told.append)
    request = AnalysisRequest(7, "cell 1", (), picture, OBJECTS)
    ModelAnalyser(Path("w")).analyse(request, monitor)
    assert all(progress.message.startswith("cell 1: ") for progress in told)
    assert len(told) == 2


def test_it_tells_which_network_looks(predictor: FakePredictor) -> None:
    model = ModelAnalyser(Path("w")).model()
    assert (model.name, model.version, model.sha256) == ("compact", "1.2", "0123456789ab")
    assert (model.device, model.runtime) == ("cpu", "a runtime")
