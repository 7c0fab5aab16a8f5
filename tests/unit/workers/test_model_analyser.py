"""The network's arrays become domain objects; its refusals become sentences; it loads once."""

import subprocess
import sys
from collections.abc import Callable
from math import inf
from pathlib import Path

import numpy as np
import pytest

from karyogui.domain.analysis import AnalysisRequest, AssignmentSummary, CutOutPicture
from karyogui.domain.chromosome import Polarity
from karyogui.errors import KaryoError
from karyogui.paths import cache_folder
from karyogui.services.progress import Cancelled, Progress, SilentMonitor
from karyogui.workers.model_analyser import ModelAnalyser
from karyogui.workers.model_assigner import LARGEST_MARGIN
from model.inference import predictor as predictor_module
from model.vocabulary.errors import ModelError
from model.vocabulary.results import CellResult, CutOut, ObjectResult, Scale

PIXELS = np.full((20, 8), 255, np.uint8)
REQUEST = AnalysisRequest(
    7, "cell 1", (CutOutPicture("a.png", PIXELS), CutOutPicture("b.png", PIXELS))
)


def object_result(kind: int | None, q_down: float) -> ObjectResult:
    types = np.full(24, 0.01)
    types[20] = 0.77
    return ObjectResult(
        cut_out=CutOut(PIXELS, PIXELS < 255, 12.5),
        type_probabilities=types,
        polarity_probabilities=np.array([1 - q_down, q_down]),
        zoom_box=(0.1, 0.2, 0.8, 0.9),
        assigned_type=kind,
        confidence=0.5,
        margin=1.5 if kind is not None else inf,
        moved=kind is None,
    )


class FakePredictor:
    name, version, sha256, device = "compact", "1.2", "0123456789abcdef", "cpu"
    runtime = "OpenVINO int8, CPU"

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.alternative_margin = 0.75

    def predict_cell(
        self, pictures: list[np.ndarray], report: Callable[[int, int, str], None]
    ) -> CellResult:
        if self.failure is not None:
            raise self.failure
        report(1, 2, "Classifying")
        return CellResult(
            (object_result(20, 0.9), object_result(None, 0.1)),
            (),
            Scale(1.25),
            assignment="map",
            disagreeing=(1,),
            alternative=(2,) * 23 + (0,),
            alternative_margin=self.alternative_margin,
        )


@pytest.fixture
def predictor(monkeypatch: pytest.MonkeyPatch) -> FakePredictor:
    fake = FakePredictor()
    fake.loads = []  # type: ignore[attr-defined]

    def load(
        weights: Path, device: str, *, assignment: str, runtime: str, cache: Path
    ) -> FakePredictor:
        assert cache == cache_folder()
        loads = fake.loads  # type: ignore[attr-defined]
        loads.append((weights, device, assignment, runtime))
        return fake

    monkeypatch.setattr(predictor_module.Predictor, "load", load)
    return fake


def test_arrays_become_domain_objects(predictor: FakePredictor) -> None:
    result = ModelAnalyser(Path("w"), "cpu").analyse(REQUEST, SilentMonitor())
    first, second = result.chromosomes
    assert result.cell_id == 7
    assert str(result.model) == "compact 1.2 (0123456789ab)"
    assert result.seconds >= 0
    assert first.segment.source == "a.png"
    assert first.segment.angle == 12.5
    assert first.segment.box is None
    assert first.predicted.argmax_type == "21"
    assert all(type(p) is float for p in first.predicted.type_probabilities)
    assert first.predicted.zoom_box == (0.1, 0.2, 0.8, 0.9)
    assert first.assigned.type == "21"
    assert first.assigned.polarity is Polarity.Q_DOWN
    assert second.assigned.type is None
    assert second.assigned.polarity is Polarity.Q_UP


def test_the_network_is_loaded_once(predictor: FakePredictor) -> None:
    analyser = ModelAnalyser(Path("w"), "cuda")
    analyser.load()
    for _ in range(2):
        analyser.analyse(REQUEST, SilentMonitor())
    loads = predictor.loads  # type: ignore[attr-defined]
    assert loads == [(Path("w"), "cuda", "map", "auto")]


def test_method_and_runtime_are_passed_on(predictor: FakePredictor) -> None:
    ModelAnalyser(Path("w"), "cpu", "dispatch", "torch").load()
    loads = predictor.loads  # type: ignore[attr-defined]
    assert loads == [(Path("w"), "cpu", "dispatch", "torch")]


def test_what_the_assignment_says_of_the_cell_is_kept(predictor: FakePredictor) -> None:
    result = ModelAnalyser(Path("w")).analyse(REQUEST, SilentMonitor())
    assert result.assignment == AssignmentSummary(
        "map", ("c02",), (2,) * 23 + (0,), 0.75, Scale(1.25)
    )
    assert result.model.runtime == "OpenVINO int8, CPU"
    first, second = result.chromosomes
    assert (first.assigned.margin, first.assigned.moved) == (1.5, False)
    assert (second.assigned.margin, second.assigned.moved) == (LARGEST_MARGIN, True)
    predictor.alternative_margin = inf
    again = ModelAnalyser(Path("w")).analyse(REQUEST, SilentMonitor())
    assert again.assignment is not None
    assert again.assignment.alternative_margin is None


def test_cancelling_goes_through(predictor: FakePredictor) -> None:
    class Impatient:
        def report(self, progress: Progress) -> None:
            if "Classifying" in progress.message:
                raise Cancelled

    with pytest.raises(Cancelled):
        ModelAnalyser(Path("w")).analyse(REQUEST, Impatient())


def test_refusals_of_the_model_become_sentences(predictor: FakePredictor) -> None:
    predictor.failure = ModelError("Not enough memory.", "Choose the CPU.")
    with pytest.raises(KaryoError, match="Not enough memory") as caught:
        ModelAnalyser(Path("w")).analyse(REQUEST, SilentMonitor())
    assert caught.value.hint == "Choose the CPU."


def test_missing_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(KaryoError) as caught:
        ModelAnalyser(tmp_path / "gone.safetensors", "cpu").load()
    assert "gone.safetensors" in caught.value.sentence


def test_damaged_weights_are_told(tmp_path: Path) -> None:
    (tmp_path / "bad.safetensors").write_bytes(b"not weights")
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(KaryoError):
        ModelAnalyser(tmp_path / "bad.safetensors", "cpu").load()


def test_making_one_does_not_import_torch() -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from karyogui.workers.model_analyser import ModelAnalyser\n"
        "ModelAnalyser(Path('w')); words = ('model', 'model.vocabulary')\n"
        "loaded = {m.rpartition('.')[0] or m for m in sys.modules if m.startswith('model')}\n"
        "print('torch' in sys.modules, bool(loaded - set(words)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
