"""What the edge of the lit field cuts: a frame or a round field ends a photograph as its border."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from model.light import lit_field
from model.segmentation.base import GreyImage, Instance, Mask, Separation
from model.vocabulary.kinds import ObjectKind

REACH: int = 3
"""Pixels from the field's edge at which an object is against it: masks end a little before it."""
AGAINST: float = 0.5
"""Share of an object's breadth that lies against the edge where it is cut."""


def cut_by_field(separation: Separation, picture: GreyImage) -> Separation:
    """The separation of a picture (H, W) in which what its lit field cuts is no chromosome."""
    field = lit_field(picture)
    if field is None:
        return separation
    kernel = np.ones((2 * REACH + 1,) * 2, np.uint8)
    rim = cv2.dilate((~field).astype(np.uint8), kernel) > 0

    def seen(instance: Instance) -> Instance:
        is_cut = instance.kind is ObjectKind.CHROMOSOME and _is_against(instance, rim)
        return replace(instance, kind=ObjectKind.EDGE) if is_cut else instance

    doubts = (replace(d, instances=tuple(map(seen, d.instances))) for d in separation.doubts)
    instances = tuple(map(seen, separation.instances))
    return replace(separation, instances=instances, doubts=tuple(doubts))


def _is_against(instance: Instance, rim: Mask) -> bool:
    (x, y), (h, w) = instance.origin, instance.mask.shape
    breadth = float(np.sqrt(instance.mask.sum() / max(1.0, max(h, w) / min(h, w))))
    contact = np.count_nonzero(instance.mask & rim[y : y + h, x : x + w]) / REACH
    return bool(contact >= AGAINST * breadth)
