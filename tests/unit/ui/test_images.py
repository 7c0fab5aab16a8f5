import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from karyogui.ui.images import ChromosomePictures, chromosome_image, grey_image


def test_grey_levels_survive_at_any_width() -> None:
    pixels = np.arange(35, dtype=np.uint8).reshape(5, 7) * 7
    image = grey_image(pixels)
    assert (image.width(), image.height()) == (7, 5)
    assert [image.pixelColor(x, 3).red() for x in range(7)] == list(pixels[3])


def test_a_slice_of_an_array_is_not_shifted() -> None:
    pixels = np.arange(100, dtype=np.uint8).reshape(10, 10)
    assert grey_image(pixels[2:8, 3:9]).pixelColor(0, 0).red() == 23


def test_outside_the_mask_one_sees_through() -> None:
    crop = np.full((4, 3), 80, np.uint8)
    mask = np.zeros((4, 3), bool)
    mask[1] = True
    image = chromosome_image(crop, mask)
    assert image.pixelColor(1, 1).alpha() == 255
    assert image.pixelColor(1, 1).red() == 80
    assert image.pixelColor(1, 0).alpha() == 0


def test_an_empty_mask_hides_nothing() -> None:
    image = chromosome_image(np.full((4, 3), 80, np.uint8), np.zeros((4, 3), bool))
    assert image.pixelColor(0, 0).alpha() == 255


@pytest.mark.parametrize(("scale", "width"), [(0.05, 2), (0.3, 10), (1.0, 40), (2.0, 80), (9, 80)])
def test_the_picture_is_made_at_the_size_it_is_shown(
    qtbot: QtBot, scale: float, width: int
) -> None:
    pictures = ChromosomePictures(np.zeros((60, 20), np.uint8), np.ones((60, 20), bool))
    shown = pictures.at(scale)
    assert shown.width() == width
    assert pictures.at(scale) is shown


def test_a_huge_picture_is_not_enlarged(qtbot: QtBot) -> None:
    pictures = ChromosomePictures(np.zeros((1500, 1500), np.uint8), np.ones((1500, 1500), bool))
    assert pictures.at(4).width() == 1500
