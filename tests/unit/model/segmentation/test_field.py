"""What the edge of a lit field cuts is cut as by the border of the picture."""

import cv2
import numpy as np
import pytest

from model.segmentation.base import Instance, Separation
from model.segmentation.field import cut_by_field
from model.vocabulary.kinds import ObjectKind

FRAME = 30
CUT = {"right": (188, 96, 22, 8), "along the top": (100, 30, 50, 8)}
WHOLE = {"in the middle": (120, 120, 40, 8), "near the edge": (40, 150, 30, 8)}


def picture() -> np.ndarray:
    """Rods on a light slide of 180 x 180 pixels, some of them cut, in a black frame."""
    grey = np.full((180, 180), 220, np.uint8)
    for x, y, w, h in (*CUT.values(), *WHOLE.values()):
        cv2.rectangle(grey, (x - FRAME, y - FRAME), (x + w - FRAME, y + h - FRAME), 90, -1)
    return np.asarray(cv2.copyMakeBorder(grey, *[FRAME] * 4, cv2.BORDER_CONSTANT, value=0))


def separated(flattened: np.ndarray) -> Separation:
    objects = [
        Instance(np.ones((h, w), bool), (x, y), ObjectKind.CHROMOSOME,
                 1.0, (x, y, w, h))
        for x, y, w, h in (*CUT.values(), *WHOLE.values())
    ]  # fmt: skip
    return Separation(tuple(objects), flattened, 8.0, "test")


@pytest.mark.parametrize("is_negative", [False, True])
def test_what_the_field_cuts_is_no_chromosome(is_negative: bool) -> None:
    grey = 255 - picture() if is_negative else picture()
    kinds = [o.kind for o in cut_by_field(separated(grey), grey).instances]
    assert kinds == [ObjectKind.EDGE] * 2 + [ObjectKind.CHROMOSOME] * 2


def test_without_a_frame_nothing_changes() -> None:
    grey = picture()[FRAME:-FRAME, FRAME:-FRAME]
    separation = separated(grey)
    assert cut_by_field(separation, grey) is separation
