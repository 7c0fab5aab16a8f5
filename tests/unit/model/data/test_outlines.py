import base64
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.data.outlines import OutlineArchive, filled
from model.vocabulary.archive import own_picture
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


def masked(x: int, y: int, mask: np.ndarray, label: str = "chromosome") -> dict[str, object]:
    """A shape as labelme keeps masks."""
    h, w = mask.shape
    packed = base64.b64encode(encoded(mask.astype(np.uint8) * 255)).decode()
    corners = [[x, y], [x + w - 1, y + h - 1]]
    return {"label": label, "points": corners, "shape_type": "mask", "mask": packed}


def with_shapes(tmp_path: Path, *shapes: dict[str, object]) -> OutlineArchive:
    labels = json.loads(labelme([], picture([])))
    labels["shapes"] = list(shapes)
    return OutlineArchive(write_zip(tmp_path / "o.zip", {"o_1.json": json.dumps(labels)}))


@given(st.integers(0, 30), st.integers(0, 20), arrays(np.bool_, (9, 7)))
def test_masks_lose_no_pixel(
    tmp_path_factory: pytest.TempPathFactory, x: int, y: int, mask: np.ndarray
) -> None:
    archive = with_shapes(tmp_path_factory.mktemp("m"), masked(x, y, mask))
    found = archive.outlines("o_1")
    assert len(found) == mask.any()
    for tight, (left, top) in found:
        whole = np.zeros((60, 60), bool)
        whole[top : top + tight.shape[0], left : left + tight.shape[1]] = tight
        wanted = np.zeros_like(whole)
        wanted[y : y + 9, x : x + 7] = mask
        assert np.array_equal(whole, wanted)
        assert tight[0].any()
        assert tight[:, -1].any()


def test_what_the_border_cuts_is_no_chromosome_and_no_background(tmp_path: Path) -> None:
    solid = np.ones((5, 4), bool)
    archive = with_shapes(tmp_path, masked(3, 4, solid), masked(0, 20, solid, "edge"))
    assert [at for _, at in archive.outlines("o_1")] == [(3, 4)]
    assert [at for _, at in archive.cut_by_border("o_1")] == [(0, 20)]


@pytest.mark.parametrize(
    "change", [{"mask": "AAAA"}, {"mask": ""}, {"points": [[9e3, 0]]}, {"mask": 3}]
)
def test_a_damaged_mask_is_one_sentence(tmp_path: Path, change: dict[str, object]) -> None:
    archive = with_shapes(tmp_path, masked(3, 4, np.ones((5, 4), bool)) | change)
    with pytest.raises(ModelError, match="cannot be understood"):
        archive.outlines("o_1")


def test_an_own_picture_is_of_the_case_that_its_name_begins_with(tmp_path: Path) -> None:
    name = own_picture("case-0123456789ab", 12)
    files = {f"{name}.json": labelme([SQUARE], picture([]))}
    archive = OutlineArchive(write_zip(tmp_path / "o.zip", files))
    assert archive.case(archive.names[0]) == "case-0123456789ab"
