"""Objects of a metaphase are cut out upright, on white, without their neighbours."""

from __future__ import annotations

import cv2
import numpy as np

from model.segmentation.crops import crop_of


def scene() -> tuple[np.ndarray, np.ndarray]:
    """A picture (120, 160) with a tilted banded rod and a dark neighbour touching it; its mask."""
    picture = np.full((120, 160), 255, np.uint8)
    mask = np.zeros((120, 160), np.uint8)
    cv2.line(mask, (40, 30), (100, 80), 1, 12)
    picture[mask > 0] = 110
    cv2.line(picture, (100, 86), (140, 86), 40, 12)
    return picture, mask.astype(bool)


def tight(mask: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    part = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return part, (int(columns[0]), int(rows[0]))


def test_it_stands_upright_on_white() -> None:
    picture, whole = scene()
    mask, origin = tight(whole)
    cut = crop_of(picture, mask, origin)
    height, width = cut.crop.shape
    assert height > 4 * width
    assert cut.mask.shape == cut.crop.shape
    outside = ~cv2.dilate(cut.mask.astype(np.uint8), np.ones((3, 3))).astype(bool)
    assert cut.crop[outside].min() >= 250
    assert abs(int(cut.mask.sum()) - int(whole.sum())) < 0.1 * whole.sum()


def test_the_neighbour_is_not_in_it() -> None:
    picture, whole = scene()
    cut = crop_of(picture, *tight(whole))
    assert (cut.crop < 70).mean() < 0.08


def test_a_persons_turn_is_added() -> None:
    picture, whole = scene()
    plain, turned = (crop_of(picture, *tight(whole), turn=t) for t in (0.0, 30.0))
    assert turned.angle == plain.angle + 30.0
    assert turned.crop.shape[1] > plain.crop.shape[1]


def test_an_object_at_the_border_of_the_picture() -> None:
    picture = np.full((60, 60), 255, np.uint8)
    picture[0:50, 0:9] = 100
    mask = np.ones((50, 9), bool)
    assert crop_of(picture, mask, (0, 0)).crop.shape == (50, 9)


def test_what_a_person_has_turned_keeps_how_it_stood_without_that() -> None:
    grey = np.full((60, 60), 255, np.uint8)
    cv2.line(grey, (15, 45), (45, 15), 100, 8)
    mask = grey < 255
    plain, person = (crop_of(grey, mask, (0, 0), turn) for turn in (0.0, 20.0))
    assert plain.unturned is None
    assert person.angle == plain.angle + 20.0
    assert person.unturned is not None
    assert person.unturned.angle == plain.angle
    assert np.array_equal(person.unturned.crop, plain.crop)
