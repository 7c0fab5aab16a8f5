import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.separation import ObjectKind, SeparatedObject
from karyogui.export.case_json import contour


def found(mask: np.ndarray, origin: tuple[int, int] = (0, 0)) -> SeparatedObject:
    """The object that a mask shows whose top left pixel, empty or not, lies at `origin`."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    tight = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    x, y = origin[0] + int(columns[0]), origin[1] + int(rows[0])
    box = (x, y, tight.shape[1], tight.shape[0])
    return SeparatedObject("c01", ObjectKind.CHROMOSOME, tight, (x, y), box)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=8),
    st.tuples(st.integers(0, 500), st.integers(0, 500)),
)
def test_an_outline_filled_is_the_mask_again(
    points: list[tuple[int, int]], origin: tuple[int, int]
) -> None:
    mask = np.zeros((41, 41), np.uint8)
    # A hull has no holes, which an outline cannot tell.
    cv2.fillConvexPoly(mask, cv2.convexHull(np.array(points)), 1)
    outline = np.array(contour(found(mask > 0, origin))) - np.array(origin)
    again = np.zeros_like(mask)
    cv2.fillPoly(again, [outline.astype(np.int32)], 1)
    assert np.array_equal(again, mask)


def test_an_outline_goes_clockwise_by_its_corners() -> None:
    mask = np.zeros((5, 8), bool)
    mask[1:4, 2:7] = True
    outline = contour(found(mask, (100, 50)))
    assert set(outline) == {(102, 51), (106, 51), (106, 53), (102, 53)}
    # The shoelace sum is positive where y grows downwards and the way is clockwise.
    pairs = zip(outline, outline[1:] + outline[:1], strict=True)
    assert sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs) > 0


def test_the_largest_piece_is_outlined() -> None:
    mask = np.zeros((10, 10), bool)
    mask[0, 0] = mask[5:9, 5:9] = True
    assert set(contour(found(mask))) == {(5, 5), (8, 5), (8, 8), (5, 8)}
