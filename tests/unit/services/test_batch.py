"""Cells to JSON without a data folder, each under a name of its own."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from karyogui.errors import KaryoError
from karyogui.export.case_json import CellJson
from karyogui.services.batch import analyse_cell, file_names
from karyogui.services.discovery import CellSource, find_cells
from karyogui.services.looks import Seen
from karyogui.services.progress import Cancelled, SilentMonitor
from karyogui.services.sorting import sort_pictures
from tests.unit.services.fakes import FakeAnalyser, RecordingMonitor, blob, encoded
from tests.unit.services.photographs import MetaphaseAnalyser, make_case_folder


def source(case: str, name: str) -> CellSource:
    return CellSource(case, name, (), Path("x"))


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        ([("a", "1"), ("a", "2")], ("1", "2")),
        ([("a", "1"), ("b", "1"), ("b", "2")], ("a_1", "b_1", "2")),
        ([("a", "a"), ("a", "a")], ("a", "a_2")),
        ([("x", "Cell"), ("y", "cell")], ("x_Cell", "y_cell")),
        ([("x", "1"), ("x", "1")], ("x_1", "x_1_2")),
        ([("x", "a/b:c"), ("x", "...")], ("a_b_c", "cell")),
        ([("x", "46,XX.v1.2")], ("46,XX.v1.2",)),
    ],
)
def test_every_cell_has_a_file_name_of_its_own(
    cells: list[tuple[str, str]], names: tuple[str, ...]
) -> None:
    assert file_names([source(*cell) for cell in cells]) == names


def test_the_json_of_a_cell(cell_folder: Path) -> None:
    (cell_folder / "7.png").write_bytes(b"")
    with find_cells([cell_folder]) as found:
        analysed = analyse_cell(found.cells[0], FakeAnalyser(), SilentMonitor())
    target = io.BytesIO()
    CellJson(analysed.problems, analysed.remarks).write(analysed.data, target)
    told = json.loads(target.getvalue())
    assert told["cell"] == "cell 1"
    assert [c["source"] for c in told["chromosomes"]] == [f"{n}.png" for n in range(1, 7)]
    second = told["chromosomes"][1]
    assert second["type"] == second["assigned_type"] == second["argmax_type"] == "2"
    assert second["polarity"] == 1
    assert second["confidence"] == pytest.approx(0.95)
    assert len(second["type_probabilities"]) == 24
    assert second["type_probabilities"][1] == 0.77
    assert second["review"] == ["Odd."]
    assert told["findings"]
    assert all(finding["text"] for finding in told["findings"])
    assert isinstance(told["iscn_proposal"], str)
    assert told["iscn_question"]
    assert told["seconds"] == 0.25
    assert told["model"]["name"] == "fake"
    assert "7.png is empty" in told["problems"][0]


def test_a_cell_without_a_usable_picture_is_told(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"")
    with find_cells([tmp_path]) as found, pytest.raises(KaryoError, match=r"1\.png is empty"):
        analyse_cell(found.cells[0], FakeAnalyser(), SilentMonitor())


def test_a_metaphase_goes_the_whole_way(tmp_path: Path) -> None:
    folder = make_case_folder(tmp_path / "24-0173", "slide A/1.png", "slide A/2.png")
    with find_cells([folder]) as found:
        chosen = sort_pictures(found.cells, SilentMonitor()).cells
        assert file_names(chosen) == ("1", "2")
        analyser = MetaphaseAnalyser()
        analysed = analyse_cell(chosen[0], analyser, SilentMonitor())
    (request,) = analyser.requests[:1]
    assert request.pictures == ()
    assert request.metaphase is not None
    cell = analysed.report.cell
    assert (analysed.data.case_name, cell.slide, cell.name) == ("24-0173", "slide A", "1")
    assert len(cell.chromosomes) == 19
    assert [c.id for c in cell.chromosomes] == [o.id for o in cell.objects[:19]]
    seen = analysed.report.photograph
    assert seen is not None
    assert seen.raw.shape == (300, 360)
    assert seen.enhanced is None
    assert cell.quality is not None
    assert cell.has_check
    assert "never checked" not in analysed.report.iscn.question
    target = io.BytesIO()
    CellJson(analysed.problems, analysed.remarks).write(analysed.data, target)
    told = json.loads(target.getvalue())
    assert told["kind"] == "metaphase"
    assert len(told["chromosomes"]) == 19
    for entry in told["chromosomes"]:
        x, y, width, height = entry["box"]
        points = np.array(entry["contour"])
        assert (points.min(axis=0) >= (x, y)).all()
        assert (points.max(axis=0) < (x + width, y + height)).all()
    (rejected,) = told["objects"]
    assert rejected["kind"] == "debris"


def test_cells_of_one_name_on_two_slides_have_files_of_their_own(tmp_path: Path) -> None:
    folder = make_case_folder(tmp_path / "case", "A/1.png", "B/1.png")
    with find_cells([folder]) as found:
        chosen = sort_pictures(found.cells, SilentMonitor()).cells
    assert file_names(chosen) == ("case_A_1", "case_B_1")


def test_a_picture_that_was_seen_is_remarked_on(tmp_path: Path) -> None:
    for name in ("a/1.png", "a/2.png", "b/3.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encoded(blob()))
    seen = Seen()
    with find_cells([tmp_path / "a", tmp_path / "b"]) as found:
        told = [analyse_cell(c, FakeAnalyser(), SilentMonitor(), seen).remarks for c in found.cells]
    assert told == [
        ("a: 2.png is the same picture as 1.png of a.",),
        ("b: 3.png is the same picture as 1.png of a.",),
    ]


def test_a_picture_that_was_saved_in_another_way_is_remarked_on(tmp_path: Path) -> None:
    Image.fromarray(blob()).save(tmp_path / "1.png")
    Image.fromarray(blob()).convert("RGB").save(tmp_path / "2.tif")
    Image.fromarray(blob(seed=9)).save(tmp_path / "3.png")
    with find_cells([tmp_path]) as found:
        analysed = analyse_cell(found.cells[0], FakeAnalyser(), SilentMonitor())
    told = analysed.remarks
    name = tmp_path.name
    target = io.BytesIO()
    CellJson((), told).write(analysed.data, target)
    assert json.loads(target.getvalue())["remarks"] == list(told)
    assert told == (f"{name}: 2.tif is the same picture as 1.png of {name}, saved in another way.",)


def test_it_can_be_cancelled(cell_folder: Path) -> None:
    with find_cells([cell_folder]) as found, pytest.raises(Cancelled):
        analyse_cell(found.cells[0], FakeAnalyser(), RecordingMonitor(2))
