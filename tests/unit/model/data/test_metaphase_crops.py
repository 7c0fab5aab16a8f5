"""Which chromosomes that were found are annotated ones."""

import numpy as np
import pytest

from model.data.metaphase_crops import matched
from model.data.metaphases import Truth
from model.segmentation.base import Instance
from model.vocabulary.kinds import ObjectKind

LEFT, TOP, RIGHT, BOTTOM = 5, 6, 3, 2


def found(x: int, y: int, w: int, h: int) -> Instance:
    """A chromosome whose box has the usual margin around its mask."""
    box = (x - LEFT, y - TOP, w + LEFT + RIGHT, h + TOP + BOTTOM)
    return Instance(np.ones((h, w), bool), (x, y), ObjectKind.CHROMOSOME, 0.9, box)


@pytest.mark.parametrize("margin", [True, False])
def test_a_small_chromosome_fits_its_box_however_boxes_are_drawn(margin: bool) -> None:
    small, large = found(20, 20, 12, 14), found(80, 20, 14, 60)
    truth = [
        Truth(n, o.box if margin else (*o.origin, o.mask.shape[1], o.mask.shape[0]))
        for n, o in enumerate((large, small))
    ]
    assert sorted(matched([small, large], truth)) == [(0, 1), (1, 0)]


def test_what_fits_no_box_is_left_out() -> None:
    assert matched([found(20, 20, 12, 14)], [Truth(0, (60, 60, 12, 14))]) == []
    assert matched([], [Truth(0, (60, 60, 12, 14))]) == []
    assert matched([found(20, 20, 12, 14)], []) == []
