"""Both models are measured by the same program on the same cells, each in its own process."""

import hashlib
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from karyogui.errors import KaryoError
from karyogui.services.model_comparison import Verdict
from karyogui.services.models import InstalledModel, read_model
from karyogui.services.progress import Cancelled, Progress
from karyogui.workers.model_check import check_model
from karyogui.workers.model_comparing import ComparisonRequest, compare_models
from model.vocabulary.archive import fold_of
from model.vocabulary.labels import TYPES
from model.vocabulary.presets import COMPACT
from tests.unit.services.fakes import blob, encoded

CASES = tuple(f"case-{number}" for number in range(12))
FAKE = """
import json, sys, zipfile
from pathlib import Path
at = lambda name: sys.argv[sys.argv.index(name) + 1]
assert sys.argv[1] == "evaluate" and at("--device") == "cpu"
cases = sorted({n.split("/")[0] for n in zipfile.ZipFile(at("--data")).namelist() if "/" in n})
share = 0.9 if "good" in Path(at("--weights")).name else 0.8
cells = []
for done, case in enumerate(cases, start=1):
    cells.append({"case": case, "cell": "cell-1", "type": {"acc_per_case_d": share},
                  "polarity": {"acc_per_case": 0.9}, "cells_exactly_right": 0.0})
    told = {"event": "progress", "done": done, "total": len(cases)}
    print(json.dumps(told), flush=True)
out = Path(at("--out")); out.mkdir(parents=True)
(out / "metrics.json").write_text(json.dumps({"cells": cells}))
"""


class Heard:
    """A monitor that remembers, and cancels at a message."""

    def __init__(self, cancel_at: str = "") -> None:
        self.told: list[Progress] = []
        self._cancel_at = cancel_at

    def report(self, progress: Progress) -> None:
        self.told.append(progress)
        if self._cancel_at and self._cancel_at in progress.message:
            raise Cancelled


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "cells.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for case in CASES:
            archive.writestr(f"{case}/cell-1/1-1.png", encoded(blob(20, 8, 1)))
    return path


@pytest.fixture
def program(tmp_path: Path) -> tuple[str, ...]:
    path = tmp_path / "fake.py"
    path.write_text(FAKE, encoding="utf-8")
    return sys.executable, str(path)


def model(name: str, fold: int = 0) -> InstalledModel:
    split = f"by case, fold {fold} of 5 held out"
    path = Path(f"{name}.safetensors")
    return InstalledModel(
        path, name, "1", "compact", "", data="cells.zip: 12", card={"split": split}
    )


def test_two_models_on_the_cells_that_both_held_out(data: Path, program: tuple[str, ...]) -> None:
    monitor = Heard()
    request = ComparisonRequest(model("poor"), model("good"), data, "cpu")
    comparison = compare_models(request, monitor, program)
    unseen = [case for case in CASES if fold_of(case) == 0]
    assert comparison.cells == len(unseen)
    assert comparison.plan.cases == tuple(sorted(unseen))
    assert comparison.verdict is Verdict.BETTER
    done = [progress.done for progress in monitor.told]
    assert done == sorted(done)
    assert (monitor.told[-1].done, monitor.told[-1].total) == (2 * len(unseen), 2 * len(unseen))


def test_the_cells_are_taken_away_afterwards(
    data: Path, program: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    request = ComparisonRequest(model("poor"), model("good"), data, "cpu")
    with pytest.raises(Cancelled):
        compare_models(request, Heard(cancel_at="good"), program)
    assert list(scratch.iterdir()) == []


def test_a_refusal_of_the_evaluation_is_told(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "refuse.py"
    path.write_text("import sys\nprint('The weights are damaged.')\nsys.exit(2)")
    request = ComparisonRequest(model("poor"), model("good"), data, "cpu")
    with pytest.raises(KaryoError, match="damaged"):
        compare_models(request, Heard(), (sys.executable, str(path)))


@pytest.fixture
def weights(tmp_path: Path) -> Callable[[dict[str, object]], Path]:
    def make(config: dict[str, object]) -> Path:
        path = tmp_path / "foreign.safetensors"
        # An empty safetensors file: the length of its header, and the header.
        path.write_bytes((2).to_bytes(8, "little") + b"{}")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        card = {"name": "foreign", "sha256": digest, "classes": list(TYPES), "config": config}
        path.with_suffix(".json").write_text(json.dumps(card))
        return path

    return make


def test_weights_are_loaded_in_another_process(
    weights: Callable[[dict[str, object]], Path],
) -> None:
    path = weights(COMPACT.to_json())
    assert read_model(path) is not None
    with pytest.raises(KaryoError, match="do not fit the network that they describe"):
        check_model(path, Heard())
