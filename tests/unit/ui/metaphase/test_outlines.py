"""Outlines of masks, what lies under a point, and where labels find room."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from karyogui.domain.separation import ObjectKind, SeparatedObject
from karyogui.ui.metaphase.label_layer import LabelWish, place_labels
from karyogui.ui.metaphase.outlines import (
    Occupancy,
    covers,
    distance_to,
    outlines,
    touches,
)


def tight(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without its empty outer rows and columns."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


MASKS = arrays(bool, st.tuples(st.integers(1, 14), st.integers(1, 14))).filter(np.any).map(tight)


def an_object(
    mask: NDArray[np.bool_], origin: tuple[int, int] = (10, 20), name: str = "c01"
) -> SeparatedObject:
    box = (*origin, mask.shape[1], mask.shape[0])
    return SeparatedObject(name, ObjectKind.CHROMOSOME, mask, origin, box)


def full(height: int, width: int) -> NDArray[np.bool_]:
    return np.ones((height, width), bool)


@given(MASKS)
def test_every_pixel_of_a_mask_is_inside_or_next_to_its_outline(mask: NDArray[np.bool_]) -> None:
    lines = outlines(mask, (0, 0))
    assert lines
    contours = [line.astype(np.float32) for line in lines]
    for y, x in np.argwhere(mask):
        middle = (float(x) + 0.5, float(y) + 0.5)
        distances = [cv2.pointPolygonTest(line, middle, measureDist=True) for line in contours]
        assert max(distances) > -2.5  # a dot beside a part may be smoothed into it


def test_an_outline_hugs_its_object_in_the_picture() -> None:
    (line,) = outlines(full(30, 12), (100, 200))
    assert np.allclose(line.min(axis=0), (100, 200), atol=0.6)
    assert np.allclose(line.max(axis=0), (112, 230), atol=0.6)


def test_a_hole_has_its_own_line() -> None:
    ring = full(30, 30)
    ring[10:20, 10:20] = False
    assert len(outlines(ring, (0, 0))) == 2


@given(MASKS, st.floats(-5, 45), st.floats(-5, 45))
def test_under_a_point_is_who_is_no_distance_away(
    mask: NDArray[np.bool_], x: float, y: float
) -> None:
    shown = an_object(mask)
    distance = distance_to(shown, x, y, 8.0)
    if covers(shown, x, y):
        assert distance <= 0.21  # the corner of a pixel lies 0.71 from its middle
    else:
        assert distance > 0 or touches(shown, x - 1, y - 1, x + 1, y + 1)


def test_distance_beyond_reach_is_infinite() -> None:
    shown = an_object(full(4, 4), (0, 0))
    assert distance_to(shown, 6.5, 2.5, 4.0) == pytest.approx(2.5)
    assert distance_to(shown, 6.5, 2.5, 2.0) == np.inf


def test_a_rectangle_touches_pixels_and_not_boxes() -> None:
    diagonal = an_object(np.eye(10, dtype=bool), (0, 0))
    assert touches(diagonal, 4.2, 4.2, 4.4, 4.4)
    assert not touches(diagonal, 7, 1, 9, 3)


def test_occupancy_tells_the_covered_share_and_calls_the_outside_taken() -> None:
    occupancy = Occupancy.of((100, 100), [an_object(full(10, 10), (50, 50))])
    assert occupancy.share(0, 0, 20, 20) == 0
    assert occupancy.share(50, 50, 9.5, 9.5) == 1
    assert occupancy.share(45, 50, 9.5, 9.5) == pytest.approx(0.5)
    assert occupancy.share(-1, 0, 5, 5) == 1


def test_objects_that_reach_beyond_the_picture_are_clipped() -> None:
    occupancy = Occupancy.of((20, 20), [an_object(full(10, 10), (-5, 15))])
    assert occupancy.sums[-1, -1] == 25


def wish(name: str, x: int, y: int, insists: bool = False) -> LabelWish:
    (line,) = outlines(full(30, 8), (x, y))
    return LabelWish(name, line, 12, 14, insists)


def test_labels_overlap_neither_each_other_nor_objects() -> None:
    places = [(30 + 26 * i, 40 + 5 * (i % 3)) for i in range(6)]
    shown = [an_object(full(30, 8), place, str(place)) for place in places]
    occupancy = Occupancy.of((120, 220), shown)
    boxes = place_labels([wish(str(p), *p) for p in places], occupancy)
    assert set(boxes) == {str(p) for p in places}
    for name, box in boxes.items():
        assert occupancy.share(box.x, box.y, box.width, box.height) == 0
        assert not any(box.overlaps(other) for key, other in boxes.items() if key != name)


def test_without_room_only_who_insists_gets_a_label() -> None:
    taken = Occupancy.of((100, 100), [an_object(full(100, 100), (0, 0))])
    boxes = place_labels([wish("quiet", 40, 30), wish("loud", 60, 30, insists=True)], taken)
    assert set(boxes) == {"loud"}


def test_a_label_stands_at_an_end_of_a_long_object() -> None:
    free = Occupancy.of((100, 100), [an_object(full(30, 8), (46, 35))])
    box = place_labels([wish("c", 46, 35)], free)["c"]
    assert box.bottom <= 36 or box.y >= 64
