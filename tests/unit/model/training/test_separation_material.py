"""What a training of the separation makes its examples from."""

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

import model.training.separation_batches as travelling
from model.training.separation_material import Material, Shares, read_material


def cells_in(path: Path, case: str, cells: int) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        for cell in range(cells):
            for number in (1, 2):
                picture = np.full((60, 30), 255, np.uint8)
                cv2.line(picture, (15, 8), (15, 50), 90, 9)
                name = f"{case}/{cell}/1-{number}.png"
                out.writestr(name, cv2.imencode(".png", picture)[1].tobytes())
    return path


@pytest.fixture
def metaphases(tmp_path: Path) -> Path:
    path = tmp_path / "metaphases.zip"
    picture = np.full((260, 260), 230, np.uint8)
    boxes = ""
    for i in range(6):
        x = 25 + 38 * i
        cv2.line(picture, (x, 50), (x + 6, 140), 110, 11)
        boxes += (
            f"<object><name>A1</name><bndbox><xmin>{x - 10}</xmin><ymin>40</ymin>"
            f"<xmax>{x + 16}</xmax><ymax>154</ymax></bndbox></object>"
        )
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("images/1001.png", cv2.imencode(".png", picture)[1].tobytes())
        out.writestr("annotations/1001.xml", f"<annotation>{boxes}</annotation>")
    return path


def material(metaphases: Path, cells: list[Path], shares: Shares) -> Material:
    return read_material([metaphases], None, cells, None, lambda sentence: None, None, shares)


def test_cells_of_several_archives_are_composed(tmp_path: Path, metaphases: Path) -> None:
    archives = [cells_in(tmp_path / "a.zip", "a", 2), cells_in(tmp_path / "b.zip", "b", 3)]
    read = material(metaphases, archives, Shares())
    assert [len(cell) for cell in read.cells] == [2] * 5


def test_the_share_of_what_is_composed_is_kept(tmp_path: Path, metaphases: Path) -> None:
    archives = [cells_in(tmp_path / "a.zip", "a", 1)]
    all_composed = material(metaphases, archives, Shares(composed=1.0))
    # A composed example knows only what was laid: at most a cell; the picture's boxes are six.
    for seed in range(6):
        assert len(all_composed.example(np.random.default_rng(seed), 11.0).boxes) <= 2
    none = material(metaphases, archives, Shares(composed=0.0))
    assert all(len(none.example(np.random.default_rng(n), 11.0).boxes) for n in range(6))


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_are_the_same_whoever_makes_them(
    tmp_path: Path, metaphases: Path, workers: int
) -> None:
    read = material(metaphases, [cells_in(tmp_path / "a.zip", "a", 1)], Shares())
    again = list(travelling.batches(read, 11.0, range(2, 4), 2, 5, workers))
    whole = list(travelling.batches(read, 11.0, range(4), 2, 5, 0))[2:]
    for a, b in zip(again, whole, strict=True):
        assert (a.images == b.images).all()
        assert (a.candidates == b.candidates).all()
        assert a.target().candidates.shape[:3] == (2, 4, 4)
