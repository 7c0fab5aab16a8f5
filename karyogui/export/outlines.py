"""Outlines of a metaphase's objects as polygons in the raw picture."""

from __future__ import annotations

import numpy as np

from karyogui.domain.separation import SeparatedObject

Outline = tuple[tuple[int, int], ...]


def contour(found: SeparatedObject) -> Outline:
    """The object's outer outline as (x, y) of its border pixels in the raw picture, clockwise.

    Corners only: straight and diagonal runs are given by their ends. Of a mask in several pieces
    it is the outline of the largest; empty for an empty mask.
    """
    import cv2

    padded = np.pad(found.mask.astype(np.uint8), 1)
    pieces, _ = cv2.findContours(padded, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not pieces:
        return ()
    largest = max(pieces, key=lambda piece: (cv2.contourArea(piece), len(piece)))
    shift = np.array(found.origin) - 1
    points = np.asarray(largest).reshape(-1, 2) + shift
    # With y downwards OpenCV goes counter-clockwise as seen on the screen.
    return tuple((int(x), int(y)) for x, y in points[::-1])
