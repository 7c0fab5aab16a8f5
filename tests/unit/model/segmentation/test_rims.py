"""The pale rim around chromosomes."""

import cv2
import numpy as np

from model.segmentation.base import Instance
from model.segmentation.rims import with_rims
from model.vocabulary.kinds import ObjectKind

WIDTH = 20.0


def _bar(depth: int) -> tuple[np.ndarray, Instance]:
    """A bar 20 wide of that depth, blurred by the optics, and its mask 2 pixels too thin."""
    flattened = np.full((120, 100), 255, np.uint8)
    flattened[20:100, 40:60] = 255 - depth
    blurred = cv2.GaussianBlur(flattened, (0, 0), 1.5)
    return blurred, Instance(
        np.ones((76, 16), bool), (42, 22), ObjectKind.CHROMOSOME, 1.0, (42, 22, 16, 76)
    )


def test_a_pale_chromosome_gets_as_much_rim_as_a_dark_one() -> None:
    """The rim follows the object's own depth, not that of the picture."""
    areas = [
        int(with_rims([_bar(depth)[1]], _bar(depth)[0], WIDTH)[0].mask.sum()) for depth in (60, 200)
    ]
    assert areas[0] > 76 * 16 + 200
    assert abs(areas[0] - areas[1]) < 0.05 * areas[1]


def test_the_rim_ends_at_the_border_of_the_stain() -> None:
    flattened, bar = _bar(150)
    grown = with_rims([bar], flattened, WIDTH)[0]
    (x, y), (h, w) = grown.origin, grown.mask.shape
    assert min(x - 38, y - 18) >= 0
    assert max(x + w - 62, y + h - 102) <= 0


def test_nobody_takes_a_neighbours_pixels() -> None:
    flattened, bar = _bar(150)
    beside = Instance(np.ones((76, 4), bool), (58, 22), ObjectKind.CHROMOSOME, 1.0, (58, 22, 4, 76))
    first, second = with_rims([bar, beside], flattened, WIDTH)
    canvas = np.zeros(flattened.shape, int)
    (x, y), (h, w) = first.origin, first.mask.shape
    canvas[y : y + h, x : x + w] += first.mask
    assert not canvas[22:98, 58:62].any()
    assert second.mask.sum() > bar.mask.sum() * 0.2


def test_an_object_at_the_corner_of_the_picture_stays_in_it() -> None:
    flattened = np.full((40, 40), 255, np.uint8)
    flattened[:20, :20] = 60
    corner = Instance(np.ones((18, 18), bool), (0, 0), ObjectKind.CHROMOSOME, 1.0, (0, 0, 18, 18))
    grown = with_rims([corner], flattened, WIDTH)[0]
    assert grown.origin == (0, 0)
    assert max(grown.mask.shape) <= 23
