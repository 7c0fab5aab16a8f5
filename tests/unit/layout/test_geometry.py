import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.layout.geometry import Box, outline_points, turned_extent


def test_boxes_that_share_a_border_do_not_overlap() -> None:
    assert not Box(0, 0, 10, 10).overlaps(Box(10, 0, 5, 5))
    assert Box(0, 0, 10, 10).overlaps(Box(9.9, 0, 5, 5))


def test_the_extent_of_an_unturned_mask_is_its_bounding_box() -> None:
    mask = np.zeros((20, 10), bool)
    mask[4:18, 2:9] = True
    assert turned_extent(outline_points(mask), 0, False) == Box(-3, -6, 7, 14)


def test_mirroring_exchanges_left_and_right() -> None:
    mask = np.zeros((4, 10), bool)
    mask[:, :3] = True
    assert turned_extent(outline_points(mask), 0, True).x == 2


def test_turning_clockwise_brings_the_top_to_the_right() -> None:
    mask = np.zeros((20, 10), bool)
    mask[:2, 5] = True
    extent = turned_extent(outline_points(mask), 90, False)
    assert extent.x == pytest.approx(8)
    assert extent.width == pytest.approx(2)


def test_an_empty_mask_counts_as_full() -> None:
    extent = turned_extent(outline_points(np.zeros((6, 4), bool)), 0, False)
    assert (extent.width, extent.height) == (4, 6)


@given(
    st.integers(1, 30),
    st.integers(1, 30),
    st.floats(0, 360, exclude_max=True),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_no_pixel_lies_outside_the_extent(
    height: int, width: int, turn: float, mirrored: bool, random: object
) -> None:
    mask = np.random.default_rng(random.randrange(1000)).random((height, width)) < 0.4
    rows, columns = np.nonzero(mask)
    x = columns + 0.5 - width / 2
    y = rows + 0.5 - height / 2
    x = -x if mirrored else x
    angle = np.deg2rad(turn)
    extent = turned_extent(outline_points(mask), turn, mirrored).grown(1e-6)
    for a, b in zip(x, y, strict=True):
        turned = a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle)
        assert extent.contains(*turned)
