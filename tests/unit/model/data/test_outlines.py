from pathlib import Path

import numpy as np
import pytest

from model.data.outlines import OutlineArchive, filled
from model.vocabulary.errors import ModelError
from tests.unit.model.builders import write_zip
from tests.unit.model.metaphases import encoded, labelme, picture

SQUARE = [[10, 20], [19, 20], [19, 39], [10, 39]]


def test_outlines_are_filled_and_may_share_pixels(tmp_path: Path) -> None:
    crossing = [[0, 28], [40, 28], [40, 31], [0, 31]]
    grey = picture([])
    path = write_zip(tmp_path / "o.zip", {"o_1.json": labelme([SQUARE, crossing], grey)})
    found = OutlineArchive(path)
    assert found.names == ("o_1",)
    assert np.array_equal(found.picture("o_1"), grey)
    (square, at), (bar, where) = found.outlines("o_1")
    assert (square.shape, at, int(square.sum())) == ((20, 10), (10, 20), 200)
    assert (bar.shape, where) == ((4, 41), (0, 28))
    assert square[8:12].all()
    assert bar[:, 10:20].all()


@pytest.mark.parametrize(
    "polygon",
    [[[1, 1], [2, 2]], [[-50, -50], [-40, -50], [-40, -40]], [[9e3, 0], [9e3, 9], [9.1e3, 9]],
     [[0, 0], [float("nan"), 3], [4, 4]]],
)  # fmt: skip
def test_a_polygon_without_a_pixel_is_none(polygon: list[list[float]]) -> None:
    assert filled(np.array(polygon, np.float64), 40, 50) is None


def test_an_outline_is_clipped_to_the_picture() -> None:
    outline = filled(np.array([[-10, -10], [5, -10], [5, 5], [-10, 5]], np.float64), 40, 50)
    assert outline is not None
    assert (outline[0].shape, outline[1]) == ((6, 6), (0, 0))


def test_an_outline_lies_where_it_was_drawn() -> None:
    """Pixel i reaches from i to i + 1: half a pixel beyond is still the same pixel."""
    outline = filled(np.array([[4.6, 7.6], [9.6, 7.6], [9.6, 19.6], [4.6, 19.6]]), 40, 50)
    assert outline is not None
    mask, (x, y) = outline
    middle = (x + mask.shape[1] / 2, y + mask.shape[0] / 2)
    assert middle == pytest.approx((7.1, 13.6), abs=0.5)


def test_parts_of_a_field_are_one_case(tmp_path: Path) -> None:
    names = ("f_107a", "f_107b", "f_107", "f_108", "field")
    files = {f"{n}.json": labelme([SQUARE], picture([])) for n in names}
    found = OutlineArchive(write_zip(tmp_path / "o.zip", files))
    assert [found.case(n) for n in names] == ["107", "107", "107", "108", "field"]
    for fold in range(5):
        _, apart = found.split(fold)
        assert len({n for n in apart if n.startswith("f_107")}) in (0, 3)


def test_a_picture_beside_the_file_is_found(tmp_path: Path) -> None:
    grey = picture([])
    files = {"o1.json": labelme([SQUARE], None), "o2.json": labelme([], None, imagePath="?"),
             "beside.png": encoded(grey)}  # fmt: skip
    found = OutlineArchive(write_zip(tmp_path / "o.zip", files))
    assert np.array_equal(found.picture("o1"), grey)
    with pytest.raises(ModelError, match="o2: there is no picture"):
        found.picture("o2")


def test_without_sizes_the_picture_tells_them(tmp_path: Path) -> None:
    data = labelme([SQUARE], picture([]), imageHeight=None, imageWidth="?")
    found = OutlineArchive(write_zip(tmp_path / "o.zip", {"o1.json": data}))
    assert found.outlines("o1")[0][1] == (10, 20)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "no labelme JSON"),
        (b"[1]", "no labelme JSON"),
        (labelme([["a", "b"]], picture([])), "outlines cannot be understood"),
        (labelme([], picture([]), shapes=3), "outlines cannot be understood"),
    ],
)
def test_bad_files_are_one_sentence_each(data: bytes, words: str, tmp_path: Path) -> None:
    found = OutlineArchive(write_zip(tmp_path / "o.zip", {"o1.json": data}))
    with pytest.raises(ModelError, match=words):
        found.outlines("o1")


def test_damaged_pictures_are_one_sentence(tmp_path: Path) -> None:
    files = {"o1.json": labelme([], picture([]), imageData="YQ"), "o2.json":
             labelme([], picture([]), imageData="YWFh")}  # fmt: skip
    found = OutlineArchive(write_zip(tmp_path / "o.zip", files))
    with pytest.raises(ModelError, match="embedded picture is damaged"):
        found.picture("o1")
    with pytest.raises(ModelError, match="cannot be read"):
        found.picture("o2")


def test_an_archive_without_outlines(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no outlines"):
        OutlineArchive(write_zip(tmp_path / "o.zip", {"a.txt": b""}))
