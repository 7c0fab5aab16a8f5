"""Generated metaphases on disk are read back by the reader of the real archives, box by box."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from model.data import generated_archive
from model.data.generated_archive import GeneratedCell, generated_cells, main, write_archive
from model.data.metaphases import MetaphaseArchive
from model.vocabulary.labels import TYPES


@pytest.fixture(scope="module")
def cells() -> list[GeneratedCell]:
    """What was written into the folder."""
    return []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cells: list[GeneratedCell]) -> Path:
    def kept(count: int, seed: int) -> Iterator[GeneratedCell]:
        for cell in generated_cells(count, seed):
            cells.append(cell)
            yield cell

    out = tmp_path_factory.mktemp("generated")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generated_archive, "generated_cells", kept)
        assert main(["--out", str(out), "--cells", "3", "--seed", "2"]) == 0
    return out


def test_boxes_and_types_come_back(folder: Path, cells: list[GeneratedCell]) -> None:
    archive = MetaphaseArchive(folder)
    assert archive.problems == ()
    assert len(cells) == 3
    for cell in cells:
        assert np.array_equal(archive.picture(cell.name), cell.metaphase.picture)
        truths = archive.truth(cell.name)
        chromosomes = cell.metaphase.chromosomes
        assert [TYPES[t.type] for t in truths] == [c.type for c in chromosomes]
        for truth, chromosome in zip(truths, chromosomes, strict=True):
            (x, y, w, h), (left, top, breadth, height) = truth.box, chromosome.box
            assert x <= left <= left + breadth <= x + w
            assert y <= top <= top + height <= y + h
            assert breadth * height > 0.35 * w * h


def test_every_cell_is_a_case_whose_counts_are_a_truth(folder: Path) -> None:
    archive = MetaphaseArchive(folder)
    assert len({archive.case(name) for name in archive.names}) == 3
    assert all(archive.countable(name) for name in archive.names)
    assert [sum(archive.counts(name)) for name in archive.names] == [46, 46, 47]


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_archive(tmp_path, 1, 2)
    for name in ("images/generated-a1.png", "annotations/generated-a1.xml"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize("cells", ["0", "27"])
def test_a_wrong_number_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cells: str
) -> None:
    assert main(["--out", str(tmp_path / "out"), "--cells", cells]) == 2
    assert "--cells must be 1 … 26." in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["--out", str(tmp_path / "file"), "--cells", "1"]) == 2
    assert "cannot be written" in capsys.readouterr().err
