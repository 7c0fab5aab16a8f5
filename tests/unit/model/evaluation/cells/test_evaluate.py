import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.data.cells import read_archive
from model.evaluation.cells import evaluate, figures
from model.evaluation.cells.collect import Posteriors, observe
from model.evaluation.cells.study import Question, study
from model.inference.predictor import Predictor
from model.network.varifocal import VarifocalNet
from model.vocabulary.events import Event
from model.vocabulary.labels import Q_DOWN, Q_UP, X, Y
from model.vocabulary.results import CellResult, CutOut, ObjectResult, Scale
from tests.unit.model.builders import (
    TINY,
    blob,
    case_in_fold,
    cell_files,
    manifest,
    png,
    write_folder,
    write_net,
    write_zip,
)  # fmt: skip

NORMAL_XY = (*(k for k in range(22) for _ in range(2)), X, Y)
TRISOMY_21 = (*NORMAL_XY, 20)
TYPE_KEYS = {"acc", "f1", "acc_per_case", "acc_per_case_d", "acc_per_case_assigned"}
POLARITY_KEYS = {"acc", "f1", "acc_per_case"}
FINDING_KEYS = {"sensitivity", "specificity"}
FIGURES = {
    "type", "polarity", "cells_exactly_right", "findings", "assignments", "silence",
    "seconds_per_cell",
}  # fmt: skip


def counts(types: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(types.count(k) for k in range(24))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A normal cell in fold 0, a trisomy 21 and a normal cell in fold 1."""
    first, second = case_in_fold(0), case_in_fold(1)
    cells = {(first, "m1"): NORMAL_XY, (second, "m1"): TRISOMY_21, (second, "m2"): NORMAL_XY}
    files: dict[str, bytes] = {}
    for (case, cell), types in cells.items():
        files |= cell_files(case, cell, types)
    files["manifest.csv"] = manifest({key: counts(types) for key, types in cells.items()})
    return write_zip(tmp_path / "cells.zip", files)


def run(archive: Path, out: Path, *arguments: str) -> int:
    return evaluate.main(
        ["--data", os.fspath(archive), "--out", os.fspath(out), "--device", "cpu", *arguments]
    )


def metrics_of(out: Path) -> dict[str, Any]:
    def no_constant(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    text = (out / "metrics.json").read_text(encoding="utf-8")
    metrics: dict[str, Any] = json.loads(text, parse_constant=no_constant)
    return metrics


def perfect(monkeypatch: pytest.MonkeyPatch, archive_types: list[tuple[int, ...]]) -> None:
    """A predictor that knows every type, and which half of a blob is the darker one."""
    cells = iter(archive_types)

    def predict_cell(self: Predictor, pictures: list[np.ndarray]) -> CellResult:
        return CellResult(tuple(map(_known, pictures, next(cells))), (), Scale(1.0))

    monkeypatch.setattr(Predictor, "predict_cell", predict_cell)


def _known(picture: np.ndarray, kind: int) -> ObjectResult:
    half = len(picture) // 2
    q_down = float(picture[:half].mean() > picture[half:].mean())
    cut_out = CutOut(picture, picture < 255, 0.0)
    p = np.eye(24)[kind]
    return ObjectResult(cut_out, p, np.array([1 - q_down, q_down]), (0.0, 0.0, 1.0, 1.0), kind, 1.0)


def test_metrics_json_has_the_keys_that_others_rely_on(
    archive: Path, tiny_weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(archive, out, "--weights", os.fspath(tiny_weights)) == 0
    metrics = metrics_of(out)
    assert metrics.keys() >= FIGURES | {"cells"}
    assert len(metrics["cells"]) == 3
    for each in (metrics, *metrics["cells"]):
        assert each["type"].keys() == TYPE_KEYS
        assert each["polarity"].keys() == POLARITY_KEYS
        assert each["findings"].keys() >= FINDING_KEYS
        assert each["assignments"].keys() == {"map", "dispatch"}
        assert each["assignments"]["map"]["findings"] == each["findings"]
        for share in (*each["type"].values(), *each["polarity"].values()):
            assert 0 <= share <= 1
        assert 0 <= each["cells_exactly_right"] <= 1
        assert each["seconds_per_cell"] > 0
    for cell in metrics["cells"]:
        assert cell.keys() == FIGURES | {"case", "cell"}
    first, second = case_in_fold(0), case_in_fold(1)
    named = [(cell["case"], cell["cell"]) for cell in metrics["cells"]]
    assert named == sorted([(first, "m1"), (second, "m1"), (second, "m2")])
    assert metrics["model"]["name"] == "tiny"
    assert not list(out.glob(".*"))
    printed = capsys.readouterr().out
    assert "3 cells, tiny 2024.01.01, cpu" in printed
    assert printed.rstrip().endswith(os.fspath(out / "metrics.json"))


def test_a_perfect_predictor_is_found_perfect(
    archive: Path, tiny_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_case = {case_in_fold(0): [NORMAL_XY], case_in_fold(1): [TRISOMY_21, NORMAL_XY]}
    ordered = [tuple(sorted(types)) for case in sorted(by_case) for types in by_case[case]]
    perfect(monkeypatch, ordered)
    assert run(archive, tmp_path, "--weights", os.fspath(tiny_weights)) == 0
    metrics = metrics_of(tmp_path)
    assert metrics["type"] == dict.fromkeys(TYPE_KEYS, 1.0)
    assert metrics["polarity"] == dict.fromkeys(POLARITY_KEYS, 1.0)
    assert metrics["cells_exactly_right"] == 1.0
    found = metrics["findings"]
    assert found == metrics["assignments"]["dispatch"]["findings"] == {
        "sensitivity": 1.0, "specificity": 1.0, "exact_abnormal": 1.0,
        "abnormal_cells": 1, "normal_cells": 2,
    }  # fmt: skip
    alone = {c["findings"]["abnormal_cells"]: c["findings"] for c in metrics["cells"]}
    assert alone[1]["specificity"] is None  # a share of nothing
    assert alone[0]["sensitivity"] is None


def test_half_of_the_chromosomes_are_shown_upside_down(
    archive: Path, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = read_archive(archive).cells[0]
    perfect(monkeypatch, [cell.types] * 2)
    predictor = Predictor.load(tiny_weights, "cpu")
    once, again = observe(predictor, cell), observe(predictor, cell)
    assert sorted(np.bincount(once.polarities)) == [len(cell.types) // 2, -(-len(cell.types) // 2)]
    assert {Q_UP, Q_DOWN} == set(once.polarities.tolist())
    assert (once.polarities == again.polarities).all()
    assert (once.polarity.argmax(axis=1) == once.polarities).all()


def test_a_folder_without_manifest_is_judged_by_its_pictures(
    tiny_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_folder(tmp_path / "cells", cell_files("p", "m", TRISOMY_21))
    perfect(monkeypatch, [tuple(sorted(TRISOMY_21))])
    assert run(folder, tmp_path, "--weights", os.fspath(tiny_weights)) == 0
    assert metrics_of(tmp_path)["findings"]["sensitivity"] == 1.0
    assert metrics_of(tmp_path)["findings"]["specificity"] is None


def test_left_out_pictures_are_told(tiny_weights: Path, tmp_path: Path) -> None:
    files = cell_files("p", "m", (0, 1)) | {"p/m/99-1.png": b""}
    folder = write_folder(tmp_path / "cells", files)
    assert run(folder, tmp_path, "--weights", os.fspath(tiny_weights), "--views", "1") == 0
    assert metrics_of(tmp_path)["left_out"] == ["p/m/99-1.png: “99” is no chromosome type."]


def test_a_white_picture_is_a_wrong_answer_and_no_crash(tiny_weights: Path, tmp_path: Path) -> None:
    white = png(blob() * 0 + 255)
    folder = write_folder(tmp_path / "cells", {"p/m/1-1.png": white})
    assert run(folder, tmp_path, "--weights", os.fspath(tiny_weights)) == 0
    assert metrics_of(tmp_path)["type"]["acc"] == 0.0


def test_only_held_out_cases_are_evaluated_on_request(
    archive: Path, tiny_weights: Path, tmp_path: Path
) -> None:
    assert run(archive, tmp_path, "--weights", os.fspath(tiny_weights), "--held-out") == 0
    assert [c["case"] for c in metrics_of(tmp_path)["cells"]] == [case_in_fold(0)]


def test_an_archive_of_held_out_cases_alone_will_do(tiny_weights: Path, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "cells", cell_files(case_in_fold(0), "m", (0, 1)))
    assert run(folder, tmp_path, "--weights", os.fspath(tiny_weights), "--held-out") == 0


def refused(capsys: pytest.CaptureFixture[str], status: int) -> str:
    """The one line that a refusal writes."""
    told = capsys.readouterr()
    assert status == 2
    assert told.out == ""
    assert told.err.count("\n") == 1
    return told.err


def test_no_held_out_case_is_told(
    tiny_weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "cells", cell_files(case_in_fold(3), "m", (0, 1)))
    weights = ("--weights", os.fspath(tiny_weights))
    assert "no case that these weights held out" in refused(
        capsys, run(folder, tmp_path, *weights, "--held-out")
    )
    everything = write_net(VarifocalNet(TINY), tmp_path / "all.safetensors", split="all cases")
    status = run(folder, tmp_path, "--weights", os.fspath(everything), "--held-out")
    assert "without holding out any case" in refused(capsys, status)


def test_an_archive_whose_cells_are_all_left_out_is_told(
    tiny_weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shifted = tuple(1 if k in (14, 15) else 2 for k in range(24))
    files = cell_files("p", "m", (0,)) | {"manifest.csv": manifest({("p", "m"): shifted})}
    folder = write_folder(tmp_path / "cells", files)
    told = refused(capsys, run(folder, tmp_path, "--weights", os.fspath(tiny_weights)))
    assert told == "No cell of cells can be used. p/m: labels shifted by one, left out.\n"


def test_missing_data_and_missing_weights_are_told(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "gone.zip" in refused(capsys, run(tmp_path / "gone.zip", tmp_path))
    status = run(archive, tmp_path, "--weights", os.fspath(tmp_path / "gone.safetensors"))
    assert "gone.safetensors" in refused(capsys, status)


def test_a_folder_that_cannot_be_written_is_told(
    tiny_weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "cells", cell_files("p", "m", (0,)))
    (tmp_path / "file").write_bytes(b"")
    status = run(folder, tmp_path / "file" / "out", "--weights", os.fspath(tiny_weights))
    assert "metrics.json could not be written" in refused(capsys, status)


@pytest.mark.parametrize("method", ["map", "dispatch"])
def test_the_chosen_assignment_counts(archive: Path, tiny_weights: Path, tmp_path: Path,
                                      method: str) -> None:  # fmt: skip
    assert run(archive, tmp_path, "--weights", os.fspath(tiny_weights), "--assignment", method) == 0
    metrics = metrics_of(tmp_path)
    of_method = metrics["assignments"][method]
    assert metrics["assignment"] == method
    assert metrics["cells_exactly_right"] == of_method["cells_exactly_right"]
    assert metrics["findings"] == of_method["findings"]
    assert metrics["type"]["acc_per_case_assigned"] == of_method["acc_per_case"]
    dispatched = metrics["assignments"]["dispatch"]["acc_per_case"]
    assert metrics["type"]["acc_per_case_d"] == dispatched


def test_the_assignment_judged_is_that_of_the_predictor(archive: Path, tiny_weights: Path) -> None:
    for method in ("map", "dispatch"):
        cells = read_archive(archive).cells
        measured = study(tiny_weights, cells, Question("cpu", 1, method))
        for cell in measured.cells:
            given = [o.assigned_type for o in cell.observed.result.objects]
            assert [-1 if kind is None else kind for kind in given] == (
                cell.outcome.answers().tolist()
            )
            assert cell.margins.tolist() == [
                -1 if o.assigned_type is None else o.margin for o in cell.observed.result.objects
            ]


def fold_archive(tmp_path: Path) -> Path:
    files: dict[str, bytes] = {}
    for fold in range(5):
        files |= cell_files(case_in_fold(fold), "m", NORMAL_XY if fold else TRISOMY_21, seed=fold)
    return write_zip(tmp_path / "five.zip", files)


def fold_weights(folder: Path, folds: tuple[int, ...]) -> Path:
    folder.mkdir()
    for fold in folds:
        split = f"by case, fold {fold} of 5 held out (1 cells)"
        write_net(VarifocalNet(TINY), folder / f"fold{fold}.safetensors", split=split)
    return folder


def test_five_folds_are_joined_to_mean_and_deviation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("confusion", "roc", "reliability", "risk", "embedding"):
        monkeypatch.setattr(figures, f"{name}_figure", lambda *given: "<svg/>")
    archive, folder = fold_archive(tmp_path), fold_weights(tmp_path / "w", (3, 1, 0, 4, 2))
    status = run(archive, tmp_path / "out", "--folds", "5", "--weights-dir", os.fspath(folder),
                 "--views", "1", "--report")  # fmt: skip
    assert status == 0
    metrics = metrics_of(tmp_path / "out")
    assert [fold["fold"] for fold in metrics["folds"]] == [0, 1, 2, 3, 4]
    assert {c["case"] for c in metrics["cells"]} == {case_in_fold(fold) for fold in range(5)}
    each = [fold["type"]["acc"] for fold in metrics["folds"]]
    joined = metrics["mean_sd"]["type"]["acc"]
    assert joined["mean"] == pytest.approx(np.mean(each))
    assert joined["sd"] == pytest.approx(np.std(each, ddof=1))
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert f'{100 * joined["mean"]:.2f} <span class="sd">± {100 * joined["sd"]:.2f}' in report


def test_missing_and_doubled_folds_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive, folder = fold_archive(tmp_path), fold_weights(tmp_path / "w", (0, 2, 3))
    status = run(archive, tmp_path, "--folds", "5", "--weights-dir", os.fspath(folder))
    assert "w has no weights that held out fold 1 and fold 4." in refused(capsys, status)
    one = os.fspath(folder / "fold2.safetensors")
    assert "both held out fold 2" in refused(capsys, run(archive, tmp_path, "--weights", one, one))
    status = run(archive, tmp_path, "--folds", "5", "--weights-dir", os.fspath(tmp_path / "gone"))
    assert "There is no folder" in refused(capsys, status)
    (tmp_path / "none").mkdir()
    status = run(archive, tmp_path, "--weights-dir", os.fspath(tmp_path / "none"))
    assert "none has no weights that held out any case." in refused(capsys, status)


def test_posteriors_are_kept_on_request(
    archive: Path, tiny_weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--weights", os.fspath(tiny_weights), "--views", "1", "--posteriors")
    assert run(archive, tmp_path, *arguments, "--progress") == 0
    kept = Posteriors.load(tmp_path / "posteriors.npz")
    assert len(kept.types) == 46 + 47 + 46
    assert kept.cells == tuple(c["cell"] for c in metrics_of(tmp_path)["cells"])
    assert (kept.probabilities.argmax(axis=1) == kept.types).mean() == (
        metrics_of(tmp_path)["type"]["acc"]
    )
    told = [Event.parse(line) for line in capsys.readouterr().err.splitlines()]
    assert told == [Event("progress", {"done": n, "total": 3}) for n in (1, 2, 3)]
    assert not (tmp_path / "report.html").exists()
