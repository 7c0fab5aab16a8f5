from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.chromosome import Chromosome, Segment
from karyogui.domain.karyogram import Placement
from karyogui.export.pictures import printed_size, render
from tests.unit.export.builders import blob


def placed(**changes: Any) -> Placement:
    return replace(Placement("c", "1", 0), **changes)


def corner_mark() -> Chromosome:
    """A grey square with a black top left corner, filling its picture to the edge."""
    crop = np.full((40, 40), 120, np.uint8)
    crop[:10, :10] = 0
    return Chromosome("c", Segment("s", crop, np.ones((40, 40), bool)))


@pytest.mark.parametrize(
    ("turn", "mirrored", "corner"),
    [
        (0, False, (0, 0)),
        (90, False, (0, 1)),  # clockwise: the top left corner comes to the top right
        (180, False, (1, 1)),
        (270, False, (1, 0)),
        (0, True, (0, 1)),
        (90, True, (1, 1)),  # mirrored first, then turned
        (2, False, (0, 0)),
        (358, False, (0, 0)),
    ],
)
def test_the_picture_is_mirrored_then_turned_clockwise(
    turn: int, mirrored: bool, corner: tuple[int, int]
) -> None:
    pixels = render(corner_mark(), placed(turn=float(turn), mirrored=mirrored), 1.0)
    h, w = pixels.shape
    quarters = pixels[: h // 2, : w // 2], pixels[: h // 2, w // 2 :]
    quarters += pixels[h // 2 :, : w // 2], pixels[h // 2 :, w // 2 :]
    darkest = int(np.argmin([q.mean() for q in quarters]))
    assert divmod(darkest, 2) == corner


def test_turning_cuts_nothing_off() -> None:
    chromosome = corner_mark()
    ink = (255 - chromosome.segment.crop.astype(int)).sum()
    turned = render(chromosome, placed(turn=33.0), 1.0)
    assert (255 - turned.astype(int)).sum() == pytest.approx(ink, rel=0.02)
    assert turned.shape[0] > 50


@given(st.floats(0, 359.9) | st.sampled_from([0.0, 90.0, 180.0, 270.0]), st.floats(0.3, 3.5))
def test_ink_stays_on_the_chromosome(turn: float, scale: float) -> None:
    segment = blob(40, 14)
    pixels = render(Chromosome("c", segment), placed(turn=turn), scale)
    # No shadow of resampling around it: the inked area is the ellipse and one source pixel more.
    inked = (pixels < 255).sum() / scale**2
    assert 0.8 * segment.mask.sum() < inked < 1.35 * segment.mask.sum() + 8 / scale**2
    assert pixels.min() < 60


@pytest.mark.parametrize("turn", [0.0, 90.0, 180.0, 270.0])
def test_corners_beside_an_upright_chromosome_are_exactly_white(turn: float) -> None:
    pixels = render(Chromosome("c", blob(40, 14)), placed(turn=turn), 2.5)
    corners = pixels[0, 0], pixels[0, -1], pixels[-1, 0], pixels[-1, -1]
    assert set(map(int, corners)) == {255}


def test_grey_that_the_mask_leaves_out_is_not_printed() -> None:
    segment = blob(40, 14)
    crop = segment.crop.copy()
    crop[:6, :3] = 200  # a neighbour's end in the corner of the box
    pixels = render(Chromosome("c", replace(segment, crop=crop)), placed(), 2.0)
    assert (pixels[:8, :4] == 255).all()


def test_scale_holds_for_all_pictures_alike() -> None:
    small, large = Chromosome("a", blob(20, 8)), Chromosome("b", blob(60, 8))
    heights = [render(c, placed(), 3.0).shape[0] for c in (small, large)]
    assert heights[1] - heights[0] == pytest.approx(3 * 40, abs=2)
    width, height = printed_size(small, placed())
    assert (width, height) == pytest.approx((8, 20), abs=3)


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (30, 1)])
def test_a_picture_of_one_pixel_or_without_a_mask_is_still_printed(shape: tuple[int, int]) -> None:
    blank = Segment("s", np.full(shape, 255, np.uint8), np.zeros(shape, bool))
    for turn in (0.0, 45.0):
        for scale in (0.01, 1.0, 4.0):
            pixels = render(Chromosome("c", blank), placed(turn=turn), scale)
            assert pixels.size >= 1
            assert (pixels == 255).all()
