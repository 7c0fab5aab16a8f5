"""A rectangle of one grey level over part of a photograph is told; what is no cover is not."""

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from karyogui.services.picture_cover import is_covered
from karyogui.services.pictures import Remark, open_picture
from tests.unit.services.fakes import blob, encoded
from tests.unit.services.karyograms import FEMALE, own_sheet
from tests.unit.services.photographs import enlarged, metaphase

CELL = metaphase(3)
HEIGHT, WIDTH = CELL.shape


def with_box(box: tuple[int, int, int, int], level: int, picture: np.ndarray = CELL) -> np.ndarray:
    """A rectangle (x, y, w, h) of one level over a picture."""
    x, y, w, h = box
    covered = picture.copy()
    covered[y : y + h, x : x + w] = level
    return covered


def on_a_page(picture: np.ndarray, level: int) -> np.ndarray:
    """A picture in the middle of a page of one level."""
    return np.pad(picture, 90, constant_values=level)


def through_jpeg(picture: np.ndarray, quality: int = 85) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def through_webp(picture: np.ndarray, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(cv2.GaussianBlur(picture, (0, 0), 1)).save(buffer, "WEBP", quality=quality)
    return np.asarray(Image.open(buffer).convert("L"))


def in_a_circle() -> np.ndarray:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.where(np.hypot(rows - 300, columns - 360) < 290, CELL, 0).astype(np.uint8)


COVERS = {
    "a corner": (500, 0, 220, 200),
    "another corner": (0, 420, 260, 180),
    "a notch in a side": (200, 480, 200, 120),
    "the middle": (300, 250, 120, 90),
    "half of a side": (0, 0, 360, 90),
}


@pytest.mark.parametrize("level", [0, 128, 190, 255])
@pytest.mark.parametrize("where", COVERS)
def test_a_rectangle_of_one_level_is_a_cover(where: str, level: int) -> None:
    covered = with_box(COVERS[where], level)
    assert is_covered(covered)
    assert is_covered(255 - covered)
    assert is_covered(enlarged(covered, 3))
    assert Remark.COVERED in open_picture(encoded(covered), "cell.png").remarks


@pytest.mark.parametrize("level", [0, 60, 255])
@pytest.mark.parametrize("where", COVERS)
def test_so_it_is_within_a_frame_or_on_a_page(where: str, level: int) -> None:
    assert is_covered(on_a_page(with_box(COVERS[where], level), level))
    assert is_covered(on_a_page(with_box(COVERS[where], 255 - level), level))


@pytest.mark.parametrize(
    "make",
    [
        lambda: CELL,
        lambda: CELL[::2, ::2],
        lambda: on_a_page(CELL, 0),
        lambda: on_a_page(CELL, 255),
        lambda: with_box((0, 0, WIDTH, 60), 255),
        lambda: with_box((0, 0, 90, HEIGHT), 0),
        lambda: np.hstack([CELL, np.full((HEIGHT, 12), 255, np.uint8), CELL]),
        lambda: with_box((610, 560, 90, 8), 0),
        in_a_circle,
        lambda: np.maximum(CELL, 215),
        lambda: np.where(CELL > 205, 255, CELL).astype(np.uint8),
        lambda: np.where(cv2.blur(CELL, (9, 9)) > 222, 255, CELL).astype(np.uint8),
        lambda: np.where(CELL < 120, 0, CELL).astype(np.uint8),
        lambda: through_jpeg(CELL, 5),
        lambda: through_jpeg(CELL, 20),
        lambda: through_webp(CELL, 80),
        lambda: through_webp(CELL, 10),
        lambda: CELL // 32 * 32,
        lambda: cv2.GaussianBlur(CELL, (0, 0), 8),
        lambda: own_sheet(FEMALE, 1, 1150)[0],
        lambda: enlarged(blob(90, 40), 5),
        lambda: np.full((300, 300), 255, np.uint8),
    ],
)
def test_what_every_photograph_may_have_is_no_cover(make: Callable[[], np.ndarray]) -> None:
    assert not is_covered(make())


@pytest.mark.parametrize("quality", [60, 85, 95])
def test_a_cover_outlasts_jpeg(quality: int) -> None:
    assert is_covered(through_jpeg(with_box(COVERS["a corner"], 0), quality))
    assert is_covered(through_jpeg(with_box(COVERS["the middle"], 255), quality))
