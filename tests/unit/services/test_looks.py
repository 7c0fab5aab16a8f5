"""Pictures that look the same however they were saved, and pictures that do not."""

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from karyogui.services.looks import Looks
from tests.unit.services.fakes import blob
from tests.unit.services.photographs import metaphase

PHOTOGRAPH = metaphase(3, 46, (480, 600))


def compressed() -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(PHOTOGRAPH).save(buffer, "JPEG", quality=20)
    return np.asarray(Image.open(buffer))


def framed(picture: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.copyMakeBorder(picture, *[30] * 4, cv2.BORDER_CONSTANT, value=0))


SAVED: dict[str, Callable[[], np.ndarray]] = {
    "compressed": compressed,
    "half as large": lambda: np.asarray(cv2.resize(PHOTOGRAPH, (300, 240))),
    "darker": lambda: (PHOTOGRAPH * 0.4).astype(np.uint8),
    "as a negative": lambda: 255 - PHOTOGRAPH,
    "lit from a side": lambda: (PHOTOGRAPH * np.linspace(0.5, 1, 600)).astype(np.uint8),
}


@pytest.mark.parametrize("how", SAVED)
def test_a_photograph_looks_the_same_however_it_was_saved(how: str) -> None:
    looks = Looks()
    others = {looks.key(metaphase(seed, 46, (480, 600))) for seed in range(5, 9)}
    key = looks.key(PHOTOGRAPH)
    assert key not in others
    assert looks.key(SAVED[how]()) == key


def test_photographs_in_one_frame_or_on_one_microscope_do_not_look_the_same() -> None:
    looks = Looks()
    light = np.hypot(*(np.mgrid[-1:1:480j, -1:1:600j])) / 1.5
    pictures = [metaphase(seed, 46, (480, 600)) for seed in range(4)]
    keys = [looks.key(framed(picture)) for picture in pictures]
    keys += [looks.key((picture * (1 - 0.6 * light)).astype(np.uint8)) for picture in pictures]
    assert len({*keys[:4]}) == len({*keys[4:]}) == 4


def test_cut_outs_look_the_same_only_where_they_are_equal() -> None:
    looks = Looks()
    first = looks.key(blob())
    assert looks.key(blob().copy()) == first
    assert looks.key(np.clip(blob().astype(int) + 1, 0, 255).astype(np.uint8)) != first
